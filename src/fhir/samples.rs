//! Fixed values for the examples and the tests of this folder.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::{DateTime, NaiveDate, Utc};
use uuid::{Uuid, uuid};

use crate::domain::access::{Access, Interaction};
use crate::domain::caller::{Practitioner, Viewer};
use crate::domain::care_setting::CareSetting;
use crate::domain::channel::Endpoint;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::notification::{Delivery, EndCause, Notification, Place, PlanEnd, Told};
use crate::domain::ods_code::OdsCode;
use crate::domain::phone_number::PhoneNumber;
use crate::domain::plan::{Child, EffectiveEnd, Plan, PlanKind};
use crate::domain::subscription::{Content, Subscription, SubscriptionStatus};

/// The base URL under which the examples stand.
pub const BASE: &str = "https://cpis.example.nhs.uk/FHIR/R4";
/// The server of the examples' accesses.
pub const SERVER: &str = BASE;

/// A moment, as FHIR writes it.
pub fn moment(text: &str) -> DateTime<Utc> {
    text.parse().unwrap()
}

/// A day, as FHIR writes it.
pub fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// The one child.
pub fn child() -> Child {
    Child {
        id: uuid!("019a3d0e-5c00-7a01-8b52-1f0e6c7d2a01"),
        nhs_number: NhsNumber::parse("9990000026").unwrap(),
        birth_date: day("2015-04-01"),
        updated_at: moment("2026-01-12T06:30:00.125Z"),
    }
}

/// The one authority.
pub fn authority() -> LocalAuthority {
    LocalAuthority {
        id: uuid!("019a3d0e-5c00-7a02-9c11-7be02d4f5a02"),
        code: OdsCode::parse("E90001").unwrap(),
        name: "Northshire Council".into(),
        emergency_phone: PhoneNumber::parse("01632 960001").unwrap(),
        office_phone: Some(PhoneNumber::parse("01632 960002").unwrap()),
        version: 1,
        updated_at: moment("2026-01-12T06:30:00.000Z"),
    }
}

/// A plan of each kind: a child protection plan with an end, a looked-after child without one, and
/// a mother's plan for her unborn child.
pub fn plan(kind: PlanKind) -> Plan {
    let (id, start, sent_end): (Uuid, &str, Option<&str>) = match kind {
        PlanKind::ChildProtection => (
            uuid!("019a3d0e-5c00-7a03-8d21-04c1a95e6b03"),
            "2026-01-10",
            Some("2027-01-09"),
        ),
        PlanKind::LookedAfter => (
            uuid!("019a3d0e-5c00-7a04-a0f3-5d2e1b7c8d04"),
            "2024-09-02",
            None,
        ),
        PlanKind::UnbornChildProtection => (
            uuid!("019a3d0e-5c00-7a05-b1e4-6f3d2c8b9e05"),
            "2026-10-05",
            Some("2027-02-14"),
        ),
    };
    let mut child = child();
    if kind == PlanKind::UnbornChildProtection {
        child.birth_date = day("1998-07-23");
    }
    let end = EffectiveEnd::of(kind, child.birth_date, sent_end.map(day));
    Plan {
        id,
        version: 1,
        kind,
        child,
        local_id: "NS-4711".into(),
        start: day(start),
        end,
        authority: authority(),
        updated_at: moment("2026-01-12T06:30:00.250Z"),
    }
}

