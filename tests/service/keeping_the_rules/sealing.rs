//! The rules of the sealed access history.

/// A row of each table that breaks no rule.
pub const GOOD_ROWS: &str = "
    insert into sealed_rows values (0, 'access', '019371b8-1c00-7000-8000-000000000006',
        '2026-11-22T12:00:00Z', now(), sha256(''));
    insert into sealed_subtrees values (8, 0, sha256(''));
    insert into sealed_checkpoints values ('cpis.example', 1, 'a note');
    insert into retirements values ('019371b8-1c00-7000-8000-000000000006', now(), '1999-03',
        'a manifest', 'an operator', sha256(''));
";

/// Every rule by its name, and a change that it must refuse.
pub const BROKEN: [(&str, &str); 10] = [
    (
        "a_row_is_sealed_once",
        "insert into sealed_rows select 1, kind, row_id, row_at, sealed_at, leaf_hash \
         from sealed_rows",
    ),
    (
        "leaves_count_from_zero",
        "insert into sealed_rows select -1, 'another', row_id, row_at, sealed_at, leaf_hash \
         from sealed_rows",
    ),
    (
        "a_leaf_hash_is_a_sha_256",
        "insert into sealed_rows select 1, 'another', row_id, row_at, sealed_at, '' \
         from sealed_rows",
    ),
    (
        "a_kept_subtree_is_of_whole_bytes",
        "insert into sealed_subtrees values (9, 0, sha256(''))",
    ),
    (
        "a_subtree_root_is_a_sha_256",
        "insert into sealed_subtrees values (8, 1, '')",
    ),
    (
        "a_checkpoint_is_of_a_tree_with_leaves",
        "insert into sealed_checkpoints values ('cpis.example', 0, 'a note')",
    ),
    (
        "a_month_is_retired_once",
        "insert into retirements select gen_random_uuid(), now(), month, manifest, confirmed_by, \
         authenticity from retirements",
    ),
    (
        "a_retirement_is_of_a_month",
        "insert into retirements select gen_random_uuid(), now(), 'March', manifest, \
         confirmed_by, authenticity from retirements",
    ),
    (
        "a_retirements_authenticity_is_a_sha_256",
        "insert into retirements select gen_random_uuid(), now(), '1999-04', manifest, \
         confirmed_by, '' from retirements",
    ),
    (
        "there_is_one_sealing",
        "insert into sealing values (false, 0)",
    ),
];
