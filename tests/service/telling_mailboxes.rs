//! A mailbox is told window by window, and explicitly of a window in which nothing happened.

use std::sync::{Arc, Mutex};

use chrono::TimeDelta;
use cpis_fhir::domain::notification::Part;
use cpis_fhir::notifier::give_back;
use cpis_fhir::notifier::rest_hook::Failure;
use cpis_fhir::notifier::sending::Notifier;
use cpis_fhir::notifier::windows::{Mailboxes, Window};
use cpis_fhir::sandbox::role::SandboxRole::NotifiedAuthority;
use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};
use serde_json::Value;
use uuid::Uuid;

use crate::support::{TestService, a_mailbox, a_plan, cluster, runtime, work};

const NUMBER: &str = "9990000026";

/// The id by which a window may come back.
const WINDOW: Uuid = Uuid::from_u128(7);

/// A transport that keeps what it is given, or takes nothing.
#[derive(Default)]
struct Kept {
    windows: Mutex<Vec<Window>>,
    is_down: Mutex<bool>,
}

impl Mailboxes for Kept {
    fn send(&self, window: &Window) -> Result<Uuid, Failure> {
        self.windows.lock().unwrap().push(window.clone());
        match *self.is_down.lock().unwrap() {
            true => Err(Failure("unreachable")),
            false => Ok(WINDOW),
        }
    }
}

#[test]
fn each_window_is_told_once_and_a_quiet_one_is_told_empty() {
    let (service, kept, notifier) = told_by_mailbox();
    service.look(0, NUMBER);
    service.look(1, NUMBER);
    assert_eq!(work(&notifier), 0);
    for _ in 0..2 {
        service.clock.advance(TimeDelta::minutes(15));
        assert_eq!(work(&notifier), 1);
    }
    let windows = kept.windows.lock().unwrap().clone();
    let lengths: Vec<usize> = windows
        .iter()
        .map(|window| window.notifications.len())
        .collect();
    assert_eq!(lengths, [2, 0]);
    assert_eq!(windows[0].until, windows[1].from);
    assert_eq!(windows[0].mailbox.as_str(), "X26HC005");
    let ids: Vec<String> = windows[0]
        .notifications
        .iter()
        .map(|one| one.id.to_string())
        .collect();
    let queued = service.texts("select id::text from notifications order by transaction_id, id");
    assert_eq!(ids, queued);
    assert_eq!(service.pull("Communication?status=completed").total(), 2);
}

#[test]
fn a_window_that_was_not_taken_is_told_again_with_all_that_came_since_under_the_same_ids() {
    let (service, kept, notifier) = told_by_mailbox();
    service.look(0, NUMBER);
    *kept.is_down.lock().unwrap() = true;
    service.clock.advance(TimeDelta::minutes(15));
    assert_eq!(work(&notifier), 1);
    service.look(1, NUMBER);
    *kept.is_down.lock().unwrap() = false;
    service.clock.advance(TimeDelta::minutes(15));
    assert_eq!(work(&notifier), 1);
    let windows = kept.windows.lock().unwrap().clone();
    assert_eq!(windows[0].from, windows[1].from);
    assert_eq!(windows[1].notifications.len(), 2);
    assert_eq!(
        windows[0].notifications[0].id,
        windows[1].notifications[0].id
    );
    assert_eq!(service.pull("Communication?status=completed").total(), 2);
}

#[test]
fn a_window_is_not_told_as_quiet_while_what_happened_in_it_is_held_back_by_an_upload() {
    let (service, kept, notifier) = told_by_mailbox();
    let url = cluster().url(OWNER, &service.database);
    let mut uploading = PgConnection::establish(&url).unwrap();
    uploading
        .batch_execute("begin; select pg_current_xact_id()")
        .unwrap();
    service.flags(NUMBER);
    service.clock.advance(TimeDelta::minutes(15));
    work(&notifier);
    assert_eq!(kept.windows.lock().unwrap().len(), 0);
    uploading.batch_execute("commit").unwrap();
    service.settle();
    service.clock.advance(TimeDelta::seconds(10));
    work(&notifier);
    let windows = kept.windows.lock().unwrap();
    let lengths: Vec<usize> = windows
        .iter()
        .map(|window| window.notifications.len())
        .collect();
    assert_eq!(lengths, [1]);
}

