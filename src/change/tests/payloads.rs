//! The form of payloads: names, annotations, addresses, and where faults point.

use serde_json::json;

use super::{faults, reading, told};
use crate::change::testkit::{GROUPS, PARTIES, PERSONS, USERS, at, entity, key};
use crate::change::{Action, BroughtSecret, Child, Draft, Link, SearchKeys, Secret};

fn draft(set: &str, text: &str) -> Draft {
    let read = reading(set, text, false);
    read.unwrap_or_else(|p| panic!("{text}: {p:?}")).draft
}

#[test]
fn all_faults_are_in_one_answer_each_at_its_place() {
    let text = r#"{
        "Logn": "x", "Active": 1, "Login": "a", "Login": "b",
        "Groups": [{"Group": 5}, {"Group": {"Nme": 1}}, 7, {"Group@odata.bind": "x"}],
        "Person": {"FirstName": {"EN": "a", "x": "b"}},
        "@odata.colour": 1
    }"#;
    let got = faults(USERS, text);
    let heads: Vec<_> = got.iter().filter_map(|l| l.split(':').next()).collect();
    assert_eq!(
        heads,
        [
            "DuplicateProperty Login",
            "UnknownProperty Logn",
            "TypeMismatch Active",
            "TypeMismatch Groups/0/Group",
            "UnknownProperty Groups/1/Group/Nme",
            "InvalidPayload Groups/2",
            "InvalidValue Groups/3/Group@odata.bind",
            "InvalidValue Person/FirstName/x",
            "UnknownAnnotation @odata.colour",
        ],
        "{got:#?}"
    );
    assert!(got[1].ends_with("has no property `Logn`; did you mean `Login`?"));
}

