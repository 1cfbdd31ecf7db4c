//! A row of every authority in every table that the intake works with, and another of each for the
//! intake to try to add as somebody else.

use crate::support::{AUTHORITIES, TestService, nhs_numbers};

/// An authority's upload, its plan for a child of its own and the report of it have its own id, so
/// that whose a row is can be asked of the row alone. Every authority has a plan for one child too.
const ROWS: &str = "
    insert into children select nhs_number, gen_random_uuid(), date '2015-04-01', now()
        from tried.of union all select 9990000026, gen_random_uuid(), date '2015-04-01', now();
    insert into uploads (id, authority_id, sequence, digest, created_at, received_at, client_id,
        code, records, refused, form) select id, id, 1, decode(repeat('00', 32), 'hex'), now(),
        now(), 'c', 'CPF02', 2, 0, 'csv' from tried.of union all select md5(id::text)::uuid, id, 9,
        decode(repeat('00', 32), 'hex'), now(), now(), 'c', 'CPF02', 2, 0, 'csv' from tried.of;
    insert into upload_records (upload_id, number, code) select id, 1, 'CPR06' from tried.of;
    insert into plans (nhs_number, id, version, authority_id, kind, local_id, start_date,
        effective_end_date, end_is_computed, upload_id, updated_at)
        select nhs_number, id, 2, id, 'CPP', 'H-1', date '2026-01-10', date '2033-04-01',
        true, id, now() from tried.of union all select 9990000026, gen_random_uuid(), 2, id, 'CPP',
        'H-2', date '2026-01-10', date '2033-04-01', true, id, now() from tried.of;
    insert into plan_versions select * from plans;
    update plan_versions set version = 1;
    insert into held_uploads (authority_id, sequence, digest, held_at, client_id, current_plans,
        ending_plans) select id, 2, decode(repeat('00', 32), 'hex'), now(), 'c', 2, 1 from tried.of;
    insert into ended_by_writes select id, id, now(), 1, false from tried.of;
    insert into matchings select nhs_number, id, decode(repeat('00', 32), 'hex'), now()
        from tried.of;
    insert into notifications (nhs_number, id, authority_id, access_id, accessed_at, queued_at,
        local_id, upload_id) select nhs_number, id, id, gen_random_uuid(), now(), now(), 'H-1', id
        from tried.of;
    insert into authority_readings select id, now(), gen_random_uuid(), 'c', id, 'compare', 0
        from tried.of;
    insert into authority_versions select id, 1, code, 'A', '999', null, now() from tried.of;
    insert into alert_reports (nhs_number, id, kind, words, reported_at, request_id, client_id,
        organisation_code, organisation_name, practitioner_id, practitioner_name, role_profile_id,
        job_role_code, job_role_name) select nhs_number, id, 'wrong', '', now(), gen_random_uuid(),
        'c', 'o', 'O', '1', 'P', '2', 'R', 'J' from tried.of;
    insert into alert_report_recipients (nhs_number, report_id, authority_id)
        select nhs_number, id, id from tried.of;
    insert into authority_channels (authority_id, kind, endpoint, told_until, changed_at)
        select id, 'rest-hook', 'https://la.example/', now(), now() from tried.of;
    insert into subscriptions (id, authority_id, status, endpoint, content, reason, created_at,
        updated_at) select id, id, 'active', 'https://la.example/', 'empty', '', now(), now()
        from tried.of;
";

/// What of a row is new in another of the same authority.
const NEW: [(&str, &str); ADDED.len()] = [
    (
        "plans",
        "id = gen_random_uuid(), local_id = 'X-' || local_id",
    ),
    ("plan_versions", "version = 9"),
    (
        "uploads",
        "id = gen_random_uuid(), sequence = sequence + 100",
    ),
    ("upload_records", "number = 2"),
    ("held_uploads", "sequence = 3"),
    ("ended_by_writes", "upload_id = md5(upload_id::text)::uuid"),
    ("matchings", "nhs_number = 9990000026"),
    (
        "notifications",
        "id = gen_random_uuid(), access_id = gen_random_uuid()",
    ),
    ("authority_readings", "id = gen_random_uuid()"),
    ("authority_versions", "version = 9"),
];

/// The tables that the intake may read, and which of its columns says whose a row is.
pub const READ: [(&str, &str); 8] = [
    ("plans", "authority_id"),
    ("uploads", "authority_id"),
    ("upload_records", "upload_id"),
    ("held_uploads", "authority_id"),
    ("ended_by_writes", "authority_id"),
    ("matchings", "authority_id"),
    ("alert_reports", "id"),
    ("alert_report_recipients", "authority_id"),
];

/// The tables that it may add rows to.
pub const ADDED: [(&str, &str); 10] = [
    ("plans", "authority_id"),
    ("plan_versions", "authority_id"),
    ("uploads", "authority_id"),
    ("upload_records", "upload_id"),
    ("held_uploads", "authority_id"),
    ("ended_by_writes", "authority_id"),
    ("matchings", "authority_id"),
    ("notifications", "authority_id"),
    ("authority_readings", "authority_id"),
    ("authority_versions", "id"),
];

/// The tables whose rows it may change, whose a row is, and a change.
pub const CHANGED: [(&str, &str, &str); 5] = [
    ("plans", "authority_id", "version = version + 1"),
    ("held_uploads", "authority_id", "client_id = 'another'"),
    ("matchings", "authority_id", "matched_at = now()"),
    (
        "alert_report_recipients",
        "authority_id",
        "outcome = outcome",
    ),
    ("authorities", "id", "name = 'Another'"),
];

/// What an authority is told by, and how the notifier changes it.
pub const TOLD: [(&str, &str); 3] = [
    ("notifications", "attempts = attempts + 1"),
    ("subscriptions", "attempts = attempts + 1"),
    ("authority_channels", "attempts = attempts + 1"),
];

/// The tables whose rows it may change in all columns.
pub const MOVED: [&str; 3] = ["plans", "held_uploads", "matchings"];

/// A service with a row of every authority in every such table.
pub fn service() -> TestService {
    let service = TestService::new();
    service.register_all_authorities();
    let numbers: Vec<String> = nhs_numbers().take(AUTHORITIES).collect();
    service.execute(&format!(
        "create schema tried; grant usage on schema tried to cpis_intake; \
         create table tried.of as select a.id, a.code, n.nhs_number from (select id, code, \
         row_number() over (order by code) as place from authorities) a join \
         unnest(array[{}]::bigint[]) with ordinality as n (nhs_number, place) using (place)",
        numbers.join(", ")
    ));
    service.execute(ROWS);
    for (table, new) in NEW {
        service.execute(&format!(
            "create table tried.{table} as select * from {table}; update tried.{table} set {new}"
        ));
    }
    service.execute(
        "grant select on all tables in schema tried to cpis_intake, cpis_notifier; \
         grant usage on schema tried to cpis_notifier",
    );
    service
}
