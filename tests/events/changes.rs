//! Changes of the sets that somebody asks for and may read.

use serde_json::{Value, json};

use crate::kit::{GROUPS, Person, about, group, notify, of};
use crate::support::server::{Kind, Server, USERS, link};

crate::on_both!(
    what_happens_to_objects_is_told,
    only_the_sets_that_were_asked_for,
    a_base_set_stands_for_what_extends_it,
    hidden_rows_are_told_to_nobody,
    closed_attributes_are_not_named,
    deletions_are_told_to_those_who_see_everything,
    sets_that_cannot_be_heard_of_are_refused,
    rights_hold_from_when_they_are_given,
);

fn what_happens_to_objects_is_told(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    let mut stream = boss.listen(&server, &format!("?sets={GROUPS},{USERS}"));
    let made = group(&server, "G");
    let data = stream.expect("created");
    assert_eq!(about(&data), of(GROUPS, &made));
    assert!(data["version"].is_i64() && data.get("attributes").is_none());
    server.change(&made, &json!({"Name": {"EN": "H"}, "Notes": "n"}));
    let data = stream.expect("changed");
    assert_eq!(about(&data), of(GROUPS, &made));
    assert_eq!(data["attributes"], json!(["Name", "Notes"]));
    assert_eq!(data["version"], server.stored(&made, "ObjectVersion"));
    // Nothing that differs, nothing told.
    server.change(&made, &json!({"Notes": "n"}));
    server.delete(&made).expect(204);
    let data = stream.expect("deleted");
    assert_eq!(
        (about(&data), &data["version"]),
        (of(GROUPS, &made), &Value::Null)
    );
    // That a password changed is told without its name: nobody reads it.
    let ann = server.user("ann");
    assert_eq!(about(&stream.expect("created")), of(USERS, &ann));
    let body = json!({"Notes": "x", "@ext.initialPassword": "another horse 8"});
    server.change(&ann, &body);
    let names = stream.expect("changed")["attributes"].clone();
    let names: Vec<&str> = names
        .as_array()
        .unwrap()
        .iter()
        .flat_map(Value::as_str)
        .collect();
    assert!(
        names.contains(&"Notes") && !names.contains(&"Password"),
        "{names:?}"
    );
}

fn a_base_set_stands_for_what_extends_it(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    let mut stream = boss.listen(&server, "?sets=General_Contacts_Parties");
    let persons = "General_Contacts_Persons";
    let vic = server.create(persons, &json!({"FirstName": {"EN": "Vic"}}));
    assert_eq!(about(&stream.expect("created")), of(persons, &vic));
    let party = vic.replace("Persons", "Parties");
    server.change(&party, &json!({"GLN": "1234567890123"}));
    let data = stream.expect("changed");
    assert_eq!(about(&data), of(persons, &vic));
    assert!(
        data["attributes"]
            .as_array()
            .unwrap()
            .contains(&json!("GLN"))
    );
}

fn only_the_sets_that_were_asked_for(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    let mut none = boss.listen(&server, "");
    let mut groups = boss.listen(&server, &format!("?sets={GROUPS}"));
    let ann = server.user("ann");
    let made = group(&server, "G");
    assert_eq!(about(&groups.expect("created")), of(GROUPS, &made));
    server.change(&ann, &json!({"Notes": "n"}));
    notify(&server, &boss.address, "last");
    assert_eq!(none.expect("notification")["subject"], "last");
    assert_eq!(groups.expect("notification")["subject"], "last");
    // One's own notification is told once, also where its set is asked for.
    let mut own = boss.listen(&server, "?sets=Systems_Core_Notifications");
    notify(&server, &boss.address, "once");
    notify(&server, &ann, "of others");
    assert_eq!(own.expect("notification")["subject"], "once");
    let others = about(&own.expect("created"));
    assert_eq!(others.0, "Systems_Core_Notifications");
}

/// Gives somebody the right to read active users.
fn reads_active(server: &Server, person: &Person) {
    let right = json!({"CanRead": true, "RecordFilter": "Active eq true"});
    person.may(server, USERS, &right);
}

fn hidden_rows_are_told_to_nobody(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    reads_active(&server, &ann);
    let mut stream = ann.listen(&server, &format!("?sets={USERS}"));
    let hidden = server.user_with("hidden", json!({"Active": false}));
    server.change(&hidden, &json!({"Notes": "n"}));
    let ben = server.user("ben");
    assert_eq!(about(&stream.expect("created")), of(USERS, &ben));
    // What becomes visible is told, what becomes hidden is not.
    server.change(&hidden, &json!({"Active": true}));
    assert_eq!(about(&stream.expect("changed")), of(USERS, &hidden));
    server.change(&ben, &json!({"Active": false}));
    server.change(&hidden, &json!({"Notes": "m"}));
    assert_eq!(about(&stream.expect("changed")), of(USERS, &hidden));
}

