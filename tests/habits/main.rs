//! The house style, as a test: it reads the tree, asks no database and imports nothing of the
//! service, so it still speaks when the service does not compile.
//!
//! Each habit answers with all it found at once, a line each:
//! `file:line: what is wrong; what to do instead`. A habit that must change is changed in its
//! table; nothing here can be switched off for one file.
#![expect(clippy::panic, reason = "a habit that is broken should fail its test")]

mod asvs;
mod classes;
mod conformance;
mod direction;
mod finding;
mod interactions;
mod migrations;
mod pages;
mod places;
mod plans_table;
mod reading;
mod readme;
mod secrets;
mod security;
mod shape;
mod source;
mod tree;
mod words;

use finding::Finding;
use tree::{File, repository};

/// Fails with all that a habit found in the repository.
fn hold(habit: fn(&[File]) -> Vec<Finding>) {
    let found = habit(repository());
    assert!(found.is_empty(), "{}", finding::report(&found));
}

#[test]
fn every_source_file_says_first_what_it_is_for() {
    hold(shape::opens_with_its_purpose);
}

#[test]
fn no_source_file_is_long_and_no_line_is_wide() {
    hold(shape::is_short_and_narrow);
}

#[test]
fn no_lint_is_allowed_it_is_expected_with_a_reason() {
    hold(shape::expects_instead_of_allowing);
}

#[test]
fn every_name_says_what_it_means() {
    hold(words::no_vague_name);
}

#[test]
fn nothing_is_left_unfinished() {
    hold(words::nothing_unfinished);
}

#[test]
fn nothing_prints_but_the_command_line() {
    hold(words::nothing_printed);
}

#[test]
fn a_framework_stays_where_it_belongs() {
    hold(places::frameworks_stay);
}

#[test]
fn imports_point_one_way() {
    hold(direction::imports_point_inwards);
}

#[test]
fn plans_leave_and_arrive_through_one_door() {
    hold(places::one_door);
}

#[test]
fn only_three_files_read_the_plans_table() {
    hold(plans_table::read_by_three);
}

#[test]
fn every_migration_goes_up_and_down() {
    hold(migrations::go_both_ways);
}

#[test]
fn migrations_are_written_in_lower_case() {
    hold(migrations::lower_case);
}

#[test]
fn every_interaction_is_in_the_route_table() {
    hold(interactions::routed);
}

#[test]
fn every_interaction_has_a_chapter_of_tests() {
    hold(interactions::tested);
}

#[test]
fn the_readme_links_every_page_and_no_page_that_is_gone() {
    hold(readme::links_every_page);
}

#[test]
fn the_map_in_the_readme_is_the_tree() {
    hold(readme::maps_the_tree);
}

#[test]
fn a_page_of_documentation_is_short() {
    hold(pages::are_short);
}

#[test]
fn every_clause_of_the_conformance_page_names_a_test_that_is_there() {
    hold(conformance::is_checked);
}

#[test]
fn every_threat_of_the_security_page_names_a_test_that_is_there() {
    hold(security::is_held);
}

#[test]
fn every_requirement_of_the_asvs_page_has_a_result_and_names_what_is_there() {
    hold(asvs::is_held);
}

#[test]
fn every_table_has_a_class_on_its_page_and_is_said_to_be_kept_for_how_long() {
    hold(classes::are_told);
}

#[test]
fn no_file_holds_a_path_of_the_machine_it_was_written_on() {
    hold(pages::no_machine_path);
}

#[test]
fn no_private_key_is_kept() {
    hold(pages::no_private_key);
}

#[test]
fn no_secret_is_held_as_plain_bytes_or_plain_text() {
    hold(secrets::are_kept);
}
