//! What of a request is at fault, as an OperationOutcome's `expression` names it.

use super::{Refusal, intake};

impl Refusal {
    /// The parameter, header or element at fault.
    pub(super) fn expression(&self) -> Vec<String> {
        let at_fault = match self {
            Self::NoToken | Self::BadToken(_) | Self::Caller(_) => "http.Authorization",
            Self::Declared(_) => "http.IsUnscheduledAccessEvent",
            Self::RequestId | Self::RequestIdTaken => "http.X-Request-ID",
            Self::GatewayHeader(name) => return vec![format!("http.{name}")],
            Self::Confirmation => "confirm-ending",
            Self::Period => "since",
            Self::Parameter { name, .. } => name,
            Self::Closed => "outcome",
            Self::FileSequence => "file_sequence",
            Self::NotAcceptable => "http.Accept",
            Self::MediaType(_) => "http.Content-Type",
            Self::ContentEncoding => "http.Content-Encoding",
            Self::Subset(error) => error.parameter,
            Self::Search(refusal) => return refusal.parameters(),
            Self::File(refusal) => return refusal.column.map(str::to_owned).into_iter().collect(),
            Self::Subscription(error) => error.element,
            Self::SubscriptionThere => "Subscription",
            Self::Page => "_page",
            Self::BundleNumber => "Bundle.identifier",
            Self::ResourceId => "EpisodeOfCare.id",
            Self::Profile(_) => "profile",
            Self::Batch(_) | Self::BatchTooLong(_) | Self::BatchEntry | Self::WriteEntry => {
                "Bundle.entry"
            }
            Self::Intake(refusal) => return intake::expression(refusal),
            Self::Transport(_)
            | Self::NotFound
            | Self::Plans(_)
            | Self::Withdrawn
            | Self::Version(_)
            | Self::NoSuchPath
            | Self::Method(_)
            | Self::NotText
            | Self::TooLong(_)
            | Self::TooManyHeld(_)
            | Self::TornBody
            | Self::Unreadable(_)
            | Self::OverBudget(_)
            | Self::Unavailable(_)
            | Self::Unwritable(_) => return Vec::new(),
        };
        vec![at_fault.to_owned()]
    }
}
