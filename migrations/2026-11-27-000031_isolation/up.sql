-- What is a local authority's own, locked a second time. Every statement of the intake names the
-- authority whose rows it means; should one ever not, the database holds the intake to the authority
-- that its transaction said it works for, and to no row at all where it said none.

-- Whose the present transaction is: set at its beginning, and gone with its end.
create function own_authority() returns uuid
    language sql stable parallel safe
    return nullif(current_setting('cpis.authority', true), '')::uuid;

-- The authority is asked for once a statement, and compared by an operator that PostgreSQL knows to
-- tell nothing of a row, so that indexes serve as before. The other sides work for every authority:
-- a look finds each one's plans, and so do numbers that change and what is sent.
do $$
declare
    owned text;
begin
    foreach owned in array array['plans', 'plan_versions', 'uploads', 'held_uploads',
        'ended_by_writes', 'matchings', 'notifications', 'authority_readings',
        'alert_report_recipients']
    loop
        execute format('alter table %I enable row level security', owned);
        execute format('create policy an_authority_has_its_own on %I to cpis_intake '
            'using (authority_id = (select own_authority()))', owned);
        execute format('create policy the_other_sides_have_all on %I '
            'to cpis_query, cpis_upkeep, cpis_notifier using (true)', owned);
    end loop;
end
$$;

-- Anybody may know an authority, and it alone describes itself.
alter table authorities enable row level security;
create policy an_authority_is_known_to_all on authorities for select
    to cpis_query, cpis_intake, cpis_upkeep, cpis_notifier using (true);
create policy an_authority_describes_itself on authorities for update to cpis_intake
    using (id = (select own_authority()));
alter table authority_versions enable row level security;
create policy an_authority_describes_itself on authority_versions to cpis_intake
    using (id = (select own_authority()));
create policy the_other_sides_have_all on authority_versions
    to cpis_query, cpis_upkeep, cpis_notifier using (true);

-- What is an authority's through the row that it belongs to.
alter table upload_records enable row level security;
create policy an_authority_has_its_own on upload_records to cpis_intake using (exists (
    select from uploads u where u.id = upload_records.upload_id
    and u.authority_id = (select own_authority())));
create policy the_other_sides_have_all on upload_records
    to cpis_query, cpis_upkeep, cpis_notifier using (true);
alter table alert_reports enable row level security;
create policy an_authority_has_those_that_concern_it on alert_reports to cpis_intake using (exists (
    select from alert_report_recipients t where t.nhs_number = alert_reports.nhs_number
    and t.report_id = alert_reports.id and t.authority_id = (select own_authority())));
create policy the_other_sides_have_all on alert_reports
    to cpis_query, cpis_upkeep, cpis_notifier using (true);

-- Whether plans lead to a row is asked of all plans, whoever changes the row.
alter function keep_what_plans_lead_to() security definer set search_path = public, pg_temp;

-- Three questions that an authority's file raises are about others' plans, because a child is every
-- authority's. Each is answered by a function with its owner's rights, which tells and does no more
-- than that, and nothing where no authority was said. A function with fewer rights cannot answer.

-- A date of birth that another authority has told as well stays: which of these children have it?
create function settled_by_others(numbers bigint[]) returns setof bigint
    language sql stable security definer set search_path = public, pg_temp as $$
    select distinct p.nhs_number from plans p
    where p.nhs_number = any(numbers) and p.authority_id <> own_authority()
    and p.deleted_on is null
$$;

-- Who names another's plan is refused for that, and not because there is none: which of these are
-- others'?
create function plans_of_others(ids uuid[]) returns setof uuid
    language sql stable security definer set search_path = public, pg_temp as $$
    select p.id from plans p where p.id = any(ids) and p.authority_id <> own_authority()
$$;

-- As domain/calendar.rs has it: who was born on 29 February is eighteen on 1 March.
create function eighteenth_birthday(birth_date date) returns date
    language sql immutable strict parallel safe
    return make_date(extract(year from birth_date)::integer + 18,
            extract(month from birth_date)::integer, 1)
        + (extract(day from birth_date)::integer - 1);

-- A date of birth that was corrected moves the ends of others' plans that follow from it. To which
-- day is worked out here (as domain/plan.rs has it) and from the child's row alone, so that no other
-- end can be given to a plan by it. A plan that would begin after the eighteenth birthday ends on the
-- day it began: its authority is told, and must say what it is.
create function follow_birth_dates(numbers bigint[], moment timestamptz) returns void
    language sql security definer set search_path = public, pg_temp as $$
    with moved as (
        select p.nhs_number, p.id, e.effective_end_date, e.end_is_computed
        from plans p join children c on c.nhs_number = p.nhs_number
        cross join lateral (select
            greatest(least(p.sent_end_date, eighteenth_birthday(c.birth_date)), p.start_date)
            as effective_end_date,
            coalesce(p.sent_end_date > eighteenth_birthday(c.birth_date), true)
            as end_is_computed) e
        where p.nhs_number = any(numbers) and p.authority_id <> own_authority()
        and p.kind <> 'UCPP' and (p.effective_end_date, p.end_is_computed)
            is distinct from (e.effective_end_date, e.end_is_computed)),
    kept as (
        insert into plan_versions (nhs_number, id, version, authority_id, kind, local_id, start_date,
            sent_end_date, effective_end_date, end_is_computed, deleted_on, upload_id, updated_at)
        select p.nhs_number, p.id, p.version, p.authority_id, p.kind, p.local_id, p.start_date,
            p.sent_end_date, p.effective_end_date, p.end_is_computed, p.deleted_on, p.upload_id,
            p.updated_at
        from plans p join moved m on m.nhs_number = p.nhs_number and m.id = p.id),
    told as (
        insert into notifications (nhs_number, id, authority_id, local_id, upload_id, kind, plan_id,
            plan_kind, plan_start, plan_end, queued_at)
        select p.nhs_number, uuid_of_moment(moment), p.authority_id, p.local_id, p.upload_id,
            'birth-date', p.id, p.kind, p.start_date, m.effective_end_date, moment
        from plans p join moved m on m.nhs_number = p.nhs_number and m.id = p.id
        where p.deleted_on is null and p.effective_end_date <> m.effective_end_date)
    update plans p set version = p.version + 1, effective_end_date = m.effective_end_date,
        end_is_computed = m.end_is_computed, updated_at = moment
    from moved m where p.nhs_number = m.nhs_number and p.id = m.id
$$;

revoke execute on function settled_by_others, plans_of_others, follow_birth_dates from public;
grant execute on function settled_by_others, plans_of_others, follow_birth_dates to cpis_intake;
