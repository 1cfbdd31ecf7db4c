"""The SMART client from PyPI, whose models take nothing that R4 does not have, reads our answers.

https://github.com/smart-on-fhir/client-py. Started by scripts/test-clients, which sets BASE_URL,
TOKEN and TOKEN_NO_ACTIVITY.
"""

import os
import unittest

from fhirclient.client import FHIRClient
from fhirclient.models.auditevent import AuditEvent
from fhirclient.models.bundle import Bundle
from fhirclient.models.capabilitystatement import CapabilityStatement
from fhirclient.models.episodeofcare import EpisodeOfCare
from fhirclient.models.flag import Flag
from fhirclient.models.operationoutcome import OperationOutcome
from fhirclient.models.organization import Organization
from fhirclient.models.patient import Patient
from fhirclient.models.practitionerrole import PractitionerRole
from fhirclient.models.structuredefinition import StructureDefinition
from fhirclient.server import (
    FHIRNotFoundException,
    FHIRPermissionDeniedException,
    FHIRUnauthorizedException,
)
from requests.exceptions import HTTPError

from children import (
    CHILD_PROTECTION_PLAN,
    NO_PLAN,
    NOT_AN_NHS_NUMBER,
    ONE_PLAN,
    TWO_AUTHORITIES,
    of,
)


def server(token=os.environ["TOKEN"]):
    """The server as the client knows it, asked with the given token or with none."""
    client = FHIRClient(settings={"app_id": "tests", "api_base": os.environ["BASE_URL"]})
    if token:
        client.server.session.headers["Authorization"] = f"Bearer {token}"
    return client.server


def flags(nhs_number, to=None, **more):
    """The flags of a child, all pages of them."""
    return list(Flag.where(struct=of(nhs_number, **more)).perform_resources_iter(to or server()))


def bundle(path):
    """What a path of the server answers, as the client's strict model of a Bundle."""
    return Bundle(server().request_json(path), strict=True)


class Fhirclient(unittest.TestCase):
    """What fhirclient does with the server; each name is what must be so."""

    def test_the_capability_statement_says_that_flags_can_be_searched(self):
        to = server()
        to.get_capability(force=True)
        self.assertIsInstance(to.capabilityStatement, CapabilityStatement)
        self.assertEqual(to.capabilityStatement.fhirVersion, "4.0.1")
        (flag,) = [r for r in to.capabilityStatement.rest[0].resource if r.type == "Flag"]
        self.assertIn("search-type", [i.code for i in flag.interaction])

    def test_a_search_by_nhs_number_finds_the_flag_of_the_child_it_names(self):
        (flag,) = flags(ONE_PLAN)
        self.assertEqual(flag.code.coding[0].code, CHILD_PROTECTION_PLAN)
        self.assertEqual(flag.subject.identifier.value, ONE_PLAN)
        self.assertLess(flag.period.start.date, flag.period.end.date)

    def test_a_child_without_a_plan_is_an_empty_searchset_and_not_an_error(self):
        (found,) = Flag.where(struct=of(NO_PLAN)).perform_iter(server())
        self.assertEqual(found.total, 0)
        self.assertEqual(flags(NO_PLAN), [])

    def test_the_pages_are_followed_to_the_end_and_hold_each_flag_once(self):
        seen = [flag.id for flag in flags(TWO_AUTHORITIES, _count="1")]
        self.assertEqual(len(seen), 2)
        self.assertEqual(len(set(seen)), 2)

    def test_the_authority_and_the_child_come_along_when_asked_for(self):
        path = f"Flag?patient={ONE_PLAN}&_include=Flag:author&_include=Flag:patient"
        included = [e.resource for e in bundle(path).entry if e.search.mode == "include"]
        self.assertEqual({type(resource) for resource in included}, {Organization, Patient})

    def test_every_kind_is_read_and_has_nothing_that_r4_does_not_have(self):
        (flag,) = flags(ONE_PLAN)
        path = f"AuditEvent?patient={ONE_PLAN}&_include=AuditEvent:agent"
        ids = {type(e.resource): e.resource.id for e in bundle(path).entry}
        ids |= {Flag: flag.id, EpisodeOfCare: flag.id, StructureDefinition: "plan-flag"}
        ids |= {Patient: flag.subject.reference.split("/")[1]}
        ids |= {Organization: flag.author.reference.split("/")[1]}
        self.assertIn(AuditEvent, ids)
        self.assertIn(PractitionerRole, ids)
        for kind, identity in ids.items():
            with self.subTest(kind.resource_type):
                self.assertEqual(kind.read(identity, server()).id, identity)

    def test_what_a_flag_refers_to_is_found_by_its_references(self):
        (flag,) = flags(ONE_PLAN)
        child = flag.subject.resolved(Patient)
        self.assertEqual(child.identifier[0].value, ONE_PLAN)
        self.assertTrue(flag.author.resolved(Organization).name)

    def test_a_flag_has_a_history_and_each_version_of_it_can_be_read(self):
        (flag,) = flags(ONE_PLAN)
        history = bundle(f"Flag/{flag.id}/_history")
        self.assertEqual(history.type, "history")
        version = history.entry[0].resource.meta.versionId
        read = Flag(server().request_json(f"Flag/{flag.id}/_history/{version}"), strict=True)
        self.assertEqual(read.as_json(), history.entry[0].resource.as_json())

    def test_a_batch_is_answered_in_its_order(self):
        urls = [f"Flag?patient={ONE_PLAN}", f"Flag?patient={NO_PLAN}", "Flag/no-such-flag"]
        entries = [{"request": {"method": "GET", "url": url}} for url in urls]
        batch = {"resourceType": "Bundle", "type": "batch", "entry": entries}
        answer = Bundle(server().post_json("", Bundle(batch).as_json()).json(), strict=True)
        statuses = [entry.response.status[:3] for entry in answer.entry]
        self.assertEqual(statuses, ["200", "200", "404"])

    def test_what_is_refused_is_refused_with_an_outcome(self):
        self.assert_refused(HTTPError, "value", lambda: flags(NOT_AN_NHS_NUMBER))
        unknown = lambda: Flag.read("no-such-flag", server())
        self.assert_refused(FHIRNotFoundException, "not-found", unknown)
        nobody = lambda: flags(ONE_PLAN, server(None))
        self.assert_refused(FHIRUnauthorizedException, "login", nobody)
        receptionist = lambda: flags(ONE_PLAN, server(os.environ["TOKEN_NO_ACTIVITY"]))
        self.assert_refused(FHIRPermissionDeniedException, "forbidden", receptionist)

    def assert_refused(self, error, code, ask):
        with self.assertRaises(error) as refused:
            ask()
        outcome = OperationOutcome(refused.exception.response.json(), strict=True)
        self.assertEqual(outcome.issue[0].code, code)


if __name__ == "__main__":
    unittest.main(verbosity=2)
