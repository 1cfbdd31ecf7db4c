//! Who looked, as it stands beside every access.

use diesel::deserialize::QueryableByName;
use diesel::sql_types::Text;

use crate::domain::caller::{Practitioner, Viewer};
use crate::domain::care_setting::CareSetting;
use crate::domain::ods_code::OdsCode;
use crate::store::StoreError;

/// The columns of who looked.
#[derive(QueryableByName)]
pub(super) struct ViewerRow {
    #[diesel(sql_type = Text)]
    client_id: String,
    #[diesel(sql_type = Text)]
    organisation_code: String,
    #[diesel(sql_type = Text)]
    organisation_name: String,
    #[diesel(sql_type = Text)]
    practitioner_id: String,
    #[diesel(sql_type = Text)]
    practitioner_name: String,
    #[diesel(sql_type = Text)]
    role_profile_id: String,
    #[diesel(sql_type = Text)]
    job_role_code: String,
    #[diesel(sql_type = Text)]
    job_role_name: String,
    #[diesel(sql_type = Text)]
    care_setting: String,
}

impl ViewerRow {
    /// Who looked.
    ///
    /// # Errors
    /// [`StoreError::Row`] when the row breaks a rule.
    pub(super) fn viewer(self) -> Result<Viewer, StoreError> {
        Ok(Viewer {
            client_id: self.client_id,
            organisation: OdsCode::parse(&self.organisation_code)
                .ok()
                .ok_or(StoreError::Row("organisation code"))?,
            organisation_name: self.organisation_name,
            practitioner: Practitioner {
                user_id: self.practitioner_id,
                name: self.practitioner_name,
                role_profile_id: self.role_profile_id,
                job_role_code: self.job_role_code,
                job_role_name: self.job_role_name,
            },
            care_setting: CareSetting::parse(&self.care_setting)
                .ok_or(StoreError::Row("care setting"))?,
        })
    }
}
