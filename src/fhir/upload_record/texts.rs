//! Reads the resource as the texts of a record's fields, which are read alike in every wire form.
//!
//! What stands there twice and differs is given as both, so that no reader can choose one.

use chrono::NaiveDate;
use serde_json::Value;

use crate::domain::plan::PlanKind;
use crate::domain::record_field::RecordField;
use crate::fhir::operation_outcome::IssueType;
use crate::fhir::terminology::{
    COMPUTED_END, ENTERED_IN_ERROR, NHS_NUMBER, ODS_CODE, of_local_child, plan_kind,
};
use crate::fhir::validation::fault::Fault;
use crate::fhir::validation::r4_faults;

/// The resource's own type.
const OF: &str = "EpisodeOfCare";
/// What stands between two texts of one field.
const BESIDE: &str = " | ";

/// A record, each field as text: empty where nothing was sent. It has no `Debug`: it is about a
/// child.
#[derive(Clone, PartialEq, Eq)]
pub struct RecordTexts([String; 10]);

/// A resource that is no record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Unfit {
    /// It is not valid R4.
    NotR4(Vec<Fault>),
    /// It says something that CP-IS cannot hold, or must not pass over.
    NotARecord(Fault),
}

impl RecordTexts {
    /// The fields, in the order of [`RecordField::ALL`], with their texts.
    #[must_use]
    pub fn fields(&self) -> [(RecordField, &str); 10] {
        let mut texts = self.0.iter().map(String::as_str);
        RecordField::ALL.map(|field| (field, texts.next().unwrap_or_default()))
    }
}

/// Reads what an authority sent on a day.
///
/// # Errors
/// [`Unfit`] when no record can be read from it.
pub fn texts(resource: &Value, today: NaiveDate) -> Result<RecordTexts, Unfit> {
    let faults = r4_faults(resource, OF);
    if !faults.is_empty() {
        return Err(Unfit::NotR4(faults));
    }
    check_meaning(resource).map_err(Unfit::NotARecord)?;
    let patient = contained_patient(resource);
    let patient = patient.unwrap_or(&Value::Null);
    let local: Vec<(String, String)> = items(resource.get("identifier"))
        .chain(items(patient.get("identifier")))
        .filter_map(local_id)
        .collect();
    let name = name(patient);
    let ended = !is_computed(resource);
    Ok(RecordTexts(RecordField::ALL.map(|field| match field {
        RecordField::PlanKind => kind(resource),
        RecordField::NhsNumber => {
            let logical = resource.pointer("/patient/identifier");
            let sent = in_system(patient.get("identifier"), NHS_NUMBER);
            joined(sent.chain(in_system(logical, NHS_NUMBER)))
        }
        RecordField::LocalId => joined(local.iter().map(|(_, value)| value.clone())),
        RecordField::Authority => {
            let organisation = resource.pointer("/managingOrganization/identifier");
            let mut named = in_system(organisation, ODS_CODE).peekable();
            let whose = local.iter().map(|(whose, _)| whose.clone());
            match named.peek() {
                Some(_) => joined(named.chain(whose)),
                None => String::new(),
            }
        }
        RecordField::BirthDate => text(patient, "/birthDate"),
        RecordField::StartDate => text(resource, "/period/start"),
        RecordField::EndDate if ended => text(resource, "/period/end"),
        RecordField::EndDate => String::new(),
        RecordField::DeleteDate => withdrawn(resource, today),
        RecordField::FamilyName => text(name, "/family"),
        RecordField::GivenNames => {
            let given = items(name.get("given")).filter_map(Value::as_str);
            given.collect::<Vec<_>>().join(" ")
        }
    })))
}

/// Refuses what must be understood and is not, and a status that says what CP-IS cannot.
fn check_meaning(resource: &Value) -> Result<(), Fault> {
    let fault = |code, name: &str, words: &str| {
        Err(Fault {
            code,
            at: format!("{OF}.{name}"),
            words: words.to_owned(),
        })
    };
    if let Some(name) = changes_meaning(resource) {
        let words = "the service does not know what this changes, and must not pass over it";
        return fault(IssueType::NotSupported, &name, words);
    }
    let is_ended = !text(resource, "/period/end").is_empty();
    match text(resource, "/status").as_str() {
        "finished" if !is_ended => {
            let words = "a plan that is finished says in period.end since when";
            fault(IssueType::BusinessRule, "status", words)
        }
        "planned" | "active" | "finished" | ENTERED_IN_ERROR => Ok(()),
        _ => {
            let words = "a plan is planned, active or finished, by its period, or entered-in-error";
            fault(IssueType::CodeInvalid, "status", words)
        }
    }
}

