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
use serde_json::json;
use uuid::Uuid;

use super::world::{Told, World};

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
        let acknowledged = world.told_children.load(Ordering::SeqCst);
        figures.lost = acknowledged.saturating_sub(count("select count(*) from plans"));
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
            let digest = key.of_answer(*id, *status, told.body.as_bytes());
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
        ] == [0; 5]
    }

    /// Writes them where reports are.
    pub fn write(&self, seed: usize, faults: usize) {
        let reports = Path::new(env!("CARGO_TARGET_TMPDIR")).with_file_name("reports");
        fs::create_dir_all(&reports).unwrap();
        let report = json!({
            "seed": seed,
            "faults": faults,
            "answers": self.answers,
            "missing": self.missing,
            "doubled": self.doubled,
            "on_record_as_something_else": self.otherwise,
            "plans_denied": self.denied,
            "acknowledged_plans_lost": self.lost,
            "looks_without_an_answer": self.unanswered,
            "requests_sent_again": self.sent_again,
        });
        fs::write(reports.join("faults.json"), format!("{report:#}\n")).unwrap();
    }
}
