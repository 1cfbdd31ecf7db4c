//! Requests about single plans, through the same door: each is decided beside what is held, under
//! the same locks and rules as a file's records, and acknowledged with the same codes
//! (<https://hl7.org/fhir/R4/http.html#transaction>).

use std::sync::Arc;

use chrono::{DateTime, Utc};
use uuid::Uuid;

use crate::domain::held_plans::HeldPlans;
use crate::domain::local_authority::LocalAuthority;
use crate::domain::ods_code::OdsCode;
use crate::domain::plan_write::{PlanWrite, Standing, Which, WriteRefusal};
use crate::domain::shrinkage::ShrinkGuard;
use crate::domain::upload::{Acknowledgement, PlanRecord, RecordRefusal, WireForm};
use crate::intake::keeping::{decide, tell};
use crate::intake::matching::{Matched, Matching, Records, match_records};
use crate::intake::shrinking::check_writes;
use crate::intake::taking::take_changed;
use crate::intake::{IntakeRefusal, Place, in_transaction, place_among};
use crate::store::uploads::ReceivedFile;
use crate::store::{
    AuthorityStore, Postgres, Store, StoreError, authorities, ended_by_writes, of_authority,
    standing_plans,
};

/// Requests that came together.
#[derive(Debug, Clone)]
pub struct Writes {
    /// The upload that they are, a UUIDv7.
    pub upload_id: Uuid,
    /// The requests, in their order.
    pub requests: Vec<PlanWrite>,
    /// Whether they stand or fall together.
    pub fate: Fate,
    /// The number among the authority's files, and when it was written, where it has one.
    pub number: Option<(i64, DateTime<Utc>)>,
    /// SHA-256 of what was sent.
    pub digest: [u8; 32],
    /// The authority whose system sent them, as the token issuer vouches for it.
    pub authority: OdsCode,
    /// The client that sent them.
    pub client_id: String,
    /// When they came.
    pub at: DateTime<Utc>,
    /// What they may take off the authority's plans.
    pub guard: ShrinkGuard,
}

/// Whether requests stand or fall together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fate {
    /// Each is met or refused for itself.
    OfEach,
    /// All are met, or none.
    OfAll,
}

/// What became of requests.
#[derive(Debug, Clone)]
pub enum Written {
    /// They are acknowledged, each with the plan as it stands, or why it was refused.
    Acknowledged(Acknowledgement, Vec<Result<Standing, WriteRefusal>>),
    /// None is met, because these are refused, each by its place among them.
    Refused(Vec<(usize, WriteRefusal)>),
}

/// Takes requests in, or answers those of a number that was taken in before anew.
///
/// # Errors
/// [`IntakeRefusal`]; then no plan has changed.
pub async fn take_in_writes(
    store: &Store,
    matching: &Arc<Matching>,
    mut writes: Writes,
) -> Result<Written, IntakeRefusal> {
    let store = &store.of(&writes.authority);
    let mut matched = None;
    if matching.demographics.traces() {
        let place = writes.place();
        let place = in_transaction(store, move |postgres| {
            of_authority::wait_briefly(postgres)?;
            place.found(postgres)
        })
        .await?;
        if let Place::Next(authority) = place {
            matched = compared(store, matching, authority.id, &mut writes).await?;
        }
    }
    let writes = Arc::new(writes);
    in_transaction(store, move |postgres| {
        take_in_turn(postgres, &writes, matched.as_ref())
    })
    .await
}

/// Compares the records that were sent, as those of a file are.
async fn compared(
    store: &AuthorityStore,
    matching: &Arc<Matching>,
    authority: Uuid,
    writes: &mut Writes,
) -> Result<Option<Matched>, IntakeRefusal> {
    let sent = writes.requests.iter().filter_map(PlanWrite::record);
    let mut records: Records = sent.cloned().collect();
    if records.is_empty() {
        return Ok(None);
    }
    let came = match_records(store, matching, (authority, writes.at), &mut records).await?;
    let sent = writes.requests.iter_mut().filter_map(PlanWrite::record_mut);
    for (sent, matched) in sent.zip(records) {
        *sent = matched;
    }
    Ok(Some(came))
}

/// Whose requests they are, and under which number they came.
#[derive(Clone)]
struct Asked {
    authority: OdsCode,
    numbered: Option<(i64, [u8; 32])>,
}

impl Writes {
    fn place(&self) -> Asked {
        Asked {
            authority: self.authority.clone(),
            numbered: self.number.map(|(sequence, _)| (sequence, self.digest)),
        }
    }
}

impl Asked {
    /// Where they stand in their authority's order; what has no number is always next.
    fn found(&self, postgres: &mut Postgres) -> Result<Place, IntakeRefusal> {
        match self.numbered {
            Some(numbered) => place_among(postgres, &self.authority, numbered),
            None => self.turn(postgres).map(Place::Next),
        }
    }

    /// Takes the authority's turn.
    fn turn(&self, postgres: &mut Postgres) -> Result<LocalAuthority, IntakeRefusal> {
        let held = authorities::take_for_upload(postgres, &self.authority)?;
        held.ok_or(IntakeRefusal::UnknownAuthority)
    }
}

fn take_in_turn(
    postgres: &mut Postgres,
    writes: &Writes,
    matched: Option<&Matched>,
) -> Result<Written, IntakeRefusal> {
    of_authority::wait_briefly(postgres)?;
    let place = writes.place();
    match place.found(postgres)? {
        Place::Earlier(earlier) => {
            let authority = place.turn(postgres)?;
            let held = held(postgres, &authority, writes)?;
            let results = answered_before(&earlier, writes, &held);
            Ok(Written::Acknowledged(earlier, results))
        }
        Place::Next(authority) => {
            let held = held(postgres, &authority, writes)?;
            keep(postgres, writes, (&authority, &held), matched)
        }
    }
}

