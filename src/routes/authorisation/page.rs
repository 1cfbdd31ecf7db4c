//! The table as `docs/authorisation.md` prints it, held to the table.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use std::fmt::Write as _;

use super::Rule;
use crate::domain::authorisation::{Relation, Role};
use crate::domain::scope::{Permission, Scope, ScopeContext};
use crate::routes::routes;

/// The page, from the root of the repository, where tests are run.
const PAGE: &str = "docs/authorisation.md";

/// The roles that have a column of their own; the others share one.
const COLUMNS: [Role; 3] = [Role::Viewer, Role::Uploader, Role::Notified];

fn roles() -> String {
    let mut table = String::from("| role | proven by |\n|---|---|\n");
    for role in Role::ALL {
        let _ = writeln!(table, "| {} | {} |", role.name(), role.proven_by());
    }
    table
}

fn relations() -> String {
    let mut table = String::from("| of | is told, or may change |\n|---|---|\n");
    for relation in Relation::ALL {
        let _ = writeln!(table, "| {} | {} |", relation.name(), relation.meaning());
    }
    table
}

fn requests() -> String {
    let mut table = String::from(
        "| request | viewer | uploader | notified | others | SMART permissions |\n\
         |---|---|---|---|---|---|\n",
    );
    for route in routes() {
        let rule = Rule::of(route.interaction);
        let _ = write!(table, "| `{} {}` |", route.method, route.path);
        for role in COLUMNS {
            let grant = rule.grants.iter().find(|grant| grant.role == role);
            let relation = grant.map_or("–", |grant| grant.relation.name());
            let _ = write!(table, " {relation} |");
        }
        let mut others = rule
            .grants
            .iter()
            .filter(|grant| !COLUMNS.contains(&grant.role));
        let others = others.next().map(|grant| {
            let (role, relation) = (grant.role.name(), grant.relation.name());
            format!("{role}: {relation}")
        });
        let others = others.unwrap_or_else(|| "–".to_owned());
        let _ = writeln!(table, " {others} | {} |", permissions(&rule));
    }
    table
}

/// As a scope writes them, such as `Flag.s`.
fn permissions(rule: &Rule) -> String {
    let mut kinds: Vec<(&str, Vec<Permission>)> = Vec::new();
    for (kind, permission) in &rule.needed {
        match kinds.iter_mut().find(|(of, _)| of == kind) {
            Some((_, permissions)) => permissions.push(*permission),
            None => kinds.push((kind, vec![*permission])),
        }
    }
    let written = kinds.into_iter().map(|(kind, permissions)| {
        let scope = Scope::Smart {
            context: ScopeContext::User,
            kind: Some(kind.to_owned()),
            permissions: permissions.into_iter().collect(),
        };
        format!("`{}`", scope.to_string().trim_start_matches("user/"))
    });
    match written.collect::<Vec<_>>().join(", ") {
        none if none.is_empty() => "–".to_owned(),
        written => written,
    }
}

#[test]
fn the_page_prints_the_table_that_the_service_decides_by() {
    let page = std::fs::read_to_string(PAGE).unwrap();
    for table in [roles(), relations(), requests()] {
        assert!(page.contains(&table), "{PAGE} holds:\n{table}");
    }
}
