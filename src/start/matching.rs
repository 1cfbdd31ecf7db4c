//! From settings to what uploads are matched against.

use std::num::NonZeroU32;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::{StartError, key, secret_bytes};
use crate::demographics::Demographics;
use crate::demographics::matching_key::MatchingKey;
use crate::demographics::pds::{ApplicationKey, PdsClient, PdsSettings};
use crate::domain::calendar::day_of;
use crate::intake::matching::Matching;
use crate::sandbox::people::register;
use crate::settings::matching::{DemographicsKind, MatchingSettings};

/// What uploads are matched against, as the settings say.
pub(super) fn matching(
    settings: &MatchingSettings,
    now: DateTime<Utc>,
) -> Result<Arc<Matching>, StartError> {
    let demographics = match settings.demographics {
        DemographicsKind::None => Demographics::None,
        DemographicsKind::Sandbox => Demographics::Register(register(day_of(now))),
        DemographicsKind::Pds => Demographics::Pds(Box::new(pds(settings)?)),
    };
    let key = match settings.matching_key_file()? {
        Some(file) => MatchingKey::of(&key("matching_key_file", file)?),
        None => MatchingKey::random().ok().ok_or(StartError::Random)?,
    };
    Ok(Arc::new(Matching {
        demographics,
        key,
        days: settings.matching_days,
        check_days: settings.number_check_days,
        wait: Duration::from_secs(u64::from(settings.matching_seconds_max)),
    }))
}

fn pds(settings: &MatchingSettings) -> Result<PdsClient, StartError> {
    let per_second = u32::from(settings.pds_requests_per_second);
    Ok(PdsClient::new(PdsSettings {
        url: settings.pds_url()?.clone(),
        application: application(settings)?,
        organisation: settings.pds_organisation.clone(),
        parallelism: usize::from(settings.pds_parallelism),
        requests_per_second: NonZeroU32::new(per_second).unwrap_or(NonZeroU32::MIN),
        wait: Duration::from_millis(settings.pds_wait_ms),
    }))
}

fn application(settings: &MatchingSettings) -> Result<Option<ApplicationKey>, StartError> {
    let Some(token_url) = settings.pds_token_url.clone() else {
        return Ok(None);
    };
    let pem = secret_bytes("pds_key_file", settings.pds_key_file()?)?;
    let (client_id, key_id) = (settings.pds_client_id()?, settings.pds_key_id()?);
    let key = ApplicationKey::of(token_url, client_id, key_id, &pem);
    Ok(Some(key.map_err(StartError::ApplicationKey)?))
}
