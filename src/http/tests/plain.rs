//! Addresses, methods and headers that need no database.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest, Sha256};

use super::harness::{Server, options};
use crate::http::Backend;

fn server() -> Server {
    Server::start(Backend::default(), options())
}

#[test]
fn every_address_answers() {
    let server = server();
    let long = format!("/health/live?{}", "x".repeat(2048));
    for (method, target, status, code) in [
        ("GET", "/", 200, "null"),
        ("GET", "/health/live", 200, "null"),
        ("GET", "/health/live?x=1", 200, "null"),
        ("GET", "/health/ready", 503, "ServiceUnavailable"),
        ("GET", "/metrics", 200, "null"),
        ("GET", "/api/domain/openapi.json", 200, "null"),
        ("GET", "/api/docs", 308, "null"),
        ("GET", "/api/docs/", 200, "null"),
        ("GET", "/api/docs/swagger-ui.css", 200, "null"),
        ("GET", "/api/docs/../../secret", 404, "NotFound"),
        ("GET", "/api/domain/odata/", 503, "ServiceUnavailable"),
        ("GET", "/api/domain/odat", 404, "NotFound"),
        ("GET", "/HEALTH/live", 404, "NotFound"),
        (
            "POST",
            "/api/domain/odata/Systems_Security_Users",
            503,
            "ServiceUnavailable",
        ),
        (
            "BREW",
            "/api/domain/odata/Systems_Security_Users",
            405,
            "MethodNotAllowed",
        ),
        (
            "PATCH",
            "/api/domain/odata/$metadata",
            405,
            "MethodNotAllowed",
        ),
        ("GET", "/api/domain/odata/$batch", 405, "MethodNotAllowed"),
        (
            "OPTIONS",
            "/api/domain/odata/Systems_Security_Users",
            204,
            "null",
        ),
        ("DELETE", "/metrics", 405, "MethodNotAllowed"),
        ("BREW", "/", 405, "MethodNotAllowed"),
        ("POST", "/nowhere", 404, "NotFound"),
        ("OPTIONS", "/api/domain/odata/", 204, "null"),
        ("OPTIONS", "/nowhere", 404, "NotFound"),
        ("GET", long.as_str(), 414, "UriTooLong"),
        ("POST", long.as_str(), 414, "UriTooLong"),
    ] {
        let answer = server.raw(method, target, &[]);
        assert_eq!(answer.status, status, "{method} {target}");
        assert_eq!(answer.error("code"), code, "{method} {target}");
        assert!(answer.header("x-request-id").is_some(), "{method} {target}");
        let taken = match target {
            "/api/domain/odata/Systems_Security_Users" => {
                "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS"
            }
            "/api/domain/odata/$batch" => "POST, OPTIONS",
            _ => "GET, HEAD, OPTIONS",
        };
        let allow = matches!(status, 204 | 405).then_some(taken);
        assert_eq!(answer.header("allow"), allow, "{method} {target}");
        let retry = (status == 503).then_some("1");
        assert_eq!(answer.header("retry-after"), retry, "{method} {target}");
    }
}

#[test]
fn an_address_at_the_limit_is_taken() {
    let server = server();
    let lead = "/health/live?";
    for (length, status) in [(2048, 200), (2049, 414)] {
        let target = format!("{lead}{}", "x".repeat(length - lead.len()));
        assert_eq!(server.get(&target).status, status, "{length}");
    }
}

#[test]
fn head_has_the_headers_of_get_and_no_body() {
    let server = server();
    for target in [
        "/",
        "/health/live",
        "/health/ready",
        "/api/domain/openapi.json",
        "/api/docs/index.css",
        "/nowhere",
    ] {
        let id = ("X-Request-Id", "same");
        let (head, get) = (
            server.raw("HEAD", target, &[id]),
            server.raw("GET", target, &[id]),
        );
        assert_eq!(head.status, get.status, "{target}");
        assert_eq!(head.body, "", "{target}");
        let without_date = |headers: &[(String, String)]| {
            let mut kept: Vec<_> = headers.to_vec();
            kept.retain(|(name, _)| name != "date");
            kept
        };
        assert_eq!(
            without_date(&head.headers),
            without_date(&get.headers),
            "{target}"
        );
    }
}

