"""Every answer of the running sandbox is valid FHIR R4, as JSON and as XML, and the same in both.

Started by scripts/test-validators, which sets BASE_URL and the tokens.
"""

import json
import re
import unittest

from lxml import etree

import asking
import judges
import xml_shape
from definitions import from_xml

# An answer that holds all of an answer to one request: what it is of, its JSON and its XML.
ANSWERS = []


def setUpModule():
    for line in asking.lines():
        for request in asking.requests(line):
            first = _both(request)
            for page in asking.pages_after(json.loads(first[1].text), request):
                _both(page)


def tearDownModule():
    texts = {text for _, told, written in ANSWERS for text in (told.text, written.text)}
    resources = sum(len(list(judges.resources_in(json.loads(a[1].text)))) for a in ANSWERS)
    print(f"{len(ANSWERS)} requests, each as JSON and as XML; {resources} resources in the JSON; "
          f"{len(texts)} different answers")


def _both(request):
    answer = (request, asking.ask(request, asking.JSON), asking.ask(request, asking.XML))
    ANSWERS.append(answer)
    return answer


def without_moments(resource):
    """A resource without what is another each time: what a sealed link says."""
    links = resource.get("link", [])
    told = [l if l["relation"] != "next" else {"relation": "next"} for l in links]
    return {**resource, "link": told} if links else resource


def writes(request):
    """Whether a request is put on record under an id of its own, which its answer tells."""
    return request.method in ("PUT", "DELETE") or request.path in (".", "$report-alert")


def without_own_ids(resource):
    """What an answer says beside the ids and moments that are its own."""
    text = json.dumps(resource)
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "an-id", text)
    return json.loads(re.sub(r"\d{4}-\d\d-\d\dT[\d:.]+Z", "a-moment", text))


def with_plain_markup(value):
    """A resource whose narrative is written in the one canonical way."""
    if isinstance(value, dict):
        return {name: _markup(child) if name == "div" else with_plain_markup(child)
                for name, child in value.items()}
    return [with_plain_markup(child) for child in value] if isinstance(value, list) else value


def _markup(div):
    return etree.tostring(etree.fromstring(div), method="c14n2").decode("utf-8")


class Answers(unittest.TestCase):
    """What each answer must be; each name is what must be so."""

    maxDiff = None

    def test_every_line_asks_something_and_is_answered_with_its_status(self):
        for line in asking.lines():
            with self.subTest(line):
                self.assertTrue(asking.requests(line), "no scene of the sandbox fills the line in")
        for request, told, written in ANSWERS:
            with self.subTest(str(request)):
                self.assertEqual((told.status, written.status), (request.status, request.status))

    def test_every_answer_has_the_form_that_was_asked_for(self):
        for request, told, written in ANSWERS:
            with self.subTest(str(request)):
                self.assertTrue(told.content_type.startswith(asking.JSON), told.content_type)
                self.assertTrue(written.content_type.startswith(asking.XML), written.content_type)

    def test_every_answer_is_valid(self):
        for request, told, _ in ANSWERS:
            with self.subTest(str(request)):
                self.assertEqual(judges.faults(json.loads(told.text)), [])

    def test_every_answer_in_xml_has_the_shape_of_its_definition(self):
        for request, _, written in ANSWERS:
            with self.subTest(str(request)):
                self.assertEqual(list(xml_shape.faults(written.text)), [])

    def test_every_answer_in_xml_says_what_the_same_answer_in_json_says(self):
        read = from_xml(written.text.encode("utf-8") for _, _, written in ANSWERS)
        for (request, told, _), resource in zip(ANSWERS, read, strict=True):
            with self.subTest(str(request)):
                expected = with_plain_markup(without_moments(json.loads(told.text)))
                found = with_plain_markup(without_moments(resource))
                if writes(request):
                    found, expected = without_own_ids(found), without_own_ids(expected)
                self.assertEqual(found, expected)

    def test_a_refusal_is_an_outcome_and_what_is_asked_for_is_not(self):
        for request, told, _ in ANSWERS:
            with self.subTest(str(request)):
                kind = json.loads(told.text)["resourceType"]
                says_what_is_wrong = (request.status >= 400 or "$validate" in request.path
                                      or request.method == "DELETE")
                self.assertEqual(kind == "OperationOutcome", says_what_is_wrong)


if __name__ == "__main__":
    unittest.main(verbosity=2)
