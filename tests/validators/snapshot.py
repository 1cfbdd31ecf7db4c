"""The whole of a profile: what its base says, and what it says itself.

pyrofile merges a profile with its base in an order in which the base's elements undo the last slice
of a list (agent:destination was matched by whatever had any type), so each profile is given to it
with a snapshot, in the order of https://hl7.org/fhir/R4/profiling.html#snapshot.
"""

import copy


def with_snapshot(definition, find):
    """The definition with its snapshot; find gives the definition of a canonical URL."""
    if definition.get("snapshot", {}).get("element"):
        return definition
    base = with_snapshot(find(definition["baseDefinition"]), find)
    elements = copy.deepcopy(base["snapshot"]["element"])
    for change in definition["differential"]["element"]:
        _apply(elements, change)
    return {**definition, "snapshot": {"element": elements}}


def _apply(elements, change):
    for index, element in enumerate(elements):
        if element["id"] == change["id"]:
            elements[index] = _merged(element, change)
            return
    elements.insert(_place(elements, change["id"]), copy.deepcopy(change))


def _merged(element, change):
    merged = {**element, **copy.deepcopy(change)}
    if "constraint" in change:
        merged["constraint"] = element.get("constraint", []) + change["constraint"]
    return merged


def _place(elements, name):
    """After all that is of the sliced list, or else after all that is of the parent."""
    of = name.split(":", 1)[0] if ":" in name else name.rpartition(".")[0]
    # A list that the base has no elements of, as meta.security, stands under its own parent.
    while not any(_is_of(element["id"], of) for element in elements):
        of = of.rpartition(".")[0]
    return 1 + max(i for i, element in enumerate(elements) if _is_of(element["id"], of))


def _is_of(name, parent):
    return name == parent or name.startswith((f"{parent}.", f"{parent}:"))
