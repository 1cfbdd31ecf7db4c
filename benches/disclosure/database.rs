//! The database under the measurements: a durable PostgreSQL cluster of the bench's own, loaded
//! with what an England-wide service holds.

use std::path::{Path, PathBuf};

use cpis_fhir::sandbox::cluster::{Cluster, Durability};
use cpis_fhir::store::migrations;
use diesel::connection::SimpleConnection;
use diesel::sql_types::{BigInt, Text};
use diesel::{Connection, PgConnection, QueryableByName, RunQueryDsl, sql_query};

use crate::Outcome;
use crate::interruption::Interruption;
use crate::size::Size;
use crate::workplace::{Workplace, remove};

const LOAD: &str = include_str!("load.sql");
const TOLD: &str = include_str!("told.sql");

/// What the measured looks find.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Look {
    /// A child with a plan, whose authority was told of the author today already.
    Hit,
    /// A child with a plan, nearly always for the first time today: the authority is told.
    FirstHit,
    /// A child without a plan.
    Miss,
}

impl Look {
    /// Every kind of look that is measured.
    pub const ALL: [Self; 3] = [Self::Hit, Self::FirstHit, Self::Miss];

    /// How the table calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Hit => "hit",
            Self::FirstHit => "first hit",
            Self::Miss => "miss",
        }
    }

    /// Where its numbers begin among the loaded ones, of which it takes every second.
    pub fn offset(self) -> u32 {
        match self {
            Self::Hit | Self::FirstHit => 0,
            Self::Miss => 1,
        }
    }
}

/// The loaded cluster; stopped when dropped.
pub struct Database {
    postgres: PgConnection,
    cluster: Option<Cluster>,
    /// Where the cluster is when it could not be in the bench's own folder.
    folders: Vec<PathBuf>,
}

#[derive(QueryableByName)]
struct TextRow {
    #[diesel(sql_type = Text)]
    text: String,
}

#[derive(QueryableByName)]
struct CountRow {
    #[diesel(sql_type = BigInt)]
    recorded: i64,
    #[diesel(sql_type = BigInt)]
    of_children: i64,
}

impl Database {
    /// Starts a cluster and loads it.
    pub fn load(workplace: &Workplace, size: Size, interruption: &Interruption) -> Outcome<Self> {
        let cluster = Cluster::start(&workplace.folder().join("cluster"), Durability::Durable)?;
        let owner = cluster.superuser();
        let mut postgres = PgConnection::establish(&cluster.url(owner, "postgres"))?;
        postgres.batch_execute("drop database if exists cpis")?;
        postgres.batch_execute("create database cpis")?;
        let url = cluster.url(owner, "cpis");
        migrations::run(&url)?;
        let mut database = Self {
            postgres: PgConnection::establish(&url)?,
            folders: vec![cluster.folder().to_owned()],
            cluster: Some(cluster),
        };
        let socket = database.text("select current_setting('unix_socket_directories') as text")?;
        database
            .folders
            .push(PathBuf::from(socket.trim_matches('"')));
        interruption.check()?;
        database.postgres.batch_execute(&size.settings())?;
        database.postgres.batch_execute(LOAD)?;
        interruption.check()?;
        database.postgres.batch_execute("vacuum (analyze)")?;
        Ok(database)
    }

    /// A URL to the loaded database as its owner.
    pub fn url(&self) -> String {
        self.url_of("cpis")
    }

    /// A URL to another database of the cluster.
    pub fn url_of(&self, name: &str) -> String {
        let of = |cluster: &Cluster| cluster.url(cluster.superuser(), name);
        self.cluster.as_ref().map(of).unwrap_or_default()
    }

    /// Where the cluster's files are.
    pub fn folder(&self) -> &Path {
        self.cluster
            .as_ref()
            .map_or(Path::new("/"), Cluster::folder)
    }

    /// Runs statements without an answer.
    pub fn run(&mut self, statements: &str) -> Outcome<()> {
        Ok(self.postgres.batch_execute(statements)?)
    }

