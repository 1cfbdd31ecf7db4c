//! The walk of every search: read it, disclose what it may see, answer with what matches.

use actix_web::web::Payload;
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::error::Refusal;
use crate::api::prefer;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::{self, Page};
use crate::api::search::authorities::search_authorities;
use crate::api::search::child_criterion::Named;
use crate::api::search::finding::Seen;
use crate::api::search::paging::{next_page, rest_of};
use crate::api::search::parameters::write;
use crate::api::search::pool::Pool;
use crate::api::search::request::SearchRequest;
use crate::api::search::requirement::Requirement;
use crate::api::search::result_shape::ResultShape;
use crate::api::search::searchable::{About, Search, Searchable};
use crate::api::search::view::View;
use crate::api::service::Service;
use crate::disclosure::{AskedLook, NotDisclosed};
use crate::domain::access::{Interaction, ShownHistory, Subject};
use crate::domain::caller::CallerRefusal;
use crate::domain::scope::Permission;
use crate::fhir::resource_kind::ResourceKind;

/// Answers a search about a child that came over HTTP.
///
/// # Errors
/// [`Refusal`] when it cannot be run or answered.
pub async fn over_http(
    searchable: &Searchable,
    service: &Service,
    request: &HttpRequest,
    payload: Payload,
) -> Result<HttpResponse, Refusal> {
    let asking = Asking::of(request, service).await?;
    asked_by(&asking, searchable, service, (request, payload)).await
}

/// The same, once it is known who asks.
///
/// # Errors
/// As [`over_http`].
pub async fn asked_by(
    asking: &Asking,
    searchable: &Searchable,
    service: &Service,
    (request, payload): (&HttpRequest, Payload),
) -> Result<HttpResponse, Refusal> {
    let (search, form) = SearchRequest::over_http(request, payload).await?;
    let answer = match run(searchable, service, asking, search).await {
        Ok(answer) => answer,
        Err(refusal) => return Err(asking.noted(request, service, refusal).await),
    };
    Ok(prefer::with_applied(
        answer.response(form)?,
        asking.stated_handling,
    ))
}

/// Runs a search.
///
/// # Errors
/// [`Refusal`] when it cannot be run or answered.
pub async fn run(
    searchable: &Searchable,
    service: &Service,
    asking: &Asking,
    request: SearchRequest,
) -> Result<Answer, Refusal> {
    let link = request.page_link();
    if matches!(searchable.about, About::Authorities) {
        return search_authorities(searchable, service, asking.handling, &request).await;
    }
    if let Some(link) = link {
        // A link is for the child it was made for, whoever is named beside it.
        if request.compartment.is_some() || searchable.name_a_child(&request.parameters) {
            return Err(Refusal::Page);
        }
        return next_page(searchable, service, asking, link).await;
    }
    let search = request.read(searchable, service, asking.handling)?;
    check_scopes(asking, &search.shape, &search.requirements)?;
    let path = request.path(searchable);
    let self_link = answering::self_link(service, &path, &search.used);
    let Some(Named::Child(subject)) = search.child else {
        return Ok(answering::nobody(service, self_link, asking.request_id));
    };
    let now = service.clock.now();
    // As canonical text: whatever a caller wrote, what is kept is a query that reads the same.
    let asked = format!("{path}?{}", write(&request.parameters));
    let look = asking.look(now, subject, Interaction::Search, asked);
    let shown = ShownHistory::WithPresentLook(service.history);
    let shown = looks_at_history(searchable.kind, &search).then_some(shown);
    let Some(seen) = see(service, look, shown).await? else {
        return Ok(answering::nobody(service, self_link, asking.request_id));
    };
    let child = seen.disclosure.child().map(|child| child.id);
    check_one_child(subject, (search.child_id, child))?;
    // Of a request that is sent again, the moment is that of the look it was.
    let now = seen.disclosure.access.at;
    let pool = Pool::of(seen.findings_in(searchable.view), now, &service.base);
    let ids = answering::matches(searchable.kind, &search, &pool)?;
    let finds_nothing = ids.is_empty();
    let rest = rest_of(service, searchable, &search, (child, ids), now)?;
    let leaves_out_plans = searchable.view == View::PatientFlag && child.is_some() && finds_nothing;
    // Who asks for the total alone is told nothing else.
    if leaves_out_plans && rest.count > 0 {
        let request_id = asking.request_id;
        return Ok(answering::plans_left_out(service, self_link, request_id));
    }
    let page = Page {
        kind: searchable.kind,
        rest,
        self_link,
        pool,
        shape: &search.shape,
    };
    answering::page(service, page)
}

/// Refuses a search that would tell of kinds of resource that the token is not for: to leave them
/// out would read as if there were none.
///
/// # Errors
/// [`CallerRefusal::ScopeTooNarrow`].
pub fn check_scopes(
    asking: &Asking,
    shape: &ResultShape,
    requirements: &[Requirement],
) -> Result<(), CallerRefusal> {
    for kind in ResourceKind::ALL {
        if shape.looks_at(kind) {
            asking.check(kind.name(), Permission::Read)?;
        }
        if requirements.iter().any(|one| one.looks_at(kind)) {
            asking.check(kind.name(), Permission::Search)?;
        }
    }
    Ok(())
}

/// Whether a search looks at accesses: it is for them, brings them along, or asks about them.
fn looks_at_history(kind: ResourceKind, search: &Search) -> bool {
    [ResourceKind::AuditEvent, ResourceKind::PractitionerRole]
        .into_iter()
        .any(|of| {
            let required = || search.requirements.iter().any(|one| one.looks_at(of));
            kind == of || search.shape.looks_at(of) || required()
        })
}

/// A number and an id that are different children's find nothing together; answered as nothing, it
/// would read as "no plan". Without a plan no id is known to be the number's, and then the number
/// must be asked for alone.
///
/// # Errors
/// [`SearchRefusal::SeveralChildren`].
pub fn check_one_child(
    subject: Subject,
    (named, disclosed): (Option<Uuid>, Option<Uuid>),
) -> Result<(), SearchRefusal> {
    match (subject, named) {
        (Subject::NhsNumber(_), Some(_)) if named != disclosed => {
            Err(SearchRefusal::SeveralChildren {
                parameter: "patient".to_owned(),
            })
        }
        _ => Ok(()),
    }
}

/// Goes through the one door, for the plans alone or for so much of the accesses too.
///
/// # Errors
/// [`NotDisclosed`] when the look is over a budget, or anything is in doubt.
pub async fn see(
    service: &Service,
    look: AskedLook,
    shown: Option<ShownHistory>,
) -> Result<Option<Seen>, NotDisclosed> {
    let seen = match shown {
        Some(shown) => service.door.disclose_history(look, shown).await?,
        None => {
            let disclosed = service.door.disclose(look).await?;
            disclosed.map(|disclosure| (disclosure, Vec::new()))
        }
    };
    Ok(seen.map(|(disclosure, history)| Seen {
        disclosure,
        history,
    }))
}
