//! Whole objects: replaced, created by their key, deleted with what belongs to them, written with
//! their children and with objects around them.

use serde_json::{Value, json};

use crate::support::server::{Kind, USERS, key, link, merged, user, virtual_user};

crate::on_both!(
    a_replacement_keeps_children_and_what_is_read_only,
    unused_keys_are_created,
    deleting_takes_the_aggregate,
    what_is_referred_to_stays,
    children_are_merged_or_replaced_by_version,
    a_delta_changes_children,
    deep_inserts_make_everything,
    deep_inserts_are_whole_or_nothing,
    objects_around_are_changed_through_a_payload,
    single_properties,
    raw_values,
    an_empty_change_changes_nothing,
    what_is_not_there_is_not_found,
);

const ABSENT: &str = "00000000-0000-4000-8000-00000000abcd";

fn member(group: &str) -> Value {
    json!({"Group": link(group)})
}

fn a_replacement_keeps_children_and_what_is_read_only(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let more = json!({"Email": "a@x.example", "Notes": "n", "AccessFailedCount": 3, "Active": false,
                      "Groups": [member(&group)]});
    let ann = server.user_with("ann", more);
    server
        .ask("POST", &format!("{ann}/Ext.ConfirmEmail"))
        .expect(204);
    let created = server.stored(&ann, "CreationTimeUtc");
    let body = json!({"Login": "anne", "Name": {"DE": "Anne"}, "Email": "a@x.example"});
    server.put(&ann, &body).expect(204);
    let found = server.get(&format!("{ann}?$expand=Groups"));
    for (name, value) in [
        ("Login", json!("anne")),
        ("Name", json!({"DE": "Anne"})),
        ("Email", json!("a@x.example")),
        ("EmailConfirmed", json!(true)),
        ("Notes", Value::Null),
        ("AccessFailedCount", json!(0)),
        ("Active", json!(true)),
        ("PasswordFormat", json!("AspNetCoreV3")),
        ("CreationTimeUtc", created),
    ] {
        assert_eq!(found[name], value, "{name}");
    }
    assert_eq!(found["Groups"].as_array().unwrap().len(), 1);
    server
        .put(&ann, &json!({"Name": {"EN": "x"}}))
        .refused(422, "ValueRequired", "Login");
}

fn unused_keys_are_created(kind: Kind) {
    let server = kind.server();
    for (number, method) in ["PATCH", "PUT"].iter().enumerate() {
        let id = |n: usize| format!("00000000-0000-4000-8000-0000000000{number}{n}");
        let address = format!("{USERS}({})", id(1));
        let answer = server.with(method, &address, &user(method)).expect(201);
        assert_eq!(answer.id(), id(1));
        assert!(answer.header("location").unwrap().ends_with(&address));
        // It is there now: the same changes it.
        server.with(method, &address, &user(method)).expect(204);
        server
            .with(method, &address, &user(method))
            .header("If-None-Match", "*")
            .refused(412, "PreconditionFailed", "If-None-Match");
        let other = format!("{USERS}({})", id(2));
        let body = user(&format!("{method}2"));
        server
            .with(method, &other, &body)
            .header("If-Match", "*")
            .refused(412, "PreconditionFailed", "If-Match");
        assert_eq!(server.count(&format!("{USERS}?$filter=Id eq {}", id(2))), 0);
        server
            .with(method, &other, &body)
            .header("If-None-Match", "*")
            .prefer("return=minimal")
            .expect(204);
        assert_eq!(server.stored(&other, "Login"), format!("{method}2"));
    }
    // A change of something that is not there is no creation of half an object.
    server
        .patch(&format!("{USERS}({ABSENT})"), &json!({"Notes": "x"}))
        .refused(404, "NotFound", "");
}

