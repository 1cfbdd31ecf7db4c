//! Before a file is taken in: each record is compared with what the demographics service knows of
//! its NHS number, and refused where the two disagree (CP-IS NHS number matching).
//!
//! It waits for another service, so that it has no transaction. What agreed is kept as it is found,
//! also of a file that in the end is not taken in: sent again, the file goes on where it stopped.

use std::collections::{HashMap, HashSet};
use std::mem;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::demographics::matching_key::MatchingKey;
use crate::demographics::{Demographics, TraceTime, Unavailable};
use crate::domain::matching::{MatchRate, compare};
use crate::domain::nhs_number::NhsNumber;
use crate::domain::person::Trace;
use crate::domain::upload::{RecordRefusal, UploadRecord};
use crate::intake::IntakeRefusal;
use crate::secrets::DIGEST_BYTES;
use crate::store::matchings::Agreed;
use crate::store::{AuthorityStore, StoreError, children, matchings};

/// How many numbers are traced before what agreed is kept.
const CHUNK: usize = 100;

/// What uploads are matched against, and how.
#[derive(Debug)]
pub struct Matching {
    /// Who knows whose a number is.
    pub demographics: Demographics,
    /// The key of what is kept of a record that agreed.
    pub key: MatchingKey,
    /// Days after which a record that agreed is compared again.
    pub days: u16,
    /// Days in which the number of every child held is traced once.
    pub check_days: u16,
    /// The longest that one file is matched.
    pub wait: Duration,
}

/// Longer than a file may be matched for: a date of birth is held from the moment at which its file
/// came, and may have been written so much later.
const MATCHED_WITHIN: TimeDelta = TimeDelta::hours(2);

/// Each record that was sent, or why it is refused.
pub(super) type Records = Vec<Result<UploadRecord, RecordRefusal>>;

/// What came of comparing records.
pub(super) struct Matched {
    /// How many agreed.
    pub rate: MatchRate,
    /// The numbers whose records agree, and did not do so before what is held of them was told.
    pub may_correct: HashSet<NhsNumber>,
}

/// A record that may have to be compared.
struct Candidate {
    /// Its place in the file.
    place: usize,
    nhs_number: NhsNumber,
    birth_date: NaiveDate,
    withdraws: bool,
    digest: [u8; DIGEST_BYTES],
}

/// What is known of a file's numbers before any is traced.
struct Known {
    agreed: HashMap<NhsNumber, Agreed>,
    /// Each date of birth that is held, and since when at the latest.
    birth_dates: HashMap<NhsNumber, (NaiveDate, DateTime<Utc>)>,
}

/// Compares the records that came at a moment, and refuses those that do not agree.
///
/// # Errors
/// [`IntakeRefusal::DemographicsUnavailable`] when one of the numbers has no answer that can be
/// trusted, and [`IntakeRefusal::Store`]; then the file is not to be taken in.
pub(super) async fn match_records(
    store: &AuthorityStore,
    matching: &Arc<Matching>,
    (authority, at): (Uuid, DateTime<Utc>),
    sent: &mut Records,
) -> Result<Matched, IntakeRefusal> {
    let deadline = Instant::now() + matching.wait;
    let mut records = mem::take(sent);
    let shared = Arc::clone(matching);
    let (read, candidates) = spawn_blocking(move || {
        let candidates = candidates(&records, &shared.key);
        (records, candidates)
    })
    .await
    .map_err(|_cut_short| StoreError::CutShort)?;
    records = read;
    let when = (at, matching.days);
    let known = known(store, authority, &candidates, when).await?;
    let mut compared: Vec<&Candidate> = candidates
        .iter()
        .filter(|candidate| !known.only_hides(candidate))
        .collect();
    let all = compared.len();
    compared.retain(|candidate| !known.has_agreed(candidate));
    let agreed_before = all - compared.len();
    compared.sort_by_key(|candidate| candidate.nhs_number);
    let mut agreed_now = 0;
    let mut may_correct: HashSet<NhsNumber> = HashSet::new();
    let time = TraceTime { now: at, deadline };
    for chunk in chunks(&compared) {
        let traces = trace(matching, chunk, time).await?;
        let agreed = decide(&mut records, chunk, &traces)?;
        agreed_now += agreed.len();
        may_correct.extend(agreed.iter().map(|each| each.nhs_number));
        keep(store, authority, &agreed, at).await?;
    }
    // Those that agreed before, but after what is held was told, may correct it too; none does of
    // which another record does not agree.
    let corrects = candidates.iter().filter(|each| known.corrects(each));
    may_correct.extend(corrects.map(|each| each.nhs_number));
    let is_refused = |each: &&&Candidate| matches!(records.get(each.place), Some(Err(_)));
    for refused in compared.iter().filter(is_refused) {
        may_correct.remove(&refused.nhs_number);
    }
    *sent = records;
    Ok(Matched {
        rate: MatchRate {
            compared: all,
            matched: agreed_before + agreed_now,
        },
        may_correct,
    })
}

