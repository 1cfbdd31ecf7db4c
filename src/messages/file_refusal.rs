//! Why a whole file was refused, in words for the person who made it (CPF01, REPC_MT000003GB01).

use thiserror::Error;

use crate::domain::upload::FileCode;

/// Why nothing of a file was taken in. It never repeats a value of the file, so it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("{reason}")]
pub struct FileRefusal {
    /// The official code.
    pub code: FileCode,
    /// Which line and column are at fault, and what would be right.
    pub reason: String,
    /// The line at fault, from 1; none when the file as a whole is.
    pub line: Option<u64>,
    /// The column at fault; none when the line as a whole is.
    pub column: Option<&'static str>,
    /// The XPath of what is at fault, in a file of XML; none when the file as a whole is.
    pub location: Option<String>,
}

impl FileRefusal {
    /// A refusal of the file as a whole.
    #[must_use]
    pub fn of_file(reason: &str) -> Self {
        Self {
            code: FileCode::FileLevelError,
            reason: reason.to_owned(),
            line: None,
            column: None,
            location: None,
        }
    }

    /// A refusal because of one line.
    #[must_use]
    pub fn of_line(line: u64, reason: &str) -> Self {
        Self {
            line: Some(line),
            ..Self::of_file(&format!("line {line}: {reason}"))
        }
    }

    /// A refusal because of one column of a line.
    #[must_use]
    pub fn of_column(line: u64, column: &'static str, reason: &str) -> Self {
        Self {
            line: Some(line),
            column: Some(column),
            ..Self::of_file(&format!("line {line}, {column}: {reason}"))
        }
    }

    /// A refusal because of what stands at this XPath.
    #[must_use]
    pub fn of_location(location: &str, reason: &str) -> Self {
        Self {
            location: Some(location.to_owned()),
            ..Self::of_file(&format!("{location}: {reason}"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::FileRefusal;

    #[test]
    fn a_refusal_says_where_and_why() {
        let refusal = FileRefusal::of_column(2, "authority", "send an ODS code");
        assert_eq!(refusal.to_string(), "line 2, authority: send an ODS code");
        assert_eq!((refusal.line, refusal.column), (Some(2), Some("authority")));
        assert_eq!(FileRefusal::of_line(9, "too short").column, None);
        assert_eq!(FileRefusal::of_file("it is empty").line, None);
    }
}