fn deleting_takes_the_aggregate(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let more = json!({
        "Groups": [member(&group)],
        "ProviderLogins": [{"ProviderName": "GOOGLE", "ProviderKey": "k"}],
        "ProviderTokens": [{"LoginProviderName": "p", "TokenName": "t", "TokenValue": "v"}],
    });
    let (ann, bob) = (server.user_with("ann", more), server.user("bob"));
    let of_bob = json!({"Groups": [member(&group)]});
    server.change(&bob, &of_bob);
    let answer = server.delete(&ann).expect(204);
    assert!(answer.body.is_empty());
    assert_eq!(server.count(USERS), 1);
    assert_eq!(server.count("Systems_Security_UserGroups"), 1);
    assert_eq!(server.count("Systems_Security_UserProviderLogins"), 0);
    assert_eq!(server.count("Systems_Security_UserProviderTokens"), 0);
    server.get(&group);
    server.delete(&ann).refused(404, "NotFound", "");
}

fn what_is_referred_to_stays(kind: Kind) {
    let server = kind.server();
    let person = server.create(
        "General_Contacts_Persons",
        &json!({"FirstName": {"EN": "P"}}),
    );
    let group = server.group("G");
    let more = json!({"Person": link(&person), "Groups": [member(&group)]});
    let ann = server.user_with("ann", more);
    for (target, referrer) in [
        (&person, "Systems_Security_Users/Person"),
        (&group, "Systems_Security_UserGroups/Group"),
    ] {
        let answer = server
            .delete(target)
            .refused(409, "StillReferenced", referrer);
        assert!(answer.text().contains("refers to it"), "{answer}");
    }
    let notice = json!({"NotificationClass": "NT_SOC_X", "User": link(&ann)});
    let notice = server.create("Systems_Core_Notifications", &notice);
    server
        .delete(&ann)
        .refused(409, "StillReferenced", "Systems_Core_Notifications/User");
    assert_eq!(server.count(&format!("{ann}/Groups")), 1);
    server.delete(&notice).expect(204);
    server.delete(&ann).expect(204);
    server.delete(&person).expect(204);
    assert_eq!(server.count("General_Contacts_Parties"), 0);
}

/// `product.md`, section 15.
fn children_are_merged_or_replaced_by_version(kind: Kind) {
    let server = kind.server();
    let groups: Vec<String> = (0..4).map(|_| server.group("G")).collect();
    let both = json!({"Groups": [member(&groups[0]), member(&groups[1])]});
    let ann = server.user_with("ann", both);
    let mine = || {
        let rows = server.rows(&format!("{ann}/Groups?$select=Group"));
        let of = |row: &Value| row["Group"]["@odata.id"].as_str().unwrap().to_owned();
        let mut found: Vec<String> = rows.iter().map(of).collect();
        found.sort();
        found
    };
    let before = server.rows(&format!("{ann}/Groups"));
    let change = json!({"Groups": [member(&groups[1]), member(&groups[2])]});
    server.change(&ann, &change);
    assert_eq!(mine(), groups[..3]);
    // What a client takes says nothing of what it sends.
    for header in ["OData-Version: 4.0", "OData-MaxVersion: 4.01"] {
        let (name, value) = header.split_once(": ").unwrap();
        server.patch(&ann, &change).header(name, value).expect(204);
        assert_eq!(mine(), groups[..3], "{header}");
    }
    let replaced = json!({"Groups": [member(&groups[1]), member(&groups[3])]});
    server
        .patch(&ann, &replaced)
        .header("OData-Version", "4.01")
        .expect(204);
    assert_eq!(mine(), [groups[1].clone(), groups[3].clone()]);
    // What stays is the same row.
    let rows = server.rows(&format!("{ann}/Groups"));
    let kept = |row: &Value| before.iter().any(|b| b["Id"] == row["Id"]);
    assert_eq!(rows.iter().filter(|row| kept(row)).count(), 1);
    server
        .patch(&ann, &json!({"Groups": []}))
        .header("OData-Version", "4.01")
        .expect(204);
    assert!(mine().is_empty());
}

