-- The software that may ask, beside the organisations it asks for: by which front door, with which
-- keys, for which organisations and in which scopes. A client that is revoked stays, so that it is
-- known as revoked.
create table clients (
    id text not null,
    name text not null,
    front_door text not null,
    key_set text,
    certificate text,
    registered_at timestamptz not null,
    revoked_at timestamptz,
    primary key (id),
    constraint a_client_id_is_of_visible_characters check (id ~ '^[A-Za-z0-9._~:-]{1,128}$'),
    constraint a_client_has_a_name check (length(name) between 1 and 200),
    constraint a_client_comes_by_a_door_that_there_is
        check (front_door in ('token-service', 'issuer')),
    constraint a_client_of_the_token_service_has_keys
        check (front_door <> 'token-service' or key_set is not null),
    constraint a_certificate_is_known_by_its_thumbprint check (certificate ~ '^[A-Za-z0-9_-]{43}$'),
    constraint a_client_is_revoked_after_it_is_registered check (revoked_at >= registered_at)
);

create table client_organisations (
    client_id text not null references clients (id) on delete cascade,
    organisation_code text not null,
    primary key (client_id, organisation_code),
    constraint a_client_asks_for_an_ods_code check (organisation_code ~ '^[A-Z0-9]{3,12}$')
);

create table client_scopes (
    client_id text not null references clients (id) on delete cascade,
    scope text not null,
    primary key (client_id, scope),
    constraint a_scope_is_one_word check (scope ~ '^[A-Za-z0-9./*]{1,80}$')
);

-- Clients that may look without a person at the keyboard, and the person who answers for it.
create table unattended_clients (
    client_id text not null references clients (id) on delete cascade,
    activity text not null,
    user_id text not null,
    person_name text not null,
    role_profile_id text not null,
    job_role_code text not null,
    job_role_name text not null,
    primary key (client_id),
    constraint an_unattended_client_has_a_viewing_activity check (activity in ('B0107', 'B0170')),
    constraint a_responsible_person_has_ids
        check (user_id ~ '^[0-9]{1,20}$' and role_profile_id ~ '^[0-9]{1,20}$'),
    constraint a_responsible_person_has_a_name_and_a_role
        check (length(person_name) between 1 and 200 and length(job_role_name) between 1 and 160
            and job_role_code ~ '^[A-Z][0-9]{1,8}(:[A-Z][0-9]{1,8}){0,2}$')
);

-- Who changed what on the register, and when: added to, and never changed.
create table register_changes (
    id uuid not null,
    changed_at timestamptz not null,
    changed_by text not null,
    kind text not null,
    subject text not null,
    change text not null,
    details text not null,
    primary key (id),
    constraint a_register_change_says_who check (length(changed_by) between 1 and 200),
    constraint a_register_change_is_of_a_known_kind
        check (kind in ('client', 'organisation', 'role')),
    constraint a_register_change_puts_or_takes
        check (change in ('put', 'revoked', 'removed'))
);

create function refuse_changed_register_change() returns trigger language plpgsql as $$
begin
    raise exception 'changes of the register are added to and never changed'
        using errcode = '42501';
end
$$;

create trigger register_changes_are_never_changed before update or delete on register_changes
    for each row execute function refuse_changed_register_change();
create trigger register_changes_are_never_emptied before truncate on register_changes
    for each statement execute function refuse_changed_register_change();

grant select on clients, client_organisations, client_scopes, unattended_clients to cpis_query;
