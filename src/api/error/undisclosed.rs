//! Why nothing is disclosed, as a caller is told it.

use super::Refusal;
use crate::disclosure::NotDisclosed;
use crate::store::StoreError;

impl From<NotDisclosed> for Refusal {
    fn from(refusal: NotDisclosed) -> Self {
        match refusal {
            NotDisclosed::OverBudget(over) => Self::OverBudget(over),
            NotDisclosed::RequestIdTaken => Self::RequestIdTaken,
            NotDisclosed::Store(error) => Self::Unavailable(error),
        }
    }
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Unavailable(error)
    }
}
