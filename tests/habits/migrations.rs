//! Migrations: each goes up and down, and is written in lower case.

use std::collections::BTreeSet;

use crate::finding::Finding;
use crate::source::is_of_a_name;
use crate::tree::{File, find};

const PLACE: &str = "migrations/";

/// Every folder has an `up.sql` and a `down.sql` with a statement in it.
pub fn go_both_ways(files: &[File]) -> Vec<Finding> {
    let folders: BTreeSet<&str> = files
        .iter()
        .filter_map(|file| file.path.strip_prefix(PLACE)?.split_once('/'))
        .map(|(folder, _)| folder)
        .collect();
    folders
        .into_iter()
        .flat_map(|folder| ["up.sql", "down.sql"].map(|name| format!("{PLACE}{folder}/{name}")))
        .filter_map(|path| {
            let wrong = match find(files, &path) {
                None => "is not there",
                Some(file) if bare(&file.text).trim().is_empty() => "has no statement",
                Some(_) => return None,
            };
            let instead = "a migration is run both ways: write the statement that undoes the other";
            Some(Finding::new(&path, 1, wrong, instead))
        })
        .collect()
}

/// No keyword or name is in capitals; comments and quoted values are as they are.
pub fn lower_case(files: &[File]) -> Vec<Finding> {
    let mut found = Vec::new();
    let migrations = files.iter().filter(|file| file.is_in(&[PLACE]));
    for file in migrations.filter(|file| file.path.ends_with(".sql")) {
        for (line, text) in (1..).zip(bare(&file.text).lines()) {
            let words = text.split(|sign| !is_of_a_name(sign));
            let loud = words.filter(|word| word.chars().any(char::is_uppercase));
            found.extend(loud.map(|word| {
                let wrong = format!("`{word}` is in capitals");
                Finding::new(&file.path, line, wrong, "write SQL in lower case")
            }));
        }
    }
    found
}

/// What opens and what closes a comment or a quoted value.
const HIDDEN: [(&str, &str); 4] = [("--", "\n"), ("/*", "*/"), ("'", "'"), ("\"", "\"")];

/// SQL without its comments and quoted values, line for line. The body of a function is SQL too,
/// so dollar quotes hide nothing.
fn bare(text: &str) -> String {
    let mut bare = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let hidden = HIDDEN.iter().find(|(opens, _)| rest.starts_with(opens));
        let length = match hidden {
            None => first.len_utf8(),
            Some((opens, closes)) => {
                let inside = rest.split_at(opens.len()).1;
                let length = inside
                    .find(closes)
                    .map_or(inside.len(), |at| at + closes.len());
                opens.len() + length
            }
        };
        let (passed, after) = rest.split_at(length);
        let is_kept = |sign: &char| hidden.is_none() || *sign == '\n';
        bare.extend(passed.chars().filter(is_kept));
        rest = after;
    }
    bare
}

#[cfg(test)]
mod tests {
    use super::{go_both_ways, lower_case};
    use crate::tree::File;

    const UP: &str = "migrations/1_plans/up.sql";
    const DOWN: &str = "migrations/1_plans/down.sql";

    #[test]
    fn a_migration_without_a_way_back_is_found() {
        let up = || File::of(UP, "create table plans ();");
        assert_eq!(go_both_ways(&[up()]).len(), 1);
        assert_eq!(go_both_ways(&[up(), File::of(DOWN, " \n")]).len(), 1);
        assert_eq!(go_both_ways(&[up(), File::of(DOWN, "-- later\n")]).len(), 1);
        assert!(go_both_ways(&[up(), File::of(DOWN, "drop table plans;")]).is_empty());
    }

    #[test]
    fn capitals_in_sql_are_found_with_their_line() {
        let found = lower_case(&[File::of(UP, "-- A table.\ncreate\nTABLE plans ();")]);
        assert_eq!(found.len(), 1);
        assert!(
            found
                .iter()
                .all(|finding| finding.to_string().starts_with(&format!("{UP}:3:")))
        );
        let body = "do $$ begin\n Drop role cpis_query; end $$;";
        assert_eq!(lower_case(&[File::of(UP, body)]).len(), 1);
    }

    #[test]
    fn capitals_in_comments_and_quoted_values_are_left_alone() {
        let good = "-- CPP's plan\n/* CLA */ check (kind in ('CPP', 'it''s A', \"B\")) -- Z";
        assert!(lower_case(&[File::of(UP, good)]).is_empty());
        assert!(lower_case(&[File::of("migrations/README.md", "SQL")]).is_empty());
    }
}
