//! People who listen, and what they hear.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use crate::support::http::Request;
use crate::support::server::{Server, USERS, key, link, merged, user};

pub(crate) const EVENTS: &str = "/api/domain/events";
pub(crate) const GROUPS: &str = "Systems_Security_Groups";

/// How long a test waits for what must come.
const PATIENCE: Duration = Duration::from_secs(60);

/// Somebody who has signed in.
pub(crate) struct Person {
    pub(crate) address: String,
    pub(crate) header: String,
}

/// An event that arrived.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Event {
    pub(crate) name: String,
    pub(crate) id: String,
    pub(crate) data: Value,
}

/// A stream of events.
pub(crate) struct Stream {
    socket: TcpStream,
    /// What arrived of the body in chunks.
    raw: Vec<u8>,
    /// What arrived of the text.
    text: Vec<u8>,
    /// The last id: where the stream is.
    pub(crate) last: String,
    pub(crate) head: String,
    pub(crate) heartbeats: usize,
    is_over: bool,
}

impl Person {
    /// A new user without any right.
    pub(crate) fn new(server: &Server, login: &str) -> Self {
        let address = server.create(USERS, &user(login));
        Self::of(server, address)
    }

    /// A new administrator.
    pub(crate) fn admin(server: &Server, login: &str) -> Self {
        let body = merged(user(login), json!({"IsAdmin": true}));
        Self::of(server, server.create(USERS, &body))
    }

    /// A user that is there, in a new session.
    pub(crate) fn of(server: &Server, address: String) -> Self {
        Self::with(server, address, Scopes::ALL)
    }

    pub(crate) fn with(server: &Server, address: String, scopes: Scopes) -> Self {
        let id = key(&address).parse().unwrap();
        let (service, now) = (&server.service, Timestamp::now());
        let opened = service.open_session(id, Way::Session, None, scopes, now);
        let header = format!("ErpSession {}", opened.unwrap().id);
        Self { address, header }
    }

    /// A request of the stream that is to be refused, or of its head.
    pub(crate) fn ask(&self, server: &Server, method: &str, query: &str) -> Request {
        Request::new(server.address, method, &format!("{EVENTS}{query}"))
            .anonymous()
            .header("Authorization", &self.header)
    }

    /// A read below the service root.
    pub(crate) fn reads(&self, server: &Server, address: &str) -> Request {
        let request = server.ask("GET", address).anonymous();
        request.header("Authorization", &self.header)
    }

    /// Listens at a server.
    pub(crate) fn listen(&self, server: &Server, query: &str) -> Stream {
        Stream::open(server.address, &self.header, query, None)
    }

    /// Listens at a server to what came after an event.
    pub(crate) fn resume(&self, server: &Server, query: &str, last: &str) -> Stream {
        Stream::open(server.address, &self.header, query, Some(last))
    }

    /// Gives a right on a set, in a role of its own.
    pub(crate) fn may(&self, server: &Server, set: &str, rights: &Value) {
        let role = json!({"Name": format!("{set} {rights}")});
        let role = server.create("Systems_Security_Roles", &role);
        server.create(
            "Systems_Security_RoleUsers",
            &json!({"User": link(&self.address), "Role": link(&role)}),
        );
        server.create(
            "Ext_EntityPermissions",
            &merged(
                json!({"EntitySet": set, "Role": link(&role)}),
                rights.clone(),
            ),
        );
    }
}

impl Stream {
    fn open(address: SocketAddr, header: &str, query: &str, last: Option<&str>) -> Self {
        let socket = TcpStream::connect(address).unwrap();
        Self::over(socket, header, query, last)
    }

    /// Asks over a connection that is there.
    pub(crate) fn over(
        mut socket: TcpStream,
        header: &str,
        query: &str,
        last: Option<&str>,
    ) -> Self {
        let last = last.map_or(String::new(), |id| format!("Last-Event-ID: {id}\r\n"));
        let request = format!(
            "GET {EVENTS}{query} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {header}\r\n{last}\r\n"
        );
        socket.write_all(request.as_bytes()).unwrap();
        socket
            .set_read_timeout(Some(Duration::from_secs(60)))
            .unwrap();
        let mut stream = Self {
            socket,
            raw: Vec::new(),
            text: Vec::new(),
            last: String::new(),
            head: String::new(),
            heartbeats: 0,
            is_over: false,
        };
        let end = loop {
            if let Some(end) = position(&stream.raw, b"\r\n\r\n") {
                break end;
            }
            assert!(stream.take(), "{}", String::from_utf8_lossy(&stream.raw));
        };
        stream.head = String::from_utf8(stream.raw.drain(..end + 4).collect()).unwrap();
        assert!(
            stream.head.starts_with("HTTP/1.1 200 "),
            "{}{}",
            stream.head,
            String::from_utf8_lossy(&stream.raw)
        );
        // What stands before all events says where the stream begins.
        while stream.last.is_empty() {
            let block = stream.block().unwrap();
            assert!(block.starts_with("retry: "), "{block}");
            stream.last = field(&block, "id").unwrap();
        }
        stream
    }