/// Where something stands, in the resource or in what it contains, that may change the meaning of
/// all the rest.
fn changes_meaning(value: &Value) -> Option<String> {
    match value {
        Value::Object(members) => members.iter().find_map(|(name, inside)| {
            if ["modifierExtension", "implicitRules"].contains(&name.as_str()) {
                return Some(name.clone());
            }
            let within = changes_meaning(inside)?;
            let dot = if within.starts_with('[') { "" } else { "." };
            Some(format!("{name}{dot}{within}"))
        }),
        Value::Array(items) => items.iter().enumerate().find_map(|(place, inside)| {
            let within = changes_meaning(inside)?;
            Some(format!("[{place}].{within}"))
        }),
        _ => None,
    }
}

/// The kind of plan as CP-IS calls it; whatever is no kind is given as it stands.
fn kind(resource: &Value) -> String {
    let concepts = items(resource.get("type"));
    let kinds = concepts.map(|concept| {
        let codings = items(concept.get("coding"));
        // A concept may be coded in several systems, but is of one kind.
        let known = joined(codings.clone().filter_map(|coding| {
            let mut kinds = PlanKind::ALL.into_iter();
            let known = kinds.find(|kind| {
                let term = plan_kind(*kind);
                text(coding, "/system") == term.system && text(coding, "/code") == term.code
            });
            Some(known?.code().to_owned())
        }));
        match (known.as_str(), codings.clone().next()) {
            ("", Some(coding)) => {
                format!("{}|{}", text(coding, "/system"), text(coding, "/code"))
            }
            ("", None) => text(concept, "/text"),
            _ => known,
        }
    });
    // Two types would be two plans, even where both are the same.
    kinds.collect::<Vec<_>>().join(BESIDE)
}

/// The patient that the resource is about, where it holds it.
fn contained_patient(resource: &Value) -> Option<&Value> {
    let reference = text(resource, "/patient/reference");
    let id = reference.strip_prefix('#')?;
    items(resource.get("contained"))
        .find(|inside| text(inside, "/id") == id && text(inside, "/resourceType") == "Patient")
}

/// The name to match by: the official one, else the usual one, else the first.
fn name(patient: &Value) -> &Value {
    let names = || items(patient.get("name"));
    let in_use = |wanted: &str| names().find(|name| text(name, "/use") == wanted);
    let name = in_use("official").or_else(|| in_use("usual"));
    name.or_else(|| names().next()).unwrap_or(&Value::Null)
}

/// The day of withdrawal: what the history of the status says, else today.
fn withdrawn(resource: &Value, today: NaiveDate) -> String {
    if text(resource, "/status") != ENTERED_IN_ERROR {
        return String::new();
    }
    let history = items(resource.get("statusHistory"));
    let said = history.filter(|past| text(past, "/status") == ENTERED_IN_ERROR);
    match joined(said.map(|past| text(past, "/period/start"))).as_str() {
        "" => today.to_string(),
        said => said.to_owned(),
    }
}

/// Whether the service worked the end out and told it: then the authority sent none.
fn is_computed(resource: &Value) -> bool {
    let extensions = resource.pointer("/period/extension");
    items(extensions).any(|extension| {
        text(extension, "/url") == COMPUTED_END
            && extension.get("valueBoolean") == Some(&Value::Bool(true))
    })
}

/// The values of identifiers in a system.
fn in_system<'a>(
    identifiers: Option<&'a Value>,
    system: &'a str,
) -> impl Iterator<Item = String> + 'a {
    items(identifiers)
        .filter(move |identifier| text(identifier, "/system") == system)
        .map(|identifier| text(identifier, "/value"))
}

/// An authority's own identifier for a child: whose it is, and its value.
fn local_id(identifier: &Value) -> Option<(String, String)> {
    let system = text(identifier, "/system");
    Some((
        of_local_child(&system)?.to_owned(),
        text(identifier, "/value"),
    ))
}

/// The texts that differ, each once.
fn joined(texts: impl Iterator<Item = String>) -> String {
    let mut different: Vec<String> = Vec::new();
    for text in texts {
        if !different.contains(&text) {
            different.push(text);
        }
    }
    different.join(BESIDE)
}

/// The items of a list, or the one value that is no list.
fn items(value: Option<&Value>) -> impl Iterator<Item = &Value> + Clone {
    let (list, one) = match value {
        Some(Value::Array(items)) => (items.as_slice(), None),
        other => (&[][..], other),
    };
    list.iter().chain(one)
}

fn text(value: &Value, pointer: &str) -> String {
    let text = value.pointer(pointer).and_then(Value::as_str);
    text.unwrap_or_default().to_owned()
}
