//! Public keys that are had from the URLs that the operator registered, and from no other: what a
//! token says of where its keys are counts for nothing. They are asked for again in the background,
//! and when a token comes by a key that is not known; where that fails, the last good set stands
//! for a while.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use tokio::sync::Mutex as Turn;
use tokio::task::JoinSet;
use tracing::{Instrument as _, error, info, warn};

use crate::domain::channel::Endpoint;
use crate::identity::{HeldKeys, Jwks};
use crate::outside::{Reach, agent, failure};

/// The longest key set, in bytes: 64 RSA keys of the longest, with certificates beside.
const SET_BYTES_MAX: u64 = 256 * 1024;

/// How soon a URL is asked again because a token came by an unknown key. Whoever sends such tokens
/// makes us ask no oftener.
const UNKNOWN_KEY_PACE: TimeDelta = TimeDelta::seconds(30);

/// How many URLs are asked at a time: one that does not answer keeps few others waiting, and only
/// where there are more than these.
const ASKED_AT_ONCE: usize = 32;

/// How keys are had from URLs.
#[derive(Debug, Clone, Copy)]
pub struct KeySetRules {
    /// Which addresses are spoken to.
    pub reach: Reach,
    /// The longest that a URL may take, from the look-up of its name to its answer's end.
    pub timeout: Duration,
    /// After how long a URL is asked again.
    pub refresh: TimeDelta,
    /// For how long the last good set is trusted.
    pub age_max: TimeDelta,
}

/// The key sets of one process.
#[derive(Debug)]
pub struct KeySets {
    rules: KeySetRules,
    followed: Mutex<HashMap<String, Arc<FollowedKeys>>>,
}

/// The keys at one URL.
#[derive(Debug)]
pub struct FollowedKeys {
    url: Endpoint,
    /// What is held of them.
    pub held: Arc<HeldKeys>,
    /// When the URL was asked last. Who asks holds it: one at a time.
    asked_at: Turn<Option<DateTime<Utc>>>,
    /// When it answered last with a set.
    had_at: Mutex<Option<DateTime<Utc>>>,
}

/// How key sets stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct KeySetsStanding {
    /// URLs that are followed.
    pub followed: usize,
    /// Those of which no set is trusted now: whoever has its keys there is refused.
    pub untrusted: usize,
    /// How long ago the URL answered with a set that has not done so for longest.
    pub oldest: Option<TimeDelta>,
}

impl KeySets {
    /// None yet.
    #[must_use]
    pub fn of(rules: KeySetRules) -> Self {
        Self {
            rules,
            followed: Mutex::default(),
        }
    }

    /// The keys at a URL, which are followed from now on.
    #[must_use]
    pub fn follow(&self, url: &Endpoint) -> Arc<FollowedKeys> {
        let mut followed = self.followed();
        let keys = followed.entry(url.as_str().to_owned()).or_insert_with(|| {
            Arc::new(FollowedKeys {
                url: url.clone(),
                held: Arc::default(),
                asked_at: Turn::new(None),
                had_at: Mutex::new(None),
            })
        });
        Arc::clone(keys)
    }

    /// Forgets the URLs that nobody holds the keys of any more.
    pub fn forget(&self) {
        self.followed()
            .retain(|_, keys| Arc::strong_count(keys) > 1);
    }

    /// Asks every URL again whose time has come, none of them after another that is slow.
    pub async fn refresh(&self, now: DateTime<Utc>) {
        self.forget();
        let all: Vec<Arc<FollowedKeys>> = self.followed().values().cloned().collect();
        let rules = self.rules;
        let mut asked = JoinSet::new();
        for keys in all {
            if asked.len() >= ASKED_AT_ONCE {
                asked.join_next().await;
            }
            asked.spawn(async move { keys.ask(rules, now, rules.refresh).await });
        }
        while asked.join_next().await.is_some() {}
    }

