//! Which account runs PostgreSQL, and how a program is run as that account. PostgreSQL refuses
//! root (<https://www.postgresql.org/docs/15/postgres-user.html>), and `unsafe` is forbidden
//! here, so changing the account is left to `setpriv` and `chown`.

use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::Path;
use std::process::Command;

use super::{ClusterError, programs};

/// The account id of root.
const ROOT: u32 = 0;

/// The accounts to run as when we are root: the one that the package makes, else the least one.
const ACCOUNTS: [&str; 2] = ["postgres", "nobody"];

/// The account that runs PostgreSQL and owns its folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Account {
    user: u32,
    group: u32,
    is_ours: bool,
}

impl Account {
    /// Our own account; where that is root, the one that owns `data` already, else one that need
    /// have nothing else to do with us.
    pub(super) fn for_cluster(data: &Path) -> Result<Self, ClusterError> {
        let (user, group) = (id(&["-u"])?, id(&["-g"])?);
        if user != ROOT {
            return Ok(Self {
                user,
                group,
                is_ours: true,
            });
        }
        if let Ok(kept) = fs::metadata(data)
            && kept.uid() != ROOT
        {
            return Ok(Self {
                user: kept.uid(),
                group: kept.gid(),
                is_ours: false,
            });
        }
        ACCOUNTS
            .iter()
            .find_map(|name| Some((id(&["-u", name]).ok()?, id(&["-g", name]).ok()?)))
            .map(|(user, group)| Self {
                user,
                group,
                is_ours: false,
            })
            .ok_or(ClusterError::NoAccount)
    }

    /// `program` run as this account, told to stop in good order when the thread that started it
    /// ends. It sees none of our environment, where PostgreSQL would find settings.
    pub(super) fn command(&self, program: &Path) -> Command {
        let mut command = Command::new("setpriv");
        if !self.is_ours {
            command.arg(format!("--reuid={}", self.user));
            command
                .arg(format!("--regid={}", self.group))
                .arg("--clear-groups");
        }
        command
            .args(["--pdeathsig", "INT", "--"])
            .arg(program)
            .current_dir("/");
        command
            .env_clear()
            .env("LC_ALL", "C")
            .env("PATH", "/usr/sbin:/usr/bin:/sbin:/bin");
        command
    }

    /// Makes this account the owner of `path`.
    pub(super) fn own(&self, path: &Path) -> Result<(), ClusterError> {
        if self.is_ours {
            return Ok(());
        }
        let mut chown = Command::new("chown");
        chown
            .arg("--")
            .arg(format!("{}:{}", self.user, self.group))
            .arg(path);
        programs::output(chown).map(drop)
    }

    /// Whether this account can use `folder`: a folder above it may be closed to it.
    pub(super) fn reaches(&self, folder: &Path) -> bool {
        let mut test = self.command(Path::new("test"));
        test.arg("-w").arg(folder).arg("-a").arg("-x").arg(folder);
        programs::output(test).is_ok()
    }

    /// Whether it is the account that we run as.
    #[cfg(test)]
    pub(super) fn is_ours(&self) -> bool {
        self.is_ours
    }

    /// Whether what is at `path` was made by this account, or by us for it.
    pub(super) fn made(&self, path: &Path) -> bool {
        fs::symlink_metadata(path)
            .is_ok_and(|found| found.is_dir() && (found.uid() == self.user || self.may_own(&found)))
    }

    /// Root's own folder is safe to hand on: nobody else could have put anything in it.
    fn may_own(&self, found: &fs::Metadata) -> bool {
        !self.is_ours && found.uid() == ROOT
    }
}

/// One number from the `id` program.
fn id(arguments: &[&str]) -> Result<u32, ClusterError> {
    let mut command = Command::new("id");
    command.args(arguments);
    let printed = programs::output(command)?;
    printed
        .trim_end()
        .parse()
        .map_err(|_not_a_number| ClusterError::Program {
            program: "id".to_owned(),
            said: printed.clone(),
        })
}
