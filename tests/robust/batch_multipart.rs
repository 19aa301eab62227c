//! Batches in multipart, from the wire to the tables.

use serde_json::{Value as Json, json};

use super::support::world::{PATH, Reply, World, on_each_world, text};
use super::{GROUPS, USER_GROUPS, USERS, create, id, ids, user};

/// A part that holds a request.
fn part(name: &str, method: &str, url: &str, body: &Json) -> String {
    let body = if body.is_null() {
        String::new()
    } else {
        body.to_string()
    };
    format!(
        "Content-Type: application/http\r\nContent-Transfer-Encoding: binary\r\n\
         Content-ID: {name}\r\n\r\n{method} {url} HTTP/1.1\r\n\
         Content-Type: application/json\r\n\r\n{body}\r\n"
    )
}

/// Parts between boundaries.
fn framed(boundary: &str, parts: &[String]) -> String {
    let parts = parts.iter().map(|part| format!("--{boundary}\r\n{part}"));
    format!("{}--{boundary}--\r\n", parts.collect::<String>())
}

/// A change set as a part.
fn set(parts: &[String]) -> String {
    let inner = framed("set", parts);
    format!("Content-Type: multipart/mixed; boundary=set\r\n\r\n{inner}\r\n")
}

fn send(world: &World, body: &str, headers: &[(&str, &str)]) -> Reply {
    let mut all = vec![("Content-Type", "multipart/mixed; boundary=batch")];
    all.extend(headers);
    let reply = world.send("POST", "$batch", &all, body.as_bytes());
    assert_eq!(reply.status, 200, "{}: {}", world.name, reply.body);
    reply
}

/// The statuses of all answers inside, in order.
fn statuses(reply: &Reply) -> Vec<u16> {
    let heads = reply.body.split("HTTP/1.1 ").skip(1);
    heads.map(|text| text[..3].parse().unwrap()).collect()
}

fn group(world: &World) -> String {
    ids(
        world,
        GROUPS,
        "&$filter=GroupType%20eq%20'NormalUserDefinableGroup'",
    )[0]
    .clone()
}

#[test]
fn a_change_set_is_whole_or_not_at_all() {
    on_each_world(4, |world| {
        let before = world.dump();
        let mut wrong = user(2, "two");
        wrong["Logon"] = json!("x");
        for (number, bad) in [
            part("2", "POST", USERS, &wrong),
            part("2", "POST", USERS, &user(2, "ONE")),
            part("2", "POST", USERS, &user(1, "other")),
            part("2", "DELETE", &format!("{USERS}({})", id(99)), &Json::Null),
            part("2", "PATCH", "$1", &json!({"UserType": "InternalUser"})),
            part("2", "PATCH", "$1", &json!({"DefaultLanguage": "zz"})),
            part("2", "PATCH", "$9", &json!({"Notes": "a"})),
        ]
        .into_iter()
        .enumerate()
        {
            let parts = [
                part("1", "POST", USERS, &user(1, "one")),
                bad,
                part("3", "POST", USERS, &user(3, "three")),
            ];
            let reply = send(world, &framed("batch", &[set(&parts)]), &[]);
            let all = statuses(&reply);
            assert_eq!(
                all.len(),
                1,
                "{} {number}: one answer: {}",
                world.name,
                reply.body
            );
            assert!((400..500).contains(&all[0]), "{number}: {}", reply.body);
            // Rules look at the whole object, and blame the request that changed it last.
            assert!(
                reply.body.contains("Content-ID: 2"),
                "{number}: {}",
                reply.body
            );
            world.assert_unchanged(&before, &format!("change set {number}"));
        }
    });
}

