//! `job-role`: what each job role may do, where a gateway names a user's role alone; for the
//! operator.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::clock::{Clock as _, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::line;
use crate::settings::Settings;
use crate::store::job_roles::{self, JobRoles};
use crate::store::operator::Operator;

/// The columns of a file of job roles.
const COLUMNS: [&str; 2] = ["job_role_code", "activity_code"];

/// What to do about job roles. A change counts within a minute in every process.
#[derive(Debug, Subcommand)]
pub enum JobRoleCommand {
    /// List every job role with its activities.
    List {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Put the job roles of a file in the place of all that are registered.
    Import {
        /// A CSV file with the columns `job_role_code` (such as R8000) and `activity_code` (such as
        /// B0107), a line for each activity.
        file: PathBuf,
        /// Who registers them.
        #[arg(long, value_name = "PERSON")]
        by: String,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
}

/// Lists or changes, as the owner of the database.
///
/// # Errors
/// [`Failure`] when a value is wrong or the database cannot be reached as its owner.
pub fn run(command: JobRoleCommand) -> Result<ExitCode, Failure> {
    match command {
        JobRoleCommand::List { settings } => {
            for (role, activities) in operator(settings.as_deref())?.run(job_roles::register)? {
                let codes: Vec<String> = activities.into_iter().collect();
                line(format_args!("{role} {}", codes.join(",")))?;
            }
        }
        JobRoleCommand::Import { file, by, settings } => {
            let read = csv::Reader::from_path(&file)
                .map_err(|cause| format!("{}: {cause}", file.display()))?;
            let roles = roles_of(read)?;
            let now = SystemClock.now();
            operator(settings.as_deref())?
                .run(|postgres| job_roles::replace(postgres, &roles, (&by, now)))?;
            line(format_args!("{} job roles", roles.len()))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn operator(settings: Option<&Path>) -> Result<Operator, Failure> {
    let settings = Settings::load(settings)?;
    Ok(Operator::connect(settings.owner_database_url()?.expose())?)
}

/// Reads a file, all of which must be usable.
fn roles_of<R: std::io::Read>(mut read: csv::Reader<R>) -> Result<JobRoles, Failure> {
    if read.headers()?.iter().ne(COLUMNS) {
        return Err(format!("the first line must be {}", COLUMNS.join(",")).into());
    }
    let mut roles = JobRoles::new();
    for (line, record) in (2..).zip(read.records()) {
        let record = record?;
        let [role, activity] = [0, 1].map(|column| record.get(column).unwrap_or_default().trim());
        if !is_code(role, 'R') || !is_code(activity, 'B') {
            let wrong = "a job role is R and digits, an activity B and digits";
            return Err(format!("line {line}: {wrong}").into());
        }
        roles
            .entry(role.to_owned())
            .or_default()
            .insert(activity.to_owned());
    }
    Ok(roles)
}

fn is_code(text: &str, letter: char) -> bool {
    let digits = text.strip_prefix(letter).unwrap_or_default();
    (1..=8).contains(&digits.len()) && digits.bytes().all(|byte| byte.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, proptest};

    use super::roles_of;

    fn read(text: &str) -> Result<usize, String> {
        let read = roles_of(csv::Reader::from_reader(text.as_bytes()));
        read.map(|roles| roles.len())
            .map_err(|wrong| wrong.to_string())
    }

    #[test]
    fn a_file_is_read_whole_or_refused_by_its_line() {
        let head = "job_role_code,activity_code\n";
        let text = format!("{head}R8000,B0107\nR8000,B0170\nR0570,B0107\n");
        assert_eq!(read(&text).unwrap(), 2);
        for line in ["8000,B0107", "R8000,0107", "R8000,", "R,B", "r1,B1"] {
            let refused = read(&format!("{head}{line}\n")).unwrap_err();
            assert!(refused.starts_with("line 2"), "{refused}");
        }
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = read(&text);
        }
    }
}
