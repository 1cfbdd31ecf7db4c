//! A Personal Demographics Service of a test's own: it speaks the wire format of the public
//! specification, keeps what it was asked, and fails in whichever way it is told to.

use std::collections::HashMap;
use std::net::{Ipv4Addr, TcpListener};
use std::sync::{Arc, Mutex, mpsc};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use actix_web::dev::ServerHandle;
use actix_web::http::StatusCode;
use actix_web::rt::System;
use actix_web::web::{self, Bytes, Data};
use actix_web::{App, HttpRequest, HttpResponse, HttpServer};
use cpis_fhir::settings::matching::{DemographicsKind, MatchingSettings, PeerUrl};
use serde_json::{Value, json};

use super::private::write_private;

/// How the service fails.
#[derive(Debug, Clone, PartialEq)]
pub enum Fault {
    /// It does not.
    None,
    /// It answers with this status, so many times, and asks for no pause.
    Status(u16, usize),
    /// It answers late.
    Slow(Duration),
    /// It answers what is no JSON.
    Garbage,
    /// It answers endlessly.
    Huge,
    /// It sends the caller elsewhere.
    Elsewhere,
    /// It answers every question with this person.
    OtherPerson(String),
}

/// A question it was asked: its path, and its headers and body as they came.
#[derive(Debug, Clone)]
pub struct Asked {
    /// The path.
    pub path: String,
    /// The headers.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: String,
}

struct State {
    answers: Mutex<HashMap<String, (u16, Value)>>,
    fault: Mutex<Fault>,
    asked: Mutex<Vec<Asked>>,
    tokens: Mutex<usize>,
}

/// The service. It ends with the test.
pub struct Pds {
    /// Its root.
    pub root: String,
    state: Arc<State>,
    server: Option<(ServerHandle, JoinHandle<()>)>,
}

impl Pds {
    /// A service that knows nobody yet.
    pub fn new() -> Self {
        let state = Arc::new(State {
            answers: Mutex::default(),
            fault: Mutex::new(Fault::None),
            asked: Mutex::default(),
            tokens: Mutex::default(),
        });
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let shared = Data::from(state.clone());
        let (sender, receiver) = mpsc::channel();
        let thread = thread::spawn(move || {
            System::new().block_on(async move {
                let app = move || {
                    App::new()
                        .app_data(shared.clone())
                        .default_service(web::to(answer))
                };
                let server = HttpServer::new(app).workers(1).shutdown_timeout(0);
                let server = server.listen(listener).unwrap().run();
                sender.send(server.handle()).unwrap();
                server.await.unwrap();
            });
        });
        Self {
            root,
            state,
            server: Some((receiver.recv().unwrap(), thread)),
        }
    }

