//! Callers who are known by their certificates, over TLS that ends in the program itself: who may
//! use a token that is bound to one, and who may speak for users as a gateway: `server::doorway`,
//! `api::front_door`, `issue_token`.

use std::collections::BTreeSet;
use std::ffi::OsString;
use std::net::TcpStream;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use cpis_fhir::clock::{Clock as _, SystemClock};
use cpis_fhir::domain::client::{Client, FrontDoor};
use cpis_fhir::domain::thumbprint::Thumbprint;
use cpis_fhir::identity::PeerCertificate;
use cpis_fhir::sandbox::clients::token_service_key;
use cpis_fhir::sandbox::role::SandboxRole;
use cpis_fhir::store::operator::Operator;
use cpis_fhir::store::provision::OWNER;
use cpis_fhir::store::{clients, job_roles};
use diesel::dsl::sql;
use diesel::sql_types::BigInt;
use diesel::{Connection as _, PgConnection, RunQueryDsl as _};
use serde_json::{Value, json};

use crate::support::{
    Authority, CLIENT_KEYS, Identity, JWT_BEARER, ServedProgram, a_client, a_plan, cluster,
    connected, exchanged, file, form, new_database, register_all,
};

const NUMBER: &str = "9990000026";
/// As callers know both programs, which issue and take each other's tokens.
const PUBLIC_URL: &str = "https://localhost/FHIR/R4";
const ENDPOINT: &str = "https://localhost/oauth2/token";

/// One database, and two programs that serve it: one under TLS, where a certificate is optional so
/// that a caller without one is heard, and one without TLS.
struct World {
    authority: Authority,
    database: String,
    under_tls: ServedProgram,
    plain: ServedProgram,
    _keys: tempfile::TempDir,
}

/// By which line a caller comes.
#[derive(Clone, Copy)]
enum Line<'a> {
    /// Under TLS with this certificate, or with none.
    Tls(Option<&'a Identity>),
    /// In the clear.
    Plain,
}

impl World {
    fn with(authority: Authority, registered: &[Client]) -> Self {
        let database = new_database();
        let owner = cluster().url(OWNER, &database);
        register_all(&owner, SystemClock.now());
        let by = ("a test", SystemClock.now());
        let roles = [("R8000".to_owned(), BTreeSet::from(["B0107".to_owned()]))];
        Operator::connect(&owner)
            .unwrap()
            .run(|postgres| {
                job_roles::replace(postgres, &roles.clone().into(), by)?;
                for client in registered {
                    clients::put(postgres, client, by)?;
                }
                Ok(())
            })
            .unwrap();
        let keys = tempfile::tempdir().unwrap();
        let key = token_service_key(keys.path()).unwrap().into_os_string();
        let shared = [
            ("CPIS_PUBLIC_URL", OsString::from(PUBLIC_URL)),
            ("CPIS_TOKEN_SERVICE_KEY_FILE", key),
        ];
        let path = |name| authority.path(name).into_os_string();
        let tls = [
            ("CPIS_TLS_CERTIFICATE_FILE", path("server.pem")),
            ("CPIS_TLS_KEY_FILE", path("server.key")),
            ("CPIS_TLS_CLIENT_CA_FILE", path("clients.pem")),
            ("CPIS_TLS_CLIENT_CERTIFICATES", "optional".into()),
        ];
        let under_tls = [shared.as_slice(), tls.as_slice()].concat();
        Self {
            under_tls: ServedProgram::start_on(&database, &under_tls),
            plain: ServedProgram::start_on(&database, &shared),
            authority,
            database,
            _keys: keys,
        }
    }