#[test]
fn request_ids_are_kept_when_sane() {
    let server = server();
    let long = "x".repeat(129);
    for (given, kept) in [
        ("abc-1_2.3:4/5+6=7@8", true),
        ("with blank", false),
        ("<script>", false),
        (long.as_str(), false),
        ("", false),
    ] {
        let answer = server.raw("GET", "/health/live", &[("X-Request-Id", given)]);
        let id = answer.header("x-request-id").unwrap();
        assert_eq!(id == given, kept, "{given}");
        assert!(kept || uuid::Uuid::parse_str(id).unwrap().get_version_num() == 7);
    }
}

#[test]
fn the_openapi_document_has_a_version() {
    let server = server();
    let target = "/api/domain/openapi.json";
    let answer = server.get(target);
    assert_eq!(answer.body, r#"{"openapi":"3.1.0"}"#);
    let etag = answer.header("etag").unwrap();
    let again = server.raw("GET", target, &[("If-None-Match", etag)]);
    assert_eq!((again.status, again.body.as_str()), (304, ""));
    assert_eq!(again.header("etag"), Some(etag));
    let other = server.raw("GET", target, &[("If-None-Match", "\"other\"")]);
    assert_eq!(other.status, 200);
}

#[test]
fn refusals_name_the_version_of_odata() {
    let server = server();
    let target = "/api/domain/odata/";
    for (headers, status, version) in [
        (&[][..], 503, "4.0"),
        (&[("OData-Version", "4.01")], 503, "4.01"),
        (&[("OData-MaxVersion", "4.0")], 503, "4.0"),
        (&[("OData-Version", "3.0")], 400, "4.01"),
        (
            &[("OData-Version", "4.0"), ("OData-Version", "4.0")],
            400,
            "4.01",
        ),
        (&[("OData-Isolation", "snapshot")], 412, "4.0"),
        (
            &[("X-CSRF-Token", "Fetch"), ("MaxDataServiceVersion", "2.0")],
            503,
            "4.0",
        ),
    ] {
        let answer = server.raw("GET", target, headers);
        assert_eq!(answer.status, status, "{headers:?}");
        assert_eq!(answer.header("odata-version"), Some(version), "{headers:?}");
    }
}

#[test]
fn scripts_of_the_documentation_are_its_own() {
    let server = server();
    let page = server.get("/api/docs/");
    let policy = page.header("content-security-policy").unwrap();
    assert!(policy.contains("default-src 'none'; script-src 'self';"));
    // The policy would stop a script inside the page.
    assert!(page.body.contains("<script src=") && !page.body.contains("<script>"));
    // Nothing inline but the style whose hash the policy names.
    assert!(!policy.contains("unsafe"), "{policy}");
    let style = ".logo_small_svg__cls-2{fill:#fff}.logo_small_svg__cls-3{fill:#85ea2d}";
    let preset = server.get("/api/docs/swagger-ui-standalone-preset.js");
    assert!(preset.body.contains(style));
    let hash = STANDARD.encode(Sha256::digest(style));
    assert!(policy.contains(&format!("'sha256-{hash}'")), "{hash}");
    let start = server.get("/api/docs/swagger-initializer.js");
    assert!(start.body.contains("\"/api/domain/openapi.json\""));
}

#[test]
fn requests_are_counted() {
    let server = server();
    server.get("/health/live");
    server.get("/health/live");
    server.get("/nowhere");
    let metrics = server.get("/metrics").body;
    for line in [
        r#"userdex_http_requests_total{route="health",status="200"} 2"#,
        r#"userdex_http_requests_total{route="unknown",status="404"} 1"#,
        r#"userdex_http_request_duration_seconds_count{route="health"} 2"#,
        "userdex_http_requests_in_flight 1",
        "userdex_reads_limit 2",
        "userdex_writes_limit 2",
    ] {
        assert!(
            metrics.lines().any(|found| found == line),
            "{line}\n{metrics}"
        );
    }
}
