//! Batches over real sockets: reads, refusals, order and limits. Changes are refused here in any
//! case, since their addresses do not exist.

use serde_json::Value;

use super::harness::{Answer, Server, options};
use super::served::{ROOT, served};
use crate::http::Options;

const JSON: (&str, &str) = ("Content-Type", "application/json");
const MULTIPART: (&str, &str) = ("Content-Type", "multipart/mixed; boundary=b");
const USERS: &str = "Systems_Security_Users";

fn roomy() -> Options {
    Options {
        body_limit: 100_000,
        batch_parts: 10,
        ..options()
    }
}

fn post(server: &Server, headers: &[(&str, &str)], body: &str) -> Answer {
    server.send("POST", &format!("{ROOT}/$batch"), headers, body.as_bytes())
}

/// `id method url more`, each a request object.
fn requests(rows: &[(&str, &str, &str, &str)]) -> String {
    let rows = rows.iter().map(|(id, method, url, more)| {
        format!(r#"{{"id":"{id}","method":"{method}","url":"{url}"{more}}}"#)
    });
    format!(r#"{{"requests":[{}]}}"#, rows.collect::<Vec<_>>().join(","))
}

/// Id, status and error code of each response.
fn results(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let responses = body["responses"].as_array().unwrap();
    let row = |response: &Value| {
        let code = response["body"]["error"]["code"].as_str().unwrap_or("-");
        let status = response["status"].as_u64().unwrap();
        let status = if status >= 400 && code != "FailedDependency" && code != "InvalidBatch" {
            "failed".to_owned()
        } else {
            status.to_string()
        };
        format!("{} {status}", response["id"].as_str().unwrap())
    };
    responses.iter().map(row).collect()
}

/// The status lines of a multipart answer.
fn statuses(answer: &Answer) -> Vec<&str> {
    assert_eq!(answer.status, 200, "{}", answer.body);
    let lines = answer.body.lines();
    lines
        .filter_map(|line| line.strip_prefix("HTTP/1.1 ")?.get(..3))
        .collect()
}

#[test]
fn reads_are_answered_as_alone() {
    let (server, _folder) = served(roomy());
    let users = format!("{ROOT}/{USERS}?$top=0&$count=true");
    let body = requests(&[
        ("a", "get", &users, ""),
        ("b", "GET", &format!("{USERS}/$count"), ""),
        ("c", "get", "$metadata", ""),
        (
            "d",
            "get",
            USERS,
            r#","headers":{"prefer":"maxpagesize=3","odata-version":"4.01"}"#,
        ),
    ]);
    let answer = post(&server, &[JSON, ("OData-MaxVersion", "4.0")], &body);
    assert_eq!(answer.header("content-type"), Some("application/json"));
    assert_eq!(answer.header("odata-version"), Some("4.0"));
    assert_eq!(results(&answer), ["a 200", "b 200", "c 200", "d 200"]);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let alone = server.raw("GET", &users, &[("OData-MaxVersion", "4.0")]);
    let alone: Value = serde_json::from_str(&alone.body).unwrap();
    assert_eq!(body["responses"][0]["body"], alone);
    assert_eq!(body["responses"][0]["headers"]["odata-version"], "4.0");
    assert_eq!(body["responses"][1]["body"], "1");
    assert!(body["responses"][2]["body"].is_string());
    assert_eq!(body["responses"][3]["headers"]["odata-version"], "4.01");
}

#[test]
fn dependants_of_what_failed_are_not_run() {
    let (server, _folder) = served(roomy());
    let body = requests(&[
        ("1", "post", "Nope", r#","body":{}"#),
        ("2", "get", USERS, r#","dependsOn":["1"]"#),
        ("3", "get", "$1/Groups", ""),
        ("4", "get", USERS, ""),
        (
            "5",
            "patch",
            "Nope(1)",
            r#","atomicityGroup":"g","body":{}"#,
        ),
        ("6", "get", USERS, r#","atomicityGroup":"g""#),
        ("7", "get", USERS, r#","dependsOn":["g"]"#),
        ("8", "get", "$9/Groups", ""),
        ("10", "get", USERS, r#","if":"$4/$succeeded""#),
    ]);
    let all = [
        "1 failed", "2 424", "3 424", "4 200", "5 failed", "6 424", "7 424", "8 400", "10 424",
    ];
    let answer = post(&server, &[JSON], &body);
    assert_eq!(results(&answer), all);
    assert_eq!(answer.header("preference-applied"), None);
    for (prefer, count) in [
        ("odata.continue-on-error", 9),
        ("continue-on-error=false", 1),
    ] {
        let answer = post(&server, &[JSON, ("Prefer", prefer)], &body);
        assert_eq!(results(&answer), all[..count], "{prefer}");
        let applied = format!("odata.continue-on-error={}", count == 9);
        assert_eq!(answer.header("preference-applied"), Some(applied.as_str()));
    }
}

#[test]
fn what_a_read_returned_can_be_named() {
    let (server, _folder) = served(roomy());
    let body = requests(&[
        ("a.b", "get", &format!("{USERS}?$top=0"), ""),
        ("2", "get", "$a.b/$count", ""),
        (
            "3",
            "get",
            &format!("{ROOT}/$a.b/$count?$filter=Login eq 'x'"),
            "",
        ),
        ("4", "get", "/$2", ""),
    ]);
    let answer = post(&server, &[JSON], &body);
    assert_eq!(results(&answer), ["a.b 200", "2 200", "3 200", "4 200"]);
}

#[test]
fn multipart_stops_at_the_first_failure_unless_asked_not_to() {
    let (server, _folder) = served(roomy());
    let http = "Content-Type: application/http\r\n\r\n";
    let body = format!(
        "--b\r\n{http}GET {USERS}/$count HTTP/1.1\r\n\r\n\r\n\
         --b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n\
         --c\r\nContent-ID: 1\r\n{http}DELETE Nope(1) HTTP/1.1\r\n\r\n\r\n\
         --c\r\nContent-ID: 2\r\n{http}DELETE Nope(2) HTTP/1.1\r\n\r\n\r\n--c--\r\n\
         --b\r\n{http}GET {USERS}?$top=0 HTTP/1.1\r\n\r\n\r\n--b--\r\nepilogue"
    );
    let answer = post(&server, &[MULTIPART], &body);
    let media = answer.header("content-type").unwrap();
    let boundary = media.strip_prefix("multipart/mixed; boundary=").unwrap();
    assert!(boundary.starts_with("batchresponse_"), "{boundary}");
    assert!(answer.body.ends_with(&format!("--{boundary}--\r\n")));
    let stopped = statuses(&answer);
    assert_eq!((stopped.len(), stopped[0]), (2, "200"), "{}", answer.body);
    assert!(stopped[1] >= "400");
    assert!(!answer.body.contains("changesetresponse"));
    assert!(answer.body.contains("Content-ID: 1\r\n") && !answer.body.contains("Content-ID: 2"));
    let answer = post(
        &server,
        &[MULTIPART, ("Prefer", "odata.continue-on-error")],
        &body,
    );
    assert_eq!(statuses(&answer).len(), 3);
    assert_eq!(statuses(&answer)[2], "200");
    let answer = post(&server, &[MULTIPART, ("Accept", "application/json")], &body);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    assert_eq!(body["responses"][2]["atomicityGroup"], "changeset_2");
    assert_eq!(
        body["responses"][2]["body"]["error"]["code"],
        "FailedDependency"
    );
}

#[test]
fn batches_are_refused_whole_before_anything_is_done() {
    let (server, _folder) = served(roomy());
    let one = requests(&[("1", "get", USERS, "")]);
    let repeat = ("Repeatability-Request-ID", "1");
    let since = ("Repeatability-First-Sent", "Tue, 24 Nov 2026 10:00:00 GMT");
    let many = |count: usize| {
        let ids: Vec<String> = (0..count).map(|id| id.to_string()).collect();
        let rows: Vec<_> = ids
            .iter()
            .map(|id| (id.as_str(), "get", "$metadata?x", ""))
            .collect();
        requests(&rows)
    };
    for (headers, body, status, code) in [
        (
            &[("Content-Type", "text/plain")][..],
            one.clone(),
            415,
            "UnsupportedMediaType",
        ),
        (&[], one.clone(), 415, "UnsupportedMediaType"),
        (&[JSON], "{".to_owned(), 400, "InvalidBatch"),
        (&[JSON], "\u{feff}{}".to_owned(), 400, "InvalidBatch"),
        (
            &[("Content-Type", "multipart/mixed")],
            one.clone(),
            400,
            "InvalidBatch",
        ),
        (&[MULTIPART], one.clone(), 400, "InvalidBatch"),
        (&[JSON], many(11), 400, "LimitExceeded"),
        (
            &[JSON, ("Accept", "text/plain")],
            one.clone(),
            406,
            "NotAcceptable",
        ),
        (
            &[
                JSON,
                ("Accept", "application/json;q=0, multipart/*;Q=0.0, */*"),
            ],
            one.clone(),
            406,
            "NotAcceptable",
        ),
        (
            &[JSON, ("If-Match", "*")],
            one.clone(),
            400,
            "InvalidHeader",
        ),
        (
            &[JSON, ("OData-Version", "3.0")],
            one.clone(),
            400,
            "InvalidHeader",
        ),
        (
            &[JSON, ("OData-Isolation", "snapshot")],
            one.clone(),
            412,
            "PreconditionFailed",
        ),
        (
            &[JSON, ("X-HTTP-Method", "GET")],
            one.clone(),
            400,
            "InvalidHeader",
        ),
        (
            &[JSON, ("Origin", "https://evil.example")],
            one.clone(),
            400,
            "InvalidHeader",
        ),
        (&[JSON, repeat, since], one.clone(), 501, "NotSupported"),
        (&[JSON, repeat], one.clone(), 400, "InvalidHeader"),
    ] {
        let answer = post(&server, headers, &body);
        assert_eq!(answer.status, status, "{headers:?} {}", answer.body);
        assert_eq!(answer.error("code"), code, "{headers:?} {}", answer.body);
    }
    assert_eq!(results(&post(&server, &[JSON], &many(10))).len(), 10);
    assert_eq!(
        post(&server, &[JSON], r#"{"requests":[]}"#).body,
        r#"{"responses":[]}"#
    );
}

#[test]
fn parts_speak_for_themselves_and_else_as_the_batch() {
    let (server, _folder) = served(roomy());
    let body = requests(&[
        ("1", "brew", USERS, ""),
        ("2", "patch", "$metadata", r#","body":{}"#),
        ("3", "get", "$batch", ""),
        ("4", "get", USERS, r#","headers":{"accept":"image/png"}"#),
        ("5", "get", USERS, r#","headers":{"odata-version":"3.0"}"#),
        (
            "6",
            "post",
            USERS,
            r#","headers":{"x-http-method":"DELETE"},"body":{}"#,
        ),
        ("7", "get", "/metrics", ""),
    ]);
    let answer = post(&server, &[JSON], &body);
    assert_eq!(answer.status, 200);
    let body: Value = serde_json::from_str(&answer.body).unwrap();
    let found: Vec<_> = body["responses"].as_array().unwrap().iter().collect();
    let found: Vec<_> = found
        .iter()
        .map(|r| {
            (
                r["status"].as_u64().unwrap(),
                r["body"]["error"]["code"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (405, "MethodNotAllowed"),
            (405, "MethodNotAllowed"),
            (400, "InvalidBatch"),
            (406, "NotAcceptable"),
            (400, "InvalidHeader"),
            (400, "InvalidHeader"),
            (404, "NotFound"),
        ]
    );
    assert_eq!(
        body["responses"][1]["headers"]["allow"],
        "GET, HEAD, OPTIONS"
    );
}

#[test]
fn a_read_without_a_slot_fails_its_part_only() {
    let (server, _folder) = served(Options {
        reads: 0,
        busy_wait: std::time::Duration::from_millis(1),
        ..roomy()
    });
    let body = requests(&[("1", "get", USERS, ""), ("2", "get", "$metadata", "")]);
    let answer = post(&server, &[JSON], &body);
    assert_eq!(results(&answer), ["1 failed", "2 200"]);
    assert!(answer.body.contains(r#""retry-after":"1""#));
}
