//! `GET` and `POST [base]/Patient/[id]/$everything`: all that is disclosed of one child
//! (<https://hl7.org/fhir/R4/patient-operation-everything.html>).
//!
//! It is one look, recorded as an operation, and answered as the compartment is searched: an NHS
//! number may stand for the id, and a child without a visible plan has nothing. Matches are what
//! R4's Patient compartment holds, and includes what those name. What `_type` names is asked for
//! outright, so that all of it matches and nothing is brought along.

mod asked;
mod page;
mod rest;

use actix_web::http::Method;
use actix_web::web::{Data, Payload};
use actix_web::{HttpRequest, HttpResponse};

use self::asked::EverythingAsked;
pub use self::asked::NAMES;
use self::page::{OF_PLANS, OF_THE_COMPARTMENT, page, page_link, pool};
use self::rest::EverythingRest;
use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::body;
use crate::api::error::Refusal;
use crate::api::negotiation::agreed;
use crate::api::prefer;
use crate::api::search::SearchRefusal;
use crate::api::search::answering::{PAGE, left_out, self_link};
use crate::api::search::child_criterion::{self, Named};
use crate::api::search::finding::Seen;
use crate::api::search::parameters::{Parameter, read, write};
use crate::api::search::request::bytes_max;
use crate::api::search::run::see;
use crate::api::search::search_parameter::ParameterKind;
use crate::api::service::Service;
use crate::disclosure::AskedLook;
use crate::domain::access::{Interaction, ShownHistory, Subject};
use crate::fhir::parameters::{Held, parameters};
use crate::fhir::resource_kind::ResourceKind;

/// The longest `Parameters` taken, in bytes.
const BYTES_MAX: usize = 16 * 1024;

/// Answers with all that is disclosed of a child.
///
/// # Errors
/// [`Refusal`] when it cannot be answered.
pub async fn everything(
    request: HttpRequest,
    payload: Payload,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let asking = Asking::of(&request, &service).await?;
    let parameters = sent(&request, payload).await?;
    // A body may ask for a form of answer too.
    let form = agreed(&request, &write(&parameters))?;
    let id = request.match_info().get("id").unwrap_or_default();
    let link = parameters.iter().find(|sent| sent.written == PAGE);
    let answer = match link {
        Some(link) => next_page(&service, &asking, id, &link.value).await?,
        None => first_page(&service, &asking, id, &parameters).await?,
    };
    let response = answer.response(form)?;
    Ok(prefer::with_applied(response, asking.stated_handling))
}

/// Refuses the same of no child: nobody can list children.
///
/// # Errors
/// Always: [`SearchRefusal::NoChild`], or why the caller may not ask at all.
pub async fn everything_of_all(
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    Asking::of(&request, &service).await?;
    Err(SearchRefusal::NoChild.into())
}

/// The parameters, from the URL and the body.
async fn sent(request: &HttpRequest, payload: Payload) -> Result<Vec<Parameter>, Refusal> {
    let query = request.query_string();
    if query.len() > bytes_max(query) {
        return Err(SearchRefusal::TooLong.into());
    }
    let mut sent = read(query);
    if request.method() != Method::POST {
        return Ok(sent);
    }
    let Some(resource) = body::resource(request, payload, BYTES_MAX).await? else {
        return Ok(sent);
    };
    for parameter in parameters(resource)? {
        let Held::Value(value) = parameter.held else {
            let parameter = parameter.name;
            return Err(SearchRefusal::Unsupported { parameter }.into());
        };
        sent.push(Parameter {
            written: parameter.name,
            value,
        });
    }
    Ok(sent)
}

async fn first_page(
    service: &Service,
    asking: &Asking,
    id: &str,
    parameters: &[Parameter],
) -> Result<Answer, Refusal> {
    let asked = EverythingAsked::read(parameters, asking.handling)?;
    let subject = child(id, &service.base)?;
    let path = format!("Patient/{id}/$everything");
    let now = service.clock.now();
    let text = match parameters {
        [] => path.clone(),
        parameters => format!("{path}?{}", write(parameters)),
    };
    let look = asking.look(now, subject, Interaction::Operation, text);
    let seen = disclosed(
        service,
        look,
        ShownHistory::WithPresentLook(service.history),
    )
    .await?;
    let seen = seen.ok_or(Refusal::NotFound)?;
    // Of a request that is sent again, the moment is that of the look it was.
    let now = seen.disclosure.access.at;
    let pool = pool(&seen, now, service);
    let kinds = asked.kinds.as_deref().unwrap_or(&OF_THE_COMPARTMENT);
    let (mut left, mut leaves_out_plans) = (Vec::new(), false);
    for kind in kinds {
        for found in pool.of_kind(*kind) {
            if asked.admits(found, &pool)? {
                left.push((*kind, found.finding.id()));
            } else {
                leaves_out_plans |= OF_PLANS.contains(kind);
            }
        }
    }
    let child = seen.disclosure.child().map(|child| child.id);
    let rest = EverythingRest {
        child: child.unwrap_or_default(),
        total: u32::try_from(left.len()).unwrap_or(u32::MAX),
        left,
        count: asked.count,
        brings: asked.kinds.is_none(),
        of_every_page: asked.of_every_page,
        until: service.seal.until(now),
    };
    let self_link = self_link(service, &path, &asked.used);
    let said = leaves_out_plans.then(|| left_out(asking.request_id));
    page(service, &pool, rest, (self_link, said))
}

/// Whom a path names, as one of the child's compartment would.
fn child(id: &str, base: &str) -> Result<Subject, Refusal> {
    let compartment = Parameter {
        written: "patient".to_owned(),
        value: id.to_owned(),
    };
    let by_reference = ParameterKind::Reference(&[ResourceKind::Patient]);
    match child_criterion::read(&compartment, by_reference, base)? {
        Named::Child(subject) => Ok(subject),
        Named::Nobody => Err(Refusal::NotFound),
    }
}

/// Answers a page link: a look of its own, which tells what is left of what was found before.
async fn next_page(
    service: &Service,
    asking: &Asking,
    id: &str,
    link: &str,
) -> Result<Answer, Refusal> {
    let now = service.clock.now();
    let mut rest: EverythingRest = service
        .seal
        .open_as(link, now)
        .map_err(|_no_page| Refusal::Page)?;
    if id != rest.child.to_string() {
        return Err(Refusal::Page);
    }
    let text = format!("Patient/{id}/$everything?{PAGE}");
    let look = asking.look(
        now,
        Subject::Patient(rest.child),
        Interaction::Operation,
        text,
    );
    // The link names what was shown when it was made; looks since then push nothing out of it.
    let seen = disclosed(service, look, ShownHistory::Whole).await?;
    let seen = seen.ok_or(Refusal::Page)?;
    let pool = pool(&seen, seen.disclosure.access.at, service);
    // An empty page would read as an end that is none, or as "no plan".
    rest.left
        .retain(|(kind, id)| pool.get(*kind, *id).is_some());
    if rest.left.is_empty() {
        return Err(Refusal::Page);
    }
    page(service, &pool, rest, (page_link(service, id, link), None))
}

async fn disclosed(
    service: &Service,
    look: AskedLook,
    shown: ShownHistory,
) -> Result<Option<Seen>, Refusal> {
    Ok(see(service, look, Some(shown)).await?)
}
