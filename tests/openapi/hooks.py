"""What schemathesis cannot learn from the document: which resources the sandbox holds, and which
file its authority sends next.

Loaded beside a running sandbox by scripts/test-openapi; see schemathesis.toml.
"""

import os

import requests
import schemathesis

BASE_URL = os.environ["BASE_URL"]
TOKEN = os.environ["TOKEN"]
CHILD = "https://fhir.nhs.uk/Id/nhs-number|9990000026"

# Its one record is refused by name, so that the file is acknowledged and tells of no child.
UPLOAD = """\
file_sequence,record_count,created_at,authority,authority_name,emergency_phone,office_phone
2,1,2026-01-10T02:00:00Z,E90002,Southmere Borough Council,01632 960011,
plan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,delete_date,family_name,given_names
CPP,9990000019,H-1,E90002,2015-04-01,2026-01-10,,,Frost,Nia
"""

# What only an authority's own system may read, and is refused to these callers.
NOTIFIED = ("Communication", "Subscription")

# By what a search names a child, where it must.
NAMING = ("patient:identifier", "identifier")


def ask(path, **parameters):
    """The JSON that a clinician is answered."""
    headers = {"Authorization": f"Bearer {TOKEN}"}
    answer = requests.get(f"{BASE_URL}/{path}", params=parameters, headers=headers, timeout=60)
    answer.raise_for_status()
    return answer.json()


def there(kind, search):
    """The id and version of a resource of a kind that is there; the search of the kind is given."""
    if search is None:
        # Whoever looked has the id of the access, and no search.
        return there("AuditEvent", {"parameters": [{"name": NAMING[0]}]})
    names = [parameter.get("name") for parameter in search["parameters"]]
    naming = next((name for name in NAMING if name in names and kind != "Organization"), None)
    found = ask(kind, **({naming: CHILD} if naming else {}))
    resource = found["entry"][0]["resource"]
    return {"id": resource["id"], "version": resource["meta"]["versionId"]}


@schemathesis.hook
def before_load_schema(context, raw_schema):
    """Gives examples: each path of one resource an id and a version that are there, and the upload
    a file that is in its turn.
    """
    paths = raw_schema["paths"]
    base = BASE_URL.partition("//")[2].partition("/")[2]
    upload = paths[f"/{base}/$upload-plans"]["post"]["requestBody"]["content"]
    upload["text/csv"]["example"] = UPLOAD
    compared = paths[f"/{base}/$compare-plans"]["post"]["requestBody"]["content"]
    compared["text/csv"]["example"] = UPLOAD
    known = {}
    for path, methods in paths.items():
        if "{id}" not in path:
            continue
        kind = path.removeprefix(f"/{base}/").partition("/")[0]
        if path.startswith("/audit/"):
            kind = "AuditEvent"
        if kind in NOTIFIED:
            continue
        if kind not in known:
            known[kind] = there(kind, paths.get(f"/{base}/{kind}", {}).get("get"))
        for operation in methods.values():
            for parameter in operation["parameters"]:
                if parameter.get("in") == "path":
                    parameter["example"] = known[kind][parameter["name"]]