#[test]
fn later_requests_name_what_earlier_ones_made() {
    on_each_world(4, |world| {
        let member = format!("{GROUPS}({})", group(world));
        let mut first = user(0, "one");
        first.as_object_mut().unwrap().remove("Id");
        let link = json!({"User@odata.bind": "$1", "Group@odata.bind": member});
        let parts = [
            part("1", "POST", USERS, &first),
            part("2", "POST", USER_GROUPS, &link),
            part("3", "PATCH", "$1", &json!({"Notes": "patched"})),
            part(
                "4",
                "PUT",
                "/$1/Email",
                &json!({"value": "one@example.com"}),
            ),
            part("5", "DELETE", "$2", &Json::Null),
            part(
                "6",
                "POST",
                "$1/Groups",
                &json!({"Group": {"@odata.id": member}}),
            ),
        ];
        let reply = send(world, &framed("batch", &[set(&parts)]), &[]);
        assert_eq!(
            statuses(&reply),
            [201, 204, 204, 204, 204, 201],
            "{}",
            reply.body
        );
        let found = world.get(&format!(
            "{USERS}?$filter=Login%20eq%20'one'&$expand=Groups"
        ));
        let found = &found[0];
        assert_eq!(found["Notes"], "patched");
        assert_eq!(found["Email"], "one@example.com");
        assert_eq!(found["Groups"].as_array().unwrap().len(), 1);

        // Over change sets and single requests.
        let body = framed(
            "batch",
            &[
                set(&[part("a", "POST", USERS, &user(2, "two"))]),
                part("b", "PATCH", "$a", &json!({"Notes": "later"})),
                part("c", "GET", "$a/Notes/$value", &Json::Null),
                part(
                    "d",
                    "POST",
                    USER_GROUPS,
                    &json!({"User@odata.bind": "$a", "Group@odata.bind": member}),
                ),
                part(
                    "e",
                    "GET",
                    &format!("{USERS}({})/Groups/$count", id(2)),
                    &Json::Null,
                ),
            ],
        );
        let reply = send(world, &body, &[]);
        assert_eq!(
            statuses(&reply),
            [201, 204, 200, 201, 200],
            "{}",
            reply.body
        );
        assert!(reply.body.contains("\r\n\r\nlater\r\n"), "{}", reply.body);
    });
}

#[test]
fn a_password_may_come_later_in_the_same_change_set() {
    on_each_world(4, |world| {
        let before = world.dump();
        let mut internal = user(1, "one");
        internal["UserType"] = json!("InternalUser");
        let create = part("1", "POST", USERS, &internal);
        let reply = send(
            world,
            &framed("batch", &[set(std::slice::from_ref(&create))]),
            &[],
        );
        assert_eq!(statuses(&reply), [422], "{}", reply.body);
        assert!(reply.body.contains("R35716"), "{}", reply.body);
        world.assert_unchanged(&before, "no password");
        let password = json!({"password": "correct horse battery staple"});
        let call = part("2", "POST", "$1/Ext.SetPassword", &password);
        let reply = send(world, &framed("batch", &[set(&[create, call])]), &[]);
        assert_eq!(statuses(&reply), [201, 204], "{}", reply.body);
        let stored = world.get(&format!("{USERS}({})", id(1)));
        assert_eq!(stored["PasswordFormat"], "AspNetCoreV3");
        let all = world.dump().join("\n");
        assert!(!all.contains("battery"), "no plain password anywhere");
    });
}

#[test]
fn a_failure_stops_the_batch_unless_told_otherwise() {
    on_each_world(4, |world| {
        let parts = |first: u128| {
            framed(
                "batch",
                &[
                    part("1", "POST", USERS, &user(first, &format!("u{first}"))),
                    part("2", "POST", USERS, &json!({"Login": 7})),
                    part(
                        "3",
                        "POST",
                        USERS,
                        &user(first + 1, &format!("u{}", first + 1)),
                    ),
                ],
            )
        };
        let reply = send(world, &parts(1), &[]);
        assert_eq!(statuses(&reply), [201, 400], "{}", reply.body);
        assert_eq!(
            world.count(&format!("{USERS}/$count?$filter=Login%20eq%20'u2'")),
            0
        );
        for (first, prefer) in [
            (3, "continue-on-error"),
            (5, "odata.continue-on-error"),
            (7, "odata.continue-on-error=true"),
        ] {
            let reply = send(world, &parts(first), &[("Prefer", prefer)]);
            assert_eq!(
                statuses(&reply),
                [201, 400, 201],
                "{prefer}: {}",
                reply.body
            );
        }
    });
}

