//! What the document says of the operations of local authorities' own systems, and of those for
//! them.

use crate::openapi::interactions::{Answers, Takes, Words};
use crate::routes::read_back::AuthorityOperation;

const HELD_PLANS: Words = (
    "heldPlans",
    "Tells a local authority which of its plans are held",
);
const ACCESSES: Words = (
    "accesses",
    "Tells a local authority who looked at its children",
);
const REPORT_ALERT: Words = (
    "reportAlert",
    "Puts on record that a child's plan is missing or wrong, for the authority concerned",
);
const ALERT_REPORTS: Words = (
    "alertReports",
    "Tells a local authority what viewers reported of its plans",
);
const CLOSE_ALERT_REPORT: Words = (
    "closeAlertReport",
    "Puts on record what came of a report at an authority concerned",
);
const COMPARE_PLANS: Words = (
    "comparePlans",
    "Tells a local authority how a file differs from the plans that are held for it",
);

/// The table's line of an operation.
pub fn line(operation: AuthorityOperation) -> (Words, &'static str, Takes, Answers) {
    use AuthorityOperation::{
        Accesses, AlertReports, CloseAlertReport, ComparePlans, HeldPlans, ReportAlert,
    };
    match operation {
        HeldPlans => (HELD_PLANS, "Authority", Takes::Reading, Answers::ReadCsv),
        AlertReports => (ALERT_REPORTS, "Authority", Takes::Reading, Answers::ReadCsv),
        ReportAlert => {
            let answers = Answers::Parameters;
            (REPORT_ALERT, "Authority", Takes::Report, answers)
        }
        CloseAlertReport => {
            let answers = Answers::Parameters;
            (CLOSE_ALERT_REPORT, "Authority", Takes::Closing, answers)
        }
        Accesses => {
            let takes = Takes::ReadingOfTime;
            (ACCESSES, "Authority", takes, Answers::Accesses)
        }
        ComparePlans => {
            let takes = Takes::ComparedCsv;
            (COMPARE_PLANS, "Authority", takes, Answers::ReadCsv)
        }
    }
}
