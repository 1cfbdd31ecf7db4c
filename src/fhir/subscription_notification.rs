//! What is posted to a subscription's endpoint: a `Bundle` that begins with the subscription's
//! state, as HL7's Subscriptions R5 Backport has it for R4
//! (<http://hl7.org/fhir/uv/subscriptions-backport/notifications.html>).

use chrono::{DateTime, Utc};
use fhirbolt::model::r4::Resource;
use fhirbolt::model::r4::resources::{
    Bundle, BundleEntry, BundleEntryRequest, BundleEntryResponse, BundleEntrySearch, Parameters,
    ParametersParameter, ParametersParameterValue,
};
use fhirbolt::model::r4::types::{CodeableConcept, Reference};
use uuid::Uuid;

use crate::domain::notification::Notification;
use crate::domain::subscription::{Content, Subscription};
use crate::fhir::communication::communication;
use crate::fhir::elements::{claim, identifier, instant, text};
use crate::fhir::profiles;
use crate::fhir::subscription::TOPIC;
use crate::fhir::terminology::URI;

/// Why something is sent, or told.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Occasion<'a> {
    /// To learn whether the endpoint is there.
    Handshake,
    /// To say that nothing has happened, and that whoever would tell is there.
    Heartbeat,
    /// Something is to be told.
    Event(&'a Notification),
    /// The subscriber asks.
    Query,
}

impl Occasion<'_> {
    fn code(self) -> &'static str {
        match self {
            Self::Handshake => "handshake",
            Self::Heartbeat => "heartbeat",
            Self::Event(_) => "event-notification",
            Self::Query => "query-status",
        }
    }
}

/// What is sent from a base URL at a moment, under an id of its own.
#[must_use]
pub fn subscription_notification(
    made: &Subscription,
    occasion: Occasion<'_>,
    base: &str,
    (id, now): (Uuid, DateTime<Utc>),
) -> Bundle {
    let state = Resource::Parameters(Box::new(status(made, occasion, base)));
    let mut entry = vec![BundleEntry {
        full_url: Some(format!("urn:uuid:{id}").into()),
        resource: Some(state),
        request: Some(request("GET", &format!("{}/$status", own_url(made, base)))),
        response: Some(response("200")),
        ..Default::default()
    }];
    let mut known_by = None;
    if let Occasion::Event(told) = occasion {
        // The same for the same notification, however often it is sent.
        known_by = Some(Box::new(identifier(URI, &format!("urn:uuid:{}", told.id))));
        if made.content != Content::Empty {
            entry.push(focus(told, made.content, base));
        }
    }
    Bundle {
        id: Some(id.to_string().into()),
        meta: Some(claim(profiles::SUBSCRIPTION_NOTIFICATION)),
        identifier: known_by,
        r#type: "history".into(),
        timestamp: Some(instant(now).into()),
        entry,
        ..Default::default()
    }
}

/// How a subscription is, to whoever asks: the one match of a search's `Bundle`.
#[must_use]
pub fn subscription_state(
    made: &Subscription,
    base: &str,
    (id, self_link): (Uuid, String),
) -> Bundle {
    let state = status(made, Occasion::Query, base);
    let search = BundleEntrySearch {
        mode: Some("match".into()),
        ..Default::default()
    };
    Bundle {
        r#type: "searchset".into(),
        total: Some(1_u32.into()),
        link: vec![crate::fhir::bundle::page_link("self", self_link)],
        entry: vec![BundleEntry {
            full_url: Some(format!("urn:uuid:{id}").into()),
            resource: Some(Resource::Parameters(Box::new(status_of(state, id)))),
            search: Some(search),
            ..Default::default()
        }],
        ..Default::default()
    }
}

fn status_of(state: Parameters, id: Uuid) -> Parameters {
    Parameters {
        id: Some(id.to_string().into()),
        ..state
    }
}

fn own_url(made: &Subscription, base: &str) -> String {
    format!("{base}/Subscription/{}", made.id)
}

fn focus_url(told: &Notification, base: &str) -> String {
    format!("{base}/Communication/{}", told.id)
}

/// The notification, or by which address it can be read.
fn focus(told: &Notification, content: Content, base: &str) -> BundleEntry {
    let is_full = content == Content::FullResource;
    let resource = is_full.then(|| Resource::Communication(Box::new(communication(told, base))));
    BundleEntry {
        full_url: Some(focus_url(told, base).into()),
        resource,
        request: Some(request("POST", "Communication")),
        response: Some(response("201")),
        ..Default::default()
    }
}

