//! Whether a resource is valid R4 and holds to the profiles that the service publishes
//! (<https://hl7.org/fhir/R4/validation.html>).
//!
//! Checked are R4's structure, and of a profile how often an element is there, its fixed values,
//! patterns, slices by value or pattern, types, and codes where a value set is required. Rules
//! written in `FHIRPath` are not evaluated, nor is any other terminology.

mod codes;
mod conformance;
pub mod fault;
mod item;
mod profile;
mod r4;
mod structure;
mod value;

use serde_json::{Map, Value};
use thiserror::Error;

use self::codes::ValueSets;
use self::conformance::Conformance;
use self::fault::{Fault, Faults};
use self::profile::{Profile, list};
use self::structure::Placed;
use crate::fhir::definitions::Definitions;
use crate::fhir::operation_outcome::IssueType;
use crate::fhir::reading::kind;

/// What every definition of R4's own begins with.
const BASE: &str = "http://hl7.org/fhir/StructureDefinition/";
/// R4's version.
const VERSION: &str = "4.0.1";

/// Checks resources against R4 and the profiles that are published.
pub struct Validator<'a> {
    profiles: Vec<Profile<'a>>,
    value_sets: ValueSets<'a>,
}

/// What a check came to.
#[derive(Debug)]
pub struct Checked {
    /// What is wrong; nothing where the resource is valid.
    pub faults: Vec<Fault>,
    /// Whether more is wrong than is told.
    pub is_cut: bool,
    /// The profiles the resource was checked against.
    pub against: Vec<String>,
    /// Whether the resource names profiles that are not known here.
    pub names_others: bool,
}

/// A profile that is not known here, or is not of the type.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("the profile is not one that is checked here for this type: those are {known}")]
pub struct UnknownProfile {
    known: String,
}

impl<'a> Validator<'a> {
    /// A validator by what is published.
    #[must_use]
    pub fn of(definitions: &'a Definitions) -> Self {
        let structures = definitions.of_kind("StructureDefinition");
        let mut profiles: Vec<Profile<'_>> = structures
            .filter_map(|definition| Profile::of(&definition.resource))
            .collect();
        // A type may have several, of which one is promised of whatever is of the type.
        let promised = promised(definitions);
        profiles.sort_by_key(|profile| !promised.contains(&profile.url));
        Self {
            profiles,
            value_sets: ValueSets::of(definitions),
        }
    }

    /// Checks a resource that is meant to be of a type: against the profile that is named, else
    /// against those it names itself, else against that of the type.
    ///
    /// # Errors
    /// [`UnknownProfile`] when a profile is named that is not known for the type.
    pub fn check(
        &self,
        resource: &Value,
        of: &str,
        named: Option<&str>,
    ) -> Result<Checked, UnknownProfile> {
        let named = named.map(|named| self.named(of, named)).transpose()?;
        let mut faults = Faults::default();
        let is_of = kind(resource) == of;
        if !is_of {
            let words = "the resource is not of the type it was sent as";
            faults.add(IssueType::Invalid, of, words);
        }
        let placed = match is_of {
            true => structure::check(resource, of, &mut faults),
            false => Vec::new(),
        };
        let mut checked = Checked {
            faults: Vec::new(),
            is_cut: false,
            against: Vec::new(),
            names_others: false,
        };
        for (place, resource) in placed.iter().enumerate() {
            let profiles = match (place, &named) {
                (0, Some(named)) => named.iter().copied().collect(),
                (0, None) => self.for_outermost(resource),
                _ => self.claimed(resource.members),
            };
            let claims = claims(resource.members);
            let known = |claim: &str| self.profiles.iter().any(|known| known.is_named(claim));
            checked.names_others |= claims.into_iter().any(|claim| !known(claim));
            for profile in profiles {
                if place == 0 {
                    checked.against.push(profile.url.to_owned());
                }
                self.hold(resource, profile, &mut faults);
            }
        }
        checked.is_cut = faults.are_cut;
        checked.faults = faults.found();
        Ok(checked)
    }

    /// Those a resource names of its own type, else that of the type.
    fn for_outermost(&self, resource: &Placed<'_>) -> Vec<&Profile<'a>> {
        let claimed = self.claimed(resource.members);
        // The profile of Bundles is that of searchsets; other Bundles have none.
        let other =
            resource.kind == "Bundle" && resource.members.get("type") != Some(&"searchset".into());
        if !claimed.is_empty() || other {
            return claimed;
        }
        self.of_type(resource.kind).take(1).collect()
    }

    fn claimed(&self, members: &Map<String, Value>) -> Vec<&Profile<'a>> {
        let claims = claims(members);
        let kind = members.get("resourceType").and_then(Value::as_str);
        let of_type = self.of_type(kind.unwrap_or_default());
        of_type
            .filter(|profile| claims.iter().any(|claim| profile.is_named(claim)))
            .collect()
    }

    fn of_type(&self, kind: &str) -> impl Iterator<Item = &Profile<'a>> {
        self.profiles
            .iter()
            .filter(move |profile| profile.kind == kind)
    }

    /// The profile that a canonical names for a type; none for R4's own definition of it.
    fn named(&self, of: &str, canonical: &str) -> Result<Option<&Profile<'a>>, UnknownProfile> {
        let own = format!("{BASE}{of}");
        if canonical == own || canonical == format!("{own}|{VERSION}") {
            return Ok(None);
        }
        let found = self.of_type(of).find(|profile| profile.is_named(canonical));
        let known = || {
            let known = self.of_type(of).map(|profile| profile.url.to_owned());
            known.chain([own.clone()]).collect::<Vec<_>>().join(" and ")
        };
        found
            .map(Some)
            .ok_or_else(|| UnknownProfile { known: known() })
    }

    fn hold(&self, resource: &Placed<'_>, profile: &Profile<'a>, faults: &mut Faults) {
        let mut conformance = Conformance {
            profiles: &self.profiles,
            value_sets: &self.value_sets,
            faults,
        };
        conformance.check(&profile.root, resource.members, &resource.at);
    }
}

/// What is wrong with the R4 structure of a resource that should be of a type, whatever profile it
/// holds to.
#[must_use]
pub fn r4_faults(resource: &Value, of: &str) -> Vec<Fault> {
    let mut faults = Faults::default();
    if kind(resource) == of {
        structure::check(resource, of, &mut faults);
    } else {
        let words = "the resource is not of the type it was sent as";
        faults.add(IssueType::Invalid, of, words);
    }
    faults.found()
}

/// The profile of each type, as the capability statement promises it.
fn promised(definitions: &Definitions) -> Vec<&str> {
    let statements = definitions.of_kind("CapabilityStatement");
    statements
        .flat_map(|statement| list(statement.resource.pointer("/rest/0/resource")))
        .filter_map(|resource| resource.get("profile")?.as_str())
        .collect()
}

/// The profiles that a resource says it holds to.
fn claims(members: &Map<String, Value>) -> Vec<&str> {
    let claims = members.get("meta").and_then(|meta| meta.get("profile"));
    list(claims).filter_map(Value::as_str).collect()
}

#[cfg(test)]
mod tests;
