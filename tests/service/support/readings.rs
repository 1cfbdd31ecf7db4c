//! What authorities' systems are answered as CSV, and what they leave on record.

use cpis_fhir::sandbox::role::SandboxRole;

use super::answers::Answer;
use super::service::TestService;

impl Answer {
    /// The lines of a CSV answer that nobody may keep, its names in front, each line's cells.
    pub fn csv(&self) -> Vec<Vec<String>> {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            Some("text/csv; charset=utf-8; header=present")
        );
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let mut reader = csv::ReaderBuilder::new()
            .has_headers(false)
            .from_reader(self.text.as_bytes());
        let lines = reader.records().map(Result::unwrap);
        lines
            .map(|line| line.iter().map(str::to_owned).collect())
            .collect()
    }

    /// Where the answer goes on.
    pub fn next_file(&self) -> Option<String> {
        let link = self.header("link")?;
        let (url, relation) = link.strip_prefix('<')?.split_once('>')?;
        assert_eq!(relation, "; rel=\"next\"");
        Some(url.to_owned())
    }
}

impl TestService {
    /// Asks as one of the sandbox's people or systems, with a body of CSV.
    pub fn ask_as(&self, role: SandboxRole, method: &str, path: &str, sent: &str) -> Answer {
        let bearer = format!("Bearer {}", self.token(role));
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "text/csv"),
        ];
        self.ask(method, path, &headers, sent.as_bytes())
    }

    /// What authorities have read back: who, what, how many rows and by which client.
    pub fn readings(&self) -> Vec<String> {
        self.texts(
            "select a.code || ' ' || r.what || ' ' || r.rows_told || ' ' || r.client_id \
             from authority_readings r join authorities a on a.id = r.authority_id \
             order by r.read_at, r.what, a.code, r.rows_told",
        )
    }

    /// How many refused callers the security log has for a reason.
    pub fn refused_for(&self, reason: &str) -> i64 {
        self.number(&format!(
            "select count(*) from security_log where reason = '{reason}'"
        ))
    }
}
