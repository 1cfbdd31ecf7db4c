//! The tables, as the migrations leave them; a test holds this file to the database.
#![expect(missing_docs, reason = "diesel's macro writes these items")]

diesel::table! {
    access_answers (access_id, recorded_at) {
        access_id -> Uuid,
        recorded_at -> Timestamptz,
        status -> Int2,
        body_digest -> Bytea,
        access_digest -> Bytea,
        transaction_id -> Int8,
    }
}

diesel::table! {
    accesses (nhs_number, recorded_at, id) {
        nhs_number -> Int8,
        recorded_at -> Timestamptz,
        id -> Uuid,
        request_id -> Uuid,
        interaction -> Text,
        asked -> Text,
        client_id -> Text,
        organisation_code -> Text,
        organisation_name -> Text,
        practitioner_id -> Text,
        practitioner_name -> Text,
        role_profile_id -> Text,
        job_role_code -> Text,
        job_role_name -> Text,
        care_setting -> Text,
        transaction_id -> Int8,
    }
}

diesel::table! {
    alert_report_recipients (nhs_number, report_id, authority_id) {
        nhs_number -> Int8,
        report_id -> Uuid,
        authority_id -> Uuid,
        closed_at -> Nullable<Timestamptz>,
        closed_by -> Nullable<Text>,
        outcome -> Nullable<Text>,
        closing_words -> Nullable<Text>,
    }
}

diesel::table! {
    alert_reports (nhs_number, id) {
        nhs_number -> Int8,
        id -> Uuid,
        kind -> Text,
        plan_id -> Nullable<Uuid>,
        named_authority -> Nullable<Text>,
        words -> Text,
        reported_at -> Timestamptz,
        request_id -> Uuid,
        client_id -> Text,
        organisation_code -> Text,
        organisation_name -> Text,
        practitioner_id -> Text,
        practitioner_name -> Text,
        role_profile_id -> Text,
        job_role_code -> Text,
        job_role_name -> Text,
    }
}

