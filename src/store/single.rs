//! Rows of one value.

use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Bool};

/// Yes or no, as `answer`.
#[derive(QueryableByName)]
pub(super) struct Answer {
    #[diesel(sql_type = Bool)]
    pub(super) answer: bool,
}

/// A number, as `number`.
#[derive(QueryableByName)]
pub(super) struct Number {
    #[diesel(sql_type = BigInt)]
    pub(super) number: i64,
}
