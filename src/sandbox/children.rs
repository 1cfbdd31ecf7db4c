//! The sandbox's synthetic children, and the uploads in which their authorities tell of them.
//!
//! Days count from the day the sandbox starts, so that each plan stands in its window whenever that
//! is. NHS numbers are of the range 999 000 0000 to 999 999 9999, which no person is ever given.

use chrono::{DateTime, Datelike, Days, NaiveDate, SecondsFormat, TimeDelta, Utc};

/// A synthetic child, and what the service holds of it.
#[derive(Debug, Clone, Copy)]
pub struct SandboxChild {
    /// The NHS number to search by.
    pub nhs_number: &'static str,
    /// The family name, as every register has it.
    pub family_name: &'static str,
    /// All given names.
    pub given_names: &'static str,
    /// What is held, in words.
    pub holds: &'static str,
    /// How many plans a search shows.
    pub visible_plans: usize,
}

/// A file that an authority uploads, and when.
#[derive(Debug, Clone)]
pub struct SandboxUpload {
    /// The authority's ODS code.
    pub authority: &'static str,
    /// The file (`docs/upload-csv.md`).
    pub csv: String,
    /// The moment it was taken in, which need not be now: some plans are of last year.
    pub told_at: DateTime<Utc>,
}

/// Every synthetic child.
pub const CHILDREN: [SandboxChild; 9] = [
    child("9990000018", ["Frost", "Nia"], "no plan", 0),
    child(
        "9990000026",
        ["Okonkwo", "Ada Grace"],
        "a child protection plan (E90001)",
        1,
    ),
    child("9990000034", ["Ellis", "Tom"], "looked after (E90002)", 1),
    child(
        "9990000042",
        ["O'Brien", "Maya"],
        "a child protection plan, and one for her unborn child (E90001)",
        2,
    ),
    child(
        "9990000050",
        ["Khan", "Sami"],
        "a child protection plan (E90001), and looked after (E90002)",
        2,
    ),
    child(
        "9990000069",
        ["Novak", "Petr"],
        "a child protection plan that ended 30 days ago: still shown",
        1,
    ),
    child(
        "9990000077",
        ["Lewis-Hart", "Chloe"],
        "a child protection plan that ended 400 days ago: no longer shown",
        0,
    ),
    child(
        "9990000085",
        ["Begum", "Ruby"],
        "a child protection plan, withdrawn as entered in error",
        0,
    ),
    child(
        "9990000093",
        ["Osei", "Kofi James"],
        "a child protection plan that ends in two years",
        1,
    ),
];

/// The uploads, each authority's in the order of their sequence numbers and moments.
#[must_use]
pub fn uploads(today: NaiveDate, now: DateTime<Utc>) -> Vec<SandboxUpload> {
    let last_year = now
        .checked_sub_signed(TimeDelta::days(300))
        .unwrap_or(DateTime::<Utc>::MIN_UTC);
    vec![
        upload(&NORTHSHIRE, 1, last_year, &northshire_last_year(today)),
        upload(&NORTHSHIRE, 2, now, &northshire_today(today)),
        upload(&SOUTHMERE, 1, now, &southmere_today(today)),
    ]
}

struct Authority {
    code: &'static str,
    /// The head's cells from the name on.
    description: &'static str,
}

const NORTHSHIRE: Authority = Authority {
    code: "E90001",
    description: "Northshire Council,01632 960001,01632 960002",
};

const SOUTHMERE: Authority = Authority {
    code: "E90002",
    description: "Southmere Borough Council,01632 960011,",
};

/// A plan as it is told: days count from today, the age in years from the first of April.
struct ToldPlan {
    kind: &'static str,
    nhs_number: &'static str,
    age: i32,
    start: i64,
    end: Option<i64>,
    deleted: Option<i64>,
}

