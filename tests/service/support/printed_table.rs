//! The table of authorisation as its page prints it, read without anything that the service decides
//! by.

/// The page, from the root of the repository, where tests are run.
const PAGE: &str = "docs/authorisation.md";

/// Nothing stands in a cell.
const NOTHING: &str = "–";

/// A line of the table of requests.
#[derive(Debug, Clone)]
pub struct PrintedLine {
    /// The method.
    pub method: String,
    /// The path, from the root of the server.
    pub path: String,
    /// Of what a viewer, an uploader and a notified system are told, where they may ask.
    pub granted: [Option<String>; 3],
    /// Whoever else may ask.
    pub others: Option<String>,
    /// The SMART permissions, each a kind and letters.
    pub permissions: Vec<(String, String)>,
}

/// The roles that have a column, in its order.
pub const ROLES: [&str; 3] = ["viewer", "uploader", "notified"];

impl PrintedLine {
    /// Of what somebody of a role is told.
    pub fn granted_to(&self, role: &str) -> Option<&str> {
        let place = ROLES.iter().position(|one| *one == role).unwrap();
        self.granted[place].as_deref()
    }

    /// Whether nobody need prove to be anybody.
    pub fn is_open(&self) -> bool {
        self.others.is_some()
    }
}

/// Every line of the table of requests.
pub fn printed_lines() -> Vec<PrintedLine> {
    let page = std::fs::read_to_string(PAGE).unwrap();
    let rows = page.lines().filter(|line| line.starts_with("| `"));
    rows.map(cells)
        .filter(|cells| cells[0].contains(" /"))
        .map(|cells| {
            let [request, viewer, uploader, notified, others, permissions] =
                cells.try_into().unwrap();
            let (method, path) = request.trim_matches('`').split_once(' ').unwrap();
            PrintedLine {
                method: method.to_owned(),
                path: path.to_owned(),
                granted: [said(viewer), said(uploader), said(notified)],
                others: said(others),
                permissions: said(permissions).map_or_else(Vec::new, |said| listed(&said)),
            }
        })
        .collect()
}

fn cells(row: &str) -> Vec<&str> {
    row.trim_matches('|').split('|').map(str::trim).collect()
}

fn said(cell: &str) -> Option<String> {
    (cell != NOTHING).then(|| cell.to_owned())
}

fn listed(said: &str) -> Vec<(String, String)> {
    let each = said.split(", ").map(|one| one.trim_matches('`'));
    each.map(|one| {
        let (kind, letters) = one.split_once('.').unwrap();
        (kind.to_owned(), letters.to_owned())
    })
    .collect()
}
