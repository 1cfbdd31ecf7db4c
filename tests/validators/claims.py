"""What profiles of others demand, where a resource claims one that the tests cannot be given.

Their definitions are their publishers', and none of them is in this project: these are the facts
that they hold, so that each claim in src/fhir/profiles.rs is checked whenever the tests run. With
EXTRA_PROFILES pyrofile judges by the definitions themselves as well (README.md of the project).
"""

import base64
import binascii

import definitions

UK_CORE = "https://fhir.hl7.org.uk/StructureDefinition/UKCore-"
ENGLAND = "https://fhir.nhs.uk/England/StructureDefinition/England-"
BALP = "https://profiles.ihe.net/ITI/BALP/StructureDefinition/IHE.BasicAudit."
BACKPORT = "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/"
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
ODS_CODE = "https://fhir.nhs.uk/Id/ods-organization-code"
DICOM = "http://dicom.nema.org/resources/ontology/DCM"
PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
INTERACTION = "http://hl7.org/fhir/restful-interaction"
SOURCE, DESTINATION = "110153", "110152"


def are_checked(profile):
    """Whether the demands of a profile are known here."""
    return profile.split("|")[0] in DEMANDS


def are_known(claiming):
    """Whether each profile that a resource claims is known, and of its kind."""
    for profile in claiming["meta"]["profile"]:
        defined = definitions.by_url().get(profile, {})
        kind = DEMANDS[profile][0] if profile in DEMANDS else defined.get("type")
        if kind != claiming["resourceType"]:
            return False
    return True


def faults(resource):
    """The demands that a resource, or one that it holds, claims to meet and does not."""
    for claiming in _all(resource):
        for profile in claiming.get("meta", {}).get("profile", []):
            demands = DEMANDS.get(profile)
            if demands is None and profile not in definitions.by_url():
                yield f"claims: nothing is known of {profile}"
            kind, *others = demands or [claiming["resourceType"]]
            if claiming["resourceType"] != kind:
                yield f"claims: {profile} is of {kind}"
            for demand in others:
                words = demand(claiming)
                if words:
                    yield f"claims: {profile}: {words}"


def _all(element):
    if isinstance(element, dict):
        if "resourceType" in element:
            yield element
        for child in element.values():
            yield from _all(child)
    elif isinstance(element, list):
        for child in element:
            yield from _all(child)


def _unless(is_so, words):
    return None if is_so else words


def _identifier(system):
    """A slice of identifiers: one of this system at most, and it has a value."""
    def demand(resource):
        of_system = [i for i in resource.get("identifier", []) if i.get("system") == system]
        is_so = len(of_system) <= 1 and all(i.get("value") for i in of_system)
        return _unless(is_so, f"one identifier of {system} at most, with a value")
    return demand


def _begins_with_its_state(bundle):
    first = (bundle.get("entry") or [{}])[0].get("resource", {})
    is_so = bundle.get("type") == "history" and first.get("resourceType") == "Parameters"
    return _unless(is_so, "a history whose first entry is the state of the subscription")


def _has(*names):
    return lambda resource: _unless(set(names) <= resource.keys(), f"there are {names}")


def _has_one_provenance(flag):
    held = [inner["resourceType"] for inner in flag.get("contained", [])]
    return _unless(held.count("Provenance") <= 1, "one Provenance at most is contained")


def _is_rest(event):
    return _unless(event.get("type", {}).get("code") == "rest", "type is rest")


def _is_asked_by(*interactions):
    def demand(event):
        asked = [s for s in event.get("subtype", []) if s.get("code") in interactions]
        is_so = len(asked) == 1 and asked[0].get("system") == INTERACTION
        return _unless(is_so, f"one subtype is of {interactions}")
    return demand


def _acts(action):
    return lambda event: _unless(event.get("action") == action, f"action is {action}")


def _succeeds(event):
    return _unless(event.get("outcome") == "0", "outcome is 0")


def _has_ends(client_role, server_role):
    """A client and a server, each with its name and place; the server observed it."""
    def demand(event):
        observer = event.get("source", {}).get("observer", {}).get("identifier")
        for role, is_server in ((client_role, False), (server_role, True)):
            ends = [agent for agent in event.get("agent", []) if _plays(agent, DICOM, role)]
            is_so = len(ends) == 1 and {"who", "network"} <= ends[0].keys()
            if not is_so or "media" in ends[0]:
                return f"one agent is {role}, with who and network and without media"
            if (ends[0]["who"].get("identifier") == observer) != is_server:
                return f"{server_role} is the server, which observed it"
        return None
    return demand


