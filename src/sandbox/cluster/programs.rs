//! Finds PostgreSQL's programs, and runs one to its end.
//! What `pg_config` tells: <https://www.postgresql.org/docs/15/app-pgconfig.html>.

use std::cmp::Reverse;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use super::ClusterError;

/// The oldest PostgreSQL that the migrations and the settings are written for.
const VERSION_MIN: u32 = 15;

/// Where Debian keeps the programs of each version, in a folder named for it.
const DEBIAN_FOLDER: &str = "/usr/lib/postgresql";

/// The folder of one PostgreSQL's programs.
#[derive(Debug)]
pub(super) struct Programs {
    folder: PathBuf,
}

impl Programs {
    /// The newest PostgreSQL that will do, or the one whose major version is `wanted`: data made
    /// by one version cannot be read by another. Of equals, the first in the order tried.
    pub(super) fn find(wanted: Option<u32>) -> Result<Self, ClusterError> {
        let will_do = |version: u32| wanted.map_or(version >= VERSION_MIN, |w| version == w);
        let newest = folders_to_try()
            .into_iter()
            .filter(|folder| folder.join("initdb").is_file() && folder.join("pg_ctl").is_file())
            .filter_map(|folder| Some((version_of(&folder)?, folder)))
            .filter(|(version, _)| will_do(*version))
            .min_by_key(|(version, _)| Reverse(*version));
        match newest {
            Some((_, folder)) => Ok(Self { folder }),
            None => Err(ClusterError::NotInstalled {
                wanted: wanted.map_or(format!("{VERSION_MIN} or newer"), |w| {
                    format!("{w} (it made the data)")
                }),
            }),
        }
    }

    /// Where the program called `name` is.
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }
}

/// Runs a program to its end and returns what it printed.
pub(super) fn output(mut command: Command) -> Result<String, ClusterError> {
    let program = command.get_program().to_string_lossy().into_owned();
    let output = command
        .stdin(Stdio::null())
        .output()
        .map_err(|error| ClusterError::Program {
            program: program.clone(),
            said: error.to_string(),
        })?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let printed = [output.stderr, output.stdout].concat();
    Err(ClusterError::Program {
        program,
        said: String::from_utf8_lossy(&printed).trim().to_owned(),
    })
}

/// Every folder that may hold the programs: what `pg_config` says, Debian's, and the `PATH`.
fn folders_to_try() -> Vec<PathBuf> {
    let mut told = Command::new("pg_config");
    told.arg("--bindir");
    let told = output(told).ok().map(|line| PathBuf::from(line.trim_end()));
    let debian = fs::read_dir(DEBIAN_FOLDER).into_iter().flatten().flatten();
    let path = std::env::var_os("PATH").unwrap_or_default();
    told.into_iter()
        .chain(debian.map(|version| version.path().join("bin")))
        .chain(std::env::split_paths(&path))
        .collect()
}

/// The major version of the `postgres` in `folder`, if one is there and runs.
fn version_of(folder: &Path) -> Option<u32> {
    let postgres = folder.join("postgres");
    if !postgres.is_file() {
        return None;
    }
    let mut version = Command::new(postgres);
    version.arg("--version");
    major_version(&output(version).ok()?)
}

/// Reads `postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)`, or `16beta1` in its place.
fn major_version(line: &str) -> Option<u32> {
    let (_, version) = line.split_once("(PostgreSQL) ")?;
    let end = version
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(version.len());
    version.get(..end)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, proptest};

    use super::major_version;

    #[test]
    fn a_beta_counts_as_its_major_version() {
        assert_eq!(major_version("postgres (PostgreSQL) 19beta1"), Some(19));
        assert_eq!(
            major_version("postgres (PostgreSQL) 15.18 (Debian 15.18-0+deb12u1)"),
            Some(15)
        );
        assert_eq!(major_version("postgres 15.18"), None);
    }

    proptest! {
        #[test]
        fn the_major_version_is_read_back_from_what_postgres_prints(
            major in any::<u32>(),
            minor in any::<u32>(),
        ) {
            let printed = format!("postgres (PostgreSQL) {major}.{minor}\n");
            assert_eq!(major_version(&printed), Some(major));
        }

        #[test]
        fn no_line_stops_us_from_looking_further(line in "\\PC*") {
            let _version = major_version(&line);
        }
    }
}
