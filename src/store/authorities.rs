//! The local authorities, as each last described itself.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::prelude::Insertable;
use diesel::sql_types::{Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use diesel::{
    ExpressionMethods, OptionalExtension, PgConnection, QueryDsl, Queryable, RunQueryDsl, sql_query,
};
use uuid::Uuid;

use crate::domain::local_authority::LocalAuthority;
use crate::domain::ods_code::OdsCode;
use crate::domain::phone_number::PhoneNumber;
use crate::domain::upload::AuthorityDetails;
use crate::store::schema::authorities;
use crate::store::{StoreError, identifiers};

/// One statement: the description that is replaced is kept among the earlier ones, or nothing is
/// changed.
const DESCRIBE: &str = "with kept as (insert into authority_versions (id, version, code, name, \
    emergency_phone, office_phone, updated_at) select id, version, code, name, emergency_phone, \
    office_phone, updated_at from authorities where id = $1) \
    update authorities set name = $2, emergency_phone = $3, office_phone = $4, \
    version = version + 1, updated_at = $5 where id = $1";

/// A row of the table, also as a disclosure brings it along with a plan.
#[derive(Queryable, Insertable)]
#[diesel(table_name = authorities)]
pub(super) struct AuthorityRow {
    pub(super) id: Uuid,
    pub(super) code: String,
    pub(super) name: String,
    pub(super) emergency_phone: String,
    pub(super) office_phone: Option<String>,
    pub(super) version: i32,
    pub(super) updated_at: DateTime<Utc>,
}

impl AuthorityRow {
    pub(super) fn authority(self) -> Result<LocalAuthority, StoreError> {
        let phone = |text: String| {
            PhoneNumber::parse(&text)
                .ok()
                .ok_or(StoreError::Row("phone"))
        };
        Ok(LocalAuthority {
            id: self.id,
            code: OdsCode::parse(&self.code)
                .ok()
                .ok_or(StoreError::Row("authority code"))?,
            name: self.name,
            emergency_phone: phone(self.emergency_phone)?,
            office_phone: self.office_phone.map(phone).transpose()?,
            version: self.version,
            updated_at: self.updated_at,
        })
    }
}

/// An authority as a statement about something else brings it along, under names of its own.
#[derive(QueryableByName)]
pub(super) struct JoinedAuthority {
    #[diesel(sql_type = SqlUuid)]
    authority_id: Uuid,
    #[diesel(sql_type = Text)]
    authority_code: String,
    #[diesel(sql_type = Text)]
    authority_name: String,
    #[diesel(sql_type = Text)]
    emergency_phone: String,
    #[diesel(sql_type = Nullable<Text>)]
    office_phone: Option<String>,
    #[diesel(sql_type = Integer)]
    authority_version: i32,
    #[diesel(sql_type = Timestamptz)]
    authority_updated_at: DateTime<Utc>,
}

impl JoinedAuthority {
    pub(super) fn authority(&self) -> Result<LocalAuthority, StoreError> {
        let row = AuthorityRow {
            id: self.authority_id,
            code: self.authority_code.clone(),
            name: self.authority_name.clone(),
            emergency_phone: self.emergency_phone.clone(),
            office_phone: self.office_phone.clone(),
            version: self.authority_version,
            updated_at: self.authority_updated_at,
        };
        row.authority()
    }
}

/// An authority by its id. It says nothing of any child.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn read(postgres: &mut PgConnection, id: Uuid) -> Result<Option<LocalAuthority>, StoreError> {
    authorities::table
        .find(id)
        .first::<AuthorityRow>(postgres)
        .optional()?
        .map(AuthorityRow::authority)
        .transpose()
}

/// An authority by its ODS code. It says nothing of any child.
///
/// # Errors
/// As [`read`].
pub fn of_code(
    postgres: &mut PgConnection,
    code: &OdsCode,
) -> Result<Option<LocalAuthority>, StoreError> {
    authorities::table
        .filter(authorities::code.eq(code.as_str()))
        .first::<AuthorityRow>(postgres)
        .optional()?
        .map(AuthorityRow::authority)
        .transpose()
}

/// Every authority on the register, by code: a few hundred at the most. It says nothing of any
/// child.
///
/// # Errors
/// As [`read`].
pub fn all(postgres: &mut PgConnection) -> Result<Vec<LocalAuthority>, StoreError> {
    authorities::table
        .order(authorities::code)
        .load::<AuthorityRow>(postgres)?
        .into_iter()
        .map(AuthorityRow::authority)
        .collect()
}

/// Puts an authority on the register, or changes what is registered; for the operator.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn register(
    postgres: &mut PgConnection,
    details: &AuthorityDetails,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    diesel::insert_into(authorities::table)
        .values(AuthorityRow {
            id: identifiers::id_of(at),
            code: details.code.as_str().to_owned(),
            name: details.name.clone(),
            emergency_phone: details.emergency_phone.as_str().to_owned(),
            office_phone: details
                .office_phone
                .as_ref()
                .map(|phone| phone.as_str().to_owned()),
            version: 1,
            updated_at: at,
        })
        .on_conflict(authorities::code)
        .do_nothing()
        .execute(postgres)?;
    Ok(())
}

/// Takes the authority of an upload for the length of the transaction, so that its files come in
/// one after another. `None` when it is not registered. Rows of others may lead to the authority
/// meanwhile: a viewer's report, and what the authority reads, must not wait for its upload.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn take_for_upload(
    postgres: &mut PgConnection,
    code: &OdsCode,
) -> Result<Option<LocalAuthority>, StoreError> {
    authorities::table
        .filter(authorities::code.eq(code.as_str()))
        .for_no_key_update()
        .first::<AuthorityRow>(postgres)
        .optional()?
        .map(AuthorityRow::authority)
        .transpose()
}

/// Notes a name or telephone number that an upload's head changed, and keeps what it replaces.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn describe(
    postgres: &mut PgConnection,
    held: &LocalAuthority,
    told: &AuthorityDetails,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let same = held.name == told.name
        && held.emergency_phone == told.emergency_phone
        && held.office_phone == told.office_phone;
    if same {
        return Ok(());
    }
    let office_phone = told.office_phone.as_ref().map(PhoneNumber::as_str);
    sql_query(DESCRIBE)
        .bind::<SqlUuid, _>(held.id)
        .bind::<Text, _>(&told.name)
        .bind::<Text, _>(told.emergency_phone.as_str())
        .bind::<Nullable<Text>, _>(office_phone)
        .bind::<Timestamptz, _>(at)
        .execute(postgres)?;
    Ok(())
}
