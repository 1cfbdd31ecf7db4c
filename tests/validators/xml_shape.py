"""Whether XML is FHIR's (https://hl7.org/fhir/R4/xml.html): its namespaces, its attributes, and its
elements in the order of their definitions, which no JSON tells of.
"""

from functools import cache

from lxml import etree

import definitions

FHIR = "{http://hl7.org/fhir}"
XHTML = "{http://www.w3.org/1999/xhtml}"
DEFINITIONS = "http://hl7.org/fhir/StructureDefinition/"


def faults(text):
    """What is wrong with an XML document."""
    root = etree.fromstring(text.encode("utf-8"))
    if root.getprevious() is not None or root.getnext() is not None:
        yield "xml: something stands beside the resource"
    yield from _resource(root)


def _resource(element):
    name = element.tag.removeprefix(FHIR)
    if not element.tag.startswith(FHIR) or name not in _elements():
        yield f"xml: {element.tag} is no resource"
    else:
        yield from _children(element, name, name)


def _children(element, path, kind):
    """The children of an element, which its definition names as those of a path in a kind."""
    allowed = _elements()[kind].get(path)
    if allowed is None:
        yield f"xml: {path} is not known"
        return
    order = list(allowed)
    last = 0
    for child in element:
        if not isinstance(child.tag, str):
            yield f"xml: a comment or an instruction in {path}"
            continue
        if child.tag == f"{XHTML}div" and "div" in allowed:
            continue
        name = child.tag.removeprefix(FHIR)
        if not child.tag.startswith(FHIR) or name not in allowed:
            yield f"xml: {path} has no {child.tag}"
            continue
        if order.index(name) < last:
            yield f"xml: {path}.{name} is out of order"
        last = order.index(name)
        yield from _child(child, f"{path}.{name}", allowed[name])


def _child(child, path, kind):
    attributes = {"value", "id", "url"} if path.lower().endswith("extension") else {"value", "id"}
    if not set(child.attrib) <= attributes:
        yield f"xml: {path} has the attributes {list(child.attrib)}"
    if child.get("value") == "" or not (child.attrib or len(child)):
        yield f"xml: {path} is empty"
    if kind in _resources():
        if len(child) != 1:
            yield f"xml: {path} holds one resource"
        for held in child:
            yield from _resource(held)
    else:
        base, _, rest = kind.partition("/")
        yield from _children(child, rest or base, base)


@cache
def _resources():
    """The types of what holds a resource: Resource, or the kind that it must be."""
    return {d["type"] for d in definitions.of_r4() if d.get("kind") == "resource"}


@cache
def _elements():
    """Of each type, the children of each path: their names, in order, and their types. A type that
    is told in place (Bundle.entry) is named by the type it is in and its path: Bundle/Bundle.entry.
    """
    found = {}
    for definition in definitions.of_r4():
        is_type = definition["resourceType"] == "StructureDefinition"
        if not is_type or definition.get("derivation") == "constraint":
            continue
        kind = definition["type"].rpartition("/")[2]
        found[kind] = {kind: {}}
        for element in definition["snapshot"]["element"][1:]:
            parent, _, name = element["path"].rpartition(".")
            children = found[kind].setdefault(parent, {})
            children |= dict(_named(kind, element, name))
    return found


def _named(kind, element, name):
    if "contentReference" in element:
        yield name, f"{kind}/{element['contentReference'].removeprefix('#')}"
    for told in element.get("type", []):
        code = told["code"].rpartition("/")[2] if "://" not in told["code"] else "string"
        code = f"{kind}/{element['path']}" if code in ("BackboneElement", "Element") else code
        yield name.replace("[x]", code[:1].upper() + code[1:]), code