/// An access of one doctor.
pub fn access(interaction: Interaction, care_setting: CareSetting) -> Access {
    let flag = format!("Flag/{}", plan(PlanKind::ChildProtection).id);
    let query = "patient:identifier=https://fhir.nhs.uk/Id/nhs-number|9990000026";
    let (id, asked) = match interaction {
        Interaction::Search => (
            uuid!("019aab3c-9d80-7b01-8a44-3c5d6e7f8a01"),
            format!("Flag?{query}"),
        ),
        Interaction::Read => (uuid!("019aab3c-9d80-7b02-9b55-4d6e7f8a9b02"), flag),
        Interaction::VersionRead => (
            uuid!("019aab3c-9d80-7b03-9b55-4d6e7f8a9b03"),
            format!("{flag}/_history/1-1"),
        ),
        Interaction::InstanceHistory => (
            uuid!("019aab3c-9d80-7b04-9b55-4d6e7f8a9b04"),
            format!("{flag}/_history"),
        ),
        Interaction::TypeHistory => (
            uuid!("019aab3c-9d80-7b05-9b55-4d6e7f8a9b05"),
            format!("Flag/_history?{query}"),
        ),
        Interaction::Operation => (
            uuid!("019aab3c-9d80-7b06-9b55-4d6e7f8a9b06"),
            format!("Patient/$everything?{query}"),
        ),
    };
    Access {
        id,
        nhs_number: child().nhs_number,
        at: moment("2026-11-22T21:04:05.678Z"),
        request_id: uuid!("60e0b220-8136-4ca5-ae46-1d97ef59d068"),
        interaction,
        asked,
        viewer: viewer(care_setting),
    }
}

/// A notification of that doctor's search, owed to the one authority.
pub fn notification() -> Notification {
    let access = access(Interaction::Search, CareSetting::Unscheduled);
    let id = uuid!("019aab3c-9d80-7c01-8c66-5e7f8a9b0c01");
    Notification {
        id,
        authority: authority(),
        nhs_number: access.nhs_number,
        child: Some(child().id),
        local_id: "NS-4711".into(),
        upload: uuid!("019bb0d4-a0f0-7d01-9d77-6f8a9b0c1d01"),
        upload_sequence: Some(12),
        queued_at: access.at,
        told: Told::Access(Box::new(access)),
        delivery: Delivery::Owed,
        place: Place {
            transaction: 4711,
            id,
        },
        event_number: None,
        attempts: 0,
    }
}

/// A notification of the same authority that the child's number was replaced.
pub fn notification_of_number() -> Notification {
    Notification {
        told: Told::InactiveNumber {
            replacement: NhsNumber::parse("9990000034").ok(),
        },
        child: None,
        ..notification()
    }
}

/// A notification of the same authority that its plan ends with the eighteenth birthday.
pub fn notification_of_end() -> Notification {
    let plan = plan(PlanKind::LookedAfter);
    Notification {
        told: Told::PlanEnd(PlanEnd {
            plan: plan.id,
            kind: plan.kind,
            start: plan.start,
            end: plan.end.day,
            cause: EndCause::Eighteen,
        }),
        queued_at: moment("2033-04-01T00:00:09.000Z"),
        ..notification()
    }
}

/// A subscription of the one authority's system.
pub fn subscription() -> Subscription {
    Subscription {
        id: uuid!("019aab3c-9d80-7e01-8c66-5e7f8a9b0c01"),
        authority: authority().id,
        status: SubscriptionStatus::Active,
        endpoint: Endpoint::parse("https://hooks.northshire.example/cp-is").unwrap(),
        content: Content::FullResource,
        heartbeat_seconds: Some(3600),
        reason: "Alerts for the duty team".into(),
        version: 2,
        updated_at: moment("2026-11-22T20:00:00.000Z"),
        events: 42,
        sent_at: Some(moment("2026-11-22T21:00:00.000Z")),
        attempts: 0,
        error: None,
    }
}

fn viewer(care_setting: CareSetting) -> Viewer {
    Viewer {
        client_id: "riverside-epr".into(),
        organisation: OdsCode::parse("RQX99").unwrap(),
        organisation_name: "Riverside Hospital".into(),
        practitioner: Practitioner {
            user_id: "555000000101".into(),
            name: "Dr Amina Clarke".into(),
            role_profile_id: "555000000201".into(),
            job_role_code: "R8000".into(),
            job_role_name: "Clinical Practitioner Access Role".into(),
        },
        care_setting,
    }
}
