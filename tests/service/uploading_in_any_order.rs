//! Many files of several authorities, in each form that there is, and writes of single plans, that
//! come in any order, more than once, at the same time and cut off on the way: `intake`, `uploads`.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;

use serde_json::json;

use crate::support::{
    Draws, PlanLine, TestService, a_plan, bundle, file, hl7v3_file, nhs_numbers, stated,
};

/// How many files there are in all, and what they are drawn by.
const FILES: (&str, usize) = ("CPIS_TEST_FILES", 60);
const SEED: (&str, usize) = ("CPIS_TEST_SEED", 1);

const AUTHORITIES: [&str; 4] = ["E90001", "E90002", "E90003", "E90004"];

/// How many files are on their way at once.
const AT_ONCE: usize = 4;

/// The children whom all authorities tell of.
const CHILDREN: usize = 25;

/// All that the files decide, without ids and moments.
const STATE: &str = "select row(a.code, p.nhs_number, p.kind, p.local_id, p.start_date, \
    p.sent_end_date, p.effective_end_date, p.deleted_on, p.version, u.sequence)::text from plans p \
    join authorities a on a.id = p.authority_id join uploads u on u.id = p.upload_id \
    union all select row(a.code, p.nhs_number, p.kind, p.local_id, p.start_date, p.sent_end_date, \
    p.effective_end_date, p.deleted_on, p.version, u.sequence)::text from plan_versions p \
    join authorities a on a.id = p.authority_id join uploads u on u.id = p.upload_id \
    union all select row(nhs_number, birth_date)::text from children \
    union all select row(a.code, a.version, u.sequence, u.digest, u.code, u.records, u.refused, \
    r.number, r.code, r.column_name, r.echo, r.reason)::text from uploads u \
    join authorities a on a.id = u.authority_id \
    left join upload_records r on r.upload_id = u.id where u.sequence is not null order by 1";

/// Versions that a file told although a later one had told the plan before.
const STALE: &str = "select count(*) from plan_versions v join uploads u on u.id = v.upload_id \
    join (select nhs_number, id, version, upload_id from plans union all \
    select nhs_number, id, version, upload_id from plan_versions) n \
    on n.nhs_number = v.nhs_number and n.id = v.id and n.version = v.version + 1 \
    join uploads un on un.id = n.upload_id where un.sequence <= u.sequence";

/// A file, or a write, on its way.
#[derive(Clone)]
struct Sent {
    authority: &'static str,
    /// Its number; none for a write, which no other follows.
    sequence: Option<i64>,
    method: &'static str,
    path: String,
    media_type: &'static str,
    bytes: String,
}

#[test]
fn files_in_any_order_more_than_once_and_cut_off_leave_what_they_leave_in_order() {
    let draws = &mut Draws::of(stated(SEED));
    let files = files(draws, stated(FILES));
    let in_order = service();
    for sent in &files {
        assert!(taken_in(whole(&in_order, sent)));
    }
    let shuffled = service();
    // An authority's first file may have any number, so that one is not sent out of its turn.
    let (mut pending, first): (Vec<Sent>, Vec<Sent>) = files
        .iter()
        .cloned()
        .partition(|sent| sent.sequence != Some(1));
    for sent in &first {
        assert!(taken_in(whole(&shuffled, sent)));
    }
    let mut twice = files.clone();
    twice.retain(|_| draws.below(2) == 0);
    pending.extend(twice);
    for round in 0.. {
        assert!(
            round < files.len() * 4,
            "{} files wait for ever",
            pending.len()
        );
        pending = deliver(&shuffled, draws.shuffled(pending), draws);
        if pending.is_empty() {
            break;
        }
    }
    assert_eq!(shuffled.texts(STATE), in_order.texts(STATE));
    assert_eq!(shuffled.number(STALE), 0);
    let numbered = files.iter().filter(|sent| sent.sequence.is_some()).count();
    let numbered = i64::try_from(numbered).unwrap();
    let taken_in = "select count(*) from uploads where sequence is not null";
    assert_eq!(shuffled.number(taken_in), numbered);
    let forms = shuffled.texts("select distinct form from uploads order by form");
    assert_eq!(forms, ["csv", "fhir", "hl7v3"]);
    assert!(
        shuffled.earlier_versions() > numbered / 2,
        "hardly anything changed"
    );
}

/// Sends files, some of them cut off, several at once; gives those that have to be sent again.
fn deliver(service: &TestService, pending: Vec<Sent>, draws: &mut Draws) -> Vec<Sent> {
    let cuts: Vec<Option<usize>> = pending
        .iter()
        .map(|sent| (draws.below(3) == 0).then(|| draws.below(sent.bytes.len())))
        .collect();
    let work: Vec<(Sent, Option<usize>)> = pending.into_iter().zip(cuts).collect();
    thread::scope(|threads| {
        let started: Vec<_> = work
            .chunks(work.len().div_ceil(AT_ONCE))
            .map(|part| {
                threads.spawn(move || {
                    let mut again = Vec::new();
                    for (sent, cut) in part {
                        let taken_in = match cut {
                            Some(arrives) => {
                                cut_off(service, sent, *arrives);
                                false
                            }
                            None => taken_in(whole(service, sent)),
                        };
                        if !taken_in {
                            again.push(sent.clone());
                        }
                    }
                    again
                })
            })
            .collect();
        started
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    })
}

