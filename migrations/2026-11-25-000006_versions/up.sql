-- Every earlier description of an authority, as it stood until the next was told. What was told
-- before this table was there is not known: the oldest description known stands for it.
create table authority_versions (
    id uuid not null references authorities (id),
    version integer not null,
    code text not null,
    name text not null,
    emergency_phone text not null,
    office_phone text,
    updated_at timestamptz not null,
    primary key (id, version)
);

-- Beside a search and a read: one earlier version, and every version of one plan or of a child's.
alter table accesses drop constraint an_access_is_a_search_or_a_read;
alter table accesses add constraint an_access_is_an_interaction_of_fhir check (interaction in
    ('read', 'vread', 'search-type', 'history-instance', 'history-type', 'operation'));

grant insert on authority_versions to cpis_intake;
grant select on plan_versions, authority_versions to cpis_query;
