//! The generic checks of attributes, for every attribute that a client may write: D, L, R and Q.

use serde_json::{Value, json};
use userdex::model::{Attribute, EntityId};
use userdex::value::Kind as ValueKind;

use crate::support::payloads::{Payloads, is_free, is_part, open_entities, read_only, writable};
use crate::support::server::{Kind, USERS, merged, virtual_user, without};

crate::on_both!(
    every_length_is_kept,
    read_only_values_are_ignored_and_told,
    warnings_fit_into_a_header,
    null_is_taken_where_it_is_a_value,
    wrong_types_are_refused,
    numbers_stay_in_their_range,
    all_faults_are_told_at_once,
    defaults_of_users,
);

/// Beyond so many characters a length is not tried.
const LONG: u32 = 5000;

/// A text in the form of an attribute, and the target of a fault in it.
fn shaped(attribute: &Attribute, text: &str) -> (Value, String) {
    if attribute.kind == ValueKind::Multilanguage {
        return (json!({ "BG": text }), format!("{}/BG", attribute.name));
    }
    (json!(text), attribute.name.clone())
}

fn every_length_is_kept(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    let mut tried = 0;
    for id in open_entities(&server.model) {
        let entity = server.model.entity(id);
        let address = payloads.create(id).unwrap();
        for attribute in writable(&server.model, id) {
            let Some(length) = attribute.max_length.filter(|l| *l < LONG) else {
                continue;
            };
            let length = usize::try_from(length).unwrap();
            // Characters outside of the basic plane count once.
            let (fits, _) = shaped(attribute, &"😀".repeat(length));
            let name = &attribute.name;
            if is_free(entity, attribute) {
                server.change(&address, &json!({ name: &fits }));
                if !attribute.secret {
                    let found = server.stored(&address, name);
                    let (found, fits) = match attribute.kind {
                        ValueKind::Multilanguage => (&found["BG"], &fits["BG"]),
                        _ => (&found, &fits),
                    };
                    assert_eq!(found, fits, "{address} {name}");
                }
            }
            let (long, target) = shaped(attribute, &"😀".repeat(length + 1));
            let body = json!({ name: long });
            server
                .patch(&address, &body)
                .refused(422, "ValueTooLong", &target);
            tried += 1;
        }
    }
    assert!(tried > 50, "{tried}");
}

/// A value of the type of an attribute.
/// Clients refuse headers that are too long, and would take the change for a failure.
fn warnings_fit_into_a_header(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let member = |number: usize| {
        let name = format!("g{number}");
        let group =
            json!({"Name": {"EN": name}, "GroupType": "PowerUsers", "@erpnet.action": "create"});
        json!({ "Group": group })
    };
    let members: Vec<Value> = (0..400).map(member).collect();
    let answer = server.change(&ann, &json!({ "Groups": members }));
    let text = answer.header("ext-messages").unwrap();
    assert!(text.len() < 5000, "{}", text.len());
    let messages: Vec<Value> = serde_json::from_str(text).unwrap();
    let (last, told) = messages.split_last().unwrap();
    assert_eq!(told[0]["target"], "Groups/0/Group/GroupType");
    assert_eq!(last["code"], "LimitExceeded");
    let more = format!("{} more warnings", 400 - told.len());
    assert!(
        last["message"].as_str().unwrap().starts_with(&more),
        "{last}"
    );
}

fn some_value(payloads: &Payloads<'_>, id: EntityId, attribute: &Attribute) -> Value {
    payloads.value(payloads.server.model.entity(id), attribute)
}

