//! Who looks while things break. What is not answered is sent again as it was.

use std::sync::atomic::Ordering;
use std::thread;
use std::time::Duration;

use cpis_fhir::sandbox::role::SandboxRole;
use serde_json::Value;
use ureq::Agent;
use uuid::Uuid;

use super::told::Told;
use super::world::{Asking, World};
use crate::support::Draws;

/// How long a caller waits for an answer before it sends the request again.
const PATIENCE: Duration = Duration::from_secs(4);
/// How long it waits before that.
const PAUSE: Duration = Duration::from_millis(30);
/// How many requests it makes with one token.
const WITH_ONE_TOKEN: u128 = 500;

/// What asks the service.
pub fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(PATIENCE))
        .build()
        .into()
}

/// Which process of the service a caller asks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Asks {
    /// The program, which is killed and frozen.
    TheProgram,
    /// The one whose clock steps.
    TheSteppingOne,
}

impl Asks {
    fn base(self, world: &World) -> &str {
        match self {
            Self::TheProgram => &world.base,
            Self::TheSteppingOne => &world.stepping.service.base,
        }
    }

    fn token(self, world: &World) -> String {
        match self {
            Self::TheProgram => world.token(SandboxRole::Clinician),
            Self::TheSteppingOne => world.stepping.service.token(SandboxRole::Clinician),
        }
    }
}

/// Looks at one child after the other until the run is over.
pub fn look(world: &World, caller: usize, mut draws: Draws) {
    let agent = agent();
    let asks = match caller % 4 {
        3 => Asks::TheSteppingOne,
        _ => Asks::TheProgram,
    };
    let caller = u128::try_from(caller + 1).unwrap();
    let mut token = asks.token(world);
    for number in 1.. {
        if world.is_over() {
            return;
        }
        if number % WITH_ONE_TOKEN == 0 {
            token = asks.token(world);
        }
        let (child, has_plan) = world.a_child(&mut draws);
        let kind = draws.one_of(&["Flag", "Flag", "EpisodeOfCare", "AuditEvent"]);
        let base = asks.base(world);
        let path = format!("{base}/{kind}?patient={child}");
        let id = Uuid::from_u128((caller << 64) | number);
        let asked = (&agent, &mut token, asks);
        let Some((status, body)) = answered(world, asked, &path, id) else {
            continue;
        };
        if has_plan && total(&body) == 0 {
            world.denied.fetch_add(1, Ordering::SeqCst);
        }
        let told = Told::of(id, (status, &body));
        world.told.lock().unwrap().push(told);
        world.answers.fetch_add(1, Ordering::SeqCst);
    }
}

/// The answer to a request, sent again under its id until there is one; none where what is known
/// has changed since it was asked first, or the run is over.
fn answered(
    world: &World,
    (agent, token, asks): (&Agent, &mut String, Asks),
    path: &str,
    id: Uuid,
) -> Option<(u16, String)> {
    loop {
        let turn = world.turn(Asking::Look);
        let asked = agent
            .get(path)
            .header("authorization", format!("Bearer {token}"))
            .header("x-request-id", id.to_string())
            .call();
        let answer = asked.and_then(|mut answer| {
            let body = answer.body_mut().read_to_string()?;
            Ok((answer.status().as_u16(), body))
        });
        drop(turn);
        match answer {
            Ok((200, body)) => return Some((200, body)),
            Ok((409, _)) => return None,
            Ok((503, body)) => assert!(!body.contains("\"Bundle\""), "{body}"),
            // A token's time is over, or has not begun, by a clock that has stepped.
            Ok((401, body)) if asks == Asks::TheSteppingOne => {
                assert!(!body.contains("\"Bundle\""), "{body}");
                *token = asks.token(world);
            }
            Ok((status, body)) => panic!("{status}: {body}"),
            Err(_) => {}
        }
        if world.is_over() {
            return None;
        }
        world.sent_again.fetch_add(1, Ordering::SeqCst);
        thread::sleep(PAUSE);
    }
}

fn total(body: &str) -> u64 {
    let bundle: Value = serde_json::from_str(body).unwrap();
    bundle["total"].as_u64().unwrap()
}
