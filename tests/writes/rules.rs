//! The business rules: section 5.6, S1-70 to S1-76, X-08 and X-10, and the neighbours of these rules.

use serde_json::{Value, json};

use crate::support::server::{Kind, Server, USERS, link, merged, user, virtual_user, without};

crate::on_both!(
    administrators_hear_of_community_users,
    a_refused_creation_tells_nobody,
    outsiders_are_no_administrators,
    nor_through_a_group,
    a_password_is_needed,
    a_password_can_come_later_in_the_same_change,
    invitations_get_a_password_that_nobody_knows,
    a_new_address_is_not_confirmed,
    the_language_is_a_code,
    refusals_speak_the_language_of_the_request,
    memberships_of_system_groups_stay,
    names_of_groups_have_no_brackets,
    system_groups_do_not_change,
    notifications_have_a_class,
    every_rule_is_asked_at_once,
);

const NOTIFICATIONS: &str = "Systems_Core_Notifications";

fn community(login: &str) -> Value {
    merged(user(login), json!({"UserType": "ExternalCommunityUser"}))
}

/// Three active administrators and one that is not.
fn administrators(server: &Server) -> Vec<String> {
    let admin = |login: &str, active: bool| {
        server.user_with(login, json!({"IsAdmin": true, "Active": active}))
    };
    admin("gone", false);
    server.user("nobody");
    ["a", "b", "c"].map(|login| admin(login, true)).to_vec()
}

/// S1-70
fn administrators_hear_of_community_users(kind: Kind) {
    let server = kind.server();
    let mut administrators = administrators(&server);
    // The tester is one too.
    administrators.push(format!("{USERS}({})", crate::support::tester::TESTER));
    let ext = server.create(USERS, &community("ext"));
    let names = "NotificationClass,Subject,IsRead,Priority,User,DataObject";
    let rows = server.rows(&format!("{NOTIFICATIONS}?$select={names}"));
    let mut told: Vec<&str> = Vec::new();
    for row in &rows {
        assert_eq!(row["NotificationClass"], "NT_NEW_COMMUNITY_USER");
        assert_eq!(
            row["Subject"],
            "Community account 'ext' has just been registered and still has to be set up."
        );
        assert_eq!(
            (&row["IsRead"], &row["Priority"]),
            (&json!(false), &json!("Normal"))
        );
        let about = row["DataObject"]["@odata.id"].as_str().unwrap();
        assert!(
            about.contains(ext.split(['(', ')']).nth(1).unwrap()),
            "{about}"
        );
        told.push(row["User"]["@odata.id"].as_str().unwrap());
    }
    told.sort_unstable();
    administrators.sort_unstable();
    assert_eq!(told, administrators);
    // Not on a change, not with a person, not for others.
    server.change(&ext, &json!({"Notes": "x"}));
    let ann = server.user("ann");
    server.change(&ann, &json!({"UserType": "ExternalCommunityUser"}));
    let person = server.create(
        "General_Contacts_Persons",
        &json!({"FirstName": {"EN": "P"}}),
    );
    server.create(
        USERS,
        &merged(community("known"), json!({"Person": link(&person)})),
    );
    assert_eq!(server.count(NOTIFICATIONS), 4);
}

/// S1-71
fn a_refused_creation_tells_nobody(kind: Kind) {
    let server = kind.server();
    administrators(&server);
    let refused = merged(community("ext"), json!({"DefaultLanguage": "xx"}));
    server
        .post(USERS, &refused)
        .refused(422, "R36747", "DefaultLanguage");
    // The database refuses this one, after all rules have agreed.
    server
        .post(USERS, &community("a"))
        .refused(409, "NotUnique", "Login");
    // One request of a change set is good, the other is not.
    let batch = json!({"requests": [
        {"id": "1", "atomicityGroup": "g", "method": "POST", "url": USERS, "body": community("ext")},
        {"id": "2", "atomicityGroup": "g", "method": "POST", "url": USERS, "body": community("A")},
    ]});
    let answer = server.post("$batch", &batch).expect(200).json();
    assert_eq!(answer["responses"][1]["status"], 409, "{answer}");
    assert_eq!(server.count(NOTIFICATIONS), 0);
    assert_eq!(server.count(USERS), 5);
}

