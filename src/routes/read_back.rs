//! The lines of the route table for local authorities' own systems, which tell plans and read back
//! what is theirs, and for viewers who report what is wrong with it.

use actix_web::http::Method;

use crate::api::accesses::accesses;
use crate::api::alert_reports::alert_reports;
use crate::api::close_alert_report::close_alert_report;
use crate::api::compare_plans::compare_plans;
use crate::api::held_plans::held_plans;
use crate::api::report_alert::report_alert;
use crate::routes::{Interaction, Route};

/// An operation of this table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AuthorityOperation {
    /// `held-plans`.
    HeldPlans,
    /// `compare-plans`.
    ComparePlans,
    /// `accesses`.
    Accesses,
    /// `report-alert`.
    ReportAlert,
    /// `alert-reports`.
    AlertReports,
    /// `close-alert-report`.
    CloseAlertReport,
}

/// The lines.
pub fn lines() -> impl Iterator<Item = Route> {
    use AuthorityOperation::{
        Accesses, AlertReports, CloseAlertReport, ComparePlans, HeldPlans, ReportAlert,
    };
    use Interaction::{OfAuthority, ReadAcknowledgement, UploadPlans};
    let lines = [
        (Method::POST, "/FHIR/R4/$upload-plans", UploadPlans),
        (
            Method::GET,
            "/FHIR/R4/$acknowledgement",
            ReadAcknowledgement,
        ),
        (Method::GET, "/FHIR/R4/$held-plans", OfAuthority(HeldPlans)),
        (
            Method::POST,
            "/FHIR/R4/$compare-plans",
            OfAuthority(ComparePlans),
        ),
        (Method::GET, "/FHIR/R4/$accesses", OfAuthority(Accesses)),
        (
            Method::POST,
            "/FHIR/R4/$report-alert",
            OfAuthority(ReportAlert),
        ),
        (
            Method::GET,
            "/FHIR/R4/$alert-reports",
            OfAuthority(AlertReports),
        ),
        (
            Method::POST,
            "/FHIR/R4/$close-alert-report",
            OfAuthority(CloseAlertReport),
        ),
    ];
    lines.into_iter().map(|(method, path, interaction)| Route {
        method,
        path,
        interaction,
    })
}

/// The handler of a line.
pub fn handler(operation: AuthorityOperation, line: actix_web::Route) -> actix_web::Route {
    match operation {
        AuthorityOperation::HeldPlans => line.to(held_plans),
        AuthorityOperation::ComparePlans => line.to(compare_plans),
        AuthorityOperation::Accesses => line.to(accesses),
        AuthorityOperation::ReportAlert => line.to(report_alert),
        AuthorityOperation::AlertReports => line.to(alert_reports),
        AuthorityOperation::CloseAlertReport => line.to(close_alert_report),
    }
}