fn a_delta_changes_children(kind: Kind) {
    let server = kind.server();
    let groups: Vec<String> = (0..3).map(|_| server.group("G")).collect();
    let both = json!({"Groups": [member(&groups[0]), member(&groups[1])]});
    let ann = server.user_with("ann", both);
    let row_of = |group: &str| {
        let rows = server.rows(&format!(
            "Systems_Security_UserGroups?$filter=Group eq '{group}'"
        ));
        format!(
            "Systems_Security_UserGroups({})",
            rows[0]["Id"].as_str().unwrap()
        )
    };
    let (first, second) = (row_of(&groups[0]), row_of(&groups[1]));
    let delta = json!({"Groups@delta": [
        {"@removed": {"reason": "deleted"}, "@odata.id": first},
        member(&groups[2]),
    ]});
    server.change(&ann, &delta);
    assert_eq!(server.count(&format!("{ann}/Groups")), 2);
    server.ask("GET", &first).expect(404);
    // In 4.01 a delta still is one.
    let delta = json!({"Groups@delta": [{"@removed": {}, "@id": second}]});
    server
        .patch(&ann, &delta)
        .header("OData-Version", "4.01")
        .expect(204);
    assert_eq!(server.count(&format!("{ann}/Groups")), 1);
    let gone = server.patch(&ann, &delta).expect(404);
    assert_eq!(gone.faults()[0].1, "Groups/0", "{gone}");
    let nameless = json!({"Groups@delta": [{"@removed": {}}]});
    server
        .patch(&ann, &nameless)
        .refused(400, "InvalidPayload", "Groups/0");
    // The child of another user.
    let bob = server.user_with("bob", json!({"Groups": [member(&groups[0])]}));
    let other = server.rows(&format!("{bob}/Groups"))[0]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let theft = json!({"Groups@delta": [
        {"@removed": {}, "@odata.id": format!("Systems_Security_UserGroups({other})")}]});
    server.patch(&ann, &theft).expect(404);
    assert_eq!(server.count(&format!("{bob}/Groups")), 1);
}

fn deep_inserts_make_everything(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let body = merged(
        user("ann"),
        json!({
            "Person": {"FirstName": {"EN": "Ann"}, "LastName": {"EN": "Lee"},
                       "@erpnet.action": "create"},
            "Domain": {"Name": "new domain", "@erpnet.action": "merge",
                       "Providers": []},
            "Groups": [member(&group), {"Group": {"Name": {"EN": "made here"}, "@erpnet.action": "create"}}],
        }),
    );
    let answer = server
        .post(&format!("{USERS}?$select=Login&$expand=Person($select=PartyName),Domain($select=Name),Groups($expand=Group($select=Name))"), &body)
        .expect(201)
        .json();
    assert_eq!(answer["Person"]["PartyName"]["EN"], "Ann Lee");
    assert_eq!(answer["Domain"]["Name"], "new domain");
    let names = answer["Groups"].as_array().unwrap();
    assert!(
        names
            .iter()
            .any(|row| row["Group"]["Name"]["EN"] == "made here")
    );
    assert!(answer.get("Notes").is_none());
    // The person of a patch: a new one, then the same changed.
    let bob = server.user("bob");
    let person = json!({"Person": {"FirstName": {"EN": "Bob"}, "LastName": {"EN": "B"}}});
    server.change(&bob, &person);
    let found = server.get(&format!("{bob}/Person"));
    assert_eq!(found["PartyName"]["EN"], "Bob B");
    assert_eq!(server.count("General_Contacts_Persons"), 2);
}