def _plays(agent, system, code):
    codings = agent.get("type", {}).get("coding", [])
    return any(c.get("system") == system and c.get("code") == code for c in codings)


def _has_user(event):
    users = [agent for agent in event.get("agent", []) if _plays(agent, PARTICIPATION, "IRCP")]
    is_so = len(users) == 1 and users[0].get("requestor") is True and "who" in users[0]
    is_person = is_so and not {"media", "network"} & users[0].keys()
    return _unless(is_person, "one user, the requestor, with who and without media or network")


def _entity(event, kind):
    """The one entity of a type, or none if there are more or fewer."""
    found = [e for e in event.get("entity", []) if e.get("type", {}).get("code") == kind]
    return found[0] if len(found) == 1 else {}


def _role(entity):
    return entity.get("role", {}).get("code")


def _has_patient(event):
    patient = _entity(event, "1")
    target = patient.get("what", {}).get("reference", "")
    is_so = _role(patient) == "1" and target.startswith("Patient/")
    return _unless(is_so, "one entity is a person, in the role of patient, a Patient")


def _has_query(event):
    asked = _entity(event, "2")
    is_so = _role(asked) == "24" and not {"what", "lifecycle", "detail"} & asked.keys()
    is_sent = is_so and _decoded(asked.get("query", ""))
    return _unless(is_sent, "one entity is the query as it was sent, and no resource")


def _decoded(text):
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error:
        return None


def _has_read(event):
    read = _entity(event, "2")
    is_so = _role(read) in ("3", "4", "20") and "what" in read
    return _unless(is_so, "one entity is what was read")


def _has_transaction(event):
    request = _entity(event, "XrequestId")
    value = request.get("what", {}).get("identifier", {}).get("value")
    return _unless(value, "one entity is the X-Request-ID")


ACCESS = [_is_rest, _succeeds, _has_user, _has_patient, _has_transaction]

# Of UK Core at 0.22.0-pre-release, of NHS England's drafts and of BALP at 1.1.4: the kind of
# resource, and what is demanded beyond base R4. What they only want supported is no demand where
# CP-IS has no such fact.
DEMANDS = {
    f"{UK_CORE}Flag": ["Flag"],
    f"{UK_CORE}EpisodeOfCare": ["EpisodeOfCare"],
    f"{UK_CORE}AuditEvent": ["AuditEvent"],
    f"{UK_CORE}OperationOutcome": ["OperationOutcome"],
    f"{UK_CORE}PractitionerRole": ["PractitionerRole"],
    f"{UK_CORE}Patient": ["Patient", _identifier(NHS_NUMBER)],
    f"{UK_CORE}Organization": [
        "Organization",
        _identifier(ODS_CODE),
        _identifier("https://fhir.nhs.uk/Id/ods-site-code"),
    ],
    f"{UK_CORE}Communication": ["Communication"],
    f"{BACKPORT}backport-subscription": ["Subscription", _has("reason", "criteria", "channel")],
    f"{BACKPORT}backport-subscription-notification-r4": ["Bundle", _begins_with_its_state],
    f"{BACKPORT}backport-subscription-status-r4": ["Parameters"],
    f"{UK_CORE}CarePlan": ["CarePlan"],
    f"{UK_CORE}CareTeam": ["CareTeam"],
    f"{ENGLAND}Flag-PatientFlag": ["Flag", _has_one_provenance],
    f"{ENGLAND}CarePlan-Flag": ["CarePlan", _has("category", "period", "careTeam")],
    f"{ENGLAND}CareTeam-Flag": ["CareTeam", _has("name", "telecom")],
    f"{BALP}PatientQuery": [
        "AuditEvent",
        *ACCESS,
        _is_asked_by("search", "search-type", "search-system"),
        _acts("E"),
        _has_ends(client_role=SOURCE, server_role=DESTINATION),
        _has_query,
    ],
    f"{BALP}PatientRead": [
        "AuditEvent",
        *ACCESS,
        _is_asked_by("read", "vread"),
        _acts("R"),
        _has_ends(client_role=DESTINATION, server_role=SOURCE),
        _has_read,
    ],
}
