//! Many files of several authorities that come in any order, more than once, at the same time and
//! cut off on the way: `intake`, `uploads`.

use std::io::{Read as _, Write as _};
use std::net::{Shutdown, TcpStream};
use std::thread;

use serde_json::json;

use crate::support::{Draws, PlanLine, TestService, a_plan, file, nhs_numbers, stated};

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
    left join upload_records r on r.upload_id = u.id order by 1";

/// Versions that a file told although a later one had told the plan before.
const STALE: &str = "select count(*) from plan_versions v join uploads u on u.id = v.upload_id \
    join (select nhs_number, id, version, upload_id from plans union all \
    select nhs_number, id, version, upload_id from plan_versions) n \
    on n.nhs_number = v.nhs_number and n.id = v.id and n.version = v.version + 1 \
    join uploads un on un.id = n.upload_id where un.sequence <= u.sequence";

/// A file on its way.
#[derive(Clone)]
struct Sent {
    authority: &'static str,
    sequence: i64,
    bytes: String,
}

#[test]
fn files_in_any_order_more_than_once_and_cut_off_leave_what_they_leave_in_order() {
    let draws = &mut Draws::of(stated(SEED));
    let files = files(draws, stated(FILES));
    let in_order = service();
    for sent in &files {
        assert_eq!(whole(&in_order, sent), 200);
    }
    let shuffled = service();
    // An authority's first file may have any number, so that one is not sent out of its turn.
    let (mut pending, first): (Vec<Sent>, Vec<Sent>) =
        files.iter().cloned().partition(|sent| sent.sequence > 1);
    for sent in &first {
        assert_eq!(whole(&shuffled, sent), 200);
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
    let taken_in = i64::try_from(files.len()).unwrap();
    assert_eq!(shuffled.number("select count(*) from uploads"), taken_in);
    assert!(
        shuffled.earlier_versions() > taken_in / 2,
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

/// Whether a file was taken in, now or before; else it came before its turn.
fn taken_in(status: u16) -> bool {
    assert!(status == 200 || status == 409, "{status}");
    status == 200
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
            files.push(Sent {
                authority,
                sequence,
                bytes: file(sequence, &plans),
            });
        }
    }
    files
}

/// A plan of a child, told in one of many ways; in some it is refused.
fn drawn(draws: &mut Draws, authority: &str, child: usize, number: &str) -> PlanLine {
    a_plan()
        .of(authority)
        .child(number)
        .local_id(&format!("H-{child}"))
        .born(&format!("2015-04-{:02}", child % 28 + 1))
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
        ("content-type", "text/csv"),
    ];
    service
        .ask("POST", "$upload-plans", &headers, sent.bytes.as_bytes())
        .status
}

/// Sends a file whose connection ends after so many of its bytes.
fn cut_off(service: &TestService, sent: &Sent, arrives: usize) {
    let address = service.root.trim_start_matches("http://");
    let (token, length) = (token(service, sent.authority), sent.bytes.len());
    let head = format!(
        "POST /FHIR/R4/$upload-plans HTTP/1.1\r\nhost: {address}\r\nconnection: close\r\n\
         authorization: Bearer {token}\r\ncontent-type: text/csv\r\n\
         content-length: {length}\r\n\r\n"
    );
    let mut stream = TcpStream::connect(address).unwrap();
    stream
        .write_all(&[head.as_bytes(), &sent.bytes.as_bytes()[..arrives]].concat())
        .unwrap();
    stream.shutdown(Shutdown::Write).unwrap();
    let mut answer = Vec::new();
    let _reset = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    assert!(!answer.contains("CPF0"), "{answer}");
}
