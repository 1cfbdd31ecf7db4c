//! What is in the database of a service, as its owner sees it.

use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection, QueryableByName, RunQueryDsl as _, sql_query};

use super::database::texts;
use super::service::{TestService, url};

impl TestService {
    /// A whole number from the database, as its owner sees it.
    pub fn number(&self, sql: &str) -> i64 {
        #[derive(QueryableByName)]
        struct Number {
            #[diesel(sql_type = diesel::sql_types::BigInt)]
            number: i64,
        }
        let mut postgres = PgConnection::establish(&url(OWNER, &self.database)).unwrap();
        let sql = format!("select ({sql})::bigint as number");
        sql_query(sql)
            .get_result::<Number>(&mut postgres)
            .unwrap()
            .number
    }

    /// A column of text from the database, as its owner sees it.
    pub fn texts(&self, sql: &str) -> Vec<String> {
        texts(&url(OWNER, &self.database), sql)
    }

    /// Runs SQL as the owner of the database.
    pub fn execute(&self, sql: &str) {
        let mut postgres = PgConnection::establish(&url(OWNER, &self.database)).unwrap();
        postgres.batch_execute(sql).unwrap();
    }

    /// Why the database refuses SQL of its owner's.
    pub fn refusal(&self, sql: &str) -> String {
        let mut postgres = PgConnection::establish(&url(OWNER, &self.database)).unwrap();
        postgres.batch_execute(sql).unwrap_err().to_string()
    }

    /// How many accesses are on record.
    pub fn accesses(&self) -> i64 {
        self.number("select count(*) from accesses")
    }

    /// How many notifications are owed.
    pub fn notifications(&self) -> i64 {
        self.number("select count(*) from notifications")
    }
}
