//! What holds of every upload written as HL7 v3, as property tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, sample};

use super::{read, rules};
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{RecordCode, Upload};
use crate::messages::hl7v3::written_upload::write;
use crate::messages::upload_csv;
use crate::messages::upload_csv::properties::{csv, grid, upload};
use crate::messages::upload_csv::rules::rules as reading_rules;

/// What became of each record: its code and the field at fault.
fn outcomes(upload: &Upload) -> Vec<(RecordCode, Option<RecordField>)> {
    let records = upload.records.iter();
    records
        .map(|record| match record {
            Ok(_) => (RecordCode::Successful, None),
            Err(refusal) => (refusal.code, refusal.field),
        })
        .collect()
}

/// A fault that both forms can have, and where CSV has it.
fn faults() -> impl Strategy<Value = Vec<(usize, &'static str)>> {
    let fault = sample::select(vec![
        (1, "9990000027"),
        (1, "999 000 0026"),
        (1, ""),
        (2, "H 1"),
        (2, ""),
        (3, "Z99999"),
        (3, "z"),
        (4, "2026-11-23"),
        (4, "1899-12-31"),
        (5, "2026-02-30"),
        (5, "1901-01-01"),
        (6, "1999-01-01"),
        (6, "2151-01-01"),
        (7, "2026-12-24"),
        (8, " "),
        (9, ""),
    ]);
    collection::vec(fault, 0..3)
}

/// The same file as HL7 v3, from the cells of the CSV: no rule is asked.
fn written_by_hand(grid: &[Vec<String>]) -> String {
    let records: Vec<String> = grid.iter().skip(3).map(|row| record_of(row)).collect();
    let records: Vec<&str> = records.iter().map(String::as_str).collect();
    let head = &grid[1];
    let escaped = |place: usize| quick_xml::escape::escape(head[place].as_str()).into_owned();
    let office = match head[6].as_str() {
        "" => String::new(),
        number => format!("<telecom value='tel:{number}' use='WP'/>"),
    };
    let at: String = head[2]
        .chars()
        .filter(|character| !"-:TZ".contains(*character))
        .collect();
    let at = at
        .split_once('+')
        .map_or(at.clone(), |(at, _)| at.to_owned());
    rules::file(&records)
        .replace("'17'", &format!("'{}'", head[0]))
        .replace("20261120020000", &at)
        .replace("'E90001'", &format!("'{}'", head[3]))
        .replace(
            "Northshire Council</name>",
            &format!("{}</name>", escaped(4)),
        )
        .replace("01632960001", &head[5])
        .replace("<telecom value='tel:01632960002' use='WP'/>", &office)
}

fn record_of(row: &[String]) -> String {
    let cell = |place: usize| quick_xml::escape::escape(row[place].as_str()).into_owned();
    let date = |place: usize| match cell(place).replace('-', "") {
        day if day.is_empty() => None,
        day => Some(format!("{day}0000")),
    };
    let (template, stem, person) = match PlanKind::parse(&row[0]) {
        Some(PlanKind::ChildProtection) => ("COCT_TP146101GB01", "CPP", rules::CHILD),
        Some(PlanKind::LookedAfter) => ("COCT_TP146100GB01", "LAC", rules::CHILD),
        _ => ("COCT_TP146102GB01", "UCP", rules::MOTHER),
    };
    let small = format!("{}{}", stem[..1].to_lowercase(), &stem[1..]);
    let mut plan = String::new();
    for (place, component, name) in [
        (5, "component", "Start"),
        (6, "component1", "End"),
        (7, "component2", "Delete"),
    ] {
        if let Some(date) = date(place) {
            plan.push_str(&format!(
                "<{component}><{small}{name}Date><value value='{date}'/></{small}{name}Date>\
                 </{component}>"
            ));
        }
    }
    let birth: String = cell(4).replace('-', "");
    let authority = format!("assigningAuthorityName='{}:N'", cell(3));
    let person = person
        .replace("assigningAuthorityName='E90001:Northshire Council'", "")
        .replace(
            "extension='H-1001'",
            &format!("extension='{}' {authority}", cell(2)),
        )
        .replace(
            "extension='H-1003'",
            &format!("extension='{}' {authority}", cell(2)),
        )
        .replace("9990000026", &cell(1))
        .replace("9990000042", &cell(1))
        .replace("20150401", &birth)
        .replace("19980220", &birth)
        .replace("Okonkwo", &cell(8))
        .replace("Bell", &cell(8))
        .replace("Ada Grace", &cell(9))
        .replace("Mary", &cell(9));
    format!(
        "<pertinentInformation><npfitlc:contentId root='2.16.840.1.113883.2.1.3.2.4.18.16' \
         extension='{template}#{stem}Information'/><{template}.{stem}Information>{plan}\
         </{template}.{stem}Information></pertinentInformation>{person}"
    )
}

