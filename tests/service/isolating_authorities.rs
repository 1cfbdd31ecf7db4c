//! The second lock on what is a local authority's own: row-level security under the intake's role,
//! whatever a statement asks. Every ordered pair of 153 authorities is tried.

mod functions;
mod rows;
mod telling;

use cpis_fhir::store::provision::SERVER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use self::rows::{ADDED, CHANGED, MOVED, READ, service};
use crate::support::{AUTHORITIES, TestService, cluster};

/// What the intake may use that is no authority's own: children, who looks, and the security log.
const SHARED: [&str; 4] = [
    "children",
    "organisation_care_settings",
    "organisations",
    "security_log",
];

/// A connection in a role, which has not said for whom it works.
fn wearing(service: &TestService, role: &str) -> PgConnection {
    let url = cluster().url(SERVER, &service.database);
    let mut postgres = PgConnection::establish(&url).unwrap();
    postgres.batch_execute(&format!("set role {role}")).unwrap();
    postgres
}

fn intake(service: &TestService) -> PgConnection {
    wearing(service, "cpis_intake")
}

/// A block that says of every authority in turn that it works for it, and then does what it is told
/// beside `own`, the authority's id; and counts in `tried`, which must come to so many.
fn for_every_authority(told: &str, tried: usize) -> String {
    format!(
        "do $$ declare own uuid; other uuid; found bigint; tried bigint := 0; begin \
         for own in select id from tried.of loop \
         perform set_config('cpis.authority', own::text, true); {told} end loop; \
         assert tried = {tried}, 'tried ' || tried; end $$"
    )
}

/// A statement that must be refused to whoever works for `own`, because a row would be another's.
fn must_be_refused(statement: &str) -> String {
    format!(
        "begin {statement}; raise exception 'let pass: {}'; \
         exception when insufficient_privilege then \
         if sqlerrm not like 'new row violates row-level security policy%' then raise; end if; \
         tried := tried + 1; end;",
        statement.replace('\'', "")
    )
}

/// What is in all of these tables, as their owner sees it.
fn all_rows(service: &TestService) -> Vec<String> {
    let tables = READ.iter().chain(&ADDED).map(|(table, _)| *table);
    let hash = |table| {
        format!(
            "select '{table}' || hashtextextended(string_agg(t::text, '|' order by t::text), 0) \
             from {table} t"
        )
    };
    let hashes: Vec<String> = tables
        .chain(["authorities", "children"])
        .map(hash)
        .collect();
    service.texts(&hashes.join(" union "))
}

#[test]
fn no_authority_reads_or_changes_a_row_of_any_other() {
    let service = service();
    let before = all_rows(&service);
    let mut intake = intake(&service);
    let pairs_of = |table: &str| format!("select count(*) from {table} t, tried.of o");
    for (table, of) in READ {
        // Nothing of the 152 others at once, and yet what is its own.
        let told = format!(
            "select count(*) into found from {table} where {of} <> own; \
             assert found = 0, 'reads of {table}'; \
             select count(*) into found from {table} where {of} = own; \
             assert found >= 1, 'own of {table}'; tried := tried + 1;"
        );
        intake
            .batch_execute(&for_every_authority(&told, AUTHORITIES))
            .unwrap();
        let others = format!("{} where t.{of} <> o.id", pairs_of(table));
        let there = usize::try_from(service.number(&others)).unwrap();
        assert!(there >= AUTHORITIES * (AUTHORITIES - 1), "{table}");
    }
    for (table, of, change) in CHANGED {
        let told = format!(
            "update {table} set {change} where {of} <> own; get diagnostics found = row_count; \
             assert found = 0, 'changes of {table}'; tried := tried + 1;"
        );
        intake
            .batch_execute(&for_every_authority(&told, AUTHORITIES))
            .unwrap();
    }
    assert_eq!(all_rows(&service), before);
}