const fn child(
    nhs_number: &'static str,
    [family_name, given_names]: [&'static str; 2],
    holds: &'static str,
    visible_plans: usize,
) -> SandboxChild {
    SandboxChild {
        nhs_number,
        family_name,
        given_names,
        holds,
        visible_plans,
    }
}

const fn plan(kind: &'static str, nhs_number: &'static str, age: i32, start: i64) -> ToldPlan {
    ToldPlan {
        kind,
        nhs_number,
        age,
        start,
        end: None,
        deleted: None,
    }
}

const fn until(end: i64, plan: ToldPlan) -> ToldPlan {
    ToldPlan {
        end: Some(end),
        ..plan
    }
}

fn northshire_last_year(today: NaiveDate) -> Vec<String> {
    let plans = [
        until(-400, plan("CPP", "9990000077", 11, -900)),
        plan("CPP", "9990000085", 7, -320),
    ];
    plans
        .iter()
        .map(|plan| row(plan, &NORTHSHIRE, today))
        .collect()
}

fn northshire_today(today: NaiveDate) -> Vec<String> {
    let withdrawn = ToldPlan {
        deleted: Some(-1),
        ..plan("CPP", "9990000085", 7, -320)
    };
    let plans = [
        plan("CPP", "9990000026", 10, -316),
        plan("CPP", "9990000042", 16, -90),
        until(100, plan("UCPP", "9990000042", 16, -60)),
        plan("CPP", "9990000050", 5, -200),
        until(-30, plan("CPP", "9990000069", 8, -500)),
        withdrawn,
        until(730, plan("CPP", "9990000093", 3, -45)),
    ];
    plans
        .iter()
        .map(|plan| row(plan, &NORTHSHIRE, today))
        .collect()
}

fn southmere_today(today: NaiveDate) -> Vec<String> {
    let plans = [
        plan("CLA", "9990000034", 13, -700),
        plan("CLA", "9990000050", 5, -150),
    ];
    plans
        .iter()
        .map(|plan| row(plan, &SOUTHMERE, today))
        .collect()
}

fn row(plan: &ToldPlan, authority: &Authority, today: NaiveDate) -> String {
    let day = |days: i64| {
        let step = Days::new(days.unsigned_abs());
        let found = match days {
            ..0 => today.checked_sub_days(step),
            0.. => today.checked_add_days(step),
        };
        found.unwrap_or(today).to_string()
    };
    let [family_name, given_names] = CHILDREN
        .iter()
        .find(|child| child.nhs_number == plan.nhs_number)
        .map_or([""; 2], |child| [child.family_name, child.given_names]);
    [
        plan.kind,
        plan.nhs_number,
        &local_id(plan.nhs_number),
        authority.code,
        &birth_date(today, plan.age).to_string(),
        &day(plan.start),
        &plan.end.map(day).unwrap_or_default(),
        &plan.deleted.map(day).unwrap_or_default(),
        family_name,
        given_names,
    ]
    .join(",")
}

/// An identifier that is the same in each file of an authority.
fn local_id(nhs_number: &str) -> String {
    let tail: String = nhs_number.chars().skip(6).collect();
    format!("H-{tail}")
}

/// A date of birth that stays the same for a year, however often the sandbox is started.
pub(super) fn birth_date(today: NaiveDate, age: i32) -> NaiveDate {
    NaiveDate::from_ymd_opt(today.year().saturating_sub(age), 4, 1).unwrap_or(today)
}

fn upload(
    authority: &Authority,
    sequence: u32,
    told_at: DateTime<Utc>,
    rows: &[String],
) -> SandboxUpload {
    let (count, code, description) = (rows.len(), authority.code, authority.description);
    let created_at = told_at.to_rfc3339_opts(SecondsFormat::Millis, true);
    let head = format!("{sequence},{count},{created_at},{code},{description}");
    let mut lines = vec![
        "file_sequence,record_count,created_at,authority,authority_name,emergency_phone,\
         office_phone",
        &head,
        "plan_kind,nhs_number,local_id,authority,birth_date,start_date,end_date,delete_date,\
         family_name,given_names",
    ];
    lines.extend(rows.iter().map(String::as_str));
    SandboxUpload {
        authority: authority.code,
        csv: lines.join("\r\n") + "\r\n",
        told_at,
    }
}

#[cfg(test)]
#[path = "children_rules.rs"]
mod rules;
