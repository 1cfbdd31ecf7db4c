//! Under which name a refusal is in the security log, where nothing was proven of who asks.

use super::Refusal;

impl Refusal {
    /// The refusal's name in the security log, where nothing was proven.
    #[must_use]
    pub fn of_a_stranger(&self) -> Option<&'static str> {
        match self {
            Self::NoToken => Some("no-token"),
            Self::BadToken(error) => Some(error.code()),
            Self::GatewayHeader(_) => Some("gateway-header"),
            _ => None,
        }
    }
}