fn closed_attributes_are_not_named(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    reads_active(&server, &ann);
    let made = json!({"Name": {"EN": "K"}, "EntityName": "Sec_Users"});
    let access = server.create("Systems_Security_AccessKeys", &made);
    let closed =
        json!({"TableName": "Sec_Users", "ColumnName": "Notes", "AccessKey": link(&access)});
    server.create("Systems_Security_ColumnPermissions", &closed);
    let boss = Person::admin(&server, "boss");
    let query = format!("?sets={USERS}");
    let (mut to_ann, mut to_boss) = (ann.listen(&server, &query), boss.listen(&server, &query));
    let ben = server.user("ben");
    to_ann.expect("created");
    to_boss.expect("created");
    server.change(&ben, &json!({"Notes": "n", "Name": {"EN": "Benjamin"}}));
    assert_eq!(to_ann.expect("changed")["attributes"], json!(["Name"]));
    assert_eq!(
        to_boss.expect("changed")["attributes"],
        json!(["Name", "Notes"])
    );
}

fn deletions_are_told_to_those_who_see_everything(kind: Kind) {
    let server = kind.server();
    let (ann, ben) = (Person::new(&server, "ann"), Person::new(&server, "ben"));
    let some = json!({"CanRead": true, "RecordFilter": "contains(Name,'open')"});
    ann.may(&server, GROUPS, &some);
    ben.may(&server, GROUPS, &json!({"CanRead": true}));
    let query = format!("?sets={GROUPS}");
    let (mut to_ann, mut to_ben) = (ann.listen(&server, &query), ben.listen(&server, &query));
    let open = |name: &str| json!({"Name": {"EN": format!("open {name}")}});
    let made = server.create(GROUPS, &open("G"));
    for stream in [&mut to_ann, &mut to_ben] {
        assert_eq!(about(&stream.expect("created")), of(GROUPS, &made));
    }
    server.delete(&made).expect(204);
    let next = server.create(GROUPS, &open("H"));
    assert_eq!(about(&to_ben.expect("deleted")), of(GROUPS, &made));
    for stream in [&mut to_ann, &mut to_ben] {
        assert_eq!(about(&stream.expect("created")), of(GROUPS, &next));
    }
}

fn sets_that_cannot_be_heard_of_are_refused(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    let query = |set: &str| format!("?sets={set}");
    let told = |answer: crate::support::http::Answer| answer.text().to_owned();
    let refused = ann
        .ask(&server, "GET", &query(USERS))
        .refused(403, "Forbidden", "sets");
    assert!(!told(refused).contains("you may hear of Systems_Security_Users"));
    reads_active(&server, &ann);
    for (set, status, code) in [
        ("Nothing", 400, "InvalidOption"),
        (GROUPS, 403, "Forbidden"),
        ("Systems_Security_UserProviderTokens", 403, "Forbidden"),
    ] {
        let query = query(&format!("{USERS},{set}"));
        let refused = ann
            .ask(&server, "GET", &query)
            .refused(status, code, "sets");
        let text = told(refused);
        assert!(
            text.contains(set) && text.contains("you may hear of"),
            "{text}"
        );
        assert!(text.contains(USERS), "{text}");
    }
    // Its changes leave no trace in the log.
    let boss = Person::admin(&server, "boss");
    boss.ask(&server, "GET", &query("Systems_Security_Domains"))
        .refused(400, "InvalidOption", "sets");
    boss.ask(&server, "HEAD", &query("Nothing")).expect(400);
    boss.ask(&server, "HEAD", &query(USERS)).expect(200);
}

fn rights_hold_from_when_they_are_given(kind: Kind) {
    let server = kind.server();
    let ann = Person::new(&server, "ann");
    let some = json!({"CanRead": true, "RecordFilter": "Login eq 'first'"});
    ann.may(&server, USERS, &some);
    let mut stream = ann.listen(&server, &format!("?sets={USERS}"));
    server.user("second");
    notify(&server, &ann.address, "the second is past");
    stream.expect("notification");
    let role = server.create("Systems_Security_Roles", &json!({"Name": "R"}));
    let body = json!({"EntitySet": USERS, "CanRead": true, "Role": link(&role)});
    let right = server.create("Ext_EntityPermissions", &body);
    let body = json!({"User": link(&ann.address), "Role": link(&role)});
    server.create("Systems_Security_RoleUsers", &body);
    let third = server.user("third");
    assert_eq!(about(&stream.expect("created")), of(USERS, &third));
    server.delete(&right).expect(204);
    server.user("fourth");
    notify(&server, &ann.address, "the fourth is past");
    stream.expect("notification");
    // Whoever may read nothing of a set any more listens to it no more.
    let permissions = server.rows("Ext_EntityPermissions?$select=Id");
    for row in permissions {
        let id = row["Id"].as_str().unwrap();
        server
            .delete(&format!("Ext_EntityPermissions({id})"))
            .expect(204);
    }
    stream.ends();
}
