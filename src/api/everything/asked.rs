//! What is asked of everything: which kinds of resource, of which time, how many at once
//! (<https://hl7.org/fhir/R4/patient-operation-everything.html>).

use super::page::kinds;
use crate::api::part;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::PAGE;
use crate::api::search::date_range::DateRange;
use crate::api::search::once::{set, whole};
use crate::api::search::parameters::{PARAMETERS_MAX, Parameter};
use crate::api::search::pool::{Found, Pool};
use crate::api::search::searchable::Handling;
use crate::fhir::date_time::stretch;
use crate::fhir::json::JsonError;
use crate::fhir::resource_kind::ResourceKind;
use crate::fhir::subset::{ELEMENTS, SUMMARY};

/// The parameters of the operation.
pub const NAMES: [&str; 10] = [
    "start", "end", "_since", "_type", "_count", SUMMARY, ELEMENTS, PAGE, "_format", "_pretty",
];

/// What each parameter takes.
const EXPECTED: &str = "start and end are dates, _since is a moment, _count is a whole number, \
                       each once";

/// What is asked.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct EverythingAsked {
    /// Care on or after this day.
    start: Option<DateRange>,
    /// Care on or before this day.
    end: Option<DateRange>,
    /// What changed at or after this moment.
    since: Option<DateRange>,
    /// The kinds that are named, in the order they are told; none where all are wanted.
    pub kinds: Option<Vec<ResourceKind>>,
    /// How many matches a page holds at the most; none where all are wanted at once.
    pub count: Option<usize>,
    /// The parameters that shape each page alike: name and value.
    pub of_every_page: Vec<(String, String)>,
    /// The parameters that were used, as written.
    pub used: Vec<Parameter>,
}

impl EverythingAsked {
    /// Reads the parameters of the operation.
    ///
    /// # Errors
    /// [`SearchRefusal`] that names the parameter at fault.
    pub fn read(parameters: &[Parameter], handling: Handling) -> Result<Self, SearchRefusal> {
        if parameters.len() > PARAMETERS_MAX {
            return Err(SearchRefusal::TooLong);
        }
        part::of(parameters)?;
        let mut asked = Self::default();
        let mut names = Vec::new();
        for parameter in parameters {
            match (parameter.written.as_str(), handling) {
                ("start", _) => set(&mut asked.start, day("ge", parameter), parameter, EXPECTED)?,
                ("end", _) => set(&mut asked.end, day("le", parameter), parameter, EXPECTED)?,
                ("_since", _) => set(
                    &mut asked.since,
                    DateRange::under("ge", &parameter.value),
                    parameter,
                    EXPECTED,
                )?,
                ("_count", _) => set(
                    &mut asked.count,
                    whole(&parameter.value),
                    parameter,
                    EXPECTED,
                )?,
                ("_type", _) => names.extend(parameter.alternatives()),
                (SUMMARY | ELEMENTS, _) => asked
                    .of_every_page
                    .push((parameter.written.clone(), parameter.value.clone())),
                ("_format" | "_pretty", _) | (_, Handling::Lenient) => continue,
                (_, Handling::Strict) => {
                    return Err(SearchRefusal::Unsupported {
                        parameter: parameter.written.clone(),
                    });
                }
            }
            asked.used.push(parameter.clone());
        }
        check_order(parameters)?;
        if !names.is_empty() {
            asked.kinds = Some(kinds(&names).ok_or(SearchRefusal::Value {
                parameter: "_type".to_owned(),
                expected: "_type is one or more of Patient, Flag, EpisodeOfCare, AuditEvent, \
                           Organization and PractitionerRole: no other is told",
            })?);
        }
        Ok(asked)
    }

    /// Whether a resource is of the time that is asked for. The child itself always is.
    ///
    /// # Errors
    /// [`JsonError`] when the resource cannot be looked into.
    pub fn admits(&self, found: &Found<'_>, pool: &Pool<'_>) -> Result<bool, JsonError> {
        let kind = found.finding.kind();
        if kind == ResourceKind::Patient {
            return Ok(true);
        }
        let facets = pool.facets(found)?;
        let is_of = |path: &str, range: Option<DateRange>| {
            let mut periods = facets.periods(path).into_iter();
            range.is_none_or(|range| periods.any(|period| range.admits(&period)))
        };
        let is_of_the_time =
            care(kind).is_none_or(|care| is_of(care, self.start) && is_of(care, self.end));
        Ok(is_of_the_time && is_of("meta.lastUpdated", self.since))
    }
}

