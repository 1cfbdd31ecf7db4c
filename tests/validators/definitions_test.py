"""What we publish is valid: our definitions, our examples, and the capability statement. And faults
are found, or a server without any would prove nothing.
"""

import copy
import json
import re
import unittest
from pathlib import Path

import definitions
import judges

STATEMENT = definitions.read(definitions.ROOT / "capability-statement.json")


def faults_to_find():
    """The lines of faults.txt, each with the example that has the fault."""
    written = (Path(__file__).parent / "faults.txt").read_text(encoding="utf-8").splitlines()
    lines = [line for line in written if line and not line.startswith("#")]
    return [(line, _broken(*re.split(r" {2,}", line))) for line in lines]


def _broken(name, place, told):
    kind, _, example = name.partition("/")
    path = (definitions.PROFILES / kind / "examples" / example).with_suffix(".json")
    resource = copy.deepcopy(definitions.examples()[path.relative_to(definitions.ROOT)])
    *parents, last = place.split("/")[1:]
    parent = resource
    for step in parents:
        parent = parent[int(step) if isinstance(parent, list) else step]
    last = int(last) if isinstance(parent, list) else last
    if told == "gone":
        del parent[last]
    elif isinstance(parent, list) and last == len(parent):
        parent.append(json.loads(told))
    else:
        parent[last] = json.loads(told)
    return resource


class Definitions(unittest.TestCase):
    """What is published; each name is what must be so."""

    def test_every_definition_is_valid(self):
        for path, definition in definitions.ours().items():
            with self.subTest(path):
                self.assertEqual(judges.faults(definition), [])

    def test_every_example_is_valid_and_holds_to_the_profiles_it_claims(self):
        for path, example in definitions.examples().items():
            with self.subTest(path):
                self.assertEqual(judges.faults(example), [])

    def test_the_capability_statement_is_valid(self):
        self.assertEqual(judges.faults(STATEMENT), [])

    def test_a_promised_search_parameter_is_defined_for_its_resource_under_its_name(self):
        for resource, parameter in _each("searchParam"):
            kind = resource["type"]
            with self.subTest(f"{kind} {parameter['name']}"):
                defined = definitions.by_url()[parameter["definition"]]
                self.assertEqual(defined["code"], parameter["name"])
                self.assertEqual(defined["type"], parameter["type"])
                self.assertTrue({kind, "Resource", "DomainResource"} & set(defined["base"]))

    def test_a_promised_include_is_a_search_parameter_of_references(self):
        defined = definitions.by_url().values()
        parameters = [d for d in defined if d["resourceType"] == "SearchParameter"]
        references = {(kind, d["code"]) for d in parameters for kind in d["base"]
                      if d["type"] == "reference"}
        for resource in STATEMENT["rest"][0]["resource"]:
            asked = resource.get("searchInclude", []) + resource.get("searchRevInclude", [])
            for include in set(asked) - {"*"}:
                with self.subTest(f"{resource['type']} {include}"):
                    self.assertIn(tuple(include.split(":")[:2]), references)

    def test_a_promised_profile_is_of_its_resource_and_known(self):
        for resource in STATEMENT["rest"][0]["resource"]:
            own = [resource["profile"]] if "profile" in resource else []
            for profile in own + resource.get("supportedProfile", []):
                with self.subTest(f"{resource['type']} {profile}"):
                    claiming = {"resourceType": resource["type"], "meta": {"profile": [profile]}}
                    self.assertTrue(judges.claims.are_known(claiming))

    def test_a_value_set_that_we_bind_to_is_defined(self):
        for path, definition in definitions.ours().items():
            elements = definition.get("differential", {}).get("element", [])
            for element in elements:
                with self.subTest(f"{path} {element['id']}"):
                    bound = element.get("binding", {}).get("valueSet")
                    self.assertTrue(bound is None or bound in definitions.by_url())


class Faults(unittest.TestCase):
    """The judges find what is wrong."""

    def test_every_fault_is_found(self):
        for line, resource in faults_to_find():
            with self.subTest(line):
                self.assertNotEqual(judges.faults(resource), [])


def _each(name):
    resources = STATEMENT["rest"][0]["resource"]
    return ((resource, each) for resource in resources for each in resource.get(name, []))


if __name__ == "__main__":
    unittest.main(verbosity=2)
