//! Notifications are their user's alone: the base predicate, and `IsRead`.

use serde_json::json;
use userdex::access::Scopes;

use crate::kit::{NOTIFICATIONS, Person, notification, notify};
use crate::support::server::{Kind, Server, link};

crate::on_both!(
    everybody_sees_their_own,
    rights_show_no_others,
    only_what_is_read_is_marked,
    all_are_marked_at_once,
);

/// Ann and Ben, each with a notification; their addresses.
fn both(server: &Server) -> (Person, Person, String, String) {
    let (ann, ben) = (Person::new(server, "ann"), Person::new(server, "ben"));
    let told = |person: &Person, subject: &str| {
        let to = &person.address;
        server
            .post(&notify(to), &notification(to, subject))
            .expect(204);
        let rows = server.rows(&format!("{NOTIFICATIONS}?$filter=Subject eq '{subject}'"));
        format!("{NOTIFICATIONS}({})", rows[0]["Id"].as_str().unwrap())
    };
    let (to_ann, to_ben) = (told(&ann, "to ann"), told(&ben, "to ben"));
    (ann, ben, to_ann, to_ben)
}

fn sees(server: &Server, person: &Person) -> Vec<String> {
    let rows = person.asks(server.ask("GET", &format!("{NOTIFICATIONS}?$count=true")));
    let page = rows.expect(200).json();
    let rows = page["value"].as_array().unwrap();
    assert_eq!(page["@odata.count"], rows.len());
    let subjects = rows
        .iter()
        .map(|row| row["Subject"].as_str().unwrap().to_owned());
    subjects.collect()
}

fn everybody_sees_their_own(kind: Kind) {
    let server = kind.server();
    let (ann, ben, to_ann, to_ben) = both(&server);
    assert_eq!(sees(&server, &ann), ["to ann"]);
    assert_eq!(sees(&server, &ben), ["to ben"]);
    ann.asks(server.ask("GET", &to_ann)).expect(200);
    ann.asks(server.ask("GET", &to_ben))
        .refused(404, "NotFound", "");
    let found = format!("{NOTIFICATIONS}/$count?$filter=Subject eq 'to ben'");
    assert_eq!(ann.asks(server.ask("GET", &found)).expect(200).text(), "0");
    // Administrators see all.
    assert_eq!(server.rows(NOTIFICATIONS).len(), 2);
}

fn rights_show_no_others(kind: Kind) {
    let server = kind.server();
    let (ann, _ben, to_ann, to_ben) = both(&server);
    let all = json!({"CanCreate": true, "CanUpdate": true, "CanDelete": true});
    ann.may(&server, NOTIFICATIONS, &all);
    assert_eq!(sees(&server, &ann), ["to ann"]);
    ann.asks(server.delete(&to_ben)).expect(404);
    ann.asks(server.patch(&to_ben, &json!({"IsRead": true})))
        .expect(404);
    ann.asks(server.patch(&to_ann, &json!({"Subject": "x"})))
        .refused(403, "Forbidden", "Subject");
    ann.asks(server.delete(&to_ann)).expect(204);
    assert_eq!(server.rows(NOTIFICATIONS).len(), 1);
}

fn only_what_is_read_is_marked(kind: Kind) {
    let server = kind.server();
    let (ann, ben, to_ann, to_ben) = both(&server);
    ann.asks(server.patch(&to_ann, &json!({"IsRead": true})))
        .expect(204);
    assert_eq!(server.stored(&to_ann, "IsRead"), true);
    ann.asks(server.patch(&to_ann, &json!({"IsRead": false})))
        .expect(204);
    assert_eq!(server.stored(&to_ann, "IsRead"), false);
    for (change, target) in [
        (json!({"Subject": "x"}), "Subject"),
        (json!({"Priority": "Low"}), "Priority"),
        (
            json!({"IsRead": true, "NotificationClass": "NT_AB_x"}),
            "NotificationClass",
        ),
        (json!({"DataObject": null}), "DataObject"),
    ] {
        let patch = server.patch(&to_ann, &change);
        ann.asks(patch).refused(403, "Forbidden", target);
    }
    let given = json!({"User": link(&ben.address)});
    let status = ann.asks(server.patch(&to_ann, &given)).send().status;
    assert!((400..500).contains(&status), "{status}");
    ann.asks(server.patch(&to_ben, &json!({"IsRead": true})))
        .expect(404);
    ann.asks(server.delete(&to_ann))
        .refused(403, "Forbidden", "");
    ann.asks(server.post(
        NOTIFICATIONS,
        &json!({"NotificationClass": "NT_AB_x",
        "User": link(&ann.address)}),
    ))
    .expect(403);
    assert_eq!(server.stored(&to_ben, "IsRead"), false);
    assert_eq!(server.stored(&to_ann, "IsRead"), false);
}

fn all_are_marked_at_once(kind: Kind) {
    let server = kind.server();
    let (ann, _ben, to_ann, to_ben) = both(&server);
    let to = &ann.address;
    server
        .post(&notify(to), &notification(to, "more"))
        .expect(204);
    for name in ["MarkNotificationsRead", "Ext.MarkNotificationsRead()"] {
        let answer = ann.asks(server.ask("POST", name)).expect(204);
        assert!(answer.body.is_empty());
        assert_eq!(
            server.count(&format!("{NOTIFICATIONS}?$filter=IsRead eq false")),
            1
        );
        assert_eq!(server.stored(&to_ann, "IsRead"), true);
        assert_eq!(server.stored(&to_ben, "IsRead"), false);
    }
    ann.asks(server.post("MarkNotificationsRead", &json!({"a": 1})))
        .refused(400, "UnknownProperty", "a");
    let answer = ann
        .asks(server.ask("GET", "MarkNotificationsRead"))
        .expect(405);
    assert_eq!(answer.header("allow"), Some("POST, OPTIONS"));
    let reads_only = Person::of(&server, ann.address.clone(), Scopes::parse("read"));
    reads_only
        .asks(server.ask("POST", "MarkNotificationsRead"))
        .refused(403, "Forbidden", "");
    let bound = format!("{}/Ext.MarkNotificationsRead", ann.address);
    server.post(&bound, &json!({})).refused(404, "NotFound", "");
}
