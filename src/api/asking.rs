//! A request about a child, once it is known who asks and in which form the answer is wanted.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::{HttpMessage as _, HttpRequest};
use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::api::address::address;
use crate::api::caller::{Admitted, admitted, refuse, viewer_of};
use crate::api::error::Refusal;
use crate::api::negotiation::{Form, agreed};
use crate::api::on_record::slip;
use crate::api::prefer;
use crate::api::request_id::{RequestId, request_id};
use crate::api::search::searchable::Handling;
use crate::api::service::Service;
use crate::disclosure::AskedLook;
use crate::disclosure::answers::AnswerSlip;
use crate::domain::access::{Interaction, Look, Subject};
use crate::domain::authorisation::Role;
use crate::domain::caller::{Caller, CallerRefusal, Viewer};
use crate::domain::scope::Permission;

/// Who asks, under which id, and how.
#[derive(Clone)]
pub struct Asking {
    /// The request's id.
    pub request_id: Uuid,
    /// Who looks.
    pub viewer: Viewer,
    /// The same as the caller, with the scopes that narrow what may be asked.
    pub caller: Arc<Caller>,
    /// What to do about parameters a search does not know.
    pub handling: Handling,
    /// The same, where the caller stated it and is told that it was honoured.
    pub stated_handling: Option<Handling>,
    /// The form of the answer.
    pub form: Form,
    /// The looks that the answer goes back to.
    pub slip: AnswerSlip,
    /// From where, as far as it is known.
    pub address: Option<IpAddr>,
}

impl Asking {
    /// Reads what every request about a child has.
    ///
    /// # Errors
    /// [`Refusal`] when a header, the token or the role is not good enough.
    pub async fn of(request: &HttpRequest, service: &Service) -> Result<Self, Refusal> {
        let stated = Stated::of(request)?;
        let admitted = admitted(request, service).await?;
        stated.asking(request, service, admitted).await
    }

    /// Refuses what the scopes do not permit.
    ///
    /// # Errors
    /// [`CallerRefusal::ScopeTooNarrow`].
    pub fn check(&self, kind: &str, permission: Permission) -> Result<(), CallerRefusal> {
        self.caller.check_scopes(&[(kind, permission)])
    }

    /// Puts the caller into the security log who was refused while the request was answered, and
    /// was not known to be refused before.
    pub async fn noted(
        &self,
        request: &HttpRequest,
        service: &Service,
        refusal: Refusal,
    ) -> Refusal {
        match refusal {
            Refusal::Caller(refusal) => {
                refuse(request, service, self.caller.as_ref().clone(), refusal).await
            }
            refusal => refusal,
        }
    }

    /// The look that the request is, at a child.
    #[must_use]
    pub fn look(
        &self,
        at: DateTime<Utc>,
        subject: Subject,
        interaction: Interaction,
        asked: String,
    ) -> AskedLook {
        let look = Look {
            at,
            request_id: self.request_id,
            subject,
            interaction,
            asked,
            viewer: self.viewer.clone(),
        };
        AskedLook {
            look,
            slip: self.slip.clone(),
            address: self.address,
        }
    }
}

/// What the headers say of how a request is to be answered, whoever asks.
#[derive(Debug, Clone, Copy)]
pub struct Stated {
    /// The form of the answer.
    pub form: Form,
    /// What to do about parameters a search does not know, where that is stated.
    pub handling: Option<Handling>,
}

impl Stated {
    /// Reads the headers.
    ///
    /// # Errors
    /// [`Refusal`] when one of them cannot be met.
    pub fn of(request: &HttpRequest) -> Result<Self, Refusal> {
        check_request_id(request)?;
        Ok(Self {
            form: agreed(request, request.query_string())?,
            handling: prefer::handling(request.headers())?,
        })
    }

    /// The request of a person who may look.
    ///
    /// # Errors
    /// [`Refusal`] when the caller may not.
    pub async fn asking(
        self,
        request: &HttpRequest,
        service: &Service,
        Admitted { caller, grant }: Admitted,
    ) -> Result<Asking, Refusal> {
        if grant.role != Role::Viewer {
            return Err(refuse(request, service, caller, CallerRefusal::Unattended).await);
        }
        let viewer = viewer_of(request, service, &caller).await?;
        Ok(Asking {
            request_id: request_id(request),
            viewer,
            caller: Arc::new(caller),
            handling: self.handling.unwrap_or(Handling::Lenient),
            stated_handling: self.handling,
            form: self.form,
            slip: slip(request)?,
            address: address(request, service).await,
        })
    }
}

/// Refuses a request whose own id is none.
///
/// # Errors
/// [`Refusal::RequestId`].
pub fn check_request_id(request: &HttpRequest) -> Result<(), Refusal> {
    match request.extensions().get::<RequestId>() {
        Some(id) if id.is_malformed() => Err(Refusal::RequestId),
        _ => Ok(()),
    }
}
