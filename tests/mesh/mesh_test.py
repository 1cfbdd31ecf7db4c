"""A local authority's files through MESH: the NHS's own sandbox and client, and our service.

https://github.com/NHSDigital/mesh-sandbox, https://github.com/NHSDigital/mesh-client. Started by
scripts/test-mesh, beside a sandbox of ours whose database the service under test shares.
"""

import gzip
import io
import os
import pathlib
import tempfile
import time
import unittest

import requests
from mesh_client import MeshClient

from certificates import Authority
from files import (
    BAD,
    GOOD,
    AccessNotification,
    Acknowledgement,
    InactiveNumbers,
    PlanEnds,
    file,
    hl7v3_file,
)
from parts import (
    CHUNK_BYTES,
    NORTHSHIRE,
    OURS,
    PASSWORD,
    SHARED_KEY,
    STRANGER,
    MeshSandbox,
    Service,
    sql,
    until,
)

UPLOAD, ANSWER, NOTIFICATION = "CPIS_UPLOAD", "CPIS_UPLOAD_ACK", "CPIS_ASN"
NUMBERS, PLAN_ENDS = "CPIS_INACTIVE_NHS_NUMBER", "CPIS_PLAN_END"

# How often the service is stopped while it sends a window.
KILLS = int(os.environ.get("CPIS_KILLS", "8"))

FOLDER = tempfile.TemporaryDirectory()
MESH = SERVICE = CLIENT = None


def setUpModule():
    global MESH, SERVICE, CLIENT
    folder = pathlib.Path(FOLDER.name)
    authority = Authority(folder)
    CLIENT = authority.issue("client")
    MESH = MeshSandbox(folder, authority)
    MESH.start()
    register(NORTHSHIRE, "E90001")
    SERVICE = Service(folder, "service", MESH, CLIENT)
    SERVICE.start()


def tearDownModule():
    for part in (SERVICE, MESH):
        part.kill()
    FOLDER.cleanup()


def register(mailbox, authority):
    """Registers an authority's mailbox, as an operator does."""
    sql(
        "insert into authority_channels (authority_id, kind, endpoint, told_until, changed_at) "
        f"select id, 'mesh', '{mailbox}', now(), now() from authorities where code = '{authority}' "
        "on conflict (authority_id) do update set "
        "kind = excluded.kind, endpoint = excluded.endpoint, told_until = excluded.told_until"
    )


def mailbox(name=NORTHSHIRE, **more):
    """A mailbox, through the client of others."""
    return MeshClient(
        MESH.url,
        name,
        PASSWORD,
        shared_key=SHARED_KEY.encode(),
        cert=CLIENT,
        verify=MESH.authority.path,
        **more,
    )


def send(octets, sender=NORTHSHIRE, workflow=UPLOAD, **more):
    """Puts a file into our inbox; MESH's id of it."""
    with mailbox(sender, **more) as client:
        return client.send_message(OURS, octets, workflow_id=workflow, filename="plans.csv")


def answer(to=NORTHSHIRE, read=Acknowledgement):
    """The next message in an authority's mailbox, which is taken out of it."""

    def next_one():
        with mailbox(to) as client:
            for message_id in client.list_messages():
                with client.retrieve_message(message_id) as message:
                    return read(message)

    return until(next_one, f"an acknowledgement in {to}; {SERVICE.said()[-2000:]}")


def answered(octets, **more):
    send(octets, **more)
    return answer(more.get("sender", NORTHSHIRE))


def inbox():
    """What is in our own inbox."""
    with mailbox(OURS) as client:
        return client.list_messages()


def next_sequence():
    held = sql(
        "select coalesce(max(sequence), 0) from uploads u join authorities a "
        "on a.id = u.authority_id where a.code = 'E90001'"
    )
    return int(held) + 1


def outcome(message):
    return sql(f"select outcome from mesh_messages where id = '{message}'")


