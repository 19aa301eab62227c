//! How batches are understood and answers are written, without a database.

use std::fmt::Write;

use actix_web::http::StatusCode;
use actix_web::http::header::{CONTENT_TYPE, ETAG, HeaderMap, HeaderValue};
use bytes::Bytes;
use proptest::prelude::*;

use super::part::{Form, Home, Item, Part};
use super::run::{Outcome, Reply};
use super::{answers, json, multipart, negotiate_form};
use crate::diag::Result;
use crate::http::tests::harness::options;
use crate::http::{Backend, Site};

fn home(site: &Site) -> Home<'_> {
    let root = "https://far.example/api/domain/odata/";
    Home { site, root }
}

fn site() -> Site {
    Site::new(options(), Backend::default(), String::new()).unwrap()
}

/// A line for each request: id, method, address, headers that matter, body.
fn show(items: Result<Vec<Item>>) -> String {
    let items = match items {
        Ok(items) => items,
        Err(problem) => return format!("{}: {}", problem.code().word(), problem.message()),
    };
    let mut text = String::new();
    for item in &items {
        match item {
            Item::Single(part) => line(&mut text, "", part),
            Item::Set(set) => {
                let group = set.group.as_deref().unwrap_or("set");
                writeln!(text, "{group} {{").unwrap();
                set.parts
                    .iter()
                    .for_each(|part| line(&mut text, "  ", part));
                text.push_str("}\n");
            }
        }
    }
    text
}

fn line(text: &mut String, indent: &str, part: &Part) {
    let id = part.id.as_deref().unwrap_or("-");
    let target = match &part.target {
        Ok(target) if target.query.is_empty() => target.path.clone(),
        Ok(target) => format!("{}?{}", target.path, target.query),
        Err(problem) => problem.code().word().to_owned(),
    };
    write!(text, "{indent}{id} {} {target}", part.method).unwrap();
    if let Some(media) = part.headers.get(CONTENT_TYPE) {
        write!(text, " [{}]", media.to_str().unwrap()).unwrap();
    }
    if !part.body.is_empty() {
        write!(text, " {:?}", String::from_utf8_lossy(&part.body)).unwrap();
    }
    if !part.depends_on.is_empty() {
        write!(text, " after {}", part.depends_on.join(",")).unwrap();
    }
    text.push('\n');
}

fn shown(body: &str) -> String {
    let body = Bytes::from(body.to_owned());
    show(multipart::read(&body, "b", home(&site())))
}

fn shown_json(body: &str) -> String {
    show(json::read(&Bytes::from(body.to_owned()), home(&site())))
}

/// As the standard writes it.
#[test]
fn a_batch_with_a_change_set_is_read() {
    let body = "--b\r\nContent-Type: application/http\r\n\r\nGET /api/domain/odata/A(1) HTTP/1.1\r\nHost: localhost\r\n\r\n\r\n\
        --b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n\
        --c\r\nContent-Type: application/http\r\nContent-ID: 1\r\n\r\nPOST A HTTP/1.1\r\nContent-Type: application/json\r\nContent-Length: 2\r\n\r\n{}\r\n\
        --c\r\nContent-Type: application/http\r\nContent-ID: 2\r\n\r\nPATCH $1/B HTTP/1.1\r\n\r\n{\"x\":1}\r\n\
        --c--\r\n\r\n--b--\r\n";
    assert_eq!(
        shown(body),
        "- GET A(1)\nset {\n  1 POST A [application/json] \"{}\"\n  2 PATCH $1/B \"{\\\"x\\\":1}\"\n}\n"
    );
}

