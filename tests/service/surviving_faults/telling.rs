//! Two authorities that tell of plans while things break: one sends file after file, the other
//! writes plan after plan. What is not acknowledged is sent again as it was.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use chrono::{Days, NaiveDate};
use cpis_fhir::sandbox::role::SandboxRole;
use ureq::Agent;

use super::callers::agent;
use super::world::{Asking, World};
use crate::support::{PlanLine, a_plan, file};

/// How long an authority waits before it sends again, or tells the next.
const PAUSE: Duration = Duration::from_millis(30);
/// How many children the first file tells of.
const TOLD_FIRST: usize = 40;
/// The first end of a plan that is written again and again, each time a day later; and how many
/// days there are until the child is eighteen.
const FIRST_END: &str = "2027-01-01";
const ENDS: usize = 2_200;

/// What was acknowledged.
#[derive(Default)]
pub struct Acknowledged {
    /// The number of the last file.
    pub files: AtomicUsize,
    /// Those of them that the service did not know any more when the next came.
    pub forgotten: AtomicUsize,
    /// How many single plans were written.
    pub writes: AtomicUsize,
}

/// Sends files until the run is over: the first of many children, and then one after the other.
pub fn send_files(world: &World) {
    let (agent, mut sequence) = (agent(), 1);
    while !world.is_over() {
        let file = file(i64::try_from(sequence).unwrap(), &plans_of(world, sequence));
        match answered(world, &agent, Sent::File(&file)) {
            Some((200, body)) => {
                assert!(body.contains("CPF02"), "{body}");
                world.acknowledged.files.store(sequence, Ordering::SeqCst);
                let last = places_of(world, sequence).end;
                world.told_children.fetch_max(last, Ordering::SeqCst);
                sequence += 1;
            }
            // What it was told before this file is gone, and is told again.
            Some((409, body)) if sequence > 1 && body.contains("the next sequence number is") => {
                world.acknowledged.forgotten.fetch_add(1, Ordering::SeqCst);
                sequence -= 1;
            }
            Some((status, body)) => panic!("{status}: {body}"),
            None => return,
        }
        thread::sleep(PAUSE);
    }
}

/// The places of the children of a file. Once all are told of, each is told of again.
fn places_of(world: &World, sequence: usize) -> std::ops::Range<usize> {
    match sequence {
        1 => 0..TOLD_FIRST,
        _ => {
            let place = (TOLD_FIRST + sequence - 2) % world.children.told.len();
            place..place + 1
        }
    }
}

fn plans_of(world: &World, sequence: usize) -> Vec<PlanLine> {
    let plan = |place: usize| {
        a_plan()
            .child(&world.children.told[place])
            .local_id(&format!("H-{place}"))
    };
    places_of(world, sequence).map(plan).collect()
}

/// Writes plans until the run is over, each of them again and again with another end.
pub fn write_plans(world: &World) {
    let (agent, mut numbers) = (agent(), 0..);
    while let Some(number) = numbers.next().filter(|_| !world.is_over()) {
        let plan = plan_written(world, number);
        match answered(world, &agent, Sent::Write(&plan)) {
            Some((200 | 201, _)) => world
                .acknowledged
                .writes
                .store(number + 1, Ordering::SeqCst),
            Some((status, body)) => panic!("{status}: {body}"),
            None => return,
        }
        thread::sleep(PAUSE);
    }
}

fn plan_written(world: &World, number: usize) -> PlanLine {
    let children = &world.children.written;
    let (place, turn) = (number % children.len(), number / children.len());
    let first: NaiveDate = FIRST_END.parse().unwrap();
    let end = first + Days::new(u64::try_from(turn % ENDS).unwrap());
    a_plan()
        .of("E90002")
        .child(&children[place])
        .local_id(&format!("W-{place}"))
        .until(&end.to_string())
}

/// What counts the writes, of so many that were acknowledged, that are neither what is held nor
/// what was held before.
pub fn writes_lost(world: &World, acknowledged: usize) -> String {
    let children = world.children.written.len();
    format!(
        "select count(*) from generate_series(0, {acknowledged} - 1) written where not exists \
         (select from (select local_id, sent_end_date from plans union all \
         select local_id, sent_end_date from plan_versions) held \
         where local_id = 'W-' || written % {children} and sent_end_date = \
         date '{FIRST_END}' + (written / {children} % {ENDS})::integer)"
    )
}

/// What an authority sends.
#[derive(Clone, Copy)]
enum Sent<'a> {
    File(&'a str),
    Write(&'a PlanLine),
}

/// The answer to what is sent until there is one; none where the run is over.
fn answered(world: &World, agent: &Agent, sent: Sent) -> Option<(u16, String)> {
    let (asking, role) = match sent {
        Sent::File(_) => (Asking::File, SandboxRole::LocalAuthority),
        Sent::Write(_) => (Asking::Write, SandboxRole::SecondLocalAuthority),
    };
    let bearer = format!("Bearer {}", world.token(role));
    loop {
        let turn = world.turn(asking);
        let answer = match sent {
            Sent::File(file) => agent
                .post(format!("{}/$upload-plans", world.base))
                .header("authorization", &bearer)
                .header("content-type", "text/csv")
                .send(file.as_bytes()),
            Sent::Write(plan) => agent
                .put(format!("{}/{}", world.base, plan.url_of("E90002")))
                .header("authorization", &bearer)
                .header("content-type", "application/fhir+json")
                .send(plan.resource().to_string().as_bytes()),
        };
        let answer = answer.and_then(|mut answer| {
            let body = answer.body_mut().read_to_string()?;
            Ok((answer.status().as_u16(), body))
        });
        drop(turn);
        match answer {
            Ok((503, _)) | Err(_) if world.is_over() => return None,
            Ok((503, _)) | Err(_) => thread::sleep(PAUSE),
            Ok(answer) => return Some(answer),
        }
    }
}
