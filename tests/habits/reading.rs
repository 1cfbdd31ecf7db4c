//! The names a Rust file uses: each path spelled out, groups included, with what stands before
//! and after it. Not a parser: enough of one for habits about names.

use crate::source::{Source, is_of_a_name};

/// A name or a path of names, such as `crate::store::plans`. `use a::{b, c::d}` is three: `a`,
/// and then `a::b` and `a::c::d`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Path {
    /// The line of its last name, counted from 1.
    pub line: usize,
    /// Its names, in order.
    pub names: Vec<String>,
    /// The sign or name before it; empty at the start of the file.
    pub before: String,
    /// The sign or name after it; empty at the end of the file.
    pub after: String,
}

impl Path {
    /// Whether these names stand in it, one after the other.
    pub fn holds(&self, way: &str) -> bool {
        let wanted: Vec<&str> = way.split("::").collect();
        self.names
            .windows(wanted.len())
            .any(|names| names == wanted)
    }
}

#[derive(Debug, Clone, Copy)]
struct Token<'code> {
    line: usize,
    text: &'code str,
}

impl Token<'_> {
    fn is_name(self) -> bool {
        self.text.starts_with(is_of_a_name)
    }
}

/// Every path in the code of a file, in reading order.
pub fn paths(text: &str) -> Vec<Path> {
    let source = Source::of(text);
    let mut reader = Reader {
        tokens: tokens(&source.code),
        at: 0,
        paths: Vec::new(),
    };
    while let Some(token) = reader.peek() {
        if token.is_name() {
            reader.path(&[], reader.before());
        } else {
            reader.at += 1;
        }
    }
    reader.paths
}

struct Reader<'code> {
    tokens: Vec<Token<'code>>,
    at: usize,
    paths: Vec<Path>,
}

impl<'code> Reader<'code> {
    fn peek(&self) -> Option<Token<'code>> {
        self.tokens.get(self.at).copied()
    }

    fn is_at(&self, sign: &str) -> bool {
        self.peek().is_some_and(|token| token.text == sign)
    }

    fn before(&self) -> &'code str {
        let before = self.at.checked_sub(1).and_then(|at| self.tokens.get(at));
        before.map_or("", |token| token.text)
    }

    /// Reads a path whose first names are known, and goes on to what stands after it.
    fn path(&mut self, known: &[String], before: &str) {
        let mut names = known.to_vec();
        let mut line = 0;
        while let Some(token) = self.peek().filter(|token| token.is_name()) {
            names.push(token.text.to_owned());
            line = token.line;
            self.at += 1;
            if !self.is_at("::") {
                break;
            }
            self.at += 1;
        }
        let after = self.peek().map_or("", |token| token.text).to_owned();
        let before = before.to_owned();
        if line > 0 {
            self.paths.push(Path {
                line,
                names: names.clone(),
                before,
                after,
            });
        }
        if self.before() == "::" && self.is_at("{") {
            self.group(&names);
        }
    }

    /// Reads `{b, c::d as e}` after a path.
    fn group(&mut self, names: &[String]) {
        self.at += 1;
        while let Some(token) = self.peek() {
            match token.text {
                "}" => {
                    self.at += 1;
                    return;
                }
                // A new name for what was named before belongs to no path.
                "as" => {
                    self.at += 1;
                    self.path(&[], "as");
                }
                _ if token.is_name() => self.path(names, self.before()),
                _ => self.at += 1,
            }
        }
    }
}

/// Names, numbers and signs; `::` and `->` are one sign each.
fn tokens(code: &str) -> Vec<Token<'_>> {
    (1..)
        .zip(code.lines())
        .flat_map(|(line, text)| tokens_of_line(line, text))
        .collect()
}

fn tokens_of_line(line: usize, text: &str) -> Vec<Token<'_>> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let length = match first {
            _ if is_of_a_name(first) => rest.find(|sign| !is_of_a_name(sign)).unwrap_or(rest.len()),
            _ if rest.starts_with("::") || rest.starts_with("->") => 2,
            _ => first.len_utf8(),
        };
        let (text, after) = rest.split_at(length);
        tokens.push(Token { line, text });
        rest = after.trim_start();
    }
    tokens
}

#[cfg(test)]
mod tests {
    use super::{Path, paths};

    fn spelled(text: &str) -> Vec<String> {
        paths(text)
            .iter()
            .map(|path| path.names.join("::"))
            .collect()
    }

    #[test]
    fn a_group_is_spelled_out() {
        assert_eq!(
            spelled("use crate::a::{self, b::{C, D as E}, f};\nuse g::*;"),
            [
                "use",
                "crate::a",
                "crate::a::self",
                "crate::a::b",
                "crate::a::b::C",
                "crate::a::b::D",
                "E",
                "crate::a::f",
                "use",
                "g"
            ]
        );
    }

    #[test]
    fn a_path_broken_over_lines_is_one_path() {
        assert_eq!(
            spelled("plans\n    ::disclosed_to(a)"),
            ["plans::disclosed_to", "a"]
        );
    }

    #[test]
    fn a_path_knows_its_line_and_what_stands_around_it() {
        let found = paths("fn a()\n-> Access { b }");
        let access = Path {
            line: 2,
            names: vec!["Access".to_owned()],
            before: "->".to_owned(),
            after: "{".to_owned(),
        };
        assert!(found.contains(&access), "{found:?}");
    }

    #[test]
    fn a_path_holds_whole_names_only() {
        let found = paths("accesses::recorded_at");
        assert!(found.iter().all(|path| !path.holds("accesses::record")));
        assert!(
            paths("store::accesses::record")
                .iter()
                .any(|path| path.holds("accesses::record"))
        );
    }

    #[test]
    fn comments_and_quoted_words_are_no_names() {
        assert_eq!(spelled("a // b\n\"c\" /* d */"), ["a"]);
    }
}
