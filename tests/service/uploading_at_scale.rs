//! Fifty thousand rows are a normal file: `intake`, `told_plans`.

use cpis_fhir::sandbox::role::SandboxRole::LocalAuthority;

use crate::support::{Acknowledgement, PlanLine, TestService, a_plan, file, nhs_numbers};

const ROWS: usize = 50_000;

#[test]
fn a_file_of_fifty_thousand_rows_is_taken_in_changed_and_sent_again() {
    let service = TestService::new();
    let mut plans: Vec<PlanLine> = nhs_numbers()
        .take(ROWS)
        .map(|number| a_plan().child(&number).local_id(&format!("H-{number}")))
        .collect();
    for plan in plans.iter_mut().step_by(100) {
        plan.end = "2026-01-09".to_owned();
    }
    let first = uploaded(&service, &file(1, &plans));
    assert_eq!(first.counts, [ROWS, ROWS - 500, 500]);
    assert_eq!(service.plans(), 49_500);
    assert_eq!(service.number("select count(*) from upload_records"), 500);
    for plan in plans.iter_mut().skip(25_000) {
        plan.end = "2027-01-09".to_owned();
    }
    let second = uploaded(&service, &file(2, &plans));
    assert_eq!(second.counts, [ROWS, ROWS - 250, 250]);
    assert_eq!(service.plans(), 49_750);
    assert_eq!(service.earlier_versions(), 24_750);
    let again = uploaded(&service, &file(2, &plans));
    assert_eq!(again, second);
    assert_eq!(service.earlier_versions(), 24_750);
    for plan in &mut plans {
        plan.birth_date = "2015-04-02".to_owned();
    }
    let corrected = uploaded(&service, &file(3, &plans));
    assert_eq!(corrected.counts, [ROWS, ROWS - 250, 250]);
    assert_eq!(service.flags(&plans[1].nhs_number).len(), 1);
}

fn uploaded(service: &TestService, file: &str) -> Acknowledgement {
    service
        .upload_as(LocalAuthority, file.as_bytes())
        .acknowledgement()
}
