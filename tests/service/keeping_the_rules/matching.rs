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
        "a_notification_of_an_end_names_the_plan",
        "update notifications set kind = 'eighteen', access_id = null, accessed_at = null",
    ),
    (
        "an_end_is_of_a_child_protection_plan_or_of_being_looked_after",
        "update notifications set kind = 'eighteen', access_id = null, accessed_at = null, \
         plan_id = id, plan_kind = 'UCPP', plan_start = '2026-01-10', plan_end = '2033-04-01'",
    ),
    (
        "an_end_at_eighteen_is_told_once",
        "insert into notifications (nhs_number, id, authority_id, queued_at, local_id, upload_id, \
         kind, plan_id, plan_kind, plan_start, plan_end) select n.nhs_number, gen_random_uuid(), \
         n.authority_id, n.queued_at, n.local_id, n.upload_id, 'eighteen', n.id, 'CPP', \
         '2026-01-10', '2033-04-01' from notifications n, generate_series(1, 2)",
    ),
    (
        "requests_that_end_plans_end_one_at_least",
        "insert into ended_by_writes select id, authority_id, now(), 0, false from uploads",
    ),
];
