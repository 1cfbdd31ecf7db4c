//! What became of a child's NHS number (REPC_MT000005GB01).

use crate::domain::nhs_number::NhsNumber;

/// Where a number stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum NumberState {
    /// It is the child's.
    #[default]
    Current,
    /// No other replaced it, and nothing may lead from it to anybody: plans under it are hidden.
    Inactive,
    /// Another replaced it, under which the child's plans stand.
    Replaced(NhsNumber),
}
