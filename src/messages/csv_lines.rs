//! A file's lines and cells, read strictly (RFC 4180, <https://www.rfc-editor.org/rfc/rfc4180>).
//!
//! The `csv` crate forgives stray and unbalanced quotes by guessing. A guess may move a date into
//! another child's plan, so the text is checked first and whatever needs a guess is refused.

use csv::{Reader, ReaderBuilder, StringRecord};

use crate::domain::record_field::RecordField;
use crate::messages::file_refusal::FileRefusal;

/// The most cells of a line: far beyond any padding of a spreadsheet, and a bound on memory.
const CELLS_MAX: usize = 1_000;

/// What spreadsheets put in front of UTF-8.
const BYTE_ORDER_MARK: &[u8] = b"\xEF\xBB\xBF";

/// The lines of a file that hold anything, one at a time.
pub(super) struct Lines<'a> {
    text: &'a str,
    reader: Reader<&'a [u8]>,
    cells: StringRecord,
}

/// What a column is known by.
pub(super) trait Column: Copy {
    /// Its name in the file.
    fn name(self) -> &'static str;
}

impl Column for &'static str {
    fn name(self) -> &'static str {
        self
    }
}

impl Column for RecordField {
    fn name(self) -> &'static str {
        Self::name(self)
    }
}

/// One cell as it was sent, and the column it stands in.
#[derive(Clone, Copy)]
pub(super) struct Cell<'a, C> {
    /// Its column.
    pub(super) column: C,
    /// Its text as it was sent.
    pub(super) sent: &'a str,
}

impl<'a, C> Cell<'a, C> {
    /// Its text without the spaces around it.
    pub(super) fn value(&self) -> &'a str {
        self.sent.trim_matches(' ')
    }
}

/// Where each column stands, as a line of names says.
pub(super) struct Columns<C, const N: usize> {
    line: u64,
    /// How many cells the line has, a spreadsheet's padding included.
    width: usize,
    places: [(C, usize); N],
}

impl<'a> Lines<'a> {
    /// Takes a file whose text is sound.
    pub(super) fn of(file: &'a [u8]) -> Result<Self, FileRefusal> {
        let text = text_of(file)?;
        check_form(text)?;
        let reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        Ok(Self {
            text,
            reader,
            cells: StringRecord::new(),
        })
    }

    /// Goes to the next line that is not blank; false at the end of the file.
    pub(super) fn advance(&mut self) -> Result<bool, FileRefusal> {
        loop {
            let found = self
                .reader
                .read_record(&mut self.cells)
                .map_err(|error| FileRefusal::of_file(&error.to_string()))?;
            // A spreadsheet writes a blank line as commas only.
            if !found || self.cells.iter().any(is_filled) {
                return Ok(found);
            }
        }
    }

    /// The number of the line last read, from 1. It counts anew each time, so ask it once.
    pub(super) fn number(&self) -> u64 {
        let read = self.cells.position().map_or(0, csv::Position::byte);
        let start = usize::try_from(read).unwrap_or(usize::MAX);
        let rest = self.text.get(start..).unwrap_or_default();
        // The reader leaves line ends for the next line to skip.
        let skipped = rest.len() - rest.trim_start_matches(['\r', '\n']).len();
        line_at(self.text.as_bytes(), start.saturating_add(skipped))
    }

    /// Reads the next line as the names of columns: each of these once, in any order.
    pub(super) fn columns<C: Column, const N: usize>(
        &mut self,
        columns: [C; N],
    ) -> Result<Columns<C, N>, FileRefusal> {
        let names = columns.map(Column::name);
        let expected = names.join(",");
        if !self.advance()? {
            let reason = format!("the file ends before the line of columns {expected}");
            return Err(FileRefusal::of_file(&reason));
        }
        let line = self.number();
        let given: Vec<&str> = self
            .cells
            .iter()
            .map(|name| name.trim_matches(' '))
            .collect();
        let filled = given
            .iter()
            .rposition(|name| is_filled(name))
            .map_or(0, |last| last + 1);
        for (place, name) in given.iter().take(filled).enumerate() {
            if !names.contains(name) {
                // The name is not repeated: where this line was left out, it is a value.
                let place = place + 1;
                let reason = format!("cell {place} names no column; the columns are {expected}");
                return Err(FileRefusal::of_line(line, &reason));
            }
        }
        let mut places = columns.map(|column| (column, 0));
        for (column, place) in &mut places {
            let name = column.name();
            *place = only_place(&given, name).map_err(|reason| {
                FileRefusal::of_column(line, name, &format!("{reason}; the columns are {expected}"))
            })?;
        }
        let width = self.cells.len();
        Ok(Columns {
            line,
            width,
            places,
        })
    }

