-- Everything the measurements read, made by set operations: 153 authorities, so many children as
-- the session's `bench.children` says (4,500,000 at the most) with a ninth more plans, and as many
-- accesses of the past year as `bench.accesses` says.

-- The n-th of the valid NHS numbers that begin with 99, from the `bench.first` on, in ascending
-- order: of nine million, of which the last 900,000 begin with 999. Eight digits are chosen by
-- n / 9; of the ten ninth digits one at the most would need the check digit ten, and is skipped.
-- disclosure.pgbench counts the same way.
create function pg_temp.nhs_number(n bigint) returns bigint language sql stable as $$
    with placed as (select n + current_setting('bench.first')::bigint as m),
    eight as (select m, m / 9 as q,
        171 + 8 * (m / 900000 % 10) + 7 * (m / 90000 % 10) + 6 * (m / 9000 % 10)
            + 5 * (m / 900 % 10) + 4 * (m / 90 % 10) + 3 * (m / 9 % 10) as s from placed),
    nine as (select q, s,
        m % 9 + case when m % 9 >= (6 + 5 * s) % 11 then 1 else 0 end as ninth from eight)
    select ((99000000 + q) * 10 + ninth) * 10 + (11 - (s + 2 * ninth) % 11) % 11 from nine
$$;

insert into authorities (id, code, name, emergency_phone, office_phone, updated_at)
select uuid_of_moment(now()), 'E9' || lpad(k::text, 4, '0'), 'Synthetic Council ' || k,
    '01632960' || lpad(k::text, 3, '0'), '01632961' || lpad(k::text, 3, '0'), now()
from generate_series(1, 153) k;

insert into uploads (id, authority_id, sequence, digest, created_at, received_at, client_id, form,
    code, records, refused)
select uuid_of_moment(now()), id, 1, sha256(code::bytea), now(), now(), 'upload-system', 'csv',
    'CPF02', 1634, 0
from authorities;

insert into organisations (code, name, registered_at)
values ('RQX99', 'Synthetic Hospital, Emergency Department', now());
insert into organisation_care_settings (organisation_code, care_setting)
values ('RQX99', 'unscheduled');

insert into clients (id, name, front_door, registered_at)
values ('sandbox-epr', 'The software of Synthetic Hospital', 'issuer', now()),
    ('upload-system-E90001', 'The software of Synthetic Council 1', 'issuer', now());

-- Every second number is a child's; the number after each is nobody's.
insert into children (nhs_number, id, birth_date, updated_at)
select pg_temp.nhs_number(k * 2), uuid_of_moment(now()),
    current_date - 365 - (k * 37 % 5800)::integer, now()
from generate_series(0, current_setting('bench.children')::bigint - 1) k;

create temp table numbered_authorities as
select a.id, u.id as upload_id, row_number() over (order by a.code) - 1 as position
from authorities a join uploads u on u.authority_id = a.id;

-- One plan a child that shows today, as two thirds child protection plans and one third looked
-- after; every ninth child has another, of another authority, that ended too long ago to show.
insert into plans (nhs_number, id, version, authority_id, kind, local_id, start_date, sent_end_date,
    effective_end_date, end_is_computed, upload_id, updated_at)
select c.nhs_number, uuid_of_moment(now()), 1, a.id, case when k % 3 = 0 then 'CLA' else 'CPP' end,
    'H-' || k, current_date - 30 - (k % 300)::integer, current_date + 100 + (k % 200)::integer,
    current_date + 100 + (k % 200)::integer, false, a.upload_id, now()
from generate_series(0, current_setting('bench.children')::bigint - 1) k
join children c on c.nhs_number = pg_temp.nhs_number(k * 2)
join numbered_authorities a on a.position = k % 153;

insert into plans (nhs_number, id, version, authority_id, kind, local_id, start_date, sent_end_date,
    effective_end_date, end_is_computed, upload_id, updated_at)
select c.nhs_number, uuid_of_moment(now()), 2, a.id, 'CPP', 'H-' || k, current_date - 900,
    current_date - 500, current_date - 500, false, a.upload_id, now()
from generate_series(0, current_setting('bench.children')::bigint - 9, 9) k
join children c on c.nhs_number = pg_temp.nhs_number(k * 2)
join numbered_authorities a on a.position = (k + 1) % 153;

-- A year of accesses, in the order they came; half of them to children without a plan.
select plan_access_months(now() - interval '336 days', 15);
insert into accesses (nhs_number, recorded_at, id, request_id, interaction, asked, client_id,
    organisation_code, organisation_name, practitioner_id, practitioner_name, role_profile_id,
    job_role_code, job_role_name, care_setting)
select number, moment, uuid_of_moment(moment), gen_random_uuid(), 'search-type',
    'Flag?patient:identifier=https://fhir.nhs.uk/Id/nhs-number|' || number,
    'sandbox-epr', 'R' || lpad((k % 200)::text, 4, '0'), 'Synthetic Hospital ' || k % 200,
    lpad((k % 20000)::text, 12, '5'), 'Dr Synthetic Clinician ' || k % 20000,
    lpad((k % 20000)::text, 12, '6'), 'S8000:G8000:R8000', 'Clinical Practitioner Access Role',
    case when k % 4 = 0 then 'scheduled' else 'unscheduled' end
from (select k, pg_temp.nhs_number(k * 7919 % (children * 2)) as number,
        now() - (accesses - k) * interval '336 days' / accesses as moment
    from (select current_setting('bench.accesses')::bigint as accesses,
            current_setting('bench.children')::bigint as children) many,
        generate_series(1, accesses) k) looks
order by moment;
