//! Absurd values in every column of a file: `upload_csv`, `plan_record_csv`.

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;

use crate::support::{TAKEN, TestService, a_plan, file};

/// A column of the head, what stands there, and what must not.
type Head = (&'static str, &'static str, &'static [&'static str]);

const HEADS: [Head; 6] = [
    (
        "file_sequence",
        "1,1,2026",
        &[
            "0,1,2026",
            "-1,1,2026",
            "1.0,1,2026",
            "1e3,1,2026",
            ",1,2026",
            "９,1,2026",
            "9999999999,1,2026",
            "+1,1,2026",
            "null,1,2026",
        ],
    ),
    (
        "record_count",
        "1,1,2026",
        &[
            "1,0,2026",
            "1,-1,2026",
            "1,,2026",
            "1,99999999999999999999,2026",
            "1,one,2026",
        ],
    ),
    (
        "created_at",
        "2026-01-01T02:00:00Z",
        &[
            "",
            "2026-01-01",
            "01/01/2026 02:00",
            "2026-01-01T02:00:00",
            "2026-11-24T12:00:01Z",
            "0001-01-01T00:00:00Z",
            "2026-01-01T25:00:00Z",
            "1767232800",
        ],
    ),
    (
        "authority",
        "E90001,North",
        &[
            ",North",
            "e90001,North",
            "E9,North",
            "E90001E90001E,North",
            "E90 01,North",
            "＆,North",
        ],
    ),
    (
        "authority_name",
        "Northshire Council",
        &["", " ", "\u{a0}\u{2003}", "\"a\nb\"", "a\tb", "a\u{7f}b"],
    ),
    (
        "emergency_phone",
        "01632 960001",
        &[
            "",
            "999999999999999999",
            "tel:999",
            "+",
            "０１６３２",
            "01632 960001 ext 2",
        ],
    ),
];

#[test]
fn a_head_with_an_absurd_value_is_refused_with_its_column() {
    let service = TestService::new();
    let good = file(1, &[a_plan()]);
    for (column, right, values) in HEADS {
        for value in values {
            let sent = good.replace(right, value);
            assert_ne!(sent, good);
            let answer = service.upload_as(LocalAuthority, sent.as_bytes());
            answer.refusal(422, "INVALID_VALUE");
            assert_eq!(
                answer.json()["issue"][0]["expression"][0],
                column,
                "{value:?}"
            );
        }
    }
    let long = good.replace("Northshire Council", &"ж".repeat(201));
    service
        .upload_as(LocalAuthority, long.as_bytes())
        .refusal(422, "INVALID_VALUE");
    assert_eq!(service.number("select count(*) from uploads"), 0);
    assert_eq!(service.number("select max(version) from authorities"), 1);
}

#[test]
fn a_row_with_an_absurd_value_is_refused_with_its_column_and_the_others_are_taken_in() {
    let absurd = [
        "\u{202e}",
        "-1",
        "1e309",
        "NaN",
        "null",
        "0000-00-00",
        "２０２６-01-10",
        "2026-02-30",
        "\"' or 1=1; drop table plans; --\"",
        "<script>alert(1)</script>",
        "${jndi:ldap://x}",
        "\"line\r\nbreak\"",
        "😀",
        "%00",
        "99999-01-01",
        "-2026-01-01",
        "2026-01-10T00:00:00Z",
    ];
    let service = TestService::new();
    let mut expected = vec![TAKEN];
    let mut plans = vec![a_plan()];
    for value in absurd {
        for (column, plan) in [
            ("plan_kind", a_plan().kind(value)),
            ("nhs_number", a_plan().child(value)),
            ("authority", a_plan().of(value)),
            ("birth_date", a_plan().born(value)),
            ("start_date", a_plan().from(value)),
            ("end_date", a_plan().until(value)),
            ("delete_date", a_plan().withdrawn(value)),
        ] {
            plans.push(plan);
            let code = if column == "nhs_number" {
                "CPR04"
            } else {
                "CPR07"
            };
            expected.push((code, column, ""));
        }
    }
    let acknowledgement = service.uploaded(&plans);
    let found: Vec<_> = acknowledgement
        .results()
        .into_iter()
        .map(|(code, column, _)| (code, column, ""))
        .collect();
    assert_eq!(found, expected);
    assert_eq!(service.plans(), 1);
}

#[test]
fn a_name_that_looks_like_markup_is_shown_as_the_words_it_is() {
    let service = TestService::new();
    let name = "<script>alert(1)</script> & \u{1f600}";
    let sent = file(1, &[a_plan()]).replace("Northshire Council", name);
    let answer = service.upload_as(LocalAuthority, sent.as_bytes());
    assert_eq!(answer.acknowledgement().code, "CPF02");
    let flag = service.flags("9990000026").remove(0);
    assert_eq!(flag["author"]["display"], format!("{name} (E90001)"));
    let words = flag["text"]["div"].as_str().unwrap();
    assert!(!words.contains("<script"), "{words}");
    assert!(words.contains("&lt;script&gt;"), "{words}");
}

#[test]
fn a_line_of_ten_megabytes_is_refused_for_itself_and_never_echoed_in_full() {
    let service = TestService::new();
    let long = "x".repeat(10 * 1024 * 1024);
    let plans = [a_plan(), a_plan().local_id(&long), a_plan().local_id("H-2")];
    let acknowledgement = service.uploaded(&plans);
    let expected = [TAKEN, ("CPR07", "local_id", &long[..100]), TAKEN];
    assert_eq!(acknowledgement.results(), expected);
}
