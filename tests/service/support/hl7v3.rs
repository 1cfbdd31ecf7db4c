//! Plans as a local authority's system writes them in HL7 v3 (REPC_MT000002GB01), and what it reads
//! of the acknowledgement (REPC_MT000003GB01).

use cpis_fhir::sandbox::role::SandboxRole;
use quick_xml::escape::escape;

use super::answers::Answer;
use super::plans::PlanLine;
use super::service::TestService;

const CONTENT_ID: &str = "<npfitlc:contentId root='2.16.840.1.113883.2.1.3.2.4.18.16'";

/// A file of plans, each in a record of its own, as the authority of the first sends it.
pub fn hl7v3_file(sequence: i64, plans: &[PlanLine]) -> String {
    let authority = plans.first().map_or("E90001", |plan| &plan.authority);
    let (name, emergency) = match authority {
        "E90002" => ("Southmere Borough Council", "01632960011"),
        _ => ("Northshire Council", "01632960001"),
    };
    let records: String = plans.iter().map(record).collect();
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<File xmlns='urn:hl7-org:v3' \
         xmlns:npfitlc='NPFIT:HL7:Localisation'><creationTime value='20260101020000+0000'/>\
         <id extension='{sequence}'/><transmissionQuantity value='{}'/><communicationFunctionSnd>\
         <organisation><id root='2.16.840.1.113883.2.1.3.2.4.19.1' extension='{authority}'/>\
         <name>{name}</name><telecom value='tel:{emergency}' use='EC'/></organisation>\
         </communicationFunctionSnd>{records}</File>\n",
        plans.len()
    )
}

fn record(plan: &PlanLine) -> String {
    let (schema, stem, small) = match plan.kind.as_str() {
        "CPP" => ("COCT_TP146101GB01", "CPP", "cPP"),
        "CLA" => ("COCT_TP146100GB01", "LAC", "lAC"),
        _ => ("COCT_TP146102GB01", "UCP", "uCP"),
    };
    let dates: String = [
        ("component", "Start", &plan.start),
        ("component1", "End", &plan.end),
        ("component2", "Delete", &plan.deleted),
    ]
    .into_iter()
    .filter(|(_, _, date)| !date.is_empty())
    .map(|(component, name, date)| {
        let date = digits(date);
        format!(
            "<{component}><{small}{name}Date><value value='{date}0000'/></{small}{name}Date>\
             </{component}>"
        )
    })
    .collect();
    format!(
        "<record><CP-ISRecord><pertinentInformation>{CONTENT_ID} \
         extension='{schema}#{stem}Information'/><{schema}.{stem}Information>{dates}\
         </{schema}.{stem}Information></pertinentInformation>{}</CP-ISRecord></record>",
        subject(plan)
    )
}

fn subject(plan: &PlanLine) -> String {
    let identifiers = format!(
        "<id root='2.16.840.1.113883.2.1.4.1' extension='{}'/>\
         <id root='2.16.840.1.113883.2.1.3.2.4.18.24' extension='{}' \
         assigningAuthorityName='{}:Council'/>",
        escape(&plan.nhs_number),
        escape(&plan.local_id),
        escape(&plan.authority),
    );
    let described = format!(
        "<birthTime value='{}'/><name><given>{}</given><family>{}</family></name>",
        digits(&plan.birth_date),
        escape(&plan.given),
        escape(&plan.family),
    );
    if plan.kind == "UCPP" {
        format!(
            "<subject>{CONTENT_ID} extension='COCT_TP145100GB01#UnbornChild'/>\
             <COCT_TP145100GB01.UnbornChild><parentMotherPerson>{described}<playedMother>\
             {identifiers}</playedMother></parentMotherPerson></COCT_TP145100GB01.UnbornChild>\
             </subject>"
        )
    } else {
        format!(
            "<subject>{CONTENT_ID} extension='COCT_TP145101GB01#Child'/><COCT_TP145101GB01.Child>\
             {identifiers}<childPerson>{described}</childPerson></COCT_TP145101GB01.Child>\
             </subject>"
        )
    }
}

fn digits(date: &str) -> String {
    date.replace('-', "")
}

impl TestService {
    /// Sends a file of HL7 v3 as an authority's system.
    pub fn upload_hl7v3_as(&self, role: SandboxRole, file: &[u8]) -> Answer {
        let bearer = format!("Bearer {}", self.token(role));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/xml"),
        ];
        self.ask("POST", "$upload-plans", &headers, file)
    }
}

/// An acknowledgement of HL7 v3.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FileResponse {
    /// The file's number.
    pub sequence: i64,
    /// The code of the file.
    pub code: String,
    /// How many records were refused, and how many taken in.
    pub failed_and_successful: [usize; 2],
    /// Code and location of each plan.
    pub details: Vec<(String, String)>,
}

impl Answer {
    /// The acknowledgement in an answer of this status.
    pub fn file_response(&self, status: u16) -> FileResponse {
        assert_eq!(self.status, status, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            Some("application/xml; charset=utf-8")
        );
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let text = &self.text;
        let details = text.split("<acknowledgementRecordDetail>").skip(1);
        FileResponse {
            sequence: between(text, "<id extension=\"", "\"").parse().unwrap(),
            code: between(text, "<acknowledgementFileDetail><code code=\"", "\"").to_owned(),
            failed_and_successful: ["failed", "successful"].map(|of| {
                let start = format!("<{of}ReturnedCP-ISRecords><value value=\"");
                between(text, &start, "\"").parse().unwrap()
            }),
            details: details
                .map(|detail| {
                    let code = between(detail, "code=\"", "\"").to_owned();
                    let location = between(detail, "<location>", "</location>").to_owned();
                    (code, location)
                })
                .collect(),
        }
    }
}

fn between<'text>(text: &'text str, start: &str, end: &str) -> &'text str {
    let rest = text
        .split(start)
        .nth(1)
        .unwrap_or_else(|| panic!("{start} in {text}"));
    rest.split(end).next().unwrap()
}
