//! All local authorities of England, for chapters that try each against every other.

use serde_json::json;

use super::service::TestService;

/// How many there are.
pub const AUTHORITIES: usize = 153;

/// The code of one of them, counted from 1.
pub fn code_of(authority: usize) -> String {
    format!("E9{authority:04}")
}

impl TestService {
    /// Puts those on the register that are not there already.
    pub fn register_all_authorities(&self) {
        self.execute(&format!(
            "insert into authorities (id, code, name, emergency_phone, updated_at) \
             select gen_random_uuid(), 'E9' || lpad(n::text, 4, '0'), 'Authority ' || n, \
             '01632960001', now() from generate_series(1, {AUTHORITIES}) n on conflict do nothing; \
             insert into clients (id, name, front_door, registered_at) \
             select 'upload-system-' || code, 'Their system', 'issuer', '{}' from authorities \
             on conflict do nothing",
            self.now()
        ));
        let known = self.number("select count(*) from authorities");
        assert_eq!(known, i64::try_from(AUTHORITIES).unwrap());
    }

    /// A token of an authority's own system, that tells its plans and reads its notifications.
    pub fn token_of_authority(&self, code: &str) -> String {
        let client = format!("upload-system-{code}");
        self.token_saying(json!({
            "sub": client,
            "client_id": client,
            "organisation": code,
            "scope": "plans.upload notifications.read",
        }))
    }
}
