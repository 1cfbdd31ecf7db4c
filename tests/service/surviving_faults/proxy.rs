//! What stands between the server and its database: it passes on what each says, late, half or not
//! at all, as it is told.

use std::io::{ErrorKind, Read as _, Write as _};
use std::net::Shutdown;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

/// How the socket of a PostgreSQL is named in its folder.
const SOCKET: &str = ".s.PGSQL.5432";
/// How often a connection that hears nothing looks whether it still stands.
const LOOKED_AFTER: Duration = Duration::from_millis(20);
/// How late each piece is passed on.
const LATENESS: Duration = Duration::from_millis(15);

/// How it passes on what is said.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passing {
    /// At once.
    Whole,
    /// A while later.
    Late,
    /// Not at all, and the connections stay.
    Nothing,
    /// Questions, and no answers.
    QuestionsOnly,
}

impl Passing {
    const ALL: [Self; 4] = [Self::Whole, Self::Late, Self::Nothing, Self::QuestionsOnly];
}

/// How all connections are served.
#[derive(Default)]
struct Line {
    passing: AtomicU8,
    /// How often every connection was cut.
    cuts: AtomicUsize,
}

impl Line {
    fn passing(&self) -> Passing {
        Passing::ALL[usize::from(self.passing.load(Ordering::SeqCst))]
    }

    fn cuts(&self) -> usize {
        self.cuts.load(Ordering::SeqCst)
    }
}

/// A running proxy. It takes connections until the test process ends.
pub struct Proxy {
    line: Arc<Line>,
}

impl Proxy {
    /// Listens in a folder, and passes on to the database whose socket is in another.
    pub fn between(folder: &Path, database: &Path) -> Self {
        let line = Arc::new(Line::default());
        let listener = UnixListener::bind(folder.join(SOCKET)).unwrap();
        let (served, database) = (Arc::clone(&line), database.join(SOCKET));
        thread::spawn(move || serve(&listener, &database, &served));
        Self { line }
    }

    /// Passes on like this from now.
    pub fn pass(&self, passing: Passing) {
        let place = Passing::ALL.iter().position(|one| *one == passing);
        let place = u8::try_from(place.unwrap()).unwrap();
        self.line.passing.store(place, Ordering::SeqCst);
    }

    /// Cuts every connection.
    pub fn cut(&self) {
        self.line.cuts.fetch_add(1, Ordering::SeqCst);
    }
}

fn serve(listener: &UnixListener, database: &PathBuf, line: &Arc<Line>) {
    for asking in listener.incoming() {
        let asking = asking.unwrap();
        // A database that is down takes no connection, and neither does the proxy.
        let Ok(answering) = UnixStream::connect(database) else {
            continue;
        };
        for (from, to, is_question) in [
            (asking.try_clone(), answering.try_clone(), true),
            (Ok(answering), Ok(asking), false),
        ] {
            let (from, to, line) = (from.unwrap(), to.unwrap(), Arc::clone(line));
            thread::spawn(move || pass_on(from, to, is_question, &line));
        }
    }
}

/// Passes on one direction until either end is gone or all connections are cut.
fn pass_on(mut from: UnixStream, mut to: UnixStream, is_question: bool, line: &Line) {
    let cuts = line.cuts();
    from.set_read_timeout(Some(LOOKED_AFTER)).unwrap();
    let mut piece = [0; 16 * 1024];
    while line.cuts() == cuts {
        let read = match from.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if is_no_end(error.kind()) => continue,
            Err(_) => break,
        };
        while holds_up(line.passing(), is_question) && line.cuts() == cuts {
            thread::sleep(LOOKED_AFTER);
        }
        if line.passing() == Passing::Late {
            thread::sleep(LATENESS);
        }
        if line.cuts() != cuts || to.write_all(&piece[..read]).is_err() {
            break;
        }
    }
    for end in [from, to] {
        // The other direction may have ended it.
        let _ended = end.shutdown(Shutdown::Both);
    }
}

fn is_no_end(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::WouldBlock | ErrorKind::TimedOut | ErrorKind::Interrupted
    )
}

fn holds_up(passing: Passing, is_question: bool) -> bool {
    match passing {
        Passing::Whole | Passing::Late => false,
        Passing::Nothing => true,
        Passing::QuestionsOnly => !is_question,
    }
}
