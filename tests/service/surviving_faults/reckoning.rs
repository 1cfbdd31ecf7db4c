//! What the callers were told, beside what is on record.

use std::collections::HashMap;
use std::fs;
use std::path::Path;
use std::sync::atomic::Ordering;

use cpis_fhir::disclosure::audit_key::AuditKey;
use cpis_fhir::sandbox::audit_key::AUDIT_KEY_FILE;
use cpis_fhir::secrets::SecretKey;
use diesel::sql_types::{Array, Binary, Nullable, SmallInt, Uuid as SqlUuid};
use diesel::{QueryableByName, RunQueryDsl as _, sql_query};
use serde_json::{Value, json};
use uuid::Uuid;

use super::fault::Fault;
use super::telling::writes_lost;
use super::told::Told;
use super::world::World;

/// How many requests are looked up at a time.
const TOGETHER: usize = 1000;

/// What came of a run.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// Answers about a child that a caller has.
    pub answers: usize,
    /// Those without a look on record, or without their own answer there.
    pub missing: usize,
    /// Requests that are on record more than once.
    pub doubled: usize,
    /// Answers that are on record as something else.
    pub otherwise: usize,
    /// Children with a plan who were said to have none.
    pub denied: usize,
    /// Acknowledged plans that are not there.
    pub lost: usize,
    /// Files that were acknowledged.
    pub uploads: usize,
    /// Acknowledged files that are not there, or not with what they were acknowledged with.
    pub lost_uploads: usize,
    /// Plans that an authority wrote one by one, and was answered.
    pub writes: usize,
    /// Those that are not there, and were not before they were written anew.
    pub lost_writes: usize,
    /// What is wrong with the sealed access history.
    pub wrong_seals: Option<String>,
    /// Looks on record that no caller was told of.
    pub unanswered: usize,
    /// Requests sent again.
    pub sent_again: usize,
}

#[derive(QueryableByName)]
struct Row {
    #[diesel(sql_type = SqlUuid)]
    request_id: Uuid,
    #[diesel(sql_type = SqlUuid)]
    id: Uuid,
    #[diesel(sql_type = Nullable<SmallInt>)]
    status: Option<i16>,
    #[diesel(sql_type = Nullable<Binary>)]
    body_digest: Option<Vec<u8>>,
}

impl Figures {
    /// Reckons up a run that is over.
    pub fn of(world: &World) -> Self {
        let text = fs::read_to_string(world.folder().join(AUDIT_KEY_FILE)).unwrap();
        let key = AuditKey::of(&SecretKey::of_base64(&text).unwrap());
        let told = world.told.lock().unwrap();
        let mut figures = Self {
            answers: told.len(),
            denied: world.denied.load(Ordering::SeqCst),
            sent_again: world.sent_again.load(Ordering::SeqCst),
            ..Self::default()
        };
        for together in told.chunks(TOGETHER) {
            figures.compare(world, &key, together);
        }
        let count = |sql: &str| usize::try_from(world.own.number(sql)).unwrap();
        figures.doubled = count(
            "select count(*) from (select from accesses group by request_id having count(*) > 1) d",
        );
        figures.unanswered = count("select count(*) from accesses") - figures.answers;
        let told_of = world.told_children.load(Ordering::SeqCst);
        figures.lost = count(&format!(
            "select count(*) from generate_series(0, {told_of} - 1) told where not exists \
             (select from plans where local_id = 'H-' || told and deleted_on is null)"
        ));
        let acknowledged = &world.acknowledged;
        figures.uploads = acknowledged.files.load(Ordering::SeqCst);
        let forgotten = acknowledged.forgotten.load(Ordering::SeqCst);
        figures.lost_uploads = forgotten
            + count(&format!(
                "select count(*) from generate_series(1, {}) told where 1 <> \
             (select count(*) from uploads where sequence = told and code = 'CPF02')",
                figures.uploads
            ));
        figures.writes = acknowledged.writes.load(Ordering::SeqCst);
        figures.lost_writes = count(&writes_lost(world, figures.writes));
        figures.wrong_seals = world.wrong_with_the_seals();
        figures
    }

    fn compare(&mut self, world: &World, key: &AuditKey, told: &[Told]) {
        let ids: Vec<Uuid> = told.iter().map(|told| told.id).collect();
        let rows: Vec<Row> = sql_query(
            "select a.request_id, a.id, t.status, t.body_digest from accesses a \
             left join access_answers t on t.access_id = a.id and t.recorded_at = a.recorded_at \
             where a.request_id = any($1)",
        )
        .bind::<Array<SqlUuid>, _>(ids)
        .load(&mut world.own.owner())
        .unwrap();
        let rows: HashMap<Uuid, Row> = rows.into_iter().map(|row| (row.request_id, row)).collect();
        for told in told {
            let Some(Row {
                id,
                status: Some(status),
                body_digest: Some(kept),
                ..
            }) = rows.get(&told.id)
            else {
                self.missing += 1;
                continue;
            };
            let digest = key.of_answer(*id, *status, &told.body());
            let is_it = i16::try_from(told.status) == Ok(*status) && kept == &digest;
            self.otherwise += usize::from(!is_it);
        }
    }

    /// Whether everything that was told stands, and nothing else was.
    pub fn are_good(&self) -> bool {
        [
            self.missing,
            self.doubled,
            self.otherwise,
            self.denied,
            self.lost,
            self.lost_uploads,
            self.lost_writes,
        ] == [0; 7]
            && self.wrong_seals.is_none()
    }

    /// Writes them where reports are.
    pub fn write(&self, seed: usize, faults: &[Fault]) {
        let reports = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("reports");
        fs::create_dir_all(&reports).unwrap();
        let so_many = |is: &dyn Fn(Fault) -> bool| faults.iter().filter(|one| is(**one)).count();
        let kinds =
            Fault::ALL.map(|kind| (format!("{kind:?}"), so_many(&|one| one == kind).into()));
        let report = json!({
            "seed": seed,
            "faults": faults.len(),
            "kills_of_the_server": so_many(&|one| one == Fault::ServerKilled),
            "kills_of_the_database": so_many(&|one| one.kills_the_database()),
            "full_disks": so_many(&Fault::is_of_a_disk),
            "faults_by_kind": Value::Object(kinds.into_iter().collect()),
            "answers": self.answers,
            "missing": self.missing,
            "doubled": self.doubled,
            "on_record_as_something_else": self.otherwise,
            "plans_denied": self.denied,
            "acknowledged_plans_lost": self.lost,
            "uploads_acknowledged": self.uploads,
            "acknowledged_uploads_lost": self.lost_uploads,
            "writes_acknowledged": self.writes,
            "acknowledged_writes_lost": self.lost_writes,
            "sealed_history_wrong": self.wrong_seals,
            "looks_without_an_answer": self.unanswered,
            "requests_sent_again": self.sent_again,
        });
        fs::write(reports.join("faults.json"), format!("{report:#}\n")).unwrap();
    }
}
