//! Files with secrets in them are for their owner alone: `secrets::file`, `start::files`,
//! `settings`.

use std::ffi::OsString;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

use crate::starting::serve_in;
use crate::support::{Authority, assert_one_line, errors, write_private};

/// What a setting of a secret needs beside it to be looked at, its own secrets being good ones.
fn beside(setting: &str, authority: &Authority, folder: &Path) -> Vec<(&'static str, OsString)> {
    let of = |name| folder.join(name).into_os_string();
    let tls = |name| authority.path(name).into_os_string();
    match setting.split('_').next().unwrap() {
        "mesh" => vec![
            ("CPIS_MESH_URL", "http://127.0.0.1:1".into()),
            ("CPIS_MESH_MAILBOX", "X26ABC1".into()),
            ("CPIS_MESH_PASSWORD_FILE", of("word")),
            ("CPIS_MESH_SHARED_KEY_FILE", of("word")),
            ("CPIS_MESH_CLIENT_CERTIFICATE_FILE", tls("server.pem")),
            ("CPIS_MESH_CLIENT_KEY_FILE", tls("server.key")),
        ],
        "matching" => vec![
            ("CPIS_DEMOGRAPHICS", "pds".into()),
            ("CPIS_PDS_URL", "http://127.0.0.1:1/pds".into()),
        ],
        "pds" => vec![
            ("CPIS_DEMOGRAPHICS", "pds".into()),
            ("CPIS_PDS_URL", "http://127.0.0.1:1/pds".into()),
            ("CPIS_PDS_TOKEN_URL", "http://127.0.0.1:1/token".into()),
            ("CPIS_PDS_CLIENT_ID", "a".into()),
            ("CPIS_PDS_KEY_ID", "b".into()),
            ("CPIS_MATCHING_KEY_FILE", of("key")),
        ],
        "sealing" => vec![
            ("SEALER_DATABASE_URL", "postgres://a@127.0.0.1:1/c".into()),
            ("CPIS_SEALING_ORIGIN", "cpis.example/accesses".into()),
            ("CPIS_SEALING_CHECKPOINTS_FILE", of("checkpoints")),
        ],
        "tls" => vec![
            ("CPIS_TLS_CERTIFICATE_FILE", tls("server.pem")),
            ("CPIS_TLS_CLIENT_CERTIFICATES", "off".into()),
        ],
        _ => Vec::new(),
    }
}

#[test]
fn serve_takes_no_secret_from_a_file_that_others_than_its_owner_may_read() {
    let authority = Authority::new();
    let folder = tempfile::tempdir().unwrap();
    let key = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=";
    write_private(folder.path().join("key"), key);
    write_private(folder.path().join("word"), "sesame");
    let open = folder.path().join("open");
    fs::write(&open, "sesame").unwrap();
    fs::set_permissions(&open, Permissions::from_mode(0o640)).unwrap();
    for setting in [
        "token_service_key_file",
        "page_key_file",
        "audit_key_file",
        "mesh_password_file",
        "mesh_shared_key_file",
        "mesh_client_key_file",
        "matching_key_file",
        "pds_key_file",
        "sealing_key_file",
        "tls_key_file",
    ] {
        let output = serve_in(folder.path())
            .envs(beside(setting, &authority, folder.path()))
            .env(format!("CPIS_{}", setting.to_uppercase()), &open)
            .output()
            .unwrap();
        assert_one_line(&output, setting);
        assert!(errors(&output).contains("chmod 600"), "{}", errors(&output));
        assert!(!errors(&output).contains("sesame"));
    }
}

#[test]
fn a_settings_file_with_a_secret_in_it_is_for_its_owner_alone() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    // Each is taken as far as the port, which is wrong.
    for (stated, is_secret) in [
        ("workers = 1\nlisten = \"a\"", false),
        (
            "listen = \"a\"\ndatabase_url = \"postgres://a:sesame@b/c\"",
            true,
        ),
        (
            "listen = \"a\"\nsealer_database_url = \"postgres://a:sesame@b/c\"",
            true,
        ),
        ("listen = \"a\"\ntls_key = \"sesame\"", true),
        ("listen = \"a\"\nsealing_key = \"sesame\"", true),
    ] {
        for (mode, is_open) in [(0o600, false), (0o640, true), (0o602, true)] {
            fs::write(&file, stated).unwrap();
            fs::set_permissions(&file, Permissions::from_mode(mode)).unwrap();
            let mut serve = serve_in(folder.path());
            let output = serve.env("CPIS_SETTINGS", &file).output().unwrap();
            let is_refused = is_secret && is_open;
            let named = if is_refused {
                "settings.toml"
            } else {
                "listen"
            };
            assert_one_line(&output, named);
            let told = errors(&output);
            assert_eq!(told.contains("chmod 600"), is_refused, "{mode:o} {told}");
            assert!(!told.contains("sesame"), "{told}");
        }
    }
}
