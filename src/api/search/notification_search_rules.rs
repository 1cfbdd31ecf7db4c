//! How a search of notifications is read.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use chrono::{DateTime, Utc};
use proptest::prelude::{prop_assert, proptest};
use uuid::uuid;

use super::NotificationSearch;
use crate::api::search::SearchRefusal;
use crate::api::search::parameters::read;
use crate::api::search::searchable::Handling;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::ods_code::OdsCode;
use crate::domain::phone_number::PhoneNumber;

const BASE: &str = "https://cpis.example/FHIR/R4";

fn authority() -> LocalAuthority {
    LocalAuthority {
        id: uuid!("019a3d0e-5c00-7a02-9c11-7be02d4f5a02"),
        code: OdsCode::parse("E90001").unwrap(),
        name: "Northshire Council".into(),
        emergency_phone: PhoneNumber::parse("999").unwrap(),
        office_phone: None,
        version: 1,
        updated_at: DateTime::<Utc>::UNIX_EPOCH,
    }
}

fn search(query: &str) -> Result<NotificationSearch, SearchRefusal> {
    NotificationSearch::read(&read(query), Handling::Strict)
}

#[test]
fn a_window_is_what_all_comparisons_leave() {
    let moment = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
    for (query, from, until) in [
        ("sent=ge2026-11-22", Some("2026-11-22T00:00:00Z"), None),
        ("sent=gt2026-11-22", Some("2026-11-23T00:00:00Z"), None),
        ("sent=le2026-11-22", None, Some("2026-11-23T00:00:00Z")),
        ("sent=lt2026-11-22", None, Some("2026-11-22T00:00:00Z")),
        (
            "sent=2026-11-22",
            Some("2026-11-22T00:00:00Z"),
            Some("2026-11-23T00:00:00Z"),
        ),
        (
            "sent=ge2026-11-01&sent=ge2026-11-22&sent=lt2026-11-24&sent=lt2026-12-01",
            Some("2026-11-22T00:00:00Z"),
            Some("2026-11-24T00:00:00Z"),
        ),
    ] {
        let sought = search(query).unwrap().sought(authority().code);
        assert_eq!(sought.from, from.map(moment), "{query}");
        assert_eq!(sought.until, until.map(moment), "{query}");
    }
}

#[test]
fn an_authority_names_itself_in_every_way_and_nobody_else_in_any() {
    let own = authority();
    for named in [
        "",
        "recipient=Organization/019a3d0e-5c00-7a02-9c11-7be02d4f5a02",
        "recipient=019a3d0e-5c00-7a02-9c11-7be02d4f5a02",
        "recipient:Organization=019a3d0e-5c00-7a02-9c11-7be02d4f5a02",
        "recipient=https://cpis.example/FHIR/R4/Organization/019a3d0e-5c00-7a02-9c11-7be02d4f5a02",
        "recipient:identifier=E90001",
        "recipient.identifier=https://fhir.nhs.uk/Id/ods-organization-code|E90001",
    ] {
        assert!(!search(named).unwrap().names_another(&own, BASE), "{named}");
    }
    for another in [
        "recipient=Organization/019a3d0e-5c00-7a02-9c11-7be02d4f5a03",
        "recipient=E90001",
        "recipient:identifier=E90002",
        "recipient:identifier=E90001,E90002",
        "recipient:identifier=E90001&recipient:identifier=E90002",
        "recipient:identifier=|E90001",
        "recipient:identifier=x|E90001",
        "recipient=https://other.example/Organization/019a3d0e-5c00-7a02-9c11-7be02d4f5a02",
    ] {
        assert!(
            search(another).unwrap().names_another(&own, BASE),
            "{another}"
        );
    }
}

#[test]
fn what_a_search_of_notifications_does_not_know_is_refused_or_left_out() {
    for wrong in [
        "sent=ne2026-11-22",
        "sent=yesterday",
        "sent=2026-11-22,2026-11-23",
        "status=stopped",
        "_count=-1",
        "_after=4711",
    ] {
        assert!(
            matches!(search(wrong), Err(SearchRefusal::Value { .. })),
            "{wrong}"
        );
    }
    let modifier = search("sent:missing=true");
    assert!(matches!(modifier, Err(SearchRefusal::Modifier { .. })));
    let unknown = search("subject=1");
    assert!(matches!(unknown, Err(SearchRefusal::Unsupported { .. })));
    let lenient = NotificationSearch::read(&read("subject=1&sent=2026"), Handling::Lenient);
    assert_eq!(lenient.unwrap().used.len(), 1);
}

proptest! {
    #[test]
    fn no_query_makes_the_reader_panic(query in "(sent|recipient|status|_after)=[ -~]{0,40}") {
        let parameters = read(&query);
        if let Ok(search) = NotificationSearch::read(&parameters, Handling::Lenient) {
            prop_assert!(search.used.len() <= parameters.len());
        }
    }
}
