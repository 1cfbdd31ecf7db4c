//! `organisation`: which organisations may look, for the operator.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::Subcommand;

use crate::clock::{Clock as _, SystemClock};
use crate::commands::Failure;
use crate::commands::telling::line;
use crate::domain::caller::Organisation;
use crate::domain::care_setting::RegisteredCareSettings;
use crate::domain::ods_code::OdsCode;
use crate::settings::Settings;
use crate::store::operator::Operator;
use crate::store::organisations;

/// The columns of an organisations' file.
const COLUMNS: [&str; 3] = ["ods_code", "name", "care_settings"];

/// What to do about organisations. A change counts within a minute in every process.
#[derive(Debug, Subcommand)]
pub enum OrganisationCommand {
    /// List every organisation.
    List {
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Put the organisations of a file on the register, all or none; those that are not in it stay.
    Import {
        /// A CSV file with the columns `ods_code`, `name` and `care_settings` (unscheduled,
        /// scheduled or both).
        file: PathBuf,
        /// Who registers them.
        #[arg(long, value_name = "PERSON")]
        by: String,
        /// A TOML file of settings; the environment comes over it.
        #[arg(long, value_name = "FILE")]
        settings: Option<PathBuf>,
    },
    /// Take an organisation off the register.
    Remove {
        /// Its ODS code.
        code: String,
        /// Who takes it off.
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
pub fn run(command: OrganisationCommand) -> Result<ExitCode, Failure> {
    let now = SystemClock.now();
    match command {
        OrganisationCommand::List { settings } => {
            let mut listed: Vec<Organisation> = operator(settings.as_deref())?
                .run(organisations::register)?
                .into_values()
                .collect();
            listed.sort_by(|one, other| one.code.cmp(&other.code));
            for organisation in listed {
                line(&organisation)?;
            }
        }
        OrganisationCommand::Import { file, by, settings } => {
            let read = csv::Reader::from_path(&file)
                .map_err(|cause| format!("{}: {cause}", file.display()))?;
            let imported = organisations_of(read)?;
            operator(settings.as_deref())?
                .run(|postgres| organisations::import(postgres, &imported, (&by, now)))?;
            line(format_args!("{} organisations", imported.len()))?;
        }
        OrganisationCommand::Remove { code, by, settings } => {
            let code = OdsCode::parse(&code)?;
            let removed = operator(settings.as_deref())?
                .run(|postgres| organisations::remove(postgres, &code, (&by, now)))?;
            if !removed {
                return Err(format!("{code} is not on the register").into());
            }
            line(format_args!("{code} removed"))?;
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn operator(settings: Option<&Path>) -> Result<Operator, Failure> {
    let settings = Settings::load(settings)?;
    Ok(Operator::connect(settings.owner_database_url()?.expose())?)
}

/// Reads a file, all of which must be usable.
fn organisations_of<R: std::io::Read>(
    mut read: csv::Reader<R>,
) -> Result<Vec<Organisation>, Failure> {
    if read.headers()?.iter().ne(COLUMNS) {
        return Err(format!("the first line must be {}", COLUMNS.join(",")).into());
    }
    let mut organisations = Vec::new();
    for (line, record) in (2..).zip(read.records()) {
        let record = record?;
        let [code, name, care_settings] =
            [0, 1, 2].map(|column| record.get(column).unwrap_or_default().trim());
        let wrong = |what: &str| format!("line {line}: {what}");
        if !(1..=200).contains(&name.chars().count()) {
            return Err(wrong("a name has 1 to 200 characters").into());
        }
        organisations.push(Organisation {
            code: OdsCode::parse(code).map_err(|cause| wrong(&cause.to_string()))?,
            name: name.to_owned(),
            care_settings: RegisteredCareSettings::parse(care_settings)
                .ok_or_else(|| wrong("care_settings is unscheduled, scheduled or both"))?,
        });
    }
    Ok(organisations)
}

#[cfg(test)]
mod tests {
    #![expect(clippy::unwrap_used, reason = "a test that cannot go on should stop")]

    use proptest::prelude::{any, proptest};

    use super::organisations_of;

    fn lines(text: &str) -> Result<Vec<String>, String> {
        match organisations_of(csv::Reader::from_reader(text.as_bytes())) {
            Ok(read) => Ok(read.iter().map(ToString::to_string).collect()),
            Err(wrong) => Err(wrong.to_string()),
        }
    }

    #[test]
    fn a_file_is_read_whole_or_refused_by_its_line() {
        let head = "ods_code,name,care_settings\n";
        let read = lines(&format!(
            "{head}RQX99,\"A, and B\",both\nRYH99,C,scheduled\n"
        ));
        assert_eq!(read.unwrap(), ["RQX99 both A, and B", "RYH99 scheduled C"]);
        for (line, wrong) in [
            ("rqx99,A,both", "line 2: an ODS code"),
            ("RQX99,,both", "line 2: a name"),
            ("RQX99,A,often", "line 2: care_settings"),
        ] {
            let refused = lines(&format!("{head}{line}\n")).unwrap_err();
            assert!(refused.starts_with(wrong), "{refused}");
        }
        assert!(
            lines("code,name\n")
                .unwrap_err()
                .starts_with("the first line")
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_or_refused(text in any::<String>()) {
            let _ = lines(&text);
        }
    }
}
