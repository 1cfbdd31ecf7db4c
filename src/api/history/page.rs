//! A history told a page at a time (<https://hl7.org/fhir/R4/http.html#paging>).
//!
//! A page link names the version told last, and the next page goes on after it. It counts nothing:
//! when another authority withdraws a plan or restores it, versions come and go on both sides.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::history::asked::HistoryAsked;
use crate::api::history::version::{Place, Version};
use crate::api::search::SearchRefusal;
use crate::api::search::answering::{PAGE, self_link};
use crate::api::search::page::Expires;
use crate::api::search::parameters::{Parameter, SEARCH_BYTES_MAX, read, write};
use crate::api::search::searchable::Handling;
use crate::api::service::Service;
use crate::fhir::Resource;
use crate::fhir::history::{History, HistoryEntry};

/// Whose history it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Whose {
    /// One resource's.
    Resource(Uuid),
    /// All of a child's, of one kind.
    Child(Uuid),
}

/// What is still to be told of a history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HistoryRest {
    /// Where the history is asked for, relative to the base URL.
    path: String,
    /// Whose it is.
    pub whose: Whose,
    /// What was asked of it, as a query string.
    asked: String,
    /// The place of the version told last.
    last: Place,
    /// How many there were in all.
    total: u32,
    /// When the link stops working, in seconds since 1970.
    until: i64,
}

impl Expires for HistoryRest {
    fn until(&self) -> i64 {
        self.until
    }
}

/// The parameters of a request for a history.
///
/// # Errors
/// [`SearchRefusal::TooLong`].
pub fn parameters(query: &str) -> Result<Vec<Parameter>, SearchRefusal> {
    if query.len() > SEARCH_BYTES_MAX {
        return Err(SearchRefusal::TooLong);
    }
    Ok(read(query))
}

/// What a page link says is still to be told; none where the parameters are no page link.
///
/// # Errors
/// [`Refusal::Page`] when the link is not one of ours for this path, or its time is over.
pub fn rest(
    service: &Service,
    path: &str,
    parameters: &[Parameter],
    now: DateTime<Utc>,
) -> Result<Option<(HistoryRest, HistoryAsked)>, Refusal> {
    let Some(link) = parameters.iter().find(|known| known.written == PAGE) else {
        return Ok(None);
    };
    let rest: HistoryRest = service
        .seal
        .open_as(&link.value, now)
        .map_err(|_no_page| Refusal::Page)?;
    if rest.path != path {
        return Err(Refusal::Page);
    }
    let asked = HistoryAsked::read(&read(&rest.asked), Handling::Lenient)?;
    Ok(Some((rest, asked)))
}

/// What an access says was asked: the parameters as canonical text, and of a page link only that it
/// was one.
#[must_use]
pub fn asked_text(path: &str, parameters: &[Parameter]) -> String {
    if parameters.iter().any(|known| known.written == PAGE) {
        return format!("{path}?{PAGE}");
    }
    match write(parameters) {
        query if query.is_empty() => path.to_owned(),
        query => format!("{path}?{query}"),
    }
}

/// A page about to be told.
pub struct Page<'a> {
    /// Where the history is asked for, relative to the base URL.
    pub path: &'a str,
    /// The parameters that the self link shows.
    pub used: &'a [Parameter],
    /// Whose history it is.
    pub whose: Whose,
    /// What is asked of it.
    pub asked: &'a HistoryAsked,
    /// What was still to be told, where a page link is followed.
    pub rest: Option<HistoryRest>,
    /// The moment of the look.
    pub now: DateTime<Utc>,
}

impl Page<'_> {
    /// Answers with the page, of versions that came newest first.
    #[must_use]
    pub fn answer(self, service: &Service, versions: &[Version]) -> Answer {
        let left = match &self.rest {
            Some(rest) => rest.last.after(versions),
            None => versions,
        };
        let left: Vec<&Version> = left
            .iter()
            .filter(|version| self.asked.admits(version))
            .collect();
        let total = match &self.rest {
            Some(rest) => rest.total,
            None => u32::try_from(left.len()).unwrap_or(u32::MAX),
        };
        let largest = service.page_size_max;
        let count = self.asked.count.map_or(largest, |count| count.min(largest));
        let entries = left.iter().take(count).map(|version| version.entry());
        let entries: Vec<HistoryEntry> = entries.collect();
        let last = left.get(..count).and_then(<[&Version]>::last);
        let next = last
            .filter(|_| left.len() > count)
            .and_then(|last| self.next_link(service, last.place(), total));
        let history = History {
            self_link: self_link(service, self.path, self.used),
            next,
            total,
            entries,
        };
        Answer::made(Resource::Bundle(Box::new(history.bundle(&service.base))))
    }

    fn next_link(&self, service: &Service, last: Place, total: u32) -> Option<String> {
        let sealed = service.seal.seal(&HistoryRest {
            path: self.path.to_owned(),
            whose: self.whose,
            asked: write(&self.asked.used),
            last,
            total,
            until: service.seal.until(self.now),
        })?;
        Some(format!("{}/{}?{PAGE}={sealed}", service.base, self.path))
    }
}
