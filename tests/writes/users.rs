//! What the attributes of users have for themselves: sections 5.1 and 5.2.

use serde_json::{Value, json};

use crate::support::server::{Kind, Server, USERS, link, merged, user, virtual_user};

crate::on_both!(
    failed_sign_ins_are_counted_from_nought,
    email_is_unique_in_its_domain,
    login_is_unique_in_its_domain,
    a_key_of_the_client_is_honoured,
    lockout_is_kept_to_the_millisecond,
    names_are_merged_and_replaced,
    the_version_in_the_body_is_checked,
    passwords_are_never_shown,
    the_format_of_a_stored_password_stays,
    a_new_telephone_is_not_confirmed,
    every_type_of_user_is_made,
    texts_are_kept_as_they_are,
);

/// S1-20
fn failed_sign_ins_are_counted_from_nought(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"AccessFailedCount": 4}));
    assert_eq!(server.stored(&ann, "AccessFailedCount"), 4);
    server.change(&ann, &json!({"AccessFailedCount": 0}));
    server
        .patch(&ann, &json!({"AccessFailedCount": -1}))
        .refused(422, "ValueOutOfRange", "AccessFailedCount");
    server
        .post(
            USERS,
            &merged(user("bob"), json!({"AccessFailedCount": -1})),
        )
        .refused(422, "ValueOutOfRange", "AccessFailedCount");
    assert_eq!(server.stored(&ann, "AccessFailedCount"), 0);
}

/// S1-27, X-15
fn email_is_unique_in_its_domain(kind: Kind) {
    unique(&kind.server(), "Email", true);
}

/// S1-32, X-15
fn login_is_unique_in_its_domain(kind: Kind) {
    unique(&kind.server(), "Login", false);
}

fn unique(server: &Server, name: &str, nullable: bool) {
    let mut number = 0;
    let mut with = |more: Value| {
        number += 1;
        merged(user(&format!("u{number}")), more)
    };
    let domain = server.create("Systems_Security_Domains", &json!({"Name": "one"}));
    let other = server.create("Systems_Security_Domains", &json!({"Name": "two"}));
    let held = server.create(USERS, &with(json!({name: "Ännchen@x.example"})));
    for same in ["Ännchen@x.example", "äNNCHEN@X.example"] {
        let answer = server
            .post(USERS, &with(json!({name: same})))
            .refused(409, "NotUnique", name);
        // The vendor's number, for its clients.
        assert_eq!(answer.json()["error"]["@erpnet.code"], 2129, "{answer}");
    }
    // Each domain by itself; none is one too.
    for domain in [&domain, &other] {
        let body = with(json!({name: "ännchen@x.example", "Domain": link(domain)}));
        server.create(USERS, &body);
        let again = with(json!({name: "ÄNNCHEN@x.example", "Domain": link(domain)}));
        server.post(USERS, &again).refused(409, "NotUnique", name);
    }
    let free = server.create(USERS, &with(json!({})));
    server
        .patch(&free, &json!({name: "ÄNNCHEN@x.example"}))
        .refused(409, "NotUnique", name);
    let moved = server.create(
        USERS,
        &with(json!({name: "b@x.example", "Domain": link(&domain)})),
    );
    let twin = server.create(USERS, &with(json!({name: "b@x.example"})));
    server
        .patch(&moved, &json!({"Domain": null}))
        .refused(409, "NotUnique", name);
    // One's own value is nobody else's.
    server.change(&held, &json!({name: "ÄNNCHEN@x.example"}));
    assert_eq!(server.stored(&held, name), "ÄNNCHEN@x.example");
    // What is deleted is free again.
    server.delete(&twin).expect(204);
    server.change(&moved, &json!({"Domain": null}));
    if nullable {
        for _ in 0..2 {
            let none = server.create(USERS, &with(json!({name: null})));
            server.change(&none, &json!({"Notes": "no address"}));
        }
    }
}

/// S1-29
fn a_key_of_the_client_is_honoured(kind: Kind) {
    let server = kind.server();
    let id = "9da64839-a8d0-491d-aebb-4d18fa42b014";
    let body = merged(user("ann"), json!({"Id": id}));
    let answer = server.post(USERS, &body).expect(201);
    assert_eq!(answer.id(), id);
    let again = merged(user("bob"), json!({"Id": id}));
    server.post(USERS, &again).refused(409, "NotUnique", "Id");
    for bad in [
        json!("x"),
        json!(5),
        json!("9da64839-a8d0-491d-aebb-4d18fa42b01"),
    ] {
        let answer = server
            .post(USERS, &merged(user("bob"), json!({"Id": bad})))
            .expect(400);
        assert_eq!(answer.faults()[0].1, "Id");
    }
    let made = server.post(USERS, &user("bob")).expect(201).id();
    assert_ne!(made, id);
}

