//! What comes in the end: the same answer as at once, whole, once.

use serde_json::json;
use userdex::service::ServiceSettings;

use crate::kit::{export, fetched, later, monitor_of, watch};
use crate::support::server::{Kind, Server, USERS, key, settings};

crate::on_both!(
    exports_come_later,
    what_is_empty_goes_too,
    clients_of_4_0_get_a_message,
    who_waits_gets_it_at_once,
    what_fails_is_told_at_the_end,
    refusals_come_at_once,
    what_is_too_expensive_is_refused_at_once,
    what_is_answered_at_once_is_not_put_off,
);

fn filled(kind: Kind) -> Server {
    let server = kind.server();
    for number in 0..20 {
        server.user(&format!("user{number:02}"));
    }
    server
}

fn exports_come_later(kind: Kind) {
    let server = filled(kind);
    for (format, media) in [
        ("csv", "text/csv"),
        ("ndjson", "application/x-ndjson"),
        ("xlsx", "application/vnd.openxmlformats-officedocument"),
    ] {
        let address = format!("{USERS}?$select=Login,Name&$orderby=Login&$format={format}");
        let now = server.ask("GET", &address).expect(200);
        let request = server.ask("GET", &address).prefer("respond-async");
        let promised = request.header("OData-MaxVersion", "4.01").expect(202);
        assert_eq!(promised.body, b"", "{format}");
        assert_eq!(promised.header("odata-version"), Some("4.01"));
        assert_eq!(promised.header("retry-after"), Some("1"));
        assert_eq!(promised.header("cache-control"), Some("no-store"));
        let applied = promised.header("preference-applied");
        assert_eq!(applied, Some("respond-async"));
        let monitor = monitor_of(&promised);
        let end = fetched(&watch(&server, "GET", &monitor).header("OData-MaxVersion", "4.01"));
        assert_eq!(end.status, 200, "{end}");
        assert_eq!(end.header("asyncresult"), Some("200"));
        assert_eq!(end.header("odata-version"), Some("4.01"));
        assert_eq!(end.header("content-type"), now.header("content-type"));
        assert!(end.header("content-type").unwrap().starts_with(media));
        let length = end.body.len().to_string();
        assert_eq!(end.header("content-length"), Some(length.as_str()));
        // Workbooks say when they were made.
        if format != "xlsx" {
            assert_eq!(end.text(), now.text());
        } else {
            assert_eq!(&end.body[..4], b"PK\x03\x04");
        }
        // Once: then it is as if it had never been.
        let again = watch(&server, "GET", &monitor);
        again.refused(404, "NotFound", "");
    }
}

fn what_is_empty_goes_too(kind: Kind) {
    let server = filled(kind);
    let address = format!("{USERS}?$filter=Login eq 'nobody'&$format=ndjson");
    // More than one caller may have at a time.
    for _ in 0..8 {
        let monitor = later(&server, &address);
        let end = fetched(&watch(&server, "GET", &monitor).header("OData-MaxVersion", "4.01"));
        assert_eq!((end.status, end.body.len()), (200, 0), "{end}");
        assert_eq!(end.header("asyncresult"), Some("200"));
        watch(&server, "GET", &monitor).refused(404, "NotFound", "");
    }
}

fn clients_of_4_0_get_a_message(kind: Kind) {
    let server = filled(kind);
    let now = server.ask("GET", &export()).expect(200);
    for headers in [
        &[("OData-MaxVersion", "4.0")][..],
        &[("Accept", "application/http")],
        &[
            ("OData-MaxVersion", "4.01"),
            ("Accept", "text/csv, application/http"),
        ],
    ] {
        let monitor = later(&server, &export());
        let request = headers
            .iter()
            .fold(watch(&server, "GET", &monitor), |request, (name, value)| {
                request.header(name, value)
            });
        let end = fetched(&request);
        assert_eq!(end.status, 200, "{end}");
        assert_eq!(end.header("content-type"), Some("application/http"));
        assert_eq!(end.header("asyncresult"), Some("200"));
        let (head, body) = end.text().split_once("\r\n\r\n").unwrap();
        let mut lines: Vec<String> = head.split("\r\n").map(str::to_lowercase).collect();
        assert_eq!(lines.remove(0), "http/1.1 200 ok");
        let media = now.header("content-type").unwrap();
        for expected in [
            format!("content-type: {media}"),
            format!("content-length: {}", body.len()),
            "odata-version: 4.0".to_owned(),
        ] {
            assert!(lines.contains(&expected), "{expected}: {lines:?}");
        }
        assert_eq!(body, now.text());
    }
    // Asked for its head, a monitor says how long it is and keeps it.
    let monitor = later(&server, &export());
    let head = fetched(&watch(&server, "HEAD", &monitor));
    let length = now.body.len().to_string();
    assert_eq!(head.header("content-length"), Some(length.as_str()));
    assert_eq!(head.header("asyncresult"), Some("200"));
    assert_eq!(
        watch(&server, "GET", &monitor).expect(200).text(),
        now.text()
    );
}

