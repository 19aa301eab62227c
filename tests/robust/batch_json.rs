//! Batches in JSON, from the wire to the tables.

use serde_json::{Value as Json, json};

use super::support::world::{PATH, World, on_each_world, text};
use super::{GROUPS, USER_GROUPS, USERS, id, ids, user};

fn part(name: &str, method: &str, url: &str, body: &Json, more: &Json) -> Json {
    let mut part = json!({"id": name, "method": method, "url": url});
    let members = part.as_object_mut().unwrap();
    if !body.is_null() {
        members.insert(
            "headers".to_owned(),
            json!({"content-type": "application/json"}),
        );
        members.insert("body".to_owned(), body.clone());
    }
    members.extend(more.as_object().unwrap().clone());
    part
}

fn send(world: &World, parts: &[Json], headers: &[(&str, &str)]) -> Vec<Json> {
    let mut all = vec![("Content-Type", "application/json")];
    all.extend(headers);
    let body = json!({"requests": parts}).to_string();
    let reply = world.send("POST", "$batch", &all, body.as_bytes());
    assert_eq!(reply.status, 200, "{}: {}", world.name, reply.body);
    reply.tree()["responses"].as_array().unwrap().clone()
}

fn statuses(responses: &[Json]) -> Vec<(String, u64)> {
    let all = responses.iter();
    all.map(|r| (text(&r["id"]), r["status"].as_u64().unwrap()))
        .collect()
}

fn is(responses: &[Json], expected: &[(&str, u64)]) {
    let expected: Vec<_> = expected
        .iter()
        .map(|(n, s)| ((*n).to_owned(), *s))
        .collect();
    assert_eq!(statuses(responses), expected, "{responses:#?}");
}

#[test]
fn a_json_group_is_whole_or_not_at_all() {
    on_each_world(4, |world| {
        let before = world.dump();
        let g = json!({"atomicityGroup": "g"});
        let parts = [
            part("1", "POST", USERS, &user(1, "one"), &g),
            part("2", "POST", USERS, &user(2, "ONE"), &g),
            part("3", "POST", USERS, &user(3, "three"), &g),
        ];
        let answers = send(world, &parts, &[]);
        is(&answers, &[("1", 424), ("2", 409), ("3", 424)]);
        world.assert_unchanged(&before, "a refused group");
        let parts = [parts[0].clone(), parts[2].clone()];
        is(&send(world, &parts, &[]), &[("1", 201), ("3", 201)]);
        let sets = world.all("Systems_Core_ObjectChangesets?$select=Id");
        assert_eq!(sets.len(), 1, "one change set for the group");
    });
}

#[test]
fn json_requests_name_what_earlier_ones_made() {
    on_each_world(4, |world| {
        let groups = ids(
            world,
            GROUPS,
            "&$filter=GroupType%20eq%20'NormalUserDefinableGroup'",
        );
        let member = format!("{GROUPS}({})", groups[0]);
        let none = json!({});
        let g = json!({"atomicityGroup": "g"});
        let mut internal = user(1, "one");
        internal["UserType"] = json!("InternalUser");
        let absolute = format!("http://{}{PATH}{USERS}({})", world.host(), id(1));
        let parts = [
            part("u", "POST", USERS, &internal, &g),
            part(
                "p",
                "POST",
                "$u/Ext.SetPassword",
                &json!({"password": "correct horse battery"}),
                &g,
            ),
            part(
                "m",
                "POST",
                USER_GROUPS,
                &json!({"User@odata.bind": "$u", "Group@odata.bind": member}),
                &g,
            ),
            part("r", "GET", "$u?$expand=Groups", &Json::Null, &g),
            part(
                "n",
                "PATCH",
                "/$u",
                &json!({"Notes": "a"}),
                &json!({"dependsOn": ["g"]}),
            ),
            part(
                "a",
                "PATCH",
                &absolute,
                &json!({"Notes": "b"}),
                &json!({"dependsOn": ["n"]}),
            ),
            part("v", "GET", "$u/Notes", &Json::Null, &none),
            part("d", "DELETE", "$m", &Json::Null, &none),
        ];
        let answers = send(world, &parts, &[]);
        let expected = [
            ("u", 201),
            ("p", 204),
            ("m", 201),
            ("r", 200),
            ("n", 204),
            ("a", 204),
            ("v", 200),
            ("d", 204),
        ];
        is(&answers, &expected);
        let read = answers.iter().find(|a| a["id"] == "r").unwrap();
        assert_eq!(
            read["body"]["Groups"].as_array().unwrap().len(),
            1,
            "{read}"
        );
        let read = answers.iter().find(|a| a["id"] == "v").unwrap();
        assert_eq!(read["body"]["value"], "b");
    });
}