    /// Settings that have uploads matched against this service.
    pub fn settings(&self) -> MatchingSettings {
        let folder = std::env::temp_dir();
        let key_file = folder.join("cpis-fhir-tests").join("matching-key");
        std::fs::create_dir_all(key_file.parent().unwrap()).unwrap();
        write_private(&key_file, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
        MatchingSettings {
            demographics: DemographicsKind::Pds,
            pds_url: PeerUrl::parse(&format!("{}/personal-demographics/FHIR/R4", self.root)),
            pds_requests_per_second: 1000,
            matching_key_file: Some(key_file),
            ..MatchingSettings::default()
        }
    }

    /// Has it know a person, unrestricted, under a number and by the number they have now.
    pub fn knows(&self, asked: &str, now: &str, (family, given, born): (&str, &[&str], &str)) {
        self.answers(asked, 200, patient(now, (family, given, born), "U"));
    }

    /// Has it answer a question for a number with a status and a body.
    pub fn answers(&self, asked: &str, status: u16, body: Value) {
        let mut answers = self.state.answers.lock().unwrap();
        answers.insert(asked.to_owned(), (status, body));
    }

    /// Has it answer that a number was made invalid, and no other replaced it.
    pub fn has_invalidated(&self, number: &str) {
        self.answers(number, 404, outcome("INVALIDATED_RESOURCE"));
    }

    /// Has it fail, or fail no longer.
    pub fn fails(&self, fault: Fault) {
        *self.state.fault.lock().unwrap() = fault;
    }

    /// What it was asked of patients since this was last asked.
    pub fn asked(&self) -> Vec<Asked> {
        let mut asked = self.state.asked.lock().unwrap();
        let all = std::mem::take(&mut *asked);
        all.into_iter()
            .filter(|asked| asked.path != TOKEN)
            .collect()
    }

    /// What its token endpoint was asked, and what it was asked of patients.
    pub fn asked_everything(&self) -> Vec<Asked> {
        std::mem::take(&mut *self.state.asked.lock().unwrap())
    }
}

impl Drop for Pds {
    fn drop(&mut self) {
        if let Some((handle, thread)) = self.server.take() {
            System::new().block_on(handle.stop(false));
            let _ = thread.join();
        }
    }
}

/// Where the token endpoint is.
pub const TOKEN: &str = "/oauth2/token";

/// Says that a number was verified.
const VERIFICATION: &str = "https://fhir.hl7.org.uk/StructureDefinition/\
    Extension-UKCore-NHSNumberVerificationStatus";

/// A Patient in the shape of the specification's example.
pub fn patient(number: &str, (family, given, born): (&str, &[&str], &str), label: &str) -> Value {
    json!({
        "resourceType": "Patient",
        "id": number,
        "identifier": [{
            "system": "https://fhir.nhs.uk/Id/nhs-number",
            "value": number,
            "extension": [{
                "url": VERIFICATION,
                "valueCodeableConcept": {"coding": [{"code": "01"}]},
            }],
        }],
        "meta": {"versionId": "2", "security": [{
            "system": "http://terminology.hl7.org/CodeSystem/v3-Confidentiality",
            "code": label,
        }]},
        "name": [{"id": "123", "use": "usual", "family": family, "given": given,
            "period": {"start": born}, "prefix": ["Miss"]}],
        "gender": "female",
        "birthDate": born,
        "generalPractitioner": [{"type": "Organization", "identifier": {"value": "Y12345"}}],
    })
}

/// An outcome in the shape of the specification's.
pub fn outcome(code: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{"severity": "error", "code": "processing", "details": {"coding": [{
            "system": "https://fhir.nhs.uk/R4/CodeSystem/Spine-ErrorOrWarningCode",
            "version": "1",
            "code": code,
        }]}}],
    })
}

async fn answer(request: HttpRequest, body: Bytes, state: Data<State>) -> HttpResponse {
    let path = request.path().to_owned();
    let header = |(name, value): (&actix_web::http::header::HeaderName, &_)| {
        let value: &actix_web::http::header::HeaderValue = value;
        (
            name.to_string(),
            value.to_str().unwrap_or_default().to_owned(),
        )
    };
    state.asked.lock().unwrap().push(Asked {
        path: path.clone(),
        headers: request.headers().iter().map(header).collect(),
        body: String::from_utf8_lossy(&body).into_owned(),
    });
    if path == TOKEN {
        let mut tokens = state.tokens.lock().unwrap();
        *tokens += 1;
        return HttpResponse::Ok().json(json!({
            "access_token": format!("token-{tokens}"),
            "expires_in": "599",
            "token_type": "Bearer",
        }));
    }
    let fault = state.fault.lock().unwrap().clone();
    match fault {
        Fault::None => {}
        Fault::Status(status, left) => {
            let rest = match left {
                0 | 1 => Fault::None,
                _ => Fault::Status(status, left - 1),
            };
            *state.fault.lock().unwrap() = rest;
            return fhir(status, &outcome("UNABLE_TO_CALL_SERVICE"));
        }
        Fault::Slow(by) => actix_web::rt::time::sleep(by).await,
        Fault::Garbage => return HttpResponse::Ok().body("<html>maintenance</html>"),
        Fault::Huge => return HttpResponse::Ok().body(" ".repeat(1 << 20)),
        Fault::Elsewhere => {
            return HttpResponse::Found()
                .insert_header(("location", "/elsewhere"))
                .finish();
        }
        Fault::OtherPerson(number) => {
            let other = patient(&number, ("Hart", &["Iris"], "2014-02-03"), "U");
            return fhir(200, &other);
        }
    }
    let number = path.rsplit('/').next().unwrap_or_default();
    let answers = state.answers.lock().unwrap();
    match answers.get(number) {
        Some((status, body)) => fhir(*status, body),
        None => fhir(404, &outcome("RESOURCE_NOT_FOUND")),
    }
}

fn fhir(status: u16, body: &Value) -> HttpResponse {
    HttpResponse::build(StatusCode::from_u16(status).unwrap())
        .insert_header(("content-type", "application/fhir+json"))
        .body(body.to_string())
}
