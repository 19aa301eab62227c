//! How long an ordinary query of one user takes while others guess passwords as fast as they can,
//! against how long it takes when nobody does: over HTTP, with hashes of the usual cost, and without
//! the limits of addresses, which would end the flood.
//!
//! On SQLite, and on PostgreSQL where `USERDEX_BENCH_POSTGRES` is the URL of an empty database (it
//! is filled, and used again the next time).

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "a benchmark that cannot start stops, and a user pauses between two queries"
)]

use std::env;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use userdex::demo;
use userdex::http::{self, Backend, LaterSettings, Options, Site, TransportSettings};
use userdex::model::Model;
use userdex::service::{ContentIds, Service, ServiceSettings, Verb, own_request};
use userdex::store::{DatabaseUrl, Store, StoreOptions};
use userdex::value::Timestamp;

/// Users in the database.
const USERS: u64 = 10_000;
/// The seed of the users.
const SEED: u64 = 1;
/// Queries of each half.
const QUERIES: usize = 3_000;
/// Queries before each half that are not counted.
const WARM: usize = 200;
/// Connections that guess.
const GUESSERS: u64 = 8;
/// Between two queries: somebody who works, not another flood.
const PAUSE: Duration = Duration::from_millis(2);
/// What is asked.
const QUERY: &str = "/api/domain/odata/Systems_Security_Users?$top=50&$orderby=Login";
/// The login and password of whoever asks.
const READER: (&str, &str) = ("bench-reader", "Correct-horse-1");

fn main() {
    // `cargo test --bench flood` only sees whether it works.
    let is_bench = env::args().any(|argument| argument == "--bench");
    let queries = if is_bench { QUERIES } else { 20 };
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.db");
    let sqlite = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
    compare("sqlite", &sqlite, queries);
    if let Ok(url) = env::var("USERDEX_BENCH_POSTGRES") {
        compare("postgres", &url.parse().unwrap(), queries);
    }
}

fn compare(name: &str, url: &DatabaseUrl, queries: usize) {
    let (service, store) = service(url);
    let address = serve(&service, &store);
    let mut client = Client::open(address);
    let session = client.log_in(READER.0, READER.1);
    let session = session.unwrap_or_else(|| panic!("the reader cannot sign in"));
    let quiet = measure(&mut client, &session, queries);
    let (stop, guesses) = (AtomicBool::new(false), AtomicU64::new(0));
    let (loud, took) = thread::scope(|scope| {
        for guesser in 0..GUESSERS {
            let (stop, guesses) = (&stop, &guesses);
            scope.spawn(move || guess(address, guesser, stop, guesses));
        }
        let started = Instant::now();
        let loud = measure(&mut client, &session, queries);
        stop.store(true, Ordering::Relaxed);
        (loud, started.elapsed())
    });
    let guesses = guesses.load(Ordering::Relaxed);
    let rate = guesses * 1000 / u64::try_from(took.as_millis()).unwrap_or(u64::MAX).max(1);
    println!("{name}: {queries} queries of one user; flood of {rate} guesses a second");
    println!("{:>8} {:>10} {:>10} {:>7}", "", "quiet", "flood", "ratio");
    for part in [50, 90, 99] {
        let (before, during) = (at(&quiet, part), at(&loud, part));
        let ratio = during.as_secs_f64() / before.as_secs_f64();
        println!(
            "{:>8} {before:>10.2?} {during:>10.2?} {ratio:>7.2}",
            format!("p{part}")
        );
    }
}

/// The time that so many of a hundred queries stay below.
fn at(sorted: &[Duration], part: usize) -> Duration {
    let place = (sorted.len() * part / 100).min(sorted.len().saturating_sub(1));
    sorted.get(place).copied().unwrap_or_default()
}

/// The times of some queries, sorted.
fn measure(client: &mut Client, session: &str, queries: usize) -> Vec<Duration> {
    let header = format!("Authorization: {session}\r\n");
    let mut times = Vec::with_capacity(queries);
    for number in 0..WARM + queries {
        let started = Instant::now();
        let (status, _) = client.send("GET", QUERY, &header, "");
        let took = started.elapsed();
        assert_eq!(status, 200);
        if number >= WARM {
            times.push(took);
        }
        thread::sleep(PAUSE);
    }
    times.sort_unstable();
    times
}