/// S1-72
fn outsiders_are_no_administrators(kind: Kind) {
    let server = kind.server();
    for (number, name) in ["ExternalCommunityUser", "VirtualUserNoLogin"]
        .iter()
        .enumerate()
    {
        let both = json!({"UserType": name, "IsAdmin": true});
        let body = merged(user("x"), both.clone());
        let answer = server.post(USERS, &body).refused(422, "R34956", "IsAdmin");
        assert_eq!(
            answer.faults()[1],
            ("R34956".to_owned(), "UserType".to_owned())
        );
        let message = answer.json()["error"]["message"]
            .as_str()
            .unwrap()
            .to_owned();
        assert!(
            message.contains("'x'") && message.contains(name),
            "{message}"
        );
        let outsider = server.user_with(&format!("o{number}"), json!({"UserType": name}));
        server
            .patch(&outsider, &json!({"IsAdmin": true}))
            .refused(422, "R34956", "IsAdmin");
        let admin = server.user_with(&format!("a{number}"), json!({"IsAdmin": true}));
        server
            .patch(&admin, &json!({"UserType": name}))
            .refused(422, "R34956", "IsAdmin");
        // Both at once is an ordinary change.
        server.change(&admin, &json!({"UserType": name, "IsAdmin": false}));
        let back = json!({"UserType": "InternalUser", "IsAdmin": true});
        server.change(&admin, &back);
    }
    // With the tester.
    assert_eq!(server.count(&format!("{USERS}?$filter=IsAdmin eq true")), 3);
}

/// S1-72, through a group of administrators.
fn nor_through_a_group(kind: Kind) {
    let server = kind.server();
    let (admins, ordinary) = (server.group("A"), server.group("G"));
    let ext = server.create(USERS, &community("ext"));
    let member = |group: &str| json!({"Group": link(group)});
    server
        .post(&format!("{ext}/Groups"), &member(&admins))
        .refused(422, "R34956", "Group");
    let own = merged(member(&admins), json!({"User": link(&ext)}));
    server
        .post("Systems_Security_UserGroups", &own)
        .refused(422, "R34956", "Group");
    server
        .post(&format!("{ext}/Groups"), &member(&ordinary))
        .expect(201);
    let row = server.rows(&format!("{ext}/Groups"))[0]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let row = format!("Systems_Security_UserGroups({row})");
    server
        .patch(&row, &member(&admins))
        .refused(422, "R34956", "Group");
    server
        .put(&format!("{row}/Group/$ref"), &link(&admins))
        .refused(422, "R34956", "Group");
    let born = merged(community("born"), json!({"Groups": [member(&admins)]}));
    server.post(USERS, &born).refused(422, "R34956", "UserType");
    server
        .patch(&ext, &json!({"Groups": [member(&admins)]}))
        .expect(422);
    // From the other side: a member turns into an outsider.
    let ann = server.user_with("ann", json!({"Groups": [member(&admins)]}));
    for name in ["ExternalCommunityUser", "VirtualUserNoLogin"] {
        server
            .patch(&ann, &json!({"UserType": name}))
            .refused(422, "R34956", "UserType");
    }
    // Leaving the group in the same change is enough.
    let leaving = server.rows(&format!("{ann}/Groups"))[0]["Id"]
        .as_str()
        .unwrap()
        .to_owned();
    let leaving = format!("Systems_Security_UserGroups({leaving})");
    let both = json!({
        "UserType": "ExternalCommunityUser",
        "Groups@delta": [{"@removed": {}, "@odata.id": leaving}],
    });
    server.change(&ann, &both);
    assert_eq!(server.count("Systems_Security_UserGroups"), 1);
}

