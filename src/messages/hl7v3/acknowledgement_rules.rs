//! The rules of an acknowledgement written as HL7 v3, as tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use uuid::Uuid;

use super::{RefusedFile, write, write_refusal};
use crate::domain::ods_code::OdsCode;
use crate::domain::upload::{Acknowledgement, FileCode, RecordCode, RecordRefusal};
use crate::messages::hl7v3::judged::keep;
use crate::messages::hl7v3::upload::{self, rules};
use crate::messages::upload_csv::rules::rules as reading_rules;

/// The acknowledgement of a file whose records are taken in as far as they can be read.
fn acknowledged(file: &str) -> String {
    let upload = upload::read(file.as_bytes(), &reading_rules()).unwrap();
    let records: Vec<_> = upload
        .records
        .into_iter()
        .map(|record| record.map(drop))
        .collect();
    written(file, records)
}

fn written(file: &str, records: Vec<Result<(), RecordRefusal>>) -> String {
    let refused = records.iter().filter(|record| record.is_err()).count();
    let acknowledgement = Acknowledgement {
        match_rate: None,
        upload_id: Uuid::nil(),
        sequence: Some(17),
        code: FileCode::of_counts(records.len() - refused, refused),
        received_at: "2026-11-22T12:00:00.25Z".parse().unwrap(),
        records,
    };
    let sender = OdsCode::parse("E90001").unwrap();
    String::from_utf8(write(file.as_bytes(), &sender, &acknowledgement)).unwrap()
}

/// Each code with its location.
fn details(written: &str) -> Vec<(String, String)> {
    let mut parts = written.split("<acknowledgementRecordDetail><code code=\"");
    parts.next();
    parts
        .map(|part| {
            let code = part.split('"').next().unwrap();
            let location = part.split("<location>").nth(1).unwrap();
            let location = location.split("</location>").next().unwrap();
            (code.to_owned(), location.to_owned())
        })
        .collect()
}

fn details_of(written: &str) -> Vec<(&'static str, String)> {
    details(written)
        .into_iter()
        .map(|(code, location)| {
            let code = RecordCode::parse(&code).unwrap().code();
            (
                code,
                location
                    .replace("/File/record", "R")
                    .replace("pertinentInformation", "P"),
            )
        })
        .collect()
}

fn count(written: &str, element: &str) -> Option<usize> {
    let after = written
        .split(&format!("<{element}><value value=\""))
        .nth(1)?;
    after.split('"').next()?.parse().ok()
}

#[test]
fn a_file_that_was_taken_in_whole_is_answered_with_whose_each_record_is() {
    let file = rules::file(&[&[rules::CPP, rules::CHILD].concat()]);
    let expected = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<FileResponse xmlns=\"urn:hl7-org:v3\" \
         xmlns:npfitlc=\"NPFIT:HL7:Localisation\"><creationTime value=\"20261122120000+0000\"/>\
         <id extension=\"17\"/><transmissionQuantity value=\"1\"/><acknowledgementFile>\
         <acknowledgementFileDetail><code code=\"CPF02\" displayName=\"Successful File Upload\"/>\
         </acknowledgementFileDetail></acknowledgementFile><acknowledgementRecord>\
         <acknowledgementRecordDetail><code code=\"CPR06\" \
         codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.473\" \
         displayName=\"Successful Record Upload\"/>\
         <location>/File/record[1]/CP-ISRecord/pertinentInformation</location>\
         </acknowledgementRecordDetail></acknowledgementRecord><communicationFunctionRcv>\
         <organisation><id root=\"2.16.840.1.113883.2.1.3.2.4.19.1\" extension=\"E90001\"/>\
         <name>Northshire Council</name><telecom value=\"tel:01632960001\" use=\"EC\"/>\
         <telecom value=\"tel:01632960002\" use=\"WP\"/></organisation></communicationFunctionRcv>\
         <failedReturnedCP-ISRecords><value value=\"0\"/></failedReturnedCP-ISRecords><message>\
         <cP-ISLAAcknowledgementResponse><pertinentInformation1><validCP-ISRecord>{}\
         </validCP-ISRecord></pertinentInformation1></cP-ISLAAcknowledgementResponse></message>\
         <successfulReturnedCP-ISRecords><value value=\"1\"/></successfulReturnedCP-ISRecords>\
         </FileResponse>\n",
        rules::CHILD.replace('\'', "\"")
    );
    let written = acknowledged(&file);
    assert_eq!(written, expected);
    keep("REPC_MT000003GB01-whole.xml", written.as_bytes());
}

