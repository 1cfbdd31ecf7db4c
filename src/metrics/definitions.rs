//! Every metric there is. `docs/metrics.md` is held to this list, and the dashboard and the alerts
//! to that page.

use crate::metrics::page::{Definition, Kind};

const fn counter(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Definition {
    Definition {
        name,
        kind: Kind::Counter,
        labels,
        help,
    }
}

const fn gauge(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Definition {
    Definition {
        name,
        kind: Kind::Gauge,
        labels,
        help,
    }
}

const fn histogram(
    name: &'static str,
    labels: &'static [&'static str],
    help: &'static str,
) -> Definition {
    Definition {
        name,
        kind: Kind::Histogram,
        labels,
        help,
    }
}

/// A metric is defined in one line each: `NAME: kind(name, labels, help)`.
macro_rules! metrics {
    ($($name:ident: $kind:ident($told:literal, $labels:expr, $help:literal);)+) => {
        $(pub(in crate::metrics) const $name: Definition = $kind($told, &$labels, $help);)+

        /// All of them, in the order in which they are told.
        pub(in crate::metrics) const ALL: &[Definition] = &[$($name),+];
    };
}

metrics! {
    BUILD: gauge("cpis_build_info", ["version"], "Always 1; the label says which build it is.");
    REQUESTS: counter("cpis_requests_total", ["route", "method", "status"],
        "Requests answered, by the pattern of the route, the method and the status.");
    REQUEST_TIMES: histogram("cpis_request_seconds", ["route", "method"],
        "How long requests took to be answered.");
    REQUESTS_OPEN: gauge("cpis_requests_open", [], "Requests that are being answered.");
    REQUESTS_CUT: counter("cpis_requests_cut_short_total", [],
        "Requests whose caller was gone before the answer was made.");
    CONNECTIONS: gauge("cpis_connections", [], "Callers' connections that are held.");
    CONNECTIONS_REFUSED: counter("cpis_connections_refused_total", ["reason"],
        "Connections that were closed before a request, by reason.");
    CERTIFICATE_ENDS: gauge("cpis_certificate_ends_seconds", ["setting"],
        "When the first certificate or list of a file ends, in seconds since 1970.");
    DATABASE_ANSWERS: gauge("cpis_database_answers", ["side"],
        "Whether the database answered a side within a second, when this was asked.");
    DATABASE_CONNECTIONS: gauge("cpis_database_connections", ["side"],
        "Connections of a side's pool.");
    DATABASE_IDLE: gauge("cpis_database_connections_idle", ["side"],
        "Connections of a side's pool that nobody uses.");
    DATABASE_MAX: gauge("cpis_database_connections_max", ["side"],
        "The most connections of a side's pool.");
    DATABASE_WAITING: gauge("cpis_database_waiting", ["side"],
        "Who waits for a turn at a connection.");
    DATABASE_WAIT: histogram("cpis_database_wait_seconds", ["side"],
        "How long was waited for a connection, the turn and the thread included.");
    DATABASE_WORK: histogram("cpis_database_work_seconds", ["side"],
        "How long connections were worked with at a time.");
    DATABASE_FAILURES: counter("cpis_database_failures_total", ["side", "reason"],
        "Work that the database gave no good answer to, by reason.");
    DISCLOSURE: histogram("cpis_disclosure_seconds", ["step"],
        "How long each step of a disclosure took.");
    LOOKS_TOGETHER: histogram("cpis_looks_together", [],
        "How many looks by NHS number one statement was for.");
    ANSWERS_WAITING: gauge("cpis_answers_waiting", [],
        "Answers that wait to be put on record.");
    ANSWERS_TOGETHER: histogram("cpis_answers_together", [],
        "How many answers were put on record in one transaction.");
    ANSWERS_WRITER: gauge("cpis_answers_writer_alive", [],
        "Whether what puts answers on record is alive: without it nothing is disclosed.");
    REFUSALS: counter("cpis_refusals_total", ["reason"],
        "Refusals because of who asks, by their name in the security log.");
    FINDINGS: counter("cpis_look_findings_total", ["kind"],
        "Findings that looks at children may be browsing, by kind.");
    TOKENS: counter("cpis_tokens_total", ["outcome"],
        "Requests of the token endpoint: issued, or the error of OAuth.");
    KEY_SETS: gauge("cpis_key_sets", ["of"], "URLs of public keys that are followed.");
    KEY_SETS_UNTRUSTED: gauge("cpis_key_sets_untrusted", ["of"],
        "Those of which no keys are trusted.");
    KEY_SETS_AGE: gauge("cpis_key_sets_age_seconds", ["of"],
        "How long ago the URL answered with keys that has not done so for longest.");
    UPLOADS: counter("cpis_uploads_total", ["form", "outcome"],
        "Uploads answered, by their form and the code of their acknowledgement.");
    RECORDS: counter("cpis_upload_records_total", ["code"],
        "Records of uploads, by the code of their acknowledgement.");
    COMPARED: counter("cpis_upload_records_compared_total", [],
        "Records that were compared with the demographics service.");
    MATCHED: counter("cpis_upload_records_matched_total", [],
        "Records that were compared, and matched.");
    DEMOGRAPHICS: histogram("cpis_demographics_seconds", ["outcome"],
        "How long calls of the demographics service took, by what came of them.");
    MESH_RECEIVED: counter("cpis_mesh_received_total", ["outcome"],
        "Messages out of our MESH inbox, by what became of them.");
    MESH_SENT: counter("cpis_mesh_sent_total", ["outcome"],
        "Messages sent through MESH, by what came of it.");
    NOTIFICATIONS: counter("cpis_notifications_total", ["outcome"],
        "Attempts at telling an authority, by what came of them.");
    OWED: gauge("cpis_notifications_owed", [],
        "Notifications that are owed, counted to 10,000.");
    OWED_AGE: gauge("cpis_notifications_oldest_seconds", [],
        "The age of the oldest notification that is owed.");
    OVERDUE: gauge("cpis_notifications_overdue_authorities", [],
        "Authorities to which something is owed for longer than the alarm allows.");
    GIVEN_UP: gauge("cpis_notifications_given_up", [],
        "Notifications that were given up, counted to 10,000.");
    REPORTS: gauge("cpis_alert_reports_open", [],
        "Reports of alerts that nobody has closed.");
    REPORTS_AGE: gauge("cpis_alert_reports_oldest_seconds", [],
        "The age of the oldest report that nobody has closed.");
    UNSEALED: gauge("cpis_sealing_unsealed_rows", [],
        "Rows of the access history that wait to be sealed, counted to 10,000 of each kind.");
    SEALING_LAG: gauge("cpis_sealing_lag_seconds", [],
        "The age of the oldest row that waits to be sealed.");
    CHECKPOINT_SIZE: gauge("cpis_sealing_checkpoint_size", [],
        "How many leaves the tree had that was signed last.");
    CHECKPOINT_AGE: gauge("cpis_sealing_checkpoint_age_seconds", [],
        "How long ago this process signed a tree.");
    SEALING_ROUNDS: counter("cpis_sealing_rounds_total", ["outcome"],
        "Rounds of sealing, by what came of them.");
    PROCESS_CPU: counter("process_cpu_seconds_total", [],
        "Processor time of this process, in user and system mode.");
    PROCESS_MEMORY: gauge("process_resident_memory_bytes", [], "Memory that is resident.");
    PROCESS_FILES: gauge("process_open_fds", [], "Files and sockets that are open.");
    PROCESS_FILES_MAX: gauge("process_max_fds", [], "The most files that may be open.");
    PROCESS_THREADS: gauge("process_threads", [], "Threads of this process.");
    PROCESS_STARTED: gauge("process_start_time_seconds", [],
        "When this process started, in seconds since 1970.");
}
