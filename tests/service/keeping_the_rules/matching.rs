//! The rules of matching and of numbers that changed.

/// A row of each table that breaks no rule.
pub const GOOD_ROWS: &str = "
    insert into matchings values (9990000026, '019371b8-1c00-7000-8000-000000000001',
        decode(repeat('00', 32), 'hex'), now());
    insert into number_notices values (9990000026, '019371b8-1c00-7000-8000-000000000007',
        '019371b8-1c00-7000-8000-000000000001', 'H-1', '019371b8-1c00-7000-8000-000000000003',
        null, now(), null, 0);
";

/// Every rule by its name, and a change that it must refuse.
pub const BROKEN: [(&str, &str); 9] = [
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
        "a_notice_is_of_an_nhs_number",
        "update number_notices set nhs_number = 9990000027",
    ),
    (
        "a_replacement_is_an_nhs_number",
        "update number_notices set replacement = 9990000027",
    ),
    (
        "a_notice_is_sent_after_it_is_noticed",
        "update number_notices set sent_at = noticed_at - interval '1 second'",
    ),
    (
        "attempts_at_a_notice_count_from_zero",
        "update number_notices set attempts = -1",
    ),
];