fn candidates(records: &Records, key: &MatchingKey) -> Vec<Candidate> {
    let each = records.iter().enumerate();
    each.filter_map(|(place, record)| {
        let record = record.as_ref().ok()?;
        Some(Candidate {
            place,
            nhs_number: record.plan.nhs_number,
            birth_date: record.plan.birth_date,
            withdraws: record.plan.deleted_on.is_some(),
            digest: key.digest(record),
        })
    })
    .collect()
}

async fn known(
    store: &AuthorityStore,
    authority: Uuid,
    candidates: &[Candidate],
    when: (DateTime<Utc>, u16),
) -> Result<Known, StoreError> {
    let stored = |candidate: &Candidate| candidate.nhs_number.stored();
    let all: Vec<i64> = candidates.iter().map(stored).collect();
    store
        .transaction(move |postgres| {
            Ok(Known {
                birth_dates: children::birth_dates(postgres, &all)?,
                agreed: matchings::fresh(postgres, authority, &all, when)?,
            })
        })
        .await
}

impl Known {
    /// Whether a record withdraws a plan and changes nothing else. That needs no match: it can only
    /// hide, and what must be hidden is often what should never have matched. With another date of
    /// birth than the one held it would correct that too.
    fn only_hides(&self, candidate: &Candidate) -> bool {
        candidate.withdraws && self.is_held(candidate)
    }

    /// Whether a record needs no other match than its last. One that tells another date of birth
    /// than the one held does, unless it agreed when that was held already: since it agreed,
    /// another authority's may have, and this one be wrong.
    fn has_agreed(&self, candidate: &Candidate) -> bool {
        let agreed = self.agreed.get(&candidate.nhs_number);
        let is_known = self.birth_dates.contains_key(&candidate.nhs_number);
        agreed.is_some_and(|agreed| agreed.digest == candidate.digest)
            && (!is_known || self.is_held(candidate) || self.is_newer(candidate))
    }

    /// Whether a record's date of birth is the one that is held.
    fn is_held(&self, candidate: &Candidate) -> bool {
        let held = self.birth_dates.get(&candidate.nhs_number);
        held.is_some_and(|(birth_date, _)| *birth_date == candidate.birth_date)
    }

    /// Whether what agreed of a record's number did so after what is held of it was told.
    fn is_newer(&self, candidate: &Candidate) -> bool {
        let agreed = self.agreed.get(&candidate.nhs_number);
        let held = self.birth_dates.get(&candidate.nhs_number);
        let both = agreed.zip(held);
        both.is_some_and(|(agreed, (_, since))| agreed.at > *since + MATCHED_WITHIN)
    }

    /// Whether a record tells another date of birth than the one held, and is the newer.
    fn corrects(&self, candidate: &Candidate) -> bool {
        self.has_agreed(candidate) && self.is_newer(candidate) && !self.is_held(candidate)
    }
}

/// Candidates by number, so that each number is traced once: a chunk ends where a number does.
fn chunks<'a, 'b>(sorted: &'a [&'b Candidate]) -> impl Iterator<Item = &'a [&'b Candidate]> {
    let mut rest = sorted;
    std::iter::from_fn(move || {
        let last = rest.get(CHUNK.min(rest.len()).checked_sub(1)?)?.nhs_number;
        let end = rest.partition_point(|candidate| candidate.nhs_number <= last);
        let (chunk, after) = rest.split_at(end);
        rest = after;
        Some(chunk)
    })
}

async fn trace(
    matching: &Arc<Matching>,
    chunk: &[&Candidate],
    time: TraceTime,
) -> Result<HashMap<NhsNumber, Trace>, IntakeRefusal> {
    let mut numbers: Vec<NhsNumber> = chunk.iter().map(|each| each.nhs_number).collect();
    numbers.dedup();
    let matching = Arc::clone(matching);
    let traced = spawn_blocking(move || matching.demographics.trace(&numbers, time)).await;
    Ok(traced.unwrap_or(Err(Unavailable::CutShort))?)
}

/// Refuses what does not agree, and brings what does.
fn decide<'a>(
    records: &mut Records,
    chunk: &[&'a Candidate],
    traces: &HashMap<NhsNumber, Trace>,
) -> Result<Vec<&'a Candidate>, Unavailable> {
    let mut agreed = Vec::new();
    for candidate in chunk {
        let trace = traces
            .get(&candidate.nhs_number)
            .ok_or(Unavailable::Unreadable)?;
        let Some(place) = records.get_mut(candidate.place) else {
            continue;
        };
        match place.as_ref().map(|record| compare(record, trace)) {
            Ok(Err(refusal)) => *place = Err(refusal),
            Ok(Ok(())) => agreed.push(*candidate),
            Err(_) => {}
        }
    }
    Ok(agreed)
}

async fn keep(
    store: &AuthorityStore,
    authority: Uuid,
    agreed: &[&Candidate],
    at: DateTime<Utc>,
) -> Result<(), StoreError> {
    let (numbers, digests): (Vec<i64>, Vec<Vec<u8>>) = agreed
        .iter()
        .map(|each| (each.nhs_number.stored(), each.digest.to_vec()))
        .unzip();
    store
        .transaction(move |postgres| matchings::keep(postgres, authority, (&numbers, &digests), at))
        .await
}