    /// A request of a method and path, with header lines and a body; the status and the body.
    fn ask(&self, line: Line<'_>, (of, headers): (&str, &str), body: &str) -> (u16, String) {
        let request = format!(
            "{of} HTTP/1.1\r\nHost: localhost\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        );
        let answer = match line {
            Line::Tls(shown) => {
                let caller = self.authority.caller(shown);
                let mut stream = connected(caller, &self.under_tls.address).unwrap();
                exchanged(&mut stream, &request)
            }
            Line::Plain => {
                let mut stream = TcpStream::connect(&self.plain.address).unwrap();
                exchanged(&mut stream, &request)
            }
        };
        let answer = answer.unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        (status, body.trim().to_owned())
    }

    fn ask_for_token(&self, line: Line<'_>, client: &str, token_id: &str) -> (u16, String) {
        let now = SystemClock.now().timestamp();
        let claims = json!({
            "iss": client, "sub": client, "aud": ENDPOINT, "jti": token_id, "iat": now,
            "exp": now + 300,
        });
        let assertion = CLIENT_KEYS[2].token(&claims).unwrap();
        let body = form(&[
            ("grant_type", "client_credentials"),
            ("client_assertion_type", JWT_BEARER),
            ("client_assertion", &assertion),
        ]);
        let kind = "Content-Type: application/x-www-form-urlencoded\r\n";
        self.ask(line, ("POST /oauth2/token", kind), &body)
    }

    fn held_plans(&self, line: Line<'_>, token: &str) -> u16 {
        let bearer = format!("Authorization: Bearer {token}\r\n");
        self.ask(line, ("GET /FHIR/R4/$held-plans", &bearer), "").0
    }

    /// A look for a child, by the headers of a gateway.
    fn look(&self, line: Line<'_>) -> (u16, String) {
        let headers = "NHSD-Identity-UUID: 555000000101\r\nNHSD-Session-URID: 555000000201\r\n\
                       NHSD-End-User-Organisation-ODS: RQX99\r\n\
                       NHSD-Session-JobRole: S8000:G8000:R8000\r\n";
        let path = format!("GET /FHIR/R4/Flag?patient={NUMBER}");
        self.ask(line, (&path, headers), "")
    }

    fn number(&self, of: &str) -> i64 {
        let own = cluster();
        let superuser = own.superuser().to_owned();
        let url = own.url(&superuser, &self.database);
        drop(own);
        let mut postgres = PgConnection::establish(&url).unwrap();
        let count = format!("(select count(*) from {of})");
        diesel::select(sql::<BigInt>(&count))
            .get_result(&mut postgres)
            .unwrap()
    }
}

fn known_by(mut client: Client, identity: &Identity) -> Client {
    client.certificate = Some(Thumbprint::parse(&thumbprint(identity)).unwrap());
    client
}

fn thumbprint(identity: &Identity) -> String {
    let der = identity.certificate.to_der().unwrap();
    PeerCertificate::of_der(&der).thumbprint().to_owned()
}

/// The one token that the program issued, and what it claims.
fn issued((status, body): (u16, String)) -> (String, Value) {
    assert_eq!(status, 200, "{body}");
    let answer: Value = serde_json::from_str(&body).unwrap();
    let token = answer["access_token"].as_str().unwrap().to_owned();
    let claims = URL_SAFE_NO_PAD.decode(token.split('.').nth(1).unwrap());
    (token, serde_json::from_slice(&claims.unwrap()).unwrap())
}

#[test]
fn a_token_asked_for_over_tls_opens_nothing_but_over_the_certificate_that_it_was_asked_with() {
    let authority = Authority::new();
    let [mine, other] = [10, 11].map(|serial| authority.identity("caller", serial));
    let scopes = ["plans.upload"];
    let bound = known_by(a_client("la-bound", &["E90001"], &scopes), &mine);
    let free = a_client("la-free", &["E90001"], &scopes);
    let world = World::with(authority, &[bound, free]);
    let wrong = [Line::Tls(Some(&other)), Line::Tls(None), Line::Plain];
    for (place, line) in wrong.into_iter().enumerate() {
        let (status, body) = world.ask_for_token(line, "la-bound", &place.to_string());
        assert_eq!(
            (status, body.contains("client certificate")),
            (401, true),
            "{body}"
        );
    }
    for client in ["la-bound", "la-free"] {
        let answer = world.ask_for_token(Line::Tls(Some(&mine)), client, "mine");
        let (token, claims) = issued(answer);
        assert_eq!(claims["cnf"], json!({ "x5t#S256": thumbprint(&mine) }));
        assert_eq!(world.held_plans(Line::Tls(Some(&mine)), &token), 200);
        for line in wrong {
            assert_eq!(world.held_plans(line, &token), 401, "{client}");
        }
    }
    // Where no certificate was shown there is none to bind it to.
    let (token, claims) = issued(world.ask_for_token(Line::Tls(None), "la-free", "none"));
    assert_eq!(claims.get("cnf"), None);
    assert_eq!(world.held_plans(Line::Plain, &token), 200);
    let refused = "security_log where reason = 'wrong-certificate'";
    assert_eq!(world.number(refused), 3 + 2 * 3);
}

#[test]
fn a_gateways_headers_are_believed_over_its_own_certificate_on_a_real_line_and_no_other() {
    let authority = Authority::new();
    let [platform, other, client] = [10, 11, 12].map(|serial| authority.identity("peer", serial));
    let mut gateway = known_by(a_client("platform", &[], &[]), &platform);
    gateway.front_door = FrontDoor::Gateway;
    gateway.keys = None;
    let known = known_by(
        a_client("la-bound", &["E90001"], &["plans.upload"]),
        &client,
    );
    let world = World::with(authority, &[gateway, known]);
    let uploading = format!(
        "Authorization: Bearer {}\r\nContent-Type: text/csv\r\n",
        world.plain.token(SandboxRole::LocalAuthority)
    );
    let plans = file(1, &[a_plan().child(NUMBER)]);
    let of = ("POST /FHIR/R4/$upload-plans", uploading.as_str());
    let (status, told) = world.ask(Line::Plain, of, &plans);
    assert_eq!((status, told.contains("CPF02")), (200, true), "{told}");
    let anybody_else = [
        Line::Tls(Some(&other)),
        Line::Tls(Some(&client)),
        Line::Tls(None),
        Line::Plain,
    ];
    for line in anybody_else {
        let (status, body) = world.look(line);
        assert_eq!((status, body.contains("RQX99")), (401, false), "{body}");
    }
    assert_eq!(world.number("accesses"), 0);
    let (status, body) = world.look(Line::Tls(Some(&platform)));
    let found: Value = serde_json::from_str(&body).unwrap();
    assert_eq!((status, &found["total"]), (200, &json!(1)), "{body}");
    let looks = "accesses where client_id = 'platform' and practitioner_id = '555000000101' \
                 and organisation_code = 'RQX99'";
    assert_eq!((world.number(looks), world.number("accesses")), (1, 1));
}
