//! A disk that can be filled: a tmpfs in a mount namespace of its own, which lasts as long as the
//! shell that lives in it, and which others reach by that shell's root. Whoever fills it meets a
//! true "No space left on device".
//!
//! <https://man7.org/linux/man-pages/man7/mount_namespaces.7.html>

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

/// Root mounts, and is then the folder's owner.
const MOUNTED_BY_ROOT: &str = "mount -t tmpfs -o size=\"$2\"m,mode=0700 tmpfs \"$1\" && \
     chown \"$3:$4\" \"$1\" && exec setpriv --reuid=\"$3\" --regid=\"$4\" --clear-groups sh";
/// The owner mounts, as the root of a user namespace.
const MOUNTED_BY_ITS_OWNER: &str =
    "mount -t tmpfs -o size=\"$2\"m,mode=0700 tmpfs \"$1\" && exec sh";

/// The disk. It is gone when dropped.
pub struct SmallDisk {
    shell: Child,
    asked: Option<ChildStdin>,
    heard: BufReader<ChildStdout>,
    folder: PathBuf,
}

impl SmallDisk {
    /// A disk in the place of an empty folder, of whoever owns that. A machine that lets nobody
    /// mount one cannot try what happens when a disk is full, and the test says so.
    pub fn at(folder: &Path, mebibytes: usize) -> Self {
        let owner = fs::metadata(folder).unwrap();
        let (user, group) = (owner.uid().to_string(), owner.gid().to_string());
        let we_are_root = fs::metadata("/proc/self").unwrap().uid() == 0;
        let told = [
            folder.to_str().unwrap().to_owned(),
            mebibytes.to_string(),
            user.clone(),
            group.clone(),
        ];
        let mut ways = Vec::new();
        let mut by_its_owner = Command::new("unshare");
        if we_are_root {
            let mut by_root = Command::new("unshare");
            by_root.args(["-m", "sh", "-c", MOUNTED_BY_ROOT, "sh"]);
            ways.push(by_root);
            by_its_owner = Command::new("setpriv");
            by_its_owner.args([&format!("--reuid={user}"), &format!("--regid={group}")]);
            by_its_owner.args(["--clear-groups", "unshare"]);
        }
        by_its_owner.args(["-Urm", "sh", "-c", MOUNTED_BY_ITS_OWNER, "sh"]);
        ways.push(by_its_owner);
        let kept = ways.into_iter().find_map(|mut way| {
            way.args(&told);
            Self::kept(way, folder)
        });
        kept.unwrap_or_else(|| {
            panic!("no tmpfs can be mounted here (unshare, mount): full disks cannot be tried")
        })
    }

    fn kept(mut way: Command, folder: &Path) -> Option<Self> {
        way.current_dir("/")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null());
        let mut shell = way.spawn().ok()?;
        let seen = PathBuf::from(format!("/proc/{}/root", shell.id()));
        let mut disk = Self {
            asked: shell.stdin.take(),
            heard: BufReader::new(shell.stdout.take()?),
            folder: seen.join(folder.strip_prefix("/").unwrap()),
            shell,
        };
        disk.is_done("true").then_some(disk)
    }

    /// Where everybody finds it who may look at the processes of its owner.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// Does something there as its owner.
    pub fn run(&mut self, words: &str) {
        assert!(self.is_done(words), "{words}");
    }

    /// Takes all the room that is left.
    pub fn fill(&mut self) {
        let filler = self.filler();
        assert!(!self.is_done(&format!("cat /dev/zero >{filler}")));
    }

    /// Gives the room back.
    pub fn make_room(&mut self) {
        let filler = self.filler();
        self.run(&format!("rm -f {filler}"));
    }

    fn filler(&self) -> String {
        self.folder.join("filler").to_str().unwrap().to_owned()
    }

    fn is_done(&mut self, words: &str) -> bool {
        let asked = self.asked.as_mut().unwrap();
        if writeln!(asked, "({words}) >/dev/null </dev/null; echo $?").is_err() {
            return false;
        }
        let mut said = String::new();
        self.heard.read_line(&mut said).is_ok() && said.trim() == "0"
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        self.asked = None;
        let _ended_already = self.shell.kill();
        let _status = self.shell.wait();
    }
}
