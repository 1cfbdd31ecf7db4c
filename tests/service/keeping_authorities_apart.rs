//! Every ordered pair of 153 authorities over HTTP: none reads, changes, withdraws or acknowledges
//! what is another's. The lock beneath is tried in `isolating_authorities`.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::support::{
    AUTHORITIES, Answer, PlanLine, TestService, a_plan, a_rest_hook, a_subscription, bundle,
    code_of, file, nhs_numbers, with_id,
};

/// The child of whom every authority has told a plan.
const SHARED: &str = "9990000026";

/// An authority, its software, and what is its own.
struct Own {
    code: String,
    token: String,
    plan: PlanLine,
    plan_id: String,
    notification: String,
    report: String,
}

impl Own {
    fn ask(&self, service: &TestService, method: &str, path: &str, sent: &Value) -> Answer {
        let body = match sent {
            Value::Null => String::new(),
            sent => sent.to_string(),
        };
        self.send(service, (method, path), ("application/fhir+json", &body))
    }

    fn send(
        &self,
        service: &TestService,
        (method, path): (&str, &str),
        (media_type, body): (&str, &str),
    ) -> Answer {
        let bearer = format!("Bearer {}", self.token);
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", media_type),
        ];
        service.ask(method, path, &headers, body.as_bytes())
    }

    fn get(&self, service: &TestService, path: &str) -> Answer {
        self.ask(service, "GET", path, &Value::Null)
    }

    /// Whether a text names a code other than this one.
    fn is_named_alone_in(&self, text: &str) -> bool {
        let codes = text.match_indices("E90").map(|(at, _)| &text[at..]);
        let mut named = codes.filter(|code| code.len() >= 6 && code.as_bytes()[5].is_ascii_digit());
        named.all(|code| code.starts_with(&self.code))
    }
}

/// A service on which every authority has told two plans in a file with a record that is refused
/// and told back, is owed a notification of a look, and is concerned by a report.
fn told() -> (TestService, Vec<Own>) {
    let service = TestService::new();
    service.register_all_authorities();
    let mut all: Vec<Own> = (1..=AUTHORITIES)
        .zip(nhs_numbers())
        .map(|(place, number)| {
            let code = code_of(place);
            let local_id = format!("H-{code}");
            Own {
                token: service.token_of_authority(&code),
                plan: a_plan().of(&code).child(&number).local_id(&local_id),
                plan_id: String::new(),
                notification: String::new(),
                report: String::new(),
                code,
            }
        })
        .collect();
    for own in &all {
        let shared = own.plan.clone().child(SHARED).local_id("H-shared");
        let refused = own.plan.clone().kind(&format!("X-{}", own.code));
        let sent = file(1, &[own.plan.clone(), shared, refused]);
        let answer = own.send(&service, ("POST", "$upload-plans"), ("text/csv", &sent));
        assert_eq!(answer.acknowledgement().counts, [3, 2, 1]);
    }
    let looked = service.get(&format!("Flag?patient={SHARED}"));
    assert_eq!(looked.total(), u64::try_from(AUTHORITIES).unwrap());
    service.settle();
    service.execute(&format!(
        "insert into alert_reports select {SHARED}, gen_random_uuid(), 'wrong', null, a.code, '', \
         now(), gen_random_uuid(), 'c', 'RQX99', 'O', '1', 'P', '2', 'R', 'J' from authorities a; \
         insert into alert_report_recipients (nhs_number, report_id, authority_id) \
         select r.nhs_number, r.id, a.id from alert_reports r \
         join authorities a on a.code = r.named_authority"
    ));
    let ids = |what: &str| service.texts(&format!("select t.id {what} order by a.code"));
    let plans = ids("from plans t join authorities a on a.id = t.authority_id \
                     where t.local_id = 'H-' || a.code");
    let notifications = ids("from notifications t join authorities a on a.id = t.authority_id");
    let reports = ids("from alert_reports t join authorities a on a.code = t.named_authority");
    for (place, own) in all.iter_mut().enumerate() {
        own.plan_id.clone_from(&plans[place]);
        own.notification.clone_from(&notifications[place]);
        own.report.clone_from(&reports[place]);
    }
    service.clock.advance(TimeDelta::minutes(1));
    (service, all)
}

