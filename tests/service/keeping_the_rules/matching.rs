//! The rules of matching and of numbers that changed.

/// A row of each table that breaks no rule.
pub const GOOD_ROWS: &str = "
    insert into matchings values (9990000026, '019371b8-1c00-7000-8000-000000000001',
        decode(repeat('00', 32), 'hex'), now());
";

/// Every rule by its name, and a change that it must refuse.
pub const BROKEN: [(&str, &str); 12] = [
    (
        "an_upload_matches_no_more_than_it_compares",
        "update uploads set compared = 1, matched = 2",
    ),
    (
        "a_matching_is_of_an_nhs_number",
        "update matchings set nhs_number = 9990000027",
    ),
    (
        "a_matching_has_a_digest_of_32_bytes",
        "update matchings set digest = 'Okonkwo'",
    ),
    (
        "a_number_is_not_replaced_by_itself",
        "update children set replaced_by = nhs_number",
    ),
    (
        "a_number_is_replaced_or_inactive",
        "update children set replaced_by = 9990000018, inactive_since = now()",
    ),
    (
        "a_notification_is_of_one_of_four_kinds",
        "update notifications set kind = 'rumour', access_id = null, accessed_at = null",
    ),
    (
        "a_notification_of_an_access_names_it",
        "update notifications set kind = 'number'",
    ),
    (
        "only_a_number_is_replaced",
        "update notifications set replacement = 9990000018",
    ),
    (
        "attempts_at_a_notice_count_from_zero",
        "update number_notices set attempts = -1",
    ),
];
