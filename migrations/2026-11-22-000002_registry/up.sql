-- Who is on the register: the local authorities that own plans, and the organisations that look.
create table authorities (
    id uuid not null,
    code text not null,
    name text not null,
    emergency_phone text not null,
    office_phone text,
    version integer not null default 1,
    updated_at timestamptz not null,
    primary key (id),
    constraint an_authority_has_one_ods_code unique (code),
    constraint an_authority_code_is_an_ods_code check (code ~ '^[A-Z0-9]{3,12}$'),
    constraint an_authority_has_a_name check (length(name) between 1 and 200),
    constraint an_emergency_phone_can_be_dialled check (emergency_phone ~ '^[+]?[0-9]{3,15}$'),
    constraint an_office_phone_can_be_dialled check (office_phone ~ '^[+]?[0-9]{3,15}$'),
    constraint an_authority_version_counts_from_one check (version >= 1)
);

create table organisations (
    code text not null,
    name text not null,
    registered_at timestamptz not null,
    primary key (code),
    constraint an_organisation_code_is_an_ods_code check (code ~ '^[A-Z0-9]{3,12}$'),
    constraint an_organisation_has_a_name check (length(name) between 1 and 200)
);

create table organisation_care_settings (
    organisation_code text not null references organisations (code) on delete cascade,
    care_setting text not null,
    primary key (organisation_code, care_setting),
    constraint a_care_setting_is_unscheduled_or_scheduled
        check (care_setting in ('unscheduled', 'scheduled'))
);
