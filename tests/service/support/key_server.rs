//! A server of public keys: it publishes what a test says, and counts how often it was asked.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Barrier, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use cpis_fhir::identity::SigningKey;
use serde_json::{Value, json};

use super::service::TestService;

/// What it answers.
#[derive(Debug, Clone)]
pub enum Published {
    /// These words, with 200.
    Words(String),
    /// This status, and no words.
    Status(u16),
    /// That the keys have moved to this URL.
    Moved(String),
    /// The head, and then a letter every while.
    Drips(Duration),
    /// These words, once as many are asked as wait here.
    Together(Arc<Barrier>, String),
}

/// A running server; it ends with its test.
pub struct KeyServer {
    /// Where the keys are.
    pub url: String,
    published: Arc<Mutex<Published>>,
    asked: Arc<AtomicUsize>,
    stops: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

/// A key set as it is published.
pub fn key_set(keys: &[&SigningKey]) -> String {
    let keys: Vec<_> = keys.iter().map(|key| key.jwk()).collect();
    json!({ "keys": keys }).to_string()
}

impl KeyServer {
    /// A server on loopback that publishes these keys.
    pub fn of(keys: &[&SigningKey]) -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/keys", listener.local_addr().unwrap());
        let published = Arc::new(Mutex::new(Published::Words(key_set(keys))));
        let (asked, stops) = (
            Arc::new(AtomicUsize::new(0)),
            Arc::new(AtomicBool::new(false)),
        );
        let thread = thread::spawn({
            let (published, asked) = (Arc::clone(&published), Arc::clone(&asked));
            let stops = Arc::clone(&stops);
            move || {
                for stream in listener.incoming() {
                    if stops.load(Ordering::SeqCst) {
                        return;
                    }
                    asked.fetch_add(1, Ordering::SeqCst);
                    let published = published.lock().unwrap().clone();
                    thread::spawn(move || answer(stream.unwrap(), &published));
                }
            }
        });
        Self {
            url,
            published,
            asked,
            stops,
            thread: Some(thread),
        }
    }

    /// Publishes something else from now on.
    pub fn publish(&self, published: Published) {
        *self.published.lock().unwrap() = published;
    }

    /// How often it was asked.
    pub fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }
}

impl Drop for KeyServer {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::SeqCst);
        let address = self.url.trim_start_matches("http://");
        let _ = TcpStream::connect(address.trim_end_matches("/keys"));
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn answer(mut stream: TcpStream, published: &Published) {
    let mut head = Vec::new();
    let mut piece = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return,
            Ok(count) => head.extend_from_slice(&piece[..count]),
        }
    }
    let (status, more, words) = match published {
        Published::Words(words) => (200, String::new(), words.as_str()),
        Published::Together(all, words) => {
            all.wait();
            (200, String::new(), words.as_str())
        }
        Published::Status(status) => (*status, String::new(), ""),
        Published::Moved(url) => (302, format!("location: {url}\r\n"), ""),
        Published::Drips(pause) => {
            let head = b"HTTP/1.1 200 A\r\ncontent-length: 100000\r\n\r\n";
            let mut written = stream.write_all(head);
            while written.is_ok() {
                thread::sleep(*pause);
                written = stream.write_all(b" ");
            }
            return;
        }
    };
    let length = words.len();
    let head = format!("HTTP/1.1 {status} A\r\n{more}content-length: {length}\r\n\r\n");
    let _ = stream.write_all(head.as_bytes());
    let _ = stream.write_all(words.as_bytes());
}

impl TestService {
    /// What the issuer would say of a doctor of the emergency department.
    pub fn doctors_claims(&self) -> Value {
        let now = self.now().timestamp();
        json!({
            "iss": self.settings.token_issuer, "aud": self.settings.token_audience, "iat": now,
            "exp": now + 3_600, "sub": "555000000901", "client_id": "an-epr",
            "name": "Sam Okafor", "nhsid_useruid": "555000000901",
            "selected_roleid": "555000000902", "acr": "AAL3_ANY",
            "nhsid_nrbac_roles": [{
                "person_roleid": "555000000902", "org_code": "RQX99", "role_code": "R8000",
                "role_name": "Clinical Practitioner Access Role", "activity_codes": ["B0107"],
            }],
        })
    }
}
