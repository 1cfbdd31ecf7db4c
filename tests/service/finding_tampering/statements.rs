//! The changes themselves, as an administrator of the database would make them.

use cpis_fhir::store::sealable_rows::{SEALED_KINDS, SealedKind};

use super::changes::Expected;
use super::history::History;
use crate::support::Draws;

/// A number below a limit.
pub fn drawn_below(draws: &mut Draws, limit: u64) -> u64 {
    u64::try_from(draws.below(usize::try_from(limit).unwrap())).unwrap()
}

/// The row of a leaf.
fn of_leaf(leaf: u64) -> String {
    format!("id = (select row_id from sealed_rows where leaf_index = {leaf})")
}

/// Changes one column of a row.
pub fn step_column(
    history: &mut History,
    (kind, name): (&SealedKind, &str),
    leaf: u64,
    draws: &mut Draws,
) -> Expected {
    let (table, id) = (kind.table, kind.id);
    let value = stepped(history, table, name, draws);
    history.execute(&format!(
        "update {table} set {name} = {value} where {id} = \
         (select row_id from sealed_rows where leaf_index = {leaf})"
    ));
    // A retirement is looked at before any leaf is.
    match (kind.name, name) {
        ("retirement", name) if name != "transaction_id" => Expected::Retirement,
        _ => Expected::Leaf(leaf),
    }
}

/// Changes one column of what is kept of a leaf.
pub fn step_leaf(history: &mut History, name: &str, leaf: u64, draws: &mut Draws) {
    let value = match name {
        "leaf_index" => "leaf_index + 100000".to_owned(),
        name => stepped(history, "sealed_rows", name, draws),
    };
    let change = format!("update sealed_rows set {name} = {value}");
    history.execute(&format!("{change} where leaf_index = {leaf}"));
}

/// Takes a row away.
pub fn delete_row(history: &mut History, leaf: u64) {
    history.execute(&format!("delete from accesses where {}", of_leaf(leaf)));
}

/// Takes a leaf away.
pub fn delete_leaf(history: &mut History, leaf: u64) {
    history.execute(&format!(
        "delete from sealed_rows where leaf_index = {leaf}"
    ));
}

/// Takes the rows of all leaves from one on away.
pub fn delete_rows_from(history: &mut History, leaf: u64) {
    history.execute(&format!(
        "delete from accesses where id in (select row_id from sealed_rows \
         where leaf_index >= {leaf} and kind = 'access'); \
         delete from access_answers where access_id in (select row_id from sealed_rows \
         where leaf_index >= {leaf} and kind = 'answer')"
    ));
}

/// Adds a row that cannot be told from a sealed one but by the child.
pub fn double(history: &mut History, leaf: u64) {
    let columns = columns_but(&["nhs_number"]);
    history.execute(&format!(
        "insert into accesses (nhs_number, {columns}) select 9990000018, {columns} \
         from accesses where {}",
        of_leaf(leaf)
    ));
}

/// Takes a row and its leaf out, and moves all behind them up.
pub fn recompute(history: &mut History, leaf: u64) {
    delete_row(history, leaf);
    delete_leaf(history, leaf);
    history.execute(&format!(
        "update sealed_rows set leaf_index = leaf_index - 1000001 where leaf_index > {leaf}; \
         update sealed_rows set leaf_index = leaf_index + 1000000 where leaf_index < 0; \
         delete from sealed_checkpoints where tree_size > {leaf}"
    ));
}

/// Changes the rows of leaves from one to another.
pub fn change_rows(history: &mut History, (first, last): (u64, u64)) {
    history.execute(&format!(
        "update accesses set practitioner_name = 'Somebody else' where id in \
         (select row_id from sealed_rows where leaf_index between {first} and {last} \
         and kind = 'access')"
    ));
}

/// Takes a month away.
pub fn detach(history: &mut History) -> Expected {
    let first = history.number(
        "select min(leaf_index) from sealed_rows where row_at >= '2026-12-01T00:00:00Z' \
         and kind = 'access'",
    );
    history.execute("alter table accesses detach partition accesses_2026_12");
    Expected::Leaf(first)
}

/// Changes the roots of subtrees that are kept, or takes them away.
pub fn change_subtrees(history: &mut History, draws: &mut Draws) -> Expected {
    history.execute(match draws.below(2) {
        0 => "update sealed_subtrees set root = sha256(root)",
        _ => "delete from sealed_subtrees",
    });
    Expected::Leaf(255)
}

fn columns_but(left_out: &[&str]) -> String {
    let columns = SEALED_KINDS[0].columns.iter().map(|(name, _)| *name);
    let columns = columns.filter(|name| !left_out.contains(name));
    columns.collect::<Vec<_>>().join(", ")
}