diesel::table! {
    authorities (id) {
        id -> Uuid,
        code -> Text,
        name -> Text,
        emergency_phone -> Text,
        office_phone -> Nullable<Text>,
        version -> Int4,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    authority_channels (authority_id) {
        authority_id -> Uuid,
        kind -> Text,
        endpoint -> Text,
        secret_name -> Nullable<Text>,
        told_until -> Timestamptz,
        attempts -> Int4,
        next_attempt_at -> Nullable<Timestamptz>,
        changed_at -> Timestamptz,
    }
}

diesel::table! {
    authority_readings (id) {
        id -> Uuid,
        read_at -> Timestamptz,
        request_id -> Uuid,
        client_id -> Text,
        authority_id -> Uuid,
        what -> Text,
        rows_told -> Int8,
    }
}

diesel::table! {
    authority_versions (id, version) {
        id -> Uuid,
        version -> Int4,
        code -> Text,
        name -> Text,
        emergency_phone -> Text,
        office_phone -> Nullable<Text>,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    channel_changes (id) {
        id -> Uuid,
        authority_id -> Uuid,
        changed_at -> Timestamptz,
        changed_by -> Text,
        kind -> Text,
        endpoint -> Nullable<Text>,
        secret_name -> Nullable<Text>,
    }
}

diesel::table! {
    children (nhs_number) {
        nhs_number -> Int8,
        id -> Uuid,
        birth_date -> Date,
        updated_at -> Timestamptz,
        traced_at -> Nullable<Timestamptz>,
        inactive_since -> Nullable<Timestamptz>,
        replaced_by -> Nullable<Int8>,
    }
}

diesel::table! {
    client_organisations (client_id, organisation_code) {
        client_id -> Text,
        organisation_code -> Text,
    }
}

diesel::table! {
    client_scopes (client_id, scope) {
        client_id -> Text,
        scope -> Text,
    }
}

diesel::table! {
    clients (id) {
        id -> Text,
        name -> Text,
        front_door -> Text,
        key_set -> Nullable<Text>,
        certificate -> Nullable<Text>,
        registered_at -> Timestamptz,
        revoked_at -> Nullable<Timestamptz>,
        key_set_url -> Nullable<Text>,
    }
}

diesel::table! {
    ended_by_writes (upload_id) {
        upload_id -> Uuid,
        authority_id -> Uuid,
        ended_at -> Timestamptz,
        plans -> Int4,
        confirmed -> Bool,
    }
}

diesel::table! {
    held_uploads (authority_id, sequence) {
        authority_id -> Uuid,
        sequence -> Int8,
        digest -> Bytea,
        held_at -> Timestamptz,
        client_id -> Text,
        current_plans -> Int8,
        ending_plans -> Int8,
        confirmed_at -> Nullable<Timestamptz>,
        confirmed_by -> Nullable<Text>,
    }
}

diesel::table! {
    job_role_activities (job_role_code, activity_code) {
        job_role_code -> Text,
        activity_code -> Text,
    }
}

diesel::table! {
    look_findings (id) {
        id -> Uuid,
        found_at -> Timestamptz,
        found_in_hour -> Int8,
        kind -> Text,
        holder -> Text,
        key -> Text,
        count -> Int4,
        closed_at -> Nullable<Timestamptz>,
        outcome -> Nullable<Text>,
    }
}

diesel::table! {
    look_tallies (holder, key, slot) {
        holder -> Text,
        key -> Text,
        slot -> Int8,
        children -> Int4,
        misses -> Int4,
    }
}

diesel::table! {
    matchings (nhs_number, authority_id) {
        nhs_number -> Int8,
        authority_id -> Uuid,
        digest -> Bytea,
        matched_at -> Timestamptz,
    }
}

diesel::table! {
    mesh_messages (id) {
        id -> Text,
        sender -> Nullable<Text>,
        workflow -> Nullable<Text>,
        first_seen_at -> Timestamptz,
        tried_at -> Timestamptz,
        attempts -> Int4,
        outcome -> Nullable<Text>,
        detail -> Nullable<Text>,
    }
}

diesel::table! {
    mesh_watches (mailbox) {
        mailbox -> Text,
        watcher -> Uuid,
        held_until -> Timestamptz,
    }
}

diesel::table! {
    notifications (nhs_number, id) {
        nhs_number -> Int8,
        id -> Uuid,
        authority_id -> Uuid,
        access_id -> Nullable<Uuid>,
        accessed_at -> Nullable<Timestamptz>,
        queued_at -> Timestamptz,
        delivered_at -> Nullable<Timestamptz>,
        attempts -> Int4,
        local_id -> Text,
        upload_id -> Uuid,
        transaction_id -> Int8,
        next_attempt_at -> Nullable<Timestamptz>,
        failed_at -> Nullable<Timestamptz>,
        last_error -> Nullable<Text>,
        event_number -> Nullable<Int8>,
        kind -> Text,
        replacement -> Nullable<Int8>,
        plan_id -> Nullable<Uuid>,
        plan_kind -> Nullable<Text>,
        plan_start -> Nullable<Date>,
        plan_end -> Nullable<Date>,
        window_id -> Nullable<Uuid>,
    }
}

diesel::table! {
    organisation_care_settings (organisation_code, care_setting) {
        organisation_code -> Text,
        care_setting -> Text,
    }
}

diesel::table! {
    organisations (code) {
        code -> Text,
        name -> Text,
        registered_at -> Timestamptz,
    }
}

diesel::table! {
    plan_versions (nhs_number, id, version) {
        nhs_number -> Int8,
        id -> Uuid,
        version -> Int4,
        authority_id -> Uuid,
        kind -> Text,
        local_id -> Text,
        start_date -> Date,
        sent_end_date -> Nullable<Date>,
        effective_end_date -> Date,
        end_is_computed -> Bool,
        deleted_on -> Nullable<Date>,
        upload_id -> Uuid,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    plans (nhs_number, authority_id, local_id, kind, start_date) {
        nhs_number -> Int8,
        id -> Uuid,
        version -> Int4,
        authority_id -> Uuid,
        kind -> Text,
        local_id -> Text,
        start_date -> Date,
        sent_end_date -> Nullable<Date>,
        effective_end_date -> Date,
        end_is_computed -> Bool,
        deleted_on -> Nullable<Date>,
        upload_id -> Uuid,
        updated_at -> Timestamptz,
    }
}

diesel::table! {
    register_changes (id) {
        id -> Uuid,
        changed_at -> Timestamptz,
        changed_by -> Text,
        kind -> Text,
        subject -> Text,
        change -> Text,
        details -> Text,
    }
}

diesel::table! {
    request_looks (client_id, request_id, place) {
        client_id -> Text,
        request_id -> Uuid,
        place -> Int2,
        question -> Bytea,
        access_id -> Uuid,
        recorded_at -> Timestamptz,
    }
}

diesel::table! {
    retirements (id) {
        id -> Uuid,
        retired_at -> Timestamptz,
        month -> Text,
        manifest -> Text,
        confirmed_by -> Text,
        authenticity -> Bytea,
        transaction_id -> Int8,
    }
}

diesel::table! {
    sealed_checkpoints (origin, tree_size) {
        origin -> Text,
        tree_size -> Int8,
        note -> Text,
    }
}

diesel::table! {
    sealed_rows (leaf_index) {
        leaf_index -> Int8,
        kind -> Text,
        row_id -> Uuid,
        row_at -> Timestamptz,
        sealed_at -> Timestamptz,
        leaf_hash -> Bytea,
    }
}

diesel::table! {
    sealed_subtrees (level, subtree_index) {
        level -> Int2,
        subtree_index -> Int8,
        root -> Bytea,
    }
}

diesel::table! {
    sealing (only_row) {
        only_row -> Bool,
        sealed_below -> Int8,
    }
}

diesel::table! {
    security_log (id, logged_at) {
        id -> Uuid,
        logged_at -> Timestamptz,
        request_id -> Nullable<Uuid>,
        route -> Text,
        reason -> Text,
        client_id -> Nullable<Text>,
        organisation_code -> Nullable<Text>,
        practitioner_id -> Nullable<Text>,
        times -> Int4,
        transaction_id -> Int8,
        address -> Nullable<Text>,
    }
}

diesel::table! {
    subscriptions (id) {
        id -> Uuid,
        authority_id -> Uuid,
        status -> Text,
        endpoint -> Text,
        content -> Text,
        heartbeat_seconds -> Nullable<Int4>,
        reason -> Text,
        version -> Int4,
        created_at -> Timestamptz,
        updated_at -> Timestamptz,
        events -> Int8,
        next_attempt_at -> Nullable<Timestamptz>,
        attempts -> Int4,
        sent_at -> Nullable<Timestamptz>,
        error -> Nullable<Text>,
        deleted_at -> Nullable<Timestamptz>,
    }
}

diesel::table! {
    tellings (nhs_number, authority_id, practitioner_id, organisation_code) {
        nhs_number -> Int8,
        authority_id -> Uuid,
        practitioner_id -> Text,
        organisation_code -> Text,
        told_at -> Timestamptz,
    }
}

diesel::table! {
    unattended_clients (client_id) {
        client_id -> Text,
        activity -> Text,
        user_id -> Text,
        person_name -> Text,
        role_profile_id -> Text,
        job_role_code -> Text,
        job_role_name -> Text,
    }
}

diesel::table! {
    upload_records (upload_id, number) {
        upload_id -> Uuid,
        number -> Int4,
        code -> Text,
        column_name -> Nullable<Text>,
        echo -> Nullable<Text>,
        reason -> Nullable<Text>,
    }
}

diesel::table! {
    uploads (id) {
        id -> Uuid,
        authority_id -> Uuid,
        sequence -> Nullable<Int8>,
        digest -> Bytea,
        created_at -> Timestamptz,
        received_at -> Timestamptz,
        client_id -> Text,
        code -> Text,
        records -> Int4,
        refused -> Int4,
        compared -> Nullable<Int4>,
        matched -> Nullable<Int4>,
        form -> Text,
    }
}

diesel::table! {
    used_assertions (client_id, token_id) {
        client_id -> Text,
        token_id -> Text,
        expires_at -> Timestamptz,
    }
}

diesel::joinable!(uploads -> authorities (authority_id));
diesel::allow_tables_to_appear_in_same_query!(uploads, authorities);
diesel::allow_tables_to_appear_in_same_query!(organisations, organisation_care_settings);
