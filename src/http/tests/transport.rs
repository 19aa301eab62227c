//! Where the server listens, whom it believes, and who may ask.

use std::net::IpAddr;

use super::harness::{Answer, Server, options};
use super::served::{ROOT, USERS, served};
use crate::http::{Backend, Limits, Options, Peer, Site, TransportSettings};

const PAGE: &str = "https://app.example";

fn with(transport: TransportSettings) -> Options {
    Options {
        transport,
        ..options()
    }
}

fn listening(transport: TransportSettings) -> Server {
    Server::start(Backend::default(), with(transport))
}

fn site(options: Options) -> Result<Site, String> {
    Site::new(options, Backend::default(), String::new()).map_err(|problem| problem.to_string())
}

fn proxies() -> TransportSettings {
    TransportSettings {
        trusted_proxies: vec![IpAddr::from([127, 0, 0, 1]).into()],
        ..TransportSettings::default()
    }
}

fn pages(origins: &[&str], cors_credentials: bool) -> TransportSettings {
    TransportSettings {
        cors_origins: origins.iter().map(|origin| (*origin).to_owned()).collect(),
        cors_credentials,
        ..TransportSettings::default()
    }
}

fn peer(https: bool, host: Option<&str>) -> Peer {
    Peer {
        address: IpAddr::from([127, 0, 0, 1]),
        secure: true,
        https,
        host: host.map(str::to_owned),
    }
}

#[test]
fn only_loopback_is_listened_on_in_the_clear() {
    for address in ["0.0.0.0:0", "[::]:0", "192.0.2.1:80"] {
        let open = |transport| Options {
            listen: address.parse().unwrap(),
            ..with(transport)
        };
        let refused = site(open(TransportSettings::default())).unwrap_err();
        assert_eq!(
            refused,
            format!(
                "the server does not listen on `{address}` without TLS; set `tls.certificate` and \
                 `tls.key`, or `server.trusted_proxies` where a proxy speaks TLS; without them, \
                 only loopback addresses such as `127.0.0.1` are allowed"
            )
        );
        assert!(site(open(proxies())).is_ok());
    }
    assert!(site(options()).is_ok());
}

#[test]
fn the_root_comes_from_the_setting_the_proxy_or_the_host() {
    let here = "127.0.0.1:0";
    let open = "0.0.0.0:81";
    let (plain, tls) = (peer(false, None), peer(true, None));
    let (by_proxy, other) = (peer(true, Some("c.example")), Some("https://b.example"));
    for (listen, public_url, host, peer, root) in [
        (
            here,
            None,
            Some("localhost:81"),
            &plain,
            Some("http://localhost:81"),
        ),
        (
            here,
            None,
            Some("localhost:81"),
            &tls,
            Some("https://localhost:81"),
        ),
        (here, None, Some("a.example:81"), &plain, None),
        (
            here,
            None,
            Some("[::1]:81"),
            &plain,
            Some("http://[::1]:81"),
        ),
        (here, None, None, &plain, Some("http://127.0.0.1:0")),
        (here, None, Some(""), &plain, None),
        (here, None, Some("a/b"), &plain, None),
        (here, None, Some("a\"b"), &plain, None),
        (
            here,
            None,
            Some("localhost"),
            &by_proxy,
            Some("https://c.example"),
        ),
        // What a page of another site can forge as well opens nothing.
        (here, None, Some("c.example"), &by_proxy, None),
        (here, other, Some("127.0.0.1:81"), &plain, other),
        (here, other, Some("b.example"), &plain, other),
        (here, other, Some("b.example"), &by_proxy, other),
        (here, other, Some("a/b"), &plain, None),
        (
            open,
            None,
            Some("a.example:81"),
            &plain,
            Some("http://a.example:81"),
        ),
        (
            open,
            None,
            Some("a.example:81"),
            &by_proxy,
            Some("https://c.example"),
        ),
        (open, None, Some("a/b"), &plain, None),
        (open, None, Some(""), &plain, None),
        (open, other, Some("a.example"), &plain, other),
    ] {
        let site = site(Options {
            listen: listen.parse().unwrap(),
            public_url: public_url.map(str::to_owned),
            ..with(proxies())
        });
        let expected = root.map(|root| format!("{root}{ROOT}/"));
        let found = site.unwrap().root(host, peer).ok();
        assert_eq!(found, expected, "{listen} {public_url:?} {host:?} {peer:?}");
    }
}

#[test]
fn addresses_in_answers_follow_trusted_proxies_only() {
    let told = [
        ("X-Forwarded-For", "192.0.2.1"),
        ("X-Forwarded-Proto", "https"),
        ("X-Forwarded-Host", "users.example"),
    ];
    for (transport, root) in [
        (TransportSettings::default(), "http://localhost"),
        (proxies(), "https://users.example"),
    ] {
        let (server, _folder) = served(with(transport));
        // The service document: over a way that is not secret, nobody signs in.
        let answer = server.raw("GET", ROOT, &told);
        let body: serde_json::Value = serde_json::from_str(&answer.body).unwrap();
        let context = body["@odata.context"].as_str().unwrap();
        assert!(context.starts_with(&format!("{root}/api/")), "{context}");
    }
}

