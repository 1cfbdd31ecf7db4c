//! Clients of the token service: registered ones, their keys, and what they send for a token.

use std::net::{Ipv4Addr, TcpListener};
use std::sync::LazyLock;
use std::thread;

use actix_web::dev::Service as _;
use actix_web::middleware::from_fn;
use actix_web::rt::System;
use actix_web::web::Data;
use actix_web::{App, HttpMessage as _, HttpServer};
use chrono::TimeDelta;
use cpis_fhir::api::on_record::on_record;
use cpis_fhir::api::request_id::RequestIds;
use cpis_fhir::domain::client::{Client, ClientId, ClientKeys, FrontDoor};
use cpis_fhir::domain::ods_code::OdsCode;
use cpis_fhir::domain::scope::Scopes;
use cpis_fhir::identity::{Algorithm, PeerCertificate, SigningKey};
use cpis_fhir::store::clients;
use cpis_fhir::store::operator::Operator;
use cpis_fhir::store::provision::OWNER;
use cpis_fhir::{server, start};
use serde_json::{Value, json};

use super::answers::Answer;
use super::service::{TestService, url};
use super::serving::running;
use super::urls::form;

/// A key of each algorithm, which every client of the suite has: keys take a while to make.
pub static CLIENT_KEYS: LazyLock<[SigningKey; 3]> =
    LazyLock::new(|| Algorithm::ALL.map(|algorithm| SigningKey::generate(algorithm).unwrap()));

/// How a client proves who it is.
pub const JWT_BEARER: &str = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer";
/// The grant for a person.
const EXCHANGE: &str = "urn:ietf:params:oauth:grant-type:token-exchange";

/// A client of the token service, to be registered: of these organisations, for these scopes.
pub fn a_client(id: &str, organisations: &[&str], scopes: &[&str]) -> Client {
    let keys = CLIENT_KEYS.each_ref().map(SigningKey::jwk);
    let codes = organisations
        .iter()
        .map(|code| OdsCode::parse(code).unwrap());
    Client {
        id: ClientId::parse(id).unwrap(),
        name: format!("The client {id}"),
        front_door: FrontDoor::TokenService,
        keys: Some(ClientKeys::Set(json!({ "keys": keys }).to_string())),
        organisations: codes.collect(),
        scopes: Scopes::known(scopes.iter().copied()).unwrap(),
        certificate: None,
        unattended: None,
        is_revoked: false,
    }
}

impl TestService {
    /// Puts a client on the register, and lets the minute go by after which it counts everywhere.
    pub fn register_client(&self, client: &Client) {
        let now = self.now();
        let mut operator = Operator::connect(&url(OWNER, &self.database)).unwrap();
        operator
            .run(|postgres| clients::put(postgres, client, ("a test", now)))
            .unwrap();
        self.clock.advance(TimeDelta::seconds(60));
    }

    /// The token endpoint, as assertions name it.
    pub fn token_endpoint(&self) -> String {
        format!("{}/oauth2/token", self.root)
    }

    /// The claims of a good assertion of a client, with this id of its own.
    pub fn assertion_claims(&self, client: &str, token_id: &str) -> Value {
        let now = self.now().timestamp();
        json!({
            "iss": client, "sub": client, "aud": self.token_endpoint(), "jti": token_id,
            "iat": now, "exp": now + 300,
        })
    }

    /// Asks for a token for a client itself, with an assertion as it is.
    pub fn ask_for_token(&self, assertion: &str, more: &[(&str, &str)]) -> Answer {
        let own = ("grant_type", "client_credentials");
        self.post_for_token(&[&[own], more].concat(), assertion)
    }

    /// Exchanges a person's id token, with an assertion as it is.
    pub fn exchange(&self, assertion: &str, id_token: &str, more: &[(&str, &str)]) -> Answer {
        let kind = "urn:ietf:params:oauth:token-type:id_token";
        let asked = [
            ("grant_type", EXCHANGE),
            ("subject_token", id_token),
            ("subject_token_type", kind),
        ];
        self.post_for_token(&[&asked, more].concat(), assertion)
    }

    fn post_for_token(&self, asked: &[(&str, &str)], assertion: &str) -> Answer {
        let proof = [
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion),
        ];
        let body = form(&[asked, &proof].concat());
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        self.ask("POST", "/oauth2/token", &headers, body.as_bytes())
    }

    /// A good assertion of a client.
    pub fn assertion(&self, client: &str, token_id: &str) -> String {
        let claims = self.assertion_claims(client, token_id);
        CLIENT_KEYS[2].token(&claims).unwrap()
    }

    /// The id token of a doctor of the emergency department, issued to a client.
    pub fn id_token(&self, client: &str) -> String {
        self.token_saying(json!({
            "aud": client,
            "sub": "555000000901",
            "name": "Sam Okafor",
            "nhsid_useruid": "555000000901",
            "selected_roleid": "555000000902",
            "nhsid_nrbac_roles": [{
                "person_roleid": "555000000902",
                "org_code": "RQX99",
                "role_name": "Clinical Practitioner Access Role",
                "role_code": "S8000:G8000:R8000",
                "activity_codes": ["B0107"],
            }],
        }))
    }

    /// The access token of an answer that issued one.
    pub fn issued(answer: &Answer) -> String {
        assert_eq!(answer.status, 200, "{}", answer.text);
        answer.json()["access_token"].as_str().unwrap().to_owned()
    }
}

impl TestService {
    /// The root URL of another server on the same database, with the same settings and the same
    /// clock, as another process would be; it ends with the test process.
    pub fn another_server(&self) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let service = start::service(&self.settings, self.clock.clone()).unwrap();
        let doorway = start::doorway(&self.settings).unwrap();
        let (_handle, _thread) =
            running(|| server::serve(Data::new(service), doorway, listener, 1));
        root
    }
}

impl TestService {
    /// The root URL of another server of the same kind, each of whose connections has come with a
    /// certificate, as the transport would have it verified; it ends with the test process.
    pub fn over_connections_of(&self, der: &'static [u8]) -> String {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let root = format!("http://{}", listener.local_addr().unwrap());
        let service = start::service(&self.settings, self.clock.clone()).unwrap();
        let service = Data::new(service);
        thread::spawn(move || {
            System::new().block_on(async move {
                let app = move || {
                    App::new()
                        .app_data(service.clone())
                        .wrap(from_fn(on_record))
                        .wrap_fn(move |request, next| {
                            let certificate = PeerCertificate::of_der(der);
                            request.extensions_mut().insert(certificate);
                            next.call(request)
                        })
                        .wrap(RequestIds::by(service.clock.clone()))
                        .configure(server::configure)
                };
                let served = HttpServer::new(app).workers(1).listen(listener).unwrap();
                served.run().await.unwrap();
            });
        });
        root
    }

    /// Asks for a token for a client itself, at another server.
    pub fn ask_for_token_at(&self, root: &str, assertion: &str) -> Answer {
        let body = form(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", assertion),
        ]);
        let headers = [("content-type", "application/x-www-form-urlencoded")];
        let url = format!("{root}/oauth2/token");
        self.ask("POST", &url, &headers, body.as_bytes())
    }
}
