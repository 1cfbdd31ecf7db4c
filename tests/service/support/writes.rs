//! Plans as an authority's system writes them in FHIR, one by one and in bundles.

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::{Value, json};

use super::answers::Answer;
use super::plans::PlanLine;
use super::service::TestService;
use super::urls::form;

/// The system of an authority's own identifiers for children.
pub fn local_system(authority: &str) -> String {
    format!("https://cpis-fhir.invalid/Id/local-authority-child-id/{authority}")
}

impl PlanLine {
    /// As the resource of a write.
    pub fn resource(&self) -> Value {
        let code = match self.kind.as_str() {
            "CPP" => "342191000000101",
            "CLA" => "764841000000100",
            "UCPP" => "818901000000100",
            other => other,
        };
        let mut resource = json!({
            "resourceType": "EpisodeOfCare",
            "contained": [{
                "resourceType": "Patient",
                "id": "child",
                "identifier": [{
                    "system": "https://fhir.nhs.uk/Id/nhs-number", "value": self.nhs_number,
                }],
                "name": [{
                    "family": self.family,
                    "given": self.given.split(' ').collect::<Vec<_>>(),
                }],
                "birthDate": self.birth_date,
            }],
            "identifier": [{ "system": local_system(&self.authority), "value": self.local_id }],
            "status": "active",
            "type": [{ "coding": [{ "system": "http://snomed.info/sct", "code": code }] }],
            "patient": { "reference": "#child" },
            "managingOrganization": { "identifier": {
                "system": "https://fhir.nhs.uk/Id/ods-organization-code", "value": self.authority,
            } },
            "period": { "start": self.start },
        });
        if !self.end.is_empty() {
            resource["period"]["end"] = json!(self.end);
        }
        if !self.deleted.is_empty() {
            resource["status"] = json!("entered-in-error");
            resource["statusHistory"] = json!([{
                "status": "entered-in-error", "period": { "start": self.deleted },
            }]);
        }
        resource
    }

    /// The query that finds it among its authority's plans.
    pub fn criteria(&self) -> String {
        let system = local_system(&self.authority);
        let coded = self.resource();
        let code = coded["type"][0]["coding"][0]["code"].as_str().unwrap();
        let identifier = format!("{system}|{}", self.local_id);
        form(&[
            ("identifier", &identifier),
            ("type", code),
            ("start", &self.start),
        ])
    }

    /// The same as an authority writes it, whichever authority the plan is said to be of; and with
    /// nothing that a search could not say.
    fn criteria_of(&self, authority: &str) -> String {
        let identifier = format!("{}|{}", local_system(authority), self.local_id);
        let known = ["CPP", "CLA", "UCPP"].contains(&self.kind.as_str());
        match known && !self.start.is_empty() {
            true => Self {
                authority: authority.to_owned(),
                ..self.clone()
            }
            .criteria(),
            false => form(&[("identifier", &identifier)]),
        }
    }

    /// The URL of such a conditional update.
    pub fn url_of(&self, authority: &str) -> String {
        format!("EpisodeOfCare?{}", self.criteria_of(authority))
    }

    /// As a conditional update in a bundle.
    pub fn entry(&self) -> Value {
        let url = format!("EpisodeOfCare?{}", self.criteria());
        json!({ "resource": self.resource(), "request": { "method": "PUT", "url": url } })
    }
}

/// The resource of an update: it says its own id.
pub fn with_id(mut resource: Value, id: &str) -> Value {
    resource["id"] = json!(id);
    resource
}

/// A bundle of requests.
pub fn bundle(kind: &str, entries: &[Value]) -> Value {
    json!({ "resourceType": "Bundle", "type": kind, "entry": entries })
}

impl TestService {
    /// A write of an authority's system; without a body where the resource is null.
    pub fn write_as(
        &self,
        role: SandboxRole,
        (method, path): (&str, &str),
        headers: &[(&str, &str)],
        resource: &Value,
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token(role));
        let mut all = vec![
            ("authorization", bearer.as_str()),
            ("content-type", "application/fhir+json"),
        ];
        all.extend_from_slice(headers);
        let body = match resource {
            Value::Null => String::new(),
            resource => resource.to_string(),
        };
        self.ask(method, path, &all, body.as_bytes())
    }

    /// The same of the first authority's.
    pub fn write(&self, asked: (&str, &str), headers: &[(&str, &str)], resource: &Value) -> Answer {
        self.write_as(SandboxRole::LocalAuthority, asked, headers, resource)
    }

    /// Creates a plan, and gives its id.
    pub fn created(&self, plan: &PlanLine) -> String {
        let answer = self.write(("POST", "EpisodeOfCare"), &[], &plan.resource());
        assert_eq!(answer.status, 201, "{}", answer.text);
        let location = answer.header("location").unwrap();
        let within = location.split("/EpisodeOfCare/").nth(1).unwrap();
        within.split('/').next().unwrap().to_owned()
    }

    /// What is held of plans, whatever form told it: without ids, versions and moments.
    pub fn told_state(&self) -> Vec<String> {
        self.texts(
            "select concat_ws('|', a.code, p.nhs_number, c.birth_date, p.kind, p.local_id, \
             p.start_date, p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, \
             p.version) from plans p join children c using (nhs_number) \
             join authorities a on a.id = p.authority_id order by 1",
        )
    }

    /// The codes of the records of the upload that came last, in their order.
    pub fn codes(&self) -> Vec<String> {
        self.texts(
            "select concat_ws('|', code, column_name) from upload_records where upload_id = \
             (select id from uploads order by received_at desc, id desc limit 1) order by number",
        )
    }
}

impl Answer {
    /// The code of the acknowledgement in an outcome.
    pub fn record_code(&self) -> String {
        record_code(&self.json())
    }
}

/// The code of the acknowledgement in an outcome.
pub fn record_code(outcome: &Value) -> String {
    let coding = &outcome["issue"][0]["details"]["coding"][0];
    let system = "https://cpis-fhir.invalid/CodeSystem/acknowledgement-code";
    assert_eq!(coding["system"], system, "{outcome}");
    coding["code"].as_str().unwrap().to_owned()
}
