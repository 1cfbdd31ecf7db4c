//! A connection, in the clear or under TLS, with an end to every wait: for a head, for the next
//! request, and for a caller who does not read what it asked for.
//!
//! The HTTP library has a deadline for the first head of a connection and for nothing after it: a
//! head that is never finished on a connection kept alive, a body in chunks that nobody reads, and
//! an answer that is not taken would each hold their place for ever.

use std::io;
use std::pin::Pin;
use std::rc::Rc;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};
use tokio_openssl::SslStream;

use crate::server::bare;
use crate::server::caps::Place;
use crate::server::course::Course;
use crate::server::peer::Peer;

/// The longest a request's head may take to arrive.
pub const HEAD_ARRIVAL_MAX: Duration = Duration::from_secs(5);

/// The most that is read, in bytes, while no answer is being made: more than a head, because a body
/// whose request was answered without it is read too, and twice the longest file, so that a caller
/// who reads an answer only once all is sent reads this one.
const UNASKED_BYTES_MAX: usize = 64 * 1024 * 1024;

/// How long a caller who reads too slowly is watched before it is given up.
const SLOW_READING_MAX: Duration = Duration::from_secs(10);
/// What it must have taken by then, in bytes: 4 KiB a second, slower than any line in use.
const READ_BYTES_MIN: usize = 40 * 1024;

/// Bytes to and from a caller.
pub enum Stream {
    /// As they are: on this machine, or from a proxy that ends TLS.
    Plain(TcpStream),
    /// Under TLS.
    Tls(Box<SslStream<TcpStream>>),
}

/// A caller's connection, which holds its places until it ends.
pub struct Connection {
    stream: Stream,
    /// How far it is with its requests.
    pub course: Rc<Course>,
    /// The caller's certificate, where it has one.
    pub peer: Option<Rc<Peer>>,
    kept_alive: Duration,
    quiet: Option<Quiet>,
    slow: Option<Slow>,
    unsent: Vec<u8>,
    _places: Vec<Place>,
}

/// The wait for a head, or for its end.
struct Quiet {
    timer: Pin<Box<Sleep>>,
    after: u64,
    has_begun: bool,
    arrived: usize,
}

/// The wait for a caller who reads slowly.
struct Slow {
    timer: Pin<Box<Sleep>>,
    taken: usize,
}

impl Connection {
    /// A connection that is kept for a while after each answer.
    #[must_use]
    pub fn of(
        stream: Stream,
        peer: Option<Rc<Peer>>,
        places: Vec<Place>,
        kept_alive: Duration,
    ) -> Self {
        Self {
            stream,
            course: Rc::default(),
            peer,
            kept_alive,
            quiet: None,
            slow: None,
            unsent: Vec::new(),
            _places: places,
        }
    }

    /// While no answer is being made, a head is due: its first byte within the time a connection is
    /// kept, and all of it soon after that. What comes behind an answer as the rest of a body has
    /// no more time, and an end to its length.
    fn poll_due(&mut self, context: &mut Context<'_>, arrived: usize) -> io::Result<()> {
        if self.course.is_answering() {
            self.quiet = None;
            return Ok(());
        }
        let (after, has_arrived) = (self.course.begun(), arrived > 0);
        let is_known = |quiet: &Quiet| quiet.after == after && (quiet.has_begun || !has_arrived);
        if !self.quiet.as_ref().is_some_and(is_known) {
            let has_begun = has_arrived;
            let kept_alive = match has_begun {
                true => Duration::ZERO,
                false => self.kept_alive,
            };
            self.quiet = Some(Quiet {
                timer: Box::pin(sleep(kept_alive.saturating_add(HEAD_ARRIVAL_MAX))),
                after,
                has_begun,
                arrived: 0,
            });
        }
        let Some(quiet) = &mut self.quiet else {
            return Ok(());
        };
        quiet.arrived = quiet.arrived.saturating_add(arrived);
        if quiet.arrived > UNASKED_BYTES_MAX {
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
        match quiet.timer.as_mut().poll(context) {
            Poll::Ready(()) => Err(io::ErrorKind::TimedOut.into()),
            Poll::Pending => Ok(()),
        }
    }

    /// Watches what becomes of something that is written.
    fn poll_taken<T>(
        &mut self,
        context: &mut Context<'_>,
        written: Poll<io::Result<T>>,
        bytes: impl Fn(&T) -> usize,
    ) -> Poll<io::Result<T>> {
        match written {
            Poll::Ready(Ok(done)) => {
                let taken = bytes(&done);
                // Whoever still reads an answer is not idle.
                if taken > 0 {
                    self.quiet = None;
                }
                if let Some(slow) = &mut self.slow {
                    slow.taken = slow.taken.saturating_add(taken);
                }
                Poll::Ready(Ok(done))
            }
            Poll::Ready(Err(cause)) => Poll::Ready(Err(cause)),
            Poll::Pending => {
                let slow = self.slow.get_or_insert_with(Slow::begin);
                while slow.timer.as_mut().poll(context).is_ready() {
                    if slow.taken < READ_BYTES_MIN {
                        return Poll::Ready(Err(io::ErrorKind::TimedOut.into()));
                    }
                    *slow = Slow::begin();
                }
                Poll::Pending
            }
        }
    }

    /// Sends what is said in another's place.
    fn poll_unsent(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        while !self.unsent.is_empty() {
            let written = self.stream.poll_write(context, &self.unsent);
            let length = ready!(self.poll_taken(context, written, |length| *length))?;
            if length == 0 {
                return Poll::Ready(Err(io::ErrorKind::WriteZero.into()));
            }
            self.unsent.drain(..length);
        }
        Poll::Ready(Ok(()))
    }
}

impl Slow {
    fn begin() -> Self {
        Self {
            timer: Box::pin(sleep(SLOW_READING_MAX)),
            taken: 0,
        }
    }
}

impl AsyncRead for Connection {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = self.stream.poll_read(context, buffer);
        let arrived = buffer.filled().len().saturating_sub(before);
        self.poll_due(context, arrived)?;
        read
    }
}

impl AsyncWrite for Connection {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.course.is_over() {
            return Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()));
        }
        ready!(self.poll_unsent(context))?;
        if let Some(told) = bare::told(bytes) {
            self.unsent = told;
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = self.stream.poll_write(context, bytes);
        self.poll_taken(context, written, |length| *length)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unsent(context))?;
        let flushed = self.stream.poll_flush(context);
        ready!(self.poll_taken(context, flushed, |()| 0))?;
        self.slow = None;
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        ready!(self.poll_unsent(context))?;
        let ended = self.stream.poll_shutdown(context);
        self.poll_taken(context, ended, |()| 0)
    }
}

impl Stream {
    fn poll_read(
        &mut self,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_read(context, buffer),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_read(context, buffer),
        }
    }

    fn poll_write(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_write(context, bytes),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_write(context, bytes),
        }
    }

    fn poll_flush(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_flush(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_flush(context),
        }
    }

    fn poll_shutdown(&mut self, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        match self {
            Self::Plain(stream) => Pin::new(stream).poll_shutdown(context),
            Self::Tls(stream) => Pin::new(stream.as_mut()).poll_shutdown(context),
        }
    }
}
