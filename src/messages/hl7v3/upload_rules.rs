//! The rules of an upload written as HL7 v3, as tests: a file each.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use chrono::NaiveDate;

use super::read;
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{RecordCode, RecordRefusal, Upload};
use crate::messages::upload_csv::rules::rules;

pub(in crate::messages::hl7v3) const HEAD: &str = "<creationTime value='20261120020000+0000'/>\
    <id extension='17'/><transmissionQuantity value='1'/><communicationFunctionSnd><organisation>\
    <id root='2.16.840.1.113883.2.1.3.2.4.19.1' extension='E90001'/><name>Northshire Council</name>\
    <telecom value='tel:01632960001' use='EC'/><telecom value='tel:01632960002' use='WP'/>\
    </organisation></communicationFunctionSnd>";

pub(in crate::messages::hl7v3) const CPP: &str = "<pertinentInformation>\
    <npfitlc:contentId root='2.16.840.1.113883.2.1.3.2.4.18.16' \
    extension='COCT_TP146101GB01#CPPInformation'/><COCT_TP146101GB01.CPPInformation>\
    <component><cPPStartDate><value value='202601100900'/></cPPStartDate></component>\
    </COCT_TP146101GB01.CPPInformation></pertinentInformation>";

pub(in crate::messages::hl7v3) const UCP: &str = "<pertinentInformation>\
    <npfitlc:contentId root='2.16.840.1.113883.2.1.3.2.4.18.16' \
    extension='COCT_TP146102GB01#UCPInformation'/><COCT_TP146102GB01.UCPInformation>\
    <component><uCPStartDate><value value='202609010000'/></uCPStartDate></component>\
    <component1><uCPEndDate><value value='202702030000'/></uCPEndDate></component1>\
    </COCT_TP146102GB01.UCPInformation></pertinentInformation>";

pub(in crate::messages::hl7v3) const CHILD: &str = "<subject>\
    <npfitlc:contentId root='2.16.840.1.113883.2.1.3.2.4.18.16' \
    extension='COCT_TP145101GB01#Child'/><COCT_TP145101GB01.Child>\
    <id root='2.16.840.1.113883.2.1.4.1' extension='9990000026'/>\
    <id root='2.16.840.1.113883.2.1.3.2.4.18.24' extension='H-1001' \
    assigningAuthorityName='E90001:Northshire Council'/><childPerson><birthTime value='20150401'/>\
    <name><given>Ada Grace</given><family>Okonkwo</family></name></childPerson>\
    </COCT_TP145101GB01.Child></subject>";

pub(in crate::messages::hl7v3) const MOTHER: &str = "<subject>\
    <npfitlc:contentId root='2.16.840.1.113883.2.1.3.2.4.18.16' \
    extension='COCT_TP145100GB01#UnbornChild'/><COCT_TP145100GB01.UnbornChild><parentMotherPerson>\
    <birthTime value='19980220'/><name><given>Mary</given><family>Bell</family></name>\
    <playedMother><id root='2.16.840.1.113883.2.1.4.1' extension='9990000042'/>\
    <id root='2.16.840.1.113883.2.1.3.2.4.18.24' extension='H-1003'/></playedMother>\
    </parentMotherPerson></COCT_TP145100GB01.UnbornChild></subject>";

/// A file of these records, and its count of them.
pub(in crate::messages::hl7v3) fn file(records: &[&str]) -> String {
    let records: String = records
        .iter()
        .map(|record| format!("<record><CP-ISRecord>{record}</CP-ISRecord></record>"))
        .collect();
    let count = records.matches("<record>").count();
    let head = HEAD.replace("Quantity value='1'", &format!("Quantity value='{count}'"));
    format!(
        "<?xml version='1.0' encoding='UTF-8'?>\n<File xmlns='urn:hl7-org:v3' \
         xmlns:npfitlc='NPFIT:HL7:Localisation'>{head}{records}</File>"
    )
}