    /// Takes what arrives; `false` at the end of the connection.
    fn take(&mut self) -> bool {
        let mut piece = [0; 16 * 1024];
        let length = self
            .socket
            .read(&mut piece)
            .unwrap_or_else(|e| panic!("{e}"));
        self.raw.extend_from_slice(&piece[..length]);
        length > 0
    }

    /// Takes whole chunks apart.
    fn join(&mut self) {
        while let Some(end) = position(&self.raw, b"\r\n") {
            let size = std::str::from_utf8(&self.raw[..end]).unwrap();
            let size = usize::from_str_radix(size, 16).unwrap();
            if self.raw.len() < end + 2 + size + 2 {
                return;
            }
            self.is_over |= size == 0;
            self.text
                .extend_from_slice(&self.raw[end + 2..end + 2 + size]);
            self.raw.drain(..end + 2 + size + 2);
        }
    }

    /// The next block of text; nothing at the end of the stream.
    fn block(&mut self) -> Option<String> {
        loop {
            self.join();
            if let Some(end) = position(&self.text, b"\n\n") {
                let block = self.text.drain(..end + 2).collect();
                return Some(String::from_utf8(block).unwrap());
            }
            if self.is_over || !self.take() {
                return None;
            }
        }
    }

    /// The next event; nothing at the end of the stream.
    pub(crate) fn next(&mut self) -> Option<Event> {
        let started = Instant::now();
        loop {
            // Signs of life alone would keep a test that waits in vain for ever.
            assert!(started.elapsed() < PATIENCE, "nothing comes");
            let block = self.block()?;
            if block.starts_with(':') {
                self.heartbeats += 1;
                continue;
            }
            let event = Event {
                name: field(&block, "event").unwrap(),
                id: field(&block, "id").unwrap(),
                data: serde_json::from_str(&field(&block, "data").unwrap()).unwrap(),
            };
            self.last.clone_from(&event.id);
            return Some(event);
        }
    }

    /// Reads until there was a sign of life.
    pub(crate) fn wait_for_heartbeat(&mut self) {
        let block = self.block().unwrap();
        assert_eq!(block, ":\n\n");
    }

    /// The next event, which must be of a name; its data.
    pub(crate) fn expect(&mut self, name: &str) -> Value {
        let event = self.next().expect("an event");
        assert_eq!(event.name, name, "{event:?}");
        event.data
    }

    /// Sees that the stream ends here, as a whole answer does.
    pub(crate) fn ends(&mut self) {
        assert_eq!(self.next(), None);
        assert!(self.is_over, "the connection was cut");
    }
}

fn position(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|w| w == wanted)
}

fn field(block: &str, name: &str) -> Option<String> {
    let start = format!("{name}: ");
    let mut lines = block.lines();
    lines.find_map(|line| Some(line.strip_prefix(&start)?.to_owned()))
}

/// Notifies somebody of themselves.
pub(crate) fn notify(server: &Server, to: &str, subject: &str) {
    let body = json!({
        "user": {"@odata.id": to},
        "notificationClass": "NT_SOC_NEW_POST",
        "subject": subject,
    });
    let address = format!("{to}/CreateNotification");
    server.post(&address, &body).expect(204);
}

/// A new group; its address.
pub(crate) fn group(server: &Server, name: &str) -> String {
    server.create(GROUPS, &json!({"Name": {"EN": name}}))
}

/// What an event of a group says of it.
pub(crate) fn of(set: &str, address: &str) -> (String, String) {
    (set.to_owned(), key(address).to_owned())
}

/// The set and the key in the data of an event.
pub(crate) fn about(data: &Value) -> (String, String) {
    let text = |name: &str| data[name].as_str().unwrap_or_default().to_owned();
    (text("set"), text("id"))
}

/// The status of an answer to somebody who wants to listen.
pub(crate) fn status(socket: &mut TcpStream, header: &str) -> u16 {
    let request = format!(
        "GET {EVENTS} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nAuthorization: {header}\r\n\r\n"
    );
    socket.write_all(request.as_bytes()).unwrap();
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer.split(' ').nth(1).unwrap().parse().unwrap()
}

/// A connection whose system keeps little of what arrives.
pub(crate) fn small_socket(address: SocketAddr) -> TcpStream {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let socket = runtime.block_on(async {
        let socket = tokio::net::TcpSocket::new_v4().unwrap();
        socket.set_recv_buffer_size(2048).unwrap();
        socket.connect(address).await.unwrap().into_std().unwrap()
    });
    socket.set_nonblocking(false).unwrap();
    socket
}
