-- One look at one child. Rows are added and never changed.
create table accesses (
    nhs_number bigint not null,
    recorded_at timestamptz not null,
    id uuid not null,
    request_id uuid not null,
    interaction text not null,
    asked text not null,
    client_id text not null,
    organisation_code text not null,
    organisation_name text not null,
    practitioner_id text not null,
    practitioner_name text not null,
    role_profile_id text not null,
    job_role_code text not null,
    job_role_name text not null,
    care_setting text not null,
    primary key (nhs_number, recorded_at, id),
    constraint an_access_is_to_an_nhs_number check (is_nhs_number(nhs_number)),
    constraint an_access_is_a_search_or_a_read check (interaction in ('search-type', 'read')),
    constraint an_access_has_a_care_setting check (care_setting in ('unscheduled', 'scheduled')),
    constraint an_access_names_a_person check (practitioner_id <> '' and practitioner_name <> '')
) partition by range (recorded_at);

-- An access is found by its id through the moment its UUIDv7 holds; rows lie in that order already.
create index accesses_by_moment on accesses using brin (recorded_at);

-- The net under the monthly partitions: a missing month must never refuse a look.
create table accesses_of_unplanned_months partition of accesses default;

create function refuse_changed_access() returns trigger language plpgsql as $$
begin
    raise exception 'accesses are added to and never changed' using errcode = '42501';
end
$$;

create trigger accesses_are_never_changed before update or delete on accesses
    for each row execute function refuse_changed_access();
create trigger accesses_are_never_emptied before truncate on accesses
    for each statement execute function refuse_changed_access();
-- A partition can be emptied by its own name, and takes no such trigger from the whole.
create trigger accesses_are_never_emptied before truncate on accesses_of_unplanned_months
    for each statement execute function refuse_changed_access();

-- Makes the partitions of the month of a moment and of so many after it. It runs with its owner's
-- rights, because the service may add accesses but own no table. A month that began without its
-- partition stays in the net: a partition could not take its rows over, and later months must not
-- wait for it.
create function plan_access_months(from_moment timestamptz, months integer) returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    first_month date := date_trunc('month', from_moment at time zone 'UTC')::date;
    month date;
    begins_at timestamptz;
    ends_at timestamptz;
    partition_name text;
    made integer := 0;
begin
    if months not between 0 and 60 then
        raise exception 'plan between 0 and 60 months ahead';
    end if;
    for ahead in 0..months loop
        month := (first_month + make_interval(months => ahead))::date;
        begins_at := month::timestamp at time zone 'UTC';
        ends_at := (month + interval '1 month')::timestamp at time zone 'UTC';
        partition_name := 'accesses_' || to_char(month, 'YYYY_MM');
        if to_regclass(partition_name) is null and not exists (
            select from accesses_of_unplanned_months
            where recorded_at >= begins_at and recorded_at < ends_at)
        then
            execute format(
                'create table %I partition of accesses for values from (%L) to (%L)',
                partition_name, begins_at, ends_at);
            execute format(
                'create trigger accesses_are_never_emptied before truncate on %I '
                'for each statement execute function refuse_changed_access()', partition_name);
            made := made + 1;
        end if;
    end loop;
    return made;
end
$$;

-- When each authority was last told of an author's looks at a child. It decides, under any number
-- of looks at once, which of them is told again.
create table tellings (
    nhs_number bigint not null,
    authority_id uuid not null,
    practitioner_id text not null,
    organisation_code text not null,
    told_at timestamptz not null,
    primary key (nhs_number, authority_id, practitioner_id, organisation_code)
);

-- The outbox: what is owed to local authorities, one row an access and authority.
create table notifications (
    nhs_number bigint not null,
    id uuid not null,
    authority_id uuid not null,
    access_id uuid not null,
    accessed_at timestamptz not null,
    queued_at timestamptz not null,
    sent_at timestamptz,
    attempts integer not null default 0,
    primary key (nhs_number, id),
    constraint an_access_is_told_once_to_an_authority unique (nhs_number, access_id, authority_id),
    constraint a_notification_is_sent_after_it_is_queued check (sent_at >= queued_at),
    constraint attempts_count_from_zero check (attempts >= 0)
);
create index notifications_owed on notifications (authority_id, queued_at) where sent_at is null;

-- A UUIDv7 (RFC 9562, 5.7) of a moment, for rows that a statement makes by itself.
create function uuid_of_moment(moment timestamptz) returns uuid
    language sql volatile parallel safe
    return encode(
        set_bit(set_bit(
            overlay(uuid_send(gen_random_uuid())
                placing substring(int8send((extract(epoch from moment) * 1000)::bigint) from 3)
                from 1 for 6),
            52, 1), 53, 1),
        'hex')::uuid;

-- The moment a UUIDv7 was made, to the millisecond, as a partition of the accesses is found by.
create function moment_of_uuid(id uuid) returns timestamptz
    language sql immutable parallel safe
    return timestamptz 'epoch' + ('x' || left(replace(id::text, '-', ''), 12))::bit(48)::bigint
        * interval '1 millisecond';

-- Refused and failed requests: who asked what kind of thing and why not, and nothing of a child.
create table security_log (
    id uuid not null,
    logged_at timestamptz not null,
    request_id uuid not null,
    route text not null,
    reason text not null,
    client_id text not null,
    organisation_code text not null,
    practitioner_id text,
    primary key (id)
);
create index security_log_by_moment on security_log (logged_at);
