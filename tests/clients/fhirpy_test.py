"""A FHIR client from PyPI does with the running server what a hospital system does.

https://github.com/beda-software/fhir-py. Started by scripts/test-clients, which sets BASE_URL,
TOKEN and TOKEN_NO_ACTIVITY.
"""

import json
import os
import unittest

from fhirpy import SyncFHIRClient
from fhirpy.base.exceptions import (
    AuthorizationError,
    ForbiddenError,
    OperationOutcome,
    ResourceNotFound,
)

from children import (
    CHILD_PROTECTION_PLAN,
    NHS_NUMBER,
    NO_PLAN,
    NOT_AN_NHS_NUMBER,
    ONE_PLAN,
    SNOMED,
    TWO_PLANS,
    UNBORN_CHILD_PROTECTION_PLAN,
    of,
)


def client(token=os.environ["TOKEN"]):
    """A client with the given token, or with none."""
    return SyncFHIRClient(
        os.environ["BASE_URL"], authorization=token and f"Bearer {token}"
    )


def flags(nhs_number):
    """The search for a child's flags."""
    return client().resources("Flag").search(**of(nhs_number))


def plan_code(flag):
    """The kind of plan that a flag stands for."""
    return next(c["code"] for c in flag["code"]["coding"] if c["system"] == SNOMED)


def matches(bundle):
    """The resources of a bundle that the search was for."""
    return [e["resource"] for e in bundle.get("entry", []) if e["search"]["mode"] == "match"]


