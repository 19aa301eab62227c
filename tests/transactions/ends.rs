//! How transactions end: saved, refused, corrected.

use serde_json::json;

use super::kit::{USERS, begin, create, virtual_user};
use super::support::world::{World, on_each_world, text};

fn user(world: &World, login: &str) -> String {
    create(world, USERS, &virtual_user(login))
}

#[test]
fn what_others_changed_meanwhile_is_not_overwritten() {
    on_each_world(0, |world| {
        let [changed, gone, child_of] =
            ["changed", "gone", "parent"].map(|login| user(world, login));
        let group = create(
            world,
            "Systems_Security_Groups",
            &json!({"Name": {"EN": "G"}}),
        );
        let member = json!({"User@odata.bind": format!("{USERS}({child_of})"),
                            "Group@odata.bind": format!("Systems_Security_Groups({group})")});
        let member = create(world, "Systems_Security_UserGroups", &member);
        let notes = json!({"Notes": "inside"});
        let membership = format!("Systems_Security_UserGroups({member})");
        // What the transaction does, what somebody else does, and what they both do it to.
        for (inner, outer, named) in [
            (
                ("PATCH", format!("{USERS}({changed})")),
                ("PATCH", format!("{USERS}({changed})")),
                &changed,
            ),
            (
                ("DELETE", format!("{USERS}({changed})")),
                ("PATCH", format!("{USERS}({changed})")),
                &changed,
            ),
            (
                ("PATCH", format!("{USERS}({gone})")),
                ("DELETE", format!("{USERS}({gone})")),
                &gone,
            ),
            // The aggregate counts as one.
            (
                ("DELETE", membership),
                ("PATCH", format!("{USERS}({child_of})")),
                &member,
            ),
        ] {
            let inside = begin(world, &json!({}));
            inside.done("POST", USERS, &virtual_user("beside"));
            inside.done(inner.0, &inner.1, &notes);
            let reply = world.json(outer.0, &outer.1, &json!({"Notes": inner.0}));
            assert_eq!(reply.status, 204, "{}", reply.body);
            let before = world.dump();
            let refused = inside.end(true);
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (412, "PreconditionFailed")
            );
            let target = text(&refused.tree()["error"]["target"]);
            assert!(target.contains(named.as_str()), "{target}");
            world.assert_unchanged(&before, "a refused end");
            // It is still open, and can only be dropped.
            assert_eq!(inside.end(true).status, 412);
            assert_eq!(inside.end(false).status, 204);
            assert_eq!(inside.end(false).status, 400);
        }
    });
}

#[test]
fn what_rises_without_a_version_is_taken_as_it_is() {
    on_each_world(0, |world| {
        let ann = user(world, "ann");
        let inside = begin(world, &json!({}));
        let path = format!("{USERS}({ann})");
        inside.done("PATCH", &path, &json!({"Notes": "inside"}));
        // A failed sign-in is counted beside the version.
        let login = json!({"user": "ann", "pass": "wrong"});
        let _ = world.store.session().unwrap();
        count_failure(world, &ann);
        assert_eq!(world.get(&path)["AccessFailedCount"], 1, "{login}");
        inside.commit();
        let saved = world.get(&path);
        assert_eq!(
            (&saved["Notes"], &saved["AccessFailedCount"]),
            (&json!("inside"), &json!(1))
        );
    });
}

/// Counts a failed sign-in, as the story of signing in does.
fn count_failure(world: &World, user: &str) {
    use userdex::model::Table;
    use userdex::plan::{WritePlan, WriteStep};
    use userdex::value::Value;
    let table = world.model.set(USERS).unwrap();
    let column = world
        .model
        .table(table)
        .find("Access_Failed_Count")
        .unwrap();
    assert_ne!(column, Table::KEY);
    let step = WriteStep::Update {
        table,
        key: user.parse().unwrap(),
        values: vec![(column, Value::Integer(1))],
        path: String::new(),
        request: 0,
    };
    let plan = WritePlan { steps: vec![step] };
    world.store.write(|w| w.run(&world.model, &plan)).unwrap();
}

