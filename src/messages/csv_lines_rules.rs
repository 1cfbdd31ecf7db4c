//! The rules of lines, columns and cells, as tests.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

use proptest::prelude::{prop_assert, prop_assert_eq, proptest};

use super::Lines;

fn read(file: &str) -> Vec<(u64, Vec<String>)> {
    let mut lines = Lines::of(file.as_bytes()).unwrap();
    let mut found = Vec::new();
    while lines.advance().unwrap() {
        let cells = lines.cells.iter().map(str::to_owned).collect();
        found.push((lines.number(), cells));
    }
    found
}

#[test]
fn each_line_knows_its_number_whatever_the_line_ends_blank_lines_and_line_breaks_in_cells() {
    for end in ["\n", "\r\n"] {
        let file = ["", "a,b", "", ",,", "\"c", "d\",e", "f"].join(end);
        let numbers: Vec<u64> = read(&file).iter().map(|(number, _)| *number).collect();
        assert_eq!(numbers, [2, 5, 7], "{end:?}");
    }
}

#[test]
fn whatever_a_lenient_reader_would_guess_at_is_refused_with_its_line() {
    for (file, line) in [
        ("a,b\n\"c,d\ne,f\n", 2),
        ("a\nb\n\"c\"d\n", 3),
        ("a,b\"c\n", 1),
        ("a\n \"b\"\n", 2),
        ("a\rb\n", 1),
        ("a\nb\r", 2),
    ] {
        let refusal = Lines::of(file.as_bytes()).err().unwrap();
        assert_eq!(refusal.line, Some(line), "{file:?}: {refusal}");
    }
}

#[test]
fn a_line_of_a_million_commas_is_refused_before_it_takes_memory() {
    let file = ",".repeat(1_000_000);
    assert!(Lines::of(format!("a{file}").as_bytes()).is_err());
    assert!(Lines::of(format!("a{}", ",".repeat(999)).as_bytes()).is_ok());
}

proptest! {
    #[test]
    fn quoted_cells_read_back_whatever_they_hold(
        lines in proptest::collection::vec(proptest::collection::vec("[^\0]{0,9}", 1..5), 1..9)
    ) {
        let quoted = |cell: &String| format!("\"{}\"", cell.replace('"', "\"\""));
        let line = |cells: &Vec<String>| cells.iter().map(quoted).collect::<Vec<_>>().join(",");
        let file = lines.iter().map(line).collect::<Vec<_>>().join("\r\n");
        let expected: Vec<Vec<String>> = lines
            .into_iter()
            .filter(|cells| cells.iter().any(|cell| !cell.trim_matches(' ').is_empty()))
            .collect();
        prop_assert!(Lines::of(file.as_bytes()).is_ok());
        let found: Vec<Vec<String>> = read(&file).into_iter().map(|(_, cells)| cells).collect();
        prop_assert_eq!(found, expected);
    }
}
