//! `GET [base]/Communication?…` and `POST [base]/Communication/_search`: what a local authority is
//! told, pulled by its own system (<https://hl7.org/fhir/R4/http.html#search>).
//!
//! It discloses no plan and is no access. The order is that of arrival, and nothing ever arrives
//! before what was read: whoever goes on with the link `monitor` misses nothing.

use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::error::Refusal;
use crate::api::notified::Notified;
use crate::api::prefer;
use crate::api::request_id::request_id;
use crate::api::search::notification_search::{AFTER, NotificationSearch};
use crate::api::search::parameters::{Parameter, write};
use crate::api::search::request::SearchRequest;
use crate::api::search::searchable::Handling;
use crate::api::service::Service;
use crate::domain::notification::{Notification, Place};
use crate::fhir::Resource;
use crate::fhir::bundle::{SearchMode, Searchset, linked};
use crate::fhir::communication::communication;
use crate::fhir::operation_outcome::{Issue, IssueType, Severity, outcome_of};
use crate::notifier;

/// Answers a search for Communications.
///
/// # Errors
/// [`Refusal`] when the search cannot be run or answered.
pub async fn search_communications(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let notified = Notified::of(&request, &service).await?;
    let stated = prefer::handling(request.headers())?;
    let handling = stated.unwrap_or(Handling::Lenient);
    let (asked, form) = SearchRequest::over_http(&request, payload).await?;
    let search = NotificationSearch::read(&asked.parameters, handling)?;
    if search.names_another(&notified.authority, &service.base) {
        return Err(notified.refused(&request, &service).await);
    }
    let count = search.count.unwrap_or(service.page_size_max);
    let count = count.min(service.page_size_max);
    let sought = search.sought(notified.authority.code);
    let found = notifier::pull(&service.notifier.store, sought, count).await?;
    let page = Page {
        service: &service,
        search: &search,
        total: u32::try_from(found.total).unwrap_or(u32::MAX),
        awaits: found.awaits,
        request_id: request_id(&request),
    };
    let response = page.answer(&found.told).response(form)?;
    Ok(prefer::with_applied(response, stated))
}

/// What stands around the notifications of a page.
struct Page<'a> {
    service: &'a Service,
    search: &'a NotificationSearch,
    total: u32,
    awaits: bool,
    request_id: Uuid,
}

impl Page<'_> {
    fn answer(&self, told: &[Notification]) -> Answer {
        let last = told.last().map_or(self.search.after, |last| last.place);
        let has_more = usize::try_from(self.total).is_ok_and(|total| total > told.len());
        let has_next = has_more && !told.is_empty();
        let mut entries: Vec<(SearchMode, Resource)> = told
            .iter()
            .map(|told| communication(told, &self.service.base))
            .map(|told| (SearchMode::Match, Resource::Communication(Box::new(told))))
            .collect();
        let remark = match (self.awaits, self.total) {
            (true, _) => Some(AWAITED),
            (false, 0) => Some(NOTHING),
            (false, _) => None,
        };
        entries.extend(remark.map(|(severity, code, words)| {
            let outcome = remarked(self.request_id, (severity, code, words));
            (SearchMode::Outcome, outcome)
        }));
        let searchset = Searchset {
            self_link: self.link(self.search.after),
            next: has_next.then(|| self.link(last)),
            total: self.total,
            entries,
        };
        let bundle = searchset.bundle(&self.service.base);
        let bundle = linked(bundle, "monitor", self.link(last));
        Answer::made(Resource::Bundle(Box::new(bundle)))
    }

    /// The search of what arrived after a place.
    fn link(&self, after: Place) -> String {
        let mut parameters = self.search.used.clone();
        if after > Place::FIRST {
            parameters.push(Parameter {
                written: AFTER.to_owned(),
                value: after.to_string(),
            });
        }
        let path = format!("{}/Communication", self.service.base);
        if parameters.is_empty() {
            return path;
        }
        format!("{path}?{}", write(&parameters))
    }
}

/// What is said beside the notifications of a page.
type Remark = (Severity, IssueType, &'static str);

/// Nothing happened: a quiet window is told as such, so that nobody has to tell silence from a
/// fault.
const NOTHING: Remark = (
    Severity::Information,
    IssueType::Informational,
    "Nothing of this kind was notified to the local authority: no access of unscheduled care to \
     its children, no change of an NHS number and no end of a plan is waiting in this window.",
);

/// Something happened that is not told yet: a window that is still filling is never told as quiet
/// or whole.
const AWAITED: Remark = (
    Severity::Warning,
    IssueType::Transient,
    "More was notified to the local authority in this window than is told yet, because something \
     might still come before it: ask again in a minute, or follow the link monitor.",
);

fn remarked(request_id: Uuid, (severity, code, words): Remark) -> Resource {
    let issue = Issue {
        severity,
        code,
        spine_code: None,
        diagnostics: words.to_owned(),
        expression: Vec::new(),
    };
    outcome_of(request_id, &[issue])
}
