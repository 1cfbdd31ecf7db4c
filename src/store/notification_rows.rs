//! A notification as it is told: its row, the access it tells of, and the upload that told the
//! plan.

use chrono::{DateTime, NaiveDate, Utc};
use diesel::deserialize::QueryableByName;
use diesel::sql_types::{BigInt, Date, Integer, Nullable, Text, Timestamptz, Uuid as SqlUuid};
use uuid::Uuid;

use crate::domain::access::{Access, Interaction};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::notification::{Delivery, EndCause, Notification, Place, PlanEnd, Told};
use crate::domain::plan::PlanKind;
use crate::store::StoreError;
use crate::store::authorities::JoinedAuthority;
use crate::store::viewer_rows::ViewerRow;

/// What a statement selects that loads a [`NotificationRow`] of notifications `n`. A child's row
/// may have gone to another NHS number: what was queued is told all the same.
pub(super) const COLUMNS: &str = "n.id, n.nhs_number, n.local_id, n.upload_id, n.queued_at, \
    n.delivered_at, n.failed_at, n.attempts, n.transaction_id, n.event_number, n.kind, \
    n.replacement, n.plan_id, n.plan_kind, n.plan_start, n.plan_end, \
    u.sequence as upload_sequence, c.id as child_id, l.id as authority_id, \
    l.code as authority_code, l.name as authority_name, l.emergency_phone, l.office_phone, \
    l.version as authority_version, l.updated_at as authority_updated_at, \
    coalesce(a.id, n.id) as access_id, coalesce(a.recorded_at, n.queued_at) as recorded_at, \
    coalesce(a.request_id, n.id) as request_id, coalesce(a.interaction, '') as interaction, \
    coalesce(a.asked, '') as asked, coalesce(a.client_id, '') as client_id, \
    coalesce(a.organisation_code, '') as organisation_code, \
    coalesce(a.organisation_name, '') as organisation_name, \
    coalesce(a.practitioner_id, '') as practitioner_id, \
    coalesce(a.practitioner_name, '') as practitioner_name, \
    coalesce(a.role_profile_id, '') as role_profile_id, \
    coalesce(a.job_role_code, '') as job_role_code, \
    coalesce(a.job_role_name, '') as job_role_name, coalesce(a.care_setting, '') as care_setting";

/// What joins them to notifications `n`. Only one of an access has an access; the number of the
/// child of one that says that the number is nobody's leads to no `Patient`.
pub(super) const JOINS: &str = "left join accesses a on a.nhs_number = n.nhs_number \
    and a.recorded_at = n.accessed_at and a.id = n.access_id \
    join authorities l on l.id = n.authority_id and (n.kind <> 'access' or a.id is not null) \
    join uploads u on u.id = n.upload_id \
    left join children c on c.nhs_number = n.nhs_number and n.kind <> 'number'";

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
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = Nullable<BigInt>)]
    replacement: Option<i64>,
    #[diesel(embed)]
    plan: ToldPlan,
    #[diesel(embed)]
    authority: JoinedAuthority,
    #[diesel(embed)]
    access: ToldAccess,
}

/// The plan whose end is told; nothing of it where another thing is.
#[derive(QueryableByName)]
struct ToldPlan {
    #[diesel(sql_type = Nullable<SqlUuid>)]
    plan_id: Option<Uuid>,
    #[diesel(sql_type = Nullable<Text>)]
    plan_kind: Option<String>,
    #[diesel(sql_type = Nullable<Date>)]
    plan_start: Option<NaiveDate>,
    #[diesel(sql_type = Nullable<Date>)]
    plan_end: Option<NaiveDate>,
}

/// The look that is told; nothing that can be read where another thing is.
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
    #[diesel(embed)]
    viewer: ViewerRow,
}

impl NotificationRow {
    /// The notification.
    ///
    /// # Errors
    /// [`StoreError::Row`] when the row breaks a rule.
    pub(super) fn notification(self) -> Result<Notification, StoreError> {
        let nhs_number = number(self.nhs_number)?;
        let delivery = match (self.delivered_at, self.failed_at) {
            (Some(at), _) => Delivery::Delivered(at),
            (None, Some(at)) => Delivery::GivenUp(at),
            (None, None) => Delivery::Owed,
        };
        let told = match self.kind.as_str() {
            "access" => Told::Access(Box::new(self.access.access(nhs_number)?)),
            "number" => Told::InactiveNumber {
                replacement: self.replacement.map(number).transpose()?,
            },
            "eighteen" => Told::PlanEnd(self.plan.end(EndCause::Eighteen)?),
            "birth-date" => Told::PlanEnd(self.plan.end(EndCause::BirthDate)?),
            _ => return Err(StoreError::Row("kind of notification")),
        };
        Ok(Notification {
            id: self.id,
            authority: self.authority.authority()?,
            nhs_number,
            told,
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

fn number(stored: i64) -> Result<NhsNumber, StoreError> {
    let number = NhsNumber::from_stored(stored).ok();
    number.ok_or(StoreError::Row("NHS number"))
}

impl ToldPlan {
    fn end(self, cause: EndCause) -> Result<PlanEnd, StoreError> {
        let missing = StoreError::Row("plan of a notification");
        let days = self.plan_start.zip(self.plan_end);
        let kind = self.plan_kind.as_deref().and_then(PlanKind::parse);
        match (self.plan_id, kind, days) {
            (Some(plan), Some(kind), Some((start, end))) => Ok(PlanEnd {
                plan,
                kind,
                start,
                end,
                cause,
            }),
            _ => Err(missing),
        }
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
            viewer: self.viewer.viewer()?,
        })
    }
}
