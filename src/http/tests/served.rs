//! The service behind the server, over an SQLite file with its first administrator only.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use serde_json::json;
use tempfile::TempDir;

use super::harness::{Server, options};
use crate::http::{Backend, Options, ROUTES};
use crate::model::Model;
use crate::service::{Scopes, Service, ServiceSettings, Way};
use crate::store::{DatabaseUrl, Store, StoreOptions};
use crate::value::Timestamp;

pub(super) const ROOT: &str = "/api/domain/odata";
pub(super) const USERS: &str = "/api/domain/odata/Systems_Security_Users";

/// A server whose database is in a folder that lives as long.
pub(super) fn served(options: Options) -> (Server, TempDir) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("users.db");
    let url: DatabaseUrl = format!("sqlite:{}", path.display()).parse().unwrap();
    let store = Store::open(&url, &StoreOptions::default()).unwrap();
    store.migrate().unwrap();
    let model = Arc::new(Model::shipped().unwrap());
    let mut settings = ServiceSettings::default();
    settings.writes.hashing.iterations = 1;
    let service = Service::new(model, store.clone(), settings).unwrap();
    let now = Timestamp::now();
    service.first_start(Some("Secret-123"), false, now).unwrap();
    let admin = service.user_named("admin").unwrap().unwrap();
    let opened = service.open_session(admin, Way::Session, None, Scopes::ALL, now);
    let backend = Backend::default();
    backend.open(service, move || store.ping());
    let mut server = Server::start(backend, options);
    server.authorization = Some(format!("ErpSession {}", opened.unwrap().id));
    (server, folder)
}

