//! Every action, every way to find, and the transactions of an import.

use serde_json::{Value, json};

use crate::kit::{USER, import, logins, object, states};
use crate::support::server::{Kind, USERS, link, merged, virtual_user, without};

crate::on_both!(
    every_action_does_what_it_says,
    objects_are_found_in_every_way,
    one_bad_object_concerns_no_other,
    all_objects_are_one_transaction,
    what_changes_nothing_is_unchanged,
    what_hangs_together_is_as_if_alone,
    objects_hold_others_and_name_earlier_ones,
    many_objects_meet_their_own_fates,
    history_and_audit_tell_of_it,
);

const PERSONS: &str = "Erp.General_Contacts_Person";

fn every_action_does_what_it_says(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &virtual_user("ann"));
    let find = |action: &str, login: &str| json!({"@odata.type": USER, "@erpnet.action": action, "Login": login, "Notes": "n"});
    for (given, state) in [
        (object("create", "bob"), "Added"),
        (object("create", "bob"), "NotUnique"),
        (without(object("x", "bea"), "@erpnet.action"), "Added"),
        (find("update", "ann"), "Modified"),
        (find("update", "ann"), "Unchanged"),
        (find("update", "nobody"), "NotFound"),
        (find("find", "ann"), "Unchanged"),
        (find("find", "nobody"), "NotFound"),
        (find("findOrNull", "ann"), "Unchanged"),
        (find("findOrNull", "nobody"), "Unchanged"),
        (find("findSingle", "ann"), "Unchanged"),
        (find("findSingle", "nobody"), "NotFound"),
        (find("findSingleOrNull", "nobody"), "Unchanged"),
        (object("findOrCreate", "ann"), "Unchanged"),
        (object("findOrCreate", "cid"), "Added"),
        (object("merge", "dan"), "Added"),
        (
            merged(object("merge", "dan"), json!({"Notes": "x"})),
            "Modified",
        ),
        (find("delete", "dan"), "Deleted"),
        (find("delete", "dan"), "NotFound"),
        (find("destroy", "dan"), "InvalidValue"),
    ] {
        let answer = import(&server, "per-object", std::slice::from_ref(&given));
        assert_eq!(states(&answer), [state], "{given} {answer}");
        let is_good = state.ends_with("ed");
        let word = if is_good { "success" } else { "fail" };
        let found = &answer["objects"][0];
        assert_eq!(answer["@erpnet.result"], word, "{answer}");
        assert_eq!(found["@erpnet.result"], word, "{answer}");
        assert_eq!(found["@erpnet.message"].is_null(), is_good, "{answer}");
        let is_null = !is_good || given["Login"] == "nobody";
        assert_eq!(found["@odata.id"].is_null(), is_null, "{answer}");
        if given["Login"] == "ann" && is_good {
            assert_eq!(found["@odata.id"], ann.as_str());
        }
    }
    assert_eq!(server.stored(&ann, "Notes"), "n");
    assert_eq!(server.count(USERS), 4);
}

fn objects_are_found_in_every_way(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &virtual_user("ann"));
    let person = server.create(
        "General_Contacts_Persons",
        &json!({"NationalNumber": "1", "LastName": {"EN": "Fox"}, "ExternalId": "7", "ExternalSystem": "S"}),
    );
    let of = |of: &str, keys: Value| json!({"@odata.type": of, "@erpnet.action": "find", "@erpnet.findBy": keys});
    let id = ann.split(['(', ')']).nth(1).unwrap();
    for (given, address) in [
        (of(USER, json!({"Code": "ANN"})), &ann),
        (of(USER, json!({"Name": "aN"})), &ann),
        (of(USER, json!({"Id": id, "Code": "nobody"})), &ann),
        (
            of(PERSONS, json!({"ExternalId": "7", "ExternalSystem": "S"})),
            &person,
        ),
        (
            json!({"@odata.type": USER, "@erpnet.action": "find", "Id": id}),
            &ann,
        ),
        (
            json!({"@odata.type": USER, "@erpnet.action": "find", "@odata.id": ann}),
            &ann,
        ),
    ] {
        let answer = import(&server, "per-object", std::slice::from_ref(&given));
        assert_eq!(
            answer["objects"][0]["@odata.id"],
            address.as_str(),
            "{given} {answer}"
        );
    }
}