fn read_only_values_are_ignored_and_told(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    for id in open_entities(&server.model) {
        let address = payloads.create(id).unwrap();
        for attribute in read_only(&server.model, id) {
            let name = &attribute.name;
            let before = (!attribute.secret).then(|| server.stored(&address, name));
            let body = json!({ name: some_value(&payloads, id, attribute) });
            let answer = server.patch(&address, &body).expect(204);
            let messages = answer.header("ext-messages");
            let messages = messages.unwrap_or_else(|| panic!("{address} {body} is not told"));
            let messages: Value = serde_json::from_str(messages).unwrap();
            assert_eq!(messages[0]["code"], "ReadOnlyAttribute", "{address} {name}");
            assert_eq!(messages[0]["target"], **name, "{address} {name}");
            assert_eq!(messages[0]["severity"], "warning");
            let shown = server
                .patch(&address, &body)
                .prefer("return=representation")
                .expect(200)
                .json();
            assert_eq!(shown["@Core.Messages"][0]["target"], **name);
            // Where the annotation is not wanted, the warning is told all the same.
            let bare = server
                .patch(&address, &body)
                .prefer("return=representation, include-annotations=\"-*\"")
                .expect(200);
            assert_eq!(bare.json().get("@Core.Messages"), None, "{address} {name}");
            assert!(bare.header("ext-messages").unwrap().contains(&**name));
            let applied = "return=representation, odata.include-annotations=\"-Core.Messages\"";
            assert_eq!(bare.header("preference-applied"), Some(applied));
            let strict = server.patch(&address, &body).prefer("handling=strict");
            strict.refused(400, "ReadOnlyAttribute", name);
            let after = (!attribute.secret).then(|| server.stored(&address, name));
            assert_eq!(after, before, "{address} {name}");
        }
    }
    // The same when it comes into being.
    let body = merged(
        virtual_user("ann"),
        json!({"EmailConfirmed": true, "CreationTimeUtc": "2001-01-01T00:00:00Z", "Password": "x"}),
    );
    server.post(USERS, &body).prefer("handling=strict").refused(
        400,
        "ReadOnlyAttribute",
        "EmailConfirmed",
    );
    assert_eq!(server.count(&format!("{USERS}?$filter=Login eq 'ann'")), 0);
    let answer = server.post(USERS, &body).expect(201).json();
    assert_eq!(answer["EmailConfirmed"], false);
    assert!(answer["CreationTimeUtc"].as_str().unwrap() > "2026");
    assert_eq!(answer["@Core.Messages"].as_array().unwrap().len(), 3);
    assert!(!answer["Password"].is_string());
}

fn null_is_taken_where_it_is_a_value(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    for id in open_entities(&server.model) {
        let entity = server.model.entity(id);
        let address = payloads.create(id).unwrap();
        for attribute in writable(&server.model, id) {
            let (name, set) = (&attribute.name, &entity.set);
            let body = json!({ name: null });
            if name == "TwoFactorEnabled" {
                // Switched by actions only.
                server
                    .patch(&address, &body)
                    .refused(403, "Forbidden", name);
                continue;
            }
            if attribute.nullable {
                server.change(&address, &body);
                if !attribute.secret {
                    assert_eq!(server.stored(&address, name), Value::Null);
                }
                if is_part(entity, attribute) {
                    let again = json!({ name: payloads.value(entity, attribute) });
                    server.change(&address, &again);
                }
                continue;
            }
            let change = server.patch(&address, &body);
            change.refused(422, "ValueRequired", name);
            let created = merged(payloads.object(id, false, None), body);
            server
                .post(set, &created)
                .refused(422, "ValueRequired", name);
            if attribute.required && attribute.default.is_none() {
                let silent = without(payloads.object(id, false, None), name);
                server
                    .post(set, &silent)
                    .refused(422, "ValueRequired", name);
            }
        }
        for reference in entity.references.iter().filter(|r| !r.read_only) {
            let (name, set) = (&reference.name, &entity.set);
            let body = json!({ name: null });
            if reference.nullable {
                server.change(&address, &body);
                assert_eq!(server.stored(&address, name), Value::Null);
                continue;
            }
            server
                .patch(&address, &body)
                .refused(422, "ValueRequired", name);
            let silent = without(payloads.object(id, false, None), name);
            server
                .post(set, &silent)
                .refused(422, "ValueRequired", name);
        }
    }
}

fn wrong_types_are_refused(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    for id in open_entities(&server.model) {
        let address = payloads.create(id).unwrap();
        for attribute in writable(&server.model, id) {
            let wrong: &[Value] = match attribute.kind {
                ValueKind::Boolean => &[json!("true"), json!(1), json!([])],
                ValueKind::Byte | ValueKind::Int16 | ValueKind::Int32 | ValueKind::Int64 => {
                    &[json!(true), json!(1.5), json!("x"), json!({})]
                }
                ValueKind::Guid => &[json!(1), json!("x")],
                ValueKind::String => &[json!(1), json!(true), json!({"EN": "x"})],
                ValueKind::DateTimeOffset => {
                    &[json!(1), json!("yesterday"), json!("2026-02-30T00:00:00Z")]
                }
                ValueKind::Binary => &[json!(1), json!("*")],
                ValueKind::Multilanguage => &[
                    json!("x"),
                    json!(1),
                    json!({"EN": 1}),
                    json!({"no language": "x"}),
                ],
                ValueKind::Enumeration => &[json!(true), json!("Nobody"), json!(99)],
            };
            for value in wrong {
                let body = json!({ &attribute.name: value });
                let answer = server.patch(&address, &body).expect(400);
                let (code, target) = answer.faults().remove(0);
                let known = ["TypeMismatch", "InvalidValue", "UnknownEnumMember"];
                assert!(known.contains(&code.as_str()), "{body} {answer}");
                let name = target.split('/').next().unwrap();
                assert_eq!(name, attribute.name, "{body} {answer}");
            }
        }
    }
}

