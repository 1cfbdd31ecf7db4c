revoke select on plan_versions, authority_versions from cpis_query;
revoke insert on authority_versions from cpis_intake;

-- An access is never changed, so one that only this migration knew stays as it is: the narrower
-- rule holds for those to come.
alter table accesses drop constraint an_access_is_an_interaction_of_fhir;
alter table accesses add constraint an_access_is_a_search_or_a_read
    check (interaction in ('search-type', 'read')) not valid;

drop table authority_versions;
