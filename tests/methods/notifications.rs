//! `CreateNotification` (S1-67).

use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use userdex::access::Scopes;
use userdex::service::Notice;

use crate::kit::{NOTIFICATIONS, Person, notification, notify, with_subject};
use crate::support::server::{Kind, Server, USERS, key, merged, user, without};

crate::on_both!(
    a_notification_is_stored,
    what_it_is_about_is_its_aggregate,
    missing_and_wrong_arguments_are_told,
    it_needs_no_right_but_to_see,
    it_is_told_to_listeners,
    it_is_sent_once_for_a_repeated_request,
);

fn the_one(server: &Server, subject: &str) -> Value {
    let rows = with_subject(server, subject);
    assert_eq!(rows.len(), 1, "{rows:?}");
    rows[0].clone()
}

fn a_notification_is_stored(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (
        server.create(USERS, &user("ann")),
        server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}})),
    );
    let before = server.stored(&group, "ObjectVersion");
    let answer = server
        .post(&notify(&group), &notification(&ann, "a"))
        .expect(204);
    assert!(answer.body.is_empty());
    assert!(answer.header("etag").is_some());
    let row = the_one(&server, "a");
    assert_eq!(row["NotificationClass"], "NT_SOC_NEW_POST");
    assert_eq!(
        (&row["Priority"], &row["IsRead"]),
        (&json!("Normal"), &json!(false))
    );
    assert_eq!(row["User"]["@odata.id"], ann.as_str());
    let about = format!("Systems_Core_ExtensibleDataObjects({})", key(&group));
    assert_eq!(row["DataObject"]["@odata.id"], about);
    assert_eq!(server.get(&about)["EntityType"], "Systems.Security.Groups");
    // The object itself has not changed.
    assert_eq!(server.stored(&group, "ObjectVersion"), before);
    let urgent = merged(notification(&ann, "b"), json!({"priority": "Urgent"}));
    server.post(&notify(&group), &urgent).expect(204);
    assert_eq!(the_one(&server, "b")["Priority"], "Urgent");
    let unset = merged(notification(&ann, "c"), json!({"priority": null}));
    server.post(&notify(&group), &unset).expect(204);
    assert_eq!(the_one(&server, "c")["Priority"], "Normal");
    let named = merged(notification(&ann, "d"), json!({"user": ann.as_str()}));
    server.post(&notify(&group), &named).expect(204);
    the_one(&server, "d");
    server
        .post(&notify(&group), &notification(&ann, "e"))
        .header("If-Match", "W/\"77\"")
        .refused(412, "PreconditionFailed", "If-Match");
    assert!(with_subject(&server, "e").is_empty());
}

fn what_it_is_about_is_its_aggregate(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let group = server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}}));
    let member = json!({"Group": {"@odata.id": group}});
    let member = server
        .post(&format!("{ann}/Groups"), &member)
        .expect(201)
        .id();
    let member = format!("Systems_Security_UserGroups({member})");
    server
        .post(&notify(&member), &notification(&ann, "part"))
        .expect(204);
    let about = format!("Systems_Core_ExtensibleDataObjects({})", key(&ann));
    assert_eq!(the_one(&server, "part")["DataObject"]["@odata.id"], about);
    server
        .post(&notify(&about), &notification(&ann, "object"))
        .expect(204);
    assert_eq!(the_one(&server, "object")["DataObject"]["@odata.id"], about);
}

