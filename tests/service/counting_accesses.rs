//! Under a database that is killed again and again, whatever is answered is on record, once:
//! `search_flags`, `search_audit_events`.

use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::{DateTime, Utc};
use cpis_fhir::domain::nhs_number::NhsNumber;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::access_answers::{self, AccessAnswer, NewAnswer, OnRecord};
use cpis_fhir::store::provision::SERVER;
use diesel::connection::SimpleConnection as _;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _};
use uuid::Uuid;

use crate::losing_the_database::{assert_unavailable, in_a_hurry};
use crate::support::{OwnCluster, TestService, a_plan, cluster, wait_until};

const CALLERS: u128 = 8;
const CRASHES: usize = 3;
/// Answers between two crashes, so that each crash finds the service at work.
const ANSWERS_BETWEEN: usize = 40;

#[test]
fn every_answer_has_exactly_one_access_under_its_request_id_however_often_the_database_dies() {
    let own = OwnCluster::new();
    let service = own.service(in_a_hurry);
    service.tell(&[a_plan()]);
    let answered = Mutex::new(Vec::new());
    let answers = AtomicUsize::new(0);
    let over = AtomicBool::new(false);
    std::thread::scope(|threads| {
        for caller in 0..CALLERS {
            let (service, answered) = (&service, &answered);
            let (answers, over) = (&answers, &over);
            threads.spawn(move || {
                for request in 0.. {
                    if over.load(Ordering::SeqCst) {
                        break;
                    }
                    let id = Uuid::from_u128((7 << 76) | (caller << 32) | request);
                    if is_answered(service, id) {
                        answered.lock().unwrap().push(id);
                        answers.fetch_add(1, Ordering::SeqCst);
                    }
                }
            });
        }
        for crash in 0..=CRASHES {
            let until = answers.load(Ordering::SeqCst) + ANSWERS_BETWEEN;
            wait_until(|| answers.load(Ordering::SeqCst) >= until);
            if crash < CRASHES {
                own.cluster().kill();
                own.cluster().restart().unwrap();
            }
        }
        over.store(true, Ordering::SeqCst);
    });
    let answered = answered.into_inner().unwrap();
    let ids: Vec<String> = answered.iter().map(|id| format!("'{id}'")).collect();
    let once = format!(
        "select count(*) from unnest(array[{}]::uuid[]) as asked (id) \
         where (select count(*) from accesses a where a.request_id = asked.id) = 1",
        ids.join(",")
    );
    assert_eq!(own.number(&once), i64::try_from(answered.len()).unwrap());
    let doubled = "select count(*) from (select from accesses group by request_id \
                   having count(*) > 1) as doubled";
    assert_eq!(own.number(doubled), 0);
    // One author, one authority, one day: told once, whatever crashed in between.
    assert_eq!(own.number("select count(*) from notifications"), 1);
}

#[test]
fn an_answer_whose_look_was_lost_with_the_database_is_put_on_record_by_nobody() {
    let service = TestService::new();
    let mut postgres = PgConnection::establish(&cluster().url(SERVER, &service.database)).unwrap();
    postgres.batch_execute("set role cpis_query").unwrap();
    let answers = [answer_to(Uuid::from_u128(1), service.now())];
    assert!(
        access_answers::add(&mut postgres, &answers)
            .unwrap()
            .is_empty()
    );
    let on_record = access_answers::on_record(&mut postgres, &answers).unwrap();
    assert_eq!(on_record, OnRecord::None);
    assert_eq!(service.number("select count(*) from access_answers"), 0);
}

#[test]
fn an_answer_finds_its_access_without_reading_those_of_other_children() {
    let service = TestService::new();
    service.get("Flag?patient=9990000026");
    service.execute(
        "insert into accesses (nhs_number, recorded_at, id, request_id, interaction, asked, \
         client_id, organisation_code, organisation_name, practitioner_id, practitioner_name, \
         role_profile_id, job_role_code, job_role_name, care_setting) select \
         case n when 0 then 9990000026 else 9990000034 end, recorded_at, \
         case n when 0 then '00000000-0000-0000-0000-000000000001' else gen_random_uuid() end, \
         request_id, interaction, asked, client_id, organisation_code, organisation_name, \
         practitioner_id, practitioner_name, role_profile_id, job_role_code, job_role_name, \
         care_setting from accesses, generate_series(0, 2000) n; analyze",
    );
    let answers = [answer_to(Uuid::from_u128(1), service.now())];
    let mut postgres = PgConnection::establish(&cluster().url(SERVER, &service.database)).unwrap();
    postgres.batch_execute("set role cpis_query").unwrap();
    let read = postgres.transaction(|postgres| {
        let added = access_answers::add(postgres, &answers).unwrap();
        assert_eq!(added.len(), 1);
        let read = "(select coalesce(sum(seq_tup_read + idx_tup_fetch), 0)::bigint \
                    from pg_stat_xact_user_tables where relname like 'accesses%')";
        diesel::select(diesel::dsl::sql::<BigInt>(read)).get_result::<i64>(postgres)
    });
    assert!(read.unwrap() <= 1);
}

/// An answer to an access to a child.
fn answer_to(access_id: Uuid, recorded_at: DateTime<Utc>) -> NewAnswer {
    NewAnswer {
        nhs_number: NhsNumber::parse("9990000026").unwrap(),
        answer: AccessAnswer {
            access_id,
            recorded_at,
            status: 200,
            body_digest: [1; 32],
            access_digest: [2; 32],
        },
    }
}

/// Whether a search was answered; if it was not, it says so, and says nothing else.
fn is_answered(service: &TestService, id: Uuid) -> bool {
    let bearer = format!("Bearer {}", service.token(SandboxRole::Clinician));
    let id_sent = id.to_string();
    let headers = [
        ("authorization", bearer.as_str()),
        ("x-request-id", id_sent.as_str()),
    ];
    let path = match id.as_u128() % 2 {
        0 => "Flag?patient=9990000026",
        _ => "AuditEvent?patient=9990000026",
    };
    let answer = service.ask("GET", path, &headers, b"");
    assert_eq!(answer.header("x-request-id"), Some(id_sent.as_str()));
    if answer.status != 200 {
        assert_unavailable(&answer);
        return false;
    }
    assert!(answer.total() > 0, "{}", answer.text);
    true
}
