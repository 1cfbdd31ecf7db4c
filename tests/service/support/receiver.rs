//! A local authority's endpoint: it keeps what it is sent, counts, and answers as a test says.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde_json::Value;

/// How the endpoint answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answers {
    /// 200 without a body.
    Well,
    /// This status, and no body.
    With(u16),
    /// 200, and what is no FHIR.
    Garbage,
    /// That it has moved to this URL.
    Moved(String),
    /// 200, after so long.
    Late(Duration),
    /// Not at all: the connection is cut once the request was kept.
    Cut,
    /// These words, one after another with a pause behind each, and then the connection is cut.
    Bit(&'static [&'static str], Duration),
}

/// A request that was kept.
#[derive(Debug, Clone)]
pub struct Received {
    /// The head, as it came.
    pub head: String,
    /// The body.
    pub bundle: Value,
}

impl Received {
    /// What it is: `handshake`, `heartbeat`, `event-notification`.
    pub fn occasion(&self) -> &str {
        self.parameter("type")["valueCode"].as_str().unwrap()
    }

    /// The notification that it is about, where it is about one.
    pub fn notification(&self) -> Option<&str> {
        let id = self.bundle["identifier"]["value"].as_str()?;
        id.strip_prefix("urn:uuid:")
    }

    /// The number of the event.
    pub fn event_number(&self) -> &str {
        let parts = self.parameter("notification-event")["part"].as_array();
        let parts = parts.unwrap();
        let number = parts.iter().find(|part| part["name"] == "event-number");
        number.unwrap()["valueString"].as_str().unwrap()
    }

    fn parameter(&self, name: &str) -> &Value {
        let parameters = &self.bundle["entry"][0]["resource"]["parameter"];
        let parameters = parameters.as_array().unwrap();
        let found = parameters
            .iter()
            .find(|parameter| parameter["name"] == name);
        found.unwrap_or(&Value::Null)
    }
}

/// A running endpoint; it ends with its test.
pub struct Receiver {
    /// Its URL.
    pub url: String,
    kept: Arc<Mutex<Vec<Received>>>,
    answers: Arc<Mutex<Answers>>,
    stops: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Receiver {
    /// An endpoint on loopback that answers well.
    pub fn start() -> Self {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let url = format!("http://{}/cp-is", listener.local_addr().unwrap());
        let (kept, answers) = (Arc::default(), Arc::new(Mutex::new(Answers::Well)));
        let stops = Arc::new(AtomicBool::new(false));
        let thread = thread::spawn({
            let (kept, answers, stops) = (Arc::clone(&kept), Arc::clone(&answers), stops.clone());
            move || {
                for stream in listener.incoming() {
                    if stops.load(Ordering::SeqCst) {
                        return;
                    }
                    let (kept, answers) = (Arc::clone(&kept), Arc::clone(&answers));
                    thread::spawn(move || serve(stream.unwrap(), &kept, &answers));
                }
            }
        });
        Self {
            url,
            kept,
            answers,
            stops,
            thread: Some(thread),
        }
    }

    /// Answers in this way from now on.
    pub fn answer(&self, answers: Answers) {
        *self.answers.lock().unwrap() = answers;
    }

    /// All that was kept.
    pub fn received(&self) -> Vec<Received> {
        self.kept.lock().unwrap().clone()
    }

    /// The notifications that were kept, in order, each as often as it came.
    pub fn notifications(&self) -> Vec<String> {
        let received = self.received();
        let ids = received.iter().filter_map(Received::notification);
        ids.map(str::to_owned).collect()
    }
}

impl Drop for Receiver {
    fn drop(&mut self) {
        self.stops.store(true, Ordering::SeqCst);
        let address = self
            .url
            .trim_start_matches("http://")
            .trim_end_matches("/cp-is");
        let _ = TcpStream::connect(address);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn serve(mut stream: TcpStream, kept: &Mutex<Vec<Received>>, answers: &Mutex<Answers>) {
    let Some(received) = read(&mut stream) else {
        return;
    };
    kept.lock().unwrap().push(received);
    let answers = answers.lock().unwrap().clone();
    let (status, head, body) = match answers {
        Answers::Well => (200, String::new(), ""),
        Answers::With(status) => (status, String::new(), ""),
        Answers::Garbage => (200, String::new(), "<nonsense \u{0}"),
        Answers::Moved(url) => (302, format!("location: {url}\r\n"), ""),
        Answers::Late(late) => {
            thread::sleep(late);
            (200, String::new(), "")
        }
        Answers::Cut => return,
        Answers::Bit(words, pause) => {
            for word in words {
                if stream.write_all(word.as_bytes()).is_err() {
                    return;
                }
                thread::sleep(pause);
            }
            return;
        }
    };
    let length = body.len();
    let answer = format!("HTTP/1.1 {status} A\r\n{head}content-length: {length}\r\n\r\n{body}");
    let _ = stream.write_all(answer.as_bytes());
}

fn read(stream: &mut TcpStream) -> Option<Received> {
    let mut bytes = Vec::new();
    let mut piece = [0; 4096];
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let lower = head.to_lowercase();
            let length = lower
                .lines()
                .find_map(|line| line.strip_prefix("content-length: "));
            let length: usize = length?.parse().unwrap();
            if body.len() >= length {
                return Some(Received {
                    head: lower,
                    bundle: serde_json::from_str(body).unwrap(),
                });
            }
        }
        match stream.read(&mut piece) {
            Ok(0) | Err(_) => return None,
            Ok(count) => bytes.extend_from_slice(&piece[..count]),
        }
    }
}
