"""Judges what the service is built on by deny.toml, and writes it down as a CycloneDX document.

Cargo says what there is: each package's licence, where it comes from, and what it depends on.
"""

import json
import pathlib
import subprocess
import sys
import tomllib

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
from license_expression import AND, OR, get_spdx_licensing
from packageurl import PackageURL

ROOT = pathlib.Path(__file__).resolve().parents[2]
VERSION = SchemaVersion.V1_6


def metadata():
    """What cargo knows of every package that is built in, for whatever machine."""
    asked = ["cargo", "metadata", "--format-version", "1", "--locked"]
    return json.loads(subprocess.run(asked, cwd=ROOT, check=True, capture_output=True).stdout)


def expression(package):
    """The licence as an expression; packages of old write a slash for OR."""
    return (package["license"] or "").replace("/", " OR ")


def is_allowed(parsed, allowed):
    """Whether a licence can be met by allowed ones alone."""
    if isinstance(parsed, AND):
        return all(is_allowed(part, allowed) for part in parsed.args)
    if isinstance(parsed, OR):
        return any(is_allowed(part, allowed) for part in parsed.args)
    return str(parsed) in allowed


def wrong(packages, rules):
    """A line for everything that breaks a rule."""
    licensing = get_spdx_licensing()
    allowed = set(rules["licenses"]["allow"])
    denied = {rule["name"] for rule in rules["bans"]["deny"]}
    for package in packages:
        name = f"{package['name']} {package['version']}"
        source = package["source"]
        if source is None:
            continue
        if not source.startswith("registry+"):
            yield f"{name}: comes from {source}, and not from the registry"
        if package["name"] in denied:
            yield f"{name}: is denied by deny.toml"
        stated = expression(package)
        licence = licensing.parse(stated, validate=True) if stated else None
        if licence is None or not is_allowed(licence, allowed):
            yield f"{name}: its licence, {package['license']}, is not one that deny.toml allows"


def document(packages, graph):
    """All packages, and which depends on which."""
    bom = Bom()
    factory = LicenseFactory()
    by_id = {}
    for package in packages:
        component = Component(
            name=package["name"],
            version=package["version"],
            type=ComponentType.LIBRARY if package["source"] else ComponentType.APPLICATION,
            licenses=[factory.make_from_string(expression(package))] if package["license"] else [],
            purl=PackageURL("cargo", name=package["name"], version=package["version"]),
            bom_ref=f"{package['name']}@{package['version']}",
        )
        by_id[package["id"]] = component
        if package["source"]:
            bom.components.add(component)
        else:
            bom.metadata.component = component
    for node in graph["nodes"]:
        on = [by_id[dependency] for dependency in node["dependencies"]]
        bom.register_dependency(by_id[node["id"]], on)
    return make_outputter(bom, OutputFormat.JSON, VERSION).output_as_string(indent=2)


def main():
    """Exits with a word for what is wrong; else says where the document is."""
    known = metadata()
    packages = known["packages"]
    rules = tomllib.loads((ROOT / "deny.toml").read_text())
    found = list(wrong(packages, rules))
    if found:
        sys.exit("\n".join(found))
    text = document(packages, known["resolve"])
    fault = JsonStrictValidator(VERSION).validate_str(text)
    if fault is not None:
        sys.exit(f"the document is no CycloneDX {VERSION.to_version()}: {fault}")
    place = pathlib.Path(known["target_directory"]) / "reports" / "sbom.cdx.json"
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(text)
    print(f"{len(packages)} packages keep the rules of deny.toml; they are listed in {place}")


if __name__ == "__main__":
    main()
