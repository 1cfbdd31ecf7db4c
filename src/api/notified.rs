//! Who is told: a local authority's own system, of what its own authority is told.

use actix_web::HttpRequest;

use crate::api::asking::check_request_id;
use crate::api::caller::{admitted, refuse};
use crate::api::error::Refusal;
use crate::api::service::Service;
use crate::domain::caller::{Caller, CallerRefusal};
use crate::domain::local_authority::LocalAuthority;
use crate::store::{AuthorityStore, authorities};

/// A local authority's system that may read what its authority is told.
pub struct Notified {
    /// The system.
    pub caller: Caller,
    /// Its authority.
    pub authority: LocalAuthority,
}

impl Notified {
    /// Who is asking, as such a system.
    ///
    /// # Errors
    /// [`Refusal`] when the request's id, the token or its scope is not good enough, or the
    /// authority is not registered; a refused caller is in the security log.
    pub async fn of(request: &HttpRequest, service: &Service) -> Result<Self, Refusal> {
        check_request_id(request)?;
        let caller = admitted(request, service).await?.caller;
        let code = caller.organisation.clone();
        let authority = service
            .notifier
            .store
            .run(move |postgres| authorities::of_code(postgres, &code))
            .await?;
        match authority {
            Some(authority) => Ok(Self { caller, authority }),
            None => Err(refuse(request, service, caller, CallerRefusal::NotNotified).await),
        }
    }

    /// The notifier's side of the database, for the authority alone.
    pub fn store(&self, service: &Service) -> AuthorityStore {
        service.notifier.store.of(&self.authority.code)
    }

    /// Refuses who asks for what another authority is told.
    pub async fn refused(self, request: &HttpRequest, service: &Service) -> Refusal {
        let refused = CallerRefusal::AnotherAuthoritysNotifications;
        refuse(request, service, self.caller, refused).await
    }
}
