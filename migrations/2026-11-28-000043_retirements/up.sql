-- Which months of the access history left the database, by whose word, and what they were
-- (docs/retention.md). A row is sealed as an access is, and holds a keyed digest of itself, which
-- nobody can make who has the database alone.
create table retirements (
    id uuid not null,
    retired_at timestamptz not null,
    month text not null,
    manifest text not null,
    confirmed_by text not null,
    authenticity bytea not null,
    transaction_id bigint not null default pg_current_xact_id()::text::bigint,
    primary key (id),
    constraint a_month_is_retired_once unique (month),
    constraint a_retirement_is_of_a_month check (month ~ '^\d{4}-\d{2}$'),
    constraint a_retirements_authenticity_is_a_sha_256 check (octet_length(authenticity) = 32)
);

create trigger retirements_are_never_changed before update or delete on retirements
    for each row execute function refuse_changed_seal();
create trigger retirements_are_never_emptied before truncate on retirements
    for each statement execute function refuse_changed_seal();

grant select on retirements to cpis_sealer;
-- How much waits to be sealed is asked for by the query side.
grant select (id, retired_at, transaction_id) on retirements to cpis_query;
