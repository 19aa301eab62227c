//! Signing in over HTTP: headers, bodies, statuses.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, Server, USERS, merged};

crate::on_both!(
    nobody_sees_data,
    basic_needs_its_mark_and_a_safe_way,
    the_login_endpoint_gives_a_session,
    two_credentials_are_one_too_many,
    parts_of_a_batch_have_no_credentials_of_their_own,
    metrics_are_for_administrators,
    limits_count_attempts_and_not_requests,
    failed_credentials_of_every_way_are_limited,
    requests_are_counted_by_user,
    an_application_that_is_named_must_be_let_in,
);

const PASSWORD: &str = "correct horse";

/// The value of `Authorization` of HTTP Basic.
pub(crate) fn basic(login: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{login}:{password}")))
}

/// A request of an address of the host, as nobody.
pub(crate) fn nobody(server: &Server, method: &str, target: &str) -> Request {
    Request::new(server.address, method, target).anonymous()
}

/// An administrator who may come by Basic.
fn administrator(server: &Server, login: &str) -> String {
    let more = json!({"IsAdmin": true, "BasicAuthenticationAllowed": true});
    server.user_with(login, more)
}

fn refused(answer: &Answer, code: &str) {
    assert_eq!(answer.json()["error"]["code"], code, "{answer}");
    let ways: Vec<&str> = answer
        .headers
        .iter()
        .filter(|(name, _)| name == "www-authenticate")
        .map(|(_, value)| value.as_str())
        .collect();
    if answer.status == 401 {
        let basic = "Basic realm=\"userdex\", charset=\"UTF-8\"";
        let bearer = "Bearer realm=\"userdex\"";
        assert_eq!(ways, [basic, bearer, "ErpSession realm=\"userdex\""]);
    } else {
        assert!(ways.is_empty());
    }
}

fn nobody_sees_data(kind: Kind) {
    let server = kind.server();
    let user = administrator(&server, "ann");
    let odata = "/api/domain/odata/";
    for target in [
        format!("{odata}{USERS}"),
        format!("{odata}{USERS}/$count"),
        format!("{odata}{user}"),
        format!("{odata}{user}/Login/$value"),
        format!("{odata}Nothing"),
        format!("{odata}$metadata/x"),
        "/api/domain/session".to_owned(),
    ] {
        let answer = nobody(&server, "GET", &target).expect(401);
        refused(&answer, "SignInRequired");
        assert!(!answer.text().contains("ann@"));
        nobody(&server, "HEAD", &target).expect(401);
    }
    for (method, target) in [
        ("POST", format!("{odata}{USERS}")),
        ("PATCH", format!("{odata}{user}")),
        ("DELETE", format!("{odata}{user}")),
        ("POST", format!("{odata}$batch")),
        ("POST", "/api/domain/logout".to_owned()),
        ("POST", "/sign-out".to_owned()),
    ] {
        let answer = nobody(&server, method, &target)
            .json(&json!({}))
            .expect(401);
        refused(&answer, "SignInRequired");
    }
    for target in [
        odata,
        "/api/domain/odata/$metadata",
        "/api/domain/openapi.json",
        "/api/docs/",
        "/health/live",
        "/health/ready",
        "/",
        "/sign-in",
    ] {
        nobody(&server, "GET", target).expect(200);
        // Wrong credentials do not matter where none are needed.
        let wrong = nobody(&server, "GET", target).header("Authorization", "Basic x");
        wrong.expect(200);
    }
}

fn basic_needs_its_mark_and_a_safe_way(kind: Kind) {
    let server = kind.server();
    let user = administrator(&server, "ann");
    let target = format!("/api/domain/odata/{USERS}?$top=1");
    let ask = |password: &str| {
        nobody(&server, "GET", &target).header("Authorization", &basic("ann", password))
    };
    ask(PASSWORD).expect(200);
    refused(&ask("wrong").expect(401), "SignInFailed");
    server.change(&user, &json!({"BasicAuthenticationAllowed": false}));
    refused(&ask(PASSWORD).expect(401), "SignInRefused");
    server.change(&user, &json!({"BasicAuthenticationAllowed": true}));
    ask(PASSWORD).expect(200);
    // Through something that is no trusted proxy, the request may have come from anywhere.
    let far = ask(PASSWORD).header("X-Forwarded-For", "203.0.113.7");
    refused(&far.expect(403), "InsecureTransport");
    let login = nobody(&server, "POST", "/api/domain/login")
        .header("Via", "1.1 x")
        .json(&json!({"user": "ann", "pass": PASSWORD}));
    refused(&login.expect(403), "InsecureTransport");
    server.change(&user, &json!({"Active": false}));
    refused(&ask(PASSWORD).expect(401), "SignInRefused");
}