/// Whether a file or a write was taken in, now or before; else it came before its turn.
fn taken_in(status: u16) -> bool {
    assert!([200, 201, 409].contains(&status), "{status}");
    status != 409
}

fn service() -> TestService {
    let service = TestService::with(|settings| {
        settings.database_wait_ms = 60_000;
        settings.request_deadline_ms = 60_000;
        // A file may withdraw what it likes here.
        settings.upload_ending_percent_max = 100;
    });
    service.execute(
        "insert into authorities select uuid_of_moment(now()), code, 'A', '999', null, 1, now() \
         from (values ('E90003'), ('E90004')) as more (code)",
    );
    service
}

/// The files of every authority, each one's in order.
fn files(draws: &mut Draws, count: usize) -> Vec<Sent> {
    let numbers: Vec<String> = nhs_numbers().take(CHILDREN).collect();
    let mut files = Vec::new();
    for authority in AUTHORITIES {
        for sequence in 1..=i64::try_from(count / AUTHORITIES.len()).unwrap() {
            let plans: Vec<PlanLine> = (0..=draws.below(8))
                .map(|_| {
                    let child = draws.below(CHILDREN);
                    drawn(draws, authority, child, &numbers[child])
                })
                .collect();
            files.push(sent(draws, authority, sequence, &plans));
            let writes = (0..draws.below(3)).map(|_| draws.below(CHILDREN));
            let writes: Vec<usize> = writes.collect();
            let writes = writes.into_iter().map(|child| {
                let of_its_own = format!("W-{child}");
                write(
                    authority,
                    &told(authority, child, &numbers[child]).local_id(&of_its_own),
                )
            });
            files.extend(writes);
        }
    }
    files
}

/// A file in one of the forms.
fn sent(draws: &mut Draws, authority: &'static str, sequence: i64, plans: &[PlanLine]) -> Sent {
    let (path, media_type, bytes) = match draws.below(3) {
        0 => ("$upload-plans", "text/csv", file(sequence, plans)),
        1 => (
            "$upload-plans",
            "application/xml",
            hl7v3_file(sequence, plans),
        ),
        _ => (
            "",
            "application/fhir+json",
            numbered_batch(authority, sequence, plans),
        ),
    };
    Sent {
        authority,
        sequence: Some(sequence),
        method: "POST",
        path: path.to_owned(),
        media_type,
        bytes,
    }
}

fn numbered_batch(authority: &str, sequence: i64, plans: &[PlanLine]) -> String {
    let entries: Vec<_> = plans.iter().map(PlanLine::entry).collect();
    let mut batch = bundle("batch", &entries);
    batch["identifier"] = json!({
        "system": format!("https://cpis-fhir.invalid/Id/upload-file-sequence/{authority}"),
        "value": sequence.to_string(),
    });
    batch["timestamp"] = json!("2026-01-01T02:00:00Z");
    batch.to_string()
}

/// A write of a plan that no file tells of, the same each time it comes.
fn write(authority: &'static str, plan: &PlanLine) -> Sent {
    Sent {
        authority,
        sequence: None,
        method: "PUT",
        path: format!("EpisodeOfCare?{}", plan.criteria()),
        media_type: "application/fhir+json",
        bytes: plan.resource().to_string(),
    }
}

fn told(authority: &str, child: usize, number: &str) -> PlanLine {
    a_plan()
        .of(authority)
        .child(number)
        .local_id(&format!("H-{child}"))
        .born(&format!("2015-04-{:02}", child % 28 + 1))
}

/// A plan of a child, told in one of many ways; in some it is refused.
fn drawn(draws: &mut Draws, authority: &str, child: usize, number: &str) -> PlanLine {
    told(authority, child, number)
        .kind(draws.one_of(&["CPP", "CPP", "CLA"]))
        .until(draws.one_of(&["", "", "2027-01-01", "2027-02-01", "2027-03-01", "soon"]))
        .withdrawn(draws.one_of(&["", "", "", "2026-11-01"]))
}

fn token(service: &TestService, authority: &str) -> String {
    service.token_saying(json!({
        "sub": "upload-system",
        "client_id": "upload-system",
        "organisation": authority,
        "scope": "plans.upload",
    }))
}

fn whole(service: &TestService, sent: &Sent) -> u16 {
    let bearer = format!("Bearer {}", token(service, sent.authority));
    let headers = [
        ("authorization", bearer.as_str()),
        ("content-type", sent.media_type),
    ];
    let (method, bytes) = (sent.method, sent.bytes.as_bytes());
    service.ask(method, &sent.path, &headers, bytes).status
}

/// Sends a file whose connection ends after so many of its bytes.
fn cut_off(service: &TestService, sent: &Sent, arrives: usize) {
    let address = service.root.trim_start_matches("http://");
    let (token, length) = (token(service, sent.authority), sent.bytes.len());
    let Sent {
        method,
        path,
        media_type,
        ..
    } = sent;
    let path = format!("/FHIR/R4/{path}");
    let head = format!(
        "{method} {} HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: {media_type}\r\n\
         content-length: {length}\r\n\r\n",
        path.trim_end_matches('/')
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(&[head.as_bytes(), &sent.bytes.as_bytes()[..arrives]].concat())
        .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    assert!(
        !answer.contains("CPF0") && !answer.contains("CPR06"),
        "{answer}"
    );
}