#[test]
fn names_are_exact_and_a_far_one_gets_no_advice() {
    assert_eq!(
        faults(USERS, r#"{"Colour":1}"#),
        ["UnknownProperty Colour: `Systems_Security_Users` has no property `Colour`"]
    );
    assert_eq!(
        faults(USERS, r#"{"login":"x"}"#),
        [
            "UnknownProperty login: `Systems_Security_Users` has no property `login`; did you mean `Login`?"
        ]
    );
}

#[test]
fn a_property_that_is_given_twice_is_told_once() {
    for text in [
        r#"{"Person":null,"Person":null}"#,
        r#"{"Person":null,"Person@odata.bind":null}"#,
        r#"{"Groups":[],"Groups@delta":[]}"#,
        r#"{"Groups":[],"Groups":[]}"#,
    ] {
        let got = faults(USERS, text);
        assert_eq!(got.len(), 1, "{text}: {got:?}");
        assert!(got[0].starts_with("DuplicateProperty "), "{text}: {got:?}");
    }
}

#[test]
fn payloads_are_objects() {
    for (text, noun) in [
        ("[]", "a list"),
        ("null", "null"),
        ("1", "a number"),
        ("\"\"", "a text"),
    ] {
        assert_eq!(
            faults(USERS, text),
            [format!(
                "InvalidPayload -: an object is wanted here, not {noun}"
            )]
        );
    }
    for (text, expected) in [
        (
            r#"{"Groups":{}}"#,
            "TypeMismatch Groups: `Groups` takes a list, not an object",
        ),
        (
            r#"{"Groups":null}"#,
            "TypeMismatch Groups: `Groups` takes a list, not null",
        ),
        (
            r#"{"Person":"x"}"#,
            "TypeMismatch Person: `Person` takes an object, not a text; write `{\"@odata.id\":\"General_Contacts_Persons(guid)\"}`",
        ),
    ] {
        assert_eq!(faults(USERS, text), [expected]);
    }
}

#[test]
fn read_only_values_are_ignored_or_refused() {
    let text = r#"{"Login":"x","EmailConfirmed":true,"Password":"hidden","DisplayText":"y","CreationTimeUtc":5}"#;
    let read = reading(USERS, text, false).unwrap();
    let warned: Vec<_> = read.warnings.iter().flat_map(told).collect();
    assert_eq!(
        warned,
        [
            "EmailConfirmed",
            "Password",
            "DisplayText",
            "CreationTimeUtc"
        ]
        .map(|name| format!(
            "ReadOnlyAttribute {name}: `{name}` is read only: its value was ignored"
        ))
    );
    assert_eq!(read.draft.values.len(), 1);
    let refused = told(&reading(USERS, text, true).unwrap_err());
    assert_eq!(refused.len(), 4);
    assert_eq!(
        refused[1],
        "ReadOnlyAttribute Password: `Password` is read only"
    );
    let group = r#"{"GroupForUser":null}"#;
    assert_eq!(reading(GROUPS, group, false).unwrap().warnings.len(), 1);
    assert!(reading(GROUPS, group, true).is_err());
}

#[test]
fn references_are_bound_in_every_form() {
    let id = key(7);
    let absolute = format!("https://host/api/domain/odata/{}", at(PERSONS, id));
    for value in [
        json!({"Person@odata.bind": at(PERSONS, id)}),
        json!({"Person@bind": at(PERSONS, id)}),
        json!({"Person@odata.bind": absolute}),
        json!({"Person@odata.bind": format!("/api/domain/odata/{PERSONS}/{id}")}),
        json!({"Person": {"@odata.id": at(PERSONS, id)}}),
        json!({"Person": {"@id": at(PERSONS, id), "@odata.etag": "x"}}),
    ] {
        let draft = draft(USERS, &value.to_string());
        let [(_, Link::To(of, to))] = draft.references.as_slice() else {
            panic!("{value}");
        };
        assert_eq!((*of, *to), (entity(PERSONS), id), "{value}");
    }
    for text in [r#"{"Person":null}"#, r#"{"Person@odata.bind":null}"#] {
        let draft = draft(USERS, text);
        assert!(matches!(draft.references.as_slice(), [(_, Link::Null)]));
    }
    let named = r#"{"Group":null,"User@odata.bind":"$1"}"#;
    let draft = draft("Systems_Security_UserGroups", named);
    assert!(matches!(draft.references[1].1, Link::To(_, to) if to == key(1)));
}

#[test]
fn addresses_have_their_form_and_entity() {
    for (bind, expected) in [
        (
            "\"$2\"",
            "InvalidValue Person@odata.bind: no earlier request of the batch is called `$2`",
        ),
        (
            "\"$1\"",
            "TypeMismatch Person@odata.bind: this takes the address of one of `General_Contacts_Persons`, not of `Systems_Security_Users`",
        ),
        (
            "\"nonsense\"",
            "InvalidValue Person@odata.bind: `nonsense` is not the address of an entity; write `General_Contacts_Persons(guid)`",
        ),
        (
            "\"Nothing(00000000-0000-0000-0000-000000000001)\"",
            "TypeMismatch Person@odata.bind: this takes the address of one of `General_Contacts_Persons`, not of `Nothing`",
        ),
        (
            "5",
            "TypeMismatch Person@odata.bind: `Person@odata.bind` takes a text, not a number",
        ),
    ] {
        let text = format!("{{\"Person@odata.bind\":{bind}}}");
        assert_eq!(faults(USERS, &text), [expected]);
    }
    // A base and what extends it share their keys.
    let text = format!("{{\"Person@odata.bind\":\"{}\"}}", at(PARTIES, key(1)));
    assert!(faults(USERS, &text).is_empty());
    assert_eq!(
        faults(USERS, r#"{"Active@odata.bind":"x"}"#)[0]
            .split(':')
            .next(),
        Some("UnknownAnnotation Active@odata.bind")
    );
}

#[test]
fn types_are_named_in_every_form() {
    for (name, known) in [
        ("#Erp.General_Contacts_Person", true),
        ("Erp.General_Contacts_Person", true),
        ("General_Contacts_Person", true),
        ("http://host/$metadata#Erp.General_Contacts_Person", true),
        ("#Erp.Systems_Security_User", false),
        ("#Erp.Nothing", false),
        ("", false),
    ] {
        let text = json!({"@odata.type": name, "FirstName": {"EN": "A"}}).to_string();
        let read = reading(PARTIES, &text, false);
        match read {
            Ok(read) => assert_eq!(read.draft.entity, entity(PERSONS), "{name}"),
            Err(problem) => {
                assert!(!known, "{name}: {problem:?}");
                assert_eq!(problem.target(), Some("@odata.type"));
            }
        }
    }
    // The place of a derived set knows better than a base that is echoed.
    let text = r##"{"@odata.type":"#Erp.General_Contacts_Party","FirstName":{"EN":"A"}}"##;
    assert_eq!(draft(PERSONS, text).entity, entity(PERSONS));
}

#[test]
fn deltas_say_what_goes() {
    let text = json!({"Groups@delta": [
        {"@removed": {"reason": "deleted"}, "@odata.id": at("Systems_Security_UserGroups", key(3))},
        {"@odata.removed": {}, "Id": key(4).to_string()},
        {"Group@odata.bind": at(GROUPS, key(5))},
    ]});
    let draft = draft(USERS, &text.to_string());
    let [(_, children)] = draft.collections.as_slice() else {
        panic!("{draft:?}");
    };
    assert!(!children.replace);
    assert!(matches!(
        children.items.as_slice(),
        [Child::Removed(a, x), Child::Removed(b, y), Child::Kept(_)]
            if a == "Groups/0" && *x == key(3) && b == "Groups/1" && *y == key(4)
    ));
    assert_eq!(
        faults(USERS, r#"{"Groups@delta":[{"@removed":{}}]}"#),
        ["InvalidPayload Groups/0: an object that is removed needs its `@odata.id`"]
    );
    assert_eq!(
        faults(USERS, r#"{"Person@delta":[]}"#)[0].split(':').next(),
        Some("UnknownAnnotation Person@delta")
    );
}

#[test]
fn children_do_not_hold_what_is_around_them() {
    let text = r#"{"Groups":[{"User":{"Login":"x"}}]}"#;
    assert_eq!(
        faults(USERS, text),
        [
            "InvalidPayload Groups/0/User: `User` is the object around this one; leave it out, or give its address only"
        ]
    );
}

#[test]
fn actions_and_search_keys() {
    for (word, action) in Action::ALL {
        let text = json!({"@erpnet.action": word}).to_string();
        assert_eq!(draft(USERS, &text).action, Some(*action));
    }
    let text = json!({"@erpnet.findBy": {
        "ExternalId": "e", "ExternalSystem": "s", "Id": key(1).to_string(), "Code": "c",
        "Name": "n", "DisplayText": "d"
    }});
    let expected = SearchKeys {
        external_id: Some("e".to_owned()),
        external_system: Some("s".to_owned()),
        id: Some(key(1)),
        code: Some("c".to_owned()),
        name: Some("n".to_owned()),
        display_text: Some("d".to_owned()),
    };
    assert_eq!(draft(USERS, &text.to_string()).find_by, Some(expected));
    for (text, expected) in [
        (
            r#"{"@erpnet.action":"smash"}"#,
            "InvalidValue @erpnet.action: there is no action `smash`; the actions are create, update, delete, find, findOrNull, findOrCreate, findSingle, findSingleOrNull, merge",
        ),
        (
            r#"{"@erpnet.findBy":"x"}"#,
            "TypeMismatch @erpnet.findBy: `@erpnet.findBy` takes an object, not a text",
        ),
        (
            r#"{"@erpnet.findBy":{"Colour":"x"}}"#,
            "UnknownProperty @erpnet.findBy/Colour: nothing is found by `Colour`; it takes ExternalId, ExternalSystem, Id, Code, Name, DisplayText",
        ),
        (
            r#"{"@erpnet.findBy":{"Code":5}}"#,
            "TypeMismatch @erpnet.findBy/Code: `@erpnet.findBy/Code` takes a text, not a number",
        ),
        (
            r#"{"@erpnet.findBy":{"Id":"x"}}"#,
            "InvalidValue @erpnet.findBy/Id: `Id` takes a guid",
        ),
    ] {
        assert_eq!(faults(USERS, text), [expected]);
    }
    let nested = r#"{"Person":{"@erpnet.findBy":{"Id":"x"}}}"#;
    assert!(faults(USERS, nested)[0].starts_with("InvalidValue Person/@erpnet.findBy/Id:"));
}

#[test]
fn one_object_has_one_key() {
    let (one, two) = (key(1), key(2));
    let text = json!({"Id": one.to_string(), "@odata.id": at(USERS, one)});
    assert_eq!(draft(USERS, &text.to_string()).id, Some(one));
    let text = json!({"Id": one.to_string(), "@odata.id": at(USERS, two)});
    assert_eq!(
        faults(USERS, &text.to_string()),
        ["InvalidPayload @odata.id: the object is named twice, by different keys"]
    );
}

#[test]
fn passwords_are_never_shown() {
    let text = r#"{"Login":"x","@ext.initialPassword":"hunter2"}"#;
    let mut read = reading(USERS, text, false).unwrap();
    let secrets = read.draft.secrets();
    assert!(
        matches!(secrets.as_slice(), [BroughtSecret { path: at, secret: Secret::Plain(p), .. }]
        if p == "hunter2" && at == "@ext.initialPassword")
    );
    assert!(!format!("{read:?}").contains("hunter2"));
    for text in [
        r#"{"Active":1,"@ext.initialPassword":"hunter2"}"#,
        r#"{"@ext.initialPassword":"hunter2","@ext.initialPassword":"hunter2"}"#,
        r#"{"@ext.initialPassword":["hunter2"]}"#,
        r#"{"@ext.initialPasswort":"hunter2"}"#,
        r#"{"@ext.passwordHash":{"hash":"hunter2"}}"#,
        r#"{"@ext.passwordHash":{"hash":"hunter2","format":7}}"#,
        r#"{"@ext.passwordHash":"hunter2"}"#,
        r#"{"Password":"hunter2","Active":1}"#,
        r#"{"Login@ext.initialPassword":"hunter2"}"#,
        r#"{"@ext.initialPassword":"hunter2"#,
    ] {
        let problem = reading(USERS, text, true).unwrap_err();
        let shown = format!("{problem:?} {problem} {:?}", told(&problem));
        assert!(!shown.contains("hunter2"), "{text}: {shown}");
    }
    let nested = r#"{"GroupForUser":null,"AccessKeys":[]}"#;
    assert!(draft(GROUPS, nested).secrets().is_empty());
}
