//! A Rust file in three layers: its code, what it quotes and what it comments. Each layer has the
//! length and the lines of the file, with spaces in place of the other two, so that a word in a
//! comment is never taken for a name, and a line number holds in all three.

/// The three layers of one file.
#[derive(Debug)]
pub struct Source {
    /// Names and signs.
    pub code: String,
    /// String and character literals, with their quotes.
    pub quoted: String,
    /// Comments, documentation included.
    pub comments: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Layer {
    Code,
    Quoted,
    Comment,
}

impl Source {
    /// Parts a file. It never fails: what is not Rust comes out as code.
    pub fn of(text: &str) -> Self {
        let parts = parts(text);
        Self {
            code: layer(&parts, Layer::Code),
            quoted: layer(&parts, Layer::Quoted),
            comments: layer(&parts, Layer::Comment),
        }
    }
}

fn layer(parts: &[(Layer, &str)], wanted: Layer) -> String {
    let kept = |layer, sign| match (layer == wanted, sign) {
        (true, _) | (false, '\n') => sign,
        (false, _) => ' ',
    };
    parts
        .iter()
        .flat_map(|(layer, part)| part.chars().map(move |sign| kept(*layer, sign)))
        .collect()
}

fn parts(text: &str) -> Vec<(Layer, &str)> {
    let mut parts = Vec::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (layer, length) = part(rest, first);
        let (part, after) = rest.split_at(length);
        parts.push((layer, part));
        rest = after;
    }
    parts
}

/// The layer and the length in bytes of what stands first.
fn part(rest: &str, first: char) -> (Layer, usize) {
    match first {
        '/' if rest.starts_with("//") => (Layer::Comment, rest.find('\n').unwrap_or(rest.len())),
        '/' if rest.starts_with("/*") => (Layer::Comment, block_comment(rest)),
        '"' => (Layer::Quoted, literal(rest, '"')),
        '\'' if is_character(rest) => (Layer::Quoted, literal(rest, '\'')),
        _ if is_of_a_name(first) => match raw_literal(rest) {
            Some(length) => (Layer::Quoted, length),
            None => (Layer::Code, name(rest).len()),
        },
        _ => (Layer::Code, first.len_utf8()),
    }
}

/// A block comment ends where as many have ended as have begun.
fn block_comment(rest: &str) -> usize {
    let mut depth = 0_usize;
    let mut inside = rest;
    while !inside.is_empty() {
        let step = match inside {
            _ if inside.starts_with("/*") => {
                depth += 1;
                2
            }
            _ if inside.starts_with("*/") => {
                depth -= 1;
                2
            }
            _ => inside.chars().next().map_or(1, char::len_utf8),
        };
        inside = inside.split_at(step).1;
        if depth == 0 {
            break;
        }
    }
    rest.len() - inside.len()
}

/// A literal ends at its quote, unless a backslash stands before it.
fn literal(rest: &str, quote: char) -> usize {
    let mut escaped = false;
    for (at, sign) in rest.char_indices().skip(1) {
        match sign {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if sign == quote => return at + sign.len_utf8(),
            _ => {}
        }
    }
    rest.len()
}

/// A character has its closing quote after one sign; a lifetime has none.
fn is_character(rest: &str) -> bool {
    rest.starts_with("'\\") || rest.chars().nth(2) == Some('\'')
}

/// The length of a raw literal such as `r"…"`, `br#"…"#`; `None` where none stands first.
fn raw_literal(rest: &str) -> Option<usize> {
    let prefix = name(rest);
    let after = rest.strip_prefix(prefix)?;
    let inside = after.trim_start_matches('#');
    let hashes = after.len() - inside.len();
    if !matches!(prefix, "r" | "br" | "cr") || !inside.starts_with('"') {
        return None;
    }
    let end = format!("\"{}", "#".repeat(hashes));
    let start = prefix.len() + hashes + 1;
    let (_, body) = rest.split_at(start);
    Some(
        body.find(&end)
            .map_or(rest.len(), |at| start + at + end.len()),
    )
}

/// The name or number that stands first.
fn name(rest: &str) -> &str {
    let end = rest.find(|sign| !is_of_a_name(sign)).unwrap_or(rest.len());
    rest.split_at(end).0
}

/// Whether a sign can stand in a name.
pub fn is_of_a_name(sign: char) -> bool {
    sign.is_alphanumeric() || sign == '_'
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn code_words_in_quotes_and_comments_are_kept_apart() {
        let source = Source::of("let a = \"b // c\"; // d \"e\"\nf");
        assert_eq!(source.code, "let a =         ;         \nf");
        assert_eq!(source.quoted.trim(), "\"b // c\"");
        assert_eq!(source.comments.trim(), "// d \"e\"");
    }

    #[test]
    fn a_raw_literal_ends_at_its_own_hashes() {
        let source = Source::of("x(r#\"a \" b\"#, br\"c\\\", r#type, b\"d\", for_r\"e\");");
        assert_eq!(
            source.quoted.split_whitespace().collect::<Vec<_>>(),
            ["r#\"a", "\"", "b\"#", "br\"c\\\"", "\"d\"", "\"e\""]
        );
        assert!(source.code.contains("r#type"));
    }

    #[test]
    fn a_lifetime_is_code_and_a_character_is_quoted() {
        let source = Source::of("fn a<'b>(c: &'b str) -> bool { c == '\\'' || c == '\"' || e }");
        assert_eq!(
            source.quoted.split_whitespace().collect::<Vec<_>>(),
            ["'\\''", "'\"'"]
        );
        assert!(source.code.contains("fn a<'b>(c: &'b str)"));
        assert!(source.code.contains("|| e }"));
    }

    #[test]
    fn a_block_comment_may_hold_another() {
        let source = Source::of("a /* b /* c */ d */ e");
        assert_eq!(source.code, "a                   e");
    }

    #[test]
    fn an_escaped_quote_does_not_end_a_literal() {
        assert_eq!(Source::of(r#"a("b\"c\\", d)"#).code, "a(        , d)");
    }

    #[test]
    fn each_layer_has_the_lines_of_the_file() {
        let source = Source::of("a\n\"b\nc\"\n/* d\n */ e");
        assert_eq!(source.code.lines().count(), 5);
        assert_eq!(source.quoted.lines().nth(2).map(str::trim), Some("c\""));
    }

    #[test]
    fn what_never_ends_does_not_stop_the_reader() {
        for text in ["\"a", "r#\"a", "/* a", "'\\", "'", "//", "é", "'é'"] {
            let source = Source::of(text);
            assert_eq!(source.code.chars().count(), text.chars().count());
        }
    }
}
