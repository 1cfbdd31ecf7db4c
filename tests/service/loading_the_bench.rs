//! What `make bench` loads is loaded here too, though little of it: nobody else runs it every day.

use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _, sql_query};

use crate::support::{cluster, new_database};

#[test]
fn what_the_bench_loads_keeps_the_rules_of_the_schema() {
    let database = new_database();
    let mut owner = PgConnection::establish(&cluster().url(OWNER, &database)).unwrap();
    for sql in [
        "set bench.children = 90; set bench.accesses = 100; set bench.first = 8100000",
        include_str!("../../benches/disclosure/load.sql"),
        include_str!("../../benches/disclosure/told.sql"),
    ] {
        owner.batch_execute(sql).unwrap();
    }
    let writes = include_str!("../../benches/disclosure/writes.sql");
    let first_authoritys = sql_query(writes).execute(&mut owner).unwrap();
    assert_eq!(first_authoritys, 1);
}
