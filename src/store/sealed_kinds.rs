//! Which kinds of rows are sealed, and what of them a sealed row shows.

/// A kind of row that is sealed.
#[derive(Debug)]
pub struct SealedKind {
    /// Its name in a leaf; never changed once rows of it are sealed.
    pub name: &'static str,
    /// Its table.
    pub table: &'static str,
    /// The column that a row is known by, together with its moment.
    pub id: &'static str,
    /// The column of the row's moment.
    pub moment: &'static str,
    /// Every column of the table in order, and whether a sealed row shows it. A column that is
    /// added later is added here at the end.
    pub columns: &'static [(&'static str, bool)],
    /// Whether its rows lie in months, and leave with them.
    pub in_months: bool,
}

/// The kinds there are. A table that joins them has a `transaction_id` as `accesses` has.
pub static SEALED_KINDS: [SealedKind; 4] = [ACCESS, ANSWER, REFUSAL, RETIREMENT];

const ACCESS: SealedKind = SealedKind {
    name: "access",
    table: "accesses",
    id: "id",
    moment: "recorded_at",
    columns: &[
        ("nhs_number", false),
        ("recorded_at", true),
        ("id", true),
        ("request_id", true),
        ("interaction", true),
        ("asked", false),
        ("client_id", true),
        ("organisation_code", true),
        ("organisation_name", true),
        ("practitioner_id", false),
        ("practitioner_name", false),
        ("role_profile_id", false),
        ("job_role_code", false),
        ("job_role_name", false),
        ("care_setting", true),
        ("transaction_id", true),
    ],
    in_months: true,
};

/// What a look was answered with: keyed digests, which name nobody.
const ANSWER: SealedKind = SealedKind {
    name: "answer",
    table: "access_answers",
    id: "access_id",
    moment: "recorded_at",
    columns: &[
        ("access_id", true),
        ("recorded_at", true),
        ("status", true),
        ("body_digest", true),
        ("access_digest", true),
        ("transaction_id", true),
    ],
    in_months: true,
};

/// A refusal in the security log: whom it names is nobody's business but the operator's.
const REFUSAL: SealedKind = SealedKind {
    name: "refusal",
    table: "security_log",
    id: "id",
    moment: "logged_at",
    columns: &[
        ("id", true),
        ("logged_at", true),
        ("request_id", false),
        ("route", false),
        ("reason", false),
        ("client_id", false),
        ("organisation_code", false),
        ("practitioner_id", false),
        ("times", false),
        ("transaction_id", true),
        ("address", false),
    ],
    in_months: true,
};

/// That a month left the database. Who said so is the operator's business.
const RETIREMENT: SealedKind = SealedKind {
    name: "retirement",
    table: "retirements",
    id: "id",
    moment: "retired_at",
    columns: &[
        ("id", true),
        ("retired_at", true),
        ("month", true),
        ("manifest", false),
        ("confirmed_by", false),
        ("authenticity", true),
        ("transaction_id", true),
    ],
    in_months: false,
};