fn deep_inserts_are_whole_or_nothing(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    for (bad, status, target) in [
        (
            json!({"LastName": {"EN": "x".repeat(65)}}),
            422,
            "Person/LastName/EN",
        ),
        (json!({"Gender": "Martian"}), 400, "Person/Gender"),
        (json!({"Surname": "x"}), 400, "Person/Surname"),
    ] {
        let person = merged(
            json!({"FirstName": {"EN": "A"}, "@erpnet.action": "create"}),
            bad,
        );
        let more = json!({"Person": person, "Groups": [member(&group)]});
        let answer = server
            .post(USERS, &merged(user("ann"), more))
            .expect(status);
        assert_eq!(answer.faults()[0].1, target, "{answer}");
    }
    let absent = format!("Systems_Security_Groups({ABSENT})");
    let more = json!({
        "Person": {"FirstName": {"EN": "A"}, "@erpnet.action": "create"},
        "Groups": [member(&group), member(&absent)],
    });
    server.post(USERS, &merged(user("ann"), more)).refused(
        422,
        "UnknownReference",
        "Groups/1/Group",
    );
    // A circle: the owner of a child inside of the child.
    let circle = json!({"Groups": [{"Group": link(&group), "User": user("inner")}]});
    server.post(USERS, &merged(user("ann"), circle)).refused(
        400,
        "InvalidPayload",
        "Groups/0/User",
    );
    // Another: an object that gives itself other values inside of itself.
    let inner = json!({"Id": ABSENT, "@odata.type": "#Erp.General_Contacts_Person",
                       "FirstName": {"EN": "inner"}});
    let circle = json!({"Id": ABSENT, "FirstName": {"EN": "outer"}, "ParentParty": inner});
    server
        .post("General_Contacts_Persons", &circle)
        .refused(400, "InvalidPayload", "ParentParty");
    for set in [
        USERS,
        "General_Contacts_Persons",
        "Systems_Security_UserGroups",
    ] {
        assert_eq!(server.count(set), 0, "{set}");
    }
    assert_eq!(server.count("Systems_Core_ObjectChangesets"), 0);
}

fn objects_around_are_changed_through_a_payload(kind: Kind) {
    let server = kind.server();
    let person = server.create(
        "General_Contacts_Persons",
        &json!({"FirstName": {"EN": "A"}}),
    );
    let ann = server.user_with("ann", json!({"Person": link(&person)}));
    let change =
        json!({"Person": {"@odata.id": person, "Notes": "seen", "@erpnet.action": "update"}});
    server.change(&ann, &change);
    assert_eq!(server.stored(&person, "Notes"), "seen");
    // A reference without an action finds what only names it, and merges the rest.
    let merge = json!({"Person": {"@odata.id": person, "Notes": "again"}});
    server.change(&ann, &merge);
    assert_eq!(server.stored(&person, "Notes"), "again");
    assert_eq!(server.count("General_Contacts_Persons"), 1);
}

fn single_properties(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Notes": "n"}));
    let notes = format!("{ann}/Notes");
    for method in ["PUT", "PATCH"] {
        let answer = server
            .with(method, &notes, &json!({"value": method}))
            .expect(204);
        assert!(answer.body.is_empty());
        assert_eq!(server.stored(&ann, "Notes"), method);
        assert_eq!(
            answer.header("etag").map(str::to_owned),
            server
                .ask("GET", &ann)
                .expect(200)
                .header("etag")
                .map(str::to_owned)
        );
    }
    let answer = server
        .put(&notes, &json!({"value": "shown"}))
        .prefer("return=representation")
        .expect(200);
    assert_eq!(answer.json()["value"], "shown");
    server.delete(&notes).expect(204);
    assert_eq!(server.stored(&ann, "Notes"), Value::Null);
    server.put(&notes, &json!({"value": null})).expect(204);
    let login = format!("{ann}/Login");
    server.delete(&login).refused(422, "ValueRequired", "Login");
    server
        .put(&login, &json!({"value": "x".repeat(65)}))
        .refused(422, "ValueTooLong", "Login");
    server
        .put(&login, &json!({"value": 5}))
        .refused(400, "TypeMismatch", "Login");
    server
        .put(&login, &json!({"Login": "x"}))
        .refused(400, "InvalidPayload", "");
    server
        .put(&format!("{ann}/EmailConfirmed"), &json!({"value": true}))
        .refused(400, "ReadOnlyAttribute", "EmailConfirmed");
    server
        .put(&format!("{ann}/Id"), &json!({"value": ABSENT}))
        .refused(400, "ReadOnlyAttribute", "Id");
    server
        .put(&format!("{ann}/Nots"), &json!({"value": "x"}))
        .refused(400, "UnknownProperty", "Nots");
    server
        .put(&format!("{ann}/DefaultLanguage"), &json!({"value": "xx"}))
        .refused(422, "R36747", "DefaultLanguage");
    server
        .put(&format!("{USERS}({ABSENT})/Notes"), &json!({"value": "x"}))
        .refused(404, "NotFound", "");
    // Through a reference.
    let person = server.create(
        "General_Contacts_Persons",
        &json!({"FirstName": {"EN": "A"}}),
    );
    server.change(&ann, &json!({"Person": link(&person)}));
    server
        .put(&format!("{ann}/Person/Notes"), &json!({"value": "far"}))
        .expect(204);
    assert_eq!(server.stored(&person, "Notes"), "far");
    server
        .patch(&format!("{ann}/Person"), &json!({"Notes": "near"}))
        .expect(204);
    assert_eq!(server.stored(&person, "Notes"), "near");
}

