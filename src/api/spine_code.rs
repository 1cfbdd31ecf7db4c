//! The codes that an outcome tells beside FHIR's own: those of NHS England's Spine error list.

/// A Spine code and its words.
pub type SpineCode = (&'static str, &'static str);

/// The caller may not do this.
pub const ACCESS_DENIED: SpineCode = ("ACCESS_DENIED", "Access has been denied");
/// A search cannot be read.
pub const INVALID_SEARCH_DATA: SpineCode = ("INVALID_SEARCH_DATA", "Search data is invalid");
/// Something else that was sent cannot be read.
pub const INVALID_VALUE: SpineCode = ("INVALID_VALUE", "Provided value is invalid");
/// Something that must be said was not.
pub const MISSING_VALUE: SpineCode = ("MISSING_VALUE", "Required value is missing");
/// There is nothing there that the caller may see.
pub const NOT_FOUND: SpineCode = ("RESOURCE_NOT_FOUND", "Resource not found");
/// A header says nothing that can be used.
pub const PRECONDITION_FAILED: SpineCode =
    ("PRECONDITION_FAILED", "Required condition was not met");
/// The service does not offer this.
pub const UNSUPPORTED: SpineCode = ("UNSUPPORTED_SERVICE", "Service is not supported");
/// The service cannot answer now.
pub const UNABLE_TO_CALL: SpineCode = ("UNABLE_TO_CALL_SERVICE", "Service could not be called");
/// The service failed.
pub const INTERNAL: SpineCode = ("INTERNAL_SERVER_ERROR", "Unexpected internal server error");
/// The caller asks too much.
pub const TOO_MANY_REQUESTS: SpineCode = ("TOO_MANY_REQUESTS", "Too many requests");
/// What was sent does not follow what was sent before.
pub const CONFLICT: SpineCode = ("RESOURCE_VERSION_MISMATCH", "Resource version mismatch");
/// An identifier is not an NHS number's.
pub const INVALID_IDENTIFIER_SYSTEM: SpineCode =
    ("INVALID_IDENTIFIER_SYSTEM", "Identifier system is invalid");

#[cfg(test)]
mod tests {
    use super::{
        ACCESS_DENIED, CONFLICT, INVALID_IDENTIFIER_SYSTEM, INVALID_SEARCH_DATA, INVALID_VALUE,
        MISSING_VALUE, NOT_FOUND, PRECONDITION_FAILED, TOO_MANY_REQUESTS, UNABLE_TO_CALL,
        UNSUPPORTED,
    };

    #[test]
    fn every_code_a_caller_can_meet_is_in_the_integrators_page() {
        let page = include_str!("../../docs/integrating.md");
        for (code, _) in [
            ACCESS_DENIED,
            CONFLICT,
            INVALID_IDENTIFIER_SYSTEM,
            INVALID_SEARCH_DATA,
            INVALID_VALUE,
            MISSING_VALUE,
            NOT_FOUND,
            PRECONDITION_FAILED,
            TOO_MANY_REQUESTS,
            UNABLE_TO_CALL,
            UNSUPPORTED,
        ] {
            assert!(page.contains(&format!("| {code} |")), "{code}");
        }
    }
}
