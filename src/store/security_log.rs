//! The security log: refused requests, durable, with nothing of any child in them.

use std::net::IpAddr;

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::pg::Pg;
use diesel::query_builder::{BoxedSqlQuery, SqlQuery};
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{ExpressionMethods, PgConnection, RunQueryDsl, sql_query};
use uuid::Uuid;

use crate::domain::caller::{Caller, Viewer};
use crate::domain::client::Client;
use crate::domain::ods_code::OdsCode;
use crate::domain::refusal::{CountedRefusals, LoggedRefusal, RefusalTally, RefusalsAsked};
use crate::store::schema::security_log;
use crate::store::{StoreError, identifiers};

/// The most lines that are listed.
pub const LISTED_MAX: i64 = 100_000;

/// What stands for the route where several requests are counted.
const SEVERAL: &str = "several";

const LIST: &str = "select logged_at, request_id, route, reason, client_id, organisation_code, \
    practitioner_id, address, times from security_log where logged_at >= $1 and logged_at < $2 \
    and ($3 is null or reason = $3) and ($4 is null or client_id = $4) \
    and ($5 is null or organisation_code = $5) order by logged_at, id limit $6";

const COUNT: &str = "select reason, client_id, organisation_code, sum(times)::bigint as times, \
    min(logged_at) as first, max(logged_at) as last from security_log \
    where logged_at >= $1 and logged_at < $2 \
    and ($3 is null or reason = $3) and ($4 is null or client_id = $4) \
    and ($5 is null or organisation_code = $5) group by reason, client_id, organisation_code \
    order by times desc, reason, client_id, organisation_code limit $6";

/// A refusal to put on record.
#[derive(Debug, Clone)]
pub struct Refused {
    /// The entry's id, a UUIDv7 of its moment: one, however often the database has to be asked.
    pub id: Uuid,
    /// When.
    pub at: DateTime<Utc>,
    /// The request.
    pub request_id: Uuid,
    /// Method and route pattern, or the interaction's code; never the path or the query.
    pub route: String,
    /// The refusal's name.
    pub reason: &'static str,
    /// Who asked.
    pub asked_by: AskedBy,
    /// From where, as far as that is known where it is refused.
    pub address: Option<IpAddr>,
}

/// Who asked, as far as that was proven.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AskedBy {
    /// The software; none where nothing was proven.
    pub client_id: Option<String>,
    /// The organisation.
    pub organisation: Option<OdsCode>,
    /// The person, where one is there.
    pub practitioner_id: Option<String>,
}

impl From<Caller> for AskedBy {
    fn from(caller: Caller) -> Self {
        Self {
            client_id: Some(caller.client_id),
            organisation: Some(caller.organisation),
            practitioner_id: caller.practitioner.map(|person| person.user_id),
        }
    }
}

impl From<Viewer> for AskedBy {
    fn from(viewer: Viewer) -> Self {
        Self {
            client_id: Some(viewer.client_id),
            organisation: Some(viewer.organisation),
            practitioner_id: Some(viewer.practitioner.user_id),
        }
    }
}

impl From<&Client> for AskedBy {
    fn from(client: &Client) -> Self {
        Self {
            client_id: Some(client.id.as_str().to_owned()),
            organisation: client.own_organisation().cloned(),
            practitioner_id: None,
        }
    }
}

/// Adds a refusal to the security log.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add(postgres: &mut PgConnection, refused: &Refused) -> Result<(), StoreError> {
    let organisation = refused.asked_by.organisation.as_ref();
    diesel::insert_into(security_log::table)
        .values((
            security_log::id.eq(refused.id),
            security_log::logged_at.eq(refused.at),
            security_log::request_id.eq(refused.request_id),
            security_log::route.eq(&refused.route),
            security_log::reason.eq(refused.reason),
            security_log::client_id.eq(&refused.asked_by.client_id),
            security_log::organisation_code.eq(organisation.map(OdsCode::as_str)),
            security_log::practitioner_id.eq(&refused.asked_by.practitioner_id),
            security_log::address.eq(refused.address.map(|address| address.to_string())),
        ))
        .execute(postgres)?;
    Ok(())
}

