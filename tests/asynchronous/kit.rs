//! What the tests share: asking for later, asking the monitor, and work that does not come to its end.

use std::time::Duration;

use userdex::access::{Scopes, Way};
use userdex::http::{LaterSettings, Options};
use userdex::service::ServiceSettings;
use userdex::store::{Session, StoreOptions};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, Server, USERS, key, options, settings};

/// Times that a monitor is asked at most.
const TRIES: usize = 100_000;
/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(3600);

/// An export of users.
pub(crate) fn export() -> String {
    format!("{USERS}?$select=Login&$orderby=Login&$format=csv")
}

/// Asks for an answer that comes later; the request for its monitor, as the tester.
pub(crate) fn later(server: &Server, address: &str) -> String {
    let request = server.ask("GET", address).prefer("respond-async");
    monitor_of(&request.expect(202))
}

/// The target of the monitor that an answer names.
pub(crate) fn monitor_of(answer: &Answer) -> String {
    let location = answer.header("location").unwrap();
    let target = location.strip_prefix("http://localhost").unwrap();
    assert!(target.starts_with("/api/domain/odata/$async/"), "{target}");
    target.to_owned()
}

/// A request for a monitor.
pub(crate) fn watch(server: &Server, method: &str, monitor: &str) -> Request {
    Request::new(server.address, method, monitor)
}

/// Asks a monitor until the work is done; its answer.
pub(crate) fn fetched(request: &Request) -> Answer {
    for _ in 0..TRIES {
        let answer = request.send();
        if answer.status != 202 {
            return answer;
        }
        std::thread::yield_now();
    }
    panic!("the work does not end");
}

/// A server with one connection for reading, and the settings of asynchronous requests.
pub(crate) fn server_with(kind: Kind, later: LaterSettings, exports: u32) -> Server {
    let store = StoreOptions {
        readers: 1,
        wait: LONG,
        ..StoreOptions::default()
    };
    let mut service: ServiceSettings = settings();
    // Callers are known from memory, so that they need no connection.
    service.sign_in.fresh_for = LONG;
    let options = Options {
        later,
        exports,
        ..options()
    };
    kind.start_over(&store, service, options)
}

/// Holds the only connection for reading: what begins now waits for it. The tester is known from
/// then on.
pub(crate) fn hold(server: &Server) -> Session {
    server.ask("GET", "Me?$select=Id").expect(200);
    server.store.session().unwrap()
}

/// The header of a new session of a user.
pub(crate) fn session_of(server: &Server, user: &str, scopes: Scopes) -> String {
    let user: Uuid = key(user).parse().unwrap();
    session(server, user, scopes)
}

/// The same by the key.
pub(crate) fn session(server: &Server, user: Uuid, scopes: Scopes) -> String {
    let now = Timestamp::now();
    let opened = server
        .service
        .open_session(user, Way::Session, None, scopes, now);
    format!("ErpSession {}", opened.unwrap().id)
}

/// A request as somebody else.
pub(crate) fn as_other(request: Request, authorization: &str) -> Request {
    request.anonymous().header("Authorization", authorization)
}
