//! The versions of one resource: what a child's look may see, through the one door, and of an
//! authority, which is no child's, what is kept.

use actix_web::HttpRequest;
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::asking::Asking;
use crate::api::error::Refusal;
use crate::api::history::version::{Version, of_authority, of_plan, only};
use crate::api::negotiation::Form;
use crate::api::read_organization::form_for_reader;
use crate::api::reading::{found, subject};
use crate::api::search::searchable::Handling;
use crate::api::service::Service;
use crate::api::withdrawn_plan::asked_of_one;
use crate::disclosure::AskedLook;
use crate::domain::access::Interaction;
use crate::domain::plan::Plan;
use crate::domain::timeline::PlanPast;
use crate::fhir::Resource;
use crate::fhir::patient_flag::{self, patient_flag};
use crate::fhir::resource_kind::ResourceKind;
use crate::store::{authorities, authority_versions};

/// Who asks for versions of a resource of a kind.
pub enum Reader {
    /// A person who looks at a child's.
    Viewer(Box<Asking>),
    /// Whoever may be told of an authority.
    OfAuthority(Form),
}

impl Reader {
    /// Who asks.
    ///
    /// # Errors
    /// [`Refusal`] when a header, the token or the role is not good enough.
    pub async fn of(
        kind: ResourceKind,
        service: &Service,
        request: &HttpRequest,
    ) -> Result<Self, Refusal> {
        if kind == ResourceKind::Organization {
            return Ok(Self::OfAuthority(form_for_reader(request, service).await?));
        }
        let asking = asked_of_one(service, request).await?;
        Ok(Self::Viewer(Box::new(asking)))
    }

    /// What to do about parameters a history does not know.
    #[must_use]
    pub fn handling(&self) -> Handling {
        match self {
            Self::Viewer(asking) => asking.handling,
            Self::OfAuthority(_) => Handling::Lenient,
        }
    }

    /// The form of the answer.
    #[must_use]
    pub fn form(&self) -> Form {
        match self {
            Self::Viewer(asking) => asking.form,
            Self::OfAuthority(form) => *form,
        }
    }

    /// The versions of the resource of this id, newest first.
    ///
    /// # Errors
    /// [`Refusal`] when nothing of it can be told.
    pub async fn versions(
        &self,
        kind: ResourceKind,
        service: &Service,
        id: Uuid,
        asked: (Interaction, String),
    ) -> Result<Vec<Version>, Refusal> {
        match (self, subject(kind, id)) {
            (Self::Viewer(asking), Some(subject)) => {
                let (interaction, asked) = asked;
                let look = asking.look(service.clock.now(), subject, interaction, asked);
                disclosed(kind, service, look, id).await
            }
            _ => authority(service, id).await,
        }
    }
}

async fn disclosed(
    kind: ResourceKind,
    service: &Service,
    asked: AskedLook,
    id: Uuid,
) -> Result<Vec<Version>, Refusal> {
    if matches!(kind, ResourceKind::Flag | ResourceKind::EpisodeOfCare) {
        let (now, pasts) = service
            .door
            .disclose_past(asked)
            .await?
            .ok_or(Refusal::NotFound)?;
        if let Some(past) = pasts.iter().find(|past| past.plan.id == id) {
            return Ok(of_plan(kind, past, now));
        }
        return child_flag(kind, pasts, now, id).ok_or(Refusal::NotFound);
    }
    let resource = found(kind, service, asked, id).await?;
    Ok(only(kind, id, resource).into_iter().collect())
}

/// The child's one flag is made when it is asked for: only the present one is known.
fn child_flag(
    kind: ResourceKind,
    pasts: Vec<PlanPast>,
    now: DateTime<Utc>,
    id: Uuid,
) -> Option<Vec<Version>> {
    let plans: Vec<Plan> = pasts.into_iter().map(|past| past.plan).collect();
    let child = &plans.first()?.child;
    if kind != ResourceKind::Flag || patient_flag::id(child.id) != id {
        return None;
    }
    let mut only = only(
        kind,
        id,
        Resource::Flag(Box::new(patient_flag(child, &plans))),
    );
    // A plan may have left it at any moment until now, and a history since then must say so.
    if let Some(version) = &mut only {
        version.began = now;
    }
    Some(only.into_iter().collect())
}

async fn authority(service: &Service, id: Uuid) -> Result<Vec<Version>, Refusal> {
    let descriptions = service
        .query
        .transaction(move |postgres| {
            let Some(present) = authorities::read(postgres, id)? else {
                return Ok(Vec::new());
            };
            let mut descriptions = authority_versions::earlier(postgres, &[id])?;
            descriptions.retain(|earlier| earlier.version < present.version);
            descriptions.push(present);
            Ok(descriptions)
        })
        .await?;
    if descriptions.is_empty() {
        return Err(Refusal::NotFound);
    }
    Ok(of_authority(descriptions))
}
