//! The ids of what a service holds of one child, for chapters that walk every route.

use chrono::TimeDelta;
use serde_json::Value;

use super::service::TestService;

/// The child.
const NUMBER: &str = "9990000026";

/// The ids of what a service holds of the one child.
#[derive(Default)]
pub struct Ids {
    flag: String,
    patient: String,
    /// The authority's.
    pub organization: String,
    access: String,
    /// The service's own URL.
    pub base: String,
}

impl Ids {
    pub fn of(service: &TestService) -> Self {
        let flag = service.get(&format!("Flag?patient={NUMBER}")).matches()[0].clone();
        // Of one author's looks within a day the history shows the first: let there be one.
        service.clock.advance(TimeDelta::seconds(1));
        let history = service
            .get(&format!("AuditEvent?patient={NUMBER}"))
            .matches();
        let patient = service
            .get(&format!("Patient?identifier={NUMBER}"))
            .matches();
        let id = |resource: &Value| resource["id"].as_str().unwrap().to_owned();
        let author = flag["author"]["reference"].as_str().unwrap();
        Self {
            organization: author.rsplit('/').next().unwrap().to_owned(),
            patient: id(&patient[0]),
            access: id(history.last().unwrap()),
            flag: id(&flag),
            base: service.base.clone(),
        }
    }

    pub fn id(&self, kind: &str) -> &str {
        match kind {
            "Patient" => &self.patient,
            "Organization" => &self.organization,
            "AuditEvent" | "PractitionerRole" => &self.access,
            _ => &self.flag,
        }
    }

    /// A route's path with the id of its kind of resource, and its present version.
    pub fn path(&self, service: &TestService, path: &str, kind: &str) -> String {
        let id = self.id(kind);
        let path = path.replace("{id}", id);
        if !path.contains("{version}") {
            return path;
        }
        let read = service.get(&format!("{kind}/{id}")).json();
        path.replace("{version}", read["meta"]["versionId"].as_str().unwrap())
    }

    pub fn criterion(&self, kind: &str) -> String {
        match kind {
            "Patient" => format!("identifier={NUMBER}"),
            "Organization" => "active=true".to_owned(),
            _ => format!("patient={NUMBER}"),
        }
    }
}
