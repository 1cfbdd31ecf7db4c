//! How the program makes its database and starts to serve, or says why it does not: `migrate`,
//! `serve`, `settings`.

use std::fs;
use std::path::Path;
use std::process::{self, Command};
use std::sync::atomic::{AtomicUsize, Ordering};

use cpis_fhir::sandbox::audit_key::audit_key;
use cpis_fhir::sandbox::issuer::{Issuer, KEY_SET_FILE};
use cpis_fhir::store::provision::{OWNER, SERVER};
use diesel::connection::SimpleConnection as _;
use diesel::{Connection as _, PgConnection};

use crate::support::{
    TestService, assert_one_line, cluster, errors, program, words, write_private,
};

#[test]
fn migrate_brings_an_empty_database_to_the_schema_once_and_changes_it_no_more() {
    let url = empty_database();
    let migrate = || {
        let mut migrate = program(&["migrate"]);
        migrate.env("OWNER_DATABASE_URL", &url).output().unwrap()
    };
    let first = migrate();
    assert!(first.status.success(), "{}", errors(&first));
    let migrations = fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/migrations"));
    assert_eq!(words(&first).lines().count(), migrations.unwrap().count());
    assert!(words(&first).lines().all(|line| line.starts_with("Ran ")));
    let again = migrate();
    assert!(again.status.success(), "{}", errors(&again));
    assert_eq!(
        words(&again).trim(),
        "The database has this program's schema already."
    );
}

#[test]
fn migrate_says_in_one_line_why_it_cannot_and_never_a_password() {
    let setting = "owner_database_url";
    for (url, named) in [
        ("postgres://owner:sesame@127.0.0.1:1/cpis", "the database"),
        // Of these another host is read than was meant.
        ("postgres://owner:ses/ame@127.0.0.1:1/cpis", setting),
        ("postgres://owner:x@sesame@127.0.0.1:1/cpis", setting),
        (
            "postgres://owner:sesame%zz@127.0.0.1:1/cpis",
            "the database",
        ),
        (
            "postgres://owner@127.0.0.1:1/cpis?password=sesame&sesame=1",
            "the database",
        ),
        (
            "postgres://owner:ses?ame=1@127.0.0.1:1/cpis",
            "the database",
        ),
        (
            "postgres://owner:sesame@db.example/cpis?sslmode=require",
            setting,
        ),
    ] {
        let mut migrate = program(&["migrate"]);
        let output = migrate.env("OWNER_DATABASE_URL", url).output().unwrap();
        assert_one_line(&output, named);
        for secret in ["sesame", "ses", "ame"] {
            let told = errors(&output);
            assert!(
                !told
                    .split(|c: char| !c.is_alphanumeric())
                    .any(|word| word == secret),
                "{told}"
            );
        }
    }
    let output = program(&["migrate"]).output().unwrap();
    assert_one_line(&output, "database_url");
}

#[test]
fn serve_stops_with_one_line_that_names_the_setting_that_is_wrong_and_never_a_secret() {
    let folder = tempfile::tempdir().unwrap();
    for (variable, value, named) in [
        ("DATABASE_URL", "", "database_url"),
        ("DATABASE_URL", "mysql://a:sesame@b/c", "database_url"),
        ("INTAKE_DATABASE_URL", "sesame", "intake_database_url"),
        (
            "CPIS_DATABASE_URL",
            "postgres://a:sesame@b/c",
            "CPIS_DATABASE_URL",
        ),
        ("CPIS_TOKEN_ISSUER", "a sesame", "token_issuer"),
        (
            "CPIS_TOKEN_KEYS_FILE",
            "/nowhere/keys.json",
            "token_keys_file",
        ),
        ("CPIS_LISTEN", "sesame", "listen"),
        ("CPIS_DATABASE_CONNECTIONS", "0", "database_connections"),
        ("CPIS_WORKERS", "1025", "workers"),
        ("CPIS_LOG_FILTER", "cpis_fhir=sesame", "log_filter"),
        ("CPIS_WINDOW_AFTER_END_DAYS", "-1", "window_after_end_days"),
        ("CPIS_OPEN_DOOR", "yes", "open_door"),
    ] {
        let output = serve_in(folder.path())
            .env(variable, value)
            .output()
            .unwrap();
        assert_one_line(&output, named);
        assert!(!errors(&output).contains("sesame"), "{}", errors(&output));
    }
}

