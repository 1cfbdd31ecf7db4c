//! One request of an authority's batch or transaction, ready to be taken in.

use crate::api::error::Refusal;
use crate::api::plan_writes::criteria::read_criteria;
use crate::api::plan_writes::refused::{Asked, RefusedWrite};
use crate::api::plan_writes::sent::SentPlan;
use crate::api::plan_writes::{Writer, asked, id_of, if_match};
use crate::api::search::parameters::relative;
use crate::api::update_episode_of_care::check_id;
use crate::domain::authorisation::Role;
use crate::domain::plan_write::{PlanWrite, Which, WriteRefusal};
use crate::fhir::batch::BatchEntry;
use crate::fhir::reading::Unreadable;
use crate::fhir::upload_record::Unfit;
use crate::routes::authorisation;

/// The one type of resource that is written here.
const KIND: &str = "EpisodeOfCare";

/// A request.
pub struct Prepared {
    /// What it asks.
    pub write: PlanWrite,
    place: usize,
    unfit: Option<Unfit>,
}

impl Prepared {
    /// What it asks of the plan.
    pub fn asked(&self) -> Asked {
        asked(&self.write)
    }

    /// Its refusal.
    pub fn refused(&self, why: WriteRefusal) -> RefusedWrite {
        RefusedWrite {
            asked: self.asked(),
            why,
            unfit: self.unfit.clone(),
            entry: Some(self.place),
        }
    }
}

/// Reads a request.
///
/// # Errors
/// [`Refusal`] when it is none about a plan of the authority's.
pub fn prepared(
    writer: &Writer,
    place: usize,
    entry: BatchEntry,
    base: &str,
) -> Result<Prepared, Refusal> {
    let (path, query) = {
        let relative = relative(&entry.url, base);
        let (path, query) = relative.split_once('?').unwrap_or((relative, ""));
        (path.trim_start_matches('/').to_owned(), query.to_owned())
    };
    let rule = authorisation::of_entry(&entry.method, &path).ok_or(Refusal::WriteEntry)?;
    if !rule.grants_to(Role::Uploader) {
        return Err(Refusal::WriteEntry);
    }
    writer.caller.check_scopes(&rule.needed)?;
    let segments: Vec<&str> = path.split('/').collect();
    let authority = &writer.caller.organisation;
    let condition = if_match::of_entry(entry.if_match.as_deref());
    let sent = match entry.method.as_str() {
        "POST" | "PUT" => {
            let resource = entry.resource.as_ref().ok_or(Unreadable::Nothing)?;
            Some(writer.plan(&resource.read()?))
        }
        _ => None,
    };
    let which = |asked, sent: Option<&SentPlan>| match segments.as_slice() {
        [KIND] => {
            let id = sent.and_then(|sent| sent.id.clone());
            Ok(Which::Found(read_criteria(&query, authority)?, id))
        }
        [KIND, id] => {
            if let Some(sent) = sent {
                check_id(id, sent.id.as_deref())?;
            }
            Ok(Which::Plan(id_of(id, asked, Some(place))?))
        }
        _ => Err(Refusal::WriteEntry),
    };
    let write = match (entry.method.as_str(), &sent, segments.as_slice()) {
        ("POST", Some(sent), [KIND]) => PlanWrite::Create {
            record: sent.record.clone(),
            unless: match entry.if_none_exist.as_deref() {
                Some(query) => Some(read_criteria(query.trim_start_matches('?'), authority)?),
                None => None,
            },
        },
        ("PUT", Some(sent), _) => PlanWrite::Update {
            which: which(Asked::Update, Some(sent))?,
            record: sent.record.clone(),
            condition,
        },
        ("DELETE", _, _) => PlanWrite::Withdraw {
            which: which(Asked::Withdraw, None)?,
            condition,
        },
        _ => return Err(Refusal::WriteEntry),
    };
    Ok(Prepared {
        write,
        place,
        unfit: sent.and_then(|sent| sent.unfit),
    })
}
