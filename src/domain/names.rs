//! When two names are the same: case, accents, hyphens, spaces and apostrophes tell nobody apart.

use unicode_normalization::UnicodeNormalization as _;
use unicode_normalization::char::is_combining_mark;

/// The steps in which first names are compared, in the order they are tried; the first that holds
/// ends it. The first three are those of the authorities' systems (Mosaic 11848903). What the
/// fourth is there is not published; ours compares the parts of compound names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NameStep {
    /// All first names are all given names.
    AllNames,
    /// The first name is the first given name.
    FirstName,
    /// The first name is one of the given names.
    AnyName,
    /// The first name's parts, as a hyphen or a space divides them, begin the given names; or the
    /// first given name's parts begin the first names. An initial is never enough: twins share the
    /// surname and the date of birth, and often the initial.
    LeadingParts,
}

/// Whether two family names are the same.
#[must_use]
pub fn same_family_name(told: &str, registered: &str) -> bool {
    let told = folded(told);
    !told.is_empty() && told == folded(registered)
}

/// The first step by which first names agree with the register's given names; none where they do
/// not.
#[must_use]
pub fn first_names_agree(told: &str, given_names: &[String]) -> Option<NameStep> {
    let told_names = names(told);
    let registered: Vec<String> = given_names.iter().flat_map(|name| names(name)).collect();
    let (first, registered_first) = (told_names.first()?, registered.first()?);
    if folded(told)
        == registered
            .iter()
            .map(|name| folded(name))
            .collect::<String>()
    {
        return Some(NameStep::AllNames);
    }
    if folded(first) == folded(registered_first) {
        return Some(NameStep::FirstName);
    }
    if registered.iter().any(|name| folded(name) == folded(first)) {
        return Some(NameStep::AnyName);
    }
    let begins = |whole: &[String], first: &str| all_parts(whole).starts_with(&parts(first));
    (begins(&registered, first) || begins(&told_names, registered_first))
        .then_some(NameStep::LeadingParts)
}

/// A name as it is compared: letters and digits only, in lower case, without accents.
#[must_use]
pub fn folded(text: &str) -> String {
    text.nfkd()
        .flat_map(char::to_lowercase)
        .nfkd()
        .filter(|sign| !is_combining_mark(*sign) && sign.is_alphanumeric())
        .fold(String::new(), |mut folded, letter| {
            match spelled_out(letter) {
                Some(letters) => folded.push_str(letters),
                None => folded.push(letter),
            }
            folded
        })
}

/// Letters that no accent makes, as those without them on their keyboards write them.
fn spelled_out(letter: char) -> Option<&'static str> {
    Some(match letter {
        'ß' => "ss",
        'æ' => "ae",
        'œ' => "oe",
        'ø' => "o",
        'ł' => "l",
        'đ' | 'ð' => "d",
        'þ' => "th",
        'ı' => "i",
        _ => return None,
    })
}

/// The names in a text, as spaces divide them, each with a letter or digit in it.
fn names(text: &str) -> Vec<String> {
    kept(text.split_whitespace())
}

/// The parts of a name, folded, as hyphens divide it.
fn parts(name: &str) -> Vec<String> {
    let is_hyphen = |sign: char| matches!(sign, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}');
    kept(name.split(is_hyphen))
        .iter()
        .map(|part| folded(part))
        .collect()
}

fn all_parts(names: &[String]) -> Vec<String> {
    names.iter().flat_map(|name| parts(name)).collect()
}

fn kept<'text>(pieces: impl Iterator<Item = &'text str>) -> Vec<String> {
    pieces
        .filter(|piece| !folded(piece).is_empty())
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
#[path = "names_rules.rs"]
mod rules;
