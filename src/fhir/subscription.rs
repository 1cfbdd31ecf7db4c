//! A subscription of a local authority's system as a `Subscription`
//! (<https://hl7.org/fhir/R4/subscription.html>), topic-based as HL7's Subscriptions R5 Backport
//! has it for R4 (<http://hl7.org/fhir/uv/subscriptions-backport/>).

use fhirbolt::model::r4::resources::{Subscription as FhirSubscription, SubscriptionChannel};
use fhirbolt::model::r4::types::{Code, Extension, ExtensionValue};
use serde_json::Value;
use thiserror::Error;

use crate::domain::channel::Endpoint;
use crate::domain::subscription::{Content, HEARTBEAT_SECONDS, Subscription};
use crate::fhir::elements::{meta, text};
use crate::fhir::profiles;

/// The topic: notifications to the subscriber's own authority. Our own.
pub const TOPIC: &str = "https://cpis-fhir.invalid/SubscriptionTopic/notification";
const HEARTBEAT: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-heartbeat-period";
const CONTENT: &str =
    "http://hl7.org/fhir/uv/subscriptions-backport/StructureDefinition/backport-payload-content";
/// The one form of what is sent.
const PAYLOAD: &str = "application/fhir+json";
/// The longest reason, in characters.
const REASON_CHARACTERS_MAX: usize = 200;

/// The subscription. What opens its endpoint is registered with the operator and never told.
#[must_use]
pub fn subscription(made: &Subscription) -> FhirSubscription {
    let heartbeat = made.heartbeat_seconds.map(|seconds| Extension {
        url: HEARTBEAT.to_owned(),
        value: Some(ExtensionValue::UnsignedInt(seconds.into())),
        ..Default::default()
    });
    let content = Extension {
        url: CONTENT.to_owned(),
        value: Some(ExtensionValue::Code(made.content.code().into())),
        ..Default::default()
    };
    FhirSubscription {
        id: Some(made.id.to_string().into()),
        meta: Some(meta(
            profiles::SUBSCRIPTION,
            &made.version.to_string(),
            made.updated_at,
            &[],
        )),
        status: made.status.code().into(),
        reason: text(&made.reason).unwrap_or_else(|| "none given".into()),
        criteria: TOPIC.into(),
        error: made.error.as_deref().and_then(text),
        channel: SubscriptionChannel {
            extension: heartbeat.into_iter().collect(),
            r#type: "rest-hook".into(),
            endpoint: Some(made.endpoint.as_str().into()),
            payload: Some(Code {
                extension: vec![content],
                value: Some(PAYLOAD.to_owned()),
                ..Default::default()
            }),
            ..Default::default()
        },
        ..Default::default()
    }
}

/// What a system asks for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedSubscription {
    /// Where to send to.
    pub endpoint: Endpoint,
    /// How much.
    pub content: Content,
    /// After how many quiet seconds a heartbeat is wanted.
    pub heartbeat_seconds: Option<u32>,
    /// Why.
    pub reason: String,
}

/// Why a resource asks for no subscription that there is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
#[error("{element}: {expected}")]
pub struct SubscriptionError {
    /// The element at fault, in FHIRPath.
    pub element: &'static str,
    /// What would be right.
    pub expected: &'static str,
}

const fn wrong(element: &'static str, expected: &'static str) -> SubscriptionError {
    SubscriptionError { element, expected }
}

/// Reads what a `Subscription` asks for.
///
/// # Errors
/// [`SubscriptionError`] for the first element that asks for something else than there is.
pub fn asked(resource: &Value) -> Result<AskedSubscription, SubscriptionError> {
    let at = |path: &str| resource.pointer(path).and_then(Value::as_str);
    if at("/resourceType") != Some("Subscription") {
        return Err(wrong("resourceType", "the body is a Subscription"));
    }
    if !matches!(at("/status"), Some("requested" | "active")) {
        return Err(wrong("Subscription.status", "requested"));
    }
    if at("/criteria") != Some(TOPIC) || resource.get("_criteria").is_some() {
        let expected = "https://cpis-fhir.invalid/SubscriptionTopic/notification, unfiltered";
        return Err(wrong("Subscription.criteria", expected));
    }
    if at("/channel/type") != Some("rest-hook") {
        return Err(wrong("Subscription.channel.type", "rest-hook"));
    }
    if resource.pointer("/channel/header").is_some() {
        let expected = "what opens the endpoint is registered with the operator, and is not sent";
        return Err(wrong("Subscription.channel.header", expected));
    }
    if at("/channel/payload").is_some_and(|payload| payload != PAYLOAD) {
        return Err(wrong("Subscription.channel.payload", PAYLOAD));
    }
    let endpoint = at("/channel/endpoint").and_then(|text| Endpoint::parse(text).ok());
    let expected = "the endpoint that is registered with the operator, spelled in the same way";
    let reason = at("/reason").filter(|text| text.chars().count() <= REASON_CHARACTERS_MAX);
    let reason = reason.filter(|text| !text.trim().is_empty());
    let why = wrong("Subscription.reason", "a reason of at most 200 characters");
    Ok(AskedSubscription {
        endpoint: endpoint.ok_or(wrong("Subscription.channel.endpoint", expected))?,
        content: content(resource)?,
        heartbeat_seconds: heartbeat(resource)?,
        reason: reason.ok_or(why)?.to_owned(),
    })
}

