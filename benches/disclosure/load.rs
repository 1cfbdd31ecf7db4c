//! The kinds of load, each with who generates it and who answers it.

use std::process::Command;

use crate::Outcome;
use crate::bare_route::BareRoute;
use crate::database::Look;
use crate::handshakes::{self, Handshakes, Line};
use crate::pgbench::Pgbench;
use crate::question::Question;
use crate::service::Service;
use crate::wrk::{self, Wrk};

/// A load to measure.
pub struct Load<'a> {
    kind: Kind<'a>,
    look: Look,
}

enum Kind<'a> {
    Route(&'a Wrk, &'a BareRoute),
    Select(&'a Pgbench),
    Statement(&'a Pgbench),
    Search(&'a Wrk, &'a Service, Question),
    Handshakes(&'a Handshakes, Line),
}

/// What a generator tells of a load.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// How many requests were answered that were looks, at the least.
    pub looks: u32,
    /// How many writes were sent beside them.
    pub written: u32,
    /// How many in a second.
    pub requests_per_second: f64,
    /// The times that half of them took at the most, and all but a hundredth, in milliseconds, of
    /// a generator that tells.
    pub times_ms: Option<[f64; 2]>,
}

impl<'a> Load<'a> {
    /// Requests to the bare route.
    pub fn of_route(wrk: &'a Wrk, route: &'a BareRoute) -> Self {
        Self {
            kind: Kind::Route(wrk, route),
            look: Look::Hit,
        }
    }

    /// Single rows by their primary key.
    pub fn of_select(pgbench: &'a Pgbench) -> Self {
        Self {
            kind: Kind::Select(pgbench),
            look: Look::Hit,
        }
    }

    /// The disclosure's statement.
    pub fn of_statement(pgbench: &'a Pgbench, look: Look) -> Self {
        Self {
            kind: Kind::Statement(pgbench),
            look,
        }
    }

    /// Searches, answered by the service.
    pub fn of_search(
        (wrk, service): (&'a Wrk, &'a Service),
        question: Question,
        look: Look,
    ) -> Self {
        Self {
            kind: Kind::Search(wrk, service, question),
            look,
        }
    }

    /// Connections by TLS, each begun and ended.
    pub fn of_handshakes(handshakes: &'a Handshakes, line: Line) -> Self {
        Self {
            kind: Kind::Handshakes(handshakes, line),
            look: Look::Hit,
        }
    }

    /// What it is called in the table.
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Route(..) => "bare actix route".to_owned(),
            Kind::Select(_) => "pgbench -S".to_owned(),
            Kind::Statement(_) => format!("disclosure's statement, {}", self.look.name()),
            Kind::Search(_, _, question) => format!("{}, {}", question.name(), self.look.name()),
            Kind::Handshakes(_, line) => line.name().to_owned(),
        }
    }

    /// The look that each request puts on record, if it does.
    pub fn recorded_look(&self) -> Option<Look> {
        match self.kind {
            Kind::Route(..) | Kind::Select(_) | Kind::Handshakes(..) => None,
            Kind::Statement(_) | Kind::Search(..) => Some(self.look),
        }
    }

    /// The id of the server's process, where one stands between generator and database.
    pub fn server(&self) -> Option<u32> {
        match self.kind {
            Kind::Route(_, route) => Some(route.id()),
            Kind::Search(_, service, _) => Some(service.id()),
            Kind::Handshakes(handshakes, line) => Some(handshakes.server(line)),
            Kind::Select(_) | Kind::Statement(_) => None,
        }
    }

    /// What generates it, for so many connections and seconds.
    pub fn command(&self, size: (u32, u32)) -> Command {
        match self.kind {
            Kind::Route(wrk, route) => wrk.command(route.url(), self.look, size),
            Kind::Search(wrk, service, Question::FlagsBesideWrites) => {
                let url = service.url(Question::FlagsBesideWrites);
                wrk.beside_writes(&url, self.look, size)
            }
            Kind::Search(wrk, service, question) => {
                wrk.command(&service.url(question), self.look, size)
            }
            Kind::Handshakes(handshakes, line) => handshakes.command(line, size),
            Kind::Select(pgbench) => pgbench.select(size),
            Kind::Statement(pgbench) => pgbench.statement(self.look, size),
        }
    }

    /// Reads what the generator printed in so many seconds.
    pub fn answered(&self, said: &str, seconds: f64) -> Outcome<Answered> {
        match self.kind {
            Kind::Route(..) | Kind::Search(..) => wrk::answered(said),
            Kind::Handshakes(..) => handshakes::answered(said, seconds),
            Kind::Select(pgbench) | Kind::Statement(pgbench) => pgbench.answered(said),
        }
    }
}