class Mesh(unittest.TestCase):
    """What comes and goes through MESH; each name is what must be so."""

    def test_a_file_is_taken_in_and_answered_and_only_then_out_of_the_inbox(self):
        sequence = next_sequence()
        message = send(file(sequence))
        given = answer()
        self.assertEqual((given.code, given.records), ("CPF02", ["CPR06"]))
        self.assertEqual(given.sequence, str(sequence))
        self.assertEqual((given.sender, given.workflow), (OURS, ANSWER))
        self.assertEqual(given.local_id, f"cpis-acknowledgement-{message}")
        until(lambda: not inbox(), "our inbox is empty")
        until(lambda: outcome(message) == "acknowledged", "the message is finished")

    def test_a_record_that_cannot_be_taken_in_is_told_by_its_code(self):
        given = answered(file(next_sequence(), number=BAD))
        self.assertEqual((given.code, given.records), ("CPF04", ["CPR04"]))

    def test_a_file_of_hl7v3_is_answered_in_hl7v3(self):
        sequence = next_sequence()
        taken = answered(hl7v3_file(sequence))
        self.assertTrue(taken.is_hl7v3)
        self.assertEqual((taken.code, taken.sequence), ("CPF02", str(sequence)))
        self.assertEqual(taken.records, ["CPR06"])
        refused = answered(hl7v3_file(sequence + 1, number=BAD))
        self.assertEqual((refused.code, refused.records), ("CPF04", ["CPR04"]))
        early = answered(hl7v3_file(sequence + 9))
        self.assertEqual((early.code, early.is_hl7v3), ("CPF01", True))
        self.assertIn(f"the next sequence number is {sequence + 2}", early.reasons[0])
        unreadable = answered(b"<File><unfinished>")
        self.assertEqual((unreadable.code, unreadable.is_hl7v3), ("CPF01", True))

    def test_a_long_answer_goes_in_parts_and_one_half_sent_is_sent_to_its_end(self):
        octets = file(next_sequence(), number=BAD, rows=4000)
        whole = answered(octets)
        self.assertEqual(whole.records, ["CPR04"] * 4000)
        parts = -(-len(whole.bytes) // CHUNK_BYTES)
        self.assertGreater(parts, 2)
        SERVICE.kill()
        message = send(octets)
        with mailbox(OURS) as ours:
            begun = ours.send_chunk(
                NORTHSHIRE,
                io.BytesIO(whole.bytes[:CHUNK_BYTES]),
                1,
                parts,
                compress=True,
                workflow_id=ANSWER,
                local_id=f"cpis-acknowledgement-{message}",
            )
        begun = begun.json()["message_id"]
        sql("update mesh_watches set held_until = now()")
        SERVICE.start()
        again = answer()
        self.assertEqual((again.message, again.bytes), (begun, whole.bytes))

    def test_a_file_sent_again_is_answered_with_its_first_acknowledgement(self):
        octets = file(next_sequence())
        first, again = answered(octets), answered(octets)
        self.assertEqual(first.bytes, again.bytes)
        self.assertNotEqual(first.local_id, again.local_id)

    def test_a_file_that_cannot_be_read_or_is_out_of_order_is_told_why(self):
        unreadable = answered(b"this is no file of plans\r\n")
        self.assertEqual((unreadable.code, unreadable.sequence), ("CPF01", ""))
        expected = next_sequence()
        early = answered(file(expected + 7))
        self.assertEqual(early.code, "CPF01")
        self.assertIn(f"the next sequence number is {expected}", early.reasons[0])

    def test_a_file_is_its_senders_whatever_it_says_itself(self):
        given = answered(file(2, authority="E90002"))
        self.assertEqual(given.code, "CPF01")
        logged = sql("select client_id, organisation_code, reason from security_log")
        self.assertIn(f"mesh:{NORTHSHIRE}|E90001|another-authority", logged)

    def test_an_access_is_told_to_the_mailbox_of_its_authority_and_so_is_a_quiet_window(self):
        self.look()
        told = self.told_of_a_window()
        self.assertEqual((told.workflow, told.count, told.numbers), (NOTIFICATION, 1, [GOOD]))
        self.assertEqual(told.local_id, f"cpis-notifications-{told.id.lower()}")
        quiet = self.told_of_a_window()
        self.assertEqual((quiet.count, quiet.queries), (0, []))
        self.assertNotEqual(quiet.id, told.id)

    def look(self):
        """A doctor's look at a child, of which the authority is told though it was told before."""
        sql("delete from tellings")
        identifier = f"https://fhir.nhs.uk/Id/nhs-number|{GOOD}"
        looked = requests.get(
            f"{os.environ['BASE_URL']}/Flag",
            params={"patient:identifier": identifier},
            headers={"Authorization": f"Bearer {os.environ['TOKEN']}"},
            timeout=5,
        )
        self.assertGreaterEqual(looked.json()["total"], 1)

    def test_the_service_may_stop_between_sending_and_noting_it_and_a_window_is_sent_once(self):
        self.told_of_a_window()
        SERVICE.kill()
        self.look()
        # What a window begins with is part of its id, and stays.
        of_northshire = f"where endpoint = '{NORTHSHIRE}'"
        begins = "update authority_channels set told_until = now() - interval '20 minutes'"
        sql(f"{begins} {of_northshire}")
        told_until = sql(f"select told_until from authority_channels {of_northshire}")
        # What a process that went silent had taken is free after a while, for which we do not wait.
        free = "update authority_channels set next_attempt_at = null"
        for milliseconds in range(100, 100 + 60 * KILLS, 60):
            SERVICE.start()
            time.sleep(milliseconds / 1000)
            SERVICE.kill()
            sql(free)
        SERVICE.start()
        own = "authority_id = (select id from authorities where code = 'E90001')"
        owed = f"select count(*) from notifications where delivered_at is null and {own}"
        until(lambda: sql(owed) == "0", "the window is told")
        SERVICE.kill()
        # As a process leaves it that ends after MESH has the window and before that is noted.
        last = f"select id from notifications where {own} order by queued_at desc limit 1"
        sql(f"update notifications set delivered_at = null where id = ({last})")
        again = f"update authority_channels set told_until = '{told_until}', next_attempt_at = null"
        sql(f"{again} {of_northshire}")
        SERVICE.start()
        until(lambda: sql(owed) == "0", "the window is told again")
        told = [answer(read=AccessNotification)]
        with mailbox() as client:
            for message_id in client.list_messages():
                with client.retrieve_message(message_id) as message:
                    told.append(AccessNotification(message))
        told = [window for window in told if window.count]
        self.assertEqual([window.numbers for window in told], [[GOOD]])

    def told_of_a_window(self):
        """What a mailbox is told when its window is over, for which we do not wait."""
        sql("update authority_channels set told_until = now() - interval '20 minutes'")
        sql("update authority_channels set told_until = now() where endpoint <> 'X26ABC2'")
        return answer(read=AccessNotification)

    def test_a_file_in_many_parts_packed_or_not_is_one_file(self):
        for packed in (False, True):
            octets = file(next_sequence(), padding=3_000_000)
            chunks = {"max_chunk_size": 700_000, "transparent_compress": packed}
            given = answered(octets, **chunks)
            self.assertEqual(given.code, "CPF02")

    def test_a_bomb_is_refused_and_costs_little(self):
        bomb = gzip.compress(bytes(500_000_000), 9)
        self.assertLess(len(bomb), 500_000)
        with mailbox() as client:
            client.send_chunk(
                OURS, bomb, 1, 1, compress=False, workflow_id=UPLOAD, filename="plans.csv"
            )
        given = answer()
        self.assertEqual(given.code, "CPF01")
        self.assertIn("longer than the 8388608 bytes", given.reasons[0])
        self.assertLess(SERVICE.memory_peak(), 256 * 1024 * 1024)

    def test_a_stranger_is_put_aside_and_let_in_once_registered(self):
        message = send(file(2, authority="E90002"), sender=STRANGER)
        until(lambda: outcome(message) == "unknown-mailbox", "the stranger is put aside")
        self.assertEqual(answered(file(next_sequence())).code, "CPF02")
        self.assertIn(message, inbox())
        register(STRANGER, "E90002")
        self.assertEqual(answer(STRANGER).code, "CPF02")
        until(lambda: outcome(message) == "acknowledged", "the message is taken")

    def test_what_is_no_upload_is_left_alone(self):
        message = send(b"something else", workflow="ANOTHER_WORKFLOW")
        until(lambda: outcome(message) == "another-workflow", "the message is put aside")
        self.assertIn(message, inbox())

    def test_meshs_report_of_a_message_that_did_not_arrive_is_noted(self):
        report = {"mailbox_id": OURS, "workflow_id": ANSWER, "code": "14", "description": "late"}
        url = f"{MESH.url}/messageexchange/admin/report"
        made = requests.post(url, json=report, cert=CLIENT, verify=MESH.authority.path, timeout=5)
        message = made.json()["message_id"]
        until(lambda: outcome(message) == "reported", "the report is noted")
        self.assertNotIn(message, inbox())

    def test_notifications_that_mesh_gives_back_are_given_up_and_not_taken_for_delivered(self):
        self.look()
        told = self.told_of_a_window()
        self.assertEqual(told.count, 1)
        report = {"mailbox_id": OURS, "workflow_id": NOTIFICATION, "code": "14"}
        report |= {"description": "not collected", "local_id": told.local_id}
        url = f"{MESH.url}/messageexchange/admin/report"
        made = requests.post(url, json=report, cert=CLIENT, verify=MESH.authority.path, timeout=5)
        message = made.json()["message_id"]
        until(lambda: outcome(message) == "reported", "the report is noted")
        given_up = "from notifications where failed_at is not null"
        self.assertEqual(sql(f"select count(*), min(last_error) {given_up}"), "1|returned")
        sql("update notifications set failed_at = null, attempts = 0 where failed_at is not null")
        again = self.told_of_a_window()
        self.assertEqual((again.count, again.numbers), (1, [GOOD]))
        self.assertNotEqual(again.local_id, told.local_id)

    def test_numbers_and_ends_of_plans_come_in_messages_of_their_own_and_come_back_alone(self):
        answered(file(next_sequence()))
        self.told_of_a_window()
        # Put on record as they are when PDS replaces a number and when a child is eighteen, which
        # become of no child of the sandbox's today.
        told = "nhs_number, id, authority_id, local_id, upload_id, kind, queued_at"
        plan = (
            "p.nhs_number, uuid_of_moment(now()), p.authority_id, p.local_id, p.upload_id, {}, now() "
            "{} from plans p join authorities a on a.id = p.authority_id "
            f"where a.code = 'E90001' and p.nhs_number = {GOOD} limit 1"
        )
        number = plan.format("'number'", ", 9990000131")
        sql(f"insert into notifications ({told}, replacement) select {number}")
        ended = plan.format("'eighteen'", ", p.id, p.kind, p.start_date, p.effective_end_date")
        of_plan = "plan_id, plan_kind, plan_start, plan_end"
        sql(f"insert into notifications ({told}, {of_plan}) select {ended}")
        self.assertEqual(self.told_of_a_window().count, 0)
        numbers = answer(read=InactiveNumbers)
        self.assertEqual(numbers.workflow, NUMBERS)
        self.assertEqual(numbers.numbers, [(GOOD, ["9990000131"])])
        ends = answer(read=PlanEnds)
        self.assertEqual((ends.workflow, ends.topics), (PLAN_ENDS, ["plan-ended"]))
        report = {"mailbox_id": OURS, "workflow_id": NUMBERS, "code": "14"}
        report |= {"description": "not collected", "local_id": numbers.local_id}
        url = f"{MESH.url}/messageexchange/admin/report"
        made = requests.post(url, json=report, cert=CLIENT, verify=MESH.authority.path, timeout=5)
        message = made.json()["message_id"]
        until(lambda: outcome(message) == "reported", "the report is noted")
        given_up = "from notifications where failed_at is not null"
        self.assertEqual(sql(f"select kind, last_error {given_up}"), "number|returned")
        sql(
            "update notifications set failed_at = null, last_error = null, delivered_at = now() "
            "where failed_at is not null"
        )

    def test_nobody_reads_what_is_sent_without_our_certificate(self):
        with self.assertRaises(requests.exceptions.ConnectionError):
            requests.get(f"{MESH.url}/health", verify=MESH.authority.path, timeout=5)

    def test_mesh_may_stop_at_any_moment(self):
        octets = [file(next_sequence() + number) for number in range(3)]
        for one in octets:
            send(one)
            MESH.kill()
            MESH.start()
        self.assertEqual([answer().code for _ in octets], ["CPF02"] * 3)
        until(lambda: SERVICE.process.poll() is None and not self.unanswered(), "all is answered")

    def test_the_service_may_stop_at_any_moment_and_each_file_is_answered_once(self):
        octets = [file(next_sequence() + number) for number in range(6)]
        SERVICE.kill()
        messages = [send(one) for one in octets]
        for milliseconds in (150, 200, 250, 300, 350, 400, 500, 600):
            SERVICE.start()
            time.sleep(milliseconds / 1000)
            SERVICE.kill()
            # What a process that went silent held is free after a while, for which we do not wait.
            sql("update mesh_watches set held_until = now()")
        SERVICE.start()
        given = [answer() for _ in octets]
        self.assertEqual([one.code for one in given], ["CPF02"] * 6)
        expected = [f"cpis-acknowledgement-{message}" for message in messages]
        self.assertEqual([one.local_id for one in given], expected)
        until(lambda: not self.unanswered(), "all is answered")
        with mailbox() as client:
            self.assertEqual(client.list_messages(), [])

    def test_two_services_answer_each_file_once(self):
        other = Service(pathlib.Path(FOLDER.name), "other-service", MESH, CLIENT)
        other.start()
        try:
            first = next_sequence()
            for number in range(4):
                send(file(first + number))
            given = [answer().sequence for _ in range(4)]
            self.assertEqual(given, [str(first + number) for number in range(4)])
            until(lambda: not self.unanswered(), "all is answered")
            with mailbox() as client:
                self.assertEqual(client.list_messages(), [])
        finally:
            other.kill()

    def unanswered(self):
        """What of our inbox is neither answered nor put aside."""
        return [message for message in inbox() if not outcome(message)]


if __name__ == "__main__":
    unittest.main(verbosity=2)