#[test]
fn each_plan_is_told_of_at_its_place_and_only_what_was_refused_is_echoed() {
    let good = [rules::CPP, rules::CHILD].concat();
    let both = [rules::CPP, rules::UCP, rules::CHILD, rules::MOTHER].concat();
    let file = rules::file(&[
        &good,
        &both.replace("9990000042", "9990000043"),
        &good.replace("<birthTime", "<birthTime nullFlavor='UNK'"),
        &good.replace("202601100900", "20260110"),
        &good.replace("202601100900", "202602300900"),
        &good.replace("202601100900", "soon"),
    ]);
    let written = acknowledged(&file);
    let plan = "COCT_TP146101GB01.CPPInformation/component/cPPStartDate/value/@value";
    let mother = "COCT_TP145100GB01.UnbornChild/parentMotherPerson/playedMother/id[1]/@extension";
    let expected = [
        ("CPR06", "R[1]/CP-ISRecord/P".to_owned()),
        ("CPR06", "R[2]/CP-ISRecord/P[1]".to_owned()),
        ("CPR04", format!("R[2]/CP-ISRecord/subject[2]/{mother}")),
        (
            "CPR07",
            "R[3]/CP-ISRecord/subject/COCT_TP145101GB01.Child/childPerson/birthTime".into(),
        ),
        ("CPR06", "R[4]/CP-ISRecord/P".to_owned()),
        ("CPR07", format!("R[5]/CP-ISRecord/P/{plan}")),
        ("CPR07", format!("R[6]/CP-ISRecord/P/{plan}")),
    ];
    assert_eq!(details_of(&written), expected);
    assert_eq!(count(&written, "successfulReturnedCP-ISRecords"), Some(2));
    assert_eq!(count(&written, "failedReturnedCP-ISRecords"), Some(4));
    let invalid: Vec<&str> = written.split("<invalidCP-ISRecord>").skip(1).collect();
    assert_eq!(invalid.len(), 2, "{written}");
    assert!(invalid.iter().any(|record| record.contains("uCPEndDate")));
    assert!(!invalid.concat().contains("202601100900"), "{written}");
    assert!(written.contains("202602300900"));
    keep("REPC_MT000003GB01-partial.xml", written.as_bytes());
}

#[test]
fn every_code_of_a_record_stands_where_its_field_does() {
    let file = rules::file(&[&[rules::CPP, rules::CHILD].concat()]);
    for code in RecordCode::ALL {
        for field in crate::domain::record_field::RecordField::ALL {
            let refusal = RecordRefusal::of(code, field, "", "because of <this> & \"that\"");
            let written = written(&file, vec![Err(refusal)]);
            let (told, location) = details(&written).remove(0);
            assert_eq!(told, code.code());
            assert!(
                location.starts_with("/File/record[1]/CP-ISRecord/"),
                "{location}"
            );
            assert!(written.contains(
                "<originalText>because of &lt;this&gt; &amp; &quot;that&quot;</originalText>"
            ));
            keep(
                &format!("REPC_MT000003GB01-{told}-{}.xml", field.name()),
                written.as_bytes(),
            );
        }
    }
}

#[test]
fn a_refused_file_is_told_of_with_its_number_and_its_fault_s_place_or_as_minus_one() {
    let good = rules::file(&[&[rules::CPP, rules::CHILD].concat()]);
    let lying = good.replace("Quantity value='1'", "Quantity value='2'");
    let torn = &good[..good.len() / 2];
    let unknown = "<name>E90001</name><telecom value=\"tel:+\"";
    for (name, file, sequence, location, told) in [
        (
            "lying",
            lying.as_str(),
            "17",
            "/File/transmissionQuantity/@value",
            "Northshire Council",
        ),
        ("torn", torn, "17", "/File", "Northshire Council"),
        ("none", "", "-1", "/File", unknown),
        ("other", "<a/>", "-1", "/File", unknown),
    ] {
        let refusal = upload::read(file.as_bytes(), &reading_rules()).unwrap_err();
        let written = write_refusal(&RefusedFile {
            file: file.as_bytes(),
            sender: &OdsCode::parse("E90001").unwrap(),
            code: refusal.code,
            reason: &refusal.reason,
            location: refusal.location.as_deref(),
            at: reading_rules().now,
        });
        let written = String::from_utf8(written).unwrap();
        assert!(
            written.contains(&format!("<id extension=\"{sequence}\"/>")),
            "{written}"
        );
        assert!(written.contains("code=\"CPF01\" displayName=\"File Level Error\""));
        assert!(written.contains(told), "{written}");
        assert_eq!(
            details(&written),
            [("CPR07".to_owned(), location.to_owned())]
        );
        assert!(!written.contains("<message>"), "{written}");
        keep(&format!("REPC_MT000003GB01-{name}.xml"), written.as_bytes());
    }
}

#[test]
fn every_code_of_a_file_can_be_written() {
    for code in FileCode::ALL {
        let written = write_refusal(&RefusedFile {
            file: b"",
            sender: &OdsCode::parse("E90001").unwrap(),
            code,
            reason: "because",
            location: None,
            at: reading_rules().now,
        });
        keep(&format!("REPC_MT000003GB01-{}.xml", code.code()), &written);
    }
}
