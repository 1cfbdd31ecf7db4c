//! What holds of every upload written as CSV, as property tests.
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should stop"
)]

use chrono::{DateTime, Days, NaiveDate, TimeDelta, Utc};
use proptest::prelude::{Just, Strategy, any, prop_assert, prop_assert_eq, prop_oneof, proptest};
use proptest::{collection, option, sample};

use super::{read, rules::rules};
use crate::domain::calendar::{day_of, days_before};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::ods_code::OdsCode;
use crate::domain::person_name::{PersonName, part};
use crate::domain::phone_number::PhoneNumber;
use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::domain::upload::{AuthorityDetails, PlanRecord, Upload, UploadRecord};

pub(in crate::messages) type Grid = Vec<Vec<String>>;

fn nhs_number() -> impl Strategy<Value = NhsNumber> {
    (0_u32..1_000_000_000).prop_filter_map("one in eleven has no check digit", |nine| {
        (0..10).find_map(|check| NhsNumber::parse(&format!("{nine:09}{check}")).ok())
    })
}

fn plan_record() -> impl Strategy<Value = PlanRecord> {
    let parts = (
        sample::select(PlanKind::ALL.to_vec()),
        nhs_number(),
        "[!-~]{1,64}",
        (
            0_u16..5_900,
            0_u16..6_000,
            option::of(0_u64..300),
            option::of(0_u16..400),
        ),
    );
    parts.prop_map(
        |(kind, nhs_number, local_id, (age, after, lasts, deleted))| {
            let today = day_of(rules().now);
            let birth_date = days_before(today, age);
            let start = later(birth_date, u64::from(after.min(age + 200)));
            // A due date is mandatory, and an end is never older than what is shown.
            let lasts = lasts.or((kind == PlanKind::UnbornChildProtection).then_some(40));
            PlanRecord {
                kind,
                nhs_number,
                local_id,
                birth_date,
                start,
                sent_end: lasts.map(|days| later(start.max(days_before(today, 28)), days)),
                deleted_on: deleted.map(|days| days_before(today, days)),
            }
        },
    )
}

fn name_part() -> impl Strategy<Value = String> {
    "\\PC{1,30}".prop_filter_map("a name is not blank", |text| part(&text))
}

fn upload_record() -> impl Strategy<Value = UploadRecord> {
    (plan_record(), name_part(), name_part()).prop_map(|(plan, family, given)| UploadRecord {
        plan,
        name: PersonName { family, given },
    })
}

fn later(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap()
}

pub(in crate::messages) fn upload() -> impl Strategy<Value = Upload> {
    let authority = (
        "[A-Z0-9]{3,12}",
        "\\PC{1,40}",
        "\\+?[0-9]{3,15}",
        option::of("[0-9]{3,15}"),
    );
    let records = collection::vec(upload_record(), 1..8);
    (
        1_i64..1_000_000_000,
        0_i64..50_000_000_000,
        authority,
        records,
    )
        .prop_map(
            |(sequence, age, (code, name, emergency, office), records)| Upload {
                sequence,
                created_at: rules().now - TimeDelta::milliseconds(age),
                authority: AuthorityDetails {
                    code: OdsCode::parse(&code).unwrap(),
                    // The name that is nothing but spaces is no name.
                    name: format!("N{}", name.trim_end_matches(' ')),
                    emergency_phone: PhoneNumber::parse(&emergency).unwrap(),
                    office_phone: office.map(|number| PhoneNumber::parse(&number).unwrap()),
                },
                records: records.into_iter().map(Ok).collect(),
            },
        )
}

pub(in crate::messages) fn grid(upload: &Upload) -> Grid {
    let authority = &upload.authority;
    let office = authority.office_phone.as_ref();
    let mut grid = vec![
        super::HEAD_COLUMNS.map(str::to_owned).to_vec(),
        vec![
            upload.sequence.to_string(),
            upload.records.len().to_string(),
            upload.created_at.to_rfc3339(),
            authority.code.to_string(),
            authority.name.clone(),
            authority.emergency_phone.to_string(),
            office.map(PhoneNumber::to_string).unwrap_or_default(),
        ],
        RecordField::ALL
            .map(|field| field.name().to_owned())
            .to_vec(),
    ];
    let rows = upload.records.iter().flatten();
    grid.extend(rows.map(|record| row(record, &authority.code)));
    grid
}

fn row(UploadRecord { plan, name }: &UploadRecord, authority: &OdsCode) -> Vec<String> {
    let optional = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    vec![
        plan.kind.code().to_owned(),
        plan.nhs_number.reveal(),
        plan.local_id.clone(),
        authority.to_string(),
        plan.birth_date.to_string(),
        plan.start.to_string(),
        optional(plan.sent_end),
        optional(plan.deleted_on),
        name.family.clone(),
        name.given.clone(),
    ]
}

pub(in crate::messages) fn csv(grid: &Grid, line_end: &str, quoted: bool) -> String {
    let cell = |cell: &String| {
        if quoted || cell.contains(['"', ',', '\r', '\n']) {
            format!("\"{}\"", cell.replace('"', "\"\""))
        } else {
            cell.clone()
        }
    };
    let line = |cells: &Vec<String>| cells.iter().map(cell).collect::<Vec<_>>().join(",");
    grid.iter().map(|cells| line(cells) + line_end).collect()
}

