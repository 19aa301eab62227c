//! Notifications reach their user, and nobody else (S1-67).

use serde_json::{Value, json};

use crate::kit::{EVENTS, Person, group, notify};
use crate::support::http::Request;
use crate::support::server::{Kind, key, link};

crate::on_both!(
    a_notification_reaches_its_user_and_nobody_else,
    what_it_is_about_is_told_to_those_who_see_it,
    the_head_says_what_it_is,
    nobody_else_listens,
);

fn a_notification_reaches_its_user_and_nobody_else(kind: Kind) {
    let server = kind.server();
    let (ann, ben) = (Person::new(&server, "ann"), Person::new(&server, "ben"));
    let boss = Person::admin(&server, "boss");
    let mut streams = [&ann, &ann, &ben, &boss].map(|person| person.listen(&server, ""));
    notify(&server, &ann.address, "for ann");
    notify(&server, &ben.address, "for ben");
    notify(&server, &boss.address, "for boss");
    // What comes first is what is one's own.
    let expected = ["for ann", "for ann", "for ben", "for boss"];
    for (stream, subject) in streams.iter_mut().zip(expected) {
        let data = stream.expect("notification");
        assert_eq!(data["subject"], subject);
        assert_eq!(data["class"], "NT_SOC_NEW_POST");
        assert_eq!(data["priority"], "Normal");
        let set = "Systems_Core_Notifications";
        let id = data["id"].as_str().unwrap();
        assert_eq!(server.get(&format!("{set}({id})"))["Subject"], subject);
    }
    // Also one that an administrator writes by hand.
    let body = json!({"Subject": "by hand", "NotificationClass": "NT_SOC_NEW_POST", "Priority": "Urgent", "User": link(&ann.address)});
    let made = server.create("Systems_Core_Notifications", &body);
    let data = streams[0].expect("notification");
    assert_eq!(
        (&data["id"], &data["priority"]),
        (&json!(key(&made)), &json!("Urgent"))
    );
}

fn what_it_is_about_is_told_to_those_who_see_it(kind: Kind) {
    let server = kind.server();
    let (ann, ben) = (Person::admin(&server, "ann"), Person::new(&server, "ben"));
    let objects = "Systems_Core_ExtensibleDataObjects";
    let (mut to_ann, mut to_ben) = (ann.listen(&server, ""), ben.listen(&server, ""));
    let group = group(&server, "G");
    for to in [&ann, &ben] {
        let body = json!({"user": link(&to.address), "notificationClass": "NT_SOC_NEW_POST", "subject": "s"});
        server
            .post(&format!("{group}/CreateNotification"), &body)
            .expect(204);
    }
    let about = format!("{objects}({})", key(&group));
    let told = to_ann.expect("notification");
    assert_eq!(told["dataObject"], about.as_str());
    let about = json!({"set": crate::kit::GROUPS, "id": key(&group)});
    assert_eq!(told["about"], about);
    // Whoever is told of an object may know which it is, and no more.
    let told = to_ben.expect("notification");
    assert_eq!(
        (&told["dataObject"], &told["about"]),
        (&Value::Null, &about)
    );
    ben.reads(&server, &group).expect(403);
    let body = json!({"Subject": "of nothing", "NotificationClass": "NT_SOC_NEW_POST", "User": link(&ben.address)});
    server.create("Systems_Core_Notifications", &body);
    assert_eq!(to_ben.expect("notification")["about"], Value::Null);
}

fn the_head_says_what_it_is(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    let stream = ann.listen(&server, "");
    let head = stream.head.to_lowercase();
    for line in [
        "content-type: text/event-stream",
        "cache-control: no-store",
        "x-accel-buffering: no",
        "transfer-encoding: chunked",
    ] {
        assert!(head.contains(line), "{line}\n{head}");
    }
    let only = ann.ask(&server, "HEAD", "").expect(200);
    assert_eq!(only.header("content-type"), Some("text/event-stream"));
    assert!(only.body.is_empty());
    let options = ann.ask(&server, "OPTIONS", "").expect(204);
    assert_eq!(options.header("allow"), Some("GET, HEAD, OPTIONS"));
    ann.ask(&server, "POST", "")
        .refused(405, "MethodNotAllowed", "");
}

fn nobody_else_listens(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    Request::new(server.address, "GET", EVENTS)
        .anonymous()
        .refused(401, "SignInRequired", "");
    let scopes = userdex::access::Scopes::NONE;
    let blind = Person::with(&server, ann.address.clone(), scopes);
    blind.ask(&server, "GET", "").refused(403, "Forbidden", "");
    let query = "?sets=a&sets=b";
    ann.ask(&server, "GET", query)
        .refused(400, "InvalidOption", "sets");
    ann.ask(&server, "GET", "?x=1")
        .refused(400, "InvalidOption", "x");
}
