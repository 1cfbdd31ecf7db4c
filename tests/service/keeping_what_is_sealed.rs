//! What the sealer's role may and may not do in the database, and that nobody changes what is
//! sealed.

use cpis_fhir::store::provision::SERVER;
use diesel::connection::SimpleConnection as _;
use diesel::result::Error::DatabaseError;
use diesel::{Connection as _, PgConnection};

use crate::support::{TestService, cluster};

#[test]
fn the_sealer_reads_accesses_and_adds_what_is_sealed_and_changes_nothing() {
    let service = TestService::new();
    let mut sealer = wearing(&service, "cpis_sealer");
    for allowed in [
        "select count(*) from accesses",
        "select count(*) from security_log",
        "select sealed_below from sealing for update",
        "update sealing set sealed_below = sealed_below",
        "insert into sealed_checkpoints values ('cpis.example', 1, 'a note')",
    ] {
        sealer.batch_execute(allowed).unwrap();
    }
    let mut refused = vec![
        "create table mine (id integer)".to_owned(),
        "drop table sealed_rows".to_owned(),
        "alter table sealed_rows disable trigger all".to_owned(),
    ];
    for table in [
        "accesses",
        "security_log",
        "sealed_rows",
        "sealed_subtrees",
        "sealed_checkpoints",
        "sealing",
    ] {
        refused.extend([format!("delete from {table}"), format!("truncate {table}")]);
    }
    for change in [
        "accesses set asked = asked",
        "security_log set reason = reason",
        "sealed_rows set leaf_hash = leaf_hash",
        "sealed_subtrees set root = root",
        "sealed_checkpoints set note = note",
        "sealing set only_row = true",
    ] {
        refused.push(format!("update {change}"));
    }
    for table in ["plans", "children", "notifications", "uploads"] {
        refused.push(format!("select * from {table}"));
    }
    refused.push("insert into accesses select * from accesses".into());
    refused.push("insert into sealing values (true, 0)".into());
    refused.push("set role cpis_owner".into());
    assert_refused(&mut sealer, &refused);
}

#[test]
fn the_query_side_reads_what_is_sealed_and_adds_nothing_to_it() {
    let service = TestService::new();
    let mut query = wearing(&service, "cpis_query");
    query
        .batch_execute("select count(*) from sealed_rows")
        .unwrap();
    let refused = [
        "sealed_rows",
        "sealed_subtrees",
        "sealed_checkpoints",
        "sealing",
    ]
    .map(|table| {
        [
            format!("insert into {table} select * from {table}"),
            format!("delete from {table}"),
        ]
    });
    assert_refused(&mut query, refused.as_flattened());
}

#[test]
fn nobody_changes_or_empties_what_is_sealed_not_even_its_owner() {
    let service = TestService::new();
    let mut owner = PgConnection::establish(&service.owner_url()).unwrap();
    owner
        .batch_execute(
            "insert into sealed_rows values (0, 'access', gen_random_uuid(), now(), now(), \
             sha256('')); insert into sealed_subtrees values (8, 0, sha256('')); \
             insert into sealed_checkpoints values ('cpis.example', 1, 'a note'); \
             insert into retirements values (gen_random_uuid(), now(), '1999-03', 'a manifest', \
             'an operator', sha256(''))",
        )
        .unwrap();
    for (table, column) in [
        ("sealed_rows", "kind"),
        ("sealed_subtrees", "root"),
        ("sealed_checkpoints", "note"),
        ("retirements", "month"),
    ] {
        for statement in [
            format!("update {table} set {column} = {column}"),
            format!("delete from {table}"),
            format!("truncate {table}"),
        ] {
            let Err(DatabaseError(_, words)) = owner.batch_execute(&statement) else {
                panic!("{statement} was let pass");
            };
            assert_eq!(
                words.message(),
                "what is sealed is added to and never changed"
            );
        }
    }
}

fn wearing(service: &TestService, role: &str) -> PgConnection {
    let url = cluster().url(SERVER, &service.database);
    let mut postgres = PgConnection::establish(&url).unwrap();
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
