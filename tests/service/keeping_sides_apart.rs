//! What each side's role may and may not do in the database, so that no mistake of the program
//! changes the access history, or shows one side what is the other's.

use cpis_fhir::store::provision::SERVER;
use diesel::connection::SimpleConnection as _;
use diesel::result::Error::DatabaseError;
use diesel::{Connection as _, PgConnection};

use crate::support::{TestService, cluster};

#[test]
fn the_query_side_adds_accesses_and_reads_and_can_do_little_else() {
    let service = TestService::new();
    let mut query = wearing(&service, "cpis_query");
    for allowed in [
        "select count(*) from accesses",
        "select count(*) from plans",
        "select count(*) from children",
        "select count(*) from plan_versions",
        "select count(*) from authority_versions",
        "select plan_access_months('2026-11-22', 0)",
    ] {
        query.batch_execute(allowed).unwrap();
    }
    let mut refused = cannot_own();
    for (table, column) in [
        ("accesses", "id"),
        ("access_answers", "status"),
        ("security_log", "id"),
        ("notifications", "id"),
    ] {
        refused.extend(changes(table, column));
    }
    refused.extend(["delete from tellings", "truncate tellings"].map(String::from));
    for (table, column) in [
        ("plans", "version"),
        ("children", "birth_date"),
        ("plan_versions", "version"),
        ("authorities", "emergency_phone"),
        ("authority_versions", "emergency_phone"),
        ("organisations", "name"),
        ("organisation_care_settings", "care_setting"),
    ] {
        refused.push(format!("insert into {table} select * from {table}"));
        refused.extend(changes(table, column));
    }
    for table in [
        "uploads",
        "upload_records",
        "authority_readings",
        "alert_reports",
        "alert_report_recipients",
        "__diesel_schema_migrations",
    ] {
        refused.push(format!("select * from {table}"));
    }
    for table in ["accesses_of_unplanned_months", "accesses_2026_11"] {
        refused.extend([
            format!("select * from {table}"),
            format!("insert into {table} select * from accesses"),
            format!("delete from {table}"),
        ]);
    }
    refused.push("set role cpis_owner".into());
    assert_refused(&mut query, &refused);
}

/// Ways to change or remove rows of a table.
fn changes(table: &str, column: &str) -> [String; 3] {
    [
        format!("delete from {table}"),
        format!("truncate {table}"),
        format!("update {table} set {column} = {column}"),
    ]
}

#[test]
fn the_intake_side_takes_plans_in_and_sees_no_access_and_no_notification() {
    let service = TestService::new();
    let mut intake = wearing(&service, "cpis_intake");
    intake.batch_execute("select count(*) from plans").unwrap();
    let mut refused = cannot_own();
    for table in ["accesses", "access_answers", "notifications", "tellings"] {
        refused.extend([
            format!("select * from {table}"),
            format!("insert into {table} select * from {table}"),
            format!("delete from {table}"),
            format!("truncate {table}"),
        ]);
    }
    for table in [
        "plans",
        "children",
        "authorities",
        "uploads",
        "upload_records",
        "plan_versions",
        "authority_versions",
    ] {
        refused.extend([format!("delete from {table}"), format!("truncate {table}")]);
    }
    for table in ["alert_reports", "authority_readings"] {
        refused.push(format!("delete from {table}"));
        refused.push(format!("update {table} set client_id = ''"));
    }
    for table in [
        "authority_readings",
        "plan_versions",
        "authority_channels",
        "subscriptions",
        "mesh_messages",
        "mesh_watches",
    ] {
        refused.push(format!("select * from {table}"));
    }
    refused.push("select nhs_number, kind from notifications".into());
    refused.push("update plan_versions set nhs_number = 9990000018".into());
    refused.push("update authorities set code = code".into());
    refused.push("insert into authorities select * from authorities".into());
    refused.push("delete from matchings".into());
    refused.push("insert into alert_reports select * from alert_reports".into());
    refused.push("update alert_report_recipients set authority_id = report_id".into());
    refused.push("update plan_versions set version = 1".into());
    refused.push("update authority_versions set version = 1".into());
    refused.push("update uploads set records = 1".into());
    refused.push("update security_log set reason = ''".into());
    refused.push("insert into organisations select * from organisations".into());
    refused.push("select plan_access_months('2026-11-22', 0)".into());
    refused.push("set role cpis_owner".into());
    assert_refused(&mut intake, &refused);
}

