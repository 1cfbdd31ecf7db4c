//! A local authority: who owns a plan, answers for it by telephone, and is told of accesses.

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::ods_code::OdsCode;
use crate::domain::phone_number::PhoneNumber;

/// A local authority as it last described itself in an upload.
#[derive(Debug, Clone, PartialEq)]
pub struct LocalAuthority {
    /// Its id, a UUIDv7; the id of its `Organization`.
    pub id: Uuid,
    /// Its ODS code.
    pub code: OdsCode,
    /// Its name.
    pub name: String,
    /// The emergency duty team's number, answered day and night. CP-IS always has one.
    pub emergency_phone: PhoneNumber,
    /// The number for office hours, where the authority gave one.
    pub office_phone: Option<PhoneNumber>,
    /// How often its description has changed, from 1.
    pub version: i32,
    /// When it last changed.
    pub updated_at: DateTime<Utc>,
}
