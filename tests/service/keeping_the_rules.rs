//! What the database refuses by itself: a bad row for every named rule of the schema.

mod matching;

use std::collections::BTreeSet;

use cpis_fhir::store::provision::OWNER;
use diesel::connection::SimpleConnection as _;
use diesel::result::Error::DatabaseError;
use diesel::{Connection as _, PgConnection};

use crate::support::{TestService, cluster};

/// A row of each table that breaks no rule, for the bad ones to stand beside.
const GOOD_ROWS: &str = "
    insert into authorities values ('019371b8-1c00-7000-8000-000000000001', 'E90009', 'A',
        '999', null, 1, now());
    insert into children values (9990000026, '019371b8-1c00-7000-8000-000000000002',
        '2015-04-01', now());
    insert into uploads values ('019371b8-1c00-7000-8000-000000000003',
        '019371b8-1c00-7000-8000-000000000001', 1, decode(repeat('00', 32), 'hex'), now(), now(),
        'c', 'CPF02', 1, 0);
    insert into plans values (9990000026, '019371b8-1c00-7000-8000-000000000004', 1,
        '019371b8-1c00-7000-8000-000000000001', 'CPP', 'H-1', '2026-01-10', null, '2033-04-01',
        true, null, '019371b8-1c00-7000-8000-000000000003', now());
    insert into notifications values (9990000026, '019371b8-1c00-7000-8000-000000000005',
        '019371b8-1c00-7000-8000-000000000001', '019371b8-1c00-7000-8000-000000000006', now(),
        now(), null, 0, 'H-1', '019371b8-1c00-7000-8000-000000000003');
    insert into authority_channels values ('019371b8-1c00-7000-8000-000000000001', 'rest-hook',
        'https://la.example/', 'la', now(), 0, null, now());
    insert into channel_changes values ('019371b8-1c00-7000-8000-000000000007',
        '019371b8-1c00-7000-8000-000000000001', now(), 'an operator', 'pull', null, null);
    insert into subscriptions values ('019371b8-1c00-7000-8000-000000000008',
        '019371b8-1c00-7000-8000-000000000001', 'active', 'https://la.example/', 'id-only', 60,
        'a', 1, now(), now());
    insert into accesses values (9990000026, now(), '019371b8-1c00-7000-8000-000000000006',
        gen_random_uuid(), 'read', 'a', 'c', 'RQX99', 'O', '1', 'P', '2', 'R8000', 'J',
        'scheduled');
    insert into organisations values ('RQX98', 'O', now());
    insert into upload_records values ('019371b8-1c00-7000-8000-000000000003', 1, 'CPR06', null,
        null, null);
";

