//! A database, the service over it, and a server for it on a free loopback port.

use std::fmt::Write as _;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::sync::{Arc, mpsc};
use std::time::Duration;

use bytes::Bytes;
use serde_json::Value as Json;
use tempfile::TempDir;
use userdex::access::{Hashing, Policy};
use userdex::demo;
use userdex::http::{self, Backend, LaterSettings, Options, Site, TransportSettings};
use userdex::model::Model;
use userdex::service::{Caller, Service, ServiceSettings, Verb, WriteRequest};
use userdex::store::{DatabaseUrl, Store, StoreOptions};
use userdex::value::{Language, Timestamp};

use super::beside::Beside;

/// Where the service is below the address of a server.
pub const PATH: &str = "/api/domain/odata/";

/// A database and everything over it.
pub struct World {
    pub name: &'static str,
    pub url: String,
    pub service: Service,
    pub store: Store,
    pub model: Arc<Model>,
    address: SocketAddr,
    _folder: Option<TempDir>,
}

/// What a server answered.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub headers: Vec<(String, String)>,
    pub body: String,
}

/// Runs a test on a new database of each kind, with some demonstration users.
pub fn on_each_world(users: u64, test: impl Fn(&World)) {
    for world in worlds(users) {
        test(&world);
    }
}

/// A new database of each kind that there is here.
pub fn worlds(users: u64) -> Vec<World> {
    let (folder, store) = super::sqlite();
    drop(store);
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let mut all = vec![World::new("SQLite", url, Some(folder), users)];
    if let Some(url) = super::postgres::database() {
        all.push(World::new("PostgreSQL", url, None, users));
    }
    all
}

/// Settings with a password hash that costs nothing.
pub fn quick_settings() -> ServiceSettings {
    let mut settings = ServiceSettings::default();
    settings.writes.hashing = Hashing {
        iterations: 1,
        ..Hashing::default()
    };
    settings.writes.policy = Policy::none();
    let domains = "Systems.Security.Domains".to_owned();
    settings.writes.track.insert(domains, 3);
    settings
}

impl World {
    /// The service over a database that is there.
    pub fn over(name: &'static str, url: &str) -> Self {
        Self::new(name, url.to_owned(), None, 0)
    }

    /// Another server over the same database, whose reads end at a deadline.
    pub fn with_deadline(&self, deadline: Duration) -> Self {
        Self::open(self.name, self.url.clone(), None, 0, deadline)
    }

    fn new(name: &'static str, url: String, folder: Option<TempDir>, users: u64) -> Self {
        Self::open(name, url, folder, users, Duration::from_secs(30))
    }

    fn open(
        name: &'static str,
        url: String,
        folder: Option<TempDir>,
        users: u64,
        deadline: Duration,
    ) -> Self {
        let model = Arc::new(Model::shipped().unwrap());
        let options = StoreOptions {
            readers: 4,
            writers: 4,
            wait: Duration::from_secs(60),
            lock_wait: Duration::from_secs(60),
            deadline: Some(deadline),
            ..StoreOptions::default()
        };
        let store = Store::open(&url.parse().unwrap(), &options).unwrap();
        if users > 0 {
            demo::fill(&store, &model, users, 42).unwrap();
        }
        let service = Service::new(model.clone(), store.clone(), quick_settings()).unwrap();
        let address = serve(&service, &store);
        super::tester::sign_in(address, &service, &store, &model);
        Self {
            name,
            url,
            service,
            store,
            model,
            address,
            _folder: folder,
        }
    }

    /// Sends a request to an address below the service root.
    pub fn send(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &[u8]) -> Reply {
        send(self.address, method, path, headers, body).unwrap()
    }

    /// Sends a request as whoever the headers say, or as nobody.
    pub fn send_as(
        &self,
        method: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &[u8],
    ) -> Reply {
        send_as(self.address, method, path, headers, body).unwrap()
    }

    /// Sends JSON.
    pub fn json(&self, method: &str, path: &str, body: &Json) -> Reply {
        let headers = [("Content-Type", "application/json")];
        self.send(method, path, &headers, body.to_string().as_bytes())
    }

