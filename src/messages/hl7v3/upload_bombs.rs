//! Files that would take time or memory out of all proportion, as tests: each is refused. One
//! that were worked on would not end.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use super::{read, rules};
use crate::domain::record_field::RecordField;
use crate::messages::reading_rules::ReadingRules;
use crate::messages::upload_csv::rules::rules as reading_rules;

fn good() -> String {
    rules::file(&[&[rules::CPP, rules::CHILD].concat()])
}

fn refused(name: &str, file: &str) {
    let read = read(file.as_bytes(), &reading_rules());
    assert!(read.is_err(), "{name}");
}

#[test]
fn document_types_and_entities_are_refused_before_anything_is_made_of_them() {
    let head = "<?xml version='1.0'?>";
    let laughs: String = (1..10)
        .map(|n| format!("<!ENTITY l{n} '{}'>", format!("&l{};", n - 1).repeat(10)))
        .collect();
    let quadratic = format!("<!ENTITY a '{}'>", "a".repeat(100_000));
    for (name, declared, named) in [
        (
            "billion laughs",
            format!("<!ENTITY l0 'ha'>{laughs}"),
            "&l9;".to_owned(),
        ),
        (
            "external entity",
            "<!ENTITY x SYSTEM 'file:///etc/passwd'>".to_owned(),
            "&x;".to_owned(),
        ),
        (
            "parameter entity",
            "<!ENTITY % x SYSTEM 'http://127.0.0.1/'> %x;".to_owned(),
            String::new(),
        ),
        ("quadratic blowup", quadratic, "&a;".repeat(100_000)),
        ("no entity at all", String::new(), String::new()),
    ] {
        let file = good()
            .replace("Okonkwo", &format!("Okonkwo{named}"))
            .replacen(
                "<?xml version='1.0' encoding='UTF-8'?>",
                &format!("{head}<!DOCTYPE File [{declared}]>"),
                1,
            );
        refused(name, &file);
    }
    refused(
        "an entity of nobody's",
        &good().replace("Okonkwo", &"&a;".repeat(200_000)),
    );
}

#[test]
fn nesting_elements_attributes_and_namespaces_are_bounded() {
    let good = good();
    let deep = "<a>".repeat(1_000_000);
    refused(
        "deep in a record",
        &good.replace("<record>", &format!("<record>{deep}")),
    );
    refused("deep at the root", &deep);
    let wide = "<id/>".repeat(200_000);
    refused(
        "wide",
        &good.replace("<record>", &format!("<record>{wide}")),
    );
    let attributes: String = (0..300_000).map(|n| format!(" a{n}='1'")).collect();
    refused(
        "attributes",
        &good.replace("<record>", &format!("<record{attributes}>")),
    );
    let namespaces: String = (0..300_000)
        .map(|n| format!(" xmlns:a{n}='urn:a'"))
        .collect();
    refused(
        "namespaces",
        &good.replace("<record>", &format!("<record{namespaces}>")),
    );
}

#[test]
fn a_value_of_megabytes_is_refused_for_itself_and_kept_short() {
    // A body is 32 MiB at most; tests are built without any of the compiler's speed.
    let long = "9".repeat(8 * 1024 * 1024);
    let named = "&lt;".repeat(256 * 1024);
    for (right, wrong, field) in [
        ("9990000026", &long, RecordField::NhsNumber),
        ("H-1001", &long, RecordField::LocalId),
        ("Okonkwo", &long, RecordField::FamilyName),
        ("H-1001", &named, RecordField::LocalId),
        ("Okonkwo", &named, RecordField::FamilyName),
    ] {
        let upload = read(good().replace(right, wrong).as_bytes(), &reading_rules()).unwrap();
        let refusal = upload.records.into_iter().next().unwrap().unwrap_err();
        assert_eq!(refusal.field, Some(field));
        assert!(refusal.echo.len() <= 100);
    }
    refused(
        "a long name",
        &good().replace("<record>", &format!("<{long}>")),
    );
    refused(
        "a long comment",
        &good().replace("<record>", &format!("<!--{long}")),
    );
    refused(
        "a long text",
        &good().replace("<record>", &format!("{long}<record>")),
    );
}

#[test]
fn a_file_holds_at_most_so_many_plans_and_says_where_the_first_beyond_stands() {
    let record = [rules::CPP, rules::CHILD].concat();
    let two = ReadingRules {
        records_max: 2,
        ..reading_rules()
    };
    let full = rules::file(&[&record, &record]);
    assert!(read(full.as_bytes(), &two).is_ok());
    let over = rules::file(&[&record, &record, &record]);
    let refusal = read(over.as_bytes(), &two).unwrap_err();
    assert!(refusal.reason.contains("at most 2"), "{refusal}");
    assert_eq!(refusal.location.as_deref(), Some("/File/record[3]"));
}