fn the_login_endpoint_gives_a_session(kind: Kind) {
    let server = kind.server();
    administrator(&server, "Ann");
    let log_in =
        |media: &str, body: &str| nobody(&server, "POST", "/api/domain/login").body(media, body);
    let body = json!({"user": "ann", "pass": PASSWORD, "app": "grid", "lang": "bg"});
    let answer = log_in("application/json", &body.to_string()).expect(200);
    assert_eq!(answer.header("cache-control"), Some("no-store"));
    let session = answer.json()["authorization"].as_str().unwrap().to_owned();
    assert!(session.starts_with("ErpSession "), "{session}");
    let form = "user=ann&pass=correct+horse&app=grid&lang=bg";
    let again = log_in("application/x-www-form-urlencoded", form).expect(200);
    assert_eq!(again.json()["authorization"], *session);
    let ask = |method: &str, target: &str| {
        nobody(&server, method, target).header("Authorization", &session)
    };
    let who = ask("GET", "/api/domain/session").expect(200).json();
    assert_eq!(
        (&who["login"], &who["way"]),
        (&json!("Ann"), &json!("session"))
    );
    // A change needs no token: no browser sends this header by itself.
    let notes = json!({"Login": "bob", "Name": {"EN": "Bob"}, "UserType": "VirtualUserNoLogin"});
    let target = format!("/api/domain/odata/{USERS}");
    ask("POST", &target).json(&notes).expect(201);
    ask("POST", "/api/domain/logout").expect(204);
    refused(&ask("GET", &target).expect(401), "SignInFailed");
    for (media, body, status, code) in [
        (
            "application/json",
            "{\"user\":\"ann\",\"pass\":\"x\"}",
            401,
            "SignInFailed",
        ),
        (
            "application/json",
            "{\"user\":\"ann\"}",
            401,
            "SignInFailed",
        ),
        ("application/json", "{\"user\":1}", 400, "InvalidPayload"),
        ("application/json", "", 400, "InvalidPayload"),
        ("text/plain", "x", 415, "UnsupportedMediaType"),
    ] {
        let answer = log_in(media, body).expect(status);
        refused(&answer, code);
    }
    nobody(&server, "GET", "/api/domain/login").expect(405);
}

fn two_credentials_are_one_too_many(kind: Kind) {
    let server = kind.server();
    administrator(&server, "ann");
    let target = format!("/api/domain/odata/{USERS}?$top=1");
    let basic = basic("ann", PASSWORD);
    let two = nobody(&server, "GET", &target)
        .header("Authorization", &basic)
        .header("Authorization", "ErpSession x");
    two.refused(400, "InvalidHeader", "Authorization");
    for value in [
        "Digest x",
        "Basic",
        "Basic a b",
        "Basic !",
        &format!("{basic}, ErpSession x"),
    ] {
        let ask = nobody(&server, "GET", &target).header("Authorization", value);
        ask.refused(400, "InvalidHeader", "Authorization");
    }
    let login = nobody(&server, "POST", "/api/domain/login")
        .header("Authorization", &basic)
        .json(&json!({"user": "ann", "pass": PASSWORD}));
    login.refused(400, "InvalidHeader", "Authorization");
}