fn who_waits_gets_it_at_once(kind: Kind) {
    let server = filled(kind);
    let now = server.ask("GET", &export()).expect(200);
    let request = server
        .ask("GET", &export())
        .prefer("respond-async, wait=60");
    let end = request.expect(200);
    assert_eq!(end.text(), now.text());
    assert_eq!(end.header("preference-applied"), Some("wait=60"));
    assert_eq!(end.header("location"), None);
    assert_eq!(end.header("asyncresult"), None);
    // So does whoever asks the monitor.
    let monitor = later(&server, &export());
    let end = watch(&server, "GET", &monitor)
        .prefer("wait=60")
        .expect(200);
    assert_eq!(end.text(), now.text());
}

fn what_fails_is_told_at_the_end(kind: Kind) {
    let server = kind.server();
    let nobody = "00000000-0000-4000-8000-00000000abcd";
    let address = format!("{USERS}({nobody})/Groups?$format=csv");
    let at_once = server.ask("GET", &address).refused(404, "NotFound", "");
    let monitor = later(&server, &address);
    let end = fetched(&watch(&server, "GET", &monitor));
    assert_eq!((end.status, end.header("asyncresult")), (200, Some("404")));
    assert_eq!(
        end.json()["error"]["message"],
        at_once.json()["error"]["message"]
    );
    watch(&server, "GET", &monitor).refused(404, "NotFound", "");
    let monitor = later(&server, &address);
    let message = watch(&server, "GET", &monitor).header("Accept", "application/http");
    let end = fetched(&message);
    assert!(
        end.text().starts_with("HTTP/1.1 404 Not Found\r\n"),
        "{end}"
    );
    assert!(end.text().contains("\"code\":\"NotFound\""), "{end}");
    // Whoever waits is told as always.
    let waits = server.ask("GET", &address).prefer("respond-async, wait=60");
    waits.refused(404, "NotFound", "");
}

fn refusals_come_at_once(kind: Kind) {
    let server = kind.server();
    let ask = |address: &str| server.ask("GET", address).prefer("respond-async");
    let undeclared = format!("{USERS}?$filter=length(Login) gt 3&$format=csv");
    ask(&undeclared).refused(400, "FilterNotDeclared", "Login");
    ask(&format!("{USERS}?$format=docx")).refused(406, "NotAcceptable", "$format");
    for format in ["csv", "xlsx"] {
        let children = format!("{USERS}?$expand=Groups&$format={format}");
        ask(&children).refused(501, "NotSupported", "Groups");
    }
    let anonymous = ask(&export()).anonymous();
    anonymous.refused(401, "SignInRequired", "");
    // An export has no version; as without the preference.
    for preference in ["respond-async", "wait=1"] {
        let versioned = server.ask("GET", &export()).prefer(preference);
        let versioned = versioned.header("If-Match", "\"x\"");
        versioned.refused(412, "PreconditionFailed", "If-Match");
    }
    ask(&export()).header("If-Match", "*").expect(202);
    ask(&export()).header("If-None-Match", "*").expect(202);
}

fn what_is_too_expensive_is_refused_at_once(kind: Kind) {
    let server = kind.server_with(ServiceSettings {
        cost_budget: 5,
        ..settings()
    });
    for number in 0..20 {
        server.user(&format!("user{number:02}"));
    }
    for preference in ["wait=1", "respond-async", "respond-async, wait=60"] {
        let request = server.ask("GET", &export()).prefer(preference);
        request.refused(429, "TooExpensive", "$filter");
    }
    // What costs little comes later.
    let group = server.group("G");
    let cheap = "Systems_Security_Groups?$select=Id&$format=ndjson";
    let end = fetched(&watch(&server, "GET", &later(&server, cheap)));
    assert_eq!(end.header("asyncresult"), Some("200"), "{end}");
    assert!(end.text().contains(key(&group)), "{end}");
}

fn what_is_answered_at_once_is_not_put_off(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for (method, address) in [
        ("GET", USERS.to_owned()),
        ("GET", ann.clone()),
        ("GET", format!("{USERS}/$count")),
        ("GET", "$metadata".to_owned()),
        ("GET", "GetVersion()".to_owned()),
        ("HEAD", export()),
    ] {
        let request = server.ask(method, &address).prefer("respond-async");
        let answer = request.expect(200);
        assert_eq!(answer.header("preference-applied"), None, "{address}");
    }
    let body = json!({"requests": [{"id": "1", "method": "get", "url": format!("{USERS}?$format=ndjson"),
                                    "headers": {"prefer": "respond-async"}}]});
    let batch = server
        .post("$batch", &body)
        .prefer("respond-async")
        .expect(200);
    assert_eq!(batch.json()["responses"][0]["status"], 200, "{batch}");
    // Options in a body are options.
    let long = server
        .ask("POST", &format!("{USERS}/$query"))
        .body("text/plain", "$select=Login&$format=csv")
        .prefer("respond-async");
    monitor_of(&long.expect(202));
    // Nor what an API transaction sees.
    let begun = server.ask("POST", "BeginTransaction").send();
    let id = begun.text().to_owned();
    let inside = server.ask("GET", &export()).prefer("respond-async");
    inside.header("TransactionId", &id).expect(200);
    let without = server
        .ask("GET", &export())
        .prefer("respond-async=maybe, wait=5");
    without.expect(200);
}
