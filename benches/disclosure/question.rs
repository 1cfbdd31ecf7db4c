//! What is asked of the service, request after request.

/// A kind of request about a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Question {
    /// The plans, as flags: what nearly every request asks.
    Flags,
    /// The same as flags, by callers whose line is TLS.
    FlagsOverTls,
    /// The same as flags, and in place of every twentieth an authority tells a plan anew.
    FlagsBesideWrites,
    /// The plans, as episodes of care.
    EpisodesOfCare,
    /// Who looked before.
    History,
}

impl Question {
    /// How the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Flags => "POST Flag/_search",
            Self::FlagsOverTls => "POST Flag/_search by TLS",
            Self::FlagsBesideWrites => "POST Flag/_search, 5 % PUT EpisodeOfCare",
            Self::EpisodesOfCare => "POST EpisodeOfCare/_search",
            Self::History => "POST AuditEvent/_search",
        }
    }

    /// The path behind the service's base.
    pub fn path(self) -> &'static str {
        match self {
            Self::Flags | Self::FlagsOverTls | Self::FlagsBesideWrites => "Flag/_search",
            Self::EpisodesOfCare => "EpisodeOfCare/_search",
            Self::History => "AuditEvent/_search",
        }
    }
}