#[test]
fn serve_stops_with_one_line_that_names_the_file_that_is_wrong_and_never_what_is_in_it() {
    let folder = tempfile::tempdir().unwrap();
    let key_set = "{\"keys\":[{\"kty\":\"oct\",\"k\":\"sesame\"}]}";
    for (variable, content, named) in [
        ("CPIS_TOKEN_KEYS_FILE", key_set, "token_keys_file"),
        ("CPIS_TOKEN_KEYS_FILE", "sesame", "token_keys_file"),
        ("CPIS_PAGE_KEY_FILE", "sesame", "page_key_file"),
        ("CPIS_AUDIT_KEY_FILE", "sesame", "audit_key_file"),
        (
            "CPIS_SETTINGS",
            "database_url = \"postgres://a:sesame@b/c\nlisten = 1",
            "settings file",
        ),
        ("CPIS_SETTINGS", "listen = \"sesame\"", "listen"),
    ] {
        let wrong = folder.path().join("wrong");
        write_private(&wrong, content);
        let output = serve_in(folder.path())
            .env(variable, &wrong)
            .output()
            .unwrap();
        assert_one_line(&output, named);
        assert!(!errors(&output).contains("sesame"), "{}", errors(&output));
    }
}

#[test]
fn serve_stops_with_one_line_that_names_the_setting_that_is_missing() {
    let folder = tempfile::tempdir().unwrap();
    for (missing, named) in [
        ("DATABASE_URL", "database_url"),
        ("CPIS_TOKEN_ISSUER", "token_issuer"),
        ("CPIS_TOKEN_AUDIENCE", "token_audience"),
        ("CPIS_TOKEN_KEYS_FILE", "token_keys_file"),
        ("CPIS_AUDIT_KEY_FILE", "audit_key_file"),
    ] {
        let output = serve_in(folder.path())
            .env_remove(missing)
            .output()
            .unwrap();
        assert_one_line(&output, named);
    }
}

#[test]
fn serve_answers_until_it_is_told_to_stop_and_then_ends_well() {
    let database = TestService::new().database.clone();
    let folder = tempfile::tempdir().unwrap();
    // An address of this process's own, for a port cannot be had before it is served on.
    let [_, _, high, low] = process::id().to_be_bytes();
    let address = format!("127.99.{high}.{low}:18080");
    let mut serve = serve_in(folder.path());
    serve
        .env("DATABASE_URL", cluster().url(SERVER, &database))
        .env("CPIS_LISTEN", &address);
    let mut serving = serve.stdout(process::Stdio::null()).spawn().unwrap();
    let root = format!("http://{address}");
    let health = || program(&["health", "--url", &root]).output().unwrap();
    while !health().status.success() {
        assert!(serving.try_wait().unwrap().is_none(), "it ended at once");
    }
    let stop = Command::new("kill").arg(serving.id().to_string()).status();
    assert!(stop.unwrap().success());
    assert!(serving.wait().unwrap().success());
    assert!(!health().status.success());
}

/// `serve` with all the settings it needs, but for a database that is there; its keys are in a
/// folder.
pub fn serve_in(folder: &Path) -> Command {
    Issuer::open(folder).unwrap();
    let mut serve = program(&["serve"]);
    serve
        .env("DATABASE_URL", "postgres://a:sesame@127.0.0.1:1/c")
        .env("CPIS_TOKEN_ISSUER", "https://issuer.example")
        .env("CPIS_TOKEN_AUDIENCE", "https://cpis.example")
        .env("CPIS_TOKEN_KEYS_FILE", folder.join(KEY_SET_FILE))
        .env("CPIS_AUDIT_KEY_FILE", audit_key(folder).unwrap())
        .env("CPIS_DURABILITY", "managed");
    serve
}

/// The URL of a database of the owner's with nothing in it.
fn empty_database() -> String {
    static DATABASES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("cpis_empty_{}", DATABASES.fetch_add(1, Ordering::SeqCst));
    let cluster = cluster();
    let superuser = cluster.url(cluster.superuser(), "postgres");
    let mut postgres = PgConnection::establish(&superuser).unwrap();
    let create = format!("create database {name} owner {OWNER}");
    postgres.batch_execute(&create).unwrap();
    cluster.url(OWNER, &name)
}
