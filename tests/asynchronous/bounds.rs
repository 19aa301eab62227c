//! What asynchronous requests may take: so many, so large, so long, and nothing that others can read.

use std::time::Duration;

use serde_json::json;
use userdex::access::Scopes;
use userdex::http::LaterSettings;
use userdex::service::ServiceSettings;

use crate::kit::{as_other, export, fetched, hold, later, server_with, session_of, watch};
use crate::support::http::Request;
use crate::support::server::{Kind, options, settings};

crate::on_both!(
    callers_have_so_many,
    half_of_the_places_are_for_those_who_have_none,
    exports_count,
    they_live_for_a_while,
    results_are_so_large,
    metrics_count_them,
    results_have_no_name,
    a_server_that_stops_ends_them,
    a_folder_that_is_not_there_is_told,
);

fn callers_have_so_many(kind: Kind) {
    let settings = LaterSettings {
        per_caller: 1,
        ..LaterSettings::default()
    };
    let server = server_with(kind, settings, 0);
    let first = later(&server, &export());
    let second = server.ask("GET", &export()).prefer("respond-async");
    let refused = second.refused(429, "TooManyRequests", "");
    assert_eq!(refused.header("retry-after"), Some("1"));
    // At once there is no such limit.
    server.ask("GET", &export()).expect(200);
    watch(&server, "DELETE", &first).expect(204);
    second.expect(202);
}

fn half_of_the_places_are_for_those_who_have_none(kind: Kind) {
    let settings = LaterSettings {
        max: 2,
        ..LaterSettings::default()
    };
    let server = server_with(kind, settings, 0);
    let boss = server.user_with("boss", json!({"IsAdmin": true}));
    let boss = session_of(&server, &boss, Scopes::ALL);
    let first = later(&server, &export());
    let ask = || server.ask("GET", &export()).prefer("respond-async");
    assert_eq!(ask().send_to_full().status, 503);
    as_other(ask(), &boss).expect(202);
    watch(&server, "DELETE", &first).expect(204);
    ask().expect(202);
    assert_eq!(as_other(ask(), &boss).send_to_full().status, 503);
}

fn exports_count(kind: Kind) {
    let server = server_with(kind, LaterSettings::default(), 1);
    let held = hold(&server);
    let monitor = later(&server, &export());
    for preference in ["respond-async", "wait=1"] {
        let request = server.ask("GET", &export()).prefer(preference);
        request.refused(429, "TooManyRequests", "");
    }
    drop(held);
    let end = fetched(&watch(&server, "HEAD", &monitor));
    assert_eq!(end.status, 200);
    // What only waits to be fetched is no export any more.
    server.ask("GET", &export()).expect(200);
}

fn they_live_for_a_while(kind: Kind) {
    let settings = LaterSettings {
        life: Duration::ZERO,
        ..LaterSettings::default()
    };
    let server = server_with(kind, settings, 0);
    let monitor = later(&server, &export());
    watch(&server, "GET", &monitor).refused(404, "NotFound", "");
}

fn results_are_so_large(kind: Kind) {
    let whole = server_with(kind, LaterSettings::default(), 0);
    let length = u64::try_from(whole.ask("GET", &export()).expect(200).body.len()).unwrap();
    for (bytes, total_bytes, status, code) in [
        (length - 1, length, "400", "LimitExceeded"),
        (length, length - 1, "503", "ServiceUnavailable"),
        (length, length, "200", ""),
    ] {
        let settings = LaterSettings {
            bytes,
            total_bytes,
            ..LaterSettings::default()
        };
        let server = server_with(kind, settings, 0);
        let monitor = later(&server, &export());
        let end = fetched(&watch(&server, "GET", &monitor));
        assert_eq!(end.header("asyncresult"), Some(status), "{end}");
        if code.is_empty() {
            // What was fetched leaves its room to others.
            let next = later(&server, &export());
            let end = fetched(&watch(&server, "GET", &next));
            assert_eq!(end.header("asyncresult"), Some("200"));
        } else {
            assert_eq!(end.json()["error"]["code"], code);
        }
    }
}

fn metrics_count_them(kind: Kind) {
    let server = server_with(kind, LaterSettings::default(), 0);
    let shown = |running: usize, kept: usize, bytes: usize| {
        let metrics = Request::new(server.address, "GET", "/metrics").expect(200);
        for (name, value) in [
            ("running", running),
            ("kept", kept),
            ("limit", LaterSettings::default().max),
            ("bytes", bytes),
        ] {
            let line = format!("\nuserdex_asynchronous_{name} {value}\n");
            assert!(metrics.text().contains(&line), "{line}{metrics}");
        }
    };
    let length = server.ask("GET", &export()).expect(200).body.len();
    let held = hold(&server);
    shown(0, 0, 0);
    let monitor = later(&server, &export());
    shown(1, 0, 0);
    drop(held);
    fetched(&watch(&server, "HEAD", &monitor));
    shown(0, 1, length);
    watch(&server, "DELETE", &monitor).expect(204);
    shown(0, 0, 0);
}

fn results_have_no_name(kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let settings = LaterSettings {
        folder: Some(folder.path().to_owned()),
        ..LaterSettings::default()
    };
    let server = server_with(kind, settings, 0);
    let monitor = later(&server, &export());
    assert_eq!(fetched(&watch(&server, "HEAD", &monitor)).status, 200);
    // It waits, and nobody else finds it.
    assert_eq!(folder.path().read_dir().unwrap().count(), 0);
    let end = watch(&server, "GET", &monitor).expect(200);
    assert!(end.text().contains("~tester"), "{end}");
}

fn a_server_that_stops_ends_them(kind: Kind) {
    let server = server_with(kind, LaterSettings::default(), 0);
    let held = hold(&server);
    let _running = later(&server, &export());
    drop(held);
    let _waiting = later(&server, &export());
    // Its threads have come to their ends.
    drop(server);
}

fn a_folder_that_is_not_there_is_told(kind: Kind) {
    let folder = tempfile::tempdir().unwrap();
    let missing = LaterSettings {
        folder: Some(folder.path().join("missing")),
        ..LaterSettings::default()
    };
    let start = |later, settings: ServiceSettings| {
        let options = userdex::http::Options { later, ..options() };
        kind.start(settings, options)
    };
    let refused = start(missing, settings()).err().unwrap();
    assert_eq!(refused.code().word(), "ConfigurationFault");
    assert_eq!(refused.target(), Some("asynchronous.folder"));
    // One that goes later is told to whoever asks then.
    let gone = folder.path().join("gone");
    std::fs::create_dir(&gone).unwrap();
    let later_there = LaterSettings {
        folder: Some(gone.clone()),
        ..LaterSettings::default()
    };
    let server = start(later_there, settings()).unwrap();
    std::fs::remove_dir(&gone).unwrap();
    let monitor = later(&server, &export());
    let end = fetched(&watch(&server, "GET", &monitor));
    assert_eq!(end.header("asyncresult"), Some("503"), "{end}");
    let text = end.text();
    assert!(!text.contains("gone"), "no path is told: {text}");
}
