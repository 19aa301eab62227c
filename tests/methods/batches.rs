//! Methods inside batches: in JSON, with atomicity groups that stand and that fall.

use serde_json::{Value, json};

use crate::kit::{notification, notify, with_subject};
use crate::support::server::{Kind, Server, USERS, link, user, virtual_user};

crate::on_both!(
    functions_are_parts_of_batches,
    a_notification_outlives_its_change_set,
    a_wrong_notification_undoes_its_change_set,
    a_new_object_can_be_told_of,
);

/// Sends a JSON batch; the statuses of its answers and their bodies.
fn batch(server: &Server, requests: &Value) -> Vec<(u64, Value)> {
    let body = json!({"requests": requests});
    let answer = server
        .post("$batch", &body)
        .prefer("odata.continue-on-error")
        .expect(200)
        .json();
    let answers = answer["responses"].as_array().unwrap().iter();
    answers
        .map(|a| (a["status"].as_u64().unwrap(), a["body"].clone()))
        .collect()
}

fn request(id: &str, group: Option<&str>, method: &str, url: &str, body: &Value) -> Value {
    let mut request = json!({"id": id, "method": method, "url": url});
    if !body.is_null() {
        request["body"] = body.clone();
        request["headers"] = json!({"Content-Type": "application/json"});
    }
    if let Some(group) = group {
        request["atomicityGroup"] = json!(group);
    }
    request
}

fn functions_are_parts_of_batches(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let none = Value::Null;
    let answers = batch(
        &server,
        &json!([
            request("1", None, "get", "GetVersion", &none),
            request(
                "2",
                None,
                "get",
                "GetRenamedEntityTypes()?$top=1&$count=true",
                &none
            ),
            request("3", None, "post", "GetVersion()", &json!({})),
            request("4", None, "get", &notify(&ann), &none),
            request("5", None, "get", "GetRepositoryEvents", &none),
            request(
                "6",
                None,
                "post",
                &notify(&ann),
                &notification(&ann, "batch")
            ),
        ]),
    );
    let statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [200, 200, 405, 405, 400, 204]);
    assert_eq!(answers[0].1["version"], env!("CARGO_PKG_VERSION"));
    assert_eq!(answers[1].1["value"].as_array().unwrap().len(), 1);
    assert_eq!(with_subject(&server, "batch").len(), 1);
}

fn a_notification_outlives_its_change_set(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let login = json!({"Login": "ann"});
    let answers = batch(
        &server,
        &json!([
            request("1", Some("g"), "post", USERS, &virtual_user("ben")),
            request(
                "2",
                Some("g"),
                "post",
                &notify(&ann),
                &notification(&ann, "stays")
            ),
            // The login is taken.
            request("3", Some("g"), "post", USERS, &virtual_user("ann")),
        ]),
    );
    assert!(
        answers.iter().all(|(status, _)| *status >= 400),
        "{answers:?}"
    );
    assert_eq!(server.count(&format!("{USERS}?$filter=Login eq 'ben'")), 0);
    assert_eq!(with_subject(&server, "stays").len(), 1);
    let answers = batch(
        &server,
        &json!([
            request("1", Some("g"), "patch", &ann, &json!({"Notes": "new"})),
            request(
                "2",
                Some("g"),
                "post",
                &notify(&ann),
                &notification(&ann, "both")
            ),
        ]),
    );
    let statuses: Vec<_> = answers.iter().map(|(status, _)| *status).collect();
    assert_eq!(statuses, [204, 204], "{answers:?}");
    assert_eq!(with_subject(&server, "both").len(), 1);
    assert_eq!(server.stored(&ann, "Notes"), "new");
    assert_eq!(server.stored(&ann, "Login"), login["Login"]);
}

fn a_wrong_notification_undoes_its_change_set(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let mut nonsense = notification(&ann, "wrong");
    nonsense["notificationClass"] = json!("nonsense");
    let answers = batch(
        &server,
        &json!([
            request("1", Some("g"), "patch", &ann, &json!({"Notes": "new"})),
            request("2", Some("g"), "post", &notify(&ann), &nonsense),
            request(
                "3",
                Some("g"),
                "post",
                &notify(&ann),
                &notification(&ann, "right")
            ),
        ]),
    );
    assert_eq!(answers[1].0, 422, "{answers:?}");
    assert_eq!(answers[1].1["error"]["code"], "R35312");
    assert_eq!(server.stored(&ann, "Notes"), Value::Null);
    assert!(with_subject(&server, "wrong").is_empty());
    // It stands alone: what others of the set are refused for does not concern it.
    assert_eq!(with_subject(&server, "right").len(), 1);
}

fn a_new_object_can_be_told_of(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let mut body = notification(&ann, "new");
    body["user"] = link("$1");
    let set = |second: &Value| {
        json!([
            request("1", Some("g"), "post", USERS, &virtual_user("ben")),
            request("2", Some("g"), "post", "$1/CreateNotification", &body),
            second,
        ])
    };
    let bad = request("3", Some("g"), "post", USERS, &virtual_user("ann"));
    batch(&server, &set(&bad));
    // Neither the object nor the user is there.
    assert!(with_subject(&server, "new").is_empty());
    let good = request("3", Some("g"), "post", USERS, &virtual_user("carl"));
    let answers = batch(&server, &set(&good));
    assert!(
        answers.iter().all(|(status, _)| *status < 300),
        "{answers:?}"
    );
    assert_eq!(with_subject(&server, "new").len(), 1);
}
