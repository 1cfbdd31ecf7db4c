//! What the database refuses by itself: a bad row for every named rule of the schema.

mod clients;
mod looks;
mod matching;
mod refusals;
mod sealing;

mod broken;

use std::collections::BTreeSet;

use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::result::DatabaseErrorKind;
use diesel::result::Error::DatabaseError;
use diesel::{Connection as _, PgConnection};

use self::broken::BROKEN;
use crate::support::{TestService, cluster};

/// A row of each table that breaks no rule, for the bad ones to stand beside.
const GOOD_ROWS: &str = "
    insert into authorities values ('019371b8-1c00-7000-8000-000000000001', 'E90009', 'A',
        '999', null, 1, now());
    insert into children values (9990000026, '019371b8-1c00-7000-8000-000000000002',
        '2015-04-01', now());
    insert into uploads values ('019371b8-1c00-7000-8000-000000000003',
        '019371b8-1c00-7000-8000-000000000001', 1, decode(repeat('00', 32), 'hex'), now(), now(),
        'c', 'CPF02', 1, 0, null, null, 'csv');
    insert into plans values (9990000026, '019371b8-1c00-7000-8000-000000000004', 1,
        '019371b8-1c00-7000-8000-000000000001', 'CPP', 'H-1', '2026-01-10', null, '2033-04-01',
        true, null, '019371b8-1c00-7000-8000-000000000003', now());
    insert into notifications values (9990000026, '019371b8-1c00-7000-8000-000000000005',
        '019371b8-1c00-7000-8000-000000000001', '019371b8-1c00-7000-8000-000000000006', now(),
        now(), null, 0, 'H-1', '019371b8-1c00-7000-8000-000000000003');
    insert into authority_channels values ('019371b8-1c00-7000-8000-000000000001', 'rest-hook',
        'https://la.example/', 'la', now(), 0, null, now());
    insert into channel_changes values ('019371b8-1c00-7000-8000-000000000007',
        '019371b8-1c00-7000-8000-000000000001', now(), 'an operator', 'pull', null, null);
    insert into subscriptions values ('019371b8-1c00-7000-8000-000000000008',
        '019371b8-1c00-7000-8000-000000000001', 'active', 'https://la.example/', 'id-only', 60,
        'a', 1, now(), now());
    insert into accesses values (9990000026, now(), '019371b8-1c00-7000-8000-000000000006',
        gen_random_uuid(), 'read', 'a', 'c', 'RQX99', 'O', '1', 'P', '2', 'R8000', 'J',
        'scheduled');
    insert into organisations values ('RQX98', 'O', now());
    insert into upload_records values ('019371b8-1c00-7000-8000-000000000003', 1, 'CPR06', null,
        null, null);
    insert into held_uploads values ('019371b8-1c00-7000-8000-000000000001', 2,
        decode(repeat('00', 32), 'hex'), now(), 'c', 12, 11, null, null);
    insert into mesh_messages values ('a-1', 's', 'w', now(), now(), 1, null, null);
    insert into authority_readings values ('019371b8-1c00-7000-8000-000000000007', now(),
        gen_random_uuid(), 'c', '019371b8-1c00-7000-8000-000000000001', 'compare', 0);
    insert into alert_reports values (9990000026, '019371b8-1c00-7000-8000-000000000008', 'wrong',
        null, null, '', now(), gen_random_uuid(), 'c', 'o', 'O', '1', 'P', '2', 'R', 'J');
    insert into alert_report_recipients values (9990000026,
        '019371b8-1c00-7000-8000-000000000008', '019371b8-1c00-7000-8000-000000000001');
";

#[test]
fn every_named_rule_refuses_what_its_name_says() {
    let service = TestService::new();
    let url = cluster().url(OWNER, &service.database);
    let mut owner = PgConnection::establish(&url).unwrap();
    owner
        .batch_execute("delete from organisations; delete from authorities")
        .unwrap();
    owner.batch_execute(GOOD_ROWS).unwrap();
    owner.batch_execute(matching::GOOD_ROWS).unwrap();
    owner.batch_execute(looks::GOOD_ROWS).unwrap();
    owner.batch_execute(clients::GOOD_ROWS).unwrap();
    owner.batch_execute(refusals::GOOD_ROWS).unwrap();
    owner.batch_execute(sealing::GOOD_ROWS).unwrap();
    let rules = BROKEN.into_iter().chain(matching::BROKEN);
    let rules = rules.chain(looks::BROKEN).chain(clients::BROKEN);
    let rules = rules.chain(refusals::BROKEN).chain(sealing::BROKEN);
    let rules: Vec<(&str, &str)> = rules.collect();
    for (rule, change) in &rules {
        let refused = owner.batch_execute(change);
        let Err(DatabaseError(_, words)) = &refused else {
            panic!("{rule} let it pass: {refused:?}");
        };
        assert_eq!(words.constraint_name(), Some(*rule), "{}", words.message());
    }
    let named = service.texts(
        "select conname::text from pg_constraint where contype in ('c', 'u') \
         and coninhcount = 0 and connamespace = 'public'::regnamespace",
    );
    let tried: BTreeSet<&str> = rules.iter().map(|(rule, _)| *rule).collect();
    for rule in named {
        assert!(tried.contains(rule.as_str()), "{rule} is not tried here");
    }
}

#[test]
fn nothing_that_a_plan_leads_to_is_removed_or_renamed_under_it() {
    let service = TestService::new();
    service.tell(&[crate::support::a_plan()]);
    let url = cluster().url(OWNER, &service.database);
    let mut owner = PgConnection::establish(&url).unwrap();
    let held = service.held();
    for (table, key, leads, other) in [
        ("children", "nhs_number", "nhs_number", "9990000018"),
        ("authorities", "id", "authority_id", "gen_random_uuid()"),
        ("uploads", "id", "upload_id", "gen_random_uuid()"),
    ] {
        let told = format!("{key} in (select {leads} from plans)");
        for change in [
            format!("delete from {table} where {told}"),
            format!("update {table} set {key} = {other} where {told}"),
            format!("truncate {table} cascade"),
        ] {
            let refused = owner.batch_execute(&change);
            let Err(DatabaseError(kind, _)) = &refused else {
                panic!("{change} passed: {refused:?}");
            };
            assert_eq!(*kind, DatabaseErrorKind::ForeignKeyViolation, "{change}");
        }
    }
    assert_eq!(service.held(), held);
}
