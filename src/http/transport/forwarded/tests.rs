//! The headers of proxies, well-formed, forged and broken.

use actix_web::test::TestRequest;
use proptest::prelude::*;

use super::*;

fn is_trusted(address: IpAddr) -> bool {
    matches!(address, IpAddr::V4(address) if address.octets()[0] == 10)
}

fn told_by(lines: &[(&'static str, &str)]) -> Option<Told> {
    let request = lines.iter().fold(TestRequest::default(), |request, line| {
        request.append_header(*line)
    });
    told(request.to_http_request().headers(), is_trusted)
}

/// Client, https, host.
type Expected<'a> = Option<(Option<&'a str>, Option<bool>, Option<&'a str>)>;

fn expect(lines: &[(&'static str, &str)], expected: Expected<'_>) {
    let found = told_by(lines);
    let expected = expected.map(|(client, https, host)| Told {
        client: client.map(|text| text.parse().unwrap()),
        https,
        host: host.map(str::to_owned),
    });
    assert_eq!(found, expected, "{lines:?}");
}

#[test]
fn the_client_is_the_last_hop_that_is_not_trusted() {
    for (text, client) in [
        ("192.0.2.1", Some("192.0.2.1")),
        ("192.0.2.1, 10.0.0.2", Some("192.0.2.1")),
        ("6.6.6.6, 192.0.2.1, 10.0.0.2, 10.0.0.3", Some("192.0.2.1")),
        ("10.6.6.6, 192.0.2.1", Some("192.0.2.1")),
        ("10.0.0.9, 10.0.0.2", Some("10.0.0.9")),
        ("192.0.2.1:4711", Some("192.0.2.1")),
        ("[2001:db8::1]:4711", Some("2001:db8::1")),
        ("2001:db8::1", Some("2001:db8::1")),
        ("::ffff:192.0.2.1", Some("192.0.2.1")),
        (" , 192.0.2.1 ,, ", Some("192.0.2.1")),
        ("192.0.2.1, unknown", None),
        ("192.0.2.1, unknown, 10.0.0.2", Some("10.0.0.2")),
        ("<script>", None),
        ("[192.0.2.1", None),
        ("", None),
    ] {
        expect(&[("X-Forwarded-For", text)], Some((client, None, None)));
    }
    expect(
        &[
            ("X-Forwarded-For", "192.0.2.1"),
            ("X-Forwarded-For", "192.0.2.2"),
        ],
        Some((Some("192.0.2.2"), None, None)),
    );
}

#[test]
fn lists_are_held_against_each_other_from_their_ends() {
    let chain = "6.6.6.6, 192.0.2.1, 10.0.0.2";
    for (proto, https) in [
        ("https", Some(true)),
        ("HTTPS", Some(true)),
        ("wss", Some(true)),
        ("http", Some(false)),
        ("httpss", Some(false)),
        ("https, http", Some(true)),
        ("http, https", Some(false)),
        ("https, http, http", Some(false)),
        ("http, https, http", Some(true)),
        ("", None),
    ] {
        let lines = [("X-Forwarded-For", chain), ("X-Forwarded-Proto", proto)];
        expect(&lines, Some((Some("192.0.2.1"), https, None)));
    }
    expect(
        &[("X-Forwarded-Host", "a.example:81, b.example")],
        Some((None, None, Some("b.example"))),
    );
    expect(&[("X-Forwarded-Host", "a/b")], Some((None, None, None)));
}

#[test]
fn the_standard_form_is_read() {
    #[rustfmt::skip]
    let table: &[(&str, Expected<'_>)] = &[
        ("for=192.0.2.1", Some((Some("192.0.2.1"), None, None))),
        ("FOR=192.0.2.1;Proto=HTTPS;by=10.0.0.1", Some((Some("192.0.2.1"), Some(true), None))),
        (r#"for="192.0.2.1:4711";host="a.example:81""#, Some((Some("192.0.2.1"), None, Some("a.example:81")))),
        (r#"for="[2001:db8::1]:4711" ; proto=http"#, Some((Some("2001:db8::1"), Some(false), None))),
        (r#"for="\1\92.0.2.1""#, Some((Some("192.0.2.1"), None, None))),
        ("for=6.6.6.6;proto=https, for=192.0.2.1;proto=http, for=10.0.0.2;proto=https", Some((Some("192.0.2.1"), Some(false), None))),
        ("for=192.0.2.1;proto=https, for=_hidden;proto=http, for=10.0.0.2", Some((Some("10.0.0.2"), Some(false), None))),
        ("for=unknown", Some((None, None, None))),
        ("proto=https", Some((None, Some(true), None))),
        (",, for=192.0.2.1 ,;;,", Some((Some("192.0.2.1"), None, None))),
        ("host=\"a/b\"", Some((None, None, None))),
        ("", Some((None, None, None))),
        ("for=192.0.2.1;for=192.0.2.2", None),
        ("for", None),
        ("for=", None),
        ("=x", None),
        ("for = 192.0.2.1", None),
        (r#"for="192.0.2.1"#, None),
        (r#"for="192.0.2.1\"#, None),
        ("for=192.0.2.1 for=192.0.2.2", None),
    ];
    for (text, expected) in table {
        expect(&[("Forwarded", text)], *expected);
    }
}

#[test]
fn what_is_no_text_is_not_believed() {
    let request = TestRequest::default().insert_header(("X-Forwarded-For", &b"\xff"[..]));
    assert_eq!(told(request.to_http_request().headers(), is_trusted), None);
}

/// Text that looks like the real thing often enough.
fn broken() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "(for|proto|host|by|=|;|,|\"|\\\\| |https|unknown|_x|\\[|\\]|:|10\\.0\\.0\\.1|::1|192\\.0\\.2\\.1)",
        "[ -~]{0,3}",
    ];
    prop::collection::vec(piece, 0..20).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn nothing_makes_the_readers_fail(standard in broken(), node in broken(), proto in broken(), host in broken()) {
        let found = told_by(&[
            ("Forwarded", &standard),
            ("X-Forwarded-For", &node),
            ("X-Forwarded-Proto", &proto),
            ("X-Forwarded-Host", &host),
        ]);
        if let Some(host) = found.and_then(|told| told.host) {
            prop_assert!(is_host(&host));
        }
        for (name, text) in [("Forwarded", &standard), ("X-Forwarded-For", &node)] {
            told_by(&[(name, text)]);
        }
    }

    /// However much a client writes before it, what the proxy adds decides.
    #[test]
    fn what_a_client_sends_changes_nothing(sent in broken(), last in 1..255_u8) {
        let added = format!("192.0.2.{last}");
        let told = told_by(&[("X-Forwarded-For", &format!("{sent}, {added}"))]);
        prop_assert_eq!(told.and_then(|told| told.client), Some(added.parse().unwrap()));
        let told = told_by(&[("Forwarded", &sent), ("Forwarded", &format!("for={added}"))]);
        // A header that the client has broken is not believed at all.
        if let Some(told) = told {
            prop_assert_eq!(told.client, Some(added.parse().unwrap()));
        }
    }

    /// What is written by the rules is read back.
    #[test]
    fn quoted_texts_are_read_back(text in "[ -~]{0,30}") {
        let quoted = text.replace('\\', "\\\\").replace('"', "\\\"");
        let pair = format!("x=\"{quoted}\"");
        prop_assert_eq!(pair_of(&pair), Some(("x".to_owned(), text, String::new())));
    }
}

fn pair_of(text: &str) -> Option<(String, String, String)> {
    pair(text).map(|(name, value, rest)| (name, value, rest.to_owned()))
}