    /// The `text` of the only row of a query.
    pub fn text(&mut self, query: &str) -> Outcome<String> {
        Ok(sql_query(query)
            .get_result::<TextRow>(&mut self.postgres)?
            .text)
    }

    /// The `text` of each row of a query.
    pub fn texts(&mut self, query: &str) -> Outcome<Vec<String>> {
        let rows: Vec<TextRow> = sql_query(query).load(&mut self.postgres)?;
        Ok(rows.into_iter().map(|row| row.text).collect())
    }

    /// What was loaded, in words.
    pub fn described(&mut self) -> Outcome<String> {
        self.text(
            "select format('%s, shared_buffers %s: %s authorities, %s children, %s plans, %s \
             accesses, %s', substring(version() from '^\\S+ \\S+'), \
             current_setting('shared_buffers'), (select count(*) from authorities), \
             (select count(*) from children), (select count(*) from plans), \
             (select count(*) from accesses), pg_size_pretty(pg_database_size('cpis'))) as text",
        )
    }

    /// NHS numbers that looks of a kind are at.
    pub fn numbers(&mut self, look: Look) -> Outcome<Vec<String>> {
        let query = match look {
            Look::Hit | Look::FirstHit => "select nhs_number::text as text from children",
            Look::Miss => {
                "select distinct nhs_number::text as text from accesses a \
                 where not exists (select from children c where c.nhs_number = a.nhs_number)"
            }
        };
        self.texts(query)
    }

    /// Brings what was told before to where a kind of look starts from, and ends with a checkpoint
    /// so that none falls into the measurement.
    pub fn prepare(&mut self, look: Option<Look>) -> Outcome<()> {
        match look {
            Some(Look::FirstHit) => self.run("truncate tellings, notifications")?,
            Some(Look::Hit) => {
                self.run("truncate tellings, notifications")?;
                self.run(TOLD)?;
                self.run("vacuum (analyze) tellings")?;
            }
            Some(Look::Miss) | None => {}
        }
        self.run("checkpoint")
    }

    /// The database's own time, to the millisecond of an access.
    pub fn now(&mut self) -> Outcome<String> {
        self.text("select date_trunc('milliseconds', clock_timestamp())::text as text")
    }

    /// Makes sure that since a moment at least so many accesses were recorded, all of them of the
    /// kind meant.
    pub fn check_recorded(&mut self, look: Look, since: &str, answered: u32) -> Outcome<()> {
        let counts: CountRow = sql_query(
            "select count(*) as recorded, count(c.nhs_number) as of_children from accesses a \
             left join children c on c.nhs_number = a.nhs_number \
             where a.recorded_at >= $1::timestamptz",
        )
        .bind::<Text, _>(since)
        .get_result(&mut self.postgres)?;
        let expected = if look == Look::Miss {
            0
        } else {
            counts.recorded
        };
        if counts.recorded < i64::from(answered) || counts.of_children != expected {
            let (recorded, of_children) = (counts.recorded, counts.of_children);
            return Err(format!(
                "{answered} answers to a {} left {recorded} accesses, {of_children} of them to \
                 children with a plan",
                look.name()
            )
            .into());
        }
        Ok(())
    }
}

impl Database {
    /// Makes sure that of so many writes that were sent since a moment nearly all changed a plan;
    /// those on their way at the end, and the few that happened to tell it as it was, did not.
    pub fn check_written(&mut self, since: &str, sent: u32) -> Outcome<()> {
        let changed: TextRow = sql_query(
            "select ((select count(*) from plans where updated_at >= $1::timestamptz) \
             + (select count(*) from plan_versions where updated_at >= $1::timestamptz))::text \
             as text",
        )
        .bind::<Text, _>(since)
        .get_result(&mut self.postgres)?;
        if changed.text.parse::<u32>()? < sent / 10 * 9 {
            let changed = changed.text;
            return Err(format!("{sent} writes changed {changed} plans").into());
        }
        Ok(())
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        self.cluster = None;
        for folder in &self.folders {
            if let Err(cause) = remove(folder) {
                eprintln!("cannot remove {}: {cause}", folder.display());
            }
        }
    }
}
