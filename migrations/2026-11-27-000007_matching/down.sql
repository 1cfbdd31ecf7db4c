revoke update (nhs_number) on plan_versions from cpis_intake;

drop table number_notices;

drop index children_by_replacement;
alter table children drop constraint a_number_is_replaced_or_inactive;
alter table children drop constraint a_number_is_not_replaced_by_itself;
alter table children drop column replaced_by, drop column inactive_since, drop column traced_at;

drop table matchings;

alter table uploads drop constraint an_upload_matches_no_more_than_it_compares;
alter table uploads drop column matched, drop column compared;