/// Where a kind of resource says when care was: of a plan its period, of a look its moment. An
/// authority has no such time.
fn care(kind: ResourceKind) -> Option<&'static str> {
    match kind {
        ResourceKind::Flag | ResourceKind::EpisodeOfCare => Some("period"),
        ResourceKind::AuditEvent => Some("recorded"),
        ResourceKind::PractitionerRole => Some("meta.lastUpdated"),
        _ => None,
    }
}

/// An end before the start could only ever find nothing, which would read as "no plan".
fn check_order(parameters: &[Parameter]) -> Result<(), SearchRefusal> {
    let stretch_of = |name: &str| {
        let mut named = parameters.iter().filter(|sent| sent.written == name);
        stretch(&named.next()?.value)
    };
    match (stretch_of("start"), stretch_of("end")) {
        (Some((start, _)), Some((_, after_end))) if start >= after_end => {
            Err(SearchRefusal::Value {
                parameter: "end".to_owned(),
                expected: "end is not before start",
            })
        }
        _ => Ok(()),
    }
}

fn day(comparison: &str, parameter: &Parameter) -> Option<DateRange> {
    let has_time = parameter.value.contains('T');
    (!has_time)
        .then(|| DateRange::under(comparison, &parameter.value))
        .flatten()
}

#[cfg(test)]
mod tests {
    use super::EverythingAsked;
    use crate::api::search::SearchRefusal;
    use crate::api::search::parameters::{Parameter, read};
    use crate::api::search::searchable::Handling;
    use crate::fhir::resource_kind::ResourceKind;

    fn asked(query: &str) -> Result<EverythingAsked, SearchRefusal> {
        EverythingAsked::read(&read(query), Handling::Strict)
    }

    #[test]
    fn kinds_are_named_in_lists_and_again_and_told_in_one_order_each_once() {
        use ResourceKind::{AuditEvent, Flag, Organization, Patient};
        let kinds = |query| asked(query).ok().and_then(|asked| asked.kinds);
        assert_eq!(
            kinds("_type=Organization,Flag"),
            Some(vec![Flag, Organization])
        );
        let twice = "_type=AuditEvent&_type=Patient,AuditEvent";
        assert_eq!(kinds(twice), Some(vec![Patient, AuditEvent]));
        assert_eq!(kinds("_count=2"), None);
        for wrong in [
            "Observation",
            "flag",
            "Flag,",
            "Flag,CarePlan",
            "Flag, Patient",
        ] {
            let refusal = asked(&format!("_type={wrong}")).err();
            let parameters = refusal.map(|refusal| refusal.parameters());
            assert_eq!(parameters, Some(vec!["_type".to_owned()]), "{wrong}");
        }
    }

    #[test]
    fn what_is_used_is_told_and_what_is_unknown_is_refused_only_strictly() {
        let query = "start=2026&end=2026-11&_since=2026-11-22T12:00:00Z&_count=1&_type=Flag\
                     &_summary=true&_elements=&_format=json&_pretty=true";
        let used: Vec<String> = asked(query)
            .map(|asked| asked.used.into_iter().map(|used| used.written).collect())
            .unwrap_or_default();
        let expected = ["start", "end", "_since", "_count", "_type", "_summary"];
        assert_eq!(used, expected);
        let unknown = [Parameter {
            written: "patient".into(),
            value: "1".into(),
        }];
        assert!(EverythingAsked::read(&unknown, Handling::Strict).is_err());
        let lenient = EverythingAsked::read(&unknown, Handling::Lenient);
        assert_eq!(lenient, Ok(EverythingAsked::default()));
    }

    #[test]
    fn what_cannot_be_read_is_refused() {
        for wrong in [
            "start=ge2026",
            "start=2026-11-22T12:00:00Z",
            "start=2026&start=2026",
            "end=yesterday",
            "_since=lt2026",
            "_count=-1",
            "_count=1&_count=1",
            "start=2026-11-23&end=2026-11-22",
            "start=2027&end=2026-12",
            "_summary=true&_elements=a",
        ] {
            assert!(asked(wrong).is_err(), "{wrong}");
        }
        for right in [
            "start=2026-11-22&end=2026-11-22",
            "start=2026-12&end=2026",
            "_count=0",
        ] {
            assert!(asked(right).is_ok(), "{right}");
        }
        let many = "a=1&".repeat(51);
        assert_eq!(asked(&many), Err(SearchRefusal::TooLong));
    }
}