/// The status of a change that comes from a page, before anything else is looked at.
fn change(server: &Server, headers: &[(&str, &str)]) -> u16 {
    server.send("POST", USERS, headers, b"{}").status
}

#[test]
fn pages_change_only_what_is_theirs() {
    let (taken, refused) = (503, 400);
    let cookie = ("Cookie", "a=b");
    for (transport, rows) in [
        (
            TransportSettings::default(),
            &[
                (&[("Origin", "http://localhost:3000")][..], taken),
                (&[("Origin", PAGE)], refused),
                (&[("Origin", "null")], refused),
                (
                    &[("Origin", PAGE), ("X-Forwarded-Host", "app.example")],
                    refused,
                ),
            ][..],
        ),
        (
            proxies(),
            &[
                (
                    &[("Origin", PAGE), ("X-Forwarded-Host", "app.example")][..],
                    taken,
                ),
                (
                    &[("Origin", PAGE), ("X-Forwarded-Host", "b.example")],
                    refused,
                ),
                (
                    &[
                        ("Origin", "http://localhost"),
                        ("X-Forwarded-Host", "b.example"),
                    ],
                    refused,
                ),
            ],
        ),
        (
            pages(&[PAGE], false),
            &[
                (&[("Origin", PAGE)][..], taken),
                (&[("Origin", PAGE), cookie], refused),
                (&[("Origin", "https://app.example.evil.example")], refused),
                (&[("Origin", "http://app.example")], refused),
            ],
        ),
        (
            pages(&[PAGE], true),
            &[
                (&[("Origin", PAGE), cookie][..], taken),
                (&[("Origin", "https://b.example"), cookie], refused),
            ],
        ),
        (
            pages(&["*"], false),
            &[
                (&[("Origin", PAGE)][..], taken),
                (&[("Origin", PAGE), cookie], refused),
            ],
        ),
    ] {
        let server = listening(transport);
        for (headers, status) in rows {
            assert_eq!(change(&server, headers), *status, "{headers:?}");
        }
    }
}

/// The headers of an answer that concern pages of other origins.
fn cors(answer: &Answer) -> Vec<(&str, &str)> {
    let mut found: Vec<_> = answer
        .headers
        .iter()
        .map(|(name, value)| (name.as_str(), value.as_str()))
        .filter(|(name, _)| name.starts_with("access-control-"))
        .collect();
    found.sort_unstable();
    found
}

#[test]
fn listed_pages_may_read() {
    let shown = "AsyncResult, ETag, OData-Version, Location, OData-EntityId, Preference-Applied, Ext-Messages, \
                 Repeatability-Result, Retry-After, X-Request-Id";
    let origin = ("access-control-allow-origin", PAGE);
    let exposed = ("access-control-expose-headers", shown);
    let credentials = ("access-control-allow-credentials", "true");
    for (listed, with_cookies, from, expected) in [
        (&[][..], false, PAGE, vec![]),
        (&["https://APP.example"], false, PAGE, vec![origin, exposed]),
        (
            &["https://b.example", PAGE],
            true,
            PAGE,
            vec![credentials, origin, exposed],
        ),
        (&[PAGE], true, "https://b.example", vec![]),
        (&[PAGE], true, "https://app.example:8443", vec![]),
        (&[PAGE], true, "null", vec![]),
        (
            &["*"],
            false,
            PAGE,
            vec![("access-control-allow-origin", "*"), exposed],
        ),
    ] {
        let server = listening(pages(listed, with_cookies));
        let is_by_origin = !listed.is_empty() && listed != ["*"];
        for target in ["/health/live", ROOT, "/nowhere"] {
            let answer = server.raw("GET", target, &[("Origin", from)]);
            assert_eq!(cors(&answer), expected, "{listed:?} {from} {target}");
            let unasked = server.get(target);
            assert_eq!(cors(&unasked), []);
            for answer in [answer, unasked] {
                let vary = answer.headers.iter().filter(|(name, _)| name == "vary");
                let is_said = vary.clone().any(|(_, value)| value == "Origin");
                assert_eq!(is_said, is_by_origin, "{listed:?} {from} {target}");
            }
        }
    }
}