/// What stock clients write: no blank after colons, ids in either head, bare line feeds, trailing
/// blanks, a content type on reads, texts around the batch, absolute addresses.
#[test]
fn the_ways_of_clients_are_read() {
    let openui5 = "--b\r\nContent-Type:application/http\r\nContent-Transfer-Encoding:binary\r\n\r\nGET A?$top=1 HTTP/1.1\r\nAccept:application/json\r\nContent-Type:application/json;charset=UTF-8\r\n\r\n\r\n\
        --b\r\nContent-Type: multipart/mixed;boundary=c-1\r\n\r\n--c-1\r\nContent-Type:application/http\r\nContent-ID:0.0\r\n\r\nPATCH A(1) HTTP/1.1\r\nContent-Type:application/json\r\n\r\n{}\r\n--c-1--\r\n\
        --b--\r\nGroup ID: $auto";
    assert_eq!(
        shown(openui5),
        "- GET A?$top=1 [application/json;charset=UTF-8]\nset {\n  0.0 PATCH A(1) [application/json] \"{}\"\n}\n"
    );
    let syncfusion = "preamble\n--b \nContent-Type: multipart/mixed; charset=UTF-8;boundary=\"c\" \n\n--c\nContent-Type: application/http \nContent-Transfer-Encoding: binary \n\nPOST /api/domain/odata/A HTTP/1.1 \nContent-Id: 0\nContent-Type: application/json; charset=utf-8 \n \n{\"a\":1} \n\n--c--\n--b--\n";
    assert_eq!(
        shown(syncfusion),
        "set {\n  0 POST A [application/json; charset=utf-8] \"{\\\"a\\\":1} \\n\"\n}\n"
    );
    let ojs = "--b\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\r\nGET http://localhost:8080/api/domain/odata/A?$filter=B eq 'x' HTTP/1.1\r\n\r\n--b--";
    assert_eq!(shown(ojs), "- GET A?$filter=B%20eq%20'x'\n");
}

#[test]
fn addresses_outside_are_the_fault_of_their_part() {
    for (address, expected) in [
        ("https://evil.example/api/domain/odata/A", "NotFound"),
        (
            "ftp://localhost/api/domain/odata/A",
            "ftp://localhost/api/domain/odata/A",
        ),
        ("/metrics", "NotFound"),
        ("/api/domain/odatax/A", "NotFound"),
        ("http://localhost", "NotFound"),
        ("$batch", "InvalidBatch"),
        ("/api/domain/odata/%24batch", "InvalidBatch"),
        ("/$1/B", "$1/B"),
        ("http://127.0.0.1/api/domain/odata/$1/B?x", "$1/B?x"),
        (&"x".repeat(2049), "UriTooLong"),
    ] {
        let part = format!(
            "--b\r\nContent-Type: application/http\r\n\r\nGET {address} HTTP/1.1\r\n\r\n--b--"
        );
        assert_eq!(shown(&part), format!("- GET {expected}\n"), "{address}");
    }
}

#[test]
fn broken_batches_say_where() {
    let http = "Content-Type: application/http\r\n\r\n";
    let set = |inner: &str| {
        format!("--b\r\nContent-Type: multipart/mixed; boundary=c\r\n\r\n{inner}\r\n--b--")
    };
    for (body, message) in [
        ("x".to_owned(), "the batch has no line `--b`"),
        (
            format!("--b\r\n{http}GET A\r\n"),
            "the batch does not end with the line `--b--`",
        ),
        (
            "--b\r\n\r\nGET A\r\n--b--".to_owned(),
            "part 1: it holds no HTTP request",
        ),
        (
            format!("--b\r\n{http}\r\n--b--"),
            "part 1: the request line cannot be read",
        ),
        (
            format!("--b\r\n{http}GET A\r\n--b\r\n{http}G\0T A\r\n--b--"),
            "part 2: `G\0T` is no method",
        ),
        (
            format!("--b\r\n{http}GET A HTTP/1.1\r\nx y\r\n--b--"),
            "part 1: the headers cannot be read: invalid header name",
        ),
        (
            format!("--b\r\n{http}POST A HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n--b--"),
            "part 1: `Transfer-Encoding` is not taken inside a batch",
        ),
        (
            "--b\r\nContent-Type: multipart/mixed\r\n\r\n--b--".to_owned(),
            "part 1: the change set names no boundary",
        ),
        (
            set("--c\r\n"),
            "part 1: the change set does not end with the line `--c--`",
        ),
        (
            set(&format!(
                "--c\r\n{http}DELETE A\r\n--c\r\n{http}GET A\r\n--c--"
            )),
            "part 1/2: a change set does not take the method `GET`",
        ),
        (
            set("--c\r\nContent-Type: multipart/mixed; boundary=d\r\n\r\n--d--\r\n--c--"),
            "part 1/1: it holds no HTTP request",
        ),
        (
            set(&format!(
                "--c\r\nContent-ID: 1\r\n{http}DELETE A\r\n--c\r\nContent-ID: 1\r\n{http}DELETE B\r\n--c--"
            )),
            "part 1/2: the content id `1` is there twice in one change set",
        ),
    ] {
        assert_eq!(shown(&body), format!("InvalidBatch: {message}"), "{body:?}");
    }
}

