//! What other processes of the same service do beside the one that answers.

use actix_web::rt::System;
use cpis_fhir::intake::following::{Followed, FollowingError, follow_numbers};
use cpis_fhir::settings::DatabaseUrl;
use cpis_fhir::start;
use cpis_fhir::store::provision::SERVER;

use super::service::{TestService, url};

impl TestService {
    /// Traces the numbers of children held whose turn it is, as a process of the service does.
    pub fn follow_numbers(&self) -> Result<Followed, FollowingError> {
        let service = start::service(&self.settings, self.clock.clone()).unwrap();
        let following = follow_numbers(&service.intake, &service.matching, self.now());
        System::new().block_on(following)
    }

    /// The database under the service's role, for another process of the same service.
    pub fn database_url(&self) -> Option<DatabaseUrl> {
        DatabaseUrl::parse(&url(SERVER, &self.database))
    }
}
