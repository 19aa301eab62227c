//! A small HTTP client: one request a connection, whole answers.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, SystemTime};

use actix_web::http::header::HttpDate;
use serde_json::Value;

/// A request that is being written down.
#[derive(Debug, Clone)]
pub struct Request {
    address: SocketAddr,
    method: String,
    target: String,
    headers: Vec<(String, String)>,
    body: Option<Vec<u8>>,
    anonymous: bool,
}

/// A whole answer.
#[derive(Debug, Clone)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Request {
    /// A request of an encoded target, without a body.
    pub fn new(address: SocketAddr, method: &str, target: &str) -> Self {
        Self {
            address,
            method: method.to_owned(),
            target: target.to_owned(),
            headers: Vec::new(),
            body: None,
            anonymous: false,
        }
    }

    /// As nobody, or as whoever the headers say; else the tester asks who has signed in there.
    pub fn anonymous(mut self) -> Self {
        self.anonymous = true;
        self
    }

    /// One more header.
    pub fn header(mut self, name: &str, value: &str) -> Self {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// `Prefer`.
    pub fn prefer(self, value: &str) -> Self {
        self.header("Prefer", value)
    }

    /// A request that may be sent again, first sent now.
    pub fn repeatable(self, id: &str) -> Self {
        self.repeatable_since(id, Duration::ZERO)
    }

    /// A request that may be sent again, first sent some time ago.
    pub fn repeatable_since(self, id: &str, ago: Duration) -> Self {
        let date = HttpDate::from(SystemTime::now() - ago).to_string();
        self.header("Repeatability-Request-ID", id)
            .header("Repeatability-First-Sent", &date)
    }

    /// A body of a media type.
    pub fn body(mut self, media: &str, body: impl Into<Vec<u8>>) -> Self {
        self.body = Some(body.into());
        self.header("Content-Type", media)
    }

    /// A body of JSON.
    pub fn json(self, body: &Value) -> Self {
        self.body("application/json", body.to_string())
    }

    /// Sends it and reads until the server closes. No answer is a fault of the server.
    pub fn send(&self) -> Answer {
        let answer = self.send_to_full();
        assert!(
            answer.status < 500 || answer.status == 501,
            "{} {} {:?}: {answer}",
            self.method,
            self.target,
            self.body.as_deref().map(String::from_utf8_lossy),
        );
        answer
    }

    /// The same to a server that may have no room for it.
    pub fn send_to_full(&self) -> Answer {
        let mut head = format!(
            "{} {} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n",
            self.method, self.target
        );
        let known = super::tester::authorization(self.address);
        if let Some(value) = known.filter(|_| !self.anonymous) {
            head += &format!("Authorization: {value}\r\n");
        }
        for (name, value) in &self.headers {
            head += &format!("{name}: {value}\r\n");
        }
        if let Some(body) = &self.body {
            head += &format!("Content-Length: {}\r\n", body.len());
        }
        head += "\r\n";
        let body = self.body.as_deref().unwrap_or_default();
        let mut socket = TcpStream::connect(self.address).unwrap();
        socket.write_all(head.as_bytes()).unwrap();
        // A server that refuses early may close before it has read all of it.
        let _ = socket.write_all(body);
        let bytes = read(&mut socket);
        Answer::read(&bytes)
    }

    /// Sends it and sees that the status is the expected one.
    pub fn expect(&self, status: u16) -> Answer {
        let answer = self.send();
        let body = self.body.as_deref().map(String::from_utf8_lossy);
        let (method, target) = (&self.method, &self.target);
        assert_eq!(
            answer.status, status,
            "{method} {target} {body:?}\n{answer}"
        );
        answer
    }

    /// Sends it and sees that it is refused with a code and a target (empty for none).
    pub fn refused(&self, status: u16, code: &str, target: &str) -> Answer {
        let answer = self.expect(status);
        let error = answer.json()["error"].clone();
        let found = (
            error["code"].as_str().unwrap_or_default(),
            error["target"].as_str().unwrap_or_default(),
        );
        assert_eq!(
            found,
            (code, target),
            "{} {} {:?}\n{answer}",
            self.method,
            self.target,
            self.body.as_deref().map(String::from_utf8_lossy)
        );
        answer
    }
}

/// Longer than the head of any answer.
const HEAD: usize = 4096;

/// Reads until the server closes. A stream of events does not end by itself: of one, what stands
/// before all events is read.
fn read(socket: &mut TcpStream) -> Vec<u8> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 16 * 1024]);
    let has = |bytes: &[u8], text: &[u8]| bytes.windows(text.len()).any(|w| w == text);
    loop {
        match socket.read(&mut piece).unwrap() {
            0 => return bytes,
            length => bytes.extend_from_slice(&piece[..length]),
        }
        // Said in the head, if at all: bodies are long.
        let head = &bytes[..bytes.len().min(HEAD)];
        if has(head, b"text/event-stream") && has(&bytes, b"retry: ") && has(&bytes, b"\n\n\r\n") {
            bytes.extend_from_slice(b"0\r\n\r\n");
            return bytes;
        }
    }
}

impl std::fmt::Display for Answer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{} {}", self.status, String::from_utf8_lossy(&self.body))
    }
}

impl Answer {
    fn read(bytes: &[u8]) -> Self {
        let end = bytes.windows(4).position(|w| w == b"\r\n\r\n").unwrap();
        let head = std::str::from_utf8(&bytes[..end]).unwrap();
        let mut lines = head.split("\r\n");
        let status = lines.next().and_then(|line| line.split(' ').nth(1));
        let mut answer = Self {
            status: status.unwrap().parse().unwrap(),
            headers: lines
                .filter_map(|line| line.split_once(": "))
                .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
                .collect(),
            body: bytes[end + 4..].to_vec(),
        };
        if answer.header("transfer-encoding") == Some("chunked") && !answer.body.is_empty() {
            answer.body = join(&answer.body);
        }
        answer
    }

    /// The only value of a header, asked for in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter().filter(|(given, _)| given == name);
        let first = found.next().map(|(_, value)| value.as_str());
        assert!(found.next().is_none(), "{name} is there twice");
        first
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap()
    }

    /// The body as text; nothing for one that is none.
    pub fn text_or_nothing(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }

    /// The body as JSON; null where there is none.
    pub fn json(&self) -> Value {
        if self.body.is_empty() {
            return Value::Null;
        }
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {self}"))
    }

    /// `Id` of the answered entity.
    pub fn id(&self) -> String {
        self.json()["Id"].as_str().unwrap().to_owned()
    }

    /// `ETag`.
    pub fn etag(&self) -> String {
        self.header("etag").unwrap().to_owned()
    }

    /// Code and target of each fault, the first one first.
    pub fn faults(&self) -> Vec<(String, String)> {
        let error = &self.json()["error"];
        let details = error["details"].as_array().cloned().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        [error]
            .into_iter()
            .chain(&details)
            .map(|fault| (text(&fault["code"]), text(&fault["target"])))
            .collect()
    }
}

/// Puts the chunks of a body together.
fn join(mut rest: &[u8]) -> Vec<u8> {
    let mut body = Vec::new();
    loop {
        let end = rest.windows(2).position(|w| w == b"\r\n").unwrap();
        let length = std::str::from_utf8(&rest[..end]).unwrap();
        let length = usize::from_str_radix(length, 16).unwrap();
        if length == 0 {
            return body;
        }
        body.extend_from_slice(&rest[end + 2..end + 2 + length]);
        rest = &rest[end + 4 + length..];
    }
}
