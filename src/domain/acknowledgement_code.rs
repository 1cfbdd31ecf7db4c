//! The official codes of an acknowledgement, with their meanings (CP-IS vocabulary, CPF and CPR).

/// What became of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileCode {
    /// CPF01: the file could not be read, or its head or count is wrong; nothing was taken in.
    FileLevelError,
    /// CPF02: every record was taken in.
    Successful,
    /// CPF03: the valid records were taken in, the others refused.
    Partial,
    /// CPF04: every record was refused.
    Unsuccessful,
    /// CPF05: the demographics service cannot be asked; send the file again.
    DemographicsUnavailable,
    /// CPF06: the form the file is written in is no longer supported.
    VersionNotSupported,
}

impl FileCode {
    /// Every code there is.
    pub const ALL: [Self; 6] = [
        Self::FileLevelError,
        Self::Successful,
        Self::Partial,
        Self::Unsuccessful,
        Self::DemographicsUnavailable,
        Self::VersionNotSupported,
    ];

    /// The code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::FileLevelError => "CPF01",
            Self::Successful => "CPF02",
            Self::Partial => "CPF03",
            Self::Unsuccessful => "CPF04",
            Self::DemographicsUnavailable => "CPF05",
            Self::VersionNotSupported => "CPF06",
        }
    }

    /// What the code means, in the vocabulary's words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::FileLevelError => "File Level Error",
            Self::Successful => "Successful File Upload",
            Self::Partial => "Partial File Upload",
            Self::Unsuccessful => "Unsuccessful File Upload",
            Self::DemographicsUnavailable => "PDS Error - PDS Unavailable",
            Self::VersionNotSupported => "Client version no longer supported",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }

    /// The code of a file whose records were each decided.
    #[must_use]
    pub fn of_counts(loaded: usize, refused: usize) -> Self {
        match (loaded, refused) {
            (_, 0) => Self::Successful,
            (0, _) => Self::Unsuccessful,
            _ => Self::Partial,
        }
    }
}

/// What became of a record.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RecordCode {
    /// CPR01: no person has this NHS number.
    NoMatch,
    /// CPR02: the person's record is sensitive; nothing is kept.
    Sensitive,
    /// CPR03: the NHS number and the other details do not belong together.
    NotVerified,
    /// CPR04: the NHS number is not one.
    NhsNumberFormat,
    /// CPR05: the NHS number was replaced by another.
    Superseded,
    /// CPR06: taken in.
    Successful,
    /// CPR07: refused for the reason beside it.
    Unsuccessful,
}

impl RecordCode {
    /// Every code there is.
    pub const ALL: [Self; 7] = [
        Self::NoMatch,
        Self::Sensitive,
        Self::NotVerified,
        Self::NhsNumberFormat,
        Self::Superseded,
        Self::Successful,
        Self::Unsuccessful,
    ];

    /// The code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::NoMatch => "CPR01",
            Self::Sensitive => "CPR02",
            Self::NotVerified => "CPR03",
            Self::NhsNumberFormat => "CPR04",
            Self::Superseded => "CPR05",
            Self::Successful => "CPR06",
            Self::Unsuccessful => "CPR07",
        }
    }

    /// What the code means, in the vocabulary's words.
    #[must_use]
    pub fn meaning(self) -> &'static str {
        match self {
            Self::NoMatch => "PDS Error - No Match Found for NHS Number",
            Self::Sensitive => "PDS Error - NHS Number Matched, but Sensitive Record",
            Self::NotVerified => "PDS Error - NHS Number not Verified",
            Self::NhsNumberFormat => "PDS Error - NHS Number Format Incorrect",
            Self::Superseded => "PDS Error - NHS Number Verified, but Superseded",
            Self::Successful => "Successful Record Upload",
            Self::Unsuccessful => "Unsuccessful Record Upload",
        }
    }

    /// Reads a code.
    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::{FileCode, RecordCode};

    #[test]
    fn every_code_reads_back() {
        for code in FileCode::ALL {
            assert_eq!(FileCode::parse(code.code()), Some(code));
        }
        for code in RecordCode::ALL {
            assert_eq!(RecordCode::parse(code.code()), Some(code));
        }
        assert_eq!(RecordCode::parse("CPR08"), None);
    }

    #[test]
    fn a_file_s_code_follows_from_its_records() {
        assert_eq!(FileCode::of_counts(3, 0), FileCode::Successful);
        assert_eq!(FileCode::of_counts(2, 1), FileCode::Partial);
        assert_eq!(FileCode::of_counts(0, 3), FileCode::Unsuccessful);
    }
}
