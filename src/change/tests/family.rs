//! Objects that are reached through the set of their base.

use serde_json::json;

use crate::change::testkit::{Ask, PARTIES, PERSONS, World, at, key, kinds, value};

const COMPANIES: &str = "General_Contacts_Companies";

fn world() -> World {
    let mut world = World::default();
    world.seed(PERSONS, key(1), json!({"FirstName": {"EN": "Ann"}}));
    world.seed(PERSONS, key(2), json!({"FirstName": {"EN": "Bob"}}));
    world
}

#[test]
fn changes_through_the_base_reach_the_same_properties() {
    let body = json!({
        "GLN": "123", "PartyNotes": "n", "ParentParty@odata.bind": at(PARTIES, key(2))
    });
    for ask in [
        Ask::Patch(PARTIES, key(1), body.clone()),
        Ask::Put(PARTIES, key(1), body),
    ] {
        let set = world().change(&[ask]).unwrap();
        assert_eq!(kinds(&set)[0], format!("Update {PERSONS} 1"));
        for (name, expected) in [
            ("GLN", "123"),
            ("PartyNotes", "n"),
            ("ParentParty", key(2).to_string().as_str()),
            ("FirstName", r#"{"EN":"Ann"}"#),
            ("Notes", "-"),
        ] {
            assert_eq!(value(&set, PERSONS, key(1), name), expected, "{name}");
        }
    }
}

#[test]
fn objects_are_found_through_the_base_in_the_set_too() {
    let asks = [
        Ask::Patch(
            PERSONS,
            key(2),
            json!({"GLN": "9", "FirstName": {"EN": "Rob"}}),
        ),
        Ask::Post(
            PARTIES,
            json!({"@erpnet.action": "find", "@erpnet.findBy": {"Name": "rob"}}),
        ),
        Ask::Post(
            PARTIES,
            json!({"@erpnet.action": "update", "@erpnet.findBy": {"Code": "00001"}, "GLN": "8"}),
        ),
    ];
    let mut world = world();
    let set = world.change(&asks).unwrap();
    assert_eq!(world.outcomes[1].unwrap().id, key(2));
    assert_eq!(value(&set, PERSONS, key(1), "GLN"), "8");
}

#[test]
fn a_parent_that_goes_is_seen_through_the_base() {
    let mut world = world();
    let link = Ask::Patch(
        PERSONS,
        key(1),
        json!({"ParentParty@odata.bind": at(PERSONS, key(2))}),
    );
    let set = world.change(std::slice::from_ref(&link)).unwrap();
    let delete = || Ask::Delete(PERSONS, key(2));
    let refused = world.change(&[link, delete()]).unwrap_err();
    assert_eq!(refused.len(), 1, "{refused:?}");
    assert!(refused[0].starts_with("1 StillReferenced General_Contacts_Parties/ParentParty:"));
    world.write(&set);
    let refused = world.change(&[delete()]).unwrap_err();
    assert_eq!(refused.len(), 1, "{refused:?}");
    let unlink = Ask::Patch(PARTIES, key(1), json!({"ParentParty": null}));
    assert!(world.change(&[delete(), unlink]).is_ok());
}

#[test]
fn another_branch_of_the_family_is_another_object() {
    let asks = [
        Ask::Patch(PERSONS, key(1), json!({"Notes": "x"})),
        Ask::Patch(COMPANIES, key(1), json!({"GLN": "x"})),
    ];
    let refused = world().change(&asks).unwrap_err();
    assert!(refused[0].starts_with("1 NotFound -:"), "{refused:?}");
}

#[test]
fn a_base_with_types_wants_the_type() {
    let refused = world().change(&[Ask::Post(PARTIES, json!({"GLN": "1"}))]);
    assert_eq!(
        refused.err().unwrap(),
        ["0 InvalidPayload -: `General_Contacts_Parties` holds objects of other types"]
    );
    let typed = json!({"@odata.type": "#Erp.General_Contacts_Person", "FirstName": {"EN": "A"}});
    assert!(world().change(&[Ask::Post(PARTIES, typed)]).is_ok());
}
