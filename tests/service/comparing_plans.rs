//! How a file differs from what is held for its authority: `compare_plans`.

use cpis_fhir::messages::comparison_csv;
use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;

use crate::support::{TestService, a_plan, file};

#[test]
fn a_comparison_has_a_line_for_each_plan_and_changes_nothing() {
    let service = TestService::new();
    let plan = |child: &str, id: &str| a_plan().child(child).local_id(id);
    service.tell(&[
        plan("9990000026", "H-1"),
        plan("9990000034", "H-2").until("2027-01-31"),
        plan("9990000042", "H-3"),
        plan("9990000050", "H-4"),
    ]);
    service.tell(&[plan("9990000050", "H-4").withdrawn("2026-11-20")]);
    let before = service.held();
    let sent = [
        plan("9990000026", "H-1"),
        plan("9990000034", "H-2")
            .until("2027-02-28")
            .born("2015-04-02"),
        plan("9990000069", "H-5"),
        plan("9990000019", "H-6"),
    ];
    // Neither the number nor an earlier file under it matters.
    let compared = service.ask_as(LocalAuthority, "POST", "$compare-plans", &file(1, &sent));
    let mut told = compared.csv();
    assert_eq!(told.remove(0), comparison_csv::COLUMNS);
    let cells = |line: &Vec<String>, places: &[usize]| {
        let cells: Vec<&str> = places.iter().map(|place| line[*place].as_str()).collect();
        cells.join("|")
    };
    let shown: Vec<String> = told
        .iter()
        .map(|line| cells(line, &[0, 1, 2, 4, 6]))
        .collect();
    assert_eq!(
        shown,
        [
            "same||1|H-1|current",
            "differs|birth_date end_date|2|H-2|current",
            "file-only||3|H-5|",
            "refused|nhs_number|4||",
            "held-only|||H-3|current",
            "held-only|||H-4|withdrawn",
        ]
    );
    assert_eq!(
        cells(&told[1], &[7, 8, 9, 10, 11, 12]),
        "9990000034|9990000034|2015-04-01|2015-04-02|2027-01-31|2027-02-28"
    );
    assert!(told[3][15].contains("Modulus 11"));
    assert_eq!(service.held(), before);
    assert_eq!(
        service.readings(),
        ["E90001 compare 4 upload-system-E90001"]
    );
}

#[test]
fn a_file_that_cannot_be_read_is_refused_as_an_upload_of_it_would_be() {
    let service = TestService::new();
    let bad = service.ask_as(LocalAuthority, "POST", "$compare-plans", "nonsense");
    bad.refusal(422, "INVALID_VALUE");
    assert!(service.readings().is_empty());
}
