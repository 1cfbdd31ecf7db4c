"""Rules of R4 that neither validator knows: of Bundles, of references, of displays, of days, and of
what may not be empty (https://hl7.org/fhir/R4/bundle.html, https://hl7.org/fhir/R4/json.html).
"""

import re
from datetime import date
from functools import cache

import definitions

# A date, a dateTime or an instant; whatever begins so is one.
DAY = re.compile(r"\d{4}-\d\d-\d\d(T|$)")
# bdl-3, bdl-4 and the table under https://hl7.org/fhir/R4/bundle.html#bundle-unique.
REQUEST_IN = {"batch", "transaction", "history"}
RESPONSE_IN = {"batch-response", "transaction-response", "history"}
SEARCH_IN = {"searchset"}
TOTAL_IN = {"searchset", "history"}
# Its codes are too many for the definitions to hold: they have some of them.
UNKNOWN_HERE = {"http://snomed.info/sct"}


def faults(resource):
    """What is wrong with a resource, in words."""
    yield from _empty(resource, resource.get("resourceType", "?"))
    yield from _displays(resource)
    yield from _targets(resource)
    if resource.get("resourceType") == "Bundle":
        yield from _bundle(resource)


def _empty(value, path):
    if value in ("", [], {}) or value is None:
        yield f"rules: {path} is empty"
    if isinstance(value, str) and value and value != value.strip():
        yield f"rules: {path} begins or ends with white space"
    if isinstance(value, str) and DAY.match(value) and not _is_day(value[:10]):
        yield f"rules: {path} is no day of the calendar"
    children = value.items() if isinstance(value, dict) else ()
    children = enumerate(value) if isinstance(value, list) else children
    for name, child in children:
        yield from _empty(child, f"{path}.{name}")


def _is_day(text):
    try:
        return bool(date.fromisoformat(text))
    except ValueError:
        return False


@cache
def _words():
    """The display of each code that the definitions hold, by its system and code."""
    found = {}

    def read(system, concepts):
        for concept in concepts:
            words = {concept.get("display")}
            words |= {other.get("value") for other in concept.get("designation", [])}
            found[system, concept["code"]] = words
            read(system, concept.get("concept", []))

    for definition in definitions.by_url().values():
        is_whole = definition.get("content") == "complete"
        if definition["resourceType"] == "CodeSystem" and is_whole:
            found[definition["url"], None] = set()
            read(definition["url"], definition.get("concept", []))
    return found


def _displays(element):
    """A code exists in its system, and is called what its system calls it."""
    if isinstance(element, list):
        for child in element:
            yield from _displays(child)
    if not isinstance(element, dict):
        return
    system, code, display = (element.get(name) for name in ("system", "code", "display"))
    is_coding = isinstance(system, str) and isinstance(code, str) and system not in UNKNOWN_HERE
    if is_coding and (system, None) in _words():
        words = _words().get((system, code))
        if words is None:
            yield f"rules: {system} has no code {code}"
        elif display is not None and display not in words:
            yield f"rules: {system} calls {code} {words}, and not {display}"
    if isinstance(element.get("concept"), list) and isinstance(system, str):
        # What a value set takes of a system.
        for concept in element["concept"]:
            yield from _displays({"system": system, **concept})
    for child in element.values():
        yield from _displays(child)


def _targets(resource):
    """A reference is to what a claimed profile allows, outside of slices."""
    if isinstance(resource, dict):
        for profile in resource.get("meta", {}).get("profile", []) if "meta" in resource else []:
            for path, kinds in _kinds_of(profile):
                value = resource.get(path)
                for reference in value if isinstance(value, list) else [value or {}]:
                    kind = str(reference.get("reference", "")).split("/")[-2:-1]
                    if kind and not set(kind) & kinds:
                        yield f"rules: {path} refers to a {kind[0]} ({profile})"
    children = resource.values() if isinstance(resource, dict) else resource
    for child in children if isinstance(resource, (dict, list)) else ():
        yield from _targets(child)


@cache
def _kinds_of(profile):
    """The kinds that a profile lets references of its top-level elements be to."""
    elements = definitions.by_url().get(profile, {}).get("differential", {}).get("element", [])
    allowed = ((e["path"], e["id"], t.get("targetProfile")) for e in elements
               for t in e.get("type", []))
    return [(path.split(".")[1], {url.rpartition("/")[2] for url in urls})
            for path, name, urls in allowed if urls and path == name and path.count(".") == 1]