/// S1-31
fn lockout_is_kept_to_the_millisecond(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for (given, kept) in [
        ("2026-08-01T10:11:12.345Z", "2026-08-01T10:11:12.345Z"),
        ("2026-08-01T12:11:12.345+02:00", "2026-08-01T10:11:12.345Z"),
        (
            "2026-11-20T21:21:42.739000+00:00",
            "2026-11-20T21:21:42.739Z",
        ),
        ("2026-08-01T10:11:12Z", "2026-08-01T10:11:12Z"),
    ] {
        server.change(&ann, &json!({"LockoutEndUtc": given}));
        let found = server.stored(&ann, "LockoutEndUtc");
        let found = found.as_str().unwrap();
        let same = found == kept || found.replace(".000Z", "Z") == kept;
        assert!(same, "{given} became {found}");
        let filter = format!("{USERS}?$filter=LockoutEndUtc eq {kept}");
        assert_eq!(server.count(&filter), 1, "{kept}");
    }
    server.change(&ann, &json!({"LockoutEndUtc": null}));
    assert_eq!(server.stored(&ann, "LockoutEndUtc"), Value::Null);
}

/// S1-33, and `clients.md`.
fn names_are_merged_and_replaced(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Name": {"EN": "Ann Lee", "bg": "Ан Ли"}}));
    let name = || server.stored(&ann, "Name");
    assert_eq!(name(), json!({"EN": "Ann Lee", "BG": "Ан Ли"}));
    server.change(&ann, &json!({"Name": {"en": "Ann"}}));
    assert_eq!(name(), json!({"EN": "Ann", "BG": "Ан Ли"}));
    server.change(&ann, &json!({"Name": {"de": "Anne", "BG": null}}));
    assert_eq!(name(), json!({"EN": "Ann", "DE": "Anne"}));
    server
        .patch(&ann, &json!({"Name": {"EN": null, "DE": null}}))
        .refused(422, "ValueRequired", "Name");
    server
        .patch(&ann, &json!({"Name": null}))
        .refused(422, "ValueRequired", "Name");
    let own = format!("{ann}/Name");
    server.patch(&own, &json!({"FR": "Anne"})).expect(204);
    assert_eq!(name(), json!({"EN": "Ann", "DE": "Anne", "FR": "Anne"}));
    server.put(&own, &json!({"BG": "Ан"})).expect(204);
    assert_eq!(name(), json!({"BG": "Ан"}));
    let replaced = json!({"Login": "ann", "Name": {"EN": "New"}});
    server.put(&ann, &replaced).expect(204);
    assert_eq!(name(), json!({"EN": "New"}));
    assert_eq!(server.stored(&ann, "DisplayText"), "New");
    // The vendor's habit, where it is asked for.
    let mut settings = crate::support::server::settings();
    settings.writes.replace_multilanguage = true;
    let server = kind.server_with(settings);
    let ann = server.user_with("ann", json!({"Name": {"EN": "Ann", "BG": "Ан"}}));
    server.change(&ann, &json!({"Name": {"EN": "Anne"}}));
    assert_eq!(server.stored(&ann, "Name"), json!({"EN": "Anne"}));
}

/// S1-35
fn the_version_in_the_body_is_checked(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    assert!(server.get(&ann).get("ObjectVersion").is_none());
    let first = server.stored(&ann, "ObjectVersion");
    server.change(&ann, &json!({"Notes": "a", "ObjectVersion": first}));
    let second = server.stored(&ann, "ObjectVersion");
    assert!(second.as_i64() > first.as_i64());
    for method in ["PATCH", "PUT"] {
        let body = merged(user("ann"), json!({"Notes": "b", "ObjectVersion": first}));
        server
            .with(method, &ann, &body)
            .refused(412, "PreconditionFailed", "ObjectVersion");
    }
    server.change(&ann, &json!({"Notes": "c"}));
    assert_eq!(server.stored(&ann, "Notes"), "c");
    // The version is the aggregate's: a child has it too.
    let group = server.group("G");
    let member = json!({"Group": link(&group)});
    server.post(&format!("{ann}/Groups"), &member).expect(201);
    let version = server.stored(&ann, "ObjectVersion");
    let row = &server.rows(&format!("{ann}/Groups?$select=Id,ObjectVersion"))[0];
    assert_eq!(row["ObjectVersion"], version);
    let stale = json!({"Groups@delta": [
        {"@odata.id": format!("Systems_Security_UserGroups({})", row["Id"].as_str().unwrap()),
         "ObjectVersion": 1, "Group": link(&server.group("G"))}]});
    server
        .patch(&ann, &stale)
        .refused(412, "PreconditionFailed", "Groups/0/ObjectVersion");
}

