//! What the chapters on uploads look at: an acknowledgement as an authority's system reads it, and
//! everything that a file could have changed.

use cpis_fhir::domain::upload::{FileCode, RecordCode};
use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;

use super::answers::Answer;
use super::plans::{PlanLine, file};
use super::service::TestService;
use super::urls::form;

/// An acknowledgement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Acknowledgement {
    /// The file's number.
    pub sequence: String,
    /// The code of the file.
    pub code: String,
    /// When the service took it in.
    pub received_at: String,
    /// How many records it had, how many are loaded, how many refused.
    pub counts: [usize; 3],
    /// What became of each record.
    pub records: Vec<RecordResult>,
}

/// What became of a record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecordResult {
    /// Its code.
    pub code: String,
    /// The column at fault.
    pub column: String,
    /// What stood there.
    pub echo: String,
    /// What is wrong.
    pub reason: String,
}

impl Answer {
    /// The acknowledgement in a successful answer, whose codes have their official meanings and
    /// whose records are counted from 1.
    pub fn acknowledgement(&self) -> Acknowledgement {
        assert_eq!(self.status, 200, "{}", self.text);
        assert_eq!(
            self.header("content-type"),
            Some("text/csv; charset=utf-8; header=present")
        );
        assert_eq!(self.header("cache-control"), Some("no-store"));
        let lines: Vec<csv::StringRecord> = csv::ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .from_reader(self.text.as_bytes())
            .records()
            .map(Result::unwrap)
            .collect();
        let head = &lines[1];
        assert_eq!(
            FileCode::parse(&head[1]).unwrap().meaning(),
            &head[2],
            "{}",
            self.text
        );
        Acknowledgement {
            sequence: head[0].to_owned(),
            code: head[1].to_owned(),
            received_at: head[3].to_owned(),
            counts: [4, 5, 6].map(|place| head[place].parse().unwrap()),
            records: (1..).zip(&lines[3..]).map(record_result).collect(),
        }
    }
}

fn record_result((number, line): (usize, &csv::StringRecord)) -> RecordResult {
    assert_eq!(&line[0], number.to_string());
    assert_eq!(RecordCode::parse(&line[1]).unwrap().meaning(), &line[2]);
    let cell = |place: usize| line[place].to_owned();
    RecordResult {
        code: cell(1),
        column: cell(3),
        echo: cell(4),
        reason: cell(5),
    }
}

impl Acknowledgement {
    /// Code, column and echo of each record.
    pub fn results(&self) -> Vec<(&str, &str, &str)> {
        self.records
            .iter()
            .map(|record| {
                (
                    record.code.as_str(),
                    record.column.as_str(),
                    record.echo.as_str(),
                )
            })
            .collect()
    }
}

/// A record that was taken in.
pub const TAKEN: (&str, &str, &str) = ("CPR06", "", "");

impl TestService {
    /// Sends the first file of the authority `E90001`, and gives its acknowledgement.
    pub fn uploaded(&self, plans: &[PlanLine]) -> Acknowledgement {
        self.upload_as(SandboxRole::LocalAuthority, file(1, plans).as_bytes())
            .acknowledgement()
    }

    /// The Flags that the clinician is shown for an NHS number.
    pub fn flags(&self, nhs_number: &str) -> Vec<Value> {
        let token = format!("https://fhir.nhs.uk/Id/nhs-number|{nhs_number}");
        let answer = self.post_form("Flag/_search", &form(&[("patient:identifier", &token)]));
        let flags = answer.matches();
        assert_eq!(answer.total(), u64::try_from(flags.len()).unwrap());
        flags
    }

    /// A number that changes with any row of any table that a file can change.
    pub fn held(&self) -> i64 {
        let of_table = |table: &&str| {
            format!(
                "(select hashtextextended(coalesce(string_agg(t::text, '|' order by t::text), ''), \
                 0) from {table} t)"
            )
        };
        let tables = [
            "authorities",
            "children",
            "plans",
            "plan_versions",
            "uploads",
            "upload_records",
        ];
        let hashes: Vec<String> = tables.iter().map(of_table).collect();
        self.number(&format!(
            "hashtextextended({}, 0)",
            hashes.join(" || '-' || ")
        ))
    }

    /// How many plans are held, the withdrawn included.
    pub fn plans(&self) -> i64 {
        self.number("select count(*) from plans")
    }

    /// How many earlier versions of plans are kept.
    pub fn earlier_versions(&self) -> i64 {
        self.number("select count(*) from plan_versions")
    }
}

/// NHS numbers of nobody, each once.
pub fn nhs_numbers() -> impl Iterator<Item = String> {
    nhs_numbers_from(999_100_000)
}

/// The same, from these nine digits on.
pub fn nhs_numbers_from(nine: u64) -> impl Iterator<Item = String> {
    (nine..1_000_000_000).filter_map(|nine| {
        let digits = format!("{nine:09}");
        let sum: u32 = (2..=10)
            .rev()
            .zip(digits.bytes())
            .map(|(weight, digit)| weight * u32::from(digit - b'0'))
            .sum();
        let check = (11 - sum % 11) % 11;
        (check < 10).then(|| format!("{digits}{check}"))
    })
}
