-- The access history is sealed, with what each look was answered: each row becomes a leaf of a Merkle tree (RFC 6962), whose root is
-- signed with a key that is not here and told outside (docs/audit.md).
do $$
begin
    if not exists (select from pg_roles where rolname = 'cpis_sealer') then
        create role cpis_sealer nologin;
    end if;
end
$$;

-- In which transaction a row was added: rows are sealed once it is over, however late, and never by
-- the clock. Rows that are there already are sealed first. The index is one of block ranges, which
-- an insert hardly touches; a range is summarised as soon as the next one begins.
alter table accesses add column transaction_id bigint not null default 0;
alter table accesses
    alter column transaction_id set default pg_current_xact_id()::text::bigint;
create index accesses_by_transaction on accesses using brin (transaction_id)
    with (autosummarize = on);
alter table access_answers add column transaction_id bigint not null default 0;
alter table access_answers
    alter column transaction_id set default pg_current_xact_id()::text::bigint;
create index access_answers_by_transaction on access_answers using brin (transaction_id)
    with (autosummarize = on);

-- A leaf: which row it is of, and its hash. The row's own columns stay where they are.
create table sealed_rows (
    leaf_index bigint not null,
    kind text not null,
    row_id uuid not null,
    row_at timestamptz not null,
    sealed_at timestamptz not null,
    leaf_hash bytea not null,
    primary key (leaf_index),
    constraint a_row_is_sealed_once unique (row_id, row_at, kind),
    constraint leaves_count_from_zero check (leaf_index >= 0),
    constraint a_leaf_hash_is_a_sha_256 check (length(leaf_hash) = 32)
);

-- The roots of complete subtrees of 256 leaves, of 65,536 and so on: with them a proof reads a few
-- hundred rows, however large the tree is.
create table sealed_subtrees (
    level smallint not null,
    subtree_index bigint not null,
    root bytea not null,
    primary key (level, subtree_index),
    constraint a_kept_subtree_is_of_whole_bytes check (level > 0 and level % 8 = 0),
    constraint a_subtree_root_is_a_sha_256 check (length(root) = 32)
);

-- What was signed, as it was signed. The same stands in files outside; here it is for whoever asks.
create table sealed_checkpoints (
    origin text not null,
    tree_size bigint not null,
    note text not null,
    primary key (origin, tree_size),
    constraint a_checkpoint_is_of_a_tree_with_leaves check (tree_size > 0)
);

-- Up to which transaction everything is sealed. One row, which whoever seals holds meanwhile.
create table sealing (
    only_row boolean not null default true,
    sealed_below bigint not null,
    primary key (only_row),
    constraint there_is_one_sealing check (only_row)
);
insert into sealing (sealed_below) values (0);

create function refuse_changed_seal() returns trigger language plpgsql as $$
begin
    raise exception 'what is sealed is added to and never changed' using errcode = '42501';
end
$$;

create trigger seals_are_never_changed before update or delete on sealed_rows
    for each row execute function refuse_changed_seal();
create trigger seals_are_never_emptied before truncate on sealed_rows
    for each statement execute function refuse_changed_seal();
create trigger seals_are_never_changed before update or delete on sealed_subtrees
    for each row execute function refuse_changed_seal();
create trigger seals_are_never_emptied before truncate on sealed_subtrees
    for each statement execute function refuse_changed_seal();
create trigger seals_are_never_changed before update or delete on sealed_checkpoints
    for each row execute function refuse_changed_seal();
create trigger seals_are_never_emptied before truncate on sealed_checkpoints
    for each statement execute function refuse_changed_seal();

grant select on accesses, access_answers, sealing to cpis_sealer;
grant select, insert on sealed_rows, sealed_subtrees, sealed_checkpoints to cpis_sealer;
grant update (sealed_below) on sealing to cpis_sealer;
grant select on sealed_rows, sealed_subtrees, sealed_checkpoints, sealing to cpis_query;
