//! Takes the settings of matching.

use super::{Stated, VISIBLE, visible};
use crate::domain::ods_code::OdsCode;
use crate::settings::SettingsError;
use crate::settings::matching::{DemographicsKind, MatchingSettings, PeerUrl};

const KIND: &str = "none, sandbox or pds";
const PEER: &str =
    "an absolute https URL without a query or a slash at its end; http on loopback only";
const ODS_CODE: &str = "an ODS code: 3 to 12 capitals and digits";

impl Stated {
    /// Takes what uploads are matched against, and how.
    pub(super) fn matching_over(
        &mut self,
        default: MatchingSettings,
    ) -> Result<MatchingSettings, SettingsError> {
        let stated = self;
        let peer = |text: &str| PeerUrl::parse(text).map(Some);
        let ods_code = |text: &str| OdsCode::parse(text).ok().map(Some);
        Ok(MatchingSettings {
            demographics: stated.text(
                "demographics",
                default.demographics,
                KIND,
                DemographicsKind::parse,
            )?,
            pds_url: stated.text("pds_url", None, PEER, peer)?,
            pds_token_url: stated.text("pds_token_url", None, PEER, peer)?,
            pds_client_id: stated.text("pds_client_id", None, VISIBLE, visible)?,
            pds_key_id: stated.text("pds_key_id", None, VISIBLE, visible)?,
            pds_key_file: stated.path("pds_key_file")?,
            pds_organisation: stated.text("pds_organisation", None, ODS_CODE, ods_code)?,
            pds_parallelism: stated.whole("pds_parallelism", default.pds_parallelism, 1..=64)?,
            pds_requests_per_second: stated.whole(
                "pds_requests_per_second",
                default.pds_requests_per_second,
                1..=1000,
            )?,
            pds_wait_ms: stated.whole("pds_wait_ms", default.pds_wait_ms, 1..=60_000)?,
            matching_days: stated.whole("matching_days", default.matching_days, 1..=3650)?,
            matching_seconds_max: stated.whole(
                "matching_seconds_max",
                default.matching_seconds_max,
                1..=3600,
            )?,
            matching_key_file: stated.path("matching_key_file")?,
            number_check_days: stated.whole(
                "number_check_days",
                default.number_check_days,
                1..=3650,
            )?,
        })
    }
}
