//! Holds `docs/settings.md` to the settings: each with its default, and no other.

use super::Settings;
use super::error::variable;
use super::matching::MatchingSettings;

/// Each setting's name and its default as documented. Taken apart without `..`, so that a setting
/// added to the struct and not here does not compile.
#[expect(
    clippy::too_many_lines,
    reason = "one line for each setting is how it is read"
)]
pub fn defaults() -> Vec<(&'static str, String)> {
    let Settings {
        listen,
        public_url,
        browser_origins,
        database_url: None,
        intake_database_url: None,
        notifier_database_url: None,
        owner_database_url: None,
        database_connections,
        intake_connections,
        notifier_connections,
        database_wait_ms,
        request_deadline_ms,
        token_issuer: None,
        token_audience: None,
        token_keys_file: None,
        token_service_key_file: None,
        token_service_other_keys_file: None,
        page_key_file: None,
        window_after_end_days,
        window_after_due_date_days,
        notification_period_hours,
        history_period_hours,
        history_length,
        history_includes_scheduled,
        upload_bytes_max,
        upload_records_max,
        uploads_at_once,
        upload_ending_percent_max,
        upload_ending_plans_min,
        page_size_max,
        page_lifetime_minutes,
        audit,
        budgets,
        callers,
        key_sets,
        refusals,
        matching,
        sending,
        mesh,
        sealing,
        transport,
        metrics,
        workers: _,
        log_filter,
    } = Settings::default()
    else {
        unreachable!("these have no default")
    };
    let mut defaults = vec![
        ("listen", listen.to_string()),
        ("public_url", public_url.as_str().to_owned()),
        ("browser_origins", browser_origins.as_slice().join(",")),
        ("database_url", String::new()),
        ("intake_database_url", String::new()),
        ("notifier_database_url", String::new()),
        ("owner_database_url", String::new()),
        ("sealer_database_url", String::new()),
        ("database_connections", database_connections.to_string()),
        ("intake_connections", intake_connections.to_string()),
        ("notifier_connections", notifier_connections.to_string()),
        ("database_wait_ms", database_wait_ms.to_string()),
        ("request_deadline_ms", request_deadline_ms.to_string()),
        ("token_issuer", String::new()),
        ("token_audience", String::new()),
        ("token_keys_file", String::new()),
        ("token_service_key_file", String::new()),
        ("token_service_other_keys_file", String::new()),
        ("page_key_file", String::new()),
        ("window_after_end_days", window_after_end_days.to_string()),
        (
            "window_after_due_date_days",
            window_after_due_date_days.to_string(),
        ),
        (
            "notification_period_hours",
            notification_period_hours.to_string(),
        ),
        ("history_period_hours", history_period_hours.to_string()),
        ("history_length", history_length.to_string()),
        (
            "history_includes_scheduled",
            history_includes_scheduled.to_string(),
        ),
        ("upload_bytes_max", upload_bytes_max.to_string()),
        ("upload_records_max", upload_records_max.to_string()),
        ("uploads_at_once", uploads_at_once.to_string()),
        (
            "upload_ending_percent_max",
            upload_ending_percent_max.to_string(),
        ),
        (
            "upload_ending_plans_min",
            upload_ending_plans_min.to_string(),
        ),
        ("page_size_max", page_size_max.to_string()),
        ("page_lifetime_minutes", page_lifetime_minutes.to_string()),
    ];
    defaults.extend(audit.documented());
    defaults.extend(budgets.documented());
    defaults.extend(callers.documented());
    defaults.extend(key_sets.documented());
    defaults.extend(refusals.documented());
    defaults.extend(matching_defaults(matching));
    defaults.extend(sending.documented());
    defaults.extend(mesh.documented());
    defaults.extend(sealing.documented());
    defaults.extend(transport.documented());
    defaults.extend(metrics.documented());
    defaults.extend([
        ("workers", "the number of cores".to_owned()),
        ("log_filter", log_filter.as_str().to_owned()),
    ]);
    defaults
}

