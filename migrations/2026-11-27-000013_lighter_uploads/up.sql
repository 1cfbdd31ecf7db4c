-- A file of 50,000 plans is ordinary. What each of its rows costs here is what a night's upload
-- takes, so each rule is kept in the lightest way that keeps it.

-- The same sum with the divisions that its digits share done once: with q = number / 10^k, a digit is
-- q(k) - 10 q(k+1), and what is left of each weight modulo 11 is below. (That of q(5) is nothing.)
create or replace function is_nhs_number(number bigint) returns boolean
    language plpgsql immutable parallel safe as $$
begin
    return number between 0 and 9999999999
        and (number + number / 10 * 3 + number / 100 * 5 + number / 1000 * 7
            + number / 10000 * 9 + number / 1000000 * 2 + number / 10000000 * 4
            + number / 100000000 * 6 + number / 1000000000 * 8) % 11 = 0;
end
$$;

-- One index both keeps an authority from telling a plan twice and finds its plans by its own
-- identifiers, which are ASCII and need no language's order. A child's plans are found by the
-- primary key.
alter table plans drop constraint an_authority_tells_a_plan_once;
drop index plans_by_authority;
alter table plans alter column local_id type text collate "C";
alter table plans add constraint an_authority_tells_a_plan_once
    unique (authority_id, local_id, nhs_number, kind, start_date);

-- A plan leads to its child, its authority and its upload. As foreign keys these were looked up and
-- locked three times for every row, though all rows of a file have the same authority and upload;
-- asked once a statement they cost a tenth. Nobody but the owner can remove what a plan leads to,
-- and the intake holds the children's table and the authority's row while it tells plans.
alter table plans drop constraint plans_nhs_number_fkey;
alter table plans drop constraint plans_authority_id_fkey;
alter table plans drop constraint plans_upload_id_fkey;

create function check_what_plans_lead_to() returns trigger language plpgsql as $$
begin
    if exists (select from told t
        where not exists (select from children c where c.nhs_number = t.nhs_number)) then
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

create trigger added_plans_lead_somewhere after insert on plans
    referencing new table as told for each statement execute function check_what_plans_lead_to();
create trigger changed_plans_lead_somewhere after update on plans
    referencing new table as told for each statement execute function check_what_plans_lead_to();

-- The other side of the same: what a plan leads to keeps its key, and stays.
create function keep_what_plans_lead_to() returns trigger language plpgsql as $$
declare
    row_before jsonb := to_jsonb(old);
begin
    if exists (select from plans p where case tg_table_name
        when 'children' then p.nhs_number = (row_before ->> 'nhs_number')::bigint
        when 'authorities' then p.authority_id = (row_before ->> 'id')::uuid
        else p.upload_id = (row_before ->> 'id')::uuid end)
    then
        raise foreign_key_violation using message = 'a plan leads to this row';
    end if;
    return case tg_op when 'DELETE' then old else new end;
end
$$;

create function keep_all_that_plans_lead_to() returns trigger language plpgsql as $$
begin
    if exists (select from plans) then
        raise foreign_key_violation using message = 'plans lead to the rows of this table';
    end if;
    return null;
end
$$;

create trigger children_with_plans_stay before delete on children
    for each row execute function keep_what_plans_lead_to();
create trigger children_with_plans_keep_their_key before update of nhs_number on children
    for each row when (old.nhs_number <> new.nhs_number) execute function keep_what_plans_lead_to();
create trigger children_with_plans_are_not_emptied before truncate on children
    for each statement execute function keep_all_that_plans_lead_to();
create trigger authorities_with_plans_stay before delete on authorities
    for each row execute function keep_what_plans_lead_to();
create trigger authorities_with_plans_keep_their_key before update of id on authorities
    for each row when (old.id <> new.id) execute function keep_what_plans_lead_to();
create trigger authorities_with_plans_are_not_emptied before truncate on authorities
    for each statement execute function keep_all_that_plans_lead_to();
create trigger uploads_with_plans_stay before delete on uploads
    for each row execute function keep_what_plans_lead_to();
create trigger uploads_with_plans_keep_their_key before update of id on uploads
    for each row when (old.id <> new.id) execute function keep_what_plans_lead_to();
create trigger uploads_with_plans_are_not_emptied before truncate on uploads
    for each statement execute function keep_all_that_plans_lead_to();
