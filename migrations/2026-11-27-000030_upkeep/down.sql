revoke update (name, emergency_phone, office_phone, version, updated_at) on authorities
    from cpis_intake;
grant insert, update on authorities to cpis_intake;
grant select, insert, update, delete on mesh_messages, mesh_watches to cpis_intake;
grant select on authority_channels to cpis_intake;
grant select (nhs_number, kind, plan_id, plan_end, queued_at) on notifications to cpis_intake;
grant delete on matchings to cpis_intake;
grant update (nhs_number), select on plan_versions to cpis_intake;

revoke select, insert, update, delete on mesh_messages, mesh_watches from cpis_upkeep;
revoke select on authority_channels from cpis_upkeep;
revoke select (nhs_number, report_id, authority_id, closed_at) on alert_report_recipients
    from cpis_upkeep;
revoke select (nhs_number, id, reported_at) on alert_reports from cpis_upkeep;
revoke select, update (confirmed_at, confirmed_by) on held_uploads from cpis_upkeep;
revoke insert, select (nhs_number, kind, plan_id, plan_end, queued_at) on notifications
    from cpis_upkeep;
revoke select (nhs_number), delete on matchings from cpis_upkeep;
revoke insert, update (nhs_number) on plan_versions from cpis_upkeep;
revoke update (nhs_number, version, sent_end_date, effective_end_date, end_is_computed, deleted_on,
    upload_id, updated_at) on plans from cpis_upkeep;
revoke select on plans, plan_versions from cpis_upkeep;
revoke select, insert, update on children from cpis_upkeep;
revoke select on authorities, uploads from cpis_upkeep;

-- A role that another database of the cluster still uses stays.
do $$
begin
    drop role cpis_upkeep;
exception when dependent_objects_still_exist then null;
end
$$;