    /// The rows of a set, or the object, at an address.
    pub fn get(&self, path: &str) -> Json {
        let reply = self.send("GET", path, &[], b"");
        assert_eq!(
            reply.status, 200,
            "{}: GET {path}\n{}",
            self.name, reply.body
        );
        let mut body: Json = serde_json::from_str(&reply.body).unwrap();
        match body.get_mut("value") {
            Some(value) => value.take(),
            None => body,
        }
    }

    /// All rows at an address, over all pages.
    pub fn all(&self, path: &str) -> Vec<Json> {
        let (mut rows, mut next) = (Vec::new(), path.to_owned());
        for _ in 0..1_000 {
            let reply = self.send("GET", &next, &[], b"");
            assert_eq!(
                reply.status, 200,
                "{}: GET {next}\n{}",
                self.name, reply.body
            );
            let page = reply.tree();
            rows.extend(page["value"].as_array().unwrap().iter().cloned());
            match page["@odata.nextLink"].as_str() {
                Some(link) => next = link.split_once(PATH).unwrap().1.to_owned(),
                None => return rows,
            }
        }
        panic!("{path} does not end");
    }

    /// The number of rows that a filter finds.
    pub fn count(&self, address: &str) -> u64 {
        let reply = self.send("GET", address, &[], b"");
        assert_eq!(reply.status, 200, "{address}: {}", reply.body);
        reply.body.trim().parse().unwrap()
    }

    /// The address of the server.
    pub fn host(&self) -> String {
        self.address.to_string()
    }

    /// Everything that is stored, a line for each row, sorted.
    pub fn dump(&self) -> Vec<String> {
        dump(&self.url)
    }

    /// Sees that a dump still holds.
    pub fn assert_unchanged(&self, before: &[String], about: &str) {
        // When the tester's session was last used is no change of data, and neither is that a
        // refusal was noted.
        let others = ["Ext_Sessions|", "Ext_Audit_", "Sys_Audit_Log_Entries|"];
        let is_data = |line: &&String| !others.iter().any(|other| line.starts_with(other));
        let after: Vec<String> = self.dump().iter().filter(is_data).cloned().collect();
        let before: Vec<String> = before.iter().filter(is_data).cloned().collect();
        if after != before {
            let new = after.iter().filter(|line| !before.contains(line));
            let gone = before.iter().filter(|line| !after.contains(line));
            let mut text = String::new();
            for line in gone {
                let _ = writeln!(text, "- {line}");
            }
            for line in new {
                let _ = writeln!(text, "+ {line}");
            }
            panic!("{}: {about} changed the database:\n{text}", self.name);
        }
    }
}

impl Reply {
    /// The first value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut found = self.headers.iter();
        let found = found.find(|(given, _)| given.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value.as_str())
    }

    /// The body as JSON; null where it is none.
    pub fn tree(&self) -> Json {
        serde_json::from_str(&self.body).unwrap_or_default()
    }

    /// `error.code`, or nothing.
    pub fn code(&self) -> String {
        text(&self.tree()["error"]["code"])
    }
}

/// The text of a JSON text, or nothing.
pub fn text(json: &Json) -> String {
    json.as_str().unwrap_or_default().to_owned()
}

/// A change as the transport would hand it on.
pub fn change(verb: Verb, path: &str, body: impl Into<Bytes>) -> WriteRequest {
    WriteRequest {
        verb,
        path: path.to_owned(),
        query: String::new(),
        root: super::service::ROOT.to_owned(),
        accept: None,
        content_type: Some("application/json".to_owned()),
        body: body.into(),
        language: Language::default(),
        odata_version: None,
        payload_version: None,
        preferences: userdex::service::Preferences::default(),
        conditions: userdex::service::Conditions::default(),
        repeatability: None,
        content_id: None,
        application: None,
        transaction: None,
        caller: Caller::system().clone(),
        now: Timestamp::now(),
    }
}

/// Starts a server that lives as long as the process.
pub fn serve(service: &Service, store: &Store) -> SocketAddr {
    let backend = Backend::default();
    let ping = store.clone();
    backend.open(service.clone(), move || ping.ping());
    let options = Options {
        listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 0)),
        workers: Some(2),
        url_limit: 1 << 14,
        body_limit: 4 << 20,
        batch_parts: 100,
        public_url: None,
        server_timing: false,
        reads: 4,
        writes: 4,
        exports: 0,
        later: LaterSettings::default(),
        busy_wait: Duration::from_secs(60),
        stall: Duration::from_secs(60),
        body_time: Duration::from_secs(60),
        import_time: Duration::from_secs(600),
        transport: TransportSettings::default(),
        open_metrics: false,
    };
    let site = Site::new(options, backend, "{}".to_owned()).unwrap();
    let (sender, receiver) = mpsc::channel();
    std::thread::spawn(move || http::serve(site, |address| sender.send(address).unwrap()));
    receiver.recv().unwrap()
}