/// Adds what was only counted.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn add_counted(
    postgres: &mut PgConnection,
    counted: &[CountedRefusals],
) -> Result<(), StoreError> {
    let rows: Vec<_> = counted
        .iter()
        .map(|one| {
            (
                security_log::id.eq(identifiers::id_of(one.at)),
                security_log::logged_at.eq(one.at),
                security_log::route.eq(SEVERAL),
                security_log::reason.eq(one.reason),
                security_log::client_id.eq(&one.client_id),
                security_log::organisation_code.eq(one.organisation.as_ref().map(OdsCode::as_str)),
                security_log::times.eq(i32::try_from(one.times).unwrap_or(i32::MAX)),
            )
        })
        .collect();
    // A row has seven values, and a statement at most 65,535.
    for rows in rows.chunks(1_000) {
        diesel::insert_into(security_log::table)
            .values(rows)
            .execute(postgres)?;
    }
    Ok(())
}

#[derive(QueryableByName)]
struct LoggedRow {
    #[diesel(sql_type = Timestamptz)]
    logged_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    request_id: Option<Uuid>,
    #[diesel(sql_type = Text)]
    route: String,
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<Text>)]
    client_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    organisation_code: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    practitioner_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    address: Option<String>,
    #[diesel(sql_type = Integer)]
    times: i32,
}

#[derive(QueryableByName)]
struct TallyRow {
    #[diesel(sql_type = Text)]
    reason: String,
    #[diesel(sql_type = Nullable<Text>)]
    client_id: Option<String>,
    #[diesel(sql_type = Nullable<Text>)]
    organisation_code: Option<String>,
    #[diesel(sql_type = BigInt)]
    times: i64,
    #[diesel(sql_type = Timestamptz)]
    first: DateTime<Utc>,
    #[diesel(sql_type = Timestamptz)]
    last: DateTime<Utc>,
}

/// One of the statements above, of the refusals that are asked for.
fn of<'a>(statement: &'static str, asked: &'a RefusalsAsked) -> BoxedSqlQuery<'a, Pg, SqlQuery> {
    sql_query(statement)
        .into_boxed()
        .bind::<Timestamptz, _>(asked.since)
        .bind::<Timestamptz, _>(asked.until)
        .bind::<Nullable<Text>, _>(&asked.reason)
        .bind::<Nullable<Text>, _>(&asked.client_id)
        .bind::<Nullable<Text>, _>(&asked.organisation)
        .bind::<BigInt, _>(LISTED_MAX)
}

/// The refusals that are asked for, the oldest first.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn list(
    postgres: &mut PgConnection,
    asked: &RefusalsAsked,
) -> Result<Vec<LoggedRefusal>, StoreError> {
    let rows = of(LIST, asked).load::<LoggedRow>(postgres)?;
    Ok(rows
        .into_iter()
        .map(|row| LoggedRefusal {
            at: row.logged_at,
            request_id: row.request_id,
            route: row.route,
            reason: row.reason,
            client_id: row.client_id,
            organisation: row.organisation_code,
            practitioner_id: row.practitioner_id,
            address: row.address,
            times: row.times,
        })
        .collect())
}

/// The same, counted by reason, client and organisation, the most first.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn count(
    postgres: &mut PgConnection,
    asked: &RefusalsAsked,
) -> Result<Vec<RefusalTally>, StoreError> {
    let rows = of(COUNT, asked).load::<TallyRow>(postgres)?;
    Ok(rows
        .into_iter()
        .map(|row| RefusalTally {
            reason: row.reason,
            client_id: row.client_id,
            organisation: row.organisation_code,
            times: row.times,
            first: row.first,
            last: row.last,
        })
        .collect())
}
