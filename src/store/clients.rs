//! The clients that may ask, as the operator registered them; every change is kept.

use std::collections::{BTreeSet, HashMap};

use chrono::{DateTime, Utc};
use diesel::{AsChangeset, ExpressionMethods, Insertable, PgConnection, Queryable, RunQueryDsl};

use crate::domain::caller::Practitioner;
use crate::domain::care_setting::ViewActivities;
use crate::domain::channel::Endpoint;
use crate::domain::client::{Client, ClientId, ClientKeys, FrontDoor, Unattended};
use crate::domain::ods_code::OdsCode;
use crate::domain::scope::Scopes;
use crate::domain::thumbprint::Thumbprint;
use crate::store::StoreError;
use crate::store::register_changes::{self, Done, RegisterChange, Registered};
use crate::store::schema::{client_organisations, client_scopes, clients, unattended_clients};

const UNREADABLE: StoreError = StoreError::Row("client");

#[derive(Queryable, Insertable, AsChangeset)]
#[diesel(table_name = clients, treat_none_as_null = true)]
struct ClientRow {
    id: String,
    name: String,
    front_door: String,
    key_set: Option<String>,
    certificate: Option<String>,
    registered_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
    key_set_url: Option<String>,
}

#[derive(Queryable, Insertable)]
#[diesel(table_name = unattended_clients)]
struct UnattendedRow {
    client_id: String,
    activity: String,
    user_id: String,
    person_name: String,
    role_profile_id: String,
    job_role_code: String,
    job_role_name: String,
}

/// Every client, revoked ones too, by id.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn register(postgres: &mut PgConnection) -> Result<HashMap<ClientId, Client>, StoreError> {
    let rows: Vec<ClientRow> = clients::table.load(postgres)?;
    let mut organisations: HashMap<String, BTreeSet<OdsCode>> = HashMap::new();
    for (client, code) in client_organisations::table.load::<(String, String)>(postgres)? {
        let code = OdsCode::parse(&code).ok().ok_or(UNREADABLE)?;
        organisations.entry(client).or_default().insert(code);
    }
    let mut scopes: HashMap<String, Vec<String>> = HashMap::new();
    for (client, scope) in client_scopes::table.load::<(String, String)>(postgres)? {
        scopes.entry(client).or_default().push(scope);
    }
    let unattended = unattended_clients::table.load::<UnattendedRow>(postgres)?;
    let mut unattended: HashMap<String, UnattendedRow> = unattended
        .into_iter()
        .map(|row| (row.client_id.clone(), row))
        .collect();
    rows.into_iter()
        .map(|row| {
            let scopes = scopes.remove(&row.id).unwrap_or_default();
            let client = Client {
                id: ClientId::parse(&row.id).ok().ok_or(UNREADABLE)?,
                front_door: FrontDoor::parse(&row.front_door).ok_or(UNREADABLE)?,
                keys: keys(row.key_set, row.key_set_url.as_deref())?,
                organisations: organisations.remove(&row.id).unwrap_or_default(),
                scopes: Scopes::known(scopes.iter().map(String::as_str))
                    .ok()
                    .ok_or(UNREADABLE)?,
                certificate: certificate(row.certificate.as_deref())?,
                unattended: unattended.remove(&row.id).map(who_answers),
                is_revoked: row.revoked_at.is_some(),
                name: row.name,
            };
            Ok((client.id.clone(), client))
        })
        .collect()
}

fn keys(set: Option<String>, url: Option<&str>) -> Result<Option<ClientKeys>, StoreError> {
    let Some(url) = url else {
        return Ok(set.map(ClientKeys::Set));
    };
    let url = Endpoint::parse(url).ok().ok_or(UNREADABLE)?;
    Ok(Some(ClientKeys::At(url)))
}

fn certificate(text: Option<&str>) -> Result<Option<Thumbprint>, StoreError> {
    let read = text.map(Thumbprint::parse).transpose();
    read.ok().ok_or(UNREADABLE)
}

fn who_answers(row: UnattendedRow) -> Unattended {
    Unattended {
        activities: ViewActivities::among([row.activity.as_str()]),
        responsible: Practitioner {
            user_id: row.user_id,
            name: row.person_name,
            role_profile_id: row.role_profile_id,
            job_role_code: row.job_role_code,
            job_role_name: row.job_role_name,
        },
    }
}