/// Guesses passwords of one login after the other, some of which exist.
fn guess(address: SocketAddr, guesser: u64, stop: &AtomicBool, guesses: &AtomicU64) {
    let mut client = Client::open(address);
    let mut number = 0;
    while !stop.load(Ordering::Relaxed) {
        number += 1;
        let login = if number % 2 == 0 {
            "admin".to_owned()
        } else {
            format!("nobody{guesser}-{number}")
        };
        assert!(client.log_in(&login, &format!("wrong {number}")).is_none());
        guesses.fetch_add(1, Ordering::Relaxed);
    }
}

/// A service with users, and one who asks.
fn service(url: &DatabaseUrl) -> (Service, Store) {
    let model = Arc::new(Model::shipped().unwrap());
    let store = Store::open(url, &StoreOptions::default()).unwrap();
    store.migrate().unwrap();
    let settings = ServiceSettings::default();
    let service = Service::new(model.clone(), store.clone(), settings).unwrap();
    if service.user_named(READER.0).unwrap().is_none() {
        if demo::is_empty(&store, &model).unwrap() {
            demo::fill(&store, &model, USERS, SEED).unwrap();
            store.writer().unwrap().analyze().unwrap();
        }
        let body = json!({
            "Login": READER.0,
            "Name": {"EN": READER.0},
            "IsAdmin": true,
            "@ext.initialPassword": READER.1,
        });
        let set = "Systems_Security_Users".to_owned();
        let request = own_request(Verb::Post, set, &body, Timestamp::now());
        let done = service.write(&[request], &mut ContentIds::default());
        assert!(done.is_ok());
    }
    (service, store)
}

/// Starts a server that lives as long as the process.
fn serve(service: &Service, store: &Store) -> SocketAddr {
    let backend = Backend::default();
    let ping = store.clone();
    backend.open(service.clone(), move || ping.ping());
    let options = Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        workers: None,
        url_limit: 1 << 14,
        body_limit: 4 << 20,
        batch_parts: 100,
        public_url: None,
        server_timing: false,
        reads: 8,
        writes: 4,
        exports: 0,
        later: LaterSettings::default(),
        busy_wait: Duration::from_secs(5),
        stall: Duration::from_secs(30),
        body_time: Duration::from_secs(60),
        import_time: Duration::from_secs(600),
        transport: TransportSettings::default(),
        open_metrics: false,
    };
    let site = Site::new(options, backend, "{}".to_owned()).unwrap();
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || http::serve(site, |address| sender.send(address).unwrap()));
    receiver.recv().unwrap()
}

/// One connection that is kept.
struct Client {
    address: SocketAddr,
    socket: BufReader<TcpStream>,
}

impl Client {
    fn open(address: SocketAddr) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        socket.set_nodelay(true).unwrap();
        let socket = BufReader::new(socket);
        Self { address, socket }
    }

    /// The value of `Authorization` for a session; nothing where there is none.
    fn log_in(&mut self, login: &str, password: &str) -> Option<String> {
        let body = json!({"user": login, "pass": password}).to_string();
        let media = "Content-Type: application/json\r\n";
        let (status, answer) = self.send("POST", "/api/domain/login", media, &body);
        // A full queue of hashing is answered 503.
        assert!([200, 401, 503].contains(&status), "{status}");
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        answer["authorization"].as_str().map(str::to_owned)
    }

    /// Sends a request; the status and the body of its answer.
    fn send(&mut self, method: &str, target: &str, headers: &str, body: &str) -> (u16, Vec<u8>) {
        let (address, length) = (self.address, body.len());
        let request = format!(
            "{method} {target} HTTP/1.1\r\nHost: {address}\r\n{headers}Content-Length: {length}\r\n\r\n{body}"
        );
        self.socket.get_mut().write_all(request.as_bytes()).unwrap();
        let status = self.line();
        let status = status.split(' ').nth(1).and_then(|word| word.parse().ok());
        let (mut length, mut chunked) = (0, false);
        loop {
            let line = self.line().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(text) = line.strip_prefix("content-length: ") {
                length = text.parse().unwrap();
            }
            chunked |= line == "transfer-encoding: chunked";
        }
        let mut body = Vec::new();
        if chunked {
            loop {
                let size = usize::from_str_radix(&self.line(), 16).unwrap();
                self.take(size, &mut body);
                self.line();
                if size == 0 {
                    break;
                }
            }
        } else {
            self.take(length, &mut body);
        }
        (status.unwrap_or_default(), body)
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.socket.read_line(&mut line).unwrap();
        line.trim_end().to_owned()
    }

    fn take(&mut self, size: usize, body: &mut Vec<u8>) {
        let start = body.len();
        body.resize(start + size, 0);
        if let Some(part) = body.get_mut(start..) {
            self.socket.read_exact(part).unwrap();
        }
    }
}