fn parts_of_a_batch_have_no_credentials_of_their_own(kind: Kind) {
    let server = kind.server();
    let part = |headers: Value| {
        let part = json!({"id": "1", "method": "GET", "url": format!("{USERS}?$top=1")});
        let body = json!({"requests": [merged(part, json!({"headers": headers}))]});
        server.post("$batch", &body)
    };
    part(json!({})).expect(200);
    for name in ["Authorization", "authorization", "X-Api-Key", "Api-Key"] {
        part(json!({name: "Basic x"})).refused(400, "InvalidBatch", "");
    }
    let multipart = format!(
        "--b\r\nContent-Type: application/http\r\n\r\nGET {USERS} HTTP/1.1\r\n\
         Authorization: Basic x\r\n\r\n\r\n--b--\r\n"
    );
    let batch = server.ask("POST", "$batch");
    let batch = batch.body("multipart/mixed; boundary=b", multipart);
    batch.refused(400, "InvalidBatch", "");
    // Clients that give all requests the same headers.
    server.user_with("bob", json!({"BasicAuthenticationAllowed": true}));
    let bob = basic("bob", PASSWORD);
    let repeated = |inside: &[&str]| {
        let lines: String = inside
            .iter()
            .map(|c| format!("Authorization:{c}\r\n"))
            .collect();
        let body = format!(
            "--b\r\nContent-Type:application/http\r\n\r\nGET {USERS} HTTP/1.1\r\n{lines}\r\n\r\n--b--"
        );
        let batch = nobody(&server, "POST", "/api/domain/odata/$batch");
        let batch = batch.header("Authorization", &bob);
        batch.body("multipart/mixed; boundary=b", body)
    };
    repeated(&[&bob]).expect(200);
    repeated(&[&bob, "Basic x"]).refused(400, "InvalidBatch", "");
}

fn metrics_are_for_administrators(kind: Kind) {
    let mut options = crate::support::server::options();
    options.open_metrics = false;
    let server = kind
        .start(crate::support::server::settings(), options)
        .unwrap();
    nobody(&server, "GET", "/metrics").expect(401);
    Request::new(server.address, "GET", "/metrics").expect(200);
    server.user_with("bob", json!({"BasicAuthenticationAllowed": true}));
    let bob = nobody(&server, "GET", "/metrics").header("Authorization", &basic("bob", PASSWORD));
    refused(&bob.expect(403), "Forbidden");
    let open = kind.server();
    nobody(&open, "GET", "/metrics").expect(200);
    let far = nobody(&open, "GET", "/metrics").header("X-Forwarded-For", "127.0.0.1");
    far.expect(401);
}

fn limits_count_attempts_and_not_requests(kind: Kind) {
    let mut options = crate::support::server::options();
    options.transport.limits.sign_in_per_login = 3;
    let server = kind
        .start(crate::support::server::settings(), options)
        .unwrap();
    administrator(&server, "ann");
    let target = format!("/api/domain/odata/{USERS}?$top=1");
    let ask = |password: &str| {
        nobody(&server, "GET", &target).header("Authorization", &basic("ann", password))
    };
    // What was right is remembered, and no attempt.
    for _ in 0..10 {
        ask(PASSWORD).expect(200);
    }
    ask("wrong").expect(401);
    ask("wrong").expect(401);
    let full = ask("wrong").expect(429);
    assert!(full.header("retry-after").is_some());
    ask(PASSWORD).expect(200);
}

fn failed_credentials_of_every_way_are_limited(kind: Kind) {
    let mut options = crate::support::server::options();
    options.transport.limits.sign_in_per_address = 4;
    let server = kind
        .start(crate::support::server::settings(), options)
        .unwrap();
    let target = format!("/api/domain/odata/{USERS}?$top=1");
    let ask = |name: &str, value: &str| nobody(&server, "GET", &target).header(name, value);
    for (name, value) in [
        ("Authorization", "Bearer enrt_nothing"),
        ("Authorization", "Bearer a.b.c"),
        ("X-Api-Key", "enrt_nothing"),
        ("Authorization", "ErpSession nothing"),
    ] {
        ask(name, value).expect(401);
    }
    for (name, value) in [
        ("Api-Key", "enrt_nothing"),
        ("Cookie", "userdex=nothing"),
        ("Authorization", &*basic("ann", PASSWORD)),
    ] {
        let full = ask(name, value).expect(429);
        assert!(full.header("retry-after").is_some());
    }
    // What is right is taken all the same.
    server.ask("GET", &format!("{USERS}?$top=1")).expect(200);
}

