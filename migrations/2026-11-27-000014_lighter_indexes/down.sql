create or replace function check_what_plans_lead_to() returns trigger language plpgsql as $$
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

alter table children drop constraint a_child_has_an_nhs_number;
alter table children add constraint a_child_has_an_nhs_number check (is_nhs_number(nhs_number));

alter table plans drop constraint a_plan_has_an_id_of_its_own;
create index plans_by_id on plans (id);
drop index plans_by_authority;
alter table plans drop constraint an_authority_tells_a_plan_once;
alter table plans add constraint an_authority_tells_a_plan_once
    unique (authority_id, local_id, nhs_number, kind, start_date);
alter table plans add primary key (nhs_number, id);
