drop function follow_birth_dates;
drop function eighteenth_birthday;
drop function plans_of_others;
drop function settled_by_others;
alter function keep_what_plans_lead_to() security invoker reset search_path;

drop policy the_other_sides_have_all on alert_reports;
drop policy an_authority_has_those_that_concern_it on alert_reports;
alter table alert_reports disable row level security;
drop policy the_other_sides_have_all on upload_records;
drop policy an_authority_has_its_own on upload_records;
alter table upload_records disable row level security;
drop policy the_other_sides_have_all on authority_versions;
drop policy an_authority_describes_itself on authority_versions;
alter table authority_versions disable row level security;
drop policy an_authority_describes_itself on authorities;
drop policy an_authority_is_known_to_all on authorities;
alter table authorities disable row level security;
do $$
declare
    owned text;
begin
    foreach owned in array array['plans', 'plan_versions', 'uploads', 'held_uploads',
        'ended_by_writes', 'matchings', 'notifications', 'authority_readings',
        'alert_report_recipients']
    loop
        execute format('drop policy the_other_sides_have_all on %I', owned);
        execute format('drop policy an_authority_has_its_own on %I', owned);
        execute format('alter table %I disable row level security', owned);
    end loop;
end
$$;
drop function own_authority;
