//! What the document says of what local authorities' systems are told.

use crate::openapi::interactions::{Answers, READ, SEARCH, Takes, Words};
use crate::routes::notifications::OfNotified;

const SEARCH_NOTIFICATIONS: Words = (
    "search",
    "Tells a local authority's system what its authority is notified of, in order of arrival",
);
const ACKNOWLEDGE: Words = (
    "acknowledge",
    "Takes note of the notifications that a local authority has",
);
const CREATE: Words = (
    "create",
    "Asks to be sent what the authority is notified of, at its registered endpoint",
);
const DELETE: Words = ("delete", "Takes a subscription away");
const STATE: Words = (
    "state",
    "Tells how a subscription is, and how many events there were",
);

/// The table's line of an interaction.
pub fn line(interaction: OfNotified) -> (Words, &'static str, Takes, Answers) {
    let (told, sent) = ("Communication", "Subscription");
    match interaction {
        OfNotified::SearchCommunications => (
            SEARCH_NOTIFICATIONS,
            told,
            Takes::Notifications,
            Answers::Searchset,
        ),
        OfNotified::ReadCommunication => (READ, told, Takes::Read, Answers::Resource(told)),
        OfNotified::Acknowledge => (ACKNOWLEDGE, told, Takes::Acknowledge, Answers::Outcome),
        OfNotified::SearchSubscriptions => (SEARCH, sent, Takes::Subscriptions, Answers::Searchset),
        OfNotified::CreateSubscription => (CREATE, sent, Takes::Subscription, Answers::Made(sent)),
        OfNotified::ReadSubscription => (READ, sent, Takes::Read, Answers::Resource(sent)),
        OfNotified::DeleteSubscription => (DELETE, sent, Takes::Form, Answers::Gone),
        OfNotified::SubscriptionStatus => (STATE, sent, Takes::Form, Answers::SubscriptionState),
    }
}