/// Every rule by its name, and a change that it must refuse.
const BROKEN: [(&str, &str); 47] = [
    (
        "an_authority_has_one_ods_code",
        "insert into authorities select gen_random_uuid(), code, name, emergency_phone, \
         office_phone, version, updated_at from authorities",
    ),
    (
        "an_authority_code_is_an_ods_code",
        "update authorities set code = 'e90009'",
    ),
    (
        "an_authority_has_a_name",
        "update authorities set name = ''",
    ),
    (
        "an_emergency_phone_can_be_dialled",
        "update authorities set emergency_phone = 'ring us'",
    ),
    (
        "an_office_phone_can_be_dialled",
        "update authorities set office_phone = ''",
    ),
    (
        "an_authority_version_counts_from_one",
        "update authorities set version = 0",
    ),
    (
        "an_organisation_code_is_an_ods_code",
        "update organisations set code = 'RQX-1'",
    ),
    (
        "an_organisation_has_a_name",
        "update organisations set name = repeat('a', 201)",
    ),
    (
        "a_care_setting_is_unscheduled_or_scheduled",
        "insert into organisation_care_settings values ('RQX98', 'both')",
    ),
    (
        "a_child_has_an_nhs_number",
        "insert into children values (9990000027, gen_random_uuid(), now(), now())",
    ),
    (
        "an_authority_numbers_each_file_once",
        "insert into uploads select gen_random_uuid(), authority_id, sequence, digest, \
         created_at, received_at, client_id, code, records, refused from uploads",
    ),
    (
        "a_file_is_numbered_from_one",
        "update uploads set sequence = 0",
    ),
    ("a_digest_is_a_sha_256", "update uploads set digest = ''"),
    (
        "an_upload_has_an_official_code",
        "update uploads set code = 'CPF07'",
    ),
    (
        "an_upload_refuses_no_more_than_it_holds",
        "update uploads set refused = 2",
    ),
    (
        "a_record_is_numbered_from_one",
        "update upload_records set number = 0",
    ),
    (
        "a_record_has_an_official_code",
        "update upload_records set code = 'CPR08', reason = 'a'",
    ),
    (
        "a_refused_record_has_a_reason",
        "update upload_records set code = 'CPR01'",
    ),
    (
        "an_authority_tells_a_plan_once",
        "insert into plans select nhs_number, gen_random_uuid(), version, authority_id, kind, \
         local_id, start_date, sent_end_date, effective_end_date, end_is_computed, deleted_on, \
         upload_id, updated_at from plans",
    ),
    (
        "a_plan_is_one_of_three_kinds",
        "update plans set kind = 'CP'",
    ),
    (
        "a_plan_ends_after_it_starts",
        "update plans set effective_end_date = '2026-01-09'",
    ),
    (
        "an_unborn_childs_plan_has_a_due_date",
        "update plans set kind = 'UCPP'",
    ),
    (
        "a_sent_end_stands_unless_computed",
        "update plans set end_is_computed = false, sent_end_date = '2026-02-01'",
    ),
    (
        "a_plan_version_counts_from_one",
        "update plans set version = 0",
    ),
    (
        "plans_nhs_number_fkey",
        "update plans set nhs_number = 9990000018",
    ),
    (
        "plans_authority_id_fkey",
        "update plans set authority_id = gen_random_uuid()",
    ),
    (
        "plans_upload_id_fkey",
        "update plans set upload_id = gen_random_uuid()",
    ),
    (
        "an_access_is_to_an_nhs_number",
        "insert into accesses values (9990000027, now(), gen_random_uuid(), gen_random_uuid(), \
         'read', 'a', 'c', 'o', 'O', '1', 'P', '2', 'R', 'J', 'scheduled')",
    ),
    (
        "an_access_is_an_interaction_of_fhir",
        "insert into accesses values (9990000026, now(), gen_random_uuid(), gen_random_uuid(), \
         'create', 'a', 'c', 'o', 'O', '1', 'P', '2', 'R', 'J', 'scheduled')",
    ),
    (
        "an_access_has_a_care_setting",
        "insert into accesses values (9990000026, now(), gen_random_uuid(), gen_random_uuid(), \
         'read', 'a', 'c', 'o', 'O', '1', 'P', '2', 'R', 'J', '')",
    ),
    (
        "an_access_names_a_person",
        "insert into accesses values (9990000026, now(), gen_random_uuid(), gen_random_uuid(), \
         'read', 'a', 'c', 'o', 'O', '', 'P', '2', 'R', 'J', 'scheduled')",
    ),
    (
        "an_access_is_told_once_to_an_authority",
        "insert into notifications select nhs_number, gen_random_uuid(), authority_id, \
         access_id, accessed_at, queued_at, delivered_at, attempts, local_id, upload_id \
         from notifications",
    ),
    (
        "a_notification_is_delivered_after_it_is_queued",
        "update notifications set delivered_at = queued_at - interval '1 second'",
    ),
    (
        "a_notification_is_not_given_up_once_delivered",
        "update notifications set delivered_at = queued_at, failed_at = now()",
    ),
    (
        "an_error_is_a_code",
        "update notifications set last_error = 'It said: 9990000026'",
    ),
    (
        "a_channel_is_a_rest_hook_or_a_mailbox",
        "update authority_channels set kind = 'fax'",
    ),
    (
        "a_rest_hook_has_a_url",
        "update authority_channels set endpoint = 'ftp://la.example/'",
    ),
    (
        "a_mailbox_has_an_id",
        "update authority_channels set kind = 'mesh', endpoint = '../../X26'",
    ),
    (
        "a_secret_is_named_by_a_file",
        "update authority_channels set secret_name = '../la'",
    ),
    (
        "a_channel_change_says_who",
        "update channel_changes set changed_by = ''",
    ),
    (
        "a_channel_is_set_to_one_of_three",
        "update channel_changes set kind = 'fax'",
    ),
    (
        "a_subscription_has_a_status",
        "update subscriptions set status = 'asleep'",
    ),
    (
        "a_payload_is_full_or_ids_or_empty",
        "update subscriptions set content = 'half'",
    ),
    (
        "a_heartbeat_is_no_less_than_ten_seconds_apart",
        "update subscriptions set heartbeat_seconds = 9",
    ),
    (
        "a_subscription_error_is_a_code",
        "update subscriptions set error = 'It said: 9990000026'",
    ),
    (
        "attempts_count_from_zero",
        "update notifications set attempts = -1",
    ),
    (
        "notifications_pkey",
        "insert into notifications select nhs_number, id, authority_id, gen_random_uuid(), \
         accessed_at, queued_at, delivered_at, attempts, local_id, upload_id from notifications",
    ),
];

#[test]
fn every_named_rule_refuses_what_its_name_says() {
    let service = TestService::new();
    let url = cluster().url(OWNER, &service.database);
    let mut owner = PgConnection::establish(&url).unwrap();
    owner
        .batch_execute("delete from organisations; delete from authorities")
        .unwrap();
    owner.batch_execute(GOOD_ROWS).unwrap();
    owner.batch_execute(matching::GOOD_ROWS).unwrap();
    for (rule, change) in BROKEN.into_iter().chain(matching::BROKEN) {
        let refused = owner.batch_execute(change);
        let Err(DatabaseError(_, words)) = &refused else {
            panic!("{rule} let it pass: {refused:?}");
        };
        assert_eq!(words.constraint_name(), Some(rule), "{}", words.message());
    }
    let named = service.texts(
        "select conname::text from pg_constraint where contype in ('c', 'u') \
         and coninhcount = 0 and connamespace = 'public'::regnamespace",
    );
    let rules = BROKEN.iter().chain(&matching::BROKEN);
    let tried: BTreeSet<&str> = rules.map(|(rule, _)| *rule).collect();
    for rule in named {
        assert!(tried.contains(rule.as_str()), "{rule} is not tried here");
    }
}
