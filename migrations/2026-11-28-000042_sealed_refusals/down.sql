-- As before, for the months of accesses and of their answers.
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

revoke select on security_log from cpis_sealer;

create table security_log_of_all_months as select * from security_log;
drop table security_log;
drop function refuse_changed_refusal;
alter table security_log_of_all_months rename to security_log;
alter table security_log drop column transaction_id;
alter table security_log
    alter column id set not null,
    alter column logged_at set not null,
    alter column route set not null,
    alter column reason set not null,
    alter column times set default 1,
    alter column times set not null,
    add primary key (id),
    add constraint a_refusal_is_counted_at_least_once check (times > 0),
    add constraint a_refusal_of_one_request_counts_once check (times = 1 or request_id is null),
    add constraint a_count_of_refusals_names_no_person
        check (request_id is not null or practitioner_id is null);
create index security_log_by_moment on security_log (logged_at);
grant select, insert on security_log to cpis_query, cpis_intake;
