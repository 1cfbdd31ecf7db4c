"""An advisory is found by the versions that it names, and no other."""

import unittest

import advisories

LOCK = """
[[package]]
name = "cpis-fhir"
version = "0.1.0"

[[package]]
name = "bad"
version = "1.4.2"
source = "registry+https://registry.example/index"
"""


def advisory(patched=(), unaffected=(), **told):
    return {
        "advisory": {"id": "RUSTSEC-2026-0001", "package": "bad", **told},
        "versions": {"patched": list(patched), "unaffected": list(unaffected)},
    }


def found(version="1.4.2", **said):
    return [number for number, _ in advisories.found([("bad", version)], [advisory(**said)])]


class Advisories(unittest.TestCase):
    def test_what_is_locked_from_a_registry_is_looked_up(self):
        self.assertEqual(advisories.locked(LOCK), [("bad", "1.4.2")])

    def test_what_is_mended_nowhere_or_later_is_found(self):
        for patched in [[], [">= 1.4.3"], [">=2"], ["^1.5"], ["~1.3.9"], ["=1.4.1", "> 1.4.2"]]:
            self.assertEqual(found(patched=patched), ["RUSTSEC-2026-0001"], patched)

    def test_what_is_mended_or_was_never_concerned_is_not(self):
        for safe in [[">= 1.4.2"], ["< 1.4.3"], [">= 1.4, < 1.5"], ["^1.4.0"], ["1"], ["~1.4"]]:
            self.assertEqual(found(patched=safe), [], safe)
            self.assertEqual(found(unaffected=safe), [], safe)

    def test_what_is_withdrawn_is_not(self):
        self.assertEqual(found(withdrawn="2026-02-03"), [])

    def test_what_nobody_keeps_is_found_too(self):
        self.assertEqual(len(found(informational="unmaintained")), 1)

    def test_another_package_is_not(self):
        self.assertEqual(list(advisories.found([("good", "1.4.2")], [advisory()])), [])

    def test_versions_are_ordered_as_cargo_orders_them(self):
        for least, more in [
            ("1.0.0-alpha", "1.0.0-alpha.1"),
            ("1.0.0-alpha.2", "1.0.0-alpha.10"),
            ("1.0.0-rc.1", "1.0.0"),
            ("0.9.10", "0.10.0"),
        ]:
            self.assertTrue(advisories.meets(more, f"> {least}"), (least, more))
            self.assertFalse(advisories.meets(least, f">= {more}"), (least, more))

    def test_a_caret_keeps_the_first_number_that_is_not_nought(self):
        for version, requirement, holds in [
            ("1.9.0", "^1.2.3", True),
            ("2.0.0", "^1.2.3", False),
            ("2.0.0-rc.1", "^1.2.3", False),
            ("0.2.9", "^0.2.3", True),
            ("0.3.0", "^0.2.3", False),
            ("0.0.4", "^0.0.3", False),
            ("0.4.0", "^0", True),
            ("1.4.9", "=1.4", True),
            ("1.5.0", "=1.4", False),
        ]:
            self.assertEqual(advisories.meets(version, requirement), holds, (version, requirement))


if __name__ == "__main__":
    unittest.main()
