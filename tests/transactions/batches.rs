//! Batches inside transactions.

use serde_json::{Value as Json, json};

use super::kit::{Inside, USERS, begin, virtual_user};
use super::support::world::{on_each_world, text};

fn batch(inside: &Inside<'_>, requests: &Json) -> Vec<Json> {
    let reply = inside.done("POST", "$batch", &json!({"requests": requests}));
    assert_eq!(reply.status, 200, "{}", reply.body);
    reply.tree()["responses"].as_array().unwrap().clone()
}

#[test]
fn a_batch_is_one_of_its_transaction() {
    on_each_world(0, |world| {
        let before = world.dump();
        let inside = begin(world, &json!({}));
        let answers = batch(
            &inside,
            &json!([
                {"id": "a", "atomicityGroup": "g", "method": "POST", "url": USERS,
                 "headers": {"content-type": "application/json"}, "body": virtual_user("a")},
                {"id": "b", "atomicityGroup": "g", "method": "PATCH", "url": "$a",
                 "headers": {"content-type": "application/json"}, "body": {"Notes": "by name"}},
                {"id": "c", "dependsOn": ["g"], "method": "GET", "url": "$a"},
                {"id": "d", "method": "GET", "url": format!("{USERS}?$filter=Login eq 'a'&$select=Notes")},
            ]),
        );
        let statuses: Vec<_> = answers.iter().map(|a| a["status"].clone()).collect();
        assert_eq!(statuses, [201, 204, 200, 200], "{answers:?}");
        assert_eq!(answers[2]["body"]["Notes"], "by name");
        assert_eq!(answers[3]["body"]["value"][0]["Notes"], "by name");
        // A change set that fails leaves nothing, and the rest as it was.
        let answers = batch(
            &inside,
            &json!([
                {"id": "a", "atomicityGroup": "g", "method": "POST", "url": USERS,
                 "headers": {"content-type": "application/json"}, "body": virtual_user("never")},
                {"id": "b", "atomicityGroup": "g", "method": "PATCH", "url": "$a",
                 "headers": {"content-type": "application/json"}, "body": {"Nonsense": 1}},
            ]),
        );
        assert_eq!(answers[1]["status"], 400, "{answers:?}");
        let logins = inside.get(&format!(
            "{USERS}?$select=Login&$orderby=Login&$filter=startswith(Login,'a') or Login eq 'never'"
        ));
        assert_eq!(logins.as_array().unwrap().len(), 1);
        world.assert_unchanged(&before, "a batch");
        inside.commit();
        assert_eq!(
            world.count(&format!("{USERS}/$count?$filter=Login%20eq%20'a'")),
            1
        );
    });
}

#[test]
fn the_parts_of_a_change_set_share_one_transaction() {
    on_each_world(0, |world| {
        let (one, other) = (begin(world, &json!({})), begin(world, &json!({})));
        let part = |id: &str, transaction: &Inside<'_>| {
            json!({"id": id, "atomicityGroup": "g", "method": "POST", "url": USERS,
                   "headers": {"content-type": "application/json", "transactionid": transaction.id},
                   "body": virtual_user(id)})
        };
        let mixed = json!({"requests": [part("a", &one), part("b", &other)]});
        let reply = world.json("POST", "$batch", &mixed).tree();
        assert_eq!(
            reply["responses"][1]["body"]["error"]["code"], "InvalidBatch",
            "{reply}"
        );
        let same = json!({"requests": [part("a", &one), part("b", &one)]});
        let reply = world.json("POST", "$batch", &same).tree();
        assert_eq!(reply["responses"][1]["status"], 201, "{reply}");
        assert_eq!(
            text(&one.get(&format!("{USERS}?$filter=Login eq 'b'"))[0]["Login"]),
            "b"
        );
        assert_eq!(
            other.get(&format!("{USERS}?$filter=Login eq 'b'")),
            json!([])
        );
        for method in ["BeginTransaction", "EndTransaction"] {
            let framed = json!({"requests": [
                {"id": "a", "atomicityGroup": "g", "method": "POST", "url": method,
                 "headers": {"content-type": "application/json"}, "body": {}},
                part("b", &one),
            ]});
            let reply = world.json("POST", "$batch", &framed).tree();
            assert_eq!(
                reply["responses"][0]["body"]["error"]["code"], "InvalidBatch",
                "{reply}"
            );
        }
    });
}