fn one_bad_object_concerns_no_other(kind: Kind) {
    let server = kind.server();
    server.create(USERS, &virtual_user("taken"));
    let mut objects: Vec<_> = (0..9).map(|n| object("create", &format!("u{n}"))).collect();
    objects[2]["Login"] = json!("x".repeat(65));
    objects[4]["Login"] = json!(5);
    objects[5]["Login"] = json!("taken");
    objects[6] = json!("text");
    objects[7] = json!({"Login": "a"});
    let answer = import(&server, "per-object", &objects);
    let expected = [
        "Added",
        "Added",
        "ValueTooLong",
        "Added",
        "TypeMismatch",
        "NotUnique",
        "TypeMismatch",
        "InvalidPayload",
        "Added",
    ];
    assert_eq!(states(&answer), expected, "{answer}");
    assert_eq!(answer["@erpnet.result"], "fail");
    for (number, place) in [
        (2, "`objects/2/Login`: "),
        (4, "`objects/4/Login`: "),
        (6, "`objects/6`: an object is wanted here, not a text"),
        (7, "`objects/7/@odata.type`: "),
    ] {
        let message = answer["objects"][number]["@erpnet.message"]
            .as_str()
            .unwrap();
        assert!(message.starts_with(place), "{message}");
    }
    assert_eq!(logins(&server, "u"), 4);
    let log = answer["data-exchange"].as_str().unwrap();
    assert!(
        log.starts_with("objects/0: Added Systems_Security_Users("),
        "{log}"
    );
    assert!(
        log.contains("\nobjects/2: refused: `objects/2/Login`: "),
        "{log}"
    );
    assert!(
        log.ends_with("4 added, 0 changed, 0 deleted, 0 unchanged, 5 refused"),
        "{log}"
    );
}

fn all_objects_are_one_transaction(kind: Kind) {
    let server = kind.server();
    server.create(USERS, &virtual_user("taken"));
    let good = |n: usize| object("create", &format!("u{n}"));
    for bad in [
        object("create", "taken"),
        object("create", "y\u{0}"),
        json!(1),
    ] {
        let objects = [good(0), good(1), bad, good(3)];
        let answer = import(&server, "all-objects", &objects);
        let word = states(&answer);
        assert_eq!(word[0], "FailedDependency", "{answer}");
        assert_ne!(word[2], "FailedDependency", "{answer}");
        assert_eq!(answer["@erpnet.result"], "fail");
        let message = answer["objects"][3]["@erpnet.message"].as_str().unwrap();
        assert!(message.contains("because of `objects/2`"), "{message}");
        assert_eq!(logins(&server, "u"), 0);
    }
    let all: Vec<_> = (0..900).map(good).collect();
    let answer = import(&server, "all-objects", &all);
    assert!(states(&answer).iter().all(|state| state == "Added"));
    let mut all: Vec<_> = (900..1800).map(good).collect();
    all.push(object("create", "taken"));
    assert!(
        states(&import(&server, "all-objects", &all))
            .iter()
            .all(|s| s != "Added")
    );
    assert_eq!(logins(&server, "u"), 900);
}

fn what_changes_nothing_is_unchanged(kind: Kind) {
    let server = kind.server();
    let user = merged(
        object("merge", "ann"),
        json!({"Notes": "a", "Active": true}),
    );
    for transaction in ["per-object", "all-objects"] {
        import(&server, transaction, std::slice::from_ref(&user));
        let row = format!("{USERS}?$filter=Login eq 'ann'&$select=ObjectVersion,Id");
        let before = server.rows(&row);
        let changes = server.count("Systems_Core_ObjectChangesets");
        let answer = import(&server, transaction, std::slice::from_ref(&user));
        assert_eq!(states(&answer), ["Unchanged"], "{answer}");
        assert_eq!(answer["@erpnet.result"], "success");
        assert_eq!(server.rows(&row), before);
        assert_eq!(server.count("Systems_Core_ObjectChangesets"), changes);
    }
}