#[test]
fn json_batches_are_read() {
    let body = r#"{"@x.y":1,"requests":[
        {"id":"0","method":"get","url":"/api/domain/odata/A(1)","headers":{"accept":"application/json"}},
        {"id":"1","atomicityGroup":"g","dependsOn":["0"],"method":"Patch","url":"A(1)","body":{"a": 1.0,"a":2}},
        {"id":"2","atomicityGroup":"g","dependsOn":["1"],"method":"POST","url":"$1/B","headers":{"Content-Type":"text/plain"},"body":"x\ny"},
        {"id":"3","method":"put","url":"A(1)/C","dependsOn":["g"],"headers":{"content-type":"image/png"},"body":"_-8="},
        {"id":"4","method":"delete","url":"A(1)","body":null,"other":[]}]}"#;
    assert_eq!(
        shown_json(body),
        "0 GET A(1)\n\
         g {\n  1 PATCH A(1) [application/json] \"{\\\"a\\\": 1.0,\\\"a\\\":2}\" after 0\n  \
         2 POST $1/B [text/plain] \"x\\ny\" after 1\n}\n\
         3 PUT A(1)/C [image/png] \"\u{fffd}\u{fffd}\" after g\n4 DELETE A(1)\n"
    );
}

#[test]
fn broken_json_batches_say_where() {
    let requests = |inner: &str| format!(r#"{{"requests":[{inner}]}}"#);
    let get = |id: &str, more: &str| format!(r#"{{"id":"{id}","method":"get","url":"A"{more}}}"#);
    for (inner, message) in [
        (
            [get("1", ""), get("1", "")].join(","),
            "part 2: the id `1` is there twice",
        ),
        (get("", ""), "part 1: an id has one character or more"),
        (
            get("a\\r\\nb", ""),
            "part 1: an id has one character or more",
        ),
        (
            [get("1", r#","dependsOn":["2"]"#), get("2", "")].join(","),
            "part 1: it depends on `2`, which is no earlier request",
        ),
        (
            get("1", r#","dependsOn":["1"]"#),
            "part 1: it depends on `1`, which is no earlier request",
        ),
        (
            get("1", r#","atomicityGroup":"g","dependsOn":["g"]"#),
            "part 1: it depends on `g`, which is no earlier request",
        ),
        (
            [
                get("1", r#","atomicityGroup":"g""#),
                get("2", ""),
                get("3", r#","atomicityGroup":"g""#),
            ]
            .join(","),
            "part 3: the group `g` is the id of a request, or its requests do not stand together",
        ),
        (
            [get("g", ""), get("2", r#","atomicityGroup":"g""#)].join(","),
            "part 2: the group `g` is the id of a request, or its requests do not stand together",
        ),
        (
            [get("1", r#","atomicityGroup":"2""#), get("2", "")].join(","),
            "part 2: the id `2` is there twice",
        ),
        (
            r#"{"id":"1","method":"g t","url":"A"}"#.to_owned(),
            "part 1: `g t` is no method",
        ),
        (
            get("1", r#","headers":{"a b":"c"}"#),
            "part 1: the header `a b` cannot be read",
        ),
        (
            get("1", r#","headers":{"a":"b\nc: d"}"#),
            "part 1: the header `a` cannot be read",
        ),
        (
            get("1", r#","headers":{"a":"b","A":"c"}"#),
            "is there twice",
        ),
        (
            get("1", r#","headers":{"content-type":"image/png"},"body":{}"#),
            "part 1: a body of the type `image/png` is written as a string",
        ),
        (
            get("1", r#","headers":{"content-type":"image/png"},"body":"?""#),
            "part 1: the body is not base64url",
        ),
        (
            get("1", r#","id":"2""#),
            "the batch cannot be read: duplicate field `id`",
        ),
        (
            r#"{"id":1,"method":"get","url":"A"}"#.to_owned(),
            "the batch cannot be read: invalid type, expected a ",
        ),
        (
            get(
                "1",
                r#","headers":"Authorization: secret, expected or not""#,
            ),
            "part 1: its headers cannot be read: invalid type, expected a map at line 1",
        ),
    ] {
        let found = shown_json(&requests(&inner));
        assert!(
            found.starts_with("InvalidBatch: ") && found.contains(message),
            "{inner}\n{found}"
        );
    }
    for body in [
        "",
        "null",
        "[null]",
        "{}",
        r#"{"requests":null}"#,
        "{\"requests\":[\"\u{0}\"]}",
    ] {
        assert!(shown_json(body).starts_with("InvalidBatch: "), "{body:?}");
    }
    assert_eq!(shown_json(r#"{"requests":[]}"#), "");
}

#[test]
fn the_format_of_the_answer_is_that_of_the_batch_where_it_is_accepted() {
    use Form::{Json, Multipart};
    for (accept, own, expected) in [
        (None, Multipart, Some(Multipart)),
        (Some("*/*"), Json, Some(Json)),
        (Some("multipart/mixed"), Json, Some(Multipart)),
        (
            Some("application/json;odata.metadata=minimal"),
            Multipart,
            Some(Json),
        ),
        (
            Some("application/json, Multipart/Mixed;q=0.1"),
            Multipart,
            Some(Multipart),
        ),
        (
            Some("application/json, multipart/mixed;q=0"),
            Multipart,
            Some(Json),
        ),
        (Some("application/*"), Json, Some(Json)),
        (Some("text/plain"), Json, None),
    ] {
        assert_eq!(
            negotiate_form(accept, own).ok(),
            expected,
            "{accept:?} {own:?}"
        );
    }
}

fn reply(id: Option<&str>, status: u16, media: &'static str, body: &'static [u8]) -> Reply {
    let mut headers = HeaderMap::new();
    if !media.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    } else {
        headers.insert(ETAG, HeaderValue::from_static("W/\"1\""));
    }
    Reply {
        id: id.map(str::to_owned),
        status: StatusCode::from_u16(status).unwrap(),
        headers,
        body: Bytes::from_static(body),
    }
}

fn outcomes() -> Vec<Outcome> {
    let set = |group: Option<&str>, failed, replies| Outcome::Set {
        group: group.map(str::to_owned),
        replies,
        failed,
    };
    vec![
        Outcome::Single(reply(None, 200, "application/json", b"{\"a\":1}")),
        set(
            None,
            None,
            vec![
                reply(Some("1"), 201, "application/json", b"{}"),
                reply(Some("2"), 204, "", b""),
            ],
        ),
        set(
            Some("g"),
            Some(1),
            vec![
                reply(Some("3"), 424, "application/json", b"{\"error\":3}"),
                reply(Some("4"), 409, "application/json", b"{\"error\":4}"),
            ],
        ),
        Outcome::Single(reply(Some("5"), 200, "text/plain", b"4\"2")),
        Outcome::Single(reply(Some("6"), 200, "image/png", b"\xff\xef")),
    ]
}

#[test]
fn answers_in_multipart() {
    let http = "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n";
    let text = String::from_utf8_lossy(&answers::multipart(&outcomes(), "x", true)).into_owned();
    let expected = format!(
        "--batchresponse_x\r\n{http}\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n{{\"a\":1}}\r\n\
         --batchresponse_x\r\nContent-Type: multipart/mixed; boundary=changesetresponse_x_2\r\n\r\n\
         --changesetresponse_x_2\r\n{http}Content-ID: 1\r\n\r\nHTTP/1.1 201 Created\r\nContent-Type: application/json\r\n\r\n{{}}\r\n\
         --changesetresponse_x_2\r\n{http}Content-ID: 2\r\n\r\nHTTP/1.1 204 No Content\r\nETag: W/\"1\"\r\n\r\n\r\n\
         --changesetresponse_x_2--\r\n\r\n\
         --batchresponse_x\r\n{http}Content-ID: 4\r\n\r\nHTTP/1.1 409 Conflict\r\nContent-Type: application/json\r\n\r\n{{\"error\":4}}\r\n\
         --batchresponse_x\r\n{http}Content-ID: 5\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n4\"2\r\n\
         --batchresponse_x\r\n{http}Content-ID: 6\r\n\r\nHTTP/1.1 200 OK\r\nContent-Type: image/png\r\n\r\n\u{fffd}\u{fffd}\r\n\
         --batchresponse_x--\r\n"
    );
    assert_eq!(text, expected);
    let flat = String::from_utf8_lossy(&answers::multipart(&outcomes(), "x", false)).into_owned();
    assert_eq!(flat.matches("--batchresponse_x\r\n").count(), 7);
    assert!(!flat.contains("changesetresponse"));
}

#[test]
fn what_is_no_json_is_told_as_text() {
    let broken = [Outcome::Single(reply(None, 200, "application/json", b"{"))];
    let text = String::from_utf8(answers::json(&broken).unwrap()).unwrap();
    assert!(text.contains(r#""body":"{""#), "{text}");
}

#[test]
fn answers_in_json() {
    let text = String::from_utf8(answers::json(&outcomes()).unwrap()).unwrap();
    let json = r#""headers":{"content-type":"application/json"}"#;
    let expected = [
        format!(r#"{{"responses":[{{"status":200,{json},"body":{{"a":1}}}}"#),
        format!(r#"{{"id":"1","atomicityGroup":"changeset_2","status":201,{json},"body":{{}}}}"#),
        r#"{"id":"2","atomicityGroup":"changeset_2","status":204,"headers":{"etag":"W/\"1\""}}"#
            .to_owned(),
        format!(r#"{{"id":"3","atomicityGroup":"g","status":424,{json},"body":{{"error":3}}}}"#),
        format!(r#"{{"id":"4","atomicityGroup":"g","status":409,{json},"body":{{"error":4}}}}"#),
        r#"{"id":"5","status":200,"headers":{"content-type":"text/plain"},"body":"4\"2"}"#
            .to_owned(),
        r#"{"id":"6","status":200,"headers":{"content-type":"image/png"},"body":"_-8"}]}"#
            .to_owned(),
    ];
    assert_eq!(text, expected.join(","));
}

proptest! {
    #[test]
    fn nothing_makes_the_readers_panic(
        lines in prop::collection::vec(
            prop_oneof![
                Just("--b"), Just("--b--"), Just("--c"), Just("--c--"), Just(""), Just(" "),
                Just("Content-Type: application/http"), Just("Content-ID: 1"), Just("{}"),
                Just("Content-Type: multipart/mixed; boundary=c"), Just("Content-Length: 1"),
                Just("POST A HTTP/1.1"), Just("GET $1/B?x"), Just("\u{0}"), Just(":"), Just("ü"),
            ],
            0..30,
        ),
        end in prop_oneof![Just("\n"), Just("\r\n"), Just("\r")],
    ) {
        let site = site();
        let text = lines.join(end);
        let _ = multipart::read(&Bytes::from(text.clone()), "b", home(&site));
        let _ = json::read(&Bytes::from(text.to_owned()), home(&site));
    }
}
