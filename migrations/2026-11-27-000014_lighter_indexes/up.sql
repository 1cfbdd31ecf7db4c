-- What the indexes of a file's 50,000 new plans cost is most of what the database does for it.

-- That an authority tells a plan once is kept by an index that begins with the NHS number: a number
-- is compared in a fraction of the time that two texts take, and the same index finds a child's
-- plans, so that one index is what two were.
alter table plans drop constraint plans_pkey;
alter table plans drop constraint an_authority_tells_a_plan_once;
alter table plans add constraint an_authority_tells_a_plan_once
    primary key (nhs_number, authority_id, local_id, kind, start_date);

-- An authority's plans by its own identifiers. The intake adds plans in their order, with ids that
-- ascend likewise, so that these two indexes grow at an end each.
create index plans_by_authority on plans (authority_id, local_id);
drop index plans_by_id;
alter table plans add constraint a_plan_has_an_id_of_its_own unique (id, nhs_number);

-- The sum of is_nhs_number, written out: a file adds 50,000 children in one statement, for which
-- calling PL/pgSQL takes as long as writing the rows. (Where statements add a row each, as of
-- accesses, the function stays: there an expression is made ready anew every time.)
alter table children drop constraint a_child_has_an_nhs_number;
alter table children add constraint a_child_has_an_nhs_number check (
    nhs_number between 0 and 9999999999
    and (nhs_number + nhs_number / 10 * 3 + nhs_number / 100 * 5 + nhs_number / 1000 * 7
        + nhs_number / 10000 * 9 + nhs_number / 1000000 * 2 + nhs_number / 10000000 * 4
        + nhs_number / 100000000 * 6 + nhs_number / 1000000000 * 8) % 11 = 0);

-- The same question of children, but counted, and planned anew for as many plans as were told: for
-- "does one exist" PostgreSQL looks up 50,000 children one by one, hoping to find an early answer.
create or replace function check_what_plans_lead_to() returns trigger language plpgsql as $$
declare
    of_nobody bigint;
begin
    execute 'select count(*) from told t where not exists '
        '(select from children c where c.nhs_number = t.nhs_number)' into of_nobody;
    if of_nobody > 0 then
        raise foreign_key_violation using constraint = 'a_plan_is_of_a_known_child',
            message = 'a plan is of a child that is known';
    end if;
    if exists (select from (select distinct authority_id from told) t
        where not exists (select from authorities a where a.id = t.authority_id)) then
        raise foreign_key_violation using constraint = 'a_plan_is_of_a_registered_authority',
            message = 'a plan is of an authority on the register';
    end if;
    if exists (select from (select distinct upload_id from told) t
        where not exists (select from uploads u where u.id = t.upload_id)) then
        raise foreign_key_violation using constraint = 'a_plan_came_in_an_upload',
            message = 'a plan came in an upload';
    end if;
    return null;
end
$$;
