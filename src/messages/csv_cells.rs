//! The lines of a CSV file that is written here, in the form of RFC 4180
//! (<https://www.rfc-editor.org/rfc/rfc4180>), safe to open in a spreadsheet.

/// The media type of what is written (RFC 7111, RFC 4180).
pub const MEDIA_TYPE: &str = "text/csv; charset=utf-8; header=present";

/// What a spreadsheet takes for the beginning of a formula, full-width forms included
/// (<https://owasp.org/www-community/attacks/CSV_Injection>).
pub(super) const FORMULA_STARTS: [char; 11] =
    ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// Adds a line.
pub(super) fn push_line(text: &mut String, cells: &[&str]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        push_cell(text, cell);
    }
    text.push_str("\r\n");
}

fn push_cell(text: &mut String, cell: &str) {
    // A cell may hold what somebody sent: opened in a spreadsheet, it must show and not run.
    let shield = if cell.starts_with(FORMULA_STARTS) {
        "'"
    } else {
        ""
    };
    if cell.contains(['"', ',', '\r', '\n']) {
        text.push('"');
        text.push_str(shield);
        text.push_str(&cell.replace('"', "\"\""));
        text.push('"');
    } else {
        text.push_str(shield);
        text.push_str(cell);
    }
}
