//! The database as the migrations leave it: what the store's `schema` says of it, and what its
//! rules refuse.

use std::process::Command;

use cpis_fhir::store::migrations;
use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::result::Error::DatabaseError;
use diesel::{Connection as _, PgConnection};

use crate::support::{OwnCluster, TestService, a_plan, cluster};

#[test]
fn the_migrations_go_up_down_and_up_again_and_leave_the_same_database() {
    let own = OwnCluster::new();
    let owner = own.url(OWNER);
    let roles = "select count(*) from pg_roles where rolname in \
                 ('cpis_query', 'cpis_intake', 'cpis_upkeep', 'cpis_notifier', \
                  'cpis_sealer')";
    let up = dump(&own);
    assert!(up.contains("CREATE TABLE public.accesses"));
    assert!(migrations::complete(&owner).unwrap());
    migrations::undo(&owner).unwrap();
    let down = dump(&own);
    assert!(!migrations::complete(&owner).unwrap());
    for word in [
        "accesses",
        "plans",
        "children",
        "CREATE FUNCTION",
        "CREATE TRIGGER",
    ] {
        assert!(!down.contains(word), "{word}");
    }
    assert_eq!(own.number(roles), 0);
    assert_eq!(migrations::run(&owner).unwrap().len(), migrations_there());
    assert_eq!(dump(&own), up);
    assert_eq!(own.number(roles), 5);
    assert!(migrations::run(&owner).unwrap().is_empty());
}

/// How many folders `migrations/` has.
fn migrations_there() -> usize {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/migrations");
    std::fs::read_dir(folder).unwrap().count()
}

#[test]
fn the_schema_in_the_program_is_the_databases_column_by_column() {
    let service = TestService::new();
    let in_database = service.texts(
        "select c.table_name || '.' || c.column_name || ' ' || c.udt_name || \
         case c.is_nullable when 'YES' then ' null' else '' end \
         from information_schema.columns c join pg_class t on t.relname = c.table_name \
         where c.table_schema = 'public' and not t.relispartition \
         and t.relkind in ('r', 'p') and t.relnamespace = 'public'::regnamespace \
         and c.table_name <> '__diesel_schema_migrations' \
         order by c.table_name, c.ordinal_position",
    );
    assert_eq!(columns_in_program(), in_database);
    let keys = service.texts(
        "select t.relname || ' (' || string_agg(a.attname, ', ' order by k.place) || ')' \
         from pg_constraint c join pg_class t on t.oid = c.conrelid \
         cross join unnest(c.conkey) with ordinality as k (attribute, place) \
         join pg_attribute a on a.attrelid = t.oid and a.attnum = k.attribute \
         where c.contype = 'p' and not t.relispartition \
         and t.relnamespace = 'public'::regnamespace \
         and t.relname <> '__diesel_schema_migrations' group by t.relname order by t.relname",
    );
    assert_eq!(keys_in_program(), keys);
}

#[test]
fn no_row_of_a_child_leads_to_another_childs_and_no_sequence_counts_them() {
    let service = TestService::new();
    let leads = service.texts(
        "select c.conrelid::regclass || ' -> ' || c.confrelid::regclass \
         from pg_constraint c where c.contype = 'f' \
         and c.connamespace = 'public'::regnamespace order by 1",
    );
    // To the register and to the file it came in. That a plan leads to those and to its own child
    // is checked once a statement (`keeping_the_rules`).
    let allowed = [
        "alert_report_recipients -> alert_reports",
        "alert_report_recipients -> authorities",
        "authority_channels -> authorities",
        "authority_readings -> authorities",
        "authority_versions -> authorities",
        "channel_changes -> authorities",
        "client_organisations -> clients",
        "client_scopes -> clients",
        "ended_by_writes -> authorities",
        "ended_by_writes -> uploads",
        "held_uploads -> authorities",
        "matchings -> authorities",
        "organisation_care_settings -> organisations",
        "plan_versions -> authorities",
        "plan_versions -> uploads",
        "subscriptions -> authorities",
        "unattended_clients -> clients",
        "upload_records -> uploads",
        "uploads -> authorities",
    ];
    assert_eq!(leads, allowed);
    let sequences = "select count(*) from pg_class where relkind = 'S' \
                     and relnamespace = 'public'::regnamespace";
    assert_eq!(service.number(sequences), 0);
    let identities = "select count(*) from information_schema.columns \
                      where table_schema = 'public' and (is_identity = 'YES' \
                      or column_default like 'nextval%')";
    assert_eq!(service.number(identities), 0);
    let keys = keys_in_program();
    for table in [
        "plans",
        "plan_versions",
        "accesses",
        "tellings",
        "notifications",
        "matchings",
    ] {
        let begins = format!("{table} (nhs_number, ");
        assert!(keys.iter().any(|key| key.starts_with(&begins)), "{table}");
    }
}

#[test]
fn every_id_is_a_uuid_of_version_seven_made_at_its_moment() {
    let service = TestService::new();
    service.tell(&[a_plan()]);
    service.tell(&[a_plan().until("2026-12-01")]);
    assert_eq!(service.get("Flag?patient=9990000026").total(), 1);
    let token = service.token(cpis_fhir::sandbox::role::SandboxRole::NoActivity);
    assert_eq!(
        service.get_as(&token, "Flag?patient=9990000026").status,
        403
    );
    for table in [
        "accesses",
        "authorities",
        "children",
        "notifications",
        "plan_versions",
        "plans",
        "security_log",
        "uploads",
    ] {
        let rows = service.number(&format!("select count(*) from {table}"));
        let milliseconds = service.now().timestamp_millis();
        let right = format!(
            "select count(*) from {table} where substr(id::text, 15, 1) = '7' \
             and substr(id::text, 20, 1) in ('8', '9', 'a', 'b') \
             and left(replace(id::text, '-', ''), 12) \
             = lpad(to_hex({milliseconds}::bigint), 12, '0')"
        );
        assert!(rows > 0, "{table}");
        assert_eq!(service.number(&right), rows, "{table}");
    }
}

