//! The issuer's keys are real, private and kept, and its tokens are taken.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::sync::Arc;
use std::thread;

use clap::ValueEnum as _;
use tempfile::tempdir;

use super::{Algorithm, DateTime, Issuer, IssuerError, KEY_SET_FILE, SandboxRole, TimeDelta, Utc};
use crate::identity::{
    AssuranceLevel, HeldKeys, Jwks, TOKEN_LIFETIME_MAX, TokenError, VerifiedToken, Verifier,
    VerifierSettings,
};

fn now() -> DateTime<Utc> {
    DateTime::from_timestamp(1_795_000_000, 0).unwrap()
}

fn verifier(issuer: &Issuer) -> Verifier {
    Verifier::new(VerifierSettings {
        issuer: issuer.issuer().to_owned(),
        audience: issuer.audience().to_owned(),
        keys: Arc::new(HeldKeys::fixed(
            Jwks::from_json(&issuer.jwks_json()).unwrap(),
        )),
        leeway_seconds: 10,
        lifetime_max: TOKEN_LIFETIME_MAX,
        required_type: None,
        assurance_min: Some(AssuranceLevel::Three),
    })
}

fn verified(issuer: &Issuer, role: SandboxRole) -> VerifiedToken {
    let token = issuer
        .token(role, Algorithm::Es256, now(), TimeDelta::minutes(5))
        .unwrap();
    verifier(issuer)
        .verify(&token, now())
        .unwrap()
        .as_ref()
        .clone()
}

#[test]
fn keys_are_private_and_kept_and_their_public_halves_are_written_beside_them() {
    let folder = tempdir().unwrap();
    let keys = folder.path().join("keys");
    let first = Issuer::open(&keys).unwrap();
    for file in ["rs512.pem", "ps256.pem", "es256.pem"] {
        let mode = fs::metadata(keys.join(file)).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600, "{file}");
    }
    assert_eq!(fs::read_dir(&keys).unwrap().count(), 4);
    assert_eq!(
        fs::read_to_string(keys.join(KEY_SET_FILE)).unwrap(),
        first.jwks_json()
    );
    assert_eq!(Issuer::open(&keys).unwrap().jwks_json(), first.jwks_json());
    assert!(!first.jwks_json().contains("\"d\""));
}

#[test]
fn two_that_start_at_once_have_the_same_keys() {
    let folder = tempdir().unwrap();
    let opened = thread::scope(|scope| {
        [0, 1]
            .map(|_| scope.spawn(|| Issuer::open(folder.path()).unwrap().jwks_json()))
            .map(|opening| opening.join().unwrap())
    });
    assert_eq!(opened.first(), opened.last());
}

#[test]
fn a_key_that_others_could_have_read_or_that_is_no_key_is_refused() {
    let folder = tempdir().unwrap();
    Issuer::open(folder.path()).unwrap();
    let key = folder.path().join("ps256.pem");
    fs::set_permissions(&key, fs::Permissions::from_mode(0o640)).unwrap();
    let refused = Issuer::open(folder.path()).unwrap_err();
    assert!(matches!(refused, IssuerError::KeyOpenToOthers(path) if path == key));
    fs::set_permissions(&key, fs::Permissions::from_mode(0o600)).unwrap();
    fs::write(&key, "-----BEGIN PRIVATE KEY-----\n").unwrap();
    assert!(matches!(
        Issuer::open(folder.path()),
        Err(IssuerError::Key(_))
    ));
}

#[test]
fn every_role_has_a_token_by_every_algorithm_that_the_service_takes() {
    let folder = tempdir().unwrap();
    let issuer = Issuer::open(folder.path())
        .unwrap()
        .named("https://here", "https://there");
    let verifier = verifier(&issuer);
    for role in SandboxRole::value_variants() {
        for algorithm in Algorithm::ALL {
            let token = issuer
                .token(*role, algorithm, now(), TimeDelta::minutes(5))
                .unwrap();
            let verified = verifier.verify(&token, now()).unwrap();
            assert_eq!(verified.organisation, role.organisation());
            assert_eq!(verified.expires_at(), now() + TimeDelta::minutes(5));
            let later = now() + TimeDelta::minutes(6);
            assert_eq!(verifier.verify(&token, later), Err(TokenError::Expired));
        }
    }
}

#[test]
fn a_clinician_is_a_person_with_an_activity_and_an_upload_system_is_neither() {
    let folder = tempdir().unwrap();
    let issuer = Issuer::open(folder.path()).unwrap();
    let clinician = verified(&issuer, SandboxRole::Clinician);
    let practitioner = clinician.practitioner.unwrap();
    assert_eq!(practitioner.user_id, "555000000101");
    assert_eq!(practitioner.role_profile_id, "555000000201");
    assert_eq!(practitioner.name, "Dr Amina Clarke");
    assert_eq!(practitioner.job_role_code, "S8000:G8000:R8000");
    assert_eq!(clinician.activities, ["B0107"]);
    assert_eq!(
        verified(&issuer, SandboxRole::ScheduledClinician).activities,
        ["B0170"]
    );
    let both = verified(&issuer, SandboxRole::BothSettingsClinician);
    assert_eq!(both.activities, ["B0107", "B0170"]);
    assert!(
        verified(&issuer, SandboxRole::NoActivity)
            .activities
            .is_empty()
    );
    let system = verified(&issuer, SandboxRole::LocalAuthority);
    assert_eq!(system.practitioner, None);
    assert_eq!(system.scopes, ["plans.upload"]);
}

#[test]
fn nobody_is_named_where_a_token_is_debug_printed() {
    let folder = tempdir().unwrap();
    let issuer = Issuer::open(folder.path()).unwrap();
    let printed = format!("{:?}", verified(&issuer, SandboxRole::Clinician));
    assert!(
        !printed.contains("Clarke") && !printed.contains("5550000001"),
        "{printed}"
    );
    let printed = format!(
        "{:?}",
        verified(&issuer, SandboxRole::Clinician).practitioner
    );
    assert!(
        !printed.contains("Clarke") && !printed.contains("5550000001"),
        "{printed}"
    );
}
