//! What other processes of the same service do beside the one that answers.

use actix_web::rt::System;
use chrono::NaiveDate;
use cpis_fhir::budgets::review::review;
use cpis_fhir::budgets::sharing::share;
use cpis_fhir::intake::ends::tell_of_ends;
use cpis_fhir::intake::following::{Followed, FollowingError, follow_numbers};
use cpis_fhir::settings::DatabaseUrl;
use cpis_fhir::start;
use cpis_fhir::store::provision::{OWNER, SERVER};

use super::service::{TestService, url};

impl TestService {
    /// Traces the numbers of children held whose turn it is, as a process of the service does.
    pub fn follow_numbers(&self) -> Result<Followed, FollowingError> {
        let service = start::service(&self.settings, self.clock.clone()).unwrap();
        let following = follow_numbers(&service.upkeep, &service.matching, self.now());
        System::new().block_on(following)
    }

    /// Shares what was looked at between the processes of the service, as each does every second.
    pub fn share_looks(&self) {
        let service = start::service(&self.settings, self.clock.clone()).unwrap();
        let sharing = share(&self.within.door.budgets, &service.query, self.now());
        System::new().block_on(sharing).unwrap();
    }

    /// Reviews the looks of a day, as each process does once; how many findings there are.
    pub fn review_looks(&self, day: NaiveDate) -> usize {
        let service = start::service(&self.settings, self.clock.clone()).unwrap();
        System::new().block_on(review(&service.query, day)).unwrap()
    }

    /// The database under the owner's role, for an operator's command.
    pub fn owner_url(&self) -> String {
        url(OWNER, &self.database)
    }

    /// Tells authorities of the plans that ended because the child is eighteen; how many.
    pub fn tell_of_ends(&self) -> usize {
        let service = start::service(&self.settings, self.clock.clone()).unwrap();
        let windows = service.door.rules.windows;
        System::new()
            .block_on(tell_of_ends(&service.upkeep, windows, self.now()))
            .unwrap()
    }

    /// The database under the service's role, for another process of the same service.
    pub fn database_url(&self) -> Option<DatabaseUrl> {
        DatabaseUrl::parse(&url(SERVER, &self.database))
    }
}
