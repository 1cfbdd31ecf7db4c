//! Every setting is read, bounded and documented, and no value of a wrong one is shown.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::ffi::OsString;
use std::fs;
use std::os::unix::ffi::OsStringExt as _;

use proptest::prelude::{any, proptest};
use tempfile::tempdir;

use super::documented::defaults;
use super::error::variable;
use super::{Settings, SettingsError};

/// A password that no line may hold.
const SECRET: &str = "correct-horse";

fn read(toml: &str, environment: &[(&str, &str)]) -> Result<Settings, SettingsError> {
    Settings::read(
        toml,
        environment
            .iter()
            .map(|(name, value)| (name.into(), value.into())),
    )
}

fn refused(toml: &str, environment: &[(&str, &str)]) -> String {
    let line = read(toml, environment).unwrap_err().to_string();
    assert!(!line.contains('\n') && !line.contains(SECRET), "{line}");
    line
}

#[test]
fn every_setting_can_be_stated_and_is_strictly_typed_wherever_it_is_stated() {
    for (name, _) in defaults() {
        let line = refused(&format!("{name} = [1]"), &[]);
        assert!(
            line.contains(name) && line.ends_with("but is a list"),
            "{line}"
        );
        let line = refused("", &[(&variable(name), "")]);
        assert!(
            line.contains(name) && line.ends_with("but is empty"),
            "{line}"
        );
        let empty = [(variable(name).into(), OsString::from_vec(vec![0xff]))];
        let line = Settings::read("", empty).unwrap_err().to_string();
        assert!(
            line.contains(name) && line.ends_with("but is not UTF-8"),
            "{line}"
        );
    }
}

#[test]
fn nothing_stated_is_the_defaults() {
    assert_eq!(read("", &[]).unwrap(), Settings::default());
    assert_eq!(
        read("", &[("HOME", "/root"), ("CPIS", "1")]).unwrap(),
        Settings::default()
    );
    assert_eq!(
        read("", &[("CPIS_SETTINGS", "a.toml")]).unwrap(),
        Settings::default()
    );
}

#[test]
fn the_environment_is_read_over_the_file() {
    let toml = "history_length = 3\npage_size_max = 4\nhistory_includes_scheduled = false\n\
        database_url = \"postgres://localhost/a\"";
    let environment = [
        ("CPIS_HISTORY_LENGTH", "7"),
        ("DATABASE_URL", "postgresql:///b?host=/run"),
    ];
    let settings = read(toml, &environment).unwrap();
    assert_eq!((settings.history_length, settings.page_size_max), (7, 4));
    assert!(!settings.history_includes_scheduled);
    assert_eq!(
        settings.database_url().unwrap().expose(),
        "postgresql:///b?host=/run"
    );
    assert!(read(toml, &[("CPIS_HISTORY_INCLUDES_SCHEDULED", "true")]).is_ok());
}

#[test]
fn an_unknown_setting_is_refused_by_name() {
    for (toml, environment, name) in [
        ("listenn = 1", vec![], "listenn"),
        ("Listen = \"127.0.0.1:1\"", vec![], "Listen"),
        ("[listen_on]\na = 1", vec![], "listen_on"),
        ("", vec![("CPIS_LISTENN", "a")], "listenn"),
        (
            "",
            vec![("CPIS_DATABASE_URL", "postgres://a")],
            "CPIS_DATABASE_URL",
        ),
    ] {
        assert!(refused(toml, &environment).contains(&format!("no setting `{name}`")));
    }
    let long = refused(&format!("{} = 1", "a".repeat(500)), &[]);
    assert!(long.len() < 150, "{long}");
}

#[test]
fn a_wrong_value_is_refused_with_what_would_be_right() {
    let secret_url = format!("mysql://user:{SECRET}@host/a");
    for (variable, value, right) in [
        ("CPIS_LISTEN", "localhost", "an address and a port"),
        ("CPIS_LISTEN", "127.0.0.1:65536", "an address and a port"),
        (
            "CPIS_PUBLIC_URL",
            "/FHIR/R4",
            "an absolute http or https URL",
        ),
        ("DATABASE_URL", &secret_url, "postgres://"),
        ("CPIS_HISTORY_LENGTH", "0", "from 1 to 100"),
        ("CPIS_HISTORY_LENGTH", "101", "from 1 to 100"),
        ("CPIS_HISTORY_LENGTH", "25.0", "from 1 to 100"),
        ("CPIS_HISTORY_LENGTH", " 25", "from 1 to 100"),
        ("CPIS_WINDOW_AFTER_END_DAYS", "-1", "from 0 to 3650"),
        (
            "CPIS_WINDOW_AFTER_END_DAYS",
            "99999999999999999999",
            "from 0 to 3650",
        ),
        ("CPIS_HISTORY_INCLUDES_SCHEDULED", "yes", "true or false"),
        ("CPIS_LOG_FILTER", "cpis_fhir=loud", "a log filter"),
        ("CPIS_TOKEN_ISSUER", "a b", "visible ASCII"),
        ("CPIS_WORKERS", "0", "from 1 to 1024"),
    ] {
        let line = refused("", &[(variable, value)]);
        assert!(line.contains(variable) && line.contains(right), "{line}");
    }
    assert!(refused("history_length = \"25\"", &[]).ends_with("but is another whole number"));
    assert!(refused("history_length = true", &[]).ends_with("but is a truth value"));
    assert!(refused("history_length = 2.5", &[]).ends_with("but is a number with a fraction"));
    assert!(refused("listen = 8080", &[]).ends_with("but is another whole number"));
}

