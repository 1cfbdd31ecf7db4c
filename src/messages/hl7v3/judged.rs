//! Messages that the tests write, kept for others to judge: `scripts/test-hl7v3` names a folder in
//! `CPIS_HL7V3_MESSAGES` and asks the published schemas about each.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::{ProptestConfig, any, proptest};
use proptest::{collection, sample};
use quick_xml::NsReader;
use quick_xml::events::Event;
use uuid::Uuid;

use super::access_to_service_notification::{self as asn, NotifiedAccess};
use super::inactive_nhs_number_notification::{self as inactive, InactiveNhsNumber};
use super::{NotificationHead, acknowledgement, upload, written_upload};
use crate::domain::caller::Practitioner;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{Acknowledgement, FileCode, RecordCode, RecordRefusal};
use crate::messages::upload_csv::properties;
use crate::messages::upload_csv::rules::rules;

/// Sees that a message is XML, and keeps it where a folder is named.
pub(super) fn keep(name: &str, message: &[u8]) {
    let mut reader = NsReader::from_str(str::from_utf8(message).unwrap());
    while !matches!(reader.read_event().unwrap(), Event::Eof) {}
    if let Some(folder) = std::env::var_os("CPIS_HL7V3_MESSAGES") {
        std::fs::write(std::path::Path::new(&folder).join(name), message).unwrap();
    }
}

fn head() -> NotificationHead {
    NotificationHead {
        id: "0199f3a0-7c1e-7abc-8def-0123456789ab".parse().unwrap(),
        at: rules().now,
        authority: OdsCode::parse("E90001").unwrap(),
        authority_name: "Northshire & Dale <Council>".into(),
    }
}

fn number(text: &str) -> NhsNumber {
    NhsNumber::parse(text).unwrap()
}

fn access(name: &str, job_role_name: &str, local_id: &str) -> NotifiedAccess {
    NotifiedAccess {
        id: "0199f3a0-0000-7000-8000-00000000000f".parse().unwrap(),
        at: "2026-11-21T23:59:59.999Z".parse().unwrap(),
        practitioner: Practitioner {
            user_id: "555254240100".into(),
            name: name.into(),
            role_profile_id: "555254242102".into(),
            job_role_code: "S0030:G0100:R0620".into(),
            job_role_name: job_role_name.into(),
        },
        organisation: OdsCode::parse("RQX99").unwrap(),
        organisation_name: "Northern General".into(),
        nhs_number: number("9990000026"),
        local_id: local_id.into(),
        upload_sequence: Some(17),
    }
}

#[test]
fn a_notification_tells_each_access_with_its_viewer_child_and_upload_file() {
    let accesses = [
        access("Dr A. \"Ada\" <Grace>", "Clinical Practitioner", "H-1001"),
        access("", "", ""),
    ];
    let written = asn::write(&head(), &accesses);
    let text = str::from_utf8(&written).unwrap();
    for told in [
        "<effectiveTime value=\"20261122120000+0000\"/>",
        "<id root=\"0199F3A0-7C1E-7ABC-8DEF-0123456789AB\"/>",
        "<pertinentTotalReturnedRecords><value value=\"2\"/></pertinentTotalReturnedRecords>",
        "<effectiveTime value=\"20261121235959+0000\"/>",
        "<id root=\"0199F3A0-0000-7000-8000-00000000000F\"/>",
        "<code code=\"S0030:G0100:R0620\" codeSystem=\"2.16.840.1.113883.2.1.3.2.4.17.196\" \
         displayName=\"Clinical Practitioner\"/>",
        "<id root=\"1.2.826.0.1285.0.2.0.65\" extension=\"555254240100\"/>",
        "<id root=\"1.2.826.0.1285.0.2.0.67\" extension=\"555254242102\"/>",
        "<name>Dr A. &quot;Ada&quot; &lt;Grace&gt;</name>",
        "extension=\"RQX99\"/><name>Northern General</name>",
        "<value root=\"2.16.840.1.113883.2.1.4.1\" extension=\"9990000026\"/>",
        "<value root=\"2.16.840.1.113883.2.1.3.2.4.18.24\" extension=\"H-1001\"/>",
        "<referredToLAUploadFile><value extension=\"17\"/></referredToLAUploadFile>",
        "extension=\"E90001\"/><name>Northshire &amp; Dale &lt;Council&gt;</name>",
    ] {
        assert!(text.contains(told), "{told} in {text}");
    }
    keep("REPC_MT000004GB01-full.xml", &written);
}

#[test]
fn a_notification_without_accesses_says_that_there_were_none() {
    let written = asn::write(&head(), &[]);
    let text = str::from_utf8(&written).unwrap();
    assert!(text.contains("<value value=\"0\"/>"), "{text}");
    assert!(!text.contains("pertinentInformation1"), "{text}");
    keep("REPC_MT000004GB01-empty.xml", &written);
}

#[test]
fn an_inactive_number_is_told_with_its_replacements_or_with_none() {
    let of = |replaced_by: Vec<NhsNumber>| InactiveNhsNumber {
        nhs_number: number("9990000026"),
        local_id: "H-1001".into(),
        replaced_by,
        upload_sequence: Some(17),
    };
    let adopted = inactive::write(&head(), &of(vec![]), &[]);
    let text = str::from_utf8(&adopted).unwrap();
    assert!(!text.contains("replacedBy"), "{text}");
    assert!(
        text.contains("<lAUploadFile><value extension=\"17\"/></lAUploadFile>"),
        "{text}"
    );
    keep("REPC_MT000005GB01-adopted.xml", &adopted);
    let two = vec![number("9990000034"), number("9990000042")];
    let replaced = inactive::write(&head(), &of(vec![]), &[of(two)]);
    let text = str::from_utf8(&replaced).unwrap();
    assert!(text.contains(
        "<replacedBy><newVersion><id extension=\"9990000034\"/><id extension=\"9990000042\"/>\
         </newVersion></replacedBy>"
    ));
    keep("REPC_MT000005GB01-replaced.xml", &replaced);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn whatever_is_uploaded_and_answered_is_xml(
        upload in properties::upload(),
        codes in collection::vec(
            (sample::select(RecordCode::ALL.to_vec()), any::<sample::Index>()), 8,
        ),
        reason in any::<String>(),
    ) {
        let file = written_upload::write(&upload);
        let read = upload::read(&file, &rules()).unwrap();
        let records: Vec<Result<(), RecordRefusal>> = codes
            .into_iter()
            .take(read.records.len())
            .map(|(code, field)| match code {
                RecordCode::Successful => Ok(()),
                _ => Err(RecordRefusal::of(code, *field.get(&RecordField::ALL), "", &reason)),
            })
            .collect();
        let refused = records.iter().filter(|record| record.is_err()).count();
        let acknowledgement = Acknowledgement {
            match_rate: None,
            upload_id: Uuid::nil(),
            sequence: Some(read.sequence),
            code: FileCode::of_counts(records.len() - refused, refused),
            received_at: rules().now,
            records,
        };
        let sender = &read.authority.code;
        let number = read.sequence;
        keep(&format!("REPC_MT000002GB01-{number}.xml"), &file);
        let answer = acknowledgement::write(&file, sender, &acknowledgement);
        keep(&format!("REPC_MT000003GB01-{number}.xml"), &answer);
    }
}