/// Puts a client on the register as it is now to be, in the place of what was there under its id,
/// and keeps who did so; for the operator.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn put(
    postgres: &mut PgConnection,
    client: &Client,
    (by, at): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    let id = client.id.as_str();
    let row = row(client, at);
    diesel::insert_into(clients::table)
        .values(&row)
        .on_conflict(clients::id)
        .do_update()
        .set(&row)
        .execute(postgres)?;
    put_organisations(postgres, client)?;
    put_scopes(postgres, client)?;
    diesel::delete(unattended_clients::table)
        .filter(unattended_clients::client_id.eq(id))
        .execute(postgres)?;
    if let Some(unattended) = &client.unattended {
        diesel::insert_into(unattended_clients::table)
            .values(unattended_row(id, unattended))
            .execute(postgres)?;
    }
    keep(postgres, client, Done::Put, (by, at))
}

fn row(client: &Client, at: DateTime<Utc>) -> ClientRow {
    let (set, url) = match &client.keys {
        Some(ClientKeys::Set(set)) => (Some(set.clone()), None),
        Some(ClientKeys::At(url)) => (None, Some(url.as_str().to_owned())),
        None => (None, None),
    };
    ClientRow {
        id: client.id.as_str().to_owned(),
        name: client.name.clone(),
        front_door: client.front_door.code().to_owned(),
        key_set: set,
        certificate: client
            .certificate
            .map(|certificate| certificate.to_string()),
        registered_at: at,
        revoked_at: client.is_revoked.then_some(at),
        key_set_url: url,
    }
}

fn put_organisations(postgres: &mut PgConnection, client: &Client) -> Result<(), StoreError> {
    let id = client.id.as_str();
    diesel::delete(client_organisations::table)
        .filter(client_organisations::client_id.eq(id))
        .execute(postgres)?;
    for code in &client.organisations {
        diesel::insert_into(client_organisations::table)
            .values((
                client_organisations::client_id.eq(id),
                client_organisations::organisation_code.eq(code.as_str()),
            ))
            .execute(postgres)?;
    }
    Ok(())
}

fn put_scopes(postgres: &mut PgConnection, client: &Client) -> Result<(), StoreError> {
    let id = client.id.as_str();
    diesel::delete(client_scopes::table)
        .filter(client_scopes::client_id.eq(id))
        .execute(postgres)?;
    for scope in client.scopes.iter() {
        diesel::insert_into(client_scopes::table)
            .values((
                client_scopes::client_id.eq(id),
                client_scopes::scope.eq(scope.to_string()),
            ))
            .execute(postgres)?;
    }
    Ok(())
}

fn unattended_row(id: &str, unattended: &Unattended) -> UnattendedRow {
    let activity = match unattended.activities.notifying {
        true => ViewActivities::NOTIFYING,
        false => ViewActivities::SILENT,
    };
    let person = &unattended.responsible;
    UnattendedRow {
        client_id: id.to_owned(),
        activity: activity.to_owned(),
        user_id: person.user_id.clone(),
        person_name: person.name.clone(),
        role_profile_id: person.role_profile_id.clone(),
        job_role_code: person.job_role_code.clone(),
        job_role_name: person.job_role_name.clone(),
    }
}

/// Refuses a client from now on, whatever keys or tokens it holds, and keeps who did so; false
/// where it is not on the register. For the operator.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn revoke(
    postgres: &mut PgConnection,
    id: &ClientId,
    (by, at): (&str, DateTime<Utc>),
) -> Result<bool, StoreError> {
    let Some(client) = register(postgres)?.remove(id) else {
        return Ok(false);
    };
    diesel::update(clients::table)
        .filter(clients::id.eq(id.as_str()))
        .filter(clients::revoked_at.is_null())
        .set(clients::revoked_at.eq(at))
        .execute(postgres)?;
    keep(postgres, &client, Done::Revoked, (by, at))?;
    Ok(true)
}

fn keep(
    postgres: &mut PgConnection,
    client: &Client,
    done: Done,
    (by, at): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    let change = RegisterChange {
        by,
        at,
        kind: Registered::Client,
        subject: client.id.as_str(),
        done,
        details: client.to_string(),
    };
    register_changes::keep(postgres, &change)
}