#[test]
fn nobody_changes_or_empties_the_access_history_not_even_its_owner() {
    let service = TestService::new();
    service.execute("select plan_access_months('2026-12-01', 1)");
    assert_eq!(service.get("Flag?patient=9990000026").total(), 0);
    assert_eq!(service.ask("GET", "Flag", &[], b"").status, 401);
    let mut owner = PgConnection::establish(&cluster().url(OWNER, &service.database)).unwrap();
    for (table, column) in [
        ("security_log", "times"),
        ("security_log_of_unplanned_months", "times"),
        ("security_log_2026_12", "times"),
        ("accesses", "recorded_at"),
        ("accesses_of_unplanned_months", "recorded_at"),
        ("accesses_2026_12", "recorded_at"),
        ("access_answers", "status"),
        ("access_answers_of_unplanned_months", "status"),
        ("access_answers_2026_12", "status"),
    ] {
        for statement in [
            format!("update {table} set {column} = {column}"),
            format!("delete from {table}"),
            format!("truncate {table}"),
        ] {
            let is_empty = table.ends_with("2026_12") && !statement.starts_with("truncate");
            let refused = owner.batch_execute(&statement);
            // A row trigger has nothing to refuse where there is no row.
            assert!(
                is_empty || is_never_changed(&refused),
                "{statement}: {refused:?}"
            );
        }
    }
    assert_eq!(service.accesses(), 1);
}

#[test]
fn a_look_is_recorded_whether_its_month_has_a_partition_or_not() {
    let service = TestService::new();
    let in_table = |table: &str| service.number(&format!("select count(*) from only {table}"));
    assert_eq!(service.get("Flag?patient=9990000026").total(), 0);
    assert_eq!(in_table("accesses_of_unplanned_months"), 1);
    // The month that has begun without its partition stays in the net, and keeps no later one out.
    assert_eq!(
        service.number("select plan_access_months('2026-11-22T12:00:00Z', 3)"),
        // Of the accesses, of their answers and of refusals each; nobody was refused yet.
        10
    );
    assert_eq!(
        service.number("select plan_access_months('2026-11-22T12:00:00Z', 3)"),
        0
    );
    let months = service.texts(
        "select relname::text from pg_class where relispartition and relkind = 'r' \
         and relname like 'accesses%' order by 1",
    );
    assert_eq!(
        months,
        [
            "accesses_2026_12",
            "accesses_2027_01",
            "accesses_2027_02",
            "accesses_of_unplanned_months"
        ]
    );
    assert_eq!(service.get("Flag?patient=9990000026").total(), 0);
    assert_eq!(in_table("accesses_of_unplanned_months"), 2);
    service
        .clock
        .set("2026-12-31T23:59:59.999Z".parse().unwrap());
    assert_eq!(service.get("Flag?patient=9990000026").total(), 0);
    service.clock.set("2027-01-01T00:00:00Z".parse().unwrap());
    assert_eq!(service.get("Flag?patient=9990000026").total(), 0);
    assert_eq!(in_table("accesses_2026_12"), 1);
    assert_eq!(in_table("accesses_2027_01"), 1);
    assert_eq!(service.accesses(), 4);
}

fn is_never_changed(refused: &diesel::QueryResult<()>) -> bool {
    matches!(refused, Err(DatabaseError(_, words))
        if words.message().ends_with("are added to and never changed"))
}

/// The whole schema as SQL, without the lines that differ from dump to dump.
fn dump(own: &OwnCluster) -> String {
    let superuser = own.cluster().superuser();
    let url = own.url(superuser);
    let programs = own.text("select setting from pg_config where name = 'BINDIR'");
    let dumped = Command::new(format!("{programs}/pg_dump"))
        .args(["--schema-only", "--dbname", &url])
        .output()
        .unwrap();
    assert!(
        dumped.status.success(),
        "{}",
        String::from_utf8_lossy(&dumped.stderr)
    );
    let sql = String::from_utf8(dumped.stdout).unwrap();
    let differs = |line: &&str| line.starts_with("\\restrict") || line.starts_with("\\unrestrict");
    let lines: Vec<&str> = sql.lines().filter(|line| !differs(line)).collect();
    lines.join("\n")
}

const SCHEMA: &str = include_str!("../../src/store/schema.rs");

/// `schema.rs` as lines of `table.column type[ null]`, by table, in the columns' order.
fn columns_in_program() -> Vec<String> {
    let mut columns = Vec::new();
    for table in SCHEMA.split("diesel::table! {").skip(1) {
        let name = table.trim_start().split(' ').next().unwrap();
        let lines = table.lines().filter(|line| !line.contains("joinable!"));
        for (column, written) in lines.filter_map(|line| line.split_once(" -> ")) {
            let plain = written.trim_end_matches(',');
            let inner = plain
                .strip_prefix("Nullable<")
                .and_then(|rest| rest.strip_suffix('>'));
            let null = if inner.is_some() { " null" } else { "" };
            let kind = inner.unwrap_or(plain).to_lowercase();
            columns.push(format!("{name}.{} {kind}{null}", column.trim()));
        }
    }
    columns
}

/// `schema.rs`'s primary keys, as `table (column, column)`.
fn keys_in_program() -> Vec<String> {
    SCHEMA
        .split("diesel::table! {")
        .skip(1)
        .filter_map(|table| table.lines().nth(1)?.trim().strip_suffix(" {"))
        .map(str::to_owned)
        .collect()
}
