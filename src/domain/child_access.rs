//! An access to a child with a plan of an authority's, as that authority is told of it.

use crate::domain::access::Access;

/// An access to a child, while a plan of the authority's could be seen.
#[derive(Debug, Clone, PartialEq)]
pub struct ChildAccess {
    /// The access.
    pub access: Access,
    /// The authority's own identifiers for the child, and never another's.
    pub local_ids: Vec<String>,
}
