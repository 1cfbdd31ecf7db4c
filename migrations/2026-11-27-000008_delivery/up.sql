-- The notifier sends what is owed to local authorities, and changes nothing but whether it arrived.
do $$
begin
    if not exists (select from pg_roles where rolname = 'cpis_notifier') then
        create role cpis_notifier nologin;
    end if;
end
$$;

-- What a notification says stands as it was at the access: the authority's own identifier for the
-- child and the file that told the plan, of the plan told last where several were visible (no key
-- to the files: to lock one for each access would make accesses wait for each other). The
-- transaction that queued it orders notifications by arrival: whoever reads only those whose
-- transactions are all over, in that order, can never be overtaken by a late commit.
alter table notifications
    add column local_id text,
    add column upload_id uuid,
    add column transaction_id bigint not null default pg_current_xact_id()::text::bigint,
    add column next_attempt_at timestamptz,
    add column failed_at timestamptz,
    add column last_error text,
    add column event_number bigint;
alter table notifications rename column sent_at to delivered_at;
alter table notifications
    rename constraint a_notification_is_sent_after_it_is_queued
    to a_notification_is_delivered_after_it_is_queued;

-- What was queued before says what its plan says now.
update notifications n set local_id = p.local_id, upload_id = p.upload_id
    from (select distinct on (nhs_number, authority_id) nhs_number, authority_id, local_id, upload_id
        from plans order by nhs_number, authority_id, updated_at desc, id desc) p
    where p.nhs_number = n.nhs_number and p.authority_id = n.authority_id;
alter table notifications
    alter column local_id set not null,
    alter column upload_id set not null,
    add constraint a_notification_is_not_given_up_once_delivered
        check (failed_at is null or delivered_at is null),
    add constraint an_error_is_a_code check (last_error ~ '^[a-z-]{1,40}$');

drop index notifications_owed;
create index notifications_owed on notifications (authority_id, transaction_id, id)
    where delivered_at is null and failed_at is null;
create index notifications_given_up on notifications (authority_id, failed_at)
    where failed_at is not null;
create index notifications_by_arrival on notifications (authority_id, transaction_id, id);
-- One is found by its id through the moment its UUIDv7 holds, as an access is.
create index notifications_by_moment on notifications using brin (queued_at);

-- How an authority is told, beside what it can always pull. Endpoints come from here and from
-- nowhere else; a secret is named and never kept.
create table authority_channels (
    authority_id uuid not null references authorities (id),
    kind text not null,
    endpoint text not null,
    secret_name text,
    told_until timestamptz not null,
    attempts integer not null default 0,
    next_attempt_at timestamptz,
    changed_at timestamptz not null,
    primary key (authority_id),
    constraint a_channel_is_a_rest_hook_or_a_mailbox check (kind in ('rest-hook', 'mesh')),
    constraint a_rest_hook_has_a_url check (kind <> 'rest-hook' or endpoint ~ '^https?://'),
    constraint a_mailbox_has_an_id check (kind <> 'mesh' or endpoint ~ '^[A-Z0-9]{1,20}$'),
    constraint a_secret_is_named_by_a_file check (secret_name ~ '^[A-Za-z0-9_-]{1,64}$')
);

-- Who set or took away which channel, and when.
create table channel_changes (
    id uuid not null,
    authority_id uuid not null references authorities (id),
    changed_at timestamptz not null,
    changed_by text not null,
    kind text not null,
    endpoint text,
    secret_name text,
    primary key (id),
    constraint a_channel_change_says_who check (length(changed_by) between 1 and 200),
    constraint a_channel_is_set_to_one_of_three check (kind in ('pull', 'rest-hook', 'mesh'))
);

-- What an authority's own system asked to be sent to its rest-hook.
create table subscriptions (
    id uuid not null,
    authority_id uuid not null references authorities (id),
    status text not null,
    endpoint text not null,
    content text not null,
    heartbeat_seconds integer,
    reason text not null,
    version integer not null default 1,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    events bigint not null default 0,
    next_attempt_at timestamptz,
    attempts integer not null default 0,
    sent_at timestamptz,
    error text,
    deleted_at timestamptz,
    primary key (id),
    constraint a_subscription_has_a_status
        check (status in ('requested', 'active', 'error', 'off')),
    constraint a_payload_is_full_or_ids_or_empty
        check (content in ('full-resource', 'id-only', 'empty')),
    constraint a_heartbeat_is_no_less_than_ten_seconds_apart
        check (heartbeat_seconds between 10 and 86400),
    constraint a_subscription_error_is_a_code check (error ~ '^[a-z-]{1,40}$')
);
create unique index an_authority_has_one_subscription on subscriptions (authority_id)
    where deleted_at is null;

grant select on accesses, notifications, authorities, uploads, authority_channels, subscriptions
    to cpis_notifier;
grant select (nhs_number, id) on children to cpis_notifier;
grant update (delivered_at, attempts, next_attempt_at, failed_at, last_error, event_number)
    on notifications to cpis_notifier;
grant update (told_until, attempts, next_attempt_at) on authority_channels to cpis_notifier;
grant insert on subscriptions to cpis_notifier;
grant update (status, version, updated_at, events, next_attempt_at, attempts, sent_at, error,
    deleted_at) on subscriptions to cpis_notifier;
