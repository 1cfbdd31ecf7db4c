//! The lines of the route table for what local authorities are told: used by their own systems.

use actix_web::Route as Line;
use actix_web::http::Method;

use crate::api::acknowledge::acknowledge;
use crate::api::create_subscription::create_subscription;
use crate::api::delete_subscription::delete_subscription;
use crate::api::read_communication::read_communication;
use crate::api::read_subscription::read_subscription;
use crate::api::search_communications::search_communications;
use crate::api::search_subscriptions::search_subscriptions;
use crate::api::subscription_status::subscription_status;
use crate::routes::{Interaction, Route};

/// What a local authority's system does about what its authority is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OfNotified {
    /// `search-type` of `Communication`.
    SearchCommunications,
    /// `read` of a `Communication`.
    ReadCommunication,
    /// The operation `acknowledge`.
    Acknowledge,
    /// `search-type` of `Subscription`.
    SearchSubscriptions,
    /// `create` of a `Subscription`.
    CreateSubscription,
    /// `read` of a `Subscription`.
    ReadSubscription,
    /// `delete` of a `Subscription`.
    DeleteSubscription,
    /// The Backport guide's operation `status`.
    SubscriptionStatus,
}

/// The lines. Operations stand before reads, whose id would else be an operation's name.
pub fn lines() -> impl Iterator<Item = Route> {
    use OfNotified::{
        Acknowledge, CreateSubscription, DeleteSubscription, ReadCommunication, ReadSubscription,
        SearchCommunications, SearchSubscriptions, SubscriptionStatus,
    };
    let lines = [
        (Method::GET, "/FHIR/R4/Communication", SearchCommunications),
        (
            Method::POST,
            "/FHIR/R4/Communication/_search",
            SearchCommunications,
        ),
        (
            Method::POST,
            "/FHIR/R4/Communication/$acknowledge",
            Acknowledge,
        ),
        (
            Method::GET,
            "/FHIR/R4/Communication/{id}",
            ReadCommunication,
        ),
        (Method::GET, "/FHIR/R4/Subscription", SearchSubscriptions),
        (Method::POST, "/FHIR/R4/Subscription", CreateSubscription),
        (
            Method::POST,
            "/FHIR/R4/Subscription/_search",
            SearchSubscriptions,
        ),
        (Method::GET, "/FHIR/R4/Subscription/{id}", ReadSubscription),
        (
            Method::DELETE,
            "/FHIR/R4/Subscription/{id}",
            DeleteSubscription,
        ),
        (
            Method::GET,
            "/FHIR/R4/Subscription/{id}/$status",
            SubscriptionStatus,
        ),
    ];
    lines.into_iter().map(|(method, path, interaction)| Route {
        method,
        path,
        interaction: Interaction::OfNotified(interaction),
    })
}

/// The handler of a line.
pub fn handler(interaction: OfNotified, line: Line) -> Line {
    match interaction {
        OfNotified::SearchCommunications => line.to(search_communications),
        OfNotified::ReadCommunication => line.to(read_communication),
        OfNotified::Acknowledge => line.to(acknowledge),
        OfNotified::SearchSubscriptions => line.to(search_subscriptions),
        OfNotified::CreateSubscription => line.to(create_subscription),
        OfNotified::ReadSubscription => line.to(read_subscription),
        OfNotified::DeleteSubscription => line.to(delete_subscription),
        OfNotified::SubscriptionStatus => line.to(subscription_status),
    }
}