#[test]
fn a_window_that_comes_back_is_given_up_but_for_what_was_acknowledged_and_is_sent_on_demand() {
    let (service, kept, notifier) = told_by_mailbox();
    for number in 0..3 {
        service.look(number, NUMBER);
    }
    service.clock.advance(TimeDelta::minutes(15));
    work(&notifier);
    let told = service.told();
    service.acknowledge(NotifiedAuthority, &[&told[1]]);
    let (store, now) = (service.notifier.store.clone(), service.now());
    let give_back = |window| {
        let returned = (window, Part::Accesses);
        runtime()
            .block_on(give_back(&store, returned, now))
            .unwrap()
    };
    assert_eq!(give_back(Uuid::from_u128(8)), 0);
    assert_eq!(give_back(WINDOW), 2);
    assert_eq!(give_back(WINDOW), 0);
    let statuses = |told: &[Value]| -> Vec<String> {
        let each = told.iter().map(|one| one["status"].as_str().unwrap());
        each.map(str::to_owned).collect()
    };
    assert_eq!(
        statuses(&service.told()),
        ["stopped", "completed", "stopped"]
    );
    service.execute("update notifications set failed_at = null, attempts = 0");
    service.clock.advance(TimeDelta::minutes(15));
    work(&notifier);
    let windows = kept.windows.lock().unwrap();
    let lengths: Vec<usize> = windows
        .iter()
        .map(|window| window.notifications.len())
        .collect();
    assert_eq!(lengths, [3, 2]);
    assert_eq!(statuses(&service.told()), ["completed"; 3]);
}

#[test]
fn of_a_window_one_message_of_which_comes_back_what_the_others_told_has_arrived() {
    let (service, _kept, notifier) = told_by_mailbox();
    service.look(0, NUMBER);
    // The number was replaced, and the child is eighteen, in the same window.
    service.execute(
        "insert into notifications (nhs_number, id, authority_id, local_id, upload_id, kind, \
         queued_at) select nhs_number, uuid_of_moment(now()), authority_id, local_id, upload_id, \
         'number', '2026-11-22T12:00:00Z' from plans",
    );
    service.execute(
        "insert into notifications (nhs_number, id, authority_id, local_id, upload_id, kind, \
         plan_id, plan_kind, plan_start, plan_end, queued_at) select nhs_number, \
         uuid_of_moment(now()), authority_id, local_id, upload_id, 'eighteen', id, kind, \
         start_date, effective_end_date, '2026-11-22T12:00:00Z' from plans",
    );
    service.clock.advance(TimeDelta::minutes(15));
    work(&notifier);
    let delivered = "select kind from notifications where delivered_at is not null order by kind";
    assert_eq!(service.texts(delivered), ["access", "eighteen", "number"]);
    let (store, now) = (service.notifier.store.clone(), service.now());
    for (part, left) in [
        (Part::Numbers, &["access", "eighteen"][..]),
        (Part::Accesses, &["eighteen"]),
        (Part::PlanEnds, &[]),
    ] {
        let returned = give_back(&store, (WINDOW, part), now);
        assert_eq!(runtime().block_on(returned).unwrap(), 1, "{part:?}");
        assert_eq!(service.texts(delivered), left);
    }
}

/// A service whose first authority has a mailbox, and a notifier that can tell it.
fn told_by_mailbox() -> (TestService, Arc<Kept>, Notifier) {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.set_channel("E90001", &a_mailbox("X26HC005"));
    let kept = Arc::new(Kept::default());
    let mut notifier = Notifier::clone(&service.notifier);
    notifier.mailboxes = Some(kept.clone());
    (service, kept, notifier)
}