    /// Asks a URL again because a key is not known, unless it was asked just now; whether it may be
    /// known since. What it answers is held also where whoever made it be asked has gone by then:
    /// else nobody's keys would be followed while somebody asks and goes, again and again.
    pub async fn look_for_key(&self, keys: &Arc<FollowedKeys>, now: DateTime<Utc>) -> bool {
        let (keys, rules) = (Arc::clone(keys), self.rules);
        let asking = async move { keys.ask(rules, now, UNKNOWN_KEY_PACE).await };
        let asked = tokio::spawn(asking.in_current_span()).await;
        asked.unwrap_or(false)
    }

    /// How they stand: the issuer's, where they are followed, and those of clients.
    #[must_use]
    pub fn standing(
        &self,
        issuers: Option<&FollowedKeys>,
        now: DateTime<Utc>,
    ) -> [(&'static str, KeySetsStanding); 2] {
        let followed = self.followed();
        let all = followed.values().map(Arc::as_ref);
        let (of_issuer, of_clients): (Vec<_>, Vec<_>) =
            all.partition(|keys| issuers.is_some_and(|issuers| std::ptr::eq(issuers, *keys)));
        [
            ("issuer", standing(&of_issuer, now)),
            ("clients", standing(&of_clients, now)),
        ]
    }

    fn followed(&self) -> MutexGuard<'_, HashMap<String, Arc<FollowedKeys>>> {
        self.followed.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl FollowedKeys {
    /// Asks unless that was done so lately; whether another set is held than when it was wanted.
    async fn ask(&self, rules: KeySetRules, now: DateTime<Utc>, pace: TimeDelta) -> bool {
        let before = self.held.current(now);
        let mut asked_at = self.asked_at.lock().await;
        let is_due = asked_at.is_none_or(|at| now < at || now.signed_duration_since(at) >= pace);
        if !is_due {
            let since = self.held.current(now);
            return since.is_some() && since != before;
        }
        *asked_at = Some(now);
        let url = self.url.clone();
        let span = tracing::Span::current();
        let had = tokio::task::spawn_blocking(move || span.in_scope(|| had(rules, &url))).await;
        match had.unwrap_or(Err("cut-short")) {
            Ok((set, left_out)) => {
                if left_out > 0 {
                    warn!(left_out, "Some keys of a key set cannot be used here");
                }
                let is_new = self.held.hold(set, now + rules.age_max);
                *self.had_at() = Some(now);
                if is_new {
                    info!(url = self.url.as_str(), "A key set is another than before");
                }
                is_new || before.is_none()
            }
            Err(reason) => {
                error!(
                    url = self.url.as_str(),
                    reason, "A key set could not be had"
                );
                false
            }
        }
    }

    fn had_at(&self) -> MutexGuard<'_, Option<DateTime<Utc>>> {
        self.had_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn standing(all: &[&FollowedKeys], now: DateTime<Utc>) -> KeySetsStanding {
    let is_untrusted = |keys: &&&FollowedKeys| keys.held.current(now).is_none();
    let had_at = all.iter().filter_map(|keys| *keys.had_at());
    KeySetsStanding {
        followed: all.len(),
        untrusted: all.iter().filter(is_untrusted).count(),
        oldest: had_at.min().map(|at| now.signed_duration_since(at)),
    }
}

/// The set at a URL, and how many of its keys are of no use here.
fn had(rules: KeySetRules, url: &Endpoint) -> Result<(Jwks, usize), &'static str> {
    let asked = agent(rules.reach, rules.timeout)
        .get(url.as_str())
        .header("Accept", "application/jwk-set+json, application/json");
    let mut answer = asked.call().map_err(|error| failure(&error))?;
    match answer.status().as_u16() {
        200 => {}
        300..=399 => return Err("redirected"),
        _ => return Err("no-success"),
    }
    let body = answer.body_mut().with_config().limit(SET_BYTES_MAX);
    let body = body.read_to_vec().map_err(|error| match error {
        ureq::Error::BodyExceedsLimit(_) => "too-long",
        error => failure(&error),
    })?;
    let text = String::from_utf8(body).map_err(|_cause| "no-key-set")?;
    Jwks::published(&text).map_err(|_cause| "no-key-set")
}
