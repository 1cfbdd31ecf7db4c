drop function is_replicated_through(pg_lsn);
drop table access_answers;
drop function refuse_undurable_answer();
drop function refuse_changed_answer();

create or replace function plan_access_months(from_moment timestamptz, months integer) returns integer
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
