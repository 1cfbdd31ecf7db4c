//! The rules of an upload's file and head, written as HL7 v3, as tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::read;
use super::rules::{CHILD, CPP, file};
use crate::domain::upload::FileCode;
use crate::messages::file_refusal::FileRefusal;
use crate::messages::hl7v3::vocabulary::UPLOAD_FILE;
use crate::messages::upload_csv::rules::rules;

fn refused_file(file: &str) -> FileRefusal {
    let refusal = read(file.as_bytes(), &rules()).unwrap_err();
    assert_eq!(refusal.code, FileCode::FileLevelError);
    assert!(!refusal.reason.contains("9990000026"), "{refusal}");
    refusal
}

/// What stands in the head, what must not, and the place that is named; `S` is the sender's.
const REFUSED_HEADS: [(&str, &str, &str); 17] = [
    ("+0000'", "Z'", "/File/creationTime/@value"),
    ("20261120", "20261124", "/File/creationTime/@value"),
    ("<creationTime", "<effectiveTime", "/File"),
    ("extension='17'", "extension='0'", "/File/id/@extension"),
    (
        "<id extension='17'",
        "<id root='1.2.3' extension='17'",
        "/File/id/@root",
    ),
    ("<id extension='17'/>", "<id/>", "/File/id"),
    (
        "<id extension='17'/>",
        "<id extension='17'/><id extension='18'/>",
        "/File",
    ),
    (
        "y value='1'",
        "y value='2'",
        "/File/transmissionQuantity/@value",
    ),
    (
        "y value='1'",
        "y value='1.0'",
        "/File/transmissionQuantity/@value",
    ),
    ("4.19.1'", "4.19.3'", "S/id/@root"),
    ("'E90001'", "'e90001'", "S/id/@extension"),
    ("Northshire Council<", " <", "S/name"),
    ("use='EC'", "use='WP'", "S/telecom[2]"),
    ("use='WP'", "use='EC'", "S/telecom[2]"),
    ("use='WP'", "use='HP'", "S/telecom[2]/@use"),
    ("tel:01632960001", "01632960001", "S/telecom[1]/@value"),
    ("tel:01632960001", "tel:", "S/telecom[1]/@value"),
];

#[test]
fn each_part_of_the_head_is_checked_and_named_by_its_path() {
    let good = file(&[&[CPP, CHILD].concat()]);
    let sender = "/File/communicationFunctionSnd/organisation";
    for (right, wrong, location) in REFUSED_HEADS {
        let refusal = refused_file(&good.replacen(right, wrong, 1));
        let location = location.replace('S', sender);
        assert_eq!(refusal.location, Some(location), "{wrong}: {refusal}");
    }
}

#[test]
fn a_file_s_number_may_name_its_system() {
    let good = file(&[&[CPP, CHILD].concat()]);
    let root = good.replace("<id ext", &format!("<id root='{UPLOAD_FILE}' ext"));
    let expected = read(good.as_bytes(), &rules());
    assert_eq!(read(root.as_bytes(), &rules()), expected);
}

#[test]
fn a_file_that_is_another_message_or_none_is_refused() {
    let good = file(&[&[CPP, CHILD].concat()]);
    for file in [
        String::new(),
        " ".to_owned(),
        "File".to_owned(),
        "{}".to_owned(),
        good.replace("urn:hl7-org:v3", "urn:hl7-org:v2"),
        good.replace(" xmlns='urn:hl7-org:v3'", ""),
        good.replace("<File ", "<File nullFlavor='UNK' "),
        good.replace("File", "FileResponse"),
        format!("<Envelope>{}</Envelope>", &good[38..]),
        format!("{good}<File/>"),
        format!("{good}x"),
        good.replace("</File>", ""),
        good.replace("</record>", ""),
        good.replace("<record>", "x<record>"),
        good.replace("</File>", "<file/></File>"),
        good.replace("UTF-8", "ISO-8859-1"),
        format!("\n{good}"),
        good.replace("<record>", "<?go on?><record>"),
        good.replace("<record>", "<!-- a -- b --><record>"),
        good.replace("Okonkwo", "Okon&kwo;"),
        good.replace("Okonkwo", "Okon&#0;kwo"),
        good.replace("'H-1001'", "'H-1001&#1;'"),
        good.replace("'H-1001'", "'H-1001&x;'"),
        good.replace("'H-1001'", "'H-1001' extension='H-1001'"),
        good.replace("Okonkwo", "Okon\u{1}kwo"),
        good.replace("<record>", "<record></record><record>"),
    ] {
        refused_file(&file);
    }
}

#[test]
fn prefixes_comments_cdata_and_references_change_nothing() {
    let good = file(&[&[CPP, CHILD].concat()]);
    let expected = read(good.as_bytes(), &rules());
    assert!(expected.is_ok());
    let prefixed = good
        .replace("<File xmlns=", "<File xmlns:v3=")
        .replace("npfitlc", "n")
        .replace("</", "</v3:")
        .replace('<', "<v3:")
        .replace("<v3:/v3:", "</v3:")
        .replace("<v3:n:", "<n:")
        .replace("<v3:?", "<?");
    let hinted = good.replace(
        "<File ",
        "<File xmlns:i='http://www.w3.org/2001/XMLSchema-instance' i:schemaLocation='a b' ",
    );
    let laid_out = good
        .replace("><", ">\r\n\t<")
        .replace("Okonkwo", "\n  Okonkwo\n  ");
    for same in [
        format!("\u{feff}{good}"),
        prefixed,
        hinted,
        laid_out,
        good.replace("Okonkwo", "Okon<!-- --><![CDATA[kw]]>&#111;"),
        good.replace("'H-1001'", "\"H&#x2d;1001\""),
        good.replace("<id extension='17'/>", "<id extension='17'></id >"),
        format!("{good}\n<!-- end -->\n"),
    ] {
        assert_eq!(read(same.as_bytes(), &rules()), expected, "{same}");
    }
}
