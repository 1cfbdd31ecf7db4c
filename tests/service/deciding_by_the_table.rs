//! The table of authorisation, tried: whoever asks whatever, the page says what becomes of it, and
//! every refusal is on record and says nothing of any child.

mod askers;
mod cases;
mod faults;

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use ureq::Agent;

use self::askers::{Asker, Proves, askers};
use self::cases::{Asked, Outcome, every_request, outcome};
use crate::support::{Ids, TestService, a_plan, forget_lines_of, printed_lines};

/// How many ask at once, each over one connection.
const AT_ONCE: usize = 4;
/// How the id of each request begins.
const REQUEST: &str = "60e0b220-8136-4ca5-ae46";
/// What no refusal may hold, beside the ids of what is held.
const OF_A_CHILD: [&str; 10] = [
    "9990000026",
    "999 000 0026",
    "Okonkwo",
    "Ada Grace",
    "2015-04-01",
    "H-1",
    "E90001",
    "E90002",
    "01632960001",
    "Authority",
];

/// One request by one asker.
struct Case<'case> {
    asker: &'case Asker,
    asked: &'case Asked,
    expected: Outcome,
}

/// What was wrong with an answer, and what must be on record.
#[derive(Default)]
struct Found {
    wrong: Vec<String>,
    refused: HashMap<String, (&'static str, String)>,
}

#[test]
fn whoever_asks_whatever_has_the_answer_that_the_page_says_and_every_refusal_is_on_record() {
    let service = TestService::with(|settings| {
        settings.refusals.stranger_refusals_max = 1_000_000;
        settings.refusals.client_refusals_max = 1_000_000;
    });
    service.tell(&[a_plan()]);
    let ids = Ids::of(&service);
    let askers = askers(&service);
    let requests = every_request(&printed_lines(), &ids);
    let cases: Vec<Case> = requests
        .iter()
        .flat_map(|asked| askers.iter().map(move |asker| (asked, asker)))
        .filter(|(asked, asker)| is_asked(asked, asker))
        .map(|(asked, asker)| Case {
            asker,
            asked,
            expected: outcome(asked, asker),
        })
        .collect();
    assert!(cases.len() >= 20_000, "{} cases", cases.len());
    let found = asked_by_all(&service, &cases, &ids);
    assert!(
        found.wrong.is_empty(),
        "{} of {} cases: {:#?}",
        found.wrong.len(),
        cases.len(),
        &found.wrong[..found.wrong.len().min(20)]
    );
    let on_record = service
        .texts("select concat_ws(' ', request_id, reason, route) from security_log order by id");
    assert_eq!(on_record.len(), found.refused.len());
    for row in on_record {
        let (id, why) = row.split_once(' ').unwrap();
        let (reason, route) = &found.refused[id];
        assert_eq!(why, format!("{reason} {route}"));
    }
    forget_lines_of(REQUEST);
}

/// What a path does not take nobody may, and who proves nothing is refused in whichever way a path
/// is asked: there some of all cases are enough.
fn is_asked(asked: &Asked, asker: &Asker) -> bool {
    match (&asked.line, &asker.proves) {
        (None, _) => asked.is_first && asker.name.contains("RQX99 with"),
        (Some(_), Proves::Nothing(_)) => asked.is_first && asked.method != "HEAD",
        (Some(_), _) => asked.is_first || asked.method != "HEAD",
    }
}

/// Asks every case, several at once.
fn asked_by_all(service: &TestService, cases: &[Case], ids: &Ids) -> Found {
    let secrets: Vec<&str> = ["Flag", "Patient", "Organization", "AuditEvent"]
        .iter()
        .map(|kind| ids.id(kind))
        .chain(OF_A_CHILD)
        .collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        let asking: Vec<_> = (0..AT_ONCE)
            .map(|_| {
                scope.spawn(|| {
                    let agent: Agent = Agent::config_builder()
                        .http_status_as_error(false)
                        .timeout_global(Some(Duration::from_secs(60)))
                        .build()
                        .into();
                    let mut found = Found::default();
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        let Some(case) = cases.get(number) else {
                            return found;
                        };
                        let id = format!("{REQUEST}-{number:012x}");
                        let answer = ask(&agent, &service.root, case, &id);
                        found.look(case, id, &answer, &secrets);
                    }
                })
            })
            .collect();
        let mut all = Found::default();
        for found in asking {
            let found = found.join().unwrap();
            all.wrong.extend(found.wrong);
            all.refused.extend(found.refused);
        }
        all
    })
}

/// The status, and the head and body as text.
fn ask(agent: &Agent, root: &str, case: &Case, id: &str) -> (u16, String) {
    let asked = case.asked;
    let is_a_form = asked.path.ends_with("/_search");
    let (target, query) = asked.target.split_once('?').unwrap_or((&asked.target, ""));
    let (url, body, media_type) = match (is_a_form && asked.method == "POST", asked.method) {
        (true, _) => (target, query, "application/x-www-form-urlencoded"),
        (false, "GET" | "HEAD") => (asked.target.as_str(), "", "application/fhir+json"),
        (false, _) => (asked.target.as_str(), "{}", "application/fhir+json"),
    };
    let mut request = ureq::http::Request::builder()
        .method(asked.method)
        .uri(format!("{root}{url}"))
        .header("x-request-id", id)
        .header("content-type", media_type)
        // No version of any plan: what is granted changes nothing.
        .header("if-match", "W/\"999\"");
    for proof in &case.asker.proofs {
        request = request.header("authorization", proof);
    }
    let mut response = agent.run(request.body(body).unwrap()).unwrap();
    let status = response.status().as_u16();
    let mut text = format!("{:?}", response.headers());
    if asked.method != "HEAD" {
        text.push_str(&response.body_mut().read_to_string().unwrap());
    }
    (status, text)
}

impl Found {
    fn look(&mut self, case: &Case, id: String, answer: &(u16, String), secrets: &[&str]) {
        let (status, text) = answer;
        let is_right = match case.expected {
            Outcome::Answered => ![401, 403].contains(status) && *status < 500,
            Outcome::NoSuchMethod => [404, 405].contains(status),
            Outcome::Refused(wanted, _) => *status == wanted,
        };
        let told = secrets.iter().find(|secret| text.contains(**secret));
        let told = told.filter(|_| case.expected != Outcome::Answered);
        if !is_right || told.is_some() {
            let (method, target) = (case.asked.method, &case.asked.target);
            let (who, expected) = (&case.asker.name, case.expected);
            let line = format!("{who}: {method} {target}: {status} for {expected:?}, {told:?}");
            self.wrong.push(line);
        }
        if let Outcome::Refused(_, reason) = case.expected {
            let route = format!("{} {}", case.asked.method, case.asked.path);
            self.refused.insert(id, (reason, route));
        }
    }
}