def _bundle(bundle):
    kind, entries = bundle.get("type"), bundle.get("entry", [])
    if "total" in bundle and kind not in TOTAL_IN:
        yield f"rules: bdl-1: a {kind} has no total"
    # What is sent to a subscriber is a history as R4 Backport has it, and no answer of a search.
    profiles = bundle.get("meta", {}).get("profile", [])
    is_sent = any("subscriptions-backport" in profile for profile in profiles)
    # What an authority reads of a stretch of time is told a page at a time and never counted.
    own = [link["url"] for link in bundle.get("link", []) if link["relation"] == "self"]
    is_of_a_time = any("/$accesses" in url for url in own)
    if kind in TOTAL_IN and "total" not in bundle and not is_sent and not is_of_a_time:
        yield f"rules: a {kind} of this service tells its total"
    relations = [link["relation"] for link in bundle.get("link", [])]
    if len(relations) != len(set(relations)):
        yield "rules: two links of one relation"
    if kind in TOTAL_IN and "self" not in relations and not is_sent:
        yield f"rules: a {kind} links to itself"
    for link in bundle.get("link", []):
        if not re.match(r"https?://", link["url"]):
            yield f"rules: the link {link['relation']} is not absolute"
    for entry in entries:
        yield from _entry(kind, entry)
    yield from _full_urls(kind, entries)
    yield from _references(kind, entries)


def _entry(kind, entry):
    for name, where in (("search", SEARCH_IN), ("request", REQUEST_IN), ("response", RESPONSE_IN)):
        # Only a history may have both, and each of the others has its own.
        if (name in entry) != (kind in where):
            yield f"rules: bdl-2 to bdl-4: entry.{name} in a {kind}"
    resource = entry.get("resource")
    if not (resource or "request" in entry or "response" in entry):
        yield "rules: bdl-5: an entry without a resource, a request or a response"
    is_withdrawal = entry.get("request", {}).get("method") == "DELETE"
    if kind == "history" and (resource is None) != is_withdrawal:
        yield "rules: a version has a resource unless it is a withdrawal"
    mode = entry.get("search", {}).get("mode")
    kind_told = (resource or {}).get("resourceType")
    if mode and (mode == "outcome") != (kind_told == "OperationOutcome"):
        yield f"rules: {kind_told} as {mode}"


def _full_urls(kind, entries):
    told = set()
    for entry in entries:
        full_url, resource = entry.get("fullUrl"), entry.get("resource", {})
        if full_url is None:
            if kind not in ("batch-response", "transaction-response"):
                yield "rules: an entry without a fullUrl"
            continue
        is_rest = re.match(r"https?://", full_url)
        if not is_rest and not full_url.startswith("urn:uuid:"):
            yield f"rules: fullUrl {full_url} is not absolute"
        if is_rest and resource:
            path = f"/{resource['resourceType']}/{resource.get('id')}"
            if not full_url.endswith(path):
                yield f"rules: fullUrl {full_url} of {path}"
        if "/_history/" in full_url:
            yield "rules: bdl-8: fullUrl names a version"
        version = resource.get("meta", {}).get("versionId")
        etag = entry.get("response", {}).get("etag")
        unique = (full_url, etag if kind == "history" else version)
        if unique in told:
            yield f"rules: bdl-7: {full_url} twice"
        told.add(unique)


def _references(kind, entries):
    """What is included is referred to, or refers to a match; a reference names what it finds."""
    resources = [entry["resource"] for entry in entries if "resource" in entry]
    held = {f"{r['resourceType']}/{r.get('id')}": r for r in resources}
    referring = {path: set(_referred(resource)) for path, resource in held.items()}
    for resource in resources:
        for reference in _reference_elements(resource):
            target, kind_said = reference.get("reference"), reference.get("type")
            if target and kind_said and target.split("/")[-2:-1] not in ([], [kind_said]):
                if "/_history/" not in target:
                    yield f"rules: a reference to {target} says it is a {kind_said}"
            if target in held:
                yield from _same_identifier(reference, held[target])
    # What was asked for in part may be told without the element that refers to what is included.
    is_in_part = any(tag["code"] == "SUBSETTED" for r in resources for tag in _tags(r))
    for entry in entries:
        if kind != "searchset" or is_in_part or not _is_included(entry):
            continue
        path = f"{entry['resource']['resourceType']}/{entry['resource']['id']}"
        others = set().union(*(told for other, told in referring.items() if other != path))
        if path not in others and not referring[path] & set(held):
            yield f"rules: {path} is included, and nothing refers to it"


def _is_included(entry):
    return entry.get("search", {}).get("mode") == "include" and "resource" in entry


def _tags(resource):
    return resource.get("meta", {}).get("tag", [])


def _same_identifier(reference, target):
    said = reference.get("identifier")
    numbers = [(i.get("system"), i.get("value")) for i in target.get("identifier", [])]
    if said and numbers and (said.get("system"), said.get("value")) not in numbers:
        yield f"rules: a reference to {reference['reference']} says another identifier than it has"


def _referred(resource):
    return (r["reference"] for r in _reference_elements(resource) if "reference" in r)


def _reference_elements(element):
    if isinstance(element, list):
        for child in element:
            yield from _reference_elements(child)
    elif isinstance(element, dict):
        if isinstance(element.get("reference"), str) or isinstance(element.get("identifier"), dict):
            yield element
        for child in element.values():
            yield from _reference_elements(child)