/// S1-36
fn passwords_are_never_shown(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for query in ["$select=Password", "$select=*,Password"] {
        server.ask("GET", &format!("{ann}?{query}")).refused(
            403,
            "AttributeNotReadable",
            "Password",
        );
        server
            .ask("POST", &format!("{USERS}?{query}"))
            .json(&user("bob"))
            .refused(403, "AttributeNotReadable", "Password");
    }
    assert_eq!(server.count(&format!("{USERS}?$filter=Login eq 'bob'")), 0);
    let own = format!("{ann}/Password");
    for request in [
        server.put(&own, &json!({"value": "x"})),
        server.delete(&own),
        server
            .ask("PUT", &format!("{own}/$value"))
            .body("text/plain", "x"),
    ] {
        let answer = request.send();
        assert!((400..=403).contains(&answer.status), "{answer}");
    }
    for format in ["none", "minimal", "full"] {
        let accept = format!("application/json;odata.metadata={format}");
        let answer = server
            .patch(&ann, &json!({"Notes": format}))
            .header("Accept", &accept)
            .prefer("return=representation")
            .expect(200);
        assert!(answer.json().get("Password").is_none());
        assert!(!answer.text().contains("AQAAAA"), "{answer}");
    }
}

/// S1-37
fn the_format_of_a_stored_password_stays(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    assert_eq!(server.stored(&ann, "PasswordFormat"), "AspNetCoreV3");
    server
        .patch(&ann, &json!({"PasswordFormat": "MD5"}))
        .refused(422, "PasswordFormatFixed", "PasswordFormat");
    server
        .patch(&ann, &json!({"PasswordFormat": "AN3"}))
        .refused(400, "UnknownEnumMember", "PasswordFormat");
    let hash = json!({"hash": "329670c3265b6ccd392e622733e9772f", "format": "MD5"});
    server.change(&ann, &json!({"@ext.passwordHash": hash}));
    assert_eq!(server.stored(&ann, "PasswordFormat"), "MD5");
    let bare = server.create(USERS, &virtual_user("vir"));
    server.change(&bare, &json!({"PasswordFormat": "AspNetCoreV3"}));
}

/// S1-38, S1-39
fn a_new_telephone_is_not_confirmed(kind: Kind) {
    let server = kind.server();
    let phone = json!({"PhoneNumber": "1", "PhoneNumberConfirmed": true});
    let ann = server.user_with("ann", phone);
    assert_eq!(server.stored(&ann, "PhoneNumberConfirmed"), true);
    server.change(&ann, &json!({"PhoneNumber": "1"}));
    assert_eq!(server.stored(&ann, "PhoneNumberConfirmed"), true);
    server.change(&ann, &json!({"PhoneNumber": "2"}));
    assert_eq!(server.stored(&ann, "PhoneNumberConfirmed"), false);
    server.change(&ann, &json!({"PhoneNumberConfirmed": true}));
    server.change(&ann, &json!({"PhoneNumber": null}));
    assert_eq!(server.stored(&ann, "PhoneNumberConfirmed"), false);
}

/// S1-42 to S1-49
fn every_type_of_user_is_made(kind: Kind) {
    let server = kind.server();
    for name in [
        "InternalUser",
        "ExternalCommunityUser",
        "VirtualUserNoLogin",
        "SystemUserNoLogin",
        "ApplicationUserNoLogin",
        "InvitationInternalNoLogin",
        "InvitationExternalNoLogin",
    ] {
        let address = server.user_with(name, json!({"UserType": name}));
        assert_eq!(server.stored(&address, "UserType"), name);
    }
    let answer = server
        .post(USERS, &merged(user("x"), json!({"UserType": "INT"})))
        .refused(400, "UnknownEnumMember", "UserType");
    assert!(answer.text().contains("SystemUserNoLogin"), "{answer}");
}

/// S1-23, S1-34, S1-40, S1-50, S1-51
fn texts_are_kept_as_they_are(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for name in [
        "CompanyName",
        "Notes",
        "RegistrationMessage",
        "VoiceExtensionNumbers",
        "WindowsUserName",
    ] {
        for text in [
            "",
            " a ",
            "12,13, 14",
            "Ünïcode 😀 Кирилица",
            "'); DROP TABLE Sec_Users; --",
            "%_\\\"\n\t",
            "{\"EN\":1}",
        ] {
            server.change(&ann, &json!({name: text}));
            assert_eq!(server.stored(&ann, name), text, "{name}");
        }
        server
            .patch(&ann, &json!({name: "a\u{0}b"}))
            .refused(400, "InvalidValue", name);
    }
}