fn raw_values(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let raw = |name: &str, media: &str, text: &str| {
        let target = format!("{ann}/{name}/$value");
        server.ask("PUT", &target).body(media, text.as_bytes())
    };
    for (name, text, value) in [
        ("Notes", "Ан, \"quoted\"\n", json!("Ан, \"quoted\"\n")),
        ("AccessFailedCount", "7", json!(7)),
        ("Active", "false", json!(false)),
        ("UserType", "SystemUserNoLogin", json!("SystemUserNoLogin")),
        ("Notes", "null", json!("null")),
        ("Notes", "", json!("")),
    ] {
        raw(name, "text/plain", text).expect(204);
        assert_eq!(server.stored(&ann, name), value, "{name}");
    }
    raw("Notes", "text/plain;charset=utf-8", "x").expect(204);
    raw("Notes", "image/png", "x").refused(415, "UnsupportedMediaType", "Content-Type");
    raw("Login", "text/plain", &"x".repeat(65)).refused(422, "ValueTooLong", "Login");
    server.delete(&format!("{ann}/Notes/$value")).expect(204);
    assert_eq!(server.stored(&ann, "Notes"), Value::Null);
}

fn an_empty_change_changes_nothing(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let before = server.get(&format!("{ann}?$select=ObjectVersion,*"));
    let sets = server.count("Systems_Core_ObjectChangesets");
    for body in [json!({}), json!({"Login": "ann"}), json!({"Name": {}})] {
        let answer = server.patch(&ann, &body).expect(204);
        let tag = format!("W/\"{}\"", before["ObjectVersion"]);
        assert_eq!(answer.header("etag"), Some(tag.as_str()));
    }
    assert_eq!(
        server.get(&format!("{ann}?$select=ObjectVersion,*")),
        before
    );
    assert_eq!(server.count("Systems_Core_ObjectChangesets"), sets);
    let bare = server
        .ask("PATCH", &ann)
        .body("application/json", "")
        .send();
    assert_eq!(bare.status, 400, "{bare}");
}

fn what_is_not_there_is_not_found(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &virtual_user("ann"));
    let absent = format!("{USERS}({ABSENT})");
    for request in [
        server.delete(&absent),
        server.patch(&absent, &json!({})),
        server.put(&format!("{absent}/Person/$ref"), &link(&ann)),
        server.delete(&format!("{absent}/Person/$ref")),
        server.patch(&format!("{ann}/Person"), &json!({"Notes": "x"})),
        server.delete(&format!("{ann}/Person")),
        server.ask("POST", &format!("{absent}/Ext.ConfirmEmail")),
        server.patch(&format!("{ann}/Groups({ABSENT})"), &json!({})),
    ] {
        let answer = request.send();
        assert!(matches!(answer.status, 400 | 404), "{answer}");
    }
    assert_eq!(server.count(USERS), 1);
    assert_eq!(server.stored(&ann, "Id"), key(&ann));
}