/// A cell as damage may leave it: anything, or something that looks right.
fn damage() -> impl Strategy<Value = String> {
    prop_oneof![
        any::<String>(),
        "[ ]?[0-9+ ]{0,12}[ ]?",
        "(19|20)[0-9]{2}-[01][0-9]-[0-3][0-9]",
        "2026-1[0-2]-[0-2][0-9]T[0-2][0-9]:[0-5][0-9]:[0-6][0-9](Z|[+]01:00)",
        sample::select(vec![
            "", " ", "CPP", "CLA", "UCPP", "E90001", "end_date", "\""
        ])
        .prop_map(str::to_owned),
        nhs_number().prop_map(NhsNumber::reveal),
        Just("\u{feff}CPP".to_owned()),
    ]
}

/// A head's values, comparable with what was written in its cells.
fn says(
    head: &[String],
) -> (
    Option<i64>,
    Option<usize>,
    Option<DateTime<Utc>>,
    [String; 4],
) {
    let cell = |place: usize| head[place].trim_matches(' ');
    let moment = DateTime::parse_from_rfc3339(cell(2)).ok();
    let dialled = |place: usize| cell(place).replace(' ', "");
    (
        cell(0).parse().ok(),
        cell(1).parse().ok(),
        moment.and_then(|at| DateTime::from_timestamp_micros(at.timestamp_micros())),
        [
            cell(3).to_owned(),
            cell(4).to_owned(),
            dialled(5),
            dialled(6),
        ],
    )
}

proptest! {
    #[test]
    fn no_bytes_make_the_reading_panic(bytes in collection::vec(any::<u8>(), 0..400)) {
        prop_assert!(read(&bytes, &rules()).is_err());
    }

    #[test]
    fn no_text_after_a_good_head_makes_the_reading_panic(
        rows in "([\",\r\n 0-9CPLAE-]|\\PC){0,80}", bytes in collection::vec(any::<u8>(), 0..40)
    ) {
        let start = [super::rules::NAMES, super::rules::HEAD, super::rules::COLUMNS, &rows];
        let file = [start.join("\n").as_bytes(), &bytes].concat();
        if let Ok(read) = read(&file, &rules()) {
            prop_assert_eq!(read.records.len(), 1);
        }
    }

    #[test]
    fn an_upload_that_is_written_reads_back_the_same(
        upload in upload(),
        line_end in sample::select(vec!["\n", "\r\n", "\r\n\r\n"]),
        quoted in any::<bool>(),
        order in Just((0..10).collect::<Vec<usize>>()).prop_shuffle(),
        mark in sample::select(vec!["", "\u{feff}"]),
    ) {
        let mut grid = grid(&upload);
        for cells in grid.iter_mut().skip(2) {
            *cells = order.iter().map(|place| cells[*place].clone()).collect();
        }
        let file = format!("{mark}{}", csv(&grid, line_end, quoted));
        prop_assert_eq!(read(file.as_bytes(), &rules()), Ok(upload));
    }

    #[test]
    fn a_damaged_cell_is_refused_or_read_as_it_is_written(
        upload in upload(), line in any::<sample::Index>(), place in any::<sample::Index>(),
        damage in damage(), quoted in any::<bool>(),
    ) {
        let mut grid = grid(&upload);
        let line = line.index(grid.len());
        let place = place.index(grid[line].len());
        grid[line][place] = damage;
        if let Ok(read) = read(csv(&grid, "\r\n", quoted).as_bytes(), &rules()) {
            let names = |line: usize| grid[line].iter().map(|name| name.trim_matches(' '));
            prop_assert!(names(0).eq(super::HEAD_COLUMNS));
            prop_assert!(names(2).eq(RecordField::ALL.map(RecordField::name)));
            prop_assert_eq!(says(&self::grid(&read)[1]), says(&grid[1]));
            prop_assert_eq!(read.records.len(), grid.len() - 3);
            for (record, sent) in read.records.iter().zip(&grid[3..]) {
                let Ok(record) = record else { continue };
                let written = row(record, &read.authority.code);
                let (facts, names) = sent.split_at(8);
                prop_assert!(facts.iter().map(|cell| cell.trim_matches(' ')).eq(&written[..8]));
                let read = names.iter().map(|cell| part(cell.trim_matches(' ')));
                prop_assert!(read.flatten().eq(written[8..].iter().cloned()));
            }
        }
    }

    #[test]
    fn damaged_bytes_load_no_row_that_was_not_sent(
        upload in upload(), at in any::<sample::Index>(), byte in any::<u8>(), cut in any::<bool>(),
    ) {
        let mut file = csv(&grid(&upload), "\n", false).into_bytes();
        let at = at.index(file.len());
        if cut { file.truncate(at) } else { file[at] = byte }
        if let Ok(read) = read(&file, &rules()) {
            prop_assert!(read.records.len() == upload.records.len());
        }
    }
}
