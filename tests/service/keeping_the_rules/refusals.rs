//! The rules of the security log.

/// A row that breaks no rule.
pub const GOOD_ROWS: &str = "
    insert into security_log (id, logged_at, request_id, route, reason, client_id,
        organisation_code, practitioner_id, times, address)
        values ('019371b8-1c00-7000-8000-00000000000a', now(), gen_random_uuid(),
        'GET /FHIR/R4/Flag', 'unattended', 'c', 'E90001', '1', 1, '192.0.2.1');
";

/// Every rule by its name, and a change that it must refuse.
pub const BROKEN: [(&str, &str); 5] = [
    (
        "a_refusal_is_counted_at_least_once",
        "insert into security_log values (gen_random_uuid(), now(), null, 'several', 'r', null, \
         null, null, 0)",
    ),
    (
        "a_refusal_of_one_request_counts_once",
        "insert into security_log values (gen_random_uuid(), now(), gen_random_uuid(), 'a', 'r', \
         null, null, null, 2)",
    ),
    (
        "a_count_of_refusals_names_no_person",
        "insert into security_log values (gen_random_uuid(), now(), null, 'several', 'r', null, \
         null, '1', 2)",
    ),
    (
        "a_count_of_refusals_names_no_address",
        "insert into security_log (id, logged_at, route, reason, times, address) values \
         (gen_random_uuid(), now(), 'several', 'r', 2, '192.0.2.1')",
    ),
    (
        "an_address_is_one",
        "insert into security_log (id, logged_at, request_id, route, reason, address) values \
         (gen_random_uuid(), now(), gen_random_uuid(), 'a', 'r', 'cpis.example')",
    ),
];
