//! With which statuses each interaction answers, in one table: the success first, where there is
//! one, then every refusal that its walk can come to. A status that is not here is a fault of the
//! service.
//!
//! A method that a path does not take (405) has no operation to stand in, but for an update of what
//! is not there. 406 and 415 stand
//! everywhere: nothing is answered or read in an encoding that is not taken.

use crate::openapi::{audit, tokens};
use crate::routes::notifications::OfNotified;
use crate::routes::read_back::AuthorityOperation;
use crate::routes::{Interaction, Route};

/// The statuses of a route.
pub fn statuses(route: &Route) -> &'static [u16] {
    let is_posted = route.method.as_str() == "POST";
    match route.interaction {
        // A posted form may be too long; a query string that is too long is a bad request.
        Interaction::Search(_) if is_posted => {
            &[200, 400, 401, 403, 406, 409, 410, 413, 415, 429, 503]
        }
        Interaction::Search(_) => &[200, 400, 401, 403, 406, 409, 410, 415, 429, 503],
        Interaction::Read(_) | Interaction::VersionRead(_) => {
            &[200, 304, 400, 401, 403, 404, 406, 409, 410, 415, 429, 503]
        }
        Interaction::InstanceHistory(_) | Interaction::TypeHistory(_) => {
            &[200, 400, 401, 403, 404, 406, 409, 410, 415, 429, 503]
        }
        Interaction::ReadDefinition => &[200, 304, 400, 404, 406, 415],
        Interaction::SearchDefinitions if is_posted => &[200, 400, 406, 413, 415],
        Interaction::SearchDefinitions => &[200, 304, 400, 406, 415],
        Interaction::Create(_) => &[200, 201, 400, 401, 403, 406, 409, 412, 413, 415, 422, 503],
        Interaction::Update(_) => &[
            200, 201, 400, 401, 403, 405, 406, 409, 412, 413, 415, 422, 503,
        ],
        Interaction::ConditionalUpdate(_) => {
            &[200, 201, 400, 401, 403, 406, 409, 412, 413, 415, 422, 503]
        }
        Interaction::Delete(_) => &[200, 204, 400, 401, 403, 404, 406, 409, 412, 415, 422, 503],
        Interaction::ConditionalDelete(_) => {
            &[200, 204, 400, 401, 403, 404, 406, 409, 412, 415, 422, 503]
        }
        // What an authority's transaction is refused with is that of the request that is refused.
        Interaction::Batch => &[
            200, 400, 401, 403, 404, 405, 406, 409, 412, 413, 415, 422, 429, 503,
        ],
        Interaction::Everything if is_posted => {
            &[200, 400, 401, 403, 404, 406, 409, 410, 413, 415, 429, 503]
        }
        Interaction::Everything => &[200, 400, 401, 403, 404, 406, 409, 410, 415, 429, 503],
        Interaction::EverythingOfAll => &[400, 401, 403, 406, 415, 503],
        Interaction::Validate(_) => &[200, 400, 401, 403, 406, 413, 415],
        Interaction::UploadPlans => &[200, 400, 401, 403, 406, 409, 413, 415, 422, 503],
        Interaction::ReadAcknowledgement => &[200, 400, 401, 403, 404, 406, 415, 503],
        Interaction::OfNotified(interaction) => notified(interaction, is_posted),
        Interaction::OfAuthority(operation) => of_authority(operation),
        Interaction::Capabilities | Interaction::OpenApi => &[200, 304, 406, 415],
        Interaction::OfTokens(asked) => tokens::statuses(asked),
        Interaction::OfAudit(asked) => audit::statuses(asked),
        Interaction::Health if route.path == "/_ping" => &[200, 406, 415],
        Interaction::Health => &[200, 406, 415, 503],
    }
}

fn notified(interaction: OfNotified, is_posted: bool) -> &'static [u16] {
    use OfNotified::{SearchCommunications, SearchSubscriptions};
    match interaction {
        SearchCommunications | SearchSubscriptions if is_posted => {
            &[200, 400, 401, 403, 406, 413, 415, 503]
        }
        SearchCommunications | SearchSubscriptions => &[200, 400, 401, 403, 406, 415, 503],
        OfNotified::ReadCommunication | OfNotified::ReadSubscription => {
            &[200, 304, 400, 401, 403, 404, 406, 415, 503]
        }
        OfNotified::Acknowledge => &[200, 400, 401, 403, 406, 413, 415, 503],
        OfNotified::CreateSubscription => &[201, 400, 401, 403, 406, 409, 413, 415, 422, 503],
        OfNotified::DeleteSubscription => &[204, 400, 401, 403, 404, 406, 415, 503],
        OfNotified::SubscriptionStatus => &[200, 400, 401, 403, 404, 406, 415, 503],
    }
}

fn of_authority(operation: AuthorityOperation) -> &'static [u16] {
    match operation {
        AuthorityOperation::ReportAlert => &[200, 400, 401, 403, 406, 413, 415, 429, 503],
        AuthorityOperation::CloseAlertReport => &[200, 400, 401, 403, 404, 406, 409, 413, 415, 503],
        AuthorityOperation::HeldPlans
        | AuthorityOperation::Accesses
        | AuthorityOperation::AlertReports => &[200, 400, 401, 403, 406, 410, 415, 503],
        AuthorityOperation::ComparePlans => &[200, 400, 401, 403, 406, 413, 415, 422, 503],
    }
}