fn keep(
    postgres: &mut Postgres,
    writes: &Writes,
    (authority, before): (&LocalAuthority, &HeldPlans),
    matched: Option<&Matched>,
) -> Result<Written, IntakeRefusal> {
    let requests = writes.requests.iter();
    let resolved: Vec<Result<PlanRecord, WriteRefusal>> =
        requests.map(|request| before.resolve(request)).collect();
    let sent = resolved
        .iter()
        .map(|record| record.as_ref().map_err(WriteRefusal::record))
        .collect();
    let decided = decide(postgres, (authority.id, matched), sent)?;
    let refusals = refusals(&resolved, &decided.records);
    if writes.fate == Fate::OfAll && refusals.iter().any(Option::is_some) {
        are_as(before, postgres, authority, writes)?;
        let refused = refusals.into_iter().enumerate();
        let refused = refused.filter_map(|(place, refusal)| Some((place, refusal?)));
        return Ok(Written::Refused(refused.collect()));
    }
    let changes = decided.changes();
    let decided_changes = (&decided, &changes);
    take_changed(postgres, authority.id, decided_changes)?;
    are_as(before, postgres, authority, writes)?;
    let ended = check_writes(postgres, writes, authority.id, decided_changes)?;
    let file = ReceivedFile {
        authority: authority.id,
        digest: writes.digest,
        created_at: writes
            .number
            .map_or(writes.at, |(_, created_at)| created_at),
        client_id: writes.client_id.clone(),
        form: WireForm::Fhir,
    };
    let upload = (
        writes.upload_id,
        writes.number.map(|(sequence, _)| sequence),
    );
    let acknowledgement = decided.acknowledgement(upload, writes.at);
    let acknowledgement = tell(postgres, &file, acknowledgement, decided_changes)?;
    if let Some(ended) = ended {
        ended_by_writes::add(postgres, (authority.id, upload.0), ended, writes.at)?;
    }
    let told: Vec<&str> = resolved
        .iter()
        .flatten()
        .map(|told| told.local_id.as_str())
        .collect();
    let after = standing_plans::standing(postgres, authority, (&told, &[]), writes.at)?;
    let results = resolved
        .iter()
        .zip(refusals)
        .map(|(told, refusal)| match (refusal, told) {
            (Some(refusal), _) => Ok(Err(refusal)),
            (None, Err(refusal)) => Ok(Err(refusal.clone())),
            (None, Ok(told)) => after
                .standing(told, before)
                .map(Ok)
                .ok_or(StoreError::Row("plan")),
        })
        .collect::<Result<_, _>>()?;
    Ok(Written::Acknowledged(acknowledgement, results))
}

/// What the requests named was looked up before anything was decided or taken: it must be so still.
fn are_as(
    before: &HeldPlans,
    postgres: &mut Postgres,
    authority: &LocalAuthority,
    writes: &Writes,
) -> Result<(), StoreError> {
    let is_so = held(postgres, authority, writes)?.own == before.own;
    is_so.then_some(()).ok_or(StoreError::Overtaken)
}

/// Why each request is refused, before it was decided or then; none where it is met.
fn refusals(
    resolved: &[Result<PlanRecord, WriteRefusal>],
    decided: &[Result<&PlanRecord, RecordRefusal>],
) -> Vec<Option<WriteRefusal>> {
    let each = resolved.iter().zip(decided);
    each.map(|(resolved, decided)| match (resolved, decided) {
        (Err(refusal), _) => Some(refusal.clone()),
        (Ok(_), Err(refusal)) => Some(WriteRefusal::Record(refusal.clone())),
        (Ok(_), Ok(_)) => None,
    })
    .collect()
}

/// The plans that the requests are about.
fn held(
    postgres: &mut Postgres,
    authority: &LocalAuthority,
    writes: &Writes,
) -> Result<HeldPlans, StoreError> {
    let (mut local_ids, mut ids) = (Vec::new(), Vec::new());
    for request in &writes.requests {
        let (which, criteria) = match request {
            PlanWrite::Create { unless, .. } => (None, unless.as_ref()),
            PlanWrite::Update { which, .. } | PlanWrite::Withdraw { which, .. } => match which {
                Which::Plan(id) => (Some(*id), None),
                Which::Found(criteria, _) => (None, Some(criteria)),
            },
        };
        ids.extend(which);
        local_ids.extend(criteria.map(|criteria| criteria.local_id.as_str()));
        let sent = request.record().and_then(|record| record.as_ref().ok());
        local_ids.extend(sent.map(|record| record.plan.local_id.as_str()));
    }
    standing_plans::standing(postgres, authority, (&local_ids, &ids), writes.at)
}

/// The results of requests that were acknowledged before, with the plans as they now stand.
fn answered_before(
    earlier: &Acknowledgement,
    writes: &Writes,
    held: &HeldPlans,
) -> Vec<Result<Standing, WriteRefusal>> {
    writes
        .requests
        .iter()
        .zip(&earlier.records)
        .map(|(request, record)| {
            record
                .as_ref()
                .map_err(|refusal| WriteRefusal::Record(refusal.clone()))?;
            held.named_by(request).ok_or(WriteRefusal::NotFound)
        })
        .collect()
}