#[test]
fn no_authority_adds_a_row_as_any_other_or_gives_its_own_away() {
    let service = service();
    let before = all_rows(&service);
    let mut intake = intake(&service);
    let added = ADDED.map(|(table, of)| {
        format!("insert into {table} select t.* from tried.{table} t where t.{of} = other")
    });
    let given = MOVED
        .map(|table| format!("update {table} set authority_id = other where authority_id = own"));
    let statements: Vec<String> = added.into_iter().chain(given).collect();
    let each: Vec<String> = statements
        .iter()
        .map(|told| must_be_refused(told))
        .collect();
    let told = format!(
        "for other in select id from tried.of where id <> own loop {} end loop;",
        each.concat()
    );
    let tried = AUTHORITIES * (AUTHORITIES - 1) * statements.len();
    intake
        .batch_execute(&for_every_authority(&told, tried))
        .unwrap();
    assert_eq!(all_rows(&service), before);
    // The same rows are good ones where they are the authority's own.
    let own = ADDED.map(|(table, of)| {
        format!(
            "insert into {table} select t.* from tried.{table} t where t.{of} = own; \
             get diagnostics found = row_count; assert found >= 1, '{table}'; tried := tried + 1;"
        )
    });
    intake
        .batch_execute(&for_every_authority(
            &own.concat(),
            AUTHORITIES * ADDED.len(),
        ))
        .unwrap();
}

#[test]
fn a_transaction_that_does_not_say_whose_it_is_sees_and_changes_nothing() {
    let service = service();
    let before = all_rows(&service);
    let mut intake = intake(&service);
    // As it never was said, and as it was said in a transaction that is over.
    for said in [
        "select 1",
        "begin; select set_config('cpis.authority', id::text, true) from tried.of; commit;",
    ] {
        intake.batch_execute(said).unwrap();
        for (table, _) in READ {
            let nothing =
                format!("do $$ begin assert not exists (select from {table}), '{table}'; end $$");
            intake.batch_execute(&nothing).unwrap();
        }
        for (table, _, change) in CHANGED {
            let changed = format!("update {table} set {change}");
            intake.batch_execute(&changed).unwrap();
        }
        for (table, _) in ADDED {
            let added = intake
                .batch_execute(&format!("insert into {table} select * from tried.{table}"))
                .unwrap_err()
                .to_string();
            assert!(
                added.contains("row-level security policy"),
                "{table}: {added}"
            );
        }
        let asked = "do $$ begin assert not exists (select settled_by_others(array[9990000026])) \
                     and not exists (select plans_of_others(array(select id from tried.of))); \
                     perform follow_birth_dates(array[9990000026], now()); end $$";
        intake
            .batch_execute("update children set birth_date = '2014-04-01'")
            .unwrap();
        intake.batch_execute(asked).unwrap();
        intake
            .batch_execute("update children set birth_date = '2015-04-01'")
            .unwrap();
    }
    assert_eq!(all_rows(&service), before);
}

#[test]
fn whatever_the_intake_may_use_is_shared_by_design_or_kept_apart_by_authority() {
    let service = TestService::new();
    let used = "from pg_class c where c.relkind in ('r', 'p', 'v', 'm') \
                and c.relnamespace = 'public'::regnamespace \
                and (has_table_privilege('cpis_intake', c.oid, 'select, insert, update, delete') \
                or has_any_column_privilege('cpis_intake', c.oid, 'select, insert, update'))";
    let not_kept_apart = service.texts(&format!(
        "select c.relname {used} and not (c.relrowsecurity and exists (select from pg_policy p \
         where p.polrelid = c.oid and 'cpis_intake'::regrole = any(p.polroles))) order by 1"
    ));
    assert_eq!(not_kept_apart, SHARED);
    let with_an_authority = service.texts(&format!(
        "select c.relname {used} and c.relname in (select table_name from \
         information_schema.columns where column_name = 'authority_id') and not c.relrowsecurity"
    ));
    assert!(with_an_authority.is_empty(), "{with_an_authority:?}");
    // Each policy for the intake, or for everybody, asks whose the transaction is; but that an
    // authority may be known.
    let open = service.texts(
        "select concat_ws(' ', p.polrelid::regclass, p.polname, p.polcmd) from pg_policy p \
         where ('cpis_intake'::regrole = any(p.polroles) or 0 = any(p.polroles)) \
         and (coalesce(pg_get_expr(p.polqual, p.polrelid), '') not like '%own_authority()%' \
         or pg_get_expr(p.polwithcheck, p.polrelid) not like '%own_authority()%')",
    );
    assert_eq!(open, ["authorities an_authority_is_known_to_all r"]);
    let owned_by_the_service = "select count(*) from pg_class c where c.relowner::regrole::text \
                                in ('cpis_server', 'cpis_intake', 'cpis_query', 'cpis_upkeep', \
                                'cpis_notifier')";
    assert_eq!(service.number(owned_by_the_service), 0);
}
