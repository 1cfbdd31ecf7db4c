//! Whose command each is, as `docs/authorisation.md` says it: a command that nobody was named for
//! is no command.
#![expect(
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test that cannot go on should stop"
)]

use std::fmt::Write as _;

use clap::CommandFactory as _;

use super::Arguments;

/// The page, from the root of the repository, where tests are run.
const PAGE: &str = "docs/authorisation.md";

/// By what each command is allowed what it does.
const WHOSE: [(&str, &str); 16] = [
    ("serve", "the logins of the server's sides"),
    ("sandbox", "nothing: its children are made up"),
    ("migrate", "the owner's login"),
    (
        "audit",
        "the owner's login, or one that inherits cpis_sealer; to check a proof and to witness, \
         nothing",
    ),
    ("channel", "the owner's login"),
    ("findings", "the owner's login"),
    ("client", "the owner's login"),
    ("organisation", "the owner's login"),
    ("job-role", "the owner's login"),
    ("notifications", "the owner's login"),
    ("refusals", "the owner's login"),
    ("token", "the sandbox's own keys"),
    ("authority", "an authority's token, as every request"),
    ("held-uploads", "the intake's login"),
    ("alert-reports", "the intake's login"),
    ("health", "nothing: it asks what anybody may"),
];

#[test]
fn the_page_says_of_every_command_by_what_it_is_allowed() {
    let mut table = String::from("| command | does | allowed by |\n|---|---|---|\n");
    for command in Arguments::command().get_subcommands() {
        let name = command.get_name();
        let about = command.get_about().map(ToString::to_string);
        let Some((_, by)) = WHOSE.iter().find(|(of, _)| *of == name) else {
            panic!("by what is {name} allowed?");
        };
        let about = about.unwrap_or_default();
        let _ = writeln!(table, "| `{name}` | {about} | {by} |");
    }
    let page = std::fs::read_to_string(PAGE).unwrap();
    assert!(page.contains(&table), "{PAGE} holds:\n{table}");
}
