-- What each look was answered with, as a keyed digest of the exact body: an answer leaves only once
-- its row is durable, and so is then all that was written before it. A look without a row here was
-- never answered. Rows are added and never changed.
create table access_answers (
    access_id uuid not null,
    recorded_at timestamptz not null,
    status smallint not null,
    body_digest bytea not null,
    access_digest bytea not null,
    primary key (access_id, recorded_at),
    constraint an_answer_has_a_status check (status between 200 and 599),
    constraint an_answers_digest_is_sha_256 check (octet_length(body_digest) = 32),
    constraint an_accesss_digest_is_sha_256 check (octet_length(access_digest) = 32)
) partition by range (recorded_at);

create table access_answers_of_unplanned_months partition of access_answers default;

create function refuse_changed_answer() returns trigger language plpgsql as $$
begin
    raise exception 'answers are added to and never changed' using errcode = '42501';
end
$$;

create trigger answers_are_never_changed before update or delete on access_answers
    for each row execute function refuse_changed_answer();
create trigger answers_are_never_emptied before truncate on access_answers
    for each statement execute function refuse_changed_answer();
create trigger answers_are_never_emptied before truncate on access_answers_of_unplanned_months
    for each statement execute function refuse_changed_answer();

-- Any session can set this for itself, and its commits would be told before they are durable.
create function refuse_undurable_answer() returns trigger language plpgsql as $$
begin
    if current_setting('synchronous_commit') in ('off', 'local') then
        raise exception 'an answer is durable before it is told' using errcode = '42501';
    end if;
    return null;
end
$$;

create trigger answers_are_durable before insert on access_answers
    for each statement execute function refuse_undurable_answer();

-- As before, for the months of both tables.
create or replace function plan_access_months(from_moment timestamptz, months integer)
    returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    first_month date := date_trunc('month', from_moment at time zone 'UTC')::date;
    month date;
    begins_at timestamptz;
    ends_at timestamptz;
    whole text;
    refusing text;
    trigger_name text;
    partition_name text;
    is_in_the_net boolean;
    made integer := 0;
begin
    if months not between 0 and 60 then
        raise exception 'plan between 0 and 60 months ahead';
    end if;
    for ahead in 0..months loop
        month := (first_month + make_interval(months => ahead))::date;
        begins_at := month::timestamp at time zone 'UTC';
        ends_at := (month + interval '1 month')::timestamp at time zone 'UTC';
        for whole, refusing, trigger_name in values
            ('accesses', 'refuse_changed_access', 'accesses_are_never_emptied'),
            ('access_answers', 'refuse_changed_answer', 'answers_are_never_emptied')
        loop
            partition_name := whole || to_char(month, '_YYYY_MM');
            continue when to_regclass(partition_name) is not null;
            execute format(
                'select exists (select from %I where recorded_at >= %L and recorded_at < %L)',
                whole || '_of_unplanned_months', begins_at, ends_at) into is_in_the_net;
            continue when is_in_the_net;
            execute format(
                'create table %I partition of %I for values from (%L) to (%L)',
                partition_name, whole, begins_at, ends_at);
            execute format(
                'create trigger %I before truncate on %I for each statement execute function %I()',
                trigger_name, partition_name, refusing);
            made := made + 1;
        end loop;
    end loop;
    return made;
end
$$;

-- Months that are planned already have partitions of the accesses, and none of their answers yet.
select plan_access_months(begins_at, 0)
from (
    select to_date(right(c.relname, 7), 'YYYY_MM')::timestamp at time zone 'UTC' as begins_at
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'accesses'::regclass and c.relname ~ '^accesses_\d{4}_\d{2}$'
) planned;

grant insert, select on access_answers to cpis_query;

-- Whether a synchronous standby has the log on its disk up to a position. It runs with its owner's
-- rights, because only who may read all statistics sees the standbys' positions: the owner needs
-- pg_read_all_stats where commits are proved so, and without it nothing is.
create function is_replicated_through(log_position pg_lsn) returns boolean
    language sql stable security definer set search_path = pg_catalog, pg_temp
    return (select coalesce(bool_or(flush_lsn >= log_position), false)
        from pg_stat_replication where sync_state in ('sync', 'quorum'));
revoke execute on function is_replicated_through from public;
grant execute on function is_replicated_through to cpis_query;
