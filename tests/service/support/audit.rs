//! How the services of the suite put what they tell on record.

use std::fs;
use std::path::Path;

use cpis_fhir::disclosure::audit_key::AuditKey;
use cpis_fhir::domain::durability::Durability;
use cpis_fhir::sandbox::audit_key::audit_key;
use cpis_fhir::secrets::SecretKey;
use cpis_fhir::settings::AuditSettings;

use super::service::TestService;

/// The settings, with a key in a folder. The suite's cluster does not wait for its disk.
pub(super) fn audit_settings(folder: &Path) -> AuditSettings {
    AuditSettings {
        audit_key_file: Some(audit_key(folder).unwrap()),
        durability: Durability::Managed,
    }
}

impl TestService {
    /// The key that binds answers to the record.
    pub fn audit_key(&self) -> AuditKey {
        let text = fs::read_to_string(self.settings.audit.key_file().unwrap()).unwrap();
        AuditKey::of(&SecretKey::of_base64(&text).unwrap())
    }
}