/// A column with one bit, one sign or the least step changed.
fn stepped(history: &mut History, table: &str, name: &str, draws: &mut Draws) -> String {
    let kinds = [
        "bigint",
        "integer",
        "smallint",
        "uuid",
        "timestamp with time zone",
        "bytea",
    ];
    let is = |kind: &str| {
        format!(
            "select count(*) from information_schema.columns where table_name = '{table}' \
             and column_name = '{name}' and data_type = '{kind}'"
        )
    };
    let kind = kinds.into_iter().find(|kind| history.number(&is(kind)) > 0);
    let bit = draws.below(8);
    match kind {
        Some("bigint") => format!("{name} # (1::bigint << {})", draws.below(40)),
        Some("smallint" | "integer") => format!("{name} + 1"),
        Some("uuid") => {
            let at = [1, 10, 20, 36][draws.below(4)];
            format!(
                "overlay({name}::text placing case substr({name}::text, {at}, 1) \
                 when '0' then '1' else '0' end from {at})::uuid"
            )
        }
        Some("timestamp with time zone") => format!("{name} + interval '1 microsecond'"),
        Some("bytea") => {
            let at = draws.below(32) * 8 + bit;
            format!("set_bit({name}, {at}, 1 - get_bit({name}, {at}))")
        }
        _ => match draws.below(3) {
            0 => format!("{name} || ' '"),
            1 => format!("substr({name}, 2)"),
            _ => format!(
                "chr(ascii({name}) # {}) || substr({name}, 2)",
                1 << (bit % 3)
            ),
        },
    }
}

/// Adds a row that was never looked at.
pub fn insert(history: &mut History, leaf: u64, way: usize) -> Expected {
    let id = "0193b000-0000-7000-8000-00000000000a";
    let (moment, transaction) = match way {
        0 => (
            "recorded_at - interval '1 day'",
            "pg_current_xact_id()::text::bigint",
        ),
        1 => ("recorded_at", "0"),
        _ => (
            "recorded_at + interval '10 years'",
            "pg_current_xact_id()::text::bigint",
        ),
    };
    let columns = columns_but(&["id", "recorded_at", "transaction_id"]);
    history.execute(&format!(
        "insert into accesses (id, recorded_at, transaction_id, {columns}) \
         select '{id}', {moment}, {transaction}, {columns} from accesses \
         where id = (select row_id from sealed_rows where leaf_index = {leaf})"
    ));
    Expected::Unsealed(id.to_owned())
}

/// Exchanges what two rows or leaves hold.
pub fn swap(
    history: &mut History,
    table: &str,
    columns: [&str; 2],
    (one, other): (u64, u64),
) -> Expected {
    let sets = columns.map(|name| format!("{name} = o.{name}")).join(", ");
    let (own, theirs) = match table {
        "accesses" => ("t.id = s.row_id", "o.id = s2.row_id"),
        _ => (
            "t.leaf_index = s.leaf_index",
            "o.leaf_index = s2.leaf_index",
        ),
    };
    history.execute(&format!(
        "alter table sealed_rows drop constraint if exists a_row_is_sealed_once; \
         update {table} t set {sets} from sealed_rows s, sealed_rows s2, {table} o \
         where (s.leaf_index, s2.leaf_index) in (({one}, {other}), ({other}, {one})) \
         and {own} and {theirs}"
    ));
    Expected::Leaf(one.min(other))
}

/// Takes away the leaves from one on, and what was signed of them in the database.
pub fn cut(history: &mut History, leaf: u64) {
    history.execute(&format!(
        "delete from sealed_rows where leaf_index >= {leaf}; \
         delete from sealed_checkpoints where tree_size > {leaf}; \
         delete from sealed_subtrees where {leaf} < 256"
    ));
}

/// Puts something else in the place of a checkpoint.
pub fn forge(history: &mut History, way: usize, draws: &mut Draws) -> Expected {
    let which = draws.below(history.sizes.len() - 1);
    let size = history.sizes[which];
    let note = history.forge(size);
    match way {
        0 => history.execute(&format!(
            "update sealed_checkpoints set note = '{note}' where tree_size = {size}"
        )),
        1 => history.execute(&format!(
            "update sealed_checkpoints set note = overlay(note placing '1' from \
             position(e'\\n' in note) + 1) || ' ' where tree_size = {size}"
        )),
        2 => history.execute(&format!(
            "delete from sealed_checkpoints where tree_size = {size}"
        )),
        3 => history.file[which] = note,
        4 => {
            // One sign of the root or of the signature.
            let characters: Vec<char> = history.file[which].chars().collect();
            let from = characters.iter().position(|sign| *sign == '\n').unwrap() + 1;
            let signs: Vec<usize> = (from..characters.len())
                .filter(|at| characters[*at].is_ascii_alphanumeric())
                .collect();
            let at = signs[draws.below(signs.len())];
            let mut forged = characters;
            forged[at] = if forged[at] == '7' { '8' } else { '7' };
            history.file[which] = forged.into_iter().collect();
        }
        _ => {
            let next = history.file[which + 1].clone();
            history.file[which + 1] = std::mem::replace(&mut history.file[which], next);
        }
    }
    Expected::Forged
}

/// Tells a witness another history.
pub fn split(history: &mut History, way: usize, draws: &mut Draws) -> Expected {
    let rows = history.rows();
    if way == 0 {
        // Told to a witness alone: more than there is.
        let note = history.sign(rows + 5, [5; 32]);
        history.witness.push(note);
        return Expected::Gone(rows);
    }
    let which = draws.below(history.witness.len());
    let size = history.sizes[which * 3];
    history.witness[which] = history.sign(size, [5; 32]);
    Expected::SignedOtherwise(size - 1)
}
