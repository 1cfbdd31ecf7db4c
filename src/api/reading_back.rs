//! What every reading of an authority shares: who reads, the place where a page goes on, and the
//! answer as CSV.

use actix_web::http::StatusCode;
use actix_web::http::header::LINK;
use actix_web::{HttpRequest, HttpResponse};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::api::asking::check_request_id;
use crate::api::caller::{log_refused, uploader};
use crate::api::error::Refusal;
use crate::api::file_answer::file_answer;
use crate::api::request_id::request_id;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::{PAGE, page_link};
use crate::api::search::once::{set, whole};
use crate::api::search::page::Expires;
use crate::api::search::parameters::{Parameter, read};
use crate::api::service::Service;
use crate::domain::caller::Caller;
use crate::domain::reading::{AuthorityReading, ReadBack};
use crate::intake::IntakeRefusal;
use crate::messages::csv_cells::MEDIA_TYPE as CSV;

/// The parameters that page a reading.
pub const PAGING: [&str; 2] = ["_count", PAGE];

/// An authority's system that reads, and what it asked for.
pub struct Reader {
    /// The system.
    pub caller: Caller,
    /// The reading, as it goes on record.
    pub reading: AuthorityReading,
    /// The parameters of the query string.
    pub parameters: Vec<Parameter>,
}

impl Reader {
    /// Reads who asks to read what.
    ///
    /// # Errors
    /// [`Refusal`] when the token is not a local authority's system's; it is in the security log.
    pub async fn of(
        request: &HttpRequest,
        service: &Service,
        what: ReadBack,
    ) -> Result<Self, Refusal> {
        check_request_id(request)?;
        let caller = uploader(request, service).await?;
        Ok(Self {
            reading: reading(request, service, &caller, what),
            caller,
            parameters: read(request.query_string()),
        })
    }

    /// How many rows are wanted on a page: so many at the most, and as many where nothing is said.
    ///
    /// # Errors
    /// [`SearchRefusal::Value`] when it is no whole number, or stands again.
    pub fn count(&self, most: usize) -> Result<usize, SearchRefusal> {
        count(&self.parameters, most)
    }

    /// Where the page that is asked for goes on; none for the first.
    ///
    /// # Errors
    /// [`Refusal::Page`] when the link is none of this authority's to this path, or too old.
    pub fn rest(&self, service: &Service, path: &str) -> Result<Option<Rest>, Refusal> {
        rest(service, &self.caller, &self.parameters, path)
    }
}

/// A caller's reading, as it goes on record.
#[must_use]
pub fn reading(
    request: &HttpRequest,
    service: &Service,
    caller: &Caller,
    what: ReadBack,
) -> AuthorityReading {
    AuthorityReading {
        at: service.clock.now(),
        request_id: request_id(request),
        client_id: caller.client_id.clone(),
        authority: caller.organisation.clone(),
        what,
    }
}

/// How many rows a page holds, as the parameters say.
///
/// # Errors
/// As [`Reader::count`].
pub fn count(parameters: &[Parameter], most: usize) -> Result<usize, SearchRefusal> {
    let mut count = None;
    for parameter in parameters.iter().filter(|one| one.written == "_count") {
        let value = whole(&parameter.value);
        set(&mut count, value, parameter, "_count is a whole number")?;
    }
    Ok(count.map_or(most, |count| count.min(most)))
}

/// What is still to be told of a reading, as a page link holds it. It names no child: only the
/// place after which it goes on, by what never changes.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rest {
    /// The path that is read.
    pub path: String,
    /// The authority that reads.
    pub authority: String,
    /// The place after which the page begins: what is ordered by, and the id that tells it from
    /// others in the same place.
    pub after: (String, Uuid),
    /// What was asked for on the first page, where that is of every page.
    pub asked: Vec<String>,
    /// How many rows a page holds.
    pub count: usize,
    /// When the link stops working, in seconds since 1970.
    pub until: i64,
}

impl Expires for Rest {
    fn until(&self) -> i64 {
        self.until
    }
}

/// Opens the page link among the parameters, where there is one.
///
/// # Errors
/// As [`Reader::rest`].
pub fn rest(
    service: &Service,
    caller: &Caller,
    parameters: &[Parameter],
    path: &str,
) -> Result<Option<Rest>, Refusal> {
    let Some(link) = parameters.iter().find(|one| one.written == PAGE) else {
        return Ok(None);
    };
    let opened = service
        .seal
        .open_as(&link.value, service.clock.now())
        .map_err(|_no_page| Refusal::Page);
    opened.and_then(|rest: Rest| {
        let is_its_own = rest.path == path && rest.authority == caller.organisation.as_str();
        is_its_own.then_some(Some(rest)).ok_or(Refusal::Page)
    })
}

/// The link to what is left of a reading; none when no link can be sealed.
#[must_use]
pub fn next_link(service: &Service, rest: &Rest) -> Option<String> {
    let sealed = service.seal.seal(rest)?;
    Some(page_link(service, &rest.path, &sealed))
}

/// What an authority is told that is not on the register; it is in the security log.
pub async fn unknown(request: &HttpRequest, service: &Service, caller: Caller) -> Refusal {
    refused(request, service, caller, IntakeRefusal::UnknownAuthority).await
}

/// Puts into the security log that an authority was refused what is not its own.
pub async fn refused(
    request: &HttpRequest,
    service: &Service,
    caller: Caller,
    refusal: IntakeRefusal,
) -> Refusal {
    if let Some(reason) = refusal.code() {
        log_refused(request, service, caller, reason).await;
    }
    refusal.into()
}

/// Answers with a CSV file that nobody may keep, and with the link to the next (RFC 8288).
#[must_use]
pub fn csv(file: Vec<u8>, next: Option<&str>) -> HttpResponse {
    let mut response = file_answer(StatusCode::OK, CSV);
    if let Some(next) = next {
        response.insert_header((LINK, format!("<{next}>; rel=\"next\"")));
    }
    response.body(file)
}
