"""Asks the running sandbox what requests.txt says, as JSON and as XML."""

import json
import os
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import cache
from pathlib import Path

import definitions

BASE_URL = os.environ.get("BASE_URL", "")
NHS_NUMBER = "https://fhir.nhs.uk/Id/nhs-number"
JSON, XML = "application/fhir+json", "application/fhir+xml"
FORM = "application/x-www-form-urlencoded"
SECONDS_MAX = 30
# More pages than any search of the sandbox has: a next link must not lead in a circle.
PAGES_MAX = 20
# More files than an authority of the sandbox has sent when these tests begin.
UPLOADS_MAX = 50
# An NHS number of the range that no person is ever given, and of no child of the sandbox.
WITH_A_PAST = "9990000107"
LOOKED_AFTER = "764841000000100"
# What stands for the id of each request, so that an answer that repeats it is the same in both
# forms.
REQUEST_ID = "7a0e3c36-9d0c-4e52-a0d7-5a3c5b6c9f10"
NAME = re.compile(r"<(\w+)>")
HEADER = re.compile(r"([A-Z][\w-]*): (.*)")


@dataclass(frozen=True)
class Request:
    """One request, as it is sent."""
    status: int
    method: str
    path: str
    body: str | None = None
    headers: tuple = ()
    role: str = "clinician"

    def __str__(self):
        return "  ".join(filter(None, [self.method, self.path, self.body and self.body[:200]]))


@dataclass(frozen=True)
class Answer:
    """What was answered, and the form that was asked for."""
    status: int
    content_type: str
    text: str


def lines():
    """The lines of requests.txt that ask something."""
    written = (Path(__file__).parent / "requests.txt").read_text(encoding="utf-8").splitlines()
    return [line for line in written if line and not line.startswith("#")]


def requests(line):
    """The requests of a line: one for each scene that can fill it in."""
    names = set(NAME.findall(line))
    filled = (scene for scene in scenes() if names <= scene.keys())
    return list(dict.fromkeys(_request(NAME.sub(lambda n: scene[n[1]], line)) for scene in filled))


def _request(line):
    status, method, path, *more = re.split(r" {2,}", line)
    headers = dict(found.groups() for found in map(HEADER.fullmatch, more) if found)
    bodies = [part for part in more if not HEADER.fullmatch(part)]
    role = headers.pop("Role", "clinician")
    body = bodies[0] if bodies else None
    if body is not None and "Content-Type" not in headers:
        headers["Content-Type"] = JSON if body.startswith("{") else FORM
    return Request(int(status), method, path, body, tuple(headers.items()), role)


def ask(request, form):
    """Sends a request, wanting an answer of this form."""
    url = request.path if request.path.startswith("http") else f"{BASE_URL}/{request.path}"
    url = url.removesuffix("/.")
    request_id = str(uuid.uuid4())
    headers = {"Accept": form, "X-Request-ID": request_id, **dict(request.headers)}
    if request.role != "none":
        headers["Authorization"] = f"Bearer {_token(request.role)}"
    body = request.body
    if body and headers["Content-Type"] == FORM:
        body = urllib.parse.quote(body, safe="=&:/,.")
    sent = urllib.request.Request(
        urllib.parse.quote(url, safe=":/?&=,.%$*"),
        method=request.method,
        headers=headers,
        data=body.encode() if body is not None else None,
    )
    try:
        answer = urllib.request.urlopen(sent, timeout=SECONDS_MAX)
    except urllib.error.HTTPError as refused:
        answer = refused
    with answer:
        text = answer.read().decode("utf-8").replace(request_id, REQUEST_ID)
        return Answer(answer.status, answer.headers["Content-Type"], text)


def _token(role):
    name = "TOKEN" if role == "clinician" else f"TOKEN_{role.upper().replace('-', '_')}"
    return os.environ.get(name, "nobody")


def pages_after(bundle, request):
    """The requests of the pages behind a first one, one after the other."""
    for _ in range(PAGES_MAX):
        links = [link["url"] for link in bundle.get("link", []) if link["relation"] == "next"]
        if not links:
            return
        page = Request(200, "GET", links[0], role=request.role)
        yield page
        bundle = json.loads(ask(page, JSON).text)
    raise AssertionError(f"the next links of {request} do not end")


@cache
def scenes():
    """What the <names> of a line can stand for: for each child, for each plan and definition."""
    children = re.findall(r"^\| (999\d{7}) ", (definitions.ROOT / "README.md").read_text(), re.M)
    published = [{"definition": f"{definition['resourceType']}/{definition['id']}"}
                 for definition in definitions.ours().values()]
    withdrawn = {"withdrawn": with_a_past()}
    children = [scene for child in [*children, WITH_A_PAST] for scene in _of_child(child)]
    return [{}, *published, withdrawn, *children]


def with_a_past():
    """Tells of a child of our own: one plan is withdrawn, another as well and then told again.
    Gives the child's NHS number, and the plan that is no more."""
    today = date.today()
    started, ends, withdrawn = (str(today + timedelta(days=n)) for n in (-30, 90, -1))
    told = f"{WITH_A_PAST},H-V107,E90001,2015-04-01,{started}"
    _upload([f"CPP,{told},{ends},", f"CLA,{told},,"])
    search = f"Flag?{_of(WITH_A_PAST)}&code={LOOKED_AFTER}"
    (looked_after,) = [flag["id"] for flag in _found(search)]
    _upload([f"CPP,{told},{ends},{withdrawn}", f"CLA,{told},,{withdrawn}"])
    _upload([f"CPP,{told},,"])
    return looked_after


def _upload(rows):
    """Uploads plans of an authority of the sandbox, in the next of its files."""
    for sequence in range(1, UPLOADS_MAX):
        head = f"{sequence},{len(rows)},{datetime.now(timezone.utc):%Y-%m-%dT%H:%M:%SZ},E90001"
        csv = [
            "file_sequence,record_count,created_at,authority,authority_name,emergency_phone,"
            "office_phone",
            f"{head},Northshire Council,01632 960001,",
            "plan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,delete_date,"
            "family_name,given_names",
            *(f"{row},Osei,Kofi" for row in rows),
        ]
        headers = (("Content-Type", "text/csv"),)
        path, body = "$upload-plans", "\r\n".join(csv)
        answer = ask(Request(200, "POST", path, body, headers, "local-authority"), "*/*")
        if answer.status == 200 and "CPF02" in answer.text:
            return
    raise AssertionError(f"the sandbox takes no upload: {answer}")


def _of_child(nhs):
    of = _of(nhs)
    scene = {"nhs": nhs, "of": of}
    scene |= {"patient": p["id"] for p in _found(f"Patient?identifier={nhs}")}
    # A look that is on record before any other line asks for the history of looks.
    flags = _found(f"Flag?{of}")
    accesses = [event["id"] for event in _found(f"AuditEvent?{of}")]
    scene |= {"access": access for access in accesses[-1:]}
    plans = [{
        "plan": flag["id"],
        "version": flag["meta"]["versionId"],
        "authority": flag["author"]["reference"].rpartition("/")[2],
    } for flag in flags]
    return [{**scene, **plan} for plan in plans or [{}]]


def _of(nhs):
    return f"patient:identifier={NHS_NUMBER}|{nhs}"


def _found(path):
    return [e["resource"] for e in _entries(path) if e["search"]["mode"] == "match"]


def _entries(path):
    answer = ask(Request(200, "GET", path), JSON)
    return json.loads(answer.text).get("entry", []) if answer.status == 200 else []