#[test]
fn framings_of_real_clients_change_data() {
    on_each_world(4, |world| {
        let host = world.host();
        create(world, USERS, &user(1, "one"));
        let one = id(1);
        // OpenUI5: no blank after colons, names with points, a text after the end.
        let openui5 = format!(
            "--batch_id-1\r\nContent-Type: multipart/mixed;boundary=changeset_id-2\r\n\r\n\
             --changeset_id-2\r\nContent-Type:application/http\r\nContent-Transfer-Encoding:binary\r\n\
             Content-ID:0.0\r\n\r\nPATCH {USERS}({one}) HTTP/1.1\r\nAccept:application/json;odata.metadata=minimal;IEEE754Compatible=true\r\n\
             Content-Type:application/json;charset=UTF-8;IEEE754Compatible=true\r\nIf-Match:*\r\n\r\n\
             {{\"Notes\":\"openui5\"}}\r\n--changeset_id-2--\r\n\r\n--batch_id-1--\r\nGroup ID: $auto"
        );
        // Syncfusion: bare line feeds, blanks at the ends of lines, the name inside.
        let syncfusion = format!(
            "--batch_s\nContent-Type: multipart/mixed; boundary=changeset_s\n\n\
             --changeset_s\nContent-Type: application/http; msgtype=request\nContent-Transfer-Encoding: binary \n\n\
             PATCH {USERS}({one}) HTTP/1.1 \nContent-Id: 0\nAccept: application/json;odata=light;q=1,application/json;odata=verbose;q=0.5\n\
             Content-Type: application/json; charset=utf-8\n\n{{\"Notes\":\"syncfusion\"}}\n\n--changeset_s--\n--batch_s--\n"
        );
        // o.js: absolute addresses, a length that counts characters.
        let ojs = format!(
            "--batch_o\r\nContent-Type: multipart/mixed; boundary=changeset_o\r\n\r\n\
             --changeset_o\r\nContent-Type: application/http\r\nContent-Transfer-Encoding: binary\r\nContent-ID: 1\r\n\r\n\
             PATCH http://{host}{PATH}{USERS}({one}) HTTP/1.1\r\nContent-Type: application/json\r\n\r\n\
             {{\"Notes\":\"o.js\"}}\r\n--changeset_o--\r\n--batch_o--"
        );
        // From the root of the host, with a boundary in quotes.
        let rooted = format!(
            "--batch_r\r\nContent-Type: application/http\r\n\r\nPATCH {PATH}{USERS}({one}) HTTP/1.1\r\n\
             Host: {host}\r\nContent-Type: application/json\r\n\r\n{{\"Notes\":\"rooted\"}}\r\n--batch_r--"
        );
        for (body, media, notes) in [
            (openui5, "multipart/mixed; boundary=batch_id-1", "openui5"),
            (
                syncfusion,
                "multipart/mixed; charset=UTF-8;boundary=batch_s",
                "syncfusion",
            ),
            (ojs, "multipart/mixed;boundary=batch_o", "o.js"),
            (rooted, "multipart/mixed; boundary=\"batch_r\"", "rooted"),
        ] {
            let headers = [("Content-Type", media)];
            let reply = world.send("POST", "$batch", &headers, body.as_bytes());
            assert_eq!(reply.status, 200, "{notes}: {}", reply.body);
            assert_eq!(statuses(&reply), [204], "{notes}: {}", reply.body);
            assert!(reply.body.starts_with("--batchresponse_"), "{}", reply.body);
            let stored = world.get(&format!("{USERS}({one})"));
            assert_eq!(text(&stored["Notes"]), notes);
        }
    });
}

#[test]
fn broken_batches_change_nothing() {
    on_each_world(4, |world| {
        let before = world.dump();
        let good = part("1", "POST", USERS, &user(1, "one"));
        let many: Vec<String> = (0..101)
            .map(|n| part(&n.to_string(), "POST", USERS, &user(n, &format!("u{n}"))))
            .collect();
        let bodies = [
            framed("batch", &many),
            framed("batch", &[set(&many)]),
            framed(
                "batch",
                &[set(&[good.clone(), part("2", "GET", USERS, &Json::Null)])],
            ),
            framed("batch", &[set(&[good.clone(), good.clone()])]),
            framed("batch", &[set(&[set(std::slice::from_ref(&good))])]),
            framed("batch", &[good.clone(), "\0\u{1}".to_owned()]),
            framed("other", std::slice::from_ref(&good)),
            format!("--batch\r\n{good}"),
            String::new(),
        ];
        for (number, body) in bodies.iter().enumerate() {
            let headers = [("Content-Type", "multipart/mixed; boundary=batch")];
            let reply = world.send("POST", "$batch", &headers, body.as_bytes());
            let place = format!("{} {number}: {} {}", world.name, reply.status, reply.body);
            assert_eq!(reply.status, 400, "{place}");
            assert!(
                ["InvalidBatch", "LimitExceeded"].contains(&reply.code().as_str()),
                "{place}"
            );
            world.assert_unchanged(&before, &place);
        }
        // One hundred are taken, as one.
        let reply = send(world, &framed("batch", &[set(&many[..100])]), &[]);
        assert_eq!(statuses(&reply), [201; 100]);
    });
}
