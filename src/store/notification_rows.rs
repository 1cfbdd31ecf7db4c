//! A notification as it is told: its row, the access it tells of, and the file that told the plan.

use chrono::{DateTime, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::access::{Access, Interaction};
use crate::domain::caller::{Practitioner, Viewer};
use crate::domain::care_setting::CareSetting;
use crate::domain::nhs_number::NhsNumber;
use crate::domain::notification::{Delivery, Notification, Place};
use crate::domain::ods_code::OdsCode;
use crate::store::StoreError;
use crate::store::authorities::JoinedAuthority;

/// What a statement selects that loads a [`NotificationRow`] of notifications `n`. A child's row
/// may have gone to another NHS number: what was queued is told all the same.
pub(super) const COLUMNS: &str = "n.id, n.nhs_number, n.local_id, n.upload_id, n.queued_at, \
    n.delivered_at, n.failed_at, n.attempts, n.transaction_id, n.event_number, \
    u.sequence as upload_sequence, c.id as child_id, l.id as authority_id, \
    l.code as authority_code, l.name as authority_name, l.emergency_phone, l.office_phone, \
    l.version as authority_version, l.updated_at as authority_updated_at, a.id as access_id, \
    a.recorded_at, a.request_id, a.interaction, a.asked, a.client_id, a.organisation_code, \
    a.organisation_name, a.practitioner_id, a.practitioner_name, a.role_profile_id, \
    a.job_role_code, a.job_role_name, a.care_setting";

/// What joins them to notifications `n`.
pub(super) const JOINS: &str = "join accesses a on a.nhs_number = n.nhs_number \
    and a.recorded_at = n.accessed_at and a.id = n.access_id \
    join authorities l on l.id = n.authority_id join uploads u on u.id = n.upload_id \
    left join children c on c.nhs_number = n.nhs_number";

/// A row.
#[derive(QueryableByName)]
pub(super) struct NotificationRow {
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = BigInt)]
    nhs_number: i64,
    #[diesel(sql_type = Text)]
    local_id: String,
    #[diesel(sql_type = SqlUuid)]
    upload_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    queued_at: DateTime<Utc>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    delivered_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Nullable<Timestamptz>)]
    failed_at: Option<DateTime<Utc>>,
    #[diesel(sql_type = Integer)]
    attempts: i32,
    #[diesel(sql_type = BigInt)]
    transaction_id: i64,
    #[diesel(sql_type = Nullable<BigInt>)]
    event_number: Option<i64>,
    #[diesel(sql_type = Nullable<BigInt>)]
    upload_sequence: Option<i64>,
    #[diesel(sql_type = Nullable<SqlUuid>)]
    child_id: Option<Uuid>,
    #[diesel(embed)]
    authority: JoinedAuthority,
    #[diesel(embed)]
    access: ToldAccess,
}

#[derive(QueryableByName)]
struct ToldAccess {
    #[diesel(sql_type = SqlUuid)]
    access_id: Uuid,
    #[diesel(sql_type = Timestamptz)]
    recorded_at: DateTime<Utc>,
    #[diesel(sql_type = SqlUuid)]
    request_id: Uuid,
    #[diesel(sql_type = Text)]
    interaction: String,
    #[diesel(sql_type = Text)]
    asked: String,
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

impl NotificationRow {
    /// The notification.
    ///
    /// # Errors
    /// [`StoreError::Row`] when the row breaks a rule.
    pub(super) fn notification(self) -> Result<Notification, StoreError> {
        let nhs_number = NhsNumber::from_stored(self.nhs_number)
            .ok()
            .ok_or(StoreError::Row("NHS number"))?;
        let delivery = match (self.delivered_at, self.failed_at) {
            (Some(at), _) => Delivery::Delivered(at),
            (None, Some(at)) => Delivery::GivenUp(at),
            (None, None) => Delivery::Owed,
        };
        Ok(Notification {
            id: self.id,
            authority: self.authority.authority()?,
            access: self.access.access(nhs_number)?,
            child: self.child_id,
            local_id: self.local_id,
            upload: self.upload_id,
            upload_sequence: self.upload_sequence,
            queued_at: self.queued_at,
            delivery,
            place: Place {
                transaction: self.transaction_id,
                id: self.id,
            },
            event_number: self.event_number,
            attempts: self.attempts,
        })
    }
}

impl ToldAccess {
    fn access(self, nhs_number: NhsNumber) -> Result<Access, StoreError> {
        Ok(Access {
            id: self.access_id,
            nhs_number,
            at: self.recorded_at,
            request_id: self.request_id,
            interaction: Interaction::parse(&self.interaction)
                .ok_or(StoreError::Row("interaction"))?,
            asked: self.asked,
            viewer: Viewer {
                client_id: self.client_id,
                organisation: ods_code(&self.organisation_code)?,
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
            },
        })
    }
}

fn ods_code(text: &str) -> Result<OdsCode, StoreError> {
    OdsCode::parse(text).ok().ok_or(StoreError::Row("ODS code"))
}