#[test]
fn what_is_wrong_can_be_put_right() {
    on_each_world(0, |world| {
        user(world, "taken");
        let inside = begin(world, &json!({"trackChanges": true}));
        let made = inside.done("POST", USERS, &virtual_user("taken"));
        let id = text(&made.tree()["Id"]);
        let path = format!("{USERS}({id})");
        let before = world.dump();
        // The values of another object; then a rule; then what the model demands.
        let refused = inside.end(true);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (409, "NotUnique"),
            "{}",
            refused.body
        );
        let target = text(&refused.tree()["error"]["target"]);
        assert_eq!(target, format!("{path}/Login"));
        inside.done(
            "PATCH",
            &path,
            &json!({"Login": "free", "UserType": "InternalUser"}),
        );
        let refused = inside.end(true);
        assert_eq!((refused.status, refused.code().as_str()), (422, "R35716"));
        inside.done(
            "PATCH",
            &path,
            &json!({"UserType": "VirtualUserNoLogin", "Name": null}),
        );
        let refused = inside.end(true);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "ValueRequired"),
            "{}",
            refused.body
        );
        world.assert_unchanged(&before, "a refused end");
        inside.done("PATCH", &path, &json!({"Name": {"EN": "Free"}}));
        inside.commit();
        assert_eq!(world.get(&path)["Login"], "free");
        assert_eq!(world.get(&path)["ObjectVersion"], json!(null));
    });
}

#[test]
fn a_refused_request_leaves_everything_as_it_was() {
    on_each_world(0, |world| {
        let ann = user(world, "ann");
        let path = format!("{USERS}({ann})");
        let inside = begin(world, &json!({"trackChanges": true}));
        inside.done("PATCH", &path, &json!({"Notes": "one"}));
        let seen = inside.get(&path);
        for (body, code) in [
            (json!({"Notes": "two", "Nonsense": 1}), "UnknownProperty"),
            (
                json!({"Notes": "two", "AccessFailedCount": -1}),
                "ValueOutOfRange",
            ),
            (
                json!({"Notes": "two", "ObjectVersion": 17}),
                "PreconditionFailed",
            ),
            (
                json!({"Notes": "two", "Person@odata.bind": format!("General_Contacts_Persons({ann})")}),
                "UnknownReference",
            ),
        ] {
            let refused = inside.send("PATCH", &path, Some(&body));
            assert_eq!(refused.code(), code, "{}: {}", world.name, refused.body);
            assert_eq!(inside.get(&path), seen);
        }
        // A condition is held against what is stored, as the end will be.
        let headers = |tag| [("TransactionId", inside.id.as_str()), ("If-Match", tag)];
        let stale = world.send("PATCH", &path, &headers("W/\"7\""), b"{}");
        assert_eq!(stale.status, 412);
        let body = json!({"Notes": "two"}).to_string();
        let tag = world.send("GET", &path, &[], b"");
        let tag = tag.header("ETag").unwrap();
        for _ in 0..2 {
            let fits = world.send("PATCH", &path, &headers(tag), body.as_bytes());
            assert_eq!(fits.status, 204, "{}", fits.body);
        }
        inside.commit();
        assert_eq!(world.get(&path)["Notes"], "two");
    });
}

#[test]
fn history_tells_of_one_change() {
    on_each_world(0, |world| {
        let ann = user(world, "ann");
        let sets = |world: &World| world.count("Systems_Core_ObjectChangesets/$count");
        let before = sets(world);
        let inside = begin(world, &json!({}));
        for n in 0..3 {
            inside.done(
                "PATCH",
                &format!("{USERS}({ann})"),
                &json!({"Notes": n.to_string()}),
            );
        }
        inside.done("POST", USERS, &virtual_user("bob"));
        assert_eq!(sets(world), before);
        inside.commit();
        assert_eq!(sets(world), before + 1);
        let version = world.get(&format!("{USERS}({ann})?$select=ObjectVersion"));
        assert_eq!(version["ObjectVersion"], 2);
    });
}

