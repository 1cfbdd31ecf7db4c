//! Retires a month of the access history, in two steps: it is exported, and by another's word it
//! leaves the database. Both look at every row of it, and neither touches what may still be shown.

mod clocks;
mod exporting;
mod rows;

use std::thread;
use std::time::Duration;

use chrono::{DateTime, NaiveDate, Utc};
use thiserror::Error;

pub use self::clocks::refuse_apart;
pub use self::exporting::export;
use crate::domain::month::Month;
use crate::domain::plan::Windows;
use crate::sealing::export::ExportError;
use crate::sealing::manifest::{Manifest, authenticity};
use crate::sealing::proving::ProvingError;
use crate::sealing::row::RowKey;
use crate::sealing::tree::{StoredTree, TreeError};
use crate::sealing::verifying::VerifyingError;
use crate::sealing::wrong::Wrong;
use crate::store::retirements::{self, KeptRetirement};
use crate::store::sealable_rows::{SEALED_KINDS, SealedKind};
use crate::store::{
    Postgres, StoreError, history_months, identifiers, sealed_rows, showing_months,
};

/// The first pause before looks are let go first again; each later one is as much longer.
const PAUSE: Duration = Duration::from_millis(10);

/// How often looks are let go first, before a month stays for now.
const ATTEMPTS: u32 = 100;

/// Why a month stays.
#[derive(Debug, Error)]
pub enum RetiringError {
    /// The database fails.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A part of the tree is missing.
    #[error(transparent)]
    Tree(#[from] TreeError),
    /// There is no checkpoint to export it with.
    #[error(transparent)]
    Proving(#[from] ProvingError),
    /// The export cannot be written.
    #[error(transparent)]
    Export(#[from] ExportError),
    /// It cannot be verified.
    #[error(transparent)]
    Verifying(#[from] VerifyingError),
    /// It does not verify.
    #[error("nothing is retired while the history does not verify: {0}")]
    Wrong(Wrong),
    /// A row of it is not sealed.
    #[error("{0} stays: {1} of its rows are not sealed; see `audit verify`")]
    Unsealed(Month, u64),
    /// What is in it may be shown.
    #[error("{0} stays: a child who was looked at then has a plan that can be seen, or will be")]
    Shown(Month),
    /// An authority is owed a notification of it.
    #[error("{0} stays: an authority is still owed a notification of a look then")]
    Owed(Month),
    /// It is not what was exported.
    #[error("{0} stays: it is not what was exported; export it again")]
    AnotherMonth(Month),
    /// Its tables are not its own.
    #[error("{0} stays: a table of it holds other months too, or was detached")]
    AnotherTable(Month),
    /// Looks would have to wait.
    #[error("{0} stays: its tables are in use for long; try again when nothing else reads them")]
    InUse(Month),
    /// The database has another time.
    #[error(
        "nothing is retired by this machine's clock: it says {now}, and the database's {database}"
    )]
    ClocksApart {
        /// The machine's.
        now: DateTime<Utc>,
        /// The database's.
        database: DateTime<Utc>,
    },
    /// Nothing was sealed at about this time.
    #[error(
        "nothing is retired by this machine's clock: it says {now}, and the newest seal is of \
         {sealed_at}"
    )]
    SealApart {
        /// The machine's.
        now: DateTime<Utc>,
        /// The moment of the newest seal.
        sealed_at: DateTime<Utc>,
    },
    /// The login may not.
    #[error("only the owner of the database retires a month: set owner_database_url")]
    NotTheOwner,
}

/// By which rules something in a month may still be shown.
#[derive(Debug, Clone, Copy)]
pub struct Showing {
    /// The day in London.
    pub today: NaiveDate,
    /// How long after its end a plan is shown.
    pub windows: Windows,
}

/// The kinds whose rows leave with their month.
#[must_use]
pub fn kinds() -> Vec<&'static SealedKind> {
    SEALED_KINDS.iter().filter(|kind| kind.in_months).collect()
}

/// Months that something lies in, in their order.
pub struct MonthsBefore {
    /// Those that were not retired yet.
    pub whole: Vec<Month>,
    /// Those that were, and to which something came since, by a clock that was wrong: no month is
    /// retired twice.
    pub retired: Vec<Month>,
}

/// The months before one that something lies in.
///
/// # Errors
/// [`StoreError`] when the database fails.
pub fn months_before(postgres: &mut Postgres, before: Month) -> Result<MonthsBefore, StoreError> {
    let mut months = Vec::new();
    for kind in kinds() {
        let found = history_months::before(postgres, kind, before.begins_at())?;
        months.extend(found.iter().filter_map(|month| Month::parse(month)));
    }
    months.sort_unstable();
    months.dedup();
    let kept = retirements::all(postgres)?;
    let is_retired = |month: &Month| kept.iter().any(|kept| kept.month == month.to_string());
    let (retired, whole) = months.into_iter().partition(is_retired);
    Ok(MonthsBefore { whole, retired })
}

/// Takes a month out of the database that was exported, and puts on record that it left, both or
/// neither. Looks go on meanwhile: a look waits for a fraction of a second at the most.
///
/// # Errors
/// [`RetiringError`] when it stays.
pub fn retire(
    postgres: &mut Postgres,
    key: &RowKey,
    (manifest, written): (&Manifest, &str),
    showing: Showing,
    (retired_at, confirmed_by): (DateTime<Utc>, &str),
) -> Result<(), RetiringError> {
    sealed_rows::prepare_to_verify(postgres)?;
    refuse_apart(postgres, retired_at)?;
    let (month, kinds) = (manifest.month, kinds());
    if !history_months::may_be_taken_away(postgres, &kinds)? {
        return Err(RetiringError::NotTheOwner);
    }
    history_months::hold(postgres, month, &kinds)?;
    if !history_months::are_of_the_month(postgres, month, &kinds)? {
        return Err(RetiringError::AnotherTable(month));
    }
    refuse_shown(postgres, month, showing)?;
    let seen = rows::each(postgres, month, key, |_, _, _| Ok(()))?;
    let is_signed = StoredTree(postgres).at(manifest.tree.size)?.root() == manifest.tree.root;
    if !seen.are_of(manifest) || !is_signed {
        return Err(RetiringError::AnotherMonth(month));
    }
    let mut retirement = KeptRetirement {
        id: identifiers::id_of(retired_at),
        retired_at,
        month: month.to_string(),
        manifest: written.to_owned(),
        confirmed_by: confirmed_by.to_owned(),
        authenticity: Vec::new(),
    };
    retirement.authenticity = authenticity(&retirement, key).to_vec();
    retirements::add(postgres, &retirement)?;
    for attempt in 1..=ATTEMPTS {
        if history_months::take_away(postgres, month, &kinds)? {
            return Ok(());
        }
        thread::sleep(PAUSE * attempt);
    }
    Err(RetiringError::InUse(month))
}

fn refuse_shown(
    postgres: &mut Postgres,
    month: Month,
    showing: Showing,
) -> Result<(), RetiringError> {
    if showing_months::is_shown(postgres, month, (showing.today, showing.windows))? {
        return Err(RetiringError::Shown(month));
    }
    match showing_months::is_owed(postgres, month)? {
        true => Err(RetiringError::Owed(month)),
        false => Ok(()),
    }
}