fn missing_and_wrong_arguments_are_told(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let good = notification(&ann, "a");
    let call = |body: &Value| server.post(&notify(&ann), body);
    for name in ["user", "notificationClass", "subject"] {
        call(&without(good.clone(), name)).refused(400, "InvalidPayload", name);
        let null = merged(good.clone(), json!({name: null}));
        call(&null).refused(400, "InvalidPayload", name);
    }
    let nobody = format!("{USERS}(00000000-0000-0000-0000-000000000007)");
    let group = server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}}));
    for (change, status, code, target) in [
        (
            json!({"user": {"@odata.id": nobody}}),
            404,
            "NotFound",
            "user",
        ),
        (
            json!({"user": {"@odata.id": group}}),
            400,
            "TypeMismatch",
            "user",
        ),
        (
            json!({"user": {"@odata.id": "ann"}}),
            400,
            "InvalidValue",
            "user",
        ),
        (json!({"user": {}}), 400, "InvalidPayload", "user"),
        (json!({"user": 1}), 400, "InvalidPayload", "user"),
        (
            json!({"subject": "x".repeat(257)}),
            422,
            "ValueTooLong",
            "Subject",
        ),
        (json!({"subject": 1}), 400, "TypeMismatch", "subject"),
        (
            json!({"notificationClass": "nonsense"}),
            422,
            "R35312",
            "NotificationClass",
        ),
        (
            json!({"priority": "Loud"}),
            400,
            "UnknownEnumMember",
            "Priority",
        ),
        (json!({"priority": 3}), 400, "TypeMismatch", "priority"),
        (json!({"more": 1}), 400, "UnknownProperty", "more"),
    ] {
        call(&merged(good.clone(), change)).refused(status, code, target);
    }
    call(&json!([])).refused(400, "InvalidPayload", "");
    server.ask("POST", &notify(&ann)).expect(400);
    assert_eq!(server.count(NOTIFICATIONS), 0);
    let longest = merged(good, json!({"subject": "ж".repeat(256)}));
    call(&longest).expect(204);
    assert_eq!(server.count(NOTIFICATIONS), 1);
}

fn it_needs_no_right_but_to_see(kind: Kind) {
    let server = kind.server();
    let (ann, ben) = (Person::new(&server, "ann"), Person::new(&server, "ben"));
    // She sees nobody but herself.
    let body = notification(&ann.address, "me");
    ann.asks(server.post("Ext.Me/CreateNotification", &body))
        .expect(204);
    the_one(&server, "me");
    let body = notification(&ben.address, "him");
    ann.asks(server.post("Ext.Me/CreateNotification", &body))
        .refused(404, "NotFound", "user");
    ann.may(&server, USERS, &json!({}));
    ann.asks(server.post(&notify(&ben.address), &body))
        .expect(204);
    let row = the_one(&server, "him");
    assert_eq!(row["User"]["@odata.id"], ben.address.as_str());
    let reads_only = Person::of(&server, ann.address.clone(), Scopes::parse("read"));
    reads_only
        .asks(server.post(&notify(&ben.address), &body))
        .refused(403, "Forbidden", "");
}

fn it_is_told_to_listeners(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let heard = Arc::new(Mutex::new(Vec::<Notice>::new()));
    let ears = Arc::clone(&heard);
    server.service.listen(Arc::new(move |notices| {
        ears.lock().unwrap().extend_from_slice(notices);
    }));
    server
        .post(&notify(&ann), &notification(&ann, "a"))
        .expect(204);
    let row = the_one(&server, "a");
    let heard_now = std::mem::take(&mut *heard.lock().unwrap());
    assert_eq!(heard_now.len(), 1);
    assert_eq!(heard_now[0].id.to_string(), row["Id"].as_str().unwrap());
    assert_eq!(heard_now[0].user.to_string(), key(&ann));
    let nonsense = merged(notification(&ann, "b"), json!({"notificationClass": "x"}));
    server.post(&notify(&ann), &nonsense).expect(422);
    // Rules notify too, once their change is stored.
    let admin = server.user_with("boss", json!({"IsAdmin": true}));
    assert!(heard.lock().unwrap().is_empty());
    server.user_with("stranger", json!({"UserType": "ExternalCommunityUser"}));
    let heard = heard.lock().unwrap();
    assert!(
        heard
            .iter()
            .any(|notice| notice.user.to_string() == key(&admin)),
        "{heard:?}"
    );
}

fn it_is_sent_once_for_a_repeated_request(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    for _ in 0..2 {
        server
            .post(&notify(&ann), &notification(&ann, "once"))
            .repeatable("7d0c")
            .expect(204);
    }
    the_one(&server, "once");
}