class Fhirpy(unittest.TestCase):
    """What fhirpy does with the server; each name is what must be so."""

    def assert_outcome(self, outcome):
        self.assertEqual(outcome["resourceType"], "OperationOutcome")
        self.assertIn(outcome["issue"][0]["severity"], ("error", "fatal"))

    def test_the_capability_statement_says_that_flags_can_be_searched(self):
        statement = client().execute("metadata", method="get")
        self.assertEqual(statement["fhirVersion"], "4.0.1")
        resources = statement["rest"][0]["resource"]
        (flag,) = [r for r in resources if r["type"] == "Flag"]
        self.assertIn("search-type", [i["code"] for i in flag["interaction"]])

    def test_a_search_by_nhs_number_finds_the_flag_of_the_child_it_names(self):
        (flag,) = flags(ONE_PLAN).fetch()
        self.assertEqual(plan_code(flag), CHILD_PROTECTION_PLAN)
        self.assertEqual(flag["subject"]["identifier"]["value"], ONE_PLAN)
        self.assertTrue(flag["period"]["start"] < flag["period"]["end"])

    def test_the_one_flag_of_a_child_is_got_without_a_second(self):
        self.assertEqual(flags(ONE_PLAN).get().resource_type, "Flag")
        self.assertEqual(flags(ONE_PLAN).first().resource_type, "Flag")

    def test_a_search_chained_through_the_patient_finds_the_same(self):
        chained = client().resources("Flag").search(patient__identifier=f"{NHS_NUMBER}|{TWO_PLANS}")
        self.assertEqual(
            sorted(flag["id"] for flag in chained.fetch()),
            sorted(flag["id"] for flag in flags(TWO_PLANS).fetch()),
        )

    def test_a_search_posted_with_its_parameters_in_the_url_finds_the_same(self):
        posted = client().execute("Flag/_search", method="post", params=of(TWO_PLANS))
        self.assertEqual(posted["total"], 2)
        self.assertEqual(
            sorted(flag["id"] for flag in matches(posted)),
            sorted(flag["id"] for flag in flags(TWO_PLANS).fetch()),
        )

    def test_flags_are_counted_without_being_sent(self):
        self.assertEqual(flags(TWO_PLANS).count(), 2)
        self.assertEqual(flags(ONE_PLAN).count(), 1)
        self.assertEqual(flags(NO_PLAN).count(), 0)

    def test_following_the_next_links_visits_each_flag_once(self):
        first_page = flags(TWO_PLANS).limit(1).fetch_raw()
        self.assertEqual(first_page["total"], 2)
        self.assertEqual(len(matches(first_page)), 1)
        seen = flags(TWO_PLANS).limit(1).fetch_all()
        self.assertEqual(len(seen), 2)
        self.assertEqual(len({flag["id"] for flag in seen}), 2)
        self.assertEqual(
            {plan_code(flag) for flag in seen},
            {CHILD_PROTECTION_PLAN, UNBORN_CHILD_PROTECTION_PLAN},
        )

    def test_a_child_without_a_plan_is_an_empty_searchset_and_not_an_error(self):
        bundle = flags(NO_PLAN).fetch_raw()
        self.assertEqual(bundle["total"], 0)
        self.assertEqual(matches(bundle), [])

    def test_a_flag_found_by_a_search_is_read_by_its_id_and_so_is_its_patient(self):
        found = flags(ONE_PLAN).first()
        read = client().reference("Flag", found["id"]).to_resource()
        self.assertEqual(read["id"], found["id"])
        patient = read["subject"].to_resource()
        self.assertEqual(patient.resource_type, "Patient")
        numbers = [i["value"] for i in patient["identifier"] if i["system"] == NHS_NUMBER]
        self.assertEqual(numbers, [ONE_PLAN])

    def test_the_authority_and_the_child_come_along_when_asked_for(self):
        search = flags(ONE_PLAN).include("Flag", "author").include("Flag", "patient")
        entries = search.fetch_raw()["entry"]
        included = [e["resource"] for e in entries if e["search"]["mode"] == "include"]
        kinds = sorted(resource["resourceType"] for resource in included)
        self.assertEqual(kinds, ["Organization", "Patient"])

    def test_a_flag_has_a_history_and_each_version_of_it_can_be_read(self):
        path = f"Flag/{flags(ONE_PLAN).first()['id']}/_history"
        history = client().execute(path, method="get")
        self.assertEqual(history["type"], "history")
        newest = history["entry"][0]["resource"]
        version = newest["meta"]["versionId"]
        self.assertEqual(client().execute(f"{path}/{version}", method="get"), newest)

    def test_a_batch_is_answered_in_its_order(self):
        urls = [f"Flag?patient={ONE_PLAN}", f"Flag?patient={NO_PLAN}", "Flag/no-such-flag"]
        entries = [{"request": {"method": "GET", "url": url}} for url in urls]
        answer = client().resource("Bundle", type="batch", entry=entries).save()
        statuses = [entry["response"]["status"][:3] for entry in answer["entry"]]
        self.assertEqual(statuses, ["200", "200", "404"])

    def test_nothing_is_written(self):
        flag = {"status": "active", "subject": {"reference": "Patient/p1"}}
        writes = [
            lambda: client().resource("Flag", **flag).save(),
            lambda: client().resource("Flag", id="f1", **flag).save(),
            lambda: client().resource("Flag", id="f1", **flag).patch(status="inactive"),
            lambda: client().resource("Flag", id="f1", **flag).delete(),
        ]
        for write in writes:
            with self.assertRaises(OperationOutcome) as refused:
                write()
            self.assertEqual(refused.exception.resource["issue"][0]["code"], "not-supported")

    def test_a_search_of_flags_leaves_an_access_in_the_history_of_the_child(self):
        flags(ONE_PLAN).fetch()
        accesses = client().resources("AuditEvent").search(**of(ONE_PLAN)).fetch()
        self.assertGreaterEqual(len(accesses), 1)
        looked = [
            entity.get("what", {}).get("identifier", {}).get("value")
            for entity in accesses[0]["entity"]
        ]
        self.assertIn(ONE_PLAN, looked)

    def test_an_nhs_number_with_a_wrong_check_digit_is_refused_as_one(self):
        with self.assertRaises(OperationOutcome) as refused:
            flags(NOT_AN_NHS_NUMBER).fetch()
        outcome = refused.exception.resource
        self.assert_outcome(outcome)
        codes = [
            coding["code"]
            for issue in outcome["issue"]
            for coding in issue.get("details", {}).get("coding", [])
        ]
        self.assertIn("INVALID_SEARCH_DATA", codes)

    def test_a_flag_that_is_not_there_is_not_found(self):
        for unknown in ("01890000-0000-7000-8000-000000000000", "no-such-flag"):
            with self.assertRaises(ResourceNotFound) as refused:
                client().get("Flag", unknown)
            self.assert_outcome(json.loads(str(refused.exception)))

    def test_a_caller_whose_role_allows_no_access_to_plans_is_refused(self):
        other = client(os.environ["TOKEN_NO_ACTIVITY"])
        with self.assertRaises(ForbiddenError) as refused:
            other.resources("Flag").search(**of(ONE_PLAN)).fetch()
        self.assert_outcome(json.loads(str(refused.exception)))

    def test_a_caller_without_a_token_is_told_to_bring_one(self):
        with self.assertRaises(AuthorizationError) as refused:
            client(None).resources("Flag").search(**of(ONE_PLAN)).fetch()
        self.assert_outcome(json.loads(str(refused.exception)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