    /// The cells of the line last read, in the order in which the columns were asked for.
    pub(super) fn cells<C: Column, const N: usize>(
        &self,
        columns: &Columns<C, N>,
    ) -> Result<[Cell<'_, C>; N], FileRefusal> {
        // As wide as the names above it, and no wider: one comma too many would read a plan's end
        // as the day of its withdrawal.
        let surplus = self.cells.iter().skip(N).any(is_filled);
        if self.cells.len() != columns.width || surplus {
            let (found, named) = (self.cells.len(), columns.line);
            let reason = format!("it has {found} cells where line {named} names {N} columns");
            return Err(FileRefusal::of_line(self.number(), &reason));
        }
        Ok(columns.places.map(|(column, place)| Cell {
            column,
            sent: self.cells.get(place).unwrap_or_default(),
        }))
    }
}

fn is_filled(cell: &str) -> bool {
    !cell.trim_matches(' ').is_empty()
}

fn only_place(given: &[&str], name: &str) -> Result<usize, &'static str> {
    let mut places = given
        .iter()
        .enumerate()
        .filter(|(_, other)| **other == name);
    match (places.next(), places.next()) {
        (Some((place, _)), None) => Ok(place),
        (None, _) => Err("the column is missing"),
        (Some(_), Some(_)) => Err("the column is named more than once"),
    }
}

fn text_of(file: &[u8]) -> Result<&str, FileRefusal> {
    let bytes = file.strip_prefix(BYTE_ORDER_MARK).unwrap_or(file);
    let text = std::str::from_utf8(bytes).map_err(|error| {
        let line = line_at(bytes, error.valid_up_to());
        FileRefusal::of_line(line, "it is not UTF-8; save the file as \"CSV UTF-8\"")
    })?;
    if text.trim().is_empty() {
        return Err(FileRefusal::of_file("the file is empty"));
    }
    match text.find('\0') {
        Some(at) => {
            let reason = "it holds a NUL character; save the file as \"CSV UTF-8\"";
            Err(FileRefusal::of_line(line_at(bytes, at), reason))
        }
        None => Ok(text),
    }
}

/// Where the reading of the form stands.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    CellStart,
    Unquoted,
    Quoted,
    /// After a quote within quotes: the cell's end, or half of a doubled quote.
    Quote,
    Return,
}

fn check_form(text: &str) -> Result<(), FileRefusal> {
    let refuse = |at, reason| Err(FileRefusal::of_line(line_at(text.as_bytes(), at), reason));
    let (mut place, mut cells, mut quote) = (Place::CellStart, 1, 0);
    for (at, byte) in text.bytes().enumerate() {
        place = match (place, byte) {
            (Place::Quoted, b'"') => Place::Quote,
            (Place::Quoted, _) | (Place::Quote, b'"') => Place::Quoted,
            (Place::CellStart, b'"') => {
                quote = at;
                Place::Quoted
            }
            (_, b'\n') => {
                cells = 1;
                Place::CellStart
            }
            (Place::Return, _) => return refuse(at, LONE_RETURN),
            (_, b'\r') => Place::Return,
            (_, b',') if cells == CELLS_MAX => return refuse(at, TOO_MANY_CELLS),
            (_, b',') => {
                cells += 1;
                Place::CellStart
            }
            (Place::Quote, _) | (Place::Unquoted, b'"') => return refuse(at, STRAY_QUOTE),
            (Place::CellStart | Place::Unquoted, _) => Place::Unquoted,
        };
    }
    match place {
        Place::Quoted => refuse(quote, OPEN_QUOTE),
        Place::Return => refuse(text.len(), LONE_RETURN),
        Place::CellStart | Place::Unquoted | Place::Quote => Ok(()),
    }
}

const LONE_RETURN: &str = "a line ends with CR LF or with LF, not with CR alone";
const TOO_MANY_CELLS: &str = "it has more than 1000 cells";
const OPEN_QUOTE: &str = "a quoted cell begins here and never ends";
const STRAY_QUOTE: &str = "a quote stands inside a cell; a cell that holds a quote is quoted as a \
                           whole, and each quote within it doubled";

fn line_at(bytes: &[u8], at: usize) -> u64 {
    let before = bytes.iter().take(at).filter(|byte| **byte == b'\n').count();
    u64::try_from(before).unwrap_or(u64::MAX).saturating_add(1)
}

#[cfg(test)]
#[path = "csv_lines_rules.rs"]
mod tests;