#[test]
fn what_is_referred_to_may_go_meanwhile() {
    on_each_world(0, |world| {
        let ann = user(world, "ann");
        let name = json!({"Name": {"EN": "G"}});
        let group = create(world, "Systems_Security_Groups", &name);
        let group = format!("Systems_Security_Groups({group})");
        let inside = begin(world, &json!({}));
        let member = json!({"Group@odata.bind": group});
        inside.done("POST", &format!("{USERS}({ann})/Groups"), &member);
        assert_eq!(world.send("DELETE", &group, &[], b"").status, 204);
        let before = world.dump();
        let refused = inside.end(true);
        assert_eq!(
            (refused.status, refused.code().as_str()),
            (422, "UnknownReference"),
            "{}: {}",
            world.name,
            refused.body
        );
        world.assert_unchanged(&before, "a refused end");
        let path = format!("{USERS}({ann})/Groups?$select=Id");
        let id = text(&inside.get(&path)[0]["Id"]);
        let member = format!("Systems_Security_UserGroups({id})");
        inside.done("DELETE", &member, &json!({}));
        inside.commit();
    });
}

#[test]
fn requests_of_one_transaction_wait_for_each_other() {
    on_each_world(0, |world| {
        let inside = begin(world, &json!({}));
        std::thread::scope(|scope| {
            for number in 0..8 {
                let inside = &inside;
                scope.spawn(move || {
                    let body = virtual_user(&format!("n{number}"));
                    inside.done("POST", USERS, &body);
                    inside.get(&format!("{USERS}?$filter=startswith(Login,'n')"));
                });
            }
        });
        inside.commit();
        let found = format!("{USERS}/$count?$filter=startswith(Login,'n')");
        assert_eq!(world.count(&found), 8, "{}", world.name);
    });
}

#[test]
fn an_end_whose_answer_was_lost_is_asked_for_again() {
    on_each_world(0, |world| {
        let told = |reply: &super::support::world::Reply| {
            let error = &reply.tree()["error"];
            (text(&error["code"]), text(&error["details"][0]["message"]))
        };
        let inside = begin(world, &json!({}));
        inside.done("POST", USERS, &virtual_user("saved"));
        inside.commit();
        let before = world.dump();
        let message = format!("Invalid TransactionId {}", inside.id);
        for _ in 0..2 {
            let again = inside.end(true);
            assert_eq!(again.status, 400, "{}", again.body);
            assert_eq!(text(&again.tree()["error"]["message"]), message);
            let (code, help) = told(&again);
            assert_eq!(code, "TransactionSaved");
            assert!(help.contains("saved"), "{help}");
        }
        // What asks for something else than what was done is refused.
        for over in [inside.end(false), inside.send("GET", USERS, None)] {
            let (code, help) = told(&over);
            assert_eq!(code, "InvalidTransaction");
            assert!(help.contains("all of it was saved"), "{help}");
        }
        let dropped = begin(world, &json!({}));
        assert_eq!(dropped.end(false).status, 204);
        for commit in [true, false] {
            let (code, help) = told(&dropped.end(commit));
            assert_eq!(code, "InvalidTransaction");
            assert!(help.contains("dropped"), "{help}");
        }
        world.assert_unchanged(&before, "an end that is sent again");
    });
}

#[test]
fn ends_at_the_same_time_save_once() {
    on_each_world(0, |world| {
        let inside = begin(world, &json!({}));
        inside.done("POST", USERS, &virtual_user("once"));
        let mut statuses: Vec<String> = std::thread::scope(|scope| {
            let ending: Vec<_> = (0..4).map(|_| scope.spawn(|| inside.end(true))).collect();
            let replies = ending.into_iter().map(|thread| thread.join().unwrap());
            replies
                .map(|reply| match reply.status {
                    204 => "done".to_owned(),
                    _ => reply.code(),
                })
                .collect()
        });
        statuses.sort();
        let saved = "TransactionSaved";
        assert_eq!(statuses, [saved, saved, saved, "done"], "{}", world.name);
        assert_eq!(
            world.count(&format!("{USERS}/$count?$filter=Login%20eq%20'once'")),
            1
        );
    });
}