/// S1-73, X-08
fn a_password_is_needed(kind: Kind) {
    let server = kind.server();
    for name in ["InternalUser", "ExternalCommunityUser", "SystemUserNoLogin"] {
        let body = merged(virtual_user("x"), json!({"UserType": name}));
        let answer = server.post(USERS, &body).refused(422, "R35716", "Password");
        assert!(
            answer.text().contains("Set a password for user 'x'"),
            "{answer}"
        );
        // The attribute itself is no way to give one.
        let body = merged(body, json!({"Password": "secret"}));
        server.post(USERS, &body).refused(422, "R35716", "Password");
        let body = merged(
            without(body, "Password"),
            json!({"@ext.initialPassword": "pw", "Login": name}),
        );
        server.create(USERS, &body);
    }
    for name in ["VirtualUserNoLogin", "ApplicationUserNoLogin"] {
        let bare = merged(virtual_user(name), json!({"UserType": name}));
        let bare = server.create(USERS, &bare);
        server
            .patch(&bare, &json!({"UserType": "InternalUser"}))
            .refused(422, "R35716", "Password");
        let both = json!({"UserType": "InternalUser", "@ext.initialPassword": "pw"});
        server.change(&bare, &both);
    }
    for (bad, status, code) in [
        (json!(""), 422, "ValueRequired"),
        (json!("x".repeat(1025)), 422, "ValueTooLong"),
        (json!(5), 400, "TypeMismatch"),
        (json!(null), 400, "TypeMismatch"),
    ] {
        let body = merged(user("bad"), json!({"@ext.initialPassword": bad}));
        let answer = server.post(USERS, &body).expect(status);
        assert_eq!(answer.faults()[0].0, code, "{answer}");
    }
    let group = merged(
        json!({"Name": {"EN": "g"}}),
        json!({"@ext.initialPassword": "x"}),
    );
    let answer = server.post("Systems_Security_Groups", &group).send();
    assert!((400..=422).contains(&answer.status), "{answer}");
}

///
fn a_password_can_come_later_in_the_same_change(kind: Kind) {
    let server = kind.server();
    let bare = merged(virtual_user("ann"), json!({"UserType": "InternalUser"}));
    let batch = |password: &str| {
        json!({"requests": [
            {"id": "1", "atomicityGroup": "g", "method": "POST", "url": USERS, "body": bare},
            {"id": "2", "atomicityGroup": "g", "method": "POST", "url": "$1/Ext.SetPassword",
             "body": {"password": password}},
        ]})
    };
    let answer = server.post("$batch", &batch("")).expect(200).json();
    assert_eq!(server.count(USERS), 0, "{answer}");
    let answer = server
        .post("$batch", &batch("correct horse"))
        .expect(200)
        .json();
    assert_eq!(answer["responses"][0]["status"], 201, "{answer}");
    assert_eq!(answer["responses"][1]["status"], 204, "{answer}");
    let ann = format!(
        "{USERS}({})",
        answer["responses"][0]["body"]["Id"].as_str().unwrap()
    );
    assert_eq!(server.stored(&ann, "PasswordFormat"), "AspNetCoreV3");
    let call = server.post(
        &format!("{ann}/Ext.SetPassword"),
        &json!({"password": "new one"}),
    );
    assert!(call.expect(204).body.is_empty());
    server
        .post(&format!("{ann}/Ext.SetPassword"), &json!({}))
        .expect(400);
}

///
fn invitations_get_a_password_that_nobody_knows(kind: Kind) {
    let server = kind.server();
    for name in ["InvitationInternalNoLogin", "InvitationExternalNoLogin"] {
        let body = merged(virtual_user(name), json!({"UserType": name}));
        let address = server.create(USERS, &body);
        assert_eq!(server.stored(&address, "PasswordFormat"), "AspNetCoreV3");
        // It is there: an ordinary user could not be without one.
        server.change(&address, &json!({"UserType": "InternalUser"}));
    }
}

/// S1-74
fn a_new_address_is_not_confirmed(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Email": "a@x.example"}));
    let confirm = || {
        let answer = server
            .ask("POST", &format!("{ann}/Ext.ConfirmEmail"))
            .expect(204);
        assert!(answer.body.is_empty());
        assert_eq!(server.stored(&ann, "EmailConfirmed"), true);
    };
    confirm();
    server.change(&ann, &json!({"Email": "a@x.example", "Notes": "x"}));
    assert_eq!(server.stored(&ann, "EmailConfirmed"), true);
    server.change(&ann, &json!({"Email": "b@x.example"}));
    assert_eq!(server.stored(&ann, "EmailConfirmed"), false);
    confirm();
    server.change(&ann, &json!({"Email": null}));
    assert_eq!(server.stored(&ann, "EmailConfirmed"), false);
    let answer = server.ask("POST", &format!("{ann}/ConfirmEmail")).send();
    assert!(
        (400..=422).contains(&answer.status),
        "nothing to confirm: {answer}"
    );
}

/// S1-75
fn the_language_is_a_code(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    for good in [json!("bg"), json!("en"), Value::Null] {
        server.change(&ann, &json!({"DefaultLanguage": good}));
        assert_eq!(server.stored(&ann, "DefaultLanguage"), good);
    }
    for bad in ["en-US", "xx", "english", "", "e", "EN "] {
        server
            .patch(&ann, &json!({"DefaultLanguage": bad}))
            .refused(422, "R36747", "DefaultLanguage");
        let body = merged(user("new"), json!({"DefaultLanguage": bad}));
        server
            .post(USERS, &body)
            .refused(422, "R36747", "DefaultLanguage");
    }
}

