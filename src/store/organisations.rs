//! The organisations that may look, and the care settings each is registered for.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods, PgConnection, QueryDsl, RunQueryDsl};

use crate::domain::caller::Organisation;
use crate::domain::care_setting::CareSetting;
use crate::domain::ods_code::OdsCode;
use crate::store::StoreError;
use crate::store::register_changes::{self, Done, RegisterChange, Registered};
use crate::store::schema::{organisation_care_settings, organisations};

/// The whole register, by ODS code.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn register(postgres: &mut PgConnection) -> Result<HashMap<OdsCode, Organisation>, StoreError> {
    let rows: Vec<(String, String)> = organisations::table
        .select((organisations::code, organisations::name))
        .load(postgres)?;
    let mut register = HashMap::with_capacity(rows.len());
    for (code, name) in rows {
        let code = OdsCode::parse(&code)
            .ok()
            .ok_or(StoreError::Row("organisation code"))?;
        let care_settings = Default::default();
        register.insert(
            code.clone(),
            Organisation {
                code,
                name,
                care_settings,
            },
        );
    }
    let settings: Vec<(String, String)> = organisation_care_settings::table
        .select((
            organisation_care_settings::organisation_code,
            organisation_care_settings::care_setting,
        ))
        .load(postgres)?;
    for (code, care_setting) in settings {
        let code = OdsCode::parse(&code)
            .ok()
            .ok_or(StoreError::Row("organisation code"))?;
        let registered = register
            .get_mut(&code)
            .ok_or(StoreError::Row("care setting"))?;
        match CareSetting::parse(&care_setting).ok_or(StoreError::Row("care setting"))? {
            CareSetting::Unscheduled => registered.care_settings.unscheduled = true,
            CareSetting::Scheduled => registered.care_settings.scheduled = true,
        }
    }
    Ok(register)
}

/// Puts organisations on the register, and keeps who did so; for the operator.
///
/// # Errors
/// As [`put`].
pub fn import(
    postgres: &mut PgConnection,
    organisations: &[Organisation],
    (by, at): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    for organisation in organisations {
        put(postgres, organisation, at)?;
        keep(postgres, organisation, Done::Put, (by, at))?;
    }
    Ok(())
}

/// Takes an organisation off the register, and keeps who did so; false where it is not there. For
/// the operator.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn remove(
    postgres: &mut PgConnection,
    code: &OdsCode,
    (by, at): (&str, DateTime<Utc>),
) -> Result<bool, StoreError> {
    let Some(organisation) = register(postgres)?.remove(code) else {
        return Ok(false);
    };
    diesel::delete(organisations::table)
        .filter(organisations::code.eq(code.as_str()))
        .execute(postgres)?;
    keep(postgres, &organisation, Done::Removed, (by, at))?;
    Ok(true)
}

fn keep(
    postgres: &mut PgConnection,
    organisation: &Organisation,
    done: Done,
    (by, at): (&str, DateTime<Utc>),
) -> Result<(), StoreError> {
    let change = RegisterChange {
        by,
        at,
        kind: Registered::Organisation,
        subject: organisation.code.as_str(),
        done,
        details: organisation.to_string(),
    };
    register_changes::keep(postgres, &change)
}

/// Puts an organisation on the register with exactly these care settings; for the operator.
///
/// # Errors
/// [`StoreError`] when the database refuses or fails.
pub fn put(
    postgres: &mut PgConnection,
    organisation: &Organisation,
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let code = organisation.code.as_str();
    diesel::insert_into(organisations::table)
        .values((
            organisations::code.eq(code),
            organisations::name.eq(&organisation.name),
            organisations::registered_at.eq(at),
        ))
        .on_conflict(organisations::code)
        .do_update()
        .set(organisations::name.eq(&organisation.name))
        .execute(postgres)?;
    diesel::delete(organisation_care_settings::table)
        .filter(organisation_care_settings::organisation_code.eq(code))
        .execute(postgres)?;
    let settings = [
        (
            organisation.care_settings.unscheduled,
            CareSetting::Unscheduled,
        ),
        (organisation.care_settings.scheduled, CareSetting::Scheduled),
    ];
    for (_, setting) in settings.into_iter().filter(|(registered, _)| *registered) {
        diesel::insert_into(organisation_care_settings::table)
            .values((
                organisation_care_settings::organisation_code.eq(code),
                organisation_care_settings::care_setting.eq(setting.code()),
            ))
            .execute(postgres)?;
    }
    Ok(())
}
