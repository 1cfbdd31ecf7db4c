-- Refusals lie in months as accesses do, are never changed, not by the owner either, and are sealed
-- with the access history (docs/audit.md). What was logged before lies in the net under the months.
alter table security_log rename to security_log_of_unplanned_months;
alter table security_log_of_unplanned_months
    drop constraint security_log_pkey,
    add column transaction_id bigint not null default 0;
alter table security_log_of_unplanned_months
    alter column transaction_id set default pg_current_xact_id()::text::bigint;
alter index security_log_by_moment rename to security_log_of_unplanned_months_by_moment;
revoke all on security_log_of_unplanned_months from cpis_query, cpis_intake;

create table security_log (
    like security_log_of_unplanned_months including defaults including constraints,
    primary key (id, logged_at)
) partition by range (logged_at);
create index security_log_by_moment on security_log (logged_at);
create index security_log_by_transaction on security_log using brin (transaction_id)
    with (autosummarize = on);
alter table security_log attach partition security_log_of_unplanned_months default;

create function refuse_changed_refusal() returns trigger language plpgsql as $$
begin
    raise exception 'refusals are added to and never changed' using errcode = '42501';
end
$$;

create trigger refusals_are_never_changed before update or delete on security_log
    for each row execute function refuse_changed_refusal();
create trigger refusals_are_never_emptied before truncate on security_log
    for each statement execute function refuse_changed_refusal();
create trigger refusals_are_never_emptied before truncate on security_log_of_unplanned_months
    for each statement execute function refuse_changed_refusal();

-- As before, for the months of all three tables.
create or replace function plan_access_months(from_moment timestamptz, months integer)
    returns integer
    language plpgsql security definer set search_path = public, pg_temp as $$
declare
    first_month date := date_trunc('month', from_moment at time zone 'UTC')::date;
    month date;
    begins_at timestamptz;
    ends_at timestamptz;
    whole text;
    moment text;
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
        for whole, moment, refusing, trigger_name in values
            ('accesses', 'recorded_at', 'refuse_changed_access', 'accesses_are_never_emptied'),
            ('access_answers', 'recorded_at', 'refuse_changed_answer',
                'answers_are_never_emptied'),
            ('security_log', 'logged_at', 'refuse_changed_refusal', 'refusals_are_never_emptied')
        loop
            partition_name := whole || to_char(month, '_YYYY_MM');
            continue when to_regclass(partition_name) is not null;
            execute format(
                'select exists (select from %I where %I >= %L and %I < %L)',
                whole || '_of_unplanned_months', moment, begins_at, moment, ends_at)
                into is_in_the_net;
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

-- Months that are planned already have partitions of the accesses, and none of refusals yet.
select plan_access_months(begins_at, 0)
from (
    select to_date(right(c.relname, 7), 'YYYY_MM')::timestamp at time zone 'UTC' as begins_at
    from pg_inherits i join pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'accesses'::regclass and c.relname ~ '^accesses_\d{4}_\d{2}$'
) planned;

grant select, insert on security_log to cpis_query, cpis_intake;
grant select on security_log to cpis_sealer;