/// Everything that is an authority's, as it was told by a moment: uploads that only say what was
/// refused may come after it.
fn state(service: &TestService, until: &str) -> Vec<String> {
    let tables = [
        "plans",
        "plan_versions",
        "children",
        "authorities",
        "authority_versions",
        "held_uploads",
        "ended_by_writes",
        "matchings",
        "notifications",
        "tellings",
        "subscriptions",
        "alert_reports",
        "alert_report_recipients",
    ];
    let whole =
        tables.map(|table| format!("select '{table}' as told, t::text as row from {table} t"));
    let uploads = [
        format!("select 'uploads', t::text from uploads t where received_at <= '{until}'"),
        format!(
            "select 'upload_records', t::text from upload_records t join uploads u \
             on u.id = t.upload_id where u.received_at <= '{until}'"
        ),
    ];
    let all: Vec<String> = whole.into_iter().chain(uploads).collect();
    service.texts(&format!(
        "select told || ' ' || count(*) || ' ' || hashtextextended(string_agg(row, '|' \
         order by row), 0) from ({}) t group by told",
        all.join(" union all ")
    ))
}

/// Nothing but refused records was told after a moment.
fn assert_unchanged(service: &TestService, before: &[String], until: &str) {
    assert_eq!(state(service, until), before);
    let taken =
        format!("select count(*) from uploads where received_at > '{until}' and refused < records");
    assert_eq!(service.number(&taken), 0);
}

#[test]
fn of_23256_ordered_pairs_of_authorities_none_withdraws_acknowledges_or_reads_the_others() {
    let (service, all) = told();
    let until = service.now().to_rfc3339();
    let before = state(&service, &until);
    service.clock.advance(TimeDelta::minutes(1));
    let mut pairs = 0;
    for own in &all {
        let others: Vec<&Own> = all.iter().filter(|other| other.code != own.code).collect();
        let withdraw = |other: &&Own| {
            let url = format!("EpisodeOfCare/{}", other.plan_id);
            json!({ "request": { "method": "DELETE", "url": url } })
        };
        let entries: Vec<Value> = others.iter().map(withdraw).collect();
        let answer = own.ask(&service, "POST", "", &bundle("batch", &entries));
        let answered = answer.json()["entry"].as_array().unwrap().clone();
        let mut statuses = answered.iter().map(|entry| &entry["response"]["status"]);
        assert!(
            statuses.all(|status| status == "404 Not Found"),
            "{}",
            own.code
        );
        pairs += answered.len();

        let named = |other: &&Own| json!({ "name": "id", "valueId": other.notification });
        let named: Vec<Value> = others.iter().map(named).collect();
        let named = json!({ "resourceType": "Parameters", "parameter": named });
        let answer = own.ask(&service, "POST", "Communication/$acknowledge", &named);
        let words = &answer.json()["issue"][0]["diagnostics"];
        let words = words.as_str().unwrap_or_default().to_owned();
        assert!(words.contains("0 of 152"), "{}: {}", own.code, answer.text);

        for path in [
            "$held-plans",
            "$acknowledgement",
            "$alert-reports",
            "Communication",
        ] {
            let answer = own.get(&service, path);
            assert_eq!(answer.status, 200, "{path}: {}", answer.text);
            assert!(
                own.is_named_alone_in(&answer.text),
                "{path}: {}",
                answer.text
            );
            let mine = match path {
                "$held-plans" => &own.plan.local_id,
                "$acknowledgement" => &format!("X-{}", own.code),
                "$alert-reports" => &own.report,
                _ => &own.notification,
            };
            assert!(answer.text.contains(mine), "{path}: {}", answer.text);
        }
    }
    assert_eq!(pairs, AUTHORITIES * (AUTHORITIES - 1));
    assert_unchanged(&service, &before, &until);
    let logged = service.refused_for("another-authority");
    assert_eq!(usize::try_from(logged).unwrap(), pairs);
}

