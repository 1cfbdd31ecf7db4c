"""What breaks a rule of deny.toml is found, each for itself."""

import unittest

import dependencies

RULES = {"licenses": {"allow": ["MIT", "Unicode-3.0"]}, "bans": {"deny": [{"name": "denied"}]}}
REGISTRY = "registry+https://registry.example/index"


def package(name="good", licence="MIT", source=REGISTRY):
    return {"name": name, "version": "1.0.0", "license": licence, "source": source}


def found(*packages):
    return list(dependencies.wrong(packages, RULES))


class Rules(unittest.TestCase):
    def test_what_keeps_them_is_not_found(self):
        kept = ["MIT", "MIT OR GPL-3.0-only", "MIT/GPL-3.0-only", "(MIT OR ISC) AND Unicode-3.0"]
        for licence in kept:
            self.assertEqual(found(package(licence=licence)), [], licence)

    def test_a_licence_that_is_not_allowed_is_found(self):
        for licence in ["GPL-3.0-only", "MIT AND GPL-3.0-only", None]:
            self.assertEqual(len(found(package(licence=licence))), 1, licence)

    def test_another_source_than_the_registry_is_found(self):
        self.assertEqual(len(found(package(source="git+https://git.example/a"))), 1)

    def test_what_is_denied_is_found(self):
        self.assertEqual(len(found(package(name="denied"))), 1)


if __name__ == "__main__":
    unittest.main()
