//! Who tells authorities what they are owed: held to one where a transaction says whose it is, and
//! to none where nothing was said.

use cpis_fhir::domain::ods_code::OdsCode;
use diesel::connection::SimpleConnection as _;
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{PgConnection, RunQueryDsl as _};

use super::rows::{TOLD, service};
use super::{all_rows, for_every_authority, must_be_refused, wearing};
use crate::support::{AUTHORITIES, runtime};

#[test]
fn who_pulls_for_an_authority_is_held_to_it_and_who_sends_tells_all() {
    let service = service();
    let counted = |table: &str| service.number(&format!("select sum(attempts) from {table}"));
    let mut notifier = wearing(&service, "cpis_notifier");
    notifier
        .batch_execute("set cpis.tells = 'every-authority'")
        .unwrap();
    for (table, change) in TOLD {
        let told = format!(
            "select count(*) into found from {table} where authority_id <> own; \
             assert found = 0, 'reads of {table}'; \
             update {table} set {change} where authority_id <> own; \
             get diagnostics found = row_count; assert found = 0, 'changes of {table}'; \
             select count(*) into found from {table}; \
             assert found >= 1, 'own of {table}'; tried := tried + 1;"
        );
        notifier
            .batch_execute(&for_every_authority(&told, AUTHORITIES))
            .unwrap();
        assert_eq!(counted(table), 0, "{table}");
        notifier
            .batch_execute(&format!("update {table} set {change}"))
            .unwrap();
        assert_eq!(usize::try_from(counted(table)).unwrap(), AUTHORITIES);
    }
    let subscribe = must_be_refused(
        "insert into subscriptions (id, authority_id, status, endpoint, content, reason, \
         created_at, updated_at) values (gen_random_uuid(), other, 'requested', '', 'empty', '', \
         now(), now())",
    );
    let told =
        format!("for other in select id from tried.of where id <> own loop {subscribe} end loop;");
    let pairs = AUTHORITIES * (AUTHORITIES - 1);
    notifier
        .batch_execute(&for_every_authority(&told, pairs))
        .unwrap();
}

#[test]
fn who_says_neither_whose_it_is_nor_that_it_tells_every_authority_has_no_row() {
    let service = service();
    let before = all_rows(&service);
    // Nothing was said; nobody; an authority that is not on the register, of a sender's connection.
    for said in [
        "select 1",
        "set cpis.authority = ''",
        "set cpis.tells = 'nobody'",
        "set cpis.tells = 'every-authority'; \
         set cpis.authority = '00000000-0000-0000-0000-000000000000'",
    ] {
        let mut notifier = wearing(&service, "cpis_notifier");
        notifier.batch_execute(said).unwrap();
        for (table, change) in TOLD {
            let nothing = format!(
                "do $$ declare found bigint; begin \
                 assert not exists (select from {table}), 'reads of {table}'; \
                 update {table} set {change}; get diagnostics found = row_count; \
                 assert found = 0, 'changes of {table}'; end $$"
            );
            notifier.batch_execute(&nothing).unwrap();
        }
    }
    assert_eq!(all_rows(&service), before);
}

#[test]
fn the_notifier_has_nothing_for_an_authority_that_is_not_on_the_register() {
    let service = service();
    let notifier = &service.within.notifier.store;
    let count = |postgres: &mut PgConnection| {
        let count = "(select count(*) from notifications) + (select count(*) from subscriptions)";
        Ok(diesel::select(sql::<BigInt>(count)).get_result::<i64>(postgres)?)
    };
    let both = i64::try_from(2 * AUTHORITIES).unwrap();
    assert_eq!(runtime().block_on(notifier.run(count)).unwrap(), both);
    for (code, owed) in [("E90001", 2), ("E99998", 0)] {
        let of = notifier.of(&OdsCode::parse(code).unwrap());
        assert_eq!(
            runtime().block_on(of.transaction(count)).unwrap(),
            owed,
            "{code}"
        );
    }
}