#[test]
fn no_interaction_reaches_the_plans_files_reports_or_notifications_of_the_next_authority() {
    let (service, all) = told();
    let hook = "https://alerts.example/";
    for own in &all {
        service.set_channel(&own.code, &a_rest_hook(hook));
    }
    let subscriptions: Vec<String> = all
        .iter()
        .map(|own| own.ask(&service, "POST", "Subscription", &a_subscription(hook)))
        .map(|answer| answer.json()["id"].as_str().unwrap().to_owned())
        .collect();
    let until = service.now().to_rfc3339();
    let before = state(&service, &until);
    service.clock.advance(TimeDelta::minutes(1));
    let next = all.iter().zip(&subscriptions).cycle().skip(1);
    for (own, (other, subscription)) in all.iter().zip(next).step_by(9) {
        try_all(&service, own, (other, subscription));
    }
    assert_unchanged(&service, &before, &until);
}

/// Whatever one authority can ask for that is another's.
fn try_all(service: &TestService, own: &Own, (other, subscription): (&Own, &str)) {
    let tried = writes(own, other).into_iter();
    for (method, path, sent, statuses) in tried.chain(reads(other, subscription)) {
        let answer = own.ask(service, method, &path, &sent);
        let told = format!("{} asked {method} {path}: {}", own.code, answer.status);
        assert!(statuses.contains(&answer.status), "{told} {}", answer.text);
        assert!(!answer.text.contains(&other.plan.nhs_number), "{told}");
    }
    let theirs = file(2, &[other.plan.clone().until("2026-12-31")]);
    for path in ["$upload-plans", "$compare-plans"] {
        let answer = own.send(service, ("POST", path), ("text/csv", &theirs));
        answer.refusal(403, "ACCESS_DENIED");
    }
}

/// A method, a path, what is sent, and how it may be answered.
type Tried = (&'static str, String, Value, &'static [u16]);

fn writes(own: &Own, other: &Own) -> Vec<Tried> {
    let plan = format!("EpisodeOfCare/{}", other.plan_id);
    let longer = other.plan.clone().until("2026-12-31");
    let theirs = with_id(longer.resource(), &other.plan_id);
    let as_own = with_id(longer.clone().of(&own.code).resource(), &other.plan_id);
    let criteria = format!("EpisodeOfCare?{}", other.plan.criteria());
    let closing = json!({ "resourceType": "Parameters", "parameter": [
        { "name": "report", "valueString": other.report },
        { "name": "outcome", "valueString": "not-ours" },
    ] });
    let create = "EpisodeOfCare".to_owned();
    vec![
        ("PUT", plan.clone(), theirs, &[405, 422]),
        ("PUT", plan.clone(), as_own, &[405]),
        ("PUT", criteria.clone(), longer.resource(), &[400, 422]),
        ("POST", create, longer.resource(), &[422]),
        ("DELETE", plan, Value::Null, &[404]),
        ("DELETE", criteria, Value::Null, &[400, 404]),
        ("POST", "$close-alert-report".into(), closing, &[404]),
    ]
}

fn reads(other: &Own, subscription: &str) -> Vec<Tried> {
    let by_code = "organization:identifier=https://fhir.nhs.uk/Id/ods-organization-code";
    let get = |path: String, statuses: &'static [u16]| ("GET", path, Value::Null, statuses);
    let told = format!("Communication?recipient:identifier={}", other.code);
    let hook = format!("Subscription/{subscription}");
    vec![
        get(format!("EpisodeOfCare/{}", other.plan_id), &[403]),
        get(format!("Flag/{}", other.plan_id), &[403]),
        get(format!("EpisodeOfCare?{by_code}|{}", other.code), &[403]),
        get(format!("Communication/{}", other.notification), &[404]),
        get(told, &[403]),
        get(hook.clone(), &[404]),
        get(format!("{hook}/$status"), &[404]),
        // FHIR has it that what is not there is deleted.
        ("DELETE", hook, Value::Null, &[204, 404]),
    ]
}
