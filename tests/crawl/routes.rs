//! Every address of the table of addresses, with everything that can be sent to it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::json;
use userdex::http::{Address, Extent, ROUTES};

use crate::callers::Sees;
use crate::crawl::Walk;
use crate::secrets::{CONTROL, MARKER};
use crate::stage::{client_secret, password};
use crate::support::http::Request;

const FORM: &str = "application/x-www-form-urlencoded";
const METHODS: &[&str] = &[
    "GET", "HEAD", "OPTIONS", "POST", "PUT", "PATCH", "DELETE", "TRACE", "BREW",
];

/// What is asked of an address beside what every address is asked.
type Ask = fn(&mut Walk<'_>, &str);

/// A line for each line of the table; an address without one is not crawled, and fails.
const ASKED: &[(&str, Extent, Ask)] = &[
    ("/api/domain/odata", Extent::Lenient, description),
    ("/api/domain/odata/$metadata", Extent::Lenient, description),
    ("/api/domain/odata/$batch", Extent::Lenient, batch),
    ("/api/domain/odata/$async", Extent::Below, later),
    ("/api/domain/odata", Extent::Below, data),
    ("/api/domain/standardmodel", Extent::Below, models),
    ("/api/domain/currentmodel", Extent::Below, models),
    ("/api/domain/reset", Extent::Exact, nothing),
    ("/api/domain/openapi.json", Extent::Exact, nothing),
    ("/api/docs", Extent::Exact, nothing),
    ("/api/docs", Extent::Below, files),
    ("/health/live", Extent::Exact, nothing),
    ("/health/ready", Extent::Exact, nothing),
    ("/metrics", Extent::Exact, metrics),
    ("/api/domain/events", Extent::Exact, events),
    ("/api/domain/login", Extent::Exact, login),
    ("/api/domain/session", Extent::Exact, nothing),
    ("/sign-in", Extent::Exact, sign_in),
    ("/id/connect/token", Extent::Exact, token),
    (
        "/id/.well-known/openid-configuration",
        Extent::Exact,
        nothing,
    ),
    (
        "/id/.well-known/openid-configuration/jwks",
        Extent::Exact,
        nothing,
    ),
    ("/sys/auto-discovery", Extent::Exact, nothing),
    ("/", Extent::Exact, nothing),
    ("", Extent::Below, nowhere),
    // Last: whoever has asked here is nobody afterwards.
    ("/api/domain/logout", Extent::Exact, nothing),
    ("/sign-out", Extent::Exact, sign_out),
];

/// Asks every address.
pub(crate) fn all(walk: &mut Walk<'_>) {
    for address in ROUTES {
        assert!(line(address).is_some(), "`{}` is not crawled", address.path);
    }
    for (path, extent, ask) in ASKED {
        let is_it = |address: &&Address| (address.path, address.extent) == (*path, *extent);
        let address = ROUTES.iter().find(is_it);
        let address = address.unwrap_or_else(|| panic!("there is no `{path}`"));
        let path = match address.extent {
            Extent::Exact | Extent::Lenient => address.path.to_owned(),
            Extent::Below => format!("{}/x", address.path),
        };
        methods(walk, &path);
        credentials(walk, &path);
        ask(walk, &path);
        if address.methods.contains(&"POST") {
            bodies(walk, &path);
        }
    }
}

fn line(address: &Address) -> Option<&'static (&'static str, Extent, Ask)> {
    let mut lines = ASKED.iter();
    lines.find(|(path, extent, _)| (address.path, address.extent) == (*path, *extent))
}

/// Every method, without a body, and with what is no answer of the service itself.
fn methods(walk: &mut Walk<'_>, path: &str) {
    // Whoever signs out would be nobody from here on.
    let ends = ["/api/domain/logout", "/sign-out"].contains(&path);
    for method in METHODS.iter().filter(|method| !ends || **method != "POST") {
        let request = walk.at(method, path);
        walk.send(&request);
    }
    for query in ["?", "?$format=json", "?x=%00", "?pass=Qz7", "?%zz"] {
        let request = walk.at("GET", &format!("{path}{query}"));
        walk.send(&request);
    }
    let page = walk.at("GET", path).header("Accept", "text/html");
    walk.send(
        &page
            .header("Accept-Language", "bg")
            .header("Origin", "https://x.example"),
    );
}

