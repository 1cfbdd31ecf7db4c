"""Files of plans as a local authority's system writes them (docs/upload-csv.md,
docs/upload-hl7v3.md), and what it reads in the answers.
"""

import csv
import datetime
import io
import json
import xml.etree.ElementTree as xml

HEAD = (
    "file_sequence,record_count,created_at,authority,authority_name,emergency_phone,office_phone"
)
COLUMNS = (
    "plan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,delete_date,"
    "family_name,given_names"
)


TODAY = datetime.date.today()
STARTED = TODAY - datetime.timedelta(days=316)
BORN = datetime.date(TODAY.year - 10, 4, 1)
GOOD, BAD = "9990000026", "9990000027"


def file(sequence, authority="E90001", number=GOOD, rows=1, padding=0):
    """A file with one plan that the sandbox's children have, or with many that cannot be taken in.
    The padding, in bytes, is of blank lines, which say nothing."""
    now = datetime.datetime.now(datetime.timezone.utc).isoformat(timespec="seconds")
    plan = f"CPP,{number},H-0026,{authority},{BORN},{STARTED},,,Okonkwo,Ada Grace"
    lines = [
        HEAD,
        f"{sequence},{rows},{now},{authority},Northshire Council,01632 960001,01632 960002",
        COLUMNS,
        *[plan] * rows,
    ]
    return ("\r\n".join(lines) + "\r\n" + "\n" * padding).encode()


def hl7v3_file(sequence, number=GOOD):
    """The same as REPC_MT000002GB01."""
    now = datetime.datetime.now(datetime.timezone.utc).strftime("%Y%m%d%H%M%S+0000")
    content_id = '<npfitlc:contentId root="2.16.840.1.113883.2.1.3.2.4.18.16"'
    return f"""<?xml version="1.0" encoding="UTF-8"?>
<File xmlns="{HL7V3}" xmlns:npfitlc="NPFIT:HL7:Localisation">
  <creationTime value="{now}"/><id extension="{sequence}"/><transmissionQuantity value="1"/>
  <communicationFunctionSnd><organisation>
    <id root="2.16.840.1.113883.2.1.3.2.4.19.1" extension="E90001"/>
    <name>Northshire Council</name>
    <telecom value="tel:01632960001" use="EC"/><telecom value="tel:01632960002" use="WP"/>
  </organisation></communicationFunctionSnd>
  <record><CP-ISRecord>
    <pertinentInformation>
      {content_id} extension="COCT_TP146101GB01#CPPInformation"/>
      <COCT_TP146101GB01.CPPInformation>
        <component><cPPStartDate><value value="{STARTED:%Y%m%d}0000"/></cPPStartDate></component>
      </COCT_TP146101GB01.CPPInformation>
    </pertinentInformation>
    <subject>
      {content_id} extension="COCT_TP145101GB01#Child"/>
      <COCT_TP145101GB01.Child>
        <id root="2.16.840.1.113883.2.1.4.1" extension="{number}"/>
        <id root="2.16.840.1.113883.2.1.3.2.4.18.24" extension="H-0026"
          assigningAuthorityName="E90001:Northshire Council"/>
        <childPerson><birthTime value="{BORN:%Y%m%d}"/>
          <name><given>Ada Grace</given><family>Okonkwo</family></name></childPerson>
      </COCT_TP145101GB01.Child>
    </subject>
  </CP-ISRecord></record>
</File>
""".encode()


HL7V3 = "urn:hl7-org:v3"


class AccessNotification:
    """What an access to service notification says (REPC_MT000004GB01)."""

    def __init__(self, message):
        self.workflow = message.workflow_id
        self.local_id = message.local_id
        root = xml.fromstring(message.read())
        assert root.tag == f"{{{HL7V3}}}CP-ISAccessToServiceNotification", root.tag
        self.id = root.find("{*}id").get("root")
        self.count = int(next(root.iter(f"{{{HL7V3}}}pertinentTotalReturnedRecords"))[0].get("value"))
        self.queries = list(root.iter(f"{{{HL7V3}}}pertinentCP-ISNHSQuery"))
        self.numbers = [
            value.get("extension")
            for query in self.queries
            for value in query.iter(f"{{{HL7V3}}}value")
            if value.get("root") == "2.16.840.1.113883.2.1.4.1"
        ]


class InactiveNumbers:
    """What an inactive NHS number notification says (REPC_MT000005GB01): each number that is in use
    no longer, with those in its place."""

    def __init__(self, message):
        self.workflow = message.workflow_id
        self.local_id = message.local_id
        root = xml.fromstring(message.read())
        assert root.tag == f"{{{HL7V3}}}CP-ISInactiveNHSNumberNotification", root.tag
        self.numbers = []
        for patient in root.iter(f"{{{HL7V3}}}pDSInactivePatient"):
            number, _local_id = [id.get("extension") for id in patient.findall("{*}id")]
            instead = patient.findall("{*}replacedBy/{*}newVersion/{*}id")
            self.numbers.append((number, [id.get("extension") for id in instead]))


class PlanEnds:
    """What a bundle of plans that end says: why, and of which child, by the authority's own id."""

    def __init__(self, message):
        self.workflow = message.workflow_id
        self.local_id = message.local_id
        bundle = json.loads(message.read())
        assert bundle["resourceType"] == "Bundle", bundle["resourceType"]
        told = [entry["resource"] for entry in bundle["entry"]]
        self.topics = [one["topic"]["coding"][0]["code"] for one in told]


class Acknowledgement:
    """What an acknowledgement says."""

    def __init__(self, message):
        self.bytes = message.read()
        self.workflow = message.workflow_id
        self.sender = message.sender
        self.local_id = message.local_id
        self.message = message.id()
        self.is_hl7v3 = self.bytes.startswith(b"<")
        if self.is_hl7v3:
            self._read_hl7v3()
        else:
            self._read_csv()

    def _read_csv(self):
        lines = list(csv.reader(io.StringIO(self.bytes.decode())))
        self.sequence, self.code = lines[1][0], lines[1][1]
        self.records = [line[1] for line in lines[3:]]
        self.reasons = [line[5] for line in lines[3:]]

    def _read_hl7v3(self):
        root = xml.fromstring(self.bytes)
        assert root.tag == f"{{{HL7V3}}}FileResponse", root.tag
        code = lambda detail: detail.find("{*}code").get("code")
        self.sequence = root.find("{*}id").get("extension")
        self.code = code(root.find("{*}acknowledgementFile/{*}acknowledgementFileDetail"))
        details = root.findall("{*}acknowledgementRecord/{*}acknowledgementRecordDetail")
        self.records = [code(detail) for detail in details]
        self.reasons = [text.text for text in root.iter(f"{{{HL7V3}}}originalText")]
