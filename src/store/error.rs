//! Why the database gave no answer that can be trusted.

use diesel::result::DatabaseErrorKind;
use thiserror::Error;

/// Why the database gave no answer that can be trusted. Its words never hold a value of a row.
#[derive(Debug, Error)]
pub enum StoreError {
    /// No turn at a connection came in time.
    #[error("no database connection became free in time")]
    Busy,
    /// No connection can be made.
    #[error("the database cannot be reached")]
    Unreachable,
    /// The database answered too late; what it did is unknown and was not disclosed.
    #[error("the database did not answer in time")]
    Late,
    /// Others changed what this would change, before it could or for too long; nothing was changed.
    #[error("others are changing the same at this moment")]
    Overtaken,
    /// A statement failed.
    #[error("a database statement failed")]
    Statement(#[from] diesel::result::Error),
    /// What is stored breaks a rule of the domain.
    #[error("a stored row cannot be read: {0}")]
    Row(&'static str),
    /// A request's id stands for another request, or for one that was answered otherwise.
    #[error("the request's id is another request's")]
    AskedBefore,
    /// An answer could not be put on record, with others or by itself.
    #[error("the answer could not be put on record")]
    Unrecorded,
    /// The database would not keep what it calls committed, or no standby has it.
    #[error("what was committed is not known to be durable")]
    Undurable,
    /// The blocking task came to nothing.
    #[error("the database task was cut short")]
    CutShort,
}

impl StoreError {
    /// The reason's name in the metrics; none where the database answered well, and a request was
    /// refused by what it answered.
    #[must_use]
    pub fn code(&self) -> Option<&'static str> {
        match self {
            Self::Busy => Some("busy"),
            Self::Unreachable => Some("unreachable"),
            Self::Late => Some("late"),
            Self::Statement(_) => Some("statement"),
            Self::Row(_) => Some("row"),
            Self::AskedBefore | Self::Overtaken => None,
            Self::Unrecorded => Some("unrecorded"),
            Self::Undurable => Some("undurable"),
            Self::CutShort => Some("cut-short"),
        }
    }

    /// Whether the same may well succeed at once: others came first, or waited for it as it waited
    /// for them.
    pub(super) fn is_overtaken(&self) -> bool {
        matches!(self, Self::Overtaken) || self.says("deadlock detected")
    }

    /// Whether what is to be changed was not let go of in time.
    pub(super) fn waited_in_vain(&self) -> bool {
        self.says("canceling statement due to lock timeout")
    }

    fn says(&self, sought: &str) -> bool {
        use diesel::result::Error::DatabaseError;
        matches!(self, Self::Statement(DatabaseError(_, words)) if words.message() == sought)
    }

    /// Whether what was refused was this statement alone, and the connection goes on: it waited for
    /// too long, or was in another's way. Whatever else a database refuses may be the connection's
    /// own, such as to write where another machine has become the first.
    pub(super) fn refused(&self) -> bool {
        use diesel::result::DatabaseErrorKind::UniqueViolation;
        use diesel::result::Error::DatabaseError;
        const WAITED: &str = "canceling statement due to statement timeout";
        let is_taken = matches!(self, Self::Statement(DatabaseError(UniqueViolation, _)));
        is_taken
            || self.is_overtaken()
            || self.waited_in_vain()
            || self.says(WAITED)
            || matches!(self, Self::AskedBefore)
    }

    /// Whether the connection, and any made before it, is of no more use.
    pub(super) fn lost(&self) -> bool {
        use diesel::result::Error::DatabaseError;
        let Self::Statement(DatabaseError(kind, words)) = self else {
            return false;
        };
        matches!(
            kind,
            DatabaseErrorKind::ClosedConnection | DatabaseErrorKind::UnableToSendCommand
        ) || words.message().starts_with("terminating connection")
    }
}