fn requests_are_counted_by_user(kind: Kind) {
    let mut options = crate::support::server::options();
    options.transport.limits.requests_per_caller = 5;
    let server = kind
        .start(crate::support::server::settings(), options)
        .unwrap();
    administrator(&server, "ann");
    administrator(&server, "bob");
    let target = format!("/api/domain/odata/{USERS}?$top=1");
    let log_in = |login: &str| {
        let body = json!({"user": login, "pass": PASSWORD});
        let answer = nobody(&server, "POST", "/api/domain/login").json(&body);
        answer.expect(200).json()["authorization"].clone()
    };
    let session = log_in("ann");
    let ask =
        |credential: &str| nobody(&server, "GET", &target).header("Authorization", credential);
    // All from one address: what ann asks in two ways counts for her, and for nobody else.
    let by_session = session.as_str().unwrap();
    for credential in [
        by_session,
        &basic("ann", PASSWORD),
        by_session,
        by_session,
        by_session,
    ] {
        ask(credential).expect(200);
    }
    let full = ask(by_session).refused(429, "TooManyRequests", "");
    let wait: u64 = full.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=13).contains(&wait), "{wait}");
    ask(&basic("ann", PASSWORD)).expect(429);
    ask(&basic("bob", PASSWORD)).expect(200);
    // Whoever is not known counts by the address, whatever they send.
    for n in 0..5 {
        ask(&format!("ErpSession {n}")).expect(401);
    }
    nobody(&server, "GET", &target).expect(429);
    ask("ErpSession 6").expect(429);
    nobody(&server, "GET", "/api/domain/odata/$metadata").expect(429);
    ask(&basic("bob", PASSWORD)).expect(200);
}

fn an_application_that_is_named_must_be_let_in(kind: Kind) {
    let server = kind.server();
    let user = administrator(&server, "ann");
    let set = "Systems_Security_TrustedApplications";
    let application = |uri: &str, allowed| {
        let body =
            json!({"ApplicationUri": uri, "Name": uri, "BasicAuthenticationAllowed": allowed});
        server.create(set, &body)
    };
    let grid = application("app:grid", true);
    application("app:closed", false);
    let target = format!("/api/domain/odata/{USERS}?$top=1");
    let ask = |password: &str, application: &str| {
        nobody(&server, "GET", &target)
            .header("Authorization", &basic("ann", password))
            .header("X-Application", application)
    };
    ask(PASSWORD, "app:grid").expect(200);
    ask(PASSWORD, "").expect(200);
    // What was right through one is not right through another, also where it is remembered.
    for other in ["app:closed", "app:none", "APP:GRID"] {
        refused(&ask(PASSWORD, other).expect(401), "SignInRefused");
        refused(&ask("wrong", other).expect(401), "SignInFailed");
    }
    server.change(&user, &json!({"AccessFailedCount": 0}));
    let twice = ask(PASSWORD, "app:grid").header("X-Application", "app:grid");
    twice.refused(400, "InvalidHeader", "x-application");
    for closed in [
        json!({"BasicAuthenticationAllowed": false}),
        json!({"BasicAuthenticationAllowed": true, "IsEnabled": false}),
    ] {
        server.change(&grid, &closed);
        refused(&ask(PASSWORD, "app:grid").expect(401), "SignInRefused");
    }
    server.change(&grid, &json!({"IsEnabled": true}));
    ask(PASSWORD, "app:grid").expect(200);
    // The history tells through which application a change came.
    let change = Request::new(
        server.address,
        "PATCH",
        &format!("/api/domain/odata/{user}"),
    )
    .anonymous()
    .header("Authorization", &basic("ann", PASSWORD))
    .header("X-Application", "app:grid");
    change.json(&json!({"Notes": "x"})).expect(204);
    let named = "Systems_Core_ObjectChangesets?$filter=ApplicationName eq 'app:grid'&$count=true";
    assert_eq!(server.get(named)["@odata.count"], 1);
    // Other ways name no application so.
    let login = nobody(&server, "POST", "/api/domain/login").header("X-Application", "app:none");
    login
        .json(&json!({"user": "ann", "pass": PASSWORD}))
        .expect(200);
}
