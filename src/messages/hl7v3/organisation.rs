//! Organisations as the messages name them.

use super::document::Document;
use super::vocabulary::ORGANISATION;
use crate::domain::upload::AuthorityDetails;

/// Writes an organisation's ODS code and name.
pub(super) fn push_organisation(document: &mut Document, element: &str, code: &str, name: &str) {
    document.within(element, |document| push_identity(document, code, name));
}

/// Writes an authority with its numbers.
pub(super) fn push_authority(document: &mut Document, authority: &AuthorityDetails) {
    document.within(AUTHORITY, |document| {
        push_identity(document, authority.code.as_str(), &authority.name);
        push_phone(document, "EC", authority.emergency_phone.as_str());
        if let Some(office) = &authority.office_phone {
            push_phone(document, "WP", office.as_str());
        }
    });
}

/// Writes an authority of which nothing is known but its code. The schema demands a name and a
/// number even so: the code stands for the one, and a plus that nobody can dial for the other.
pub(super) fn push_unknown_authority(document: &mut Document, code: &str) {
    document.within(AUTHORITY, |document| {
        push_identity(document, code, code);
        push_phone(document, "EC", "+");
    });
}

const AUTHORITY: &str = "organisation";

fn push_identity(document: &mut Document, code: &str, name: &str) {
    document.empty("id", &[("root", ORGANISATION), ("extension", code)]);
    document.text("name", name);
}

fn push_phone(document: &mut Document, told_use: &str, dialled: &str) {
    let value = format!("tel:{dialled}");
    document.empty("telecom", &[("value", &value), ("use", told_use)]);
}
