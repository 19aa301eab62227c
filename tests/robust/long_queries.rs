//! Requests that are long and wrong: the answer is a refusal, and small.

use serde_json::{Value as Json, json};

use crate::USERS;
use crate::support::world::{Reply, World, on_each_world};

/// Bytes of a refusal at most, however much was wrong.
const SMALL: usize = 256 * 1024;

/// Asks for users with options in the body.
fn ask(world: &World, options: &Json) -> Reply {
    let reply = world.json("POST", &format!("{USERS}/$query"), options);
    assert!(reply.body.len() < SMALL, "{}", reply.body.len());
    reply
}

/// The refusal of the options.
fn refusal(world: &World, options: &Json) -> (u16, String, Json) {
    let reply = ask(world, options);
    (reply.status, reply.code(), reply.tree()["error"].clone())
}

/// Numbered pieces, one after the other.
fn pieces(number: usize, between: &str, piece: impl Fn(usize) -> String) -> String {
    let all: Vec<_> = (0..number).map(piece).collect();
    all.join(between)
}

#[test]
fn a_hundred_faults_are_told_and_no_more() {
    on_each_world(0, |world| {
        let long = "x".repeat(100);
        let names = pieces(3_000, ",", |n| format!("{long}{n}"));
        let expand = format!("Groups($select={names}),Roles($select={names})");
        let order = pieces(3_000, ",", |n| format!("{long}{n} desc"));
        let filter = pieces(3_000, " or ", |n| format!("{long}{n} eq 1"));
        let computed = pieces(100, ",", |n| format!("{long}{n} as A{n}"));
        for (options, wanted) in [
            (json!({"$select": names}), 100),
            (json!({"$orderby": order}), 100),
            (json!({"$filter": filter}), 100),
            (json!({"$compute": computed}), 100),
            (json!({"$apply": format!("groupby(({names}))")}), 0),
            (json!({"$expand": expand}), 0),
        ] {
            let (status, code, error) = refusal(world, &options);
            assert_eq!((status, code.is_empty()), (400, false), "{error}");
            let told = 1 + error["details"].as_array().map_or(0, Vec::len);
            assert!(told <= 100, "{told}");
            if wanted > 0 {
                assert_eq!((code.as_str(), told), ("UnknownProperty", wanted));
                let text = error["message"].as_str().unwrap();
                assert!(text.contains("after 100 faults"), "{text}");
                // Where each is can be seen, without all of the text.
                let caret = error["details"][98]["@ext.caret"].as_str().unwrap();
                assert!(caret.contains("^^^") && caret.len() < 500, "{caret}");
            }
        }
    });
}

#[test]
fn lists_end_at_their_limits() {
    on_each_world(0, |world| {
        let computed = pieces(7_000, ",", |n| format!("Nothing{n} as A{n}"));
        let words = pieces(400_000, " ", |_| "a".to_owned());
        let list = format!("Login in ({})", pieces(9_000, ",", |_| "'a'".to_owned()));
        let lists = pieces(30, " or ", |_| list.clone());
        for (options, limit) in [
            (json!({"$compute": computed}), "at most 100 values"),
            (
                json!({"$expand": format!("Groups($compute={computed})")}),
                "at most 100 values",
            ),
            (
                json!({"$apply": format!("compute({computed})")}),
                "at most 100 values",
            ),
            (json!({"$search": words}), "at most 1000 words"),
            (json!({"$filter": lists}), "at most 100000"),
        ] {
            let (status, code, error) = refusal(world, &options);
            assert_eq!((status, code.as_str()), (400, "LimitExceeded"), "{error}");
            let text = error["message"].as_str().unwrap();
            assert!(text.contains(limit), "{text}");
        }
    });
}

#[test]
fn texts_that_are_repeated_in_a_refusal_are_cut() {
    on_each_world(0, |world| {
        let long = "x".repeat(1_000_000);
        for options in [
            json!({long.clone(): "1", format!("${long}"): "1"}),
            json!({"$filter": format!("Login {long} 'a'")}),
            json!({"$filter": format!("IsActive eq '{long}'")}),
            json!({"$filter": format!("Login eq '{long}' and Nothing eq 1")}),
            json!({"$orderby": format!("Login {long}")}),
        ] {
            let (status, _, error) = refusal(world, &options);
            assert_eq!(status, 400, "{error}");
        }
    });
}

#[test]
fn options_that_are_slips_are_refused() {
    on_each_world(3, |world| {
        let path = format!("{USERS}/$count/$query");
        let text = &[("Content-Type", "text/plain")][..];
        let send = |body: &str| world.send("POST", &path, text, body.as_bytes());
        let found = send("$filter=Login eq 'nobody'");
        assert_eq!((found.status, found.body.as_str()), (200, "0"));
        for body in ["?$filter=Login eq 'nobody'", "a=1& $filter=Login eq 'x'"] {
            let refused = send(body);
            assert_eq!(refused.status, 400, "{body}: {}", refused.body);
        }
        for query in [
            "??$filter=Login%20eq%20'x'",
            "?%20$filter=Login%20eq%20'x'",
            "?%3F$filter=Login%20eq%20'x'",
        ] {
            let refused = world.send("GET", &format!("{USERS}/$count{query}"), &[], b"");
            let found = (refused.status, refused.code());
            assert_eq!(found, (400, "InvalidOption".to_owned()), "{query}");
        }
        let part = json!({"id": "1", "method": "get", "url": format!("{USERS}??$top=1")});
        let batch = world.json("POST", "$batch", &json!({"requests": [part]}));
        assert_eq!(
            batch.tree()["responses"][0]["status"],
            400,
            "{}",
            batch.body
        );
        // Options of others are passed over as ever.
        let custom = world.send("GET", &format!("{USERS}/$count?_=1&sap-client=1"), &[], b"");
        assert_eq!(custom.status, 200, "{}", custom.body);
    });
}

#[test]
fn long_requests_are_answered_like_short_ones() {
    on_each_world(3, |world| {
        let list = pieces(900, ",", |n| format!("'nobody{n}'"));
        let filter = format!("not (Login in ({list}))");
        let reply = ask(world, &json!({"$filter": filter, "$select": "Login"}));
        assert_eq!(reply.status, 200, "{}", reply.body);
        let short = world.get(&format!("{USERS}?$select=Login"));
        assert_eq!(reply.tree()["value"], short);
    });
}

#[test]
fn a_body_in_another_encoding_is_refused() {
    on_each_world(0, |world| {
        let path = format!("{USERS}/$query");
        for (media, status) in [
            ("text/plain", 200),
            ("text/plain;charset=UTF-8", 200),
            ("text/plain;charset=utf-16", 415),
        ] {
            let headers = [("Content-Type", media)];
            let reply = world.send("POST", &path, &headers, b"$top=1");
            assert_eq!(reply.status, status, "{media}: {}", reply.body);
            if status == 415 {
                assert_eq!(reply.code(), "UnsupportedMediaType");
                assert!(reply.body.contains("UTF-8"), "{}", reply.body);
            }
        }
    });
}
