drop trigger uploads_with_plans_are_not_emptied on uploads;
drop trigger uploads_with_plans_keep_their_key on uploads;
drop trigger uploads_with_plans_stay on uploads;
drop trigger authorities_with_plans_are_not_emptied on authorities;
drop trigger authorities_with_plans_keep_their_key on authorities;
drop trigger authorities_with_plans_stay on authorities;
drop trigger children_with_plans_are_not_emptied on children;
drop trigger children_with_plans_keep_their_key on children;
drop trigger children_with_plans_stay on children;
drop function keep_all_that_plans_lead_to();
drop function keep_what_plans_lead_to();
drop trigger changed_plans_lead_somewhere on plans;
drop trigger added_plans_lead_somewhere on plans;
drop function check_what_plans_lead_to();
alter table plans add constraint plans_nhs_number_fkey
    foreign key (nhs_number) references children (nhs_number);
alter table plans add constraint plans_authority_id_fkey
    foreign key (authority_id) references authorities (id);
alter table plans add constraint plans_upload_id_fkey
    foreign key (upload_id) references uploads (id);

alter table plans drop constraint an_authority_tells_a_plan_once;
alter table plans alter column local_id type text collate "default";
alter table plans add constraint an_authority_tells_a_plan_once
    unique (nhs_number, authority_id, local_id, kind, start_date);
create index plans_by_authority on plans (authority_id, local_id);

create or replace function is_nhs_number(number bigint) returns boolean
    language plpgsql immutable parallel safe as $$
begin
    return number between 0 and 9999999999
        and (number / 1000000000 % 10 * 10 + number / 100000000 % 10 * 9
            + number / 10000000 % 10 * 8 + number / 1000000 % 10 * 7
            + number / 100000 % 10 * 6 + number / 10000 % 10 * 5
            + number / 1000 % 10 * 4 + number / 100 % 10 * 3
            + number / 10 % 10 * 2 + number % 10) % 11 = 0;
end
$$;
