//! Changes over real sockets. What the service makes of them is tested with the service.

use super::harness::{Server, options};
use super::served::{USERS, served};
use crate::http::{Backend, Options};

const JSON: (&str, &str) = ("Content-Type", "application/json");

#[test]
fn refusals_before_the_service() {
    let (server, _folder) = served(options());
    for (method, headers, status, code) in [
        (
            "POST",
            &[("X-HTTP-Method", "DELETE")][..],
            400,
            "InvalidHeader",
        ),
        ("POST", &[("OData-Version", "3.0")], 400, "InvalidHeader"),
        ("PATCH", &[("If-Match", ",")], 400, "InvalidHeader"),
        (
            "PUT",
            &[("Repeatability-Request-ID", "1")],
            400,
            "InvalidHeader",
        ),
        (
            "POST",
            &[("OData-Isolation", "snapshot")],
            412,
            "PreconditionFailed",
        ),
        (
            "POST",
            &[("Content-Encoding", "gzip")],
            415,
            "UnsupportedMediaType",
        ),
        (
            "POST",
            &[("Origin", "https://evil.example")],
            400,
            "InvalidHeader",
        ),
        ("DELETE", &[("Origin", "null")], 400, "InvalidHeader"),
        ("POST", &[("Host", "evil.example")], 400, "InvalidHeader"),
    ] {
        let headers = [&[JSON], headers].concat();
        let answer = server.send(method, USERS, &headers, b"{}");
        assert_eq!(
            answer.status, status,
            "{method} {headers:?} {}",
            answer.body
        );
        assert_eq!(answer.error("code"), code, "{method} {headers:?}");
        assert_eq!(answer.header("cache-control"), Some("no-store"));
        assert!(answer.header("odata-version").is_some());
    }
}

#[test]
fn bodies_end_at_the_limit() {
    let (server, _folder) = served(options());
    let chunked = ("Transfer-Encoding", "chunked");
    let chunks = |length: usize| {
        let half = "x".repeat(length / 2);
        format!(
            "{0:x}\r\n{half}\r\n{0:x}\r\n{half}\r\n0\r\n\r\n",
            length / 2
        )
        .into_bytes()
    };
    for (headers, body, too_large) in [
        (&[JSON][..], vec![b' '; 1024], false),
        (&[JSON], vec![b' '; 1025], true),
        (&[JSON, chunked], chunks(1024), false),
        (&[JSON, chunked], chunks(1026), true),
        // Says more than it is going to send: refused before it is waited for.
        (
            &[JSON, ("Content-Length", "999999999")],
            vec![b' '; 10_000],
            true,
        ),
    ] {
        let answer = server.send("POST", USERS, headers, &body);
        let refused = answer.status == 413 && answer.error("code") == "PayloadTooLarge";
        assert_eq!(
            refused,
            too_large,
            "{headers:?} {} {}",
            body.len(),
            answer.body
        );
    }
}

#[test]
fn bodies_that_do_not_come_are_given_up() {
    let (server, _folder) = served(Options {
        stall: std::time::Duration::from_millis(20),
        ..options()
    });
    let headers = [JSON, ("Content-Length", "100")];
    let answer = server.send("POST", USERS, &headers, b"{");
    assert_eq!(
        (answer.status, answer.error("code")),
        (400, "InvalidPayload".to_owned())
    );
}

/// A byte now and then is no stall, and all the same no body for ever.
#[test]
fn bodies_that_come_too_slowly_are_given_up() {
    let (server, _folder) = served(Options {
        stall: std::time::Duration::from_secs(60),
        body_time: std::time::Duration::from_millis(20),
        ..options()
    });
    let headers = [JSON, ("Content-Length", "100")];
    let answer = server.send("POST", USERS, &headers, b"{");
    assert_eq!(
        (answer.status, answer.error("code")),
        (400, "InvalidPayload".to_owned())
    );
}

#[test]
fn a_database_that_is_down_is_told_with_a_time_to_try_again() {
    let server = Server::start(Backend::default(), options());
    for method in ["POST", "PATCH", "PUT", "DELETE"] {
        let answer = server.send(method, USERS, &[JSON], b"{}");
        assert_eq!(answer.status, 503, "{method}");
        assert_eq!(answer.header("retry-after"), Some("1"), "{method}");
    }
}

#[test]
fn without_a_free_slot_a_change_is_refused() {
    let (server, _folder) = served(Options {
        writes: 0,
        busy_wait: std::time::Duration::from_millis(1),
        ..options()
    });
    let answer = server.send("POST", USERS, &[JSON], b"{}");
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("1"))
    );
    let metrics = server.get("/metrics").body;
    assert!(
        metrics.contains("userdex_writes_refused_total 1"),
        "{metrics}"
    );
}
