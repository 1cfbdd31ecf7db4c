//! Earlier descriptions of the local authorities, each kept by the statement that replaced it.

use diesel::{ExpressionMethods, PgConnection, QueryDsl, RunQueryDsl};
use uuid::Uuid;

use crate::domain::local_authority::LocalAuthority;
use crate::store::StoreError;
use crate::store::authorities::AuthorityRow;
use crate::store::schema::authority_versions;

/// The most descriptions read at once: an authority that moves every month fills it in a century.
const EARLIER_MAX: i64 = 1_000;

/// The newest earlier descriptions of these authorities, the oldest first. They say nothing of any
/// child.
///
/// # Errors
/// [`StoreError`] when the database fails or holds a row that breaks a rule.
pub fn earlier(
    postgres: &mut PgConnection,
    authorities: &[Uuid],
) -> Result<Vec<LocalAuthority>, StoreError> {
    let newest: Vec<AuthorityRow> = authority_versions::table
        .filter(authority_versions::id.eq_any(authorities))
        .order((
            authority_versions::updated_at.desc(),
            authority_versions::version.desc(),
        ))
        .limit(EARLIER_MAX)
        .select((
            authority_versions::id,
            authority_versions::code,
            authority_versions::name,
            authority_versions::emergency_phone,
            authority_versions::office_phone,
            authority_versions::version,
            authority_versions::updated_at,
        ))
        .load(postgres)?;
    newest
        .into_iter()
        .rev()
        .map(AuthorityRow::authority)
        .collect()
}
