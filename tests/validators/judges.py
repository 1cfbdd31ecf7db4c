"""What judges a resource: two validators that we did not write, and rules that neither of them has.

pyrofile (https://github.com/N3RDMJ/pyrofile) knows profiles, invariants, slices and value sets;
the JSON schema of https://hl7.org/fhir/R4/downloads.html knows every element there is.
"""

import contextlib
import io
import json
import re
import tempfile
from functools import cache

from jsonschema import Draft6Validator
from pyrofile_validator.config import ValidatorConfig
from pyrofile_validator.core.engine import Validator

import claims
import definitions
import rules

# Elements that hold a resource of their own.
HOLDERS = {"resource", "contained", "outcome"}


def faults(resource):
    """All that any judge finds wrong with a resource, in words."""
    return list(_faults(json.dumps(resource, sort_keys=True)))


@cache
def _faults(text):
    resource = json.loads(text)
    return (*of_pyrofile(resource), *of_schema(resource), *rules.faults(resource),
            *claims.faults(resource))


@cache
def pyrofile():
    """The validator, which has read its package when it is made."""
    with tempfile.TemporaryDirectory() as folder:
        package = definitions.write_package(folder)
        config = {
            "fhirVersion": "4.0.1",
            "terminology": {"mode": "local"},
            "localPackagePaths": [str(package)],
        }
        return Validator(ValidatorConfig.load_dict(config))


def of_pyrofile(resource):
    """What pyrofile finds, errors and warnings alike, but for its false alarms."""
    # Its FHIRPath library prints what trace() sees in HL7's own invariants.
    with contextlib.redirect_stdout(io.StringIO()):
        report = pyrofile().validate_resource(resource)
    for issue in report.issues:
        if issue.severity != "information" and not is_false_alarm(issue, resource):
            profile = f" ({issue.profile})" if issue.profile else ""
            yield f"pyrofile: {issue.path}: {issue.message}{profile}"


# Where pyrofile does not see a choice of types, or the extensions of a simple value, below the top
# of a resource: the JSON schema knows both.
# What is sent refers to what stays on the server.
UNSEEN = (
    "payload[0].content[x] is required",
    "channel._payload",
    "was not resolved locally",
)

# What pyrofile warns of that is no fault, with the reason why.
NO_FAULTS = {
    # A resource need not have a narrative: dom-6 is of the best practice, and not a rule.
    "invariant.dom-6",
    "profile.invariant.dom-6",
    # A resource refers to others that are not beside it; rules.py looks at those that must be.
    "reference.unresolved",
    # An extensible binding lets a code of another system in, as IHE's and ours for an access, and
    # pyrofile expands no value set that another filters: rules.py looks up each code in its system.
    "terminology.extensible",
    "profile.element.binding.extensible",
    # It knows only some fields of some data types (of ElementDefinition not fixedUri): the JSON
    # schema knows all of them, and refuses every other.
    "datatype.unknown-field",
}


def is_false_alarm(issue, resource):
    """Whether pyrofile is wrong, or warns of what is no fault."""
    if issue.code == "profile.element.cardinality.max":
        return not repeats_too_often(issue, resource)
    if issue.code == "modifierExtension.present":
        # Said of modifier elements as well, such as Flag.status, which every Flag must have.
        return not issue.path.endswith("modifierExtension")
    if issue.code in ("resource.id.duplicate", "bundle.fullurl.duplicate"):
        # A history is of one resource, and bdl-7 is not for it; a batch may read one twice, and
        # bdl-7 is of its fullUrls. rules.py has both.
        is_id = issue.code == "resource.id.duplicate"
        return resource.get("type") == "history" or is_id and resource["type"] == "batch-response"
    if issue.message == "Bundle.entry.resource is required":
        # A version that is a withdrawal has none (https://hl7.org/fhir/R4/http.html#history).
        entry = int(re.search(r"entry\[(\d+)\]", issue.path)[1])
        return resource["entry"][entry].get("request", {}).get("method") == "DELETE"
    if any(unseen in issue.message or unseen in issue.path for unseen in UNSEEN):
        return True
    if issue.code == "profile.unknown":
        return claims.are_checked(issue.profile)
    return issue.code in NO_FAULTS


def repeats_too_often(issue, resource):
    """Whether an element is too often in one parent: pyrofile counts it in all parents together."""
    most = int(re.search(r"at most (\d+) value", issue.message)[1])
    *parents, name = issue.path.split(".")[1:]
    return any(len(_listed(parent.get(name))) > most for parent in _reached(resource, parents))


def _listed(value):
    return value if isinstance(value, list) else [] if value is None else [value]


def _reached(resource, names):
    """The objects at a path, however many lists lie on it; of a Bundle, of the resources in it."""
    found = [inner for inner in resources_in(resource)]
    for name in names:
        found = [child for parent in found for child in _listed(parent.get(name))]
    return [parent for parent in found if isinstance(parent, dict)]


def resources_in(resource):
    """The resource and all that it holds, at any depth."""
    yield resource
    for holder in _holders(resource):
        for held in _listed(holder[0][holder[1]]):
            yield from resources_in(held)


def _holders(element):
    """Where an element holds resources: pairs of a parent and the name of the child."""
    for name, value in element.items():
        children = [child for child in _listed(value) if isinstance(child, dict)]
        if name in HOLDERS and children and all("resourceType" in child for child in children):
            yield element, name
            continue
        for child in children:
            yield from _holders(child)


@cache
def schema():
    """HL7's JSON schema, which tries each of 148 kinds where a resource holds another: here each
    resource is judged alone, by its own kind."""
    whole = definitions.read(definitions.R4 / "fhir.schema.json")
    whole["definitions"]["ResourceList"] = {}
    del whole["oneOf"], whole["discriminator"]
    return whole


@cache
def schema_of(kind):
    """The validator of a kind of resource, or none if there is no such kind."""
    if kind not in schema()["definitions"]:
        return None
    return Draft6Validator({**schema(), "$ref": f"#/definitions/{kind}"})


def of_schema(resource):
    """What the JSON schema finds in a resource and in those that it holds."""
    for held in resources_in(resource):
        kind = held.get("resourceType")
        validator = schema_of(kind)
        if validator is None:
            yield f"schema: there is no resource {kind}"
            continue
        for error in validator.iter_errors(held):
            path = ".".join([str(kind), *map(str, error.absolute_path)])
            yield f"schema: {path}: {error.message[:200]}"