/// Sends a request to a server, as the tester who has signed in there unless a header says
/// otherwise; the answer, or why there is none.
pub fn send(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let known = super::tester::authorization(address);
    let mut all = headers.to_vec();
    let says = |name: &str| name.eq_ignore_ascii_case("Authorization");
    if let Some(value) = &known
        && !headers.iter().any(|(name, _)| says(name))
    {
        all.push(("Authorization", value));
    }
    send_as(address, method, path, &all, body)
}

/// Sends a request to a server with these headers only; the answer, or why there is none.
pub fn send_as(
    address: SocketAddr,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> std::io::Result<Reply> {
    let mut request = format!("{method} {PATH}{path} HTTP/1.1\r\nConnection: close\r\n");
    let _ = write!(
        request,
        "Host: {address}\r\nContent-Length: {}\r\n",
        body.len()
    );
    for (name, value) in headers {
        let _ = write!(request, "{name}: {value}\r\n");
    }
    let mut socket = TcpStream::connect(address)?;
    socket.set_read_timeout(Some(Duration::from_secs(120)))?;
    let bytes = [request.as_bytes(), b"\r\n", body].concat();
    // A body that is too large is answered before all of it was taken.
    let _ = socket.write_all(&bytes);
    let mut answer = Vec::new();
    let ended = socket.read_to_end(&mut answer);
    let answer = String::from_utf8_lossy(&answer);
    match (answer.split_once("\r\n\r\n"), ended) {
        (Some((head, body)), _) => Ok(reply(head, body)),
        (None, Err(error)) => Err(error),
        (None, Ok(_)) => Err(std::io::ErrorKind::UnexpectedEof.into()),
    }
}

fn reply(head: &str, body: &str) -> Reply {
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers = lines.filter_map(|line| line.split_once(": "));
    let mut reply = Reply {
        status: status.unwrap().parse().unwrap(),
        headers: headers.map(|(n, v)| (n.to_owned(), v.to_owned())).collect(),
        body: String::new(),
    };
    let chunked = reply.header("Transfer-Encoding") == Some("chunked");
    reply.body = if chunked {
        joined(body)
    } else {
        body.to_owned()
    };
    reply
}

/// The chunks of a body in one.
fn joined(mut body: &str) -> String {
    let mut whole = String::new();
    while let Some((size, rest)) = body.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).unwrap_or_default();
        if size == 0 {
            break;
        }
        whole.push_str(rest.get(..size).unwrap_or(rest));
        body = rest.get(size + 2..).unwrap_or_default();
    }
    whole
}

/// Everything in a database, a line for each row, sorted.
pub fn dump(url: &str) -> Vec<String> {
    let mut beside = Beside::open(url);
    match &beside {
        Beside::Sqlite(_) => {
            let tables = beside.lines(
                "SELECT name AS line FROM sqlite_master WHERE type='table' \
                 AND name NOT LIKE 'sqlite_%' AND name NOT LIKE '%fts%' ORDER BY 1",
            );
            let mut all = Vec::new();
            for table in tables {
                let columns = beside.lines(&format!(
                    "SELECT name AS line FROM pragma_table_info('{table}') ORDER BY cid"
                ));
                let quoted: Vec<String> =
                    columns.iter().map(|c| format!("quote(\"{c}\")")).collect();
                let row = quoted.join("||','||");
                all.extend(beside.lines(&format!(
                    "SELECT '{table}|'||{row} AS line FROM \"{table}\" ORDER BY 1"
                )));
            }
            all
        }
        Beside::Postgres(_) => {
            let tables = beside.lines(
                "SELECT tablename::text AS line FROM pg_tables WHERE schemaname='public' ORDER BY 1",
            );
            let all: Vec<String> = tables
                .iter()
                .map(|t| format!("SELECT '{t}|'||t::text AS line FROM \"{t}\" t"))
                .collect();
            beside.lines(&format!("{} ORDER BY 1", all.join(" UNION ALL ")))
        }
    }
}
