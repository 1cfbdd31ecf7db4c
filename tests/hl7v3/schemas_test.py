"""Every HL7 v3 message that our tests write is valid against the published schemas."""

import os
import pathlib
import unittest

from lxml import etree
from schemas import schemas

SCHEMAS = schemas(os.environ["CPIS_HL7V3_SCHEMAS"])
MESSAGES = sorted(pathlib.Path(os.environ["CPIS_HL7V3_MESSAGES"]).glob("*.xml"))


class Messages(unittest.TestCase):
    def test_each_is_valid(self):
        for message in MESSAGES:
            with self.subTest(message=message.name):
                schema = SCHEMAS[message.name.split("-")[0]]
                schema.validate(etree.parse(message))
                self.assertEqual([fault.message for fault in schema.error_log], [])

    def test_there_are_some_of_each(self):
        written = {message.name.split("-")[0] for message in MESSAGES}
        self.assertEqual(written, set(SCHEMAS))

    def test_a_message_that_is_changed_is_found_to_be(self):
        """Schemas that are satisfied with anything would prove nothing."""
        for message in MESSAGES:
            changed = etree.parse(message)
            changed.getroot().remove(changed.getroot()[0])
            schema = SCHEMAS[message.name.split("-")[0]]
            self.assertFalse(schema.validate(changed), message.name)


if __name__ == "__main__":
    unittest.main()