#[test]
fn pages_that_ask_first_are_answered() {
    let server = listening(pages(&[PAGE], false));
    let wish = ("Access-Control-Request-Method", "PATCH");
    let answer = server.raw("OPTIONS", USERS, &[("Origin", PAGE), wish]);
    assert_eq!(answer.status, 204);
    let methods = "GET, HEAD, POST, PATCH, PUT, DELETE, OPTIONS";
    assert_eq!(answer.header("access-control-allow-methods"), Some(methods));
    assert_eq!(answer.header("access-control-allow-origin"), Some(PAGE));
    assert_eq!(answer.header("access-control-max-age"), Some("600"));
    let headers = answer.header("access-control-allow-headers").unwrap();
    for name in ["Authorization", "Content-Type", "If-Match", "Prefer"] {
        assert!(headers.split(", ").any(|listed| listed == name), "{name}");
    }
    for other in [&[("Origin", "https://b.example"), wish][..], &[wish]] {
        let answer = server.raw("OPTIONS", USERS, other);
        assert_eq!((answer.status, cors(&answer)), (204, vec![]));
    }
    let plain = server.raw("OPTIONS", USERS, &[("Origin", PAGE)]);
    assert_eq!(plain.header("access-control-allow-methods"), None);
}

#[test]
fn any_page_with_cookies_is_refused_at_start() {
    let refused = site(with(pages(&["*"], true))).unwrap_err();
    assert_eq!(
        refused,
        "`server.cors_origins` has `*`, and `server.cors_credentials` is on; list the origins \
         whose pages may send cookies"
    );
}

#[test]
fn every_answer_is_guarded() {
    let (server, _folder) = served(with(proxies()));
    let data = "default-src 'none'; frame-ancestors 'none'";
    let page = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
    let hash = "style-src 'self' 'sha256-RL3ie0nH+Lzz2YNqQN83mnU0J1ot4QL7b99vMdIX99w='";
    let docs = &page.replace("style-src 'self'", hash);
    let revalidate = Some("private, no-cache");
    for (method, target, policy, cached) in [
        ("GET", "/", page, None),
        ("GET", "/api/docs/", docs, Some("max-age=3600")),
        ("GET", "/api/docs", data, None),
        ("GET", "/api/domain/openapi.json", data, Some("no-cache")),
        ("GET", "/health/live", data, Some("no-store")),
        ("GET", "/health/ready", data, Some("no-store")),
        ("GET", "/metrics", data, Some("no-store")),
        ("GET", "/nowhere", data, Some("no-store")),
        ("GET", ROOT, data, revalidate),
        ("GET", USERS, data, revalidate),
        ("HEAD", USERS, data, revalidate),
        ("OPTIONS", USERS, data, Some("no-store")),
        ("DELETE", USERS, data, Some("no-store")),
    ] {
        let answer = server.raw(method, target, &[]);
        for (name, value) in [
            ("x-content-type-options", Some("nosniff")),
            ("referrer-policy", Some("same-origin")),
            ("x-frame-options", Some("DENY")),
            ("cross-origin-resource-policy", Some("same-origin")),
            ("cross-origin-opener-policy", Some("same-origin")),
            ("content-security-policy", Some(policy)),
            ("cache-control", cached),
            ("strict-transport-security", None),
        ] {
            assert_eq!(answer.header(name), value, "{method} {target} {name}");
        }
    }
}

#[test]
fn only_tls_is_said_to_those_who_come_by_it() {
    let server = listening(proxies());
    let open = Server::start(
        Backend::default(),
        Options {
            public_url: Some("https://users.example".to_owned()),
            ..with(proxies())
        },
    );
    let https = ("X-Forwarded-Proto", "https");
    let year = Some("max-age=31536000");
    for (server, headers, expected) in [
        (&server, &[https][..], None),
        (&open, &[https, ("Host", "users.example")], year),
        (&open, &[https, ("Host", "localhost:8080")], None),
        (&open, &[("Host", "users.example")], None),
        (
            &open,
            &[("Host", "users.example"), ("X-Forwarded-Proto", "http")],
            None,
        ),
    ] {
        let answer = server.raw("GET", "/health/live", headers);
        assert_eq!(
            answer.header("strict-transport-security"),
            expected,
            "{headers:?}"
        );
    }
}

#[test]
fn a_caller_who_asks_too_often_is_told_when_to_come_back() {
    let (server, _folder) = served(with(TransportSettings {
        limits: Limits {
            requests_per_caller: 2,
            ..Limits::default()
        },
        ..proxies()
    }));
    let client = |address| ("X-Forwarded-For", address);
    let ask = |address| server.raw("GET", ROOT, &[client(address)]);
    let answers = ["192.0.2.1"; 3].map(ask);
    assert_eq!(
        answers.each_ref().map(|answer| answer.status),
        [200, 200, 429]
    );
    let last = &answers[2];
    assert_eq!(last.error("code"), "TooManyRequests");
    let wait: u64 = last.header("retry-after").unwrap().parse().unwrap();
    assert!((1..=31).contains(&wait), "{wait}");
    assert_eq!(ask("192.0.2.2").status, 200, "another client of the proxy");
    let live = server.raw("GET", "/health/live", &[client("192.0.2.1")]);
    assert_eq!(live.status, 200, "health is not counted");
}