/// Wrong credentials, all of them secret, in every header that takes some.
fn credentials(walk: &mut Walk<'_>, path: &str) {
    let basic = format!("Basic {}", STANDARD.encode(format!("vault:{MARKER}")));
    let bad = format!("Basic {}", STANDARD.encode(MARKER));
    for (name, value) in [
        ("Authorization", basic.clone()),
        ("Authorization", bad),
        ("Authorization", format!("Basic {MARKER}")),
        ("Authorization", format!("Bearer enrt_{MARKER}")),
        (
            "Authorization",
            format!("Bearer {MARKER}.{MARKER}.{MARKER}"),
        ),
        ("Authorization", format!("ErpSession {MARKER}")),
        ("Authorization", format!("Negotiate {MARKER}")),
        ("Authorization", format!("{basic}, Bearer {MARKER}")),
        ("X-Api-Key", MARKER.to_owned()),
        ("Api-Key", format!("{MARKER} {MARKER}")),
        (
            "Cookie",
            format!("userdex={MARKER}; __Host-userdex={MARKER}"),
        ),
    ] {
        // Once for everybody: who asks does not matter.
        if walk.caller.sees == Sees::Nothing {
            let request = walk.at("GET", path).header(name, &value);
            walk.send(&request);
        }
    }
    let both = walk.at("GET", path).header("X-Api-Key", MARKER);
    walk.send(&both);
}

/// Bodies that are wrong in every way, with secrets inside.
fn bodies(walk: &mut Walk<'_>, path: &str) {
    for (media, body) in [
        (
            "application/json",
            format!("{{\"user\":\"a\",\"pass\":\"{MARKER}"),
        ),
        (
            "application/json",
            format!("{{\"user\":\"a\",\"pass\":\"{MARKER}\",}}"),
        ),
        (
            "application/json",
            format!("{{\"user\":[\"{MARKER}\"],\"pass\":{{\"x\":\"{MARKER}\"}}}}"),
        ),
        (
            "application/json",
            format!("{{\"user\":\"a\",\"pass\":\"{MARKER}\",\"pass\":\"{MARKER}\"}}"),
        ),
        ("application/json", format!("\"{MARKER}\"")),
        (FORM, format!("user=a&pass={MARKER}&pass={MARKER}")),
        (FORM, format!("user=a&pass={MARKER}%zz")),
        ("text/plain", MARKER.to_owned()),
        (
            "multipart/mixed; boundary=b",
            format!("--b\r\n\r\n{MARKER}\r\n--b--\r\n"),
        ),
        ("application/octet-stream", format!("\u{0}{MARKER}")),
    ] {
        let request = walk.at("POST", path).body(media, body);
        walk.send(&request);
    }
}

