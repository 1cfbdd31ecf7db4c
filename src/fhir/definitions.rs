//! What the service publishes of itself: the profiles, value sets, search parameters and operations
//! of `profiles/`, and the capability statement, each a resource like any other
//! (<https://hl7.org/fhir/R4/conformance-module.html>).
//!
//! They are kept as JSON values, because no model of theirs is needed to hand them out.

use serde_json::{Value, json};

use crate::fhir::digest::digest;
use crate::fhir::json::{JsonError, from_text, ordered};

/// The kinds of resource that are published.
pub const KINDS: [&str; 6] = [
    "CapabilityStatement",
    "CodeSystem",
    "OperationDefinition",
    "SearchParameter",
    "StructureDefinition",
    "ValueSet",
];

/// Every definition of `profiles/`.
const FILES: &[&str] = &[
    include_str!("../../profiles/CodeSystem/acknowledgement-code.json"),
    include_str!("../../profiles/CodeSystem/care-setting.json"),
    include_str!("../../profiles/CodeSystem/notification-kind.json"),
    include_str!("../../profiles/OperationDefinition/acknowledge.json"),
    include_str!("../../profiles/OperationDefinition/accesses.json"),
    include_str!("../../profiles/OperationDefinition/acknowledgement.json"),
    include_str!("../../profiles/OperationDefinition/alert-reports.json"),
    include_str!("../../profiles/OperationDefinition/close-alert-report.json"),
    include_str!("../../profiles/OperationDefinition/compare-plans.json"),
    include_str!("../../profiles/OperationDefinition/everything.json"),
    include_str!("../../profiles/OperationDefinition/held-plans.json"),
    include_str!("../../profiles/OperationDefinition/report-alert.json"),
    include_str!("../../profiles/OperationDefinition/upload-plans.json"),
    include_str!("../../profiles/OperationDefinition/validate.json"),
    include_str!("../../profiles/SearchParameter/EpisodeOfCare-start.json"),
    include_str!("../../profiles/SearchParameter/Flag-category.json"),
    include_str!("../../profiles/SearchParameter/Flag-code.json"),
    include_str!("../../profiles/SearchParameter/Flag-status.json"),
    include_str!("../../profiles/StructureDefinition/access-notification.json"),
    include_str!("../../profiles/StructureDefinition/access.json"),
    include_str!("../../profiles/StructureDefinition/change-notification.json"),
    include_str!("../../profiles/StructureDefinition/child.json"),
    include_str!("../../profiles/StructureDefinition/computed-end.json"),
    include_str!("../../profiles/StructureDefinition/local-authority.json"),
    include_str!("../../profiles/StructureDefinition/outcome.json"),
    include_str!("../../profiles/StructureDefinition/patient-flag.json"),
    include_str!("../../profiles/StructureDefinition/plan-care-plan.json"),
    include_str!("../../profiles/StructureDefinition/plan-care-team.json"),
    include_str!("../../profiles/StructureDefinition/plan-episode-of-care.json"),
    include_str!("../../profiles/StructureDefinition/plan-flag.json"),
    include_str!("../../profiles/StructureDefinition/plan-upload.json"),
    include_str!("../../profiles/StructureDefinition/search-answer.json"),
    include_str!("../../profiles/StructureDefinition/viewer-role.json"),
    include_str!("../../profiles/ValueSet/access-interaction.json"),
    include_str!("../../profiles/ValueSet/care-setting.json"),
    include_str!("../../profiles/ValueSet/notification-kind.json"),
    include_str!("../../profiles/ValueSet/plan-kind.json"),
    include_str!("../../profiles/ValueSet/plan-phase.json"),
    include_str!("../../profiles/ValueSet/plan-upload-status.json"),
];

/// A definition, as it is answered.
#[derive(Debug, Clone)]
pub struct Definition {
    /// The resource.
    pub resource: Value,
    /// Its version: another one whenever its content is another.
    pub version: String,
}

impl Definition {
    fn of(mut resource: Value) -> Result<Self, JsonError> {
        let version = digest(&resource.to_string());
        if let Some(members) = resource.as_object_mut() {
            members.insert("meta".to_owned(), json!({ "versionId": version }));
        }
        let resource = ordered(&resource)?;
        Ok(Self { resource, version })
    }

    /// The text of one of its own elements; empty where it has none.
    #[must_use]
    pub fn text(&self, element: &str) -> &str {
        self.resource
            .get(element)
            .and_then(Value::as_str)
            .unwrap_or_default()
    }
}

/// Every definition of a service.
#[derive(Debug, Clone)]
pub struct Definitions(Vec<Definition>);

impl Definitions {
    /// Those of every service, and the capability statement of this one.
    ///
    /// # Errors
    /// [`JsonError`] when one of them is no resource, which a test rules out.
    pub fn of(capability_statement: &Value) -> Result<Self, JsonError> {
        let files = FILES.iter().map(|file| from_text(file));
        files
            .chain([Ok(capability_statement.clone())])
            .map(|resource| Definition::of(resource?))
            .collect::<Result<_, _>>()
            .map(Self)
    }

    /// Those of one kind of resource.
    pub fn of_kind(&self, kind: &str) -> impl Iterator<Item = &Definition> {
        self.0
            .iter()
            .filter(move |definition| definition.text("resourceType") == kind)
    }

    /// The one of a kind and an id.
    #[must_use]
    pub fn find(&self, kind: &str, id: &str) -> Option<&Definition> {
        self.of_kind(kind)
            .find(|definition| definition.text("id") == id)
    }
}

/// A page of definitions as a `Bundle` (<https://hl7.org/fhir/R4/bundle.html>).
pub struct DefinitionPage<'a> {
    /// The service's base URL.
    pub base: &'a str,
    /// The absolute URL of this page, with the parameters that were used.
    pub self_link: String,
    /// The absolute URL of the next page, where there is one.
    pub next: Option<String>,
    /// How many match, on all pages.
    pub total: usize,
    /// What is on this page.
    pub definitions: Vec<&'a Definition>,
}

impl DefinitionPage<'_> {
    /// The page.
    #[must_use]
    pub fn bundle(&self) -> Value {
        let mut links = vec![json!({ "relation": "self", "url": self.self_link })];
        links.extend(
            self.next
                .iter()
                .map(|url| json!({ "relation": "next", "url": url })),
        );
        let mut bundle = json!({
            "resourceType": "Bundle", "type": "searchset", "total": self.total, "link": links,
        });
        // An empty list is no JSON of FHIR's.
        if let Some(members) = bundle
            .as_object_mut()
            .filter(|_| !self.definitions.is_empty())
        {
            let entries = self
                .definitions
                .iter()
                .map(|definition| self.entry(definition));
            members.insert("entry".to_owned(), entries.collect());
        }
        bundle
    }

    fn entry(&self, definition: &Definition) -> Value {
        let (kind, id) = (definition.text("resourceType"), definition.text("id"));
        json!({
            "fullUrl": format!("{}/{kind}/{id}", self.base),
            "resource": definition.resource,
            "search": { "mode": "match" },
        })
    }
}

#[cfg(test)]
mod tests;
