//! `GET [base]/Flag/_history?patient=…` and `GET [base]/EpisodeOfCare/_history?patient=…`: every
//! version of all of a child's plans that are shown, newest first
//! (<https://hl7.org/fhir/R4/http.html#history>). Nobody can list children, so it names one.

use actix_web::web::Data;
use actix_web::{HttpRequest, HttpResponse};
use uuid::Uuid;

use crate::api::answer::Answer;
use crate::api::asking::Asking;
use crate::api::error::Refusal;
use crate::api::history::asked::HistoryAsked;
use crate::api::history::page::{HistoryRest, Page, Whose, asked_text, parameters, rest};
use crate::api::history::version::{Version, of_plan};
use crate::api::search::SearchRefusal;
use crate::api::search::child_criterion::Named;
use crate::api::search::parameters::{PARAMETERS_MAX, Parameter};
use crate::api::search::run::check_one_child;
use crate::api::search::searchable::{Asked, Search, Searchable};
use crate::api::service::Service;
use crate::domain::access::{Interaction, Subject};

/// Answers with the history of a child's resources of a kind.
///
/// # Errors
/// [`Refusal`] when it cannot be answered; 400 where no child is named, and 404 where nobody is
/// known under the id that names one, because an empty history would read as "never a plan".
pub async fn history_type(
    searchable: &Searchable,
    request: HttpRequest,
    service: Data<Service>,
) -> Result<HttpResponse, Refusal> {
    let asking = Asking::of(&request, &service).await?;
    let answer = history(searchable, &service, &asking, request.query_string()).await?;
    answer.response(asking.form)
}

/// Tells the history of a child's resources of a kind.
///
/// # Errors
/// As [`history_type`].
pub async fn history(
    searchable: &Searchable,
    service: &Service,
    asking: &Asking,
    query: &str,
) -> Result<Answer, Refusal> {
    let path = format!("{}/_history", searchable.kind.name());
    let parameters = parameters(query)?;
    let now = service.clock.now();
    let whole = match rest(service, &path, &parameters, now)? {
        // A link is for the child it was made for, whoever is named beside it.
        Some(_) if searchable.name_a_child(&parameters) => return Err(Refusal::Page),
        Some((rest, asked)) => Whole {
            subject: child_of(rest.whose).ok_or(Refusal::Page)?,
            child_id: None,
            used: parameters.clone(),
            asked,
            rest: Some(rest),
        },
        None => read(searchable, service, asking, &parameters)?,
    };
    let text = asked_text(&path, &parameters);
    let look = asking.look(now, whole.subject, Interaction::TypeHistory, text);
    let (now, pasts) = service
        .door
        .disclose_past(look)
        .await?
        .ok_or(Refusal::NotFound)?;
    let child = pasts.first().map(|past| past.plan.child.id);
    check_one_child(whole.subject, (whole.child_id, child))?;
    let mut versions: Vec<Version> = pasts
        .iter()
        .flat_map(|past| of_plan(searchable.kind, past, now))
        .collect();
    // A stable sort: each plan's own versions stay in their order.
    versions.sort_by_key(Version::order);
    let page = Page {
        path: &path,
        used: &whole.used,
        whose: Whose::Child(child.unwrap_or_default()),
        asked: &whole.asked,
        rest: whole.rest,
        now,
    };
    Ok(page.answer(service, &versions))
}

/// A request that has been read.
struct Whole {
    subject: Subject,
    child_id: Option<Uuid>,
    used: Vec<Parameter>,
    asked: HistoryAsked,
    rest: Option<HistoryRest>,
}

fn child_of(whose: Whose) -> Option<Subject> {
    match whose {
        Whose::Child(id) => Some(Subject::Patient(id)),
        Whose::Resource(_) => None,
    }
}

/// The child is named as in a search; the rest is a history's own.
fn read(
    searchable: &Searchable,
    service: &Service,
    asking: &Asking,
    parameters: &[Parameter],
) -> Result<Whole, Refusal> {
    if parameters.len() > PARAMETERS_MAX {
        return Err(SearchRefusal::TooLong.into());
    }
    let names_child =
        |written: &&Parameter| searchable.name_a_child(std::slice::from_ref(*written));
    let (naming, others): (Vec<&Parameter>, Vec<&Parameter>) =
        parameters.iter().partition(names_child);
    let owned = |list: Vec<&Parameter>| list.into_iter().cloned().collect::<Vec<Parameter>>();
    let Search {
        child,
        child_id,
        mut used,
        ..
    } = searchable.read(&Asked {
        parameters: &owned(naming),
        compartment: None,
        handling: asking.handling,
        base: &service.base,
        searchables: service.searchables,
    })?;
    let asked = HistoryAsked::read(&owned(others), asking.handling)?;
    let Some(Named::Child(subject)) = child else {
        return Err(Refusal::NotFound);
    };
    used.extend(asked.used.iter().cloned());
    Ok(Whole {
        subject,
        child_id,
        used,
        asked,
        rest: None,
    })
}