fn nothing(_: &mut Walk<'_>, _: &str) {}

fn post(walk: &mut Walk<'_>, path: &str, media: &str, body: &str) {
    let request = walk.at("POST", path).body(media, body);
    walk.send(&request);
}

fn description(walk: &mut Walk<'_>, path: &str) {
    for accept in ["application/xml", "application/json", "*/*", "text/csv"] {
        let request = walk.at("GET", &format!("{path}/")).header("Accept", accept);
        walk.send(&request);
    }
}

/// Parts that ask for secrets, and parts that bring some.
fn batch(walk: &mut Walk<'_>, path: &str) {
    let users = "Systems_Security_Users";
    let vault = walk.stage.vault.clone();
    let bring = json!({"Login": "vault", "@ext.initialPassword": password(), "Password": MARKER});
    let parts = [
        (
            "get",
            format!("{users}?$filter=Password eq 'x'"),
            json!(null),
        ),
        ("get", format!("{vault}?$select=Password"), json!(null)),
        ("get", "$batch".to_owned(), json!(null)),
        ("post", users.to_owned(), bring.clone()),
        ("patch", vault.clone(), json!({"Password": MARKER})),
        ("patch", vault.clone(), json!({"@ext.passwordHash": MARKER})),
        (
            "post",
            format!("{vault}/Ext.SetPassword"),
            json!({"password": [MARKER]}),
        ),
    ];
    let requests = parts.iter().enumerate().map(|(id, (method, url, body))| {
        json!({"id": id.to_string(), "method": method, "url": url, "body": body})
    });
    let body = json!({"requests": requests.collect::<Vec<_>>()}).to_string();
    for preference in [
        "continue-on-error",
        "return=representation, continue-on-error",
    ] {
        let request = walk.at("POST", path).body("application/json", body.clone());
        walk.send(&request.prefer(preference));
    }
    let parts = parts.iter().map(|(method, url, body)| {
        let url = url.replace(' ', "%20");
        let method = method.to_uppercase();
        format!("--b\r\nContent-Type: application/http\r\n\r\n{method} {url} HTTP/1.1\r\nContent-Type: application/json\r\n\r\n{body}\r\n")
    });
    let body = parts.collect::<String>() + "--b--\r\n";
    let request = walk
        .at("POST", path)
        .body("multipart/mixed; boundary=b", body);
    walk.send(&request.prefer("continue-on-error"));
    let cut = format!(
        "{{\"requests\":[{{\"id\":\"1\",\"method\":\"post\",\"url\":\"{users}\",\"body\":{{\"Password\":\"{MARKER}"
    );
    post(walk, path, "application/json", &cut);
}

/// Exports that come later, at their monitors, in each form that a monitor has.
fn later(walk: &mut Walk<'_>, path: &str) {
    for (format, accept) in [
        ("csv", "*/*"),
        ("ndjson", "*/*"),
        ("xlsx", "*/*"),
        ("csv", "application/http"),
        ("ndjson", "application/http"),
    ] {
        let address = format!("Systems_Security_Users?$format={format}");
        let request = walk.odata("GET", &address).prefer("respond-async");
        let promised = walk.send(&request);
        let sees = matches!(walk.caller.sees, Sees::Most | Sees::All);
        assert!(!sees || promised.status == 202, "{promised}");
        let Some(monitor) = promised.header("location") else {
            continue;
        };
        let (_, target) = monitor.split_once("localhost").unwrap();
        let watch = walk.at("GET", target).header("Accept", accept);
        while walk.send(&watch).status == 202 {
            std::thread::yield_now();
        }
    }
    let root = path.trim_end_matches("/x");
    for rest in [
        "",
        "/",
        "/%00",
        "/..%2f..",
        "/x/y",
        "/00000000-0000-4000-8000-00000000abcd",
    ] {
        for method in ["GET", "DELETE"] {
            let request = walk.at(method, &format!("{root}{rest}"));
            walk.send(&request);
        }
    }
}

/// What of the data is asked, [`crate::reads`] and the others say.
fn data(walk: &mut Walk<'_>, path: &str) {
    if walk.caller.sees == Sees::All {
        let request = walk.at("GET", &format!("{path}{CONTROL}"));
        walk.send(&request);
    }
    for path in [
        "Nothing",
        "Systems_Security_Users(x)",
        "%00",
        "..%2f..%2fetc",
    ] {
        let request = walk.at("GET", &format!("/api/domain/odata/{path}"));
        walk.send(&request);
    }
}

/// Descriptions of the model.
fn models(walk: &mut Walk<'_>, path: &str) {
    let root = path.trim_end_matches("/x");
    for rest in [
        "",
        "?details=true",
        "?details=x",
        "?x=1",
        "/Systems_Security_Users",
        "/Systems_Security_AccessTokens?details=true",
        "/Systems_Security_Users(1)",
        "/%00",
    ] {
        let request = walk.at("GET", &format!("{root}{rest}"));
        walk.send(&request);
    }
}

fn files(walk: &mut Walk<'_>, _: &str) {
    for file in [
        "",
        "index.html",
        "swagger-initializer.js",
        "swagger-ui.css",
        "../metrics",
        "%2e%2e/x",
    ] {
        let request = walk.at("GET", &format!("/api/docs/{file}"));
        walk.send(&request);
    }
}

fn metrics(walk: &mut Walk<'_>, path: &str) {
    let request = walk.at("GET", path);
    let answer = walk.send(&request);
    let expected = match walk.caller.sees {
        Sees::Nothing => 401,
        Sees::Some => 403,
        Sees::Most | Sees::All => 200,
    };
    assert_eq!(answer.status, expected, "{}: {answer}", walk.caller.name);
}

/// Streams of every set, and places that were not given out.
fn events(walk: &mut Walk<'_>, path: &str) {
    for query in [
        "?sets=Systems_Security_Users",
        "?sets=Systems_Security_Users,Systems_Core_Notifications",
        "?sets=Systems_Security_UserProviderTokens",
        "?sets=Nothing",
        "?lastEventId=",
        "?lastEventId=AAAA",
        "?sets=&sets=",
    ] {
        let request = walk.at("GET", &format!("{path}{query}"));
        walk.send(&request);
    }
    let forged = walk.at("GET", path).header("Last-Event-ID", MARKER);
    walk.send(&forged);
}

fn login(walk: &mut Walk<'_>, path: &str) {
    let right = json!({"user": "door", "pass": password()});
    let request = Request::new(walk.stage.server.address, "POST", path).anonymous();
    assert_eq!(walk.send(&request.json(&right)).status, 200);
    for body in [
        right.clone(),
        json!({"user": "vault", "pass": MARKER}),
        json!({"user": "vault", "pass": password(), "code": MARKER}),
        json!({"user": "nobody-there", "pass": MARKER}),
        json!({"user": "robot", "pass": MARKER, "app": "app:robot"}),
        json!({"user": "door", "pass": password(), "app": CONTROL.repeat(100)}),
        json!({"user": MARKER, "pass": MARKER}),
        json!({"user": "vault", "pass": MARKER.repeat(200)}),
        json!({"user": "vault", "pass": 7, "secret": MARKER}),
    ] {
        post(walk, path, "application/json", &body.to_string());
    }
    post(walk, path, FORM, &format!("user=vault&pass={MARKER}"));
    post(walk, &format!("{path}?user=vault&pass={MARKER}"), FORM, "");
}

fn sign_in(walk: &mut Walk<'_>, path: &str) {
    let right = password().replace(' ', "+");
    for body in [
        format!("user=door&pass={right}&code="),
        format!("user=door&pass={right}&code={MARKER}"),
        format!("user=vault&pass={MARKER}&code="),
        format!("user=vault&pass={right}&code="),
        format!("user={MARKER}&pass={MARKER}"),
        format!("pass={MARKER}"),
    ] {
        post(walk, path, FORM, &body);
    }
    post(walk, &format!("{path}?pass={MARKER}"), FORM, "user=vault");
}

/// Ends the session of whoever asks, after attempts that end nothing.
fn sign_out(walk: &mut Walk<'_>, path: &str) {
    post(walk, path, FORM, &format!("csrf={MARKER}"));
    let request = walk.at("POST", path).header("X-CSRF-Token", MARKER);
    walk.send(&request);
}

fn token(walk: &mut Walk<'_>, path: &str) {
    let secret = client_secret();
    let id = "client_id=app:robot";
    for form in [
        String::new(),
        format!("{id}&client_secret={secret}"),
        format!("grant_type=client_credentials&{id}&client_secret={secret}"),
        format!("grant_type=client_credentials&{id}&client_secret={secret}&scope=sec"),
        format!("grant_type=client_credentials&{id}&client_secret={secret}&scope=x"),
        format!("grant_type=client_credentials&{id}&client_secret={MARKER}-wrong"),
        format!("grant_type=client_credentials&client_id={MARKER}&client_secret={MARKER}"),
        format!("grant_type=client_credentials&{id}&{id}&client_secret={secret}"),
        format!("grant_type=password&username=door&password={}&{id}", MARKER),
        format!("grant_type=refresh_token&refresh_token={MARKER}&{id}&client_secret={secret}"),
        format!("grant_type=authorization_code&code={MARKER}&{id}&client_secret={secret}"),
        format!("grant_type={MARKER}&{id}&client_secret={secret}"),
    ] {
        let request = Request::new(walk.stage.server.address, "POST", path).anonymous();
        walk.send(&request.clone().body(FORM, form.clone()));
        post(walk, path, FORM, &form);
        let pair = STANDARD.encode(format!("app:robot:{secret}"));
        let request = request.header("Authorization", &format!("Basic {pair}"));
        walk.send(&request.body(FORM, form));
    }
}

fn nowhere(walk: &mut Walk<'_>, _: &str) {
    for path in [
        "/api",
        "/api/domain",
        "/api/domain/odatax",
        "/id",
        "/.env",
        "/debug",
        "/health",
    ] {
        let request = walk.at("GET", path);
        assert_eq!(walk.send(&request).status, 404);
    }
}
