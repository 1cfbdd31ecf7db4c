//! `GET [base]/[type]/[id]/_history/[vid]`: one version of a resource
//! (<https://hl7.org/fhir/R4/http.html#vread>).

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::history::versions::Reader;
use crate::api::reading::answer;
use crate::api::search::child_criterion;
use crate::api::service::Service;
use crate::domain::access::Interaction;
use crate::fhir::resource_kind::ResourceKind;

/// The longest version id (<https://hl7.org/fhir/R4/datatypes.html#id>).
const VERSION_BYTES_MAX: usize = 64;

/// Answers with a version of a resource of this kind.
///
/// # Errors
/// [`Refusal`] when it cannot be answered; 410 where the version was a withdrawal.
pub async fn vread(
    kind: ResourceKind,
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let reader = Reader::of(kind, &service, &request).await?;
    let segment = |name| request.match_info().get(name).unwrap_or_default();
    let named = (segment("id"), segment("version"));
    let answer = version(kind, &service, &reader, named).await?;
    answer.response_to(&request, reader.form())
}

/// Reads a version of the resource of this id.
///
/// # Errors
/// As [`vread`].
pub async fn version(
    kind: ResourceKind,
    service: &Service,
    reader: &Reader,
    (id, name): (&str, &str),
) -> Result<Answer, Refusal> {
    let id = child_criterion::id(id).ok_or(Refusal::NotFound)?;
    if !is_version(name) {
        return Err(no_such_version(kind));
    }
    let asked = format!("{}/{id}/_history/{name}", kind.name());
    let asked = (Interaction::VersionRead, asked);
    let versions = reader.versions(kind, service, id, asked).await?;
    let version = versions
        .iter()
        .find(|version| version.name == name)
        .ok_or(no_such_version(kind))?;
    let resource = version.resource().ok_or(Refusal::Withdrawn)?;
    Ok(answer(resource))
}

/// Whether a text could name a version at all. What cannot is not put on record: it is no
/// version's name, and might be anything.
fn is_version(name: &str) -> bool {
    (1..=VERSION_BYTES_MAX).contains(&name.len())
        && name
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'.'))
}

fn no_such_version(kind: ResourceKind) -> Refusal {
    Refusal::Version(match kind {
        ResourceKind::Patient => {
            "only the present version of a Patient is kept, and this is not its name"
        }
        ResourceKind::AuditEvent | ResourceKind::PractitionerRole => {
            "an access and who looked never change: their only version is 1"
        }
        ResourceKind::CareTeam | ResourceKind::CarePlan => {
            "the versions of this view of a plan are not kept: ask for those of its Flag"
        }
        ResourceKind::Flag | ResourceKind::EpisodeOfCare | ResourceKind::Organization => {
            "the resource has no such version; its _history tells which it has"
        }
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert, proptest};

    use super::is_version;

    #[test]
    fn a_version_is_named_by_a_fhir_id() {
        for name in ["1", "12-3", "1-2-active", "1736662200125"] {
            assert!(is_version(name), "{name}");
        }
        for other in ["", "1/2", "a b", "1?x", "é", &"1".repeat(65)] {
            assert!(!is_version(other), "{other}");
        }
    }

    proptest! {
        #[test]
        fn what_names_a_version_can_stand_in_a_path(name in any::<String>()) {
            let plain = name.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'/');
            prop_assert!(!is_version(&name) || plain);
        }
    }
}