/// Objects that touch the same things must not be written as one change.
fn what_hangs_together_is_as_if_alone(kind: Kind) {
    for transaction in ["per-object", "all-objects"] {
        let server = kind.server();
        let notes = |text: &str| merged(object("merge", "ann"), json!({"Notes": text}));
        let renamed = |from: &str, to: &str| {
            json!({"@odata.type": USER, "@erpnet.action": "update",
                   "@erpnet.findBy": {"Code": from}, "Login": to})
        };
        let delete = json!({"@odata.type": USER, "@erpnet.action": "delete", "Login": "ann"});
        let objects = [
            notes("a"),
            notes("b"),
            notes("b"),
            object("create", "bob"),
            renamed("bob", "bea"),
            renamed("bea", "bob"),
            delete.clone(),
            notes("c"),
        ];
        let answer = import(&server, transaction, &objects);
        let expected = [
            "Added",
            "Modified",
            "Unchanged",
            "Added",
            "Modified",
            "Modified",
            "Deleted",
            "Added",
        ];
        assert_eq!(states(&answer), expected, "{transaction} {answer}");
        assert_eq!(server.count(USERS), 2);
        // A name that only a later object sets free is taken.
        let swap = [renamed("ann", "bob"), renamed("bob", "cid")];
        let answer = import(&server, transaction, &swap);
        assert_eq!(states(&answer)[0], "NotUnique", "{transaction} {answer}");
    }
}

fn objects_hold_others_and_name_earlier_ones(kind: Kind) {
    let server = kind.server();
    let (group, id) = ("Erp.Systems_Security_Group", uuid::Uuid::now_v7());
    let member = |group: Value| json!([{ "Group": group }]);
    let objects = [
        json!({"@odata.type": group, "Id": id.to_string(), "Name": {"EN": "First"}}),
        merged(
            object("create", "a"),
            json!({"Groups": member(link(&format!("Systems_Security_Groups({id})")))}),
        ),
        merged(
            object("create", "b"),
            json!({"Groups": member(json!({"Name": {"EN": "First"}}))}),
        ),
        merged(
            object("create", "c"),
            json!({"Groups": member(json!({"Name": {"EN": "None"}}))}),
        ),
    ];
    for transaction in ["per-object", "all-objects"] {
        let answer = import(&server, transaction, &objects);
        match transaction {
            "per-object" => {
                assert_eq!(
                    states(&answer),
                    ["Added", "Added", "Added", "UnknownReference"]
                );
                assert_eq!(server.count("Systems_Security_UserGroups"), 2);
            }
            _ => assert_eq!(answer["@erpnet.result"], "fail"),
        }
    }
}

fn many_objects_meet_their_own_fates(kind: Kind) {
    let server = kind.server();
    server.create(USERS, &virtual_user("u500"));
    let objects: Vec<_> = (0..1000)
        .map(|n| match n % 97 {
            13 => object("create", "u500"),
            17 => object("merge", &format!("u{}", n - 1)),
            _ => object(if n == 500 { "merge" } else { "create" }, &format!("u{n}")),
        })
        .collect();
    let answer = import(&server, "per-object", &objects);
    for (number, state) in states(&answer).iter().enumerate() {
        let expected = match number % 97 {
            13 => "NotUnique",
            17 => "Unchanged",
            _ if number == 500 => "Unchanged",
            _ => "Added",
        };
        assert_eq!(state, expected, "{number}");
    }
    let left = (0..1000).filter(|n| n % 97 != 13 && n % 97 != 17).count();
    assert_eq!(logins(&server, "u"), u64::try_from(left).unwrap());
}

fn history_and_audit_tell_of_it(kind: Kind) {
    let server = kind.server();
    let objects = [
        object("create", "ann"),
        object("create", "ann"),
        object("merge", "bob"),
    ];
    import(&server, "per-object", &objects);
    server.service.write_out_audit().unwrap();
    let entries = |name: &str| {
        let filter = format!("Systems_Monitoring_AuditLogEntries?$filter=EventName eq '{name}'");
        server.rows(&format!("{filter}&$select=Details"))
    };
    assert_eq!(entries("UserCreated").len(), 2);
    let imported = entries("Imported");
    assert_eq!(imported.len(), 1);
    let details: Value = serde_json::from_str(imported[0]["Details"].as_str().unwrap()).unwrap();
    assert_eq!(
        (&details["added"], &details["refused"]),
        (&json!(2), &json!(1)),
        "{details}"
    );
    let ids = server.rows(&format!(
        "{USERS}?$select=Id&$filter=Login in ('ann','bob')"
    ));
    for id in ids {
        let filter = format!("EntityItemId eq {}", id["Id"].as_str().unwrap());
        assert_eq!(
            server.count(&format!("Systems_Core_ObjectChanges?$filter={filter}")),
            1
        );
    }
}
