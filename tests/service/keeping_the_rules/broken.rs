//! Every rule of the schema beside a change that it must refuse.

/// Every rule by its name, and a change that it must refuse.
pub const BROKEN: [(&str, &str); 65] = [
    (
        "a_held_digest_is_a_sha_256",
        "update held_uploads set digest = ''",
    ),
    (
        "a_held_file_ends_some_of_the_current_plans",
        "update held_uploads set ending_plans = 13",
    ),
    (
        "a_confirmation_says_who_and_when",
        "update held_uploads set confirmed_at = now()",
    ),
    (
        "an_upload_has_one_of_three_forms",
        "update uploads set form = 'pdf'",
    ),
    (
        "only_an_upload_in_fhir_may_have_no_number",
        "update uploads set sequence = null",
    ),
    (
        "a_mesh_message_has_an_id",
        "update mesh_messages set id = 'a b'",
    ),
    (
        "a_mesh_message_was_tried_once_at_least",
        "update mesh_messages set attempts = 0",
    ),
    (
        "a_mesh_outcome_is_one_of_these",
        "update mesh_messages set outcome = 'lost'",
    ),
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
         created_at, received_at, client_id, code, records, refused, null, null, form from uploads",
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
        "a_plan_has_an_id_of_its_own",
        "insert into plans select nhs_number, id, version, authority_id, kind, local_id || '-2', \
         start_date, sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, \
         updated_at from plans",
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
        "a_plan_is_of_a_known_child",
        "update plans set nhs_number = 9990000018",
    ),
    (
        "a_plan_is_of_a_registered_authority",
        "update plans set authority_id = gen_random_uuid()",
    ),
    (
        "a_plan_came_in_an_upload",
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
        "a_reading_is_of_something_of_the_authoritys",
        "update authority_readings set what = 'all'",
    ),
    (
        "a_reading_tells_no_fewer_than_no_rows",
        "update authority_readings set rows_told = -1",
    ),
    (
        "a_report_is_about_an_nhs_number",
        "insert into alert_reports values (9990000027, gen_random_uuid(), 'wrong', null, null, \
         '', now(), gen_random_uuid(), 'c', 'o', 'O', '1', 'P', '2', 'R', 'J')",
    ),
    (
        "a_report_says_missing_or_wrong",
        "update alert_reports set kind = 'late'",
    ),
    (
        "a_report_has_a_few_words",
        "update alert_reports set words = repeat('a', 501)",
    ),
    (
        "a_report_names_a_person",
        "update alert_reports set practitioner_name = ''",
    ),
    (
        "an_outcome_is_one_of_three",
        "update alert_report_recipients set closed_at = now(), closed_by = 'c', \
         outcome = 'gone', closing_words = ''",
    ),
    (
        "a_closed_report_says_when_by_whom_and_how",
        "update alert_report_recipients set outcome = 'corrected'",
    ),
    (
        "a_closing_has_a_few_words",
        "update alert_report_recipients set closed_at = now(), closed_by = 'c', \
         outcome = 'corrected', closing_words = repeat('a', 501)",
    ),
    (
        "notifications_pkey",
        "insert into notifications select nhs_number, id, authority_id, gen_random_uuid(), \
         accessed_at, queued_at, delivered_at, attempts, local_id, upload_id from notifications",
    ),
];