/// The same of the settings of matching.
fn matching_defaults(matching: MatchingSettings) -> Vec<(&'static str, String)> {
    let MatchingSettings {
        demographics,
        pds_url: None,
        pds_token_url: None,
        pds_client_id: None,
        pds_key_id: None,
        pds_key_file: None,
        pds_organisation: None,
        pds_parallelism,
        pds_requests_per_second,
        pds_wait_ms,
        matching_days,
        matching_seconds_max,
        matching_key_file: None,
        number_check_days,
    } = matching
    else {
        unreachable!("these have no default")
    };
    vec![
        ("demographics", demographics.name().to_owned()),
        ("pds_url", String::new()),
        ("pds_token_url", String::new()),
        ("pds_client_id", String::new()),
        ("pds_key_id", String::new()),
        ("pds_key_file", String::new()),
        ("pds_organisation", String::new()),
        ("pds_parallelism", pds_parallelism.to_string()),
        (
            "pds_requests_per_second",
            pds_requests_per_second.to_string(),
        ),
        ("pds_wait_ms", pds_wait_ms.to_string()),
        ("matching_days", matching_days.to_string()),
        ("matching_seconds_max", matching_seconds_max.to_string()),
        ("matching_key_file", String::new()),
        ("number_check_days", number_check_days.to_string()),
    ]
}

#[test]
fn every_setting_is_documented_with_its_default_and_no_other() {
    let document = include_str!("../../docs/settings.md");
    let documented: Vec<String> = document
        .lines()
        .filter(|line| line.starts_with("| `"))
        .map(|line| {
            line.splitn(5, " | ")
                .take(3)
                .collect::<Vec<_>>()
                .join(" | ")
        })
        .collect();
    let expected: Vec<String> = defaults()
        .into_iter()
        .map(|(name, default)| {
            let default = match default.as_str() {
                "" => "–".to_owned(),
                words if words.contains(' ') => words.to_owned(),
                value => format!("`{value}`"),
            };
            format!("| `{name}` | `{}` | {default}", variable(name))
        })
        .collect();
    assert_eq!(documented, expected);
}

/// A number as pages write it: 33,554,432.
fn with_commas(number: usize) -> String {
    let digits = number.to_string();
    let mut written = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            written.push(',');
        }
        written.push(digit);
    }
    written
}

#[test]
fn each_page_for_local_authorities_says_how_long_a_file_may_be() {
    let settings = Settings::default();
    let limits = [settings.upload_bytes_max, settings.upload_records_max].map(with_commas);
    for (name, page) in [
        ("csv", include_str!("../../docs/upload-csv.md")),
        ("hl7v3", include_str!("../../docs/upload-hl7v3.md")),
        ("fhir", include_str!("../../docs/upload-fhir.md")),
        ("mesh", include_str!("../../docs/mesh.md")),
    ] {
        for limit in &limits {
            assert!(page.contains(limit.as_str()), "{name}: {limit}");
        }
    }
}

#[test]
fn every_setting_of_a_key_a_password_or_a_certificate_is_in_the_inventory() {
    let page = include_str!("../../docs/asvs.md");
    let (_, inventory) = page.split_once("\n## Keys\n").unwrap_or_default();
    let (inventory, _) = inventory.split_once("\n## ").unwrap_or_default();
    // How the names of those end that are one, or say where one is.
    let ends = [
        "_ca_file",
        "_certificate_file",
        "_key",
        "_key_file",
        "_keys_file",
        "_keys_url",
        "_password_file",
        "_revocation_list_file",
        "_secrets_folder",
        "database_url",
    ];
    let of_one = defaults().into_iter().map(|(name, _)| name);
    let of_one: Vec<&str> = of_one
        .filter(|name| ends.iter().any(|end| name.ends_with(end)))
        .collect();
    assert!(of_one.len() > 20, "{of_one:?}");
    for name in of_one {
        assert!(inventory.contains(&format!("`{name}`")), "{name}");
    }
}