/// Everything that is answered to a request, until the connection ends.
fn told(server: &Server, line: &str, host: &str, body: &str) -> String {
    let authorization = server.authorization.as_deref().unwrap_or_default();
    let mut socket = TcpStream::connect(server.address).unwrap();
    let head = format!(
        "{line}\r\nHost: {host}\r\nAuthorization: {authorization}\r\nConnection: close\r\n\
         Content-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    socket.write_all(head.as_bytes()).unwrap();
    let mut text = String::new();
    socket.read_to_string(&mut text).unwrap();
    text
}

/// RFC 9112, 6.1.
#[test]
fn clients_of_http_1_0_get_no_chunks() {
    let (server, _folder) = served(Options {
        body_limit: 100_000,
        ..options()
    });
    // More than comes in one piece.
    let long = "x".repeat(40_000);
    let query = json!({"$compute": format!("'{long}' as A,'{long}' as B"), "$select": "A,B"});
    let ask = |version: &str| {
        let line = format!("POST {USERS}/$query?$format=csv {version}");
        told(&server, &line, "localhost", &query.to_string())
    };
    let old = ask("HTTP/1.0");
    let (head, body) = old.split_once("\r\n\r\n").unwrap();
    assert!(head.starts_with("HTTP/1.0 200 "), "{head}");
    assert!(!head.contains("transfer-encoding"), "{head}");
    assert!(!head.contains("content-length"), "{head}");
    assert_eq!(body, format!("A,B\r\n{long},{long}\r\n"));
    let new = ask("HTTP/1.1");
    let (head, _) = new.split_once("\r\n\r\n").unwrap();
    assert!(head.contains("transfer-encoding: chunked"), "{head}");
}

/// RFC 9112, 3.2.2.
#[test]
fn the_host_of_a_whole_address_counts() {
    let (server, _folder) = served(options());
    let line = format!("GET http://localhost:81{USERS}?$top=1 HTTP/1.1");
    let answer = told(&server, &line, "127.0.0.1", "");
    assert!(
        answer.contains("\"http://localhost:81/api/domain/odata/"),
        "{answer}"
    );
    let line = format!("GET http://evil.example{USERS}?$top=1 HTTP/1.1");
    let answer = told(&server, &line, "localhost", "");
    assert!(answer.starts_with("HTTP/1.1 400 "), "{answer}");
}

#[test]
fn requests_reach_the_service_as_they_came() {
    let (server, _folder) = served(options());
    for (target, headers, status, code) in [
        (ROOT.to_owned(), &[][..], 200, "null"),
        (format!("{ROOT}/"), &[], 200, "null"),
        (format!("{ROOT}/$metadata"), &[], 200, "null"),
        (format!("{USERS}?$top=2"), &[], 200, "null"),
        (format!("{USERS}/?%24top=2"), &[], 200, "null"),
        (
            format!("{USERS}?$filter=Login+eq+'a%2Bb'"),
            &[],
            200,
            "null",
        ),
        (format!("{USERS}/$count"), &[], 200, "null"),
        (format!("{USERS}?culture=bg&unknown=1"), &[], 200, "null"),
        (
            format!("{USERS}(00000000-0000-0000-0000-000000000001)"),
            &[],
            404,
            "NotFound",
        ),
        (format!("{USERS}?$top=-1"), &[], 400, "InvalidValue"),
        (
            format!("{USERS}?$filter=Login%20eq%20"),
            &[],
            400,
            "SyntaxError",
        ),
        (format!("{USERS}?$filter=%FF"), &[], 400, "SyntaxError"),
        (
            USERS.to_owned(),
            &[("Accept", "image/png")],
            406,
            "NotAcceptable",
        ),
        (
            USERS.to_owned(),
            &[("OData-MaxVersion", "3.0")],
            400,
            "InvalidHeader",
        ),
        (USERS.to_owned(), &[("Host", "a/b")], 400, "InvalidHeader"),
        ("/health/ready".to_owned(), &[], 200, "null"),
    ] {
        let answer = server.raw("GET", &target, headers);
        assert_eq!(answer.status, status, "{target} {}", answer.body);
        assert_eq!(answer.error("code"), code, "{target} {}", answer.body);
    }
}

#[test]
fn head_has_the_headers_of_get() {
    let (server, _folder) = served(options());
    for target in [
        ROOT.to_owned(),
        format!("{ROOT}/$metadata"),
        USERS.to_owned(),
        format!("{USERS}/$count"),
        format!("{ROOT}/Nope"),
    ] {
        let id = ("X-Request-Id", "same");
        let [head, get] = ["HEAD", "GET"].map(|method| server.raw(method, &target, &[id]));
        let sorted = |headers: &[(String, String)]| {
            let mut kept: Vec<_> = headers.to_vec();
            kept.retain(|(name, _)| name != "date");
            kept.sort();
            kept
        };
        assert_eq!(
            (head.status, head.body.as_str()),
            (get.status, ""),
            "{target}"
        );
        assert_eq!(sorted(&head.headers), sorted(&get.headers), "{target}");
    }
}

#[test]
fn documents_have_versions() {
    let (server, _folder) = served(options());
    let target = format!("{ROOT}/$metadata");
    let etag = server.get(&target).header("etag").unwrap().to_owned();
    assert!(etag.starts_with('"'), "{etag} is strong");
    let again = server.raw("GET", &target, &[("If-None-Match", &etag)]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    let other = server.raw("GET", &target, &[("If-Match", "\"other\"")]);
    assert_eq!(other.status, 412);
}

#[test]
fn addresses_in_answers_start_with_the_public_one() {
    let context = |server: &Server| {
        let body: serde_json::Value = serde_json::from_str(&server.get(USERS).body).unwrap();
        body["@odata.context"].as_str().unwrap().to_owned()
    };
    let (by_host, _folder) = served(options());
    let tail = "api/domain/odata/$metadata#Systems_Security_Users";
    assert_eq!(context(&by_host), format!("http://localhost/{tail}"));
    let (by_setting, _folder) = served(Options {
        public_url: Some("https://b.example".to_owned()),
        ..options()
    });
    assert_eq!(context(&by_setting), format!("https://b.example/{tail}"));
}

#[test]
fn only_names_of_this_machine_are_answered() {
    let (server, _folder) = served(Options {
        public_url: Some("https://users.example:8443".to_owned()),
        ..options()
    });
    for (host, status) in [
        ("localhost", 200),
        ("LOCALHOST:8080", 200),
        ("127.0.0.1:8080", 200),
        ("127.9.9.9", 200),
        ("[::1]:8080", 200),
        ("users.example:8443", 200),
        ("users.example", 400),
        ("localhost.evil.example", 400),
        ("evil.example:8080", 400),
        ("127.0.0.1.evil.example", 400),
        ("10.0.0.1", 400),
        ("8443", 400),
    ] {
        let answer = server.raw("GET", USERS, &[("Host", host)]);
        assert_eq!(answer.status, status, "{host}: {}", answer.body);
    }
}

#[test]
fn no_address_but_health_answers_to_the_name_of_another_site() {
    let (server, _folder) = served(options());
    for address in ROUTES {
        let path = match address.path {
            "" => "/nowhere",
            path => path,
        };
        for method in address.methods {
            let answer = server.raw(method, path, &[("Host", "evil.example")]);
            let is_health = path.starts_with("/health/");
            assert_eq!(answer.status != 400, is_health, "{method} {path}");
            assert!(is_health || !answer.body.contains("csrf"));
        }
    }
}

#[test]
fn timings_are_told_when_switched_on() {
    let (quiet, _folder) = served(options());
    assert_eq!(quiet.get(USERS).header("server-timing"), None);
    let (talking, _folder) = served(Options {
        server_timing: true,
        ..options()
    });
    let answer = talking.get(USERS);
    let timing = answer.header("server-timing").unwrap();
    for room in ["syntax;dur=", "bind;dur=", "store;dur="] {
        assert!(timing.contains(room), "{timing}");
    }
}

/// No slot becomes free, so that an export waits, which counts as well.
#[test]
fn one_caller_has_so_many_exports() {
    let (server, _folder) = served(Options {
        reads: 0,
        exports: 2,
        busy_wait: Duration::from_secs(5),
        ..options()
    });
    let export = format!("{USERS}?$format=ndjson");
    let codes = || {
        let mut all: Vec<_> = std::thread::scope(|scope| {
            let all = [(); 3].map(|()| scope.spawn(|| server.get(&export)));
            let answers = all.map(|thread| thread.join().unwrap());
            answers
                .map(|answer| (answer.status, answer.error("code")))
                .into()
        });
        all.sort_unstable();
        all
    };
    let (late, full) = (
        "ServiceUnavailable".to_owned(),
        "TooManyRequests".to_owned(),
    );
    let expected = [(429, full), (503, late.clone()), (503, late)];
    assert_eq!(codes(), expected);
    // Those that have ended count no more.
    assert_eq!(codes(), expected);
}

#[test]
fn a_read_without_a_slot_is_refused() {
    let (server, _folder) = served(Options {
        reads: 0,
        busy_wait: Duration::from_millis(1),
        ..options()
    });
    let answer = server.get(USERS);
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    // Documents need no database.
    assert_eq!(server.get(ROOT).status, 200);
    let metrics = server.get("/metrics").body;
    assert!(
        metrics.contains("userdex_reads_refused_total 1\n"),
        "{metrics}"
    );
    assert!(metrics.contains("userdex_reads_running 0\n"), "{metrics}");
}
