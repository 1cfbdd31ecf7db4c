//! What is asked, of every line of the printed table and beside it, and what the page says becomes
//! of it.

use std::collections::{BTreeMap, BTreeSet};

use super::askers::{Asker, Proves, Standing};
use crate::support::{Ids, PrintedLine, ROLES};

/// The methods that are tried on every path.
const METHODS: [&str; 6] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
/// The authority whose plans there are.
const AUTHORITY: &str = "E90001";
/// The authority that has none.
const ANOTHER: &str = "E90002";

/// A request, before anybody asks it.
pub struct Asked {
    /// The method.
    pub method: &'static str,
    /// The path and query, from the root of the server.
    pub target: String,
    /// The path as the page prints it.
    pub path: String,
    /// The line of the page; none where the page has no such request.
    pub line: Option<PrintedLine>,
    /// Whose the request says it is about.
    pub about: About,
    /// Whether it is the first way in which the path is asked.
    pub is_first: bool,
    /// Whether it names one resource by its id.
    pub is_of_one: bool,
}

/// Whose a request says it is about.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// Nobody.
    Nobody,
    /// A child.
    Child,
    /// The plans of an authority, by its code.
    Authority(&'static str),
}

/// What becomes of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is answered, or refused for what it asks and not for who asks.
    Answered,
    /// The path has no such method.
    NoSuchMethod,
    /// It is refused with a status, for a reason.
    Refused(u16, &'static str),
}

/// Every request there is, of what is held of one child and of what is not there.
pub fn every_request(lines: &[PrintedLine], ids: &Ids) -> Vec<Asked> {
    let paths: BTreeSet<&str> = lines.iter().map(|line| line.path.as_str()).collect();
    let by_name: BTreeMap<(&str, &str), &PrintedLine> = lines
        .iter()
        .map(|line| ((line.method.as_str(), line.path.as_str()), line))
        .collect();
    let mut requests = Vec::new();
    for path in paths {
        for method in METHODS {
            let printed = if method == "HEAD" { "GET" } else { method };
            let line = by_name.get(&(printed, path)).copied();
            for (place, (target, about)) in targets(path, ids).into_iter().enumerate() {
                requests.push(Asked {
                    method,
                    target,
                    path: path.to_owned(),
                    line: line.cloned(),
                    about,
                    is_first: place == 0,
                    is_of_one: path.contains("{id}"),
                });
            }
        }
    }
    requests
}

/// The ways in which a path is asked.
fn targets(path: &str, ids: &Ids) -> Vec<(String, About)> {
    let kind = match path {
        "/audit/accesses/{id}/proof" => "AuditEvent",
        _ => path.split('/').nth(3).unwrap_or_default(),
    };
    if path.starts_with("/audit/consistency/") {
        return vec![("/audit/consistency/1/2".to_owned(), About::Nobody)];
    }
    let version = path.replace("{version}", "1");
    if version.contains("{id}") {
        // The compartment of a child is about the child, whatever stands behind it; a plan is its
        // authority's.
        let about = match kind {
            "Patient" => [About::Child, About::Child],
            "EpisodeOfCare" => [About::Authority(AUTHORITY), About::Nobody],
            _ => [About::Nobody, About::Nobody],
        };
        let unknown = "019371b8-1c00-7000-8000-0123456789ab";
        let ids = [ids.id(kind), unknown].into_iter().zip(about);
        return ids
            .map(|(id, about)| (version.replace("{id}", id), about))
            .collect();
    }
    let is_a_search = path.ends_with("/_search") || !path.contains(['$', '_', '.']);
    if !is_a_search || kind.is_empty() {
        return vec![(version, About::Nobody)];
    }
    let mut targets = vec![
        (version.clone(), About::Nobody),
        (format!("{version}?patient=9990000026"), About::Child),
    ];
    if kind == "EpisodeOfCare" {
        for code in [AUTHORITY, ANOTHER] {
            let system = "https://fhir.nhs.uk/Id/ods-organization-code";
            let naming = format!("{version}?organization:identifier={system}%7C{code}");
            targets.push((naming, About::Authority(code)));
        }
    }
    targets
}

/// What the page says becomes of a request.
pub fn outcome(asked: &Asked, asker: &Asker) -> Outcome {
    let Some(line) = &asked.line else {
        return Outcome::NoSuchMethod;
    };
    if line.is_open() {
        return Outcome::Answered;
    }
    match &asker.proves {
        Proves::Nothing(reason) => Outcome::Refused(401, reason),
        Proves::Unknown(status, reason) => Outcome::Refused(*status, reason),
        Proves::Somebody(standing) => decided(asked, line, standing),
    }
}

fn decided(asked: &Asked, line: &PrintedLine, standing: &Standing) -> Outcome {
    let forbidden = |reason| Outcome::Refused(403, reason);
    if !standing.permits(&line.permissions) {
        return forbidden("scope-too-narrow");
    }
    let granted = standing
        .roles
        .iter()
        .find_map(|role| Some((*role, line.granted_to(role)?)));
    let Some((role, relation)) = granted else {
        let asked_first = ROLES.iter().find(|role| line.granted_to(role).is_some());
        return forbidden(match *asked_first.unwrap() {
            "viewer" => standing.lacks,
            "uploader" => "not-a-local-authority",
            _ => "not-notified",
        });
    };
    match (role, relation) {
        // None of these plans was withdrawn.
        ("uploader", "own withdrawal") => forbidden("unattended"),
        ("uploader", "own plans") if is_a_search_for_plans(asked) => match asked.about {
            About::Authority(code) if standing.authority.as_deref() == Some(code) => {
                Outcome::Answered
            }
            About::Authority(_) => forbidden("another-authority"),
            About::Child | About::Nobody => forbidden("unattended"),
        },
        // Another's plan is answered as one that is not there, and on record all the same.
        ("uploader", "own plans") if asked.method == "DELETE" => match asked.about {
            About::Authority(code)
                if asked.is_of_one && standing.authority.as_deref() != Some(code) =>
            {
                Outcome::Refused(404, "another-authority")
            }
            _ => Outcome::Answered,
        },
        ("notified", "own notifications") if !standing.is_registered => forbidden("not-notified"),
        _ => Outcome::Answered,
    }
}

fn is_a_search_for_plans(asked: &Asked) -> bool {
    let searches = asked.method != "POST" || asked.path.ends_with("/_search");
    searches && asked.path.contains("/EpisodeOfCare") && !matches!(asked.method, "PUT" | "DELETE")
}

impl Standing {
    /// Whether the scopes permit all that a line needs; without scopes everything.
    fn permits(&self, needed: &[(String, String)]) -> bool {
        let Some((context, scopes)) = &self.scopes else {
            return true;
        };
        needed.iter().all(|(kind, letters)| {
            letters.chars().all(|letter| {
                scopes.iter().any(|scope| {
                    let (of, rest) = scope.split_once('/').unwrap();
                    let (named, permitted) = rest.split_once('.').unwrap();
                    of == *context && ["*", kind].contains(&named) && permitted.contains(letter)
                })
            })
        })
    }
}