#[test]
fn what_depends_on_a_failure_fails_too() {
    on_each_world(4, |world| {
        let none = json!({});
        let parts = [
            part("1", "POST", USERS, &json!({"Login": 7}), &none),
            part(
                "2",
                "POST",
                USERS,
                &user(2, "two"),
                &json!({"dependsOn": ["1"]}),
            ),
            part("3", "PATCH", "$2", &json!({"Notes": "a"}), &none),
            part("4", "POST", USERS, &user(4, "four"), &none),
        ];
        let answers = send(world, &parts, &[]);
        is(&answers, &[("1", 400), ("2", 424), ("3", 424), ("4", 201)]);
        let mut again = parts.clone();
        again[3] = part("4", "POST", USERS, &user(5, "five"), &none);
        let answers = send(world, &again, &[("Prefer", "continue-on-error=false")]);
        assert_eq!(answers[0]["status"], 400);
        assert_eq!(
            world.count(&format!("{USERS}/$count?$filter=Login%20eq%20'five'")),
            0
        );
    });
}

#[test]
fn batches_that_refer_forward_or_to_nothing_change_nothing() {
    on_each_world(4, |world| {
        let before = world.dump();
        let none = json!({});
        let g = json!({"atomicityGroup": "g"});
        let one = part("1", "POST", USERS, &user(1, "one"), &g);
        let many: Vec<Json> = (0..101)
            .map(|n| {
                part(
                    &n.to_string(),
                    "POST",
                    USERS,
                    &user(n, &format!("u{n}")),
                    &none,
                )
            })
            .collect();
        let after = |name: &str| {
            part(
                "0",
                "POST",
                USERS,
                &user(9, "zero"),
                &json!({"dependsOn": [name]}),
            )
        };
        let whole = [
            json!({"requests": many}),
            json!({"requests": [after("1"), one]}),
            json!({"requests": [after("nobody")]}),
            json!({"requests": [after("0")]}),
            json!({"requests": [one, one]}),
            json!({"requests": [one, after("1"), part("2", "POST", USERS, &user(2, "two"), &g)]}),
            json!({"requests": [{"id": "1"}]}),
            json!({"requests": [null]}),
            json!({"requests": {}}),
            json!({"requests": null}),
            json!({}),
            json!([]),
            json!([null]),
            Json::Null,
        ];
        for body in whole {
            let reply = world.json("POST", "$batch", &body);
            let shown: String = body.to_string().chars().take(200).collect();
            let place = format!("{} {shown}: {} {}", world.name, reply.status, reply.body);
            assert_eq!(reply.status, 400, "{place}");
            assert!(!reply.code().is_empty(), "{place}");
            world.assert_unchanged(&before, &place);
        }
        // Understood, but the part, or its group, fails.
        for parts in [
            vec![part("1", "PATCH", "$2", &json!({"Notes": "a"}), &none)],
            vec![
                one.clone(),
                part("2", "PATCH", "$3", &json!({"Notes": "a"}), &g),
                part("3", "POST", USERS, &user(3, "three"), &g),
            ],
            vec![
                one.clone(),
                part(
                    "2",
                    "POST",
                    USER_GROUPS,
                    &json!({"User@odata.bind": "$7"}),
                    &g,
                ),
            ],
            vec![part(
                "1",
                "POST",
                USERS,
                &json!({"Domain@odata.bind": "$2"}),
                &none,
            )],
            vec![part("1", "POST", "$batch", &json!({"requests": []}), &none)],
        ] {
            let reply = world.json("POST", "$batch", &json!({"requests": parts}));
            let place = format!("{} {parts:?}: {}", world.name, reply.body);
            if reply.status == 200 {
                for answer in reply.tree()["responses"].as_array().unwrap() {
                    let status = answer["status"].as_u64().unwrap();
                    assert!((400..500).contains(&status), "{place}");
                }
            } else {
                assert_eq!(reply.status, 400, "{place}");
            }
            world.assert_unchanged(&before, &place);
        }
    });
}