fn whole(records: &[&str]) -> Upload {
    read(file(records).as_bytes(), &rules()).unwrap()
}

fn refused(record: &str) -> RecordRefusal {
    let upload = whole(&[record]);
    assert_eq!(upload.records.len(), 1, "{record}");
    upload.records[0].clone().unwrap_err()
}

fn on(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

#[test]
fn a_file_is_read_as_documented() {
    let upload = whole(&[&[CPP, CHILD].concat()]);
    assert_eq!(upload.sequence, 17);
    assert_eq!(upload.created_at.to_rfc3339(), "2026-11-20T02:00:00+00:00");
    assert_eq!(upload.authority.code.as_str(), "E90001");
    assert_eq!(upload.authority.name, "Northshire Council");
    assert_eq!(upload.authority.emergency_phone.as_str(), "01632960001");
    let office = upload.authority.office_phone.unwrap();
    assert_eq!(office.as_str(), "01632960002");
    let record = upload.records[0].clone().unwrap();
    assert_eq!(record.plan.kind, PlanKind::ChildProtection);
    assert_eq!(record.plan.nhs_number.reveal(), "9990000026");
    assert_eq!(record.plan.local_id, "H-1001");
    assert_eq!(record.plan.birth_date, on(2015, 4, 1));
    assert_eq!(record.plan.start, on(2026, 1, 10));
    assert_eq!(record.plan.sent_end, None);
    assert_eq!(record.name.family, "Okonkwo");
    assert_eq!(record.name.given, "Ada Grace");
}

#[test]
fn an_unborn_child_s_plan_is_the_mother_s() {
    let upload = whole(&[&[UCP, MOTHER].concat()]);
    let record = upload.records[0].clone().unwrap();
    assert_eq!(record.plan.kind, PlanKind::UnbornChildProtection);
    assert_eq!(record.plan.nhs_number.reveal(), "9990000042");
    assert_eq!(record.plan.sent_end, Some(on(2027, 2, 3)));
    assert_eq!(record.name.family, "Bell");
}

#[test]
fn each_plan_of_a_record_becomes_one_of_its_own_in_the_record_s_order() {
    let two = [CPP, UCP, CHILD, MOTHER].concat();
    let upload = whole(&[&[UCP, MOTHER].concat(), &two]);
    let kinds: Vec<_> = upload
        .records
        .iter()
        .map(|record| record.clone().unwrap().plan.kind.code())
        .collect();
    assert_eq!(kinds, ["UCPP", "CPP", "UCPP"]);
}

#[test]
fn a_plan_whose_person_is_not_told_refuses_its_record_as_one() {
    for record in [
        [CPP, MOTHER].concat(),
        [UCP, CHILD].concat(),
        CPP.to_owned(),
    ] {
        assert_eq!(refused(&record).field, None, "{record}");
    }
    let one_of_two = [CPP, UCP, CHILD].concat();
    assert_eq!(refused(&one_of_two).code, RecordCode::Unsuccessful);
}

/// What stands in a record, what must not, and how that is refused.
const REFUSED_VALUES: [(&str, &str, RecordCode, RecordField); 9] = [
    (
        "9990000026",
        "9990000027",
        RecordCode::NhsNumberFormat,
        RecordField::NhsNumber,
    ),
    (
        "9990000026",
        "",
        RecordCode::Unsuccessful,
        RecordField::NhsNumber,
    ),
    (
        "H-1001",
        "H 1001",
        RecordCode::Unsuccessful,
        RecordField::LocalId,
    ),
    (
        "E90001:",
        "E90002:",
        RecordCode::Unsuccessful,
        RecordField::Authority,
    ),
    (
        "20150401",
        "20270401",
        RecordCode::Unsuccessful,
        RecordField::BirthDate,
    ),
    (
        "20150401",
        "2015",
        RecordCode::Unsuccessful,
        RecordField::BirthDate,
    ),
    (
        "202601100900",
        "202602300900",
        RecordCode::Unsuccessful,
        RecordField::StartDate,
    ),
    (
        "Okonkwo",
        " ",
        RecordCode::Unsuccessful,
        RecordField::FamilyName,
    ),
    (
        "Ada Grace",
        "",
        RecordCode::Unsuccessful,
        RecordField::GivenNames,
    ),
];

#[test]
fn a_value_is_refused_with_the_code_and_the_field_that_csv_would_have() {
    let record = [CPP, CHILD].concat();
    for (right, wrong, code, field) in REFUSED_VALUES {
        let refusal = refused(&record.replace(right, wrong));
        assert_eq!(
            (refusal.code, refusal.field),
            (code, Some(field)),
            "{wrong}"
        );
    }
}

#[test]
fn whatever_the_schema_has_no_place_for_refuses_its_record_and_no_other() {
    let record = [CPP, CHILD].concat();
    for (right, wrong) in [
        ("<childPerson>", "<childPerson><religion/>"),
        ("<birthTime ", "<birthTime updateMode='R' "),
        ("<birthTime ", "<birthTime nullFlavor='UNK' "),
        ("<component>", "<component typeCode='SBJ'>"),
        ("</component>", "</component>x"),
        ("<value value='202601100900'/>", "<value/>"),
        ("<value value='202601100900'/>", "<value value=''/>"),
        (
            "<value value='202601100900'/>",
            "<value value='202601100900'/><value value='202601110900'/>",
        ),
        ("2.16.840.1.113883.2.1.4.1'", "2.16.840.1.113883.2.1.4.2'"),
        ("18.24'", "18.25'"),
        ("146101GB01#", "146100GB01#"),
        (
            "18.16' extension='COCT_TP145101",
            "18.17' extension='COCT_TP145101",
        ),
        (
            "<COCT_TP146101GB01.CPPInformation>",
            "<COCT_TP146101GB01.CPPInformation xmlns='urn:x'>",
        ),
        ("<family>Okonkwo</family>", ""),
        (
            "<family>Okonkwo</family>",
            "<family>Okonkwo</family><family>Bell</family>",
        ),
        ("<given>Ada Grace</given>", "<given><b>Ada</b></given>"),
        (
            "<subject>",
            "<subject xsi:nil='true' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'>",
        ),
        (
            "<id root='2.16.840.1.113883.2.1.3.2.4.18.24' ",
            "<id root='2.16.840.1.113883.2.1.4.1' ",
        ),
    ] {
        let wrong = record.replacen(right, wrong, 1);
        assert_ne!(wrong, record);
        let upload = whole(&[&wrong, &record]);
        let refusal = upload.records[0].clone().unwrap_err();
        assert_eq!(
            (refusal.code, refusal.field),
            (RecordCode::Unsuccessful, None),
            "{wrong}"
        );
        assert!(upload.records[1].is_ok());
    }
}

#[test]
fn an_end_that_is_said_to_be_nil_is_none() {
    let nil = "xsi:nil='true' xmlns:xsi='http://www.w3.org/2001/XMLSchema-instance'/>";
    for component in [
        format!("<component1 {nil}"),
        format!("<component1><cPPEndDate {nil}</component1>"),
        format!("<component1 nullFlavor='NA' {nil}<component2 {nil}"),
    ] {
        let record = [CPP, CHILD].concat();
        let record = record.replace("</component>", &format!("</component>{component}"));
        let read = whole(&[&record]).records[0].clone().unwrap();
        assert_eq!((read.plan.sent_end, read.plan.deleted_on), (None, None));
    }
    let start = CPP.replace(
        "<cPPStartDate>",
        &format!("<cPPStartDate {nil}<cPPStartDate>"),
    );
    assert_eq!(refused(&[&start, CHILD].concat()).field, None);
}
