//! Headers and statuses of changes: preferences, conditions, versions, media types, methods, limits.

use serde_json::json;
use userdex::service::{ContentIds, Verb, own_request};
use userdex::value::Timestamp;

use crate::support::server::{Kind, Server, USERS, link, merged, options, settings, user};

crate::on_both!(
    answers_say_where_and_what,
    preferences_choose_the_answer,
    conditions_hold_or_refuse,
    one_of_many_wins,
    reads_after_a_change,
    if_match_can_be_required,
    a_child_that_is_read_alone_has_its_tag,
    other_media_types_are_refused,
    bodies_that_are_no_json_are_refused,
    bodies_end_at_the_limit,
    methods_that_do_not_fit_are_refused,
    versions_are_told_once,
    isolation_is_refused,
    answers_are_selected_and_expanded,
    operations_that_are_not_offered,
);

const ABSENT: &str = "00000000-0000-4000-8000-00000000abcd";

fn answers_say_where_and_what(kind: Kind) {
    let server = kind.server();
    let answer = server.post(USERS, &user("ann")).expect(201);
    let body = answer.json();
    let ann = format!("{USERS}({})", answer.id());
    let whole = format!("http://localhost/api/domain/odata/{ann}");
    assert_eq!(answer.header("location"), Some(whole.as_str()));
    assert_eq!(answer.header("etag"), Some("W/\"1\""));
    assert_eq!(body["@odata.etag"], "W/\"1\"");
    assert_eq!(body["@odata.id"], *ann);
    assert!(
        body["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with(&format!("#{USERS}/$entity"))
    );
    let media = answer.header("content-type").unwrap();
    assert!(media.starts_with("application/json"), "{media}");
    // What was made is what a read shows.
    assert_eq!(body, server.get(&ann));
    let answer = server.change(&ann, &json!({"Notes": "x"}));
    assert_eq!(answer.header("location"), None);
    assert_eq!(answer.header("content-type"), None);
    assert_eq!(answer.header("odata-entityid"), Some(whole.as_str()));
    assert_eq!(answer.etag(), server.ask("GET", &ann).expect(200).etag());
    assert_eq!(answer.header("cache-control"), Some("no-store"));
}

fn preferences_choose_the_answer(kind: Kind) {
    let server = kind.server();
    let answer = server
        .post(USERS, &user("ann"))
        .prefer("return=minimal")
        .expect(204);
    let ann = answer
        .header("location")
        .unwrap()
        .rsplit('/')
        .next()
        .unwrap()
        .to_owned();
    assert_eq!(answer.header("odata-entityid"), answer.header("location"));
    assert_eq!(answer.header("preference-applied"), Some("return=minimal"));
    let answer = server
        .post(USERS, &user("bob"))
        .prefer("return=representation")
        .expect(201);
    assert_eq!(
        answer.header("preference-applied"),
        Some("return=representation")
    );
    for method in ["PATCH", "PUT"] {
        let shown = server
            .with(method, &ann, &user("ann"))
            .prefer("return=representation")
            .expect(200);
        assert_eq!(shown.json(), server.get(&ann));
        assert_eq!(
            shown.header("preference-applied"),
            Some("return=representation")
        );
        let silent = server
            .with(method, &ann, &user("ann"))
            .prefer("return=minimal")
            .expect(204);
        assert_eq!(silent.header("preference-applied"), Some("return=minimal"));
        let plain = server.with(method, &ann, &user("ann")).expect(204);
        assert_eq!(plain.header("preference-applied"), None);
    }
    let both = server
        .patch(&ann, &json!({"EmailConfirmed": true}))
        .prefer("handling=lenient, return=minimal")
        .expect(204);
    let applied = both.header("preference-applied").unwrap();
    assert!(applied.contains("handling=lenient") && applied.contains("return=minimal"));
}

fn conditions_hold_or_refuse(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let old = server.ask("GET", &ann).expect(200).etag();
    let new = server.change(&ann, &json!({"Notes": "1"})).etag();
    assert_ne!(old, new);
    let number = |tag: &str| tag.trim_start_matches("W/").to_owned();
    let group = server.group("G");
    let requests = [
        server.patch(&ann, &json!({"Notes": "2"})),
        server.put(&ann, &user("ann")),
        server.delete(&ann),
        server.put(&format!("{ann}/Notes"), &json!({"value": "2"})),
        server.delete(&format!("{ann}/Notes")),
        server.put(
            &format!("{ann}/Person/$ref"),
            &link(&format!("General_Contacts_Persons({ABSENT})")),
        ),
        server.delete(&format!("{ann}/Person/$ref")),
        server.post(&format!("{ann}/Groups"), &json!({"Group": link(&group)})),
        server.post(&format!("{ann}/Ext.SetPassword"), &json!({"password": "x"})),
    ];
    for request in &requests {
        for (name, value) in [
            ("If-Match", old.clone()),
            ("If-Match", number(&old)),
            ("If-Match", "\"nonsense\", W/\"0\"".to_owned()),
            ("If-None-Match", new.clone()),
            ("If-None-Match", "*".to_owned()),
        ] {
            let refused = request.clone().header(name, &value);
            refused.refused(412, "PreconditionFailed", name);
        }
    }
    assert_eq!(server.stored(&ann, "Notes"), "1");
    let mut tag = new;
    for wrap in [
        |tag: &str| tag.to_owned(),
        |tag: &str| tag.trim_start_matches("W/").to_owned(),
        |tag: &str| format!("\"x\", {tag}"),
        |_: &str| "*".to_owned(),
    ] {
        let change = server.patch(&ann, &json!({"Notes": format!("after {tag}")}));
        tag = change.header("If-Match", &wrap(&tag)).expect(204).etag();
    }
    // A child has the tag of its aggregate.
    let row = server
        .post(&format!("{ann}/Groups"), &json!({"Group": link(&group)}))
        .expect(201);
    let address = format!("Systems_Security_UserGroups({})", row.id());
    let current = server.ask("GET", &ann).expect(200).etag();
    assert_eq!(row.etag(), current);
    server
        .delete(&address)
        .header("If-Match", &tag)
        .refused(412, "PreconditionFailed", "If-Match");
    server
        .delete(&address)
        .header("If-Match", &current)
        .expect(204);
    // What is not there matches nothing.
    let absent = format!("{USERS}({ABSENT})");
    for request in [server.delete(&absent), server.patch(&absent, &user("x"))] {
        request
            .header("If-Match", "*")
            .refused(412, "PreconditionFailed", "If-Match");
    }
    server
        .patch(&ann, &json!({}))
        .header("If-Match", ",")
        .refused(400, "InvalidHeader", "If-Match");
}

/// Fifty at once with the same tag: exactly one wins.
fn one_of_many_wins(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let tag = server.ask("GET", &ann).expect(200).etag();
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let change = |number: usize| {
            let body = json!({"Notes": number.to_string()});
            server.patch(&ann, &body).header("If-Match", &tag)
        };
        let running: Vec<_> = (0..50)
            .map(|number| scope.spawn(move || change(number).send().status))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    let won = statuses.iter().filter(|s| **s == 204).count();
    let lost = statuses.iter().filter(|s| **s == 412).count();
    assert_eq!((won, lost), (1, 49));
    assert_eq!(server.stored(&ann, "ObjectVersion"), 2);
}

fn reads_after_a_change(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let read = || server.ask("GET", &ann);
    let tag = read().expect(200).etag();
    let posted = server.post(&format!("{ann}/$query"), &json!({"$select": "Login"}));
    posted
        .header("If-None-Match", &tag)
        .refused(412, "PreconditionFailed", "If-None-Match");
    // Others are told of another row by the same address.
    let me = server.ask("GET", "Me?$select=Login").expect(200);
    assert_eq!(me.header("etag"), None);
    let text = server.ask("GET", &format!("{}?$select=DisplayText", server.group("G")));
    assert_eq!(text.expect(200).header("etag"), None, "it has a language");
    let same = read().header("If-None-Match", &tag).expect(304);
    assert!(same.body.is_empty());
    let changed = server.change(&ann, &json!({"Notes": "x"})).etag();
    read().header("If-None-Match", &tag).expect(200);
    read().header("If-None-Match", &changed).expect(304);
    read()
        .header("If-Match", &tag)
        .refused(412, "PreconditionFailed", "If-Match");
    read().header("If-Match", &changed).expect(200);
}

/// A server that wants `If-Match`, with a user and a group.
fn demanding(kind: Kind) -> (Server, String, String) {
    let mut settings = settings();
    settings.writes.require_if_match = true;
    let server = kind.server_with(settings);
    let ann = server.user("ann");
    let group = server.group("G");
    (server, ann, group)
}

fn if_match_can_be_required(kind: Kind) {
    let (server, ann, group) = demanding(kind);
    for request in [
        server.patch(&ann, &json!({"Notes": "x"})),
        server.put(&ann, &user("ann")),
        server.delete(&ann),
        server.put(&format!("{ann}/Notes"), &json!({"value": "x"})),
        server.post(&format!("{ann}/Groups"), &json!({"Group": link(&group)})),
    ] {
        request.refused(428, "PreconditionRequired", "If-Match");
    }
    let tag = server.ask("GET", &ann).expect(200).etag();
    server
        .patch(&ann, &json!({"Notes": "x"}))
        .header("If-Match", &tag)
        .expect(204);
    let own = json!({"Notes": "y"});
    let own = own_request(Verb::Patch, ann.clone(), &own, Timestamp::now());
    let own = server.service.write(&[own], &mut ContentIds::default());
    assert_eq!(
        own.unwrap()[0].status,
        204,
        "the program has read nothing before"
    );
    server.delete(&ann).header("If-Match", "*").expect(204);
}

fn a_child_that_is_read_alone_has_its_tag(kind: Kind) {
    let (server, ann, group) = demanding(kind);
    let member = json!({"User": link(&ann), "Group": link(&group)});
    let member = server.create("Systems_Security_UserGroups", &member);
    let of_root = server.ask("GET", &ann).expect(200).etag();
    let read = || server.ask("GET", &member);
    let found = read().expect(200);
    assert_eq!(
        found.etag(),
        of_root,
        "the version is that of the aggregate"
    );
    assert_eq!(found.json()["@odata.etag"], of_root.as_str());
    read().header("If-None-Match", &of_root).expect(304);
    server
        .delete(&member)
        .refused(428, "PreconditionRequired", "If-Match");
    server
        .delete(&member)
        .header("If-Match", &of_root)
        .expect(204);
}

fn other_media_types_are_refused(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for media in [
        "text/plain",
        "application/xml",
        "application/x-www-form-urlencoded",
        "x",
    ] {
        for (method, address) in [("POST", USERS), ("PATCH", &ann), ("PUT", &ann)] {
            let request = server.ask(method, address).body(media, "{}");
            request.refused(415, "UnsupportedMediaType", "Content-Type");
        }
    }
    for media in [
        "application/json;odata=verbose",
        "application/json;odata.metadata=full;IEEE754Compatible=true;charset=UTF-8",
        "APPLICATION/JSON",
    ] {
        server
            .ask("PATCH", &ann)
            .body(media, "{\"Notes\":\"x\"}")
            .expect(204);
    }
    let packed = server
        .patch(&ann, &json!({}))
        .header("Content-Encoding", "gzip");
    assert_eq!(packed.expect(415).faults()[0].0, "UnsupportedMediaType");
}

fn bodies_that_are_no_json_are_refused(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    for body in [
        &b""[..],
        b"{",
        b"{\"Login\":\"a\"",
        b"{\"Notes\":\"\xff\"}",
        b"{\"Notes\":\"\\ud800\"}",
        b"{'Notes':'x'}",
        b"{\"Notes\":NaN}",
        b"{} {}",
        b"null",
        b"[null]",
        b"[]",
        b"5",
        b"\"x\"",
        deep.as_bytes(),
    ] {
        for (method, address) in [("POST", USERS), ("PATCH", &ann), ("PUT", &ann)] {
            let answer = server
                .ask(method, address)
                .body("application/json", body)
                .expect(400);
            let code = &answer.faults()[0].0;
            let known = [
                "SyntaxError",
                "InvalidPayload",
                "LimitExceeded",
                "InvalidValue",
            ];
            assert!(known.contains(&code.as_str()), "{answer}");
        }
    }
    assert_eq!(server.count(USERS), 1);
}

fn bodies_end_at_the_limit(kind: Kind) {
    let mut small = options();
    small.body_limit = 1000;
    let server = kind.start(settings(), small).unwrap();
    let ann = server.user("ann");
    let body = |length: usize| {
        let text = format!("{{\"Notes\":\"x\"{}}}", " ".repeat(length - 13));
        server.ask("PATCH", &ann).body("application/json", text)
    };
    body(1000).expect(204);
    assert_eq!(body(1001).expect(413).faults()[0].0, "PayloadTooLarge");
}

fn methods_that_do_not_fit_are_refused(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let empty = json!({});
    for (request, method) in [
        (server.patch(USERS, &empty), "PATCH"),
        (server.put(USERS, &empty), "PUT"),
        (server.delete(USERS), "DELETE"),
        (server.post(&ann, &empty), "POST"),
        (server.patch(&format!("{ann}/Groups"), &empty), "PATCH"),
        (server.put(&format!("{ann}/Groups"), &empty), "PUT"),
        (server.post(&format!("{ann}/Notes"), &empty), "POST"),
        (server.post(&format!("{ann}/Person/$ref"), &empty), "POST"),
        (server.put(&format!("{ann}/Groups/$ref"), &empty), "PUT"),
        (
            server.put(&format!("{ann}/Ext.ConfirmEmail"), &empty),
            "PUT",
        ),
        (server.delete(&format!("{ann}/Ext.ConfirmEmail")), "DELETE"),
    ] {
        let answer = request.send();
        assert_eq!(answer.status, 405, "{method} {answer}");
        assert_eq!(answer.faults()[0].0, "MethodNotAllowed");
        let allowed = answer.header("allow").unwrap();
        assert!(
            allowed.contains("OPTIONS") && !allowed.contains(method),
            "{allowed}"
        );
    }
    for address in ["", "$metadata", "$batch", &format!("{USERS}/$count")] {
        let answer = server.with("PATCH", address, &empty).send();
        assert!((400..=405).contains(&answer.status), "{address} {answer}");
    }
    let tunnel = server.post(&ann, &empty).header("X-HTTP-Method", "DELETE");
    assert_eq!(tunnel.expect(400).faults()[0].0, "InvalidHeader");
    server.get(&ann);
}

fn versions_are_told_once(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for (name, given, told) in [
        (None, "", "4.0"),
        (Some("OData-Version"), "4.0", "4.0"),
        (Some("OData-Version"), "4.01", "4.01"),
        (Some("OData-MaxVersion"), "4.0", "4.0"),
        (Some("OData-MaxVersion"), "4.01", "4.01"),
    ] {
        for request in [
            server.patch(&ann, &json!({"Notes": given})),
            server.post(USERS, &user(&format!("{name:?}{given}"))),
            server.post(USERS, &json!({})),
        ] {
            let request = match name {
                Some(name) => request.header(name, given),
                None => request,
            };
            assert_eq!(
                request.send().header("odata-version"),
                Some(told),
                "{name:?} {given}"
            );
        }
    }
    for (name, value) in [
        ("OData-Version", "3.0"),
        ("OData-Version", "5"),
        ("OData-MaxVersion", "3.0"),
    ] {
        let answer = server
            .post(USERS, &user("x"))
            .header(name, value)
            .expect(400);
        assert_eq!(answer.faults()[0].0, "InvalidHeader");
    }
    // A client that declares no version sees references; one that does sees none unasked.
    let plain = server.post(USERS, &user("plain")).expect(201).json();
    assert!(plain.as_object().unwrap().contains_key("Domain"));
    let typed = server
        .post(USERS, &user("typed"))
        .header("OData-Version", "4.0")
        .expect(201)
        .json();
    assert!(!typed.as_object().unwrap().contains_key("Domain"));
}

fn isolation_is_refused(kind: Kind) {
    let server = kind.server();
    for name in ["OData-Isolation", "Isolation"] {
        let request = server.post(USERS, &user("ann")).header(name, "snapshot");
        assert_eq!(
            request.expect(412).faults()[0].0,
            "PreconditionFailed",
            "{name}"
        );
    }
    assert_eq!(server.count(USERS), 0);
}

fn answers_are_selected_and_expanded(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let body = merged(user("ann"), json!({"Groups": [{"Group": link(&group)}]}));
    let query = "?$select=Login,DisplayText&$expand=Groups($select=Id)";
    let answer = server.post(&format!("{USERS}{query}"), &body).expect(201);
    let shown = answer.json();
    assert_eq!(shown["DisplayText"], "ann");
    assert_eq!(shown["Groups"].as_array().unwrap().len(), 1);
    assert!(shown.get("Notes").is_none() && shown.get("Active").is_none());
    let location = answer.header("location").unwrap();
    assert!(location.ends_with(')'), "no query: {location}");
    let ann = location.rsplit('/').next().unwrap();
    let answer = server
        .patch(&format!("{ann}{query}"), &json!({"Notes": "x"}))
        .prefer("return=representation")
        .expect(200);
    assert_eq!(answer.json()["Groups"].as_array().unwrap().len(), 1);
    // What could not be answered is not done.
    for query in ["?$select=Nothing", "?$expand=Nothing", "?$nothing=1"] {
        let answer = server
            .post(&format!("{USERS}{query}"), &user("bob"))
            .expect(400);
        assert!(!answer.faults().is_empty());
    }
    assert_eq!(server.count(USERS), 1);
}

fn operations_that_are_not_offered(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let unknown = server
        .post(&format!("{ann}/Erp.Nothing"), &json!({}))
        .send();
    assert!(matches!(unknown.status, 400 | 404), "{unknown}");
}