#[test]
fn upkeep_moves_plans_and_their_ends_and_tells_no_plan_and_sees_no_look() {
    let service = TestService::new();
    let mut upkeep = wearing(&service, "cpis_upkeep");
    for allowed in [
        "select count(*) from plans",
        "select count(*) from plan_versions",
        "select nhs_number, report_id, authority_id, closed_at from alert_report_recipients",
        "update plans set nhs_number = nhs_number, effective_end_date = effective_end_date",
        "update plan_versions set nhs_number = nhs_number",
        "delete from matchings where nhs_number = 9990000018",
        "delete from mesh_watches",
    ] {
        upkeep.batch_execute(allowed).unwrap();
    }
    let mut refused = cannot_own();
    for table in [
        "accesses",
        "tellings",
        "organisations",
        "security_log",
        "upload_records",
        "subscriptions",
        "authority_readings",
        "notifications",
        "alert_reports",
        "alert_report_recipients",
        "matchings",
    ] {
        refused.push(format!("select * from {table}"));
    }
    for table in ["plans", "plan_versions", "children", "uploads"] {
        refused.extend([format!("delete from {table}"), format!("truncate {table}")]);
    }
    for table in ["plans", "uploads", "held_uploads"] {
        refused.push(format!("insert into {table} select * from {table}"));
    }
    for change in [
        "plans set authority_id = id",
        "plans set local_id = ''",
        "plans set start_date = start_date",
        "plans set kind = 'CLA'",
        "plan_versions set version = 1",
        "notifications set delivered_at = null",
        "held_uploads set ending_plans = 1",
        "authorities set name = 'a'",
        "authority_channels set endpoint = 'https://elsewhere.example/'",
        "alert_report_recipients set closed_at = null",
    ] {
        refused.push(format!("update {change}"));
    }
    refused.push("set role cpis_owner".into());
    assert_refused(&mut upkeep, &refused);
}

#[test]
fn the_notifier_reads_what_is_owed_and_changes_only_whether_it_arrived() {
    let service = TestService::new();
    let mut notifier = wearing(&service, "cpis_notifier");
    for allowed in [
        "select count(*) from notifications",
        "select count(*) from accesses",
        "select count(*) from authorities",
        "select count(*) from uploads",
        "select nhs_number, id from children",
        "update notifications set delivered_at = null, attempts = 0, next_attempt_at = null, \
         failed_at = null, last_error = null, event_number = null",
        "update authority_channels set told_until = told_until",
    ] {
        notifier.batch_execute(allowed).unwrap();
    }
    let mut refused = cannot_own();
    for table in [
        "plans",
        "plan_versions",
        "upload_records",
        "tellings",
        "security_log",
        "channel_changes",
        "organisations",
    ] {
        refused.push(format!("select * from {table}"));
    }
    refused.push("select birth_date from children".into());
    for table in [
        "accesses",
        "notifications",
        "authorities",
        "uploads",
        "children",
        "authority_channels",
        "subscriptions",
    ] {
        refused.extend([format!("delete from {table}"), format!("truncate {table}")]);
    }
    for change in [
        "notifications set local_id = ''",
        "notifications set id = id",
        "notifications set transaction_id = 0",
        "notifications set queued_at = now()",
        "authority_channels set endpoint = 'https://elsewhere.example/'",
        "authority_channels set secret_name = null",
        "subscriptions set endpoint = 'https://elsewhere.example/'",
        "authorities set name = 'a'",
        "uploads set sequence = 1",
    ] {
        refused.push(format!("update {change}"));
    }
    refused.push("insert into notifications select * from notifications".into());
    refused.push("insert into authority_channels select * from authority_channels".into());
    refused.push("set role cpis_owner".into());
    assert_refused(&mut notifier, &refused);
}

#[test]
fn the_servers_login_may_do_nothing_until_it_wears_a_sides_role() {
    let service = TestService::new();
    let mut server = connected(&service);
    let of = |table| format!("select * from {table}");
    assert_refused(&mut server, &["accesses", "plans", "children"].map(of));
}

/// What neither side may do: make, change or drop anything.
fn cannot_own() -> Vec<String> {
    [
        "create table mine (id integer)",
        "create function mine() returns integer language sql return 1",
        "drop table accesses",
        "drop table plans",
        "drop function plan_access_months",
        "drop trigger accesses_are_never_changed on accesses",
        "alter table accesses disable trigger all",
        "alter table accesses detach partition accesses_of_unplanned_months",
        "alter table plans add column name text",
        "create schema mine",
        "create role mine",
    ]
    .map(str::to_owned)
    .into()
}

fn connected(service: &TestService) -> PgConnection {
    PgConnection::establish(&cluster().url(SERVER, &service.database)).unwrap()
}

fn wearing(service: &TestService, role: &str) -> PgConnection {
    let mut postgres = connected(service);
    postgres.batch_execute(&format!("set role {role}")).unwrap();
    postgres
}

fn assert_refused(postgres: &mut PgConnection, statements: &[String]) {
    for statement in statements {
        let answer = postgres.batch_execute(statement);
        let Err(DatabaseError(_, words)) = &answer else {
            panic!("{statement} was let pass: {answer:?}");
        };
        let words = words.message();
        let is_refusal =
            words.starts_with("permission denied") || words.starts_with("must be owner");
        assert!(is_refusal, "{statement}: {words}");
    }
}
