//! What the client of a transaction is told: `GetChanges`, `WaitForChanges`.

use serde_json::json;

use super::kit::{USERS, begin, create, virtual_user};
use super::support::world::{on_each_world, text};

#[test]
fn changes_are_told_once() {
    on_each_world(0, |world| {
        let ann = create(world, USERS, &virtual_user("ann"));
        let bob = create(world, USERS, &virtual_user("bob"));
        let (ann_path, bob_path) = (format!("{USERS}({ann})"), format!("{USERS}({bob})"));
        let inside = begin(world, &json!({"trackChanges": true}));
        inside.done(
            "PATCH",
            &ann_path,
            &json!({"Notes": "one", "UserType": "SystemUserNoLogin"}),
        );
        assert_eq!(
            inside.changes(),
            json!({"update": {USERS: {&ann: {"Notes": "one", "UserType": "SystemUserNoLogin"}}}})
        );
        // Back to what it was is a change since then.
        inside.done("PATCH", &ann_path, &json!({"Notes": null}));
        assert_eq!(
            inside.changes(),
            json!({"update": {USERS: {&ann: {"Notes": null}}}})
        );
        // There and back between two calls is none.
        inside.done("PATCH", &ann_path, &json!({"Notes": "two"}));
        inside.done("PATCH", &ann_path, &json!({"Notes": null}));
        assert_eq!(inside.changes(), json!({}));
        let new = inside.done("POST", USERS, &virtual_user("new"));
        let new = text(&new.tree()["Id"]);
        inside.done("DELETE", &bob_path, &json!({}));
        let changes = inside.changes();
        assert_eq!(changes["delete"], json!({USERS: {&bob: {}}}));
        assert_eq!(changes["insert"][USERS][&new]["Login"], "new");
        inside.done("DELETE", &format!("{USERS}({new})"), &json!({}));
        assert_eq!(inside.changes(), json!({"delete": {USERS: {&new: {}}}}));
        inside.done(
            "POST",
            &format!("{ann_path}/Ext.SetPassword"),
            &json!({"password": "Other-5678"}),
        );
        // The password itself is told to nobody.
        assert_eq!(
            inside.changes(),
            json!({"update": {USERS: {&ann: {"PasswordFormat": "AspNetCoreV3"}}}})
        );
        inside.commit();
        assert_eq!(world.send("GET", &bob_path, &[], b"").status, 404);
        assert_eq!(world.get(&ann_path)["UserType"], "SystemUserNoLogin");
    });
}

#[test]
fn changes_are_told_of_transactions_that_track_them() {
    on_each_world(0, |world| {
        let inside = begin(world, &json!({}));
        for function in [
            "GetChanges",
            "GetChanges()",
            "WaitForChanges()",
            "Erp.GetChanges",
        ] {
            let refused = inside.send("GET", function, None);
            assert_eq!(
                (refused.status, refused.code().as_str()),
                (400, "InvalidTransaction"),
                "{function}"
            );
            let refused = world.send("GET", function, &[], b"");
            assert_eq!(refused.code(), "InvalidTransaction", "{function}");
        }
    });
}

#[test]
fn who_waits_hears_of_the_next_change() {
    on_each_world(0, |world| {
        let inside = begin(world, &json!({"trackChanges": true}));
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| inside.send("GET", "WaitForChanges()", None));
            inside.done("POST", USERS, &virtual_user("new"));
            let told = waiting.join().unwrap();
            assert_eq!(told.status, 200, "{}", told.body);
            let sets = &told.tree()["insert"][USERS];
            assert_eq!(sets.as_object().unwrap().len(), 1, "{}", told.body);
        });
        // The end is heard too.
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| inside.send("GET", "WaitForChanges()", None));
            assert_eq!(inside.end(false).status, 204);
            let told = waiting.join().unwrap();
            assert_eq!(
                (told.status, told.code().as_str()),
                (400, "InvalidTransaction")
            );
        });
    });
}
