//! The rules of the register of clients.

/// A row of each table that breaks no rule.
pub const GOOD_ROWS: &str = "
    insert into clients values ('c', 'C', 'token-service', '{}', null, now(), null);
    insert into client_organisations values ('c', 'RQX99');
    insert into client_scopes values ('c', 'plans.upload');
    insert into unattended_clients values ('c', 'B0107', '1', 'P', '2', 'R8000', 'J');
    insert into register_changes values ('019371b8-1c00-7000-8000-000000000009', now(), 'P',
        'client', 'c', 'put', '');
    insert into used_assertions values ('c', 'a', now());
    insert into job_role_activities values ('R8000', 'B0107');
";

/// Every rule by its name, and a change that it must refuse.
pub const BROKEN: [(&str, &str); 20] = [
    (
        "a_client_has_its_keys_from_one_place",
        "update clients set key_set_url = 'https://keys.example/'",
    ),
    (
        "a_key_set_url_is_of_visible_characters",
        "update clients set key_set = null, key_set_url = 'https://keys.example/ '",
    ),
    (
        "a_client_id_is_of_visible_characters",
        "update clients set id = 'a b'",
    ),
    ("a_client_has_a_name", "update clients set name = ''"),
    (
        "a_client_comes_by_a_door_that_there_is",
        "update clients set front_door = 'window'",
    ),
    (
        "a_gateway_has_a_certificate",
        "update clients set front_door = 'gateway'",
    ),
    (
        "a_job_role_has_a_national_code",
        "update job_role_activities set job_role_code = 'S8000'",
    ),
    (
        "an_activity_has_a_national_code",
        "update job_role_activities set activity_code = 'x'",
    ),
    (
        "a_client_of_the_token_service_has_keys",
        "update clients set key_set = null",
    ),
    (
        "a_certificate_is_known_by_its_thumbprint",
        "update clients set certificate = '00'",
    ),
    (
        "a_client_is_revoked_after_it_is_registered",
        "update clients set revoked_at = registered_at - interval '1 second'",
    ),
    (
        "a_client_asks_for_an_ods_code",
        "update client_organisations set organisation_code = 'x'",
    ),
    (
        "a_scope_is_one_word",
        "update client_scopes set scope = 'a b'",
    ),
    (
        "an_unattended_client_has_a_viewing_activity",
        "update unattended_clients set activity = 'B0264'",
    ),
    (
        "a_responsible_person_has_ids",
        "update unattended_clients set user_id = 'x'",
    ),
    (
        "a_responsible_person_has_a_name_and_a_role",
        "update unattended_clients set person_name = ''",
    ),
    ("a_register_change_says_who", NOBODY),
    ("a_register_change_is_of_a_known_kind", OF_NO_KIND),
    ("a_register_change_puts_or_takes", DOES_NOTHING),
    (
        "an_assertion_has_an_id",
        "update used_assertions set token_id = ''",
    ),
];

const NOBODY: &str = "insert into register_changes values (gen_random_uuid(), now(), '', 'client', \
                      'c', 'put', '')";
const OF_NO_KIND: &str = "insert into register_changes values (gen_random_uuid(), now(), 'P', 'x', \
                          'c', 'put', '')";
const DOES_NOTHING: &str = "insert into register_changes values (gen_random_uuid(), now(), 'P', \
                            'client', 'c', 'x', '')";