#[test]
fn a_file_that_is_not_toml_is_refused_without_its_words() {
    let line = refused(
        &format!("database_url = postgres://user:{SECRET}@host/a"),
        &[],
    );
    assert!(line.contains("line 1"), "{line}");
    let line = refused(&format!("a = 1\na = \"{SECRET}\""), &[]);
    assert!(line.contains("line 2"), "{line}");
}

#[test]
fn a_file_is_read_from_where_it_is() {
    let folder = tempdir().unwrap();
    let file = folder.path().join("settings.toml");
    assert!(matches!(
        Settings::load(Some(&file)),
        Err(SettingsError::FileUnreadable { .. })
    ));
    fs::write(&file, "page_size_max = 7").unwrap();
    assert_eq!(Settings::load(Some(&file)).unwrap().page_size_max, 7);
}

#[test]
fn what_a_command_needs_is_asked_for_by_its_variable() {
    let nothing = Settings::default();
    let line = nothing.database_url().unwrap_err().to_string();
    assert_eq!(line, "the setting `database_url` (DATABASE_URL) is needed");
    assert!(
        nothing
            .token_keys_file()
            .unwrap_err()
            .to_string()
            .contains("CPIS_TOKEN_KEYS_FILE")
    );
    assert!(nothing.token_issuer().is_err() && nothing.token_audience().is_err());
    let one = read("", &[("DATABASE_URL", "postgres://localhost/b")]).unwrap();
    assert_eq!(
        one.intake_database_url().unwrap(),
        one.database_url().unwrap()
    );
    assert_eq!(
        one.owner_database_url().unwrap(),
        one.database_url().unwrap()
    );
}

#[test]
fn a_databases_url_is_never_printed() {
    let url = format!("postgres://user:{SECRET}@localhost/a");
    let settings = read("", &[("DATABASE_URL", &url)]).unwrap();
    assert!(!format!("{settings:?}").contains(SECRET));
}

proptest! {
    #[test]
    fn a_whole_number_within_its_bounds_reads_back_and_without_is_refused(number: i64) {
        for number in [number, number % 120] {
            let text = number.to_string();
            let within = (1..=100).contains(&number);
            let read_back = read("", &[("CPIS_HISTORY_LENGTH", &text)]).map(|it| it.history_length);
            assert_eq!(read_back.ok().map(i64::from), within.then_some(number));
            assert_eq!(read(&format!("history_length = {number}"), &[]).is_ok(), within);
        }
    }

    #[test]
    fn any_file_and_any_value_are_read_or_refused_in_one_line(toml: String, value: String) {
        for (name, _) in defaults() {
            if let Err(error) = read("", &[(&variable(name), &value)]) {
                assert!(!error.to_string().contains('\n'));
            }
        }
        if let Err(error) = read(&toml, &[]) {
            assert!(!error.to_string().contains('\n'));
        }
    }

    #[test]
    fn any_variable_and_any_bytes_are_read_or_refused(
        name in proptest::collection::vec(any::<u8>(), 0..20),
        value in proptest::collection::vec(any::<u8>(), 0..20),
    ) {
        let name = [b"CPIS_".to_vec(), name].concat();
        let _ = Settings::read("", [(OsString::from_vec(name), OsString::from_vec(value))]);
    }
}

#[test]
fn no_database_is_looked_for_where_the_environment_leads_unless_its_certificate_is_verified() {
    let here = "database_url = \"postgres:///cpis\"";
    let verified = "database_url = \"postgres://a@db.example/cpis?sslmode=verify-full\"";
    for variable in ["PGHOST", "PGHOSTADDR", "PGSERVICE"] {
        let line = refused(here, &[(variable, "db.example")]);
        assert!(
            line.contains(variable) && line.contains("database_url"),
            "{line}"
        );
        assert!(read(here, &[(variable, "")]).is_ok());
        assert!(read(verified, &[(variable, "db.example")]).is_ok());
        assert!(read("", &[(variable, "db.example")]).is_ok());
    }
}
