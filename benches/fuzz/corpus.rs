//! What is damaged: an input of every kind that each parser takes.

/// A file of plans (`docs/upload-csv.md`), with a row that is refused.
pub const UPLOAD_CSV: &str = "file_sequence,record_count,created_at,authority,authority_name,\
emergency_phone,office_phone\r\n17,3,2026-11-20T02:00:00Z,E90001,Northshire Council,01632 960001,\
01632 960002\r\nplan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,\
delete_date,family_name,given_names\r\nCPP,9990000026,H-1001,E90001,2015-04-01,2026-01-10,,,\
Okonkwo,Ada Grace\r\nCLA,9990000034,\"H-1,002\",E90001,2012-09-30,2025-06-01,2026-12-01,,\
\"O'Brien, Jr\",Maya\r\nUCPP,9990000042,H-1003,E90001,1998-02-03,2026-09-01,2027-01-15,\
2026-11-19,Novak,Petra\r\n";

/// A file of plans as HL7 v3: the one that its document shows.
pub fn upload_hl7v3() -> &'static str {
    let document = include_str!("../../docs/upload-hl7v3.md");
    let example = document.split("```xml\n").nth(1);
    example
        .and_then(|example| example.split("```").next())
        .unwrap_or_default()
}

/// A resource as JSON.
pub const RESOURCE_JSON: [&str; 3] = [
    include_str!("corpus/episode-of-care.json"),
    include_str!("corpus/parameters.json"),
    include_str!("corpus/flag.json"),
];

/// A resource as XML.
pub const RESOURCE_XML: [&str; 2] = [
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Flag xmlns=\"http://hl7.org/fhir\">\
<id value=\"a\"/><text><status value=\"generated\"/><div xmlns=\"http://www.w3.org/1999/xhtml\">\
<p>a &amp; b &lt; c</p></div></text><extension url=\"https://a.example\">\
<valueBoolean value=\"true\"/></extension>\
<status value=\"active\"/><code><coding><system value=\"http://snomed.info/sct\"/>\
<code value=\"1\"/></coding></code><subject><reference value=\"Patient/1\"/></subject></Flag>",
    "<Parameters xmlns=\"http://hl7.org/fhir\"><parameter><name value=\"resource\"/><resource>\
<EpisodeOfCare><status value=\"active\"/></EpisodeOfCare></resource></parameter></Parameters>",
];

/// A batch as JSON.
pub const BATCH_JSON: [&str; 1] = [include_str!("corpus/batch.json")];

/// A batch as XML.
pub const BATCH_XML: [&str; 1] = [
    "<Bundle xmlns=\"http://hl7.org/fhir\"><type value=\"batch\"/><entry><request>\
<method value=\"GET\"/><url value=\"Flag?patient=9990000026\"/></request></entry></Bundle>",
];

/// What follows a path's question mark, or is posted as a form.
pub const SEARCH: [&str; 4] = [
    "patient:identifier=https%3A%2F%2Ffhir.nhs.uk%2FId%2Fnhs-number%7C9990000026&_include=a:b",
    "patient=9990000026&date=ge2026-01-10&date=lt2026-02&_count=5&_sort=-date,_id",
    "subject:Patient.identifier=a%7Cb,c%5C%7Cd&_summary=count&_format=json&_elements=a,b",
    "date=ap2026-01-10T02:00:00.123%2B01:00&_lastUpdated=sa2026&status:not=active",
];

/// A key set (RFC 7517).
pub const KEY_SET: [&str; 1] = [include_str!("corpus/key-set.json")];

/// Values of which each is a number, a code, a day or a date of the service's own.
pub const VALUES: [&str; 8] = [
    "9990000026",
    "E90001",
    "01632 960001",
    "+441632960001",
    "2026-11-20",
    "ge2026-11-20T02:00:00Z",
    "unscheduled, scheduled",
    "0193b1c8-0000-7000-8000-000000000000",
];