fn request(method: &str, url: &str) -> BundleEntryRequest {
    BundleEntryRequest {
        method: method.into(),
        url: url.into(),
        ..Default::default()
    }
}

fn response(status: &str) -> BundleEntryResponse {
    BundleEntryResponse {
        status: status.into(),
        ..Default::default()
    }
}

/// The state of a subscription, in the order of the guide's profile.
fn status(made: &Subscription, occasion: Occasion<'_>, base: &str) -> Parameters {
    use ParametersParameterValue::{Canonical, Code, CodeableConcept as Concept};
    use ParametersParameterValue::{Reference as Refers, String as Words};
    let own = Reference {
        reference: Some(own_url(made, base).into()),
        ..Default::default()
    };
    let mut parameter = vec![
        value("subscription", Refers(Box::new(own))),
        value("topic", Canonical(TOPIC.into())),
        value("status", Code(made.status.code().into())),
        value("type", Code(occasion.code().into())),
        value(
            "events-since-subscription-start",
            Words(made.events.to_string().into()),
        ),
    ];
    if let Occasion::Event(told) = occasion {
        parameter.push(event(told, made.content, base));
    }
    parameter.extend(made.error.as_deref().map(|error| {
        let why = CodeableConcept {
            text: text(error),
            ..Default::default()
        };
        value("error", Concept(Box::new(why)))
    }));
    Parameters {
        meta: Some(claim(profiles::SUBSCRIPTION_STATUS)),
        parameter,
        ..Default::default()
    }
}

fn event(told: &Notification, content: Content, base: &str) -> ParametersParameter {
    use ParametersParameterValue::{Instant, Reference as Refers, String as Words};
    let number = told.event_number.unwrap_or_default().to_string();
    let mut part = vec![
        value("event-number", Words(number.into())),
        value("timestamp", Instant(instant(told.queued_at).into())),
    ];
    if content != Content::Empty {
        let focus = Reference {
            reference: Some(focus_url(told, base).into()),
            ..Default::default()
        };
        part.push(value("focus", Refers(Box::new(focus))));
    }
    ParametersParameter {
        name: "notification-event".into(),
        part,
        ..Default::default()
    }
}

fn value(name: &str, value: ParametersParameterValue) -> ParametersParameter {
    ParametersParameter {
        name: name.into(),
        value: Some(value),
        ..Default::default()
    }
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use serde_json::{Value, json};
    use uuid::Uuid;

    use super::{Occasion, subscription_notification};
    use crate::domain::subscription::Content;
    use crate::fhir::json::to_value;
    use crate::fhir::samples::{BASE, moment, notification, subscription};

    fn sent(content: Content, occasion: Occasion<'_>) -> Value {
        let mut made = subscription();
        made.content = content;
        let at = (Uuid::max(), moment("2026-11-22T21:04:06Z"));
        to_value(&subscription_notification(&made, occasion, BASE, at)).unwrap()
    }

    #[test]
    fn an_event_is_told_in_full_by_id_or_only_as_such() {
        let told = notification();
        for (content, entries) in [
            (Content::FullResource, 2),
            (Content::IdOnly, 2),
            (Content::Empty, 1),
        ] {
            let sent = sent(content, Occasion::Event(&told));
            let at = |path: &str| sent.pointer(path).and_then(Value::as_str);
            assert_eq!(at("/type"), Some("history"));
            assert_eq!(at("/entry/0/resource/resourceType"), Some("Parameters"));
            let held = sent.get("entry").and_then(Value::as_array).map(Vec::len);
            assert_eq!(held, Some(entries));
            let is_full = at("/entry/1/resource/resourceType") == Some("Communication");
            assert_eq!(is_full, content == Content::FullResource);
            let identified = at("/identifier/value").unwrap();
            assert_eq!(identified, format!("urn:uuid:{}", told.id));
            let says_number = sent.to_string().contains("9990000026");
            assert_eq!(says_number, content == Content::FullResource);
        }
    }

    #[test]
    fn a_handshake_and_a_heartbeat_tell_of_nobody() {
        for (occasion, code) in [
            (Occasion::Handshake, "handshake"),
            (Occasion::Heartbeat, "heartbeat"),
        ] {
            let sent = sent(Content::FullResource, occasion);
            let parameters = sent.pointer("/entry/0/resource/parameter").unwrap();
            let said = json!({ "name": "type", "valueCode": code });
            assert!(parameters.as_array().unwrap().contains(&said));
            assert!(sent.pointer("/entry/1").is_none());
            assert!(sent.get("identifier").is_none());
        }
    }
}