fn extension<'a>(of: Option<&'a Value>, url: &str) -> Option<&'a Value> {
    let extensions = of?.get("extension")?.as_array()?;
    extensions
        .iter()
        .find(|extension| extension.get("url").and_then(Value::as_str) == Some(url))
}

/// The guide has nothing said stand for nothing sent.
fn content(resource: &Value) -> Result<Content, SubscriptionError> {
    let Some(stated) = extension(resource.pointer("/channel/_payload"), CONTENT) else {
        return Ok(Content::Empty);
    };
    let code = stated.get("valueCode").and_then(Value::as_str);
    let expected = "its backport-payload-content is full-resource, id-only or empty";
    code.and_then(Content::parse)
        .ok_or(wrong("Subscription.channel.payload.extension", expected))
}

fn heartbeat(resource: &Value) -> Result<Option<u32>, SubscriptionError> {
    let Some(stated) = extension(resource.pointer("/channel"), HEARTBEAT) else {
        return Ok(None);
    };
    let seconds = stated.get("valueUnsignedInt").and_then(Value::as_u64);
    let seconds = seconds.and_then(|seconds| u32::try_from(seconds).ok());
    let expected = "its backport-heartbeat-period is 10 to 86400 seconds";
    seconds
        .filter(|seconds| HEARTBEAT_SECONDS.contains(seconds))
        .map(Some)
        .ok_or(wrong("Subscription.channel.extension", expected))
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use serde_json::{Value, json};

    use super::{AskedSubscription, TOPIC, asked, subscription};
    use crate::fhir::json::to_value;
    use crate::fhir::samples;

    #[test]
    fn a_subscription_that_is_written_asks_for_itself() {
        let made = samples::subscription();
        let written = to_value(&subscription(&made)).unwrap();
        let expected = AskedSubscription {
            endpoint: made.endpoint,
            content: made.content,
            heartbeat_seconds: made.heartbeat_seconds,
            reason: made.reason,
        };
        assert_eq!(asked(&written), Ok(expected));
        assert!(!written.to_string().contains("header"));
    }

    #[test]
    fn what_asks_for_something_else_is_refused_by_its_element() {
        let right = to_value(&subscription(&samples::subscription())).unwrap();
        for (path, value, element) in [
            ("/resourceType", json!("Flag"), "resourceType"),
            ("/status", json!("off"), "Subscription.status"),
            (
                "/criteria",
                json!("Flag?patient=1"),
                "Subscription.criteria",
            ),
            ("/channel/type", json!("email"), "Subscription.channel.type"),
            (
                "/channel/payload",
                json!("text/plain"),
                "Subscription.channel.payload",
            ),
            (
                "/channel/endpoint",
                json!("ftp://a/"),
                "Subscription.channel.endpoint",
            ),
            ("/reason", json!(" "), "Subscription.reason"),
            (
                "/channel/_payload/extension/0/valueCode",
                json!("half"),
                "Subscription.channel.payload.extension",
            ),
            (
                "/channel/extension/0/valueUnsignedInt",
                json!(9),
                "Subscription.channel.extension",
            ),
        ] {
            let mut wrong: Value = right.clone();
            *wrong.pointer_mut(path).unwrap() = value;
            assert_eq!(asked(&wrong).unwrap_err().element, element, "{path}");
        }
        let mut wrong = right.clone();
        let channel = wrong.pointer_mut("/channel").and_then(Value::as_object_mut);
        channel
            .unwrap()
            .insert("header".into(), json!(["Authorization: Bearer a"]));
        assert_eq!(
            asked(&wrong).unwrap_err().element,
            "Subscription.channel.header"
        );
        assert_eq!(right.pointer("/criteria"), Some(&json!(TOPIC)));
    }
}
