-- What concerns the plans of every authority, and is asked by no caller: NHS numbers that change,
-- plans that end because a child is eighteen, files and reports that wait for a word, and our MESH
-- inbox, which is every authority's. It has a role of its own, so that the intake, which works for
-- one authority at a time, need not see any other's.
do $$
begin
    if not exists (select from pg_roles where rolname = 'cpis_upkeep') then
        create role cpis_upkeep nologin;
    end if;
end
$$;

-- A child's plans go to the number that replaced the child's, in the ways in which an upload tells
-- them; the whole table of children is locked meanwhile, as an upload locks it.
grant select on authorities, uploads to cpis_upkeep;
grant select, insert, update on children to cpis_upkeep;
grant select on plans, plan_versions to cpis_upkeep;
grant update (nhs_number, version, sent_end_date, effective_end_date, end_is_computed, deleted_on,
    upload_id, updated_at) on plans to cpis_upkeep;
grant insert, update (nhs_number) on plan_versions to cpis_upkeep;
grant select (nhs_number), delete on matchings to cpis_upkeep;
grant insert, select (nhs_number, kind, plan_id, plan_end, queued_at) on notifications
    to cpis_upkeep;
grant select, update (confirmed_at, confirmed_by) on held_uploads to cpis_upkeep;
grant select (nhs_number, id, reported_at) on alert_reports to cpis_upkeep;
grant select (nhs_number, report_id, authority_id, closed_at) on alert_report_recipients
    to cpis_upkeep;
grant select on authority_channels to cpis_upkeep;
grant select, insert, update, delete on mesh_messages, mesh_watches to cpis_upkeep;

-- The intake keeps what a file or a request of one authority needs. (The register is its owner's;
-- an authority describes itself, and keeps its code.)
revoke update (nhs_number), select on plan_versions from cpis_intake;
revoke delete on matchings from cpis_intake;
revoke select (nhs_number, kind, plan_id, plan_end, queued_at) on notifications from cpis_intake;
revoke select on authority_channels from cpis_intake;
revoke select, insert, update, delete on mesh_messages, mesh_watches from cpis_intake;
revoke insert, update on authorities from cpis_intake;
grant update (name, emergency_phone, office_phone, version, updated_at) on authorities
    to cpis_intake;
