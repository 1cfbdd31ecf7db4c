//! The four kinds of load, each with who generates it and who answers it.

use std::process::Command;

use crate::Outcome;
use crate::bare_route::BareRoute;
use crate::database::Look;
use crate::pgbench::Pgbench;
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
    Search(&'a Wrk, &'a Service),
}

/// What a generator tells of a load.
#[derive(Debug, Clone, Copy)]
pub struct Answered {
    /// How many requests were answered.
    pub requests: u32,
    /// How many in a second.
    pub requests_per_second: f64,
    /// The time that half of them took at the most, in milliseconds.
    pub p50_ms: f64,
    /// The time that all but a hundredth took at the most, in milliseconds.
    pub p99_ms: f64,
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
    pub fn of_search(wrk: &'a Wrk, service: &'a Service, look: Look) -> Self {
        Self {
            kind: Kind::Search(wrk, service),
            look,
        }
    }

    /// What it is called in the table.
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Route(..) => "bare actix route".to_owned(),
            Kind::Select(_) => "pgbench -S".to_owned(),
            Kind::Statement(_) => format!("disclosure's statement, {}", self.look.name()),
            Kind::Search(..) => format!("POST Flag/_search, {}", self.look.name()),
        }
    }

    /// The look that each request puts on record, if it does.
    pub fn recorded_look(&self) -> Option<Look> {
        match self.kind {
            Kind::Route(..) | Kind::Select(_) => None,
            Kind::Statement(_) | Kind::Search(..) => Some(self.look),
        }
    }

    /// The id of the server's process, where one stands between generator and database.
    pub fn server(&self) -> Option<u32> {
        match self.kind {
            Kind::Route(_, route) => Some(route.id()),
            Kind::Search(_, service) => Some(service.id()),
            Kind::Select(_) | Kind::Statement(_) => None,
        }
    }

    /// What generates it, for so many connections and seconds.
    pub fn command(&self, size: (u32, u32)) -> Command {
        match self.kind {
            Kind::Route(wrk, route) => wrk.command(route.url(), self.look, size),
            Kind::Search(wrk, service) => wrk.command(service.url(), self.look, size),
            Kind::Select(pgbench) => pgbench.select(size),
            Kind::Statement(pgbench) => pgbench.statement(self.look, size),
        }
    }

    /// Reads what the generator printed.
    pub fn answered(&self, said: &str) -> Outcome<Answered> {
        match self.kind {
            Kind::Route(..) | Kind::Search(..) => wrk::answered(said),
            Kind::Select(pgbench) | Kind::Statement(pgbench) => pgbench.answered(said),
        }
    }
}