proptest! {
    #[test]
    fn an_upload_that_is_written_reads_back_the_same(upload in upload()) {
        prop_assert_eq!(read(&write(&upload), &reading_rules()), Ok(upload));
    }

    #[test]
    fn the_same_plans_as_csv_and_as_hl7_v3_are_the_same_upload_with_the_same_codes(
        upload in upload(), faults in faults(), row in any::<sample::Index>(),
    ) {
        let mut grid = grid(&upload);
        for (place, value) in faults {
            let row = 3 + row.index(grid.len() - 3);
            grid[row][place] = value.to_owned();
        }
        let as_csv = csv(&grid, "\n", false);
        let as_csv = upload_csv::read(as_csv.as_bytes(), &reading_rules()).unwrap();
        let by_hand = written_by_hand(&grid);
        let as_xml = read(by_hand.as_bytes(), &reading_rules());
        prop_assert!(as_xml.is_ok(), "{:?} {}", as_xml, by_hand);
        let as_xml = as_xml.unwrap();
        prop_assert_eq!(outcomes(&as_xml), outcomes(&as_csv));
        let good = |upload: &Upload| upload.records.iter().flatten().cloned().collect::<Vec<_>>();
        prop_assert_eq!(good(&as_xml), good(&as_csv));
        prop_assert_eq!(as_xml.authority, as_csv.authority);
        prop_assert_eq!(as_xml.created_at, as_csv.created_at);
        prop_assert_eq!(as_xml.sequence, as_csv.sequence);
    }

    #[test]
    fn no_bytes_make_the_reading_panic(bytes in collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes, &reading_rules()).is_err());
    }

    #[test]
    fn no_markup_within_a_file_makes_the_reading_panic(
        markup in prop_oneof![
            "(<[a-zA-Z/!?:]{0,12}( [a-z:]{0,8}='\\PC{0,8}')?/?>|&#?x?[0-9a-z]{0,6};|\\PC){0,30}",
            "(</?(record|CP-ISRecord|subject|pertinentInformation|id|npfitlc:contentId)/?>){0,12}",
        ],
        at in any::<sample::Index>(),
    ) {
        let mut file = rules::file(&[&[rules::CPP, rules::CHILD].concat()]);
        let places: Vec<usize> = file.char_indices().map(|(place, _)| place).collect();
        file.insert_str(places[at.index(places.len())], &markup);
        if let Ok(read) = read(file.as_bytes(), &reading_rules()) {
            prop_assert!(read.records.len() <= 1);
        }
    }

    #[test]
    fn a_file_cut_at_any_byte_loads_nothing(upload in upload(), at in any::<sample::Index>()) {
        let whole = write(&upload);
        // The last byte is a line break behind the message's end.
        let cut = &whole[..at.index(whole.len() - 1)];
        prop_assert!(read(cut, &reading_rules()).is_err());
    }

    #[test]
    fn a_damaged_byte_loads_no_more_than_was_sent(
        upload in upload(), at in any::<sample::Index>(), byte in any::<u8>(),
    ) {
        let mut file = write(&upload);
        let at = at.index(file.len());
        file[at] = byte;
        if let Ok(read) = read(&file, &reading_rules()) {
            prop_assert_eq!(read.records.len(), upload.records.len());
        }
    }
}