/// S1-76
fn refusals_speak_the_language_of_the_request(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let body = json!({"DefaultLanguage": "xx"});
    let message = |address: &str, accepted: Option<&str>| {
        let mut request = server.patch(address, &body);
        if let Some(language) = accepted {
            request = request.header("Accept-Language", language);
        }
        let answer = request.refused(422, "R36747", "DefaultLanguage");
        answer.json()["error"]["message"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let english = message(&ann, None);
    assert!(
        english.starts_with("'xx' is not a known two-letter language code"),
        "{english}"
    );
    let bulgarian = message(&ann, Some("bg"));
    assert_ne!(bulgarian, english);
    assert!(bulgarian.contains("xx"), "{bulgarian}");
    assert_eq!(message(&format!("{ann}?culture=bg"), Some("en")), bulgarian);
    assert_eq!(message(&ann, Some("ja")), english);
}

/// R31282
fn memberships_of_system_groups_stay(kind: Kind) {
    let server = kind.server();
    let (ordinary, other) = (server.group("G"), server.group("G"));
    for (number, code) in ["A", "E", "U", "P", "G"].iter().enumerate() {
        let group = server.group(code);
        let ann = server.user_with(
            &format!("u{number}"),
            json!({"Groups": [{"Group": link(&group)}]}),
        );
        let row = server.rows(&format!("{ann}/Groups"))[0]["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        let row = format!("Systems_Security_UserGroups({row})");
        let change = server.patch(&row, &json!({"Group": link(&ordinary)}));
        if matches!(*code, "P" | "G") {
            change.expect(204);
            server.change(&row, &json!({"Group": link(&other)}));
        } else {
            change.refused(422, "R31282", "Group");
            server.change(&row, &json!({"Group": link(&group)}));
        }
        server.delete(&row).expect(204);
    }
}

/// R37154
fn names_of_groups_have_no_brackets(kind: Kind) {
    let server = kind.server();
    let groups = "Systems_Security_Groups";
    let fine = server.create(groups, &json!({"Name": {"EN": "fine"}}));
    for bad in [json!({"EN": "a<b"}), json!({"EN": "a", "BG": "б>в"})] {
        let body = json!({ "Name": bad });
        server.post(groups, &body).refused(422, "R37154", "Name");
        server.patch(&fine, &body).refused(422, "R37154", "Name");
    }
}

/// R37166
fn system_groups_do_not_change(kind: Kind) {
    let server = kind.server();
    for code in ["A", "E", "U", "P"] {
        let group = server.group(code);
        server
            .patch(&group, &json!({"Notes": "x"}))
            .refused(422, "R37166", "GroupType");
        let unchanged = json!({"Notes": null});
        server.change(&group, &unchanged);
    }
    let group = server.group("G");
    server.change(&group, &json!({"Notes": "x"}));
}

/// R35312
fn notifications_have_a_class(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let body =
        |class: &str| json!({"NotificationClass": class, "Subject": "s", "User": link(&ann)});
    for good in ["NT_SOC_NEW_POST", "USR_AB_x y.z/+-1", "NT_A_B_C"] {
        server.create(NOTIFICATIONS, &body(good));
    }
    for bad in [
        "",
        "NT",
        "NT_S_x",
        "XX_SOC_NEW",
        "nt_SOC_NEW",
        "NT_SOC_",
        "NT_SOC_a,b",
    ] {
        server
            .post(NOTIFICATIONS, &body(bad))
            .refused(422, "R35312", "NotificationClass");
    }
}

/// One answer names every rule that refuses.
fn every_rule_is_asked_at_once(kind: Kind) {
    let server = kind.server();
    let body = json!({"Login": "x", "Name": {"EN": "x"}, "UserType": "ExternalCommunityUser",
                      "IsAdmin": true, "DefaultLanguage": "xx"});
    let answer = server.post(USERS, &body).expect(422);
    let mut codes: Vec<String> = answer.faults().into_iter().map(|(code, _)| code).collect();
    codes.sort();
    codes.dedup();
    assert_eq!(codes, ["R34956", "R35716", "R36747"], "{answer}");
}