fn numbers_stay_in_their_range(kind: Kind) {
    let server = kind.server();
    let payloads = Payloads::new(&server);
    for id in open_entities(&server.model) {
        let address = payloads.create(id).unwrap();
        for attribute in writable(&server.model, id) {
            let (least, greatest) = match attribute.kind {
                ValueKind::Byte => (0, 255),
                ValueKind::Int16 => (i64::from(i16::MIN), i64::from(i16::MAX)),
                ValueKind::Int32 => (i64::from(i32::MIN), i64::from(i32::MAX)),
                _ => continue,
            };
            let name = &attribute.name;
            let least = attribute.min.unwrap_or(least);
            let greatest = attribute.max.unwrap_or(greatest);
            for value in [least, greatest] {
                server.change(&address, &json!({ name: value }));
                assert_eq!(server.stored(&address, name), json!(value));
            }
            for value in [least - 1, greatest + 1] {
                let body = json!({ name: value });
                server
                    .patch(&address, &body)
                    .refused(422, "ValueOutOfRange", name);
            }
        }
    }
}

fn all_faults_are_told_at_once(kind: Kind) {
    let server = kind.server();
    let body = json!({
        "Login": "x".repeat(65), "Nam": {"EN": "x"}, "Active": 1, "UserType": "Nobody",
        "Groups": [{"Group": 5}, {"Grup": null}], "@odata.nonsense": 1,
    });
    let answer = server.post(USERS, &body).send();
    let mut targets: Vec<String> = answer.faults().into_iter().map(|(_, t)| t).collect();
    targets.sort();
    targets.dedup();
    let expected = [
        "@odata.nonsense",
        "Active",
        "Groups/0/Group",
        "Groups/1/Grup",
        "Login",
        "Nam",
        "UserType",
    ];
    assert_eq!(targets, expected, "{answer}");
    assert!(answer.text().contains("did you mean `Name`?"), "{answer}");
    let twice = r#"{"Login":"a","Login":"b","Groups":[{"Group":null,"Group":null}]}"#;
    let answer = server
        .ask("POST", USERS)
        .body("application/json", twice)
        .expect(400);
    let twice = |name: &str| ("DuplicateProperty".to_owned(), name.to_owned());
    let faults = answer.faults();
    assert!(faults.contains(&twice("Login")), "{answer}");
    assert!(faults.contains(&twice("Groups/0/Group")), "{answer}");
    // Where types fit, everything that the whole object lacks.
    let answer = server.post(USERS, &json!({})).expect(422);
    let mut found = answer.faults();
    found.sort();
    found.dedup();
    let lacks = |name: &str| ("ValueRequired".to_owned(), name.to_owned());
    assert_eq!(found, [lacks("Login"), lacks("Name")], "{answer}");
    assert_eq!(server.count(USERS), 0);
}

/// The facts of section 5.2, spelled out: the model could be wrong.
fn defaults_of_users(kind: Kind) {
    let server = kind.server();
    let body = json!({"Login": "ann", "Name": {"EN": "Ann"}, "@ext.initialPassword": "pw"});
    let address = server.create(USERS, &body);
    let names = "AccessFailedCount,Active,BasicAuthenticationAllowed,CompanyName,DefaultLanguage,\
                 Email,EmailConfirmed,IsAdmin,LockoutEndUtc,Notes,PhoneNumber,\
                 PhoneNumberConfirmed,RegistrationMessage,TwoFactorEnabled,UserType,\
                 VoiceExtensionNumbers,WindowsUserName,Domain,Model,Person,CreationTimeUtc,Id,\
                 ObjectVersion,PasswordFormat,DisplayText";
    let found = server.get(&format!("{address}?$select={names}"));
    let expected = json!({
        "AccessFailedCount": 0, "Active": true, "BasicAuthenticationAllowed": false,
        "CompanyName": null, "DefaultLanguage": null, "Email": null, "EmailConfirmed": false,
        "IsAdmin": false, "LockoutEndUtc": null, "Notes": null, "PhoneNumber": null,
        "PhoneNumberConfirmed": false, "RegistrationMessage": null, "TwoFactorEnabled": false,
        "UserType": "InternalUser", "VoiceExtensionNumbers": null, "WindowsUserName": null,
        "Domain": null, "Model": null, "Person": null, "ObjectVersion": 1,
        "PasswordFormat": "AspNetCoreV3", "DisplayText": "Ann",
    });
    for (name, value) in expected.as_object().unwrap() {
        assert_eq!(found[name], *value, "{name}");
    }
    assert!(found["CreationTimeUtc"].as_str().unwrap().ends_with('Z'));
    // The declared default stands for a user without a password.
    let virtual_user = server.create(USERS, &virtual_user("vir"));
    assert_eq!(server.stored(&virtual_user, "PasswordFormat"), "MD5");
}
