//! Entities, their keys, names and texts.

use userdex::model::AttributeRole;

use crate::kit::{attribute, entity, shipped};

#[test]
fn every_description_is_there() {
    for (_, entity) in shipped().entities() {
        let attributes = entity.attributes.iter().map(|a| (&a.name, &a.text));
        let references = entity.references.iter().map(|r| (&r.name, &r.text));
        let collections = entity.collections.iter().map(|c| (&c.name, &c.text));
        let bilingual = entity.set == "Systems_Security_Users"
            || entity
                .references
                .iter()
                .any(|r| r.owner && r.name == "User");
        for (name, text) in attributes.chain(references).chain(collections) {
            assert!(!text.en.is_empty(), "{}.{name}", entity.set);
            assert!(!bilingual || text.bg.is_some(), "{}.{name}", entity.set);
        }
    }
}

#[test]
fn renamed_sets_lead_to_the_new_ones() {
    let model = shipped();
    assert_eq!(
        model.renamed_set("Systems_Workflow_RoleUsers"),
        model.set("Systems_Security_RoleUsers")
    );
    assert_eq!(model.set("Systems_Workflow_RoleUsers"), None);
}

#[test]
fn the_key_is_the_first_attribute() {
    for (_, entity) in shipped().entities() {
        let key = entity.attribute(entity.key());
        assert_eq!(
            (key.name.as_str(), key.role),
            ("Id", AttributeRole::Key),
            "{}",
            entity.name
        );
    }
}

#[test]
fn the_service_makes_names_numbers_and_stamps_of_parties() {
    let model = shipped();
    let composed = |set: &str, name: &str| {
        let entity = entity(&model, set);
        entity.composition(attribute(entity, name))
    };
    for (set, name, number) in [
        (
            "General.Contacts.Persons",
            Some("{FirstName} {MiddleName} {LastName}"),
            Some("{NationalNumber}"),
        ),
        (
            "General.Contacts.Companies",
            Some("{CompanyName}"),
            Some("{RegistrationNumber}"),
        ),
        (
            "General.Contacts.CompanyDivisions",
            Some("{DivisionName}"),
            None,
        ),
        (
            "General.Contacts.CompanyLocations",
            Some("{LocationName}"),
            None,
        ),
        ("General.Contacts.Parties", None, None),
    ] {
        assert_eq!(composed(set, "PartyName").as_deref(), name, "{set}");
        let found = composed(set, "PartyUniqueNumber");
        assert_eq!(found.as_deref(), number, "{set}");
    }
    let stamps = |set: &str| -> Vec<_> {
        let all = entity(&model, set).attributes.iter();
        all.filter_map(|a| Some((a.name.clone(), a.stamp?.word())))
            .collect()
    };
    let expected = |names: [&str; 4]| -> Vec<_> {
        let words = [
            "creation time",
            "creation user",
            "update time",
            "update user",
        ];
        names.map(str::to_owned).into_iter().zip(words).collect()
    };
    let party = expected([
        "PartyCreationTime",
        "PartyCreationUser",
        "PartyUpdateTime",
        "PartyUpdateUser",
    ]);
    assert_eq!(stamps("General.Contacts.Companies"), party);
    let person = expected(["CreationTime", "CreationUser", "UpdateTime", "UpdateUser"]);
    let both: Vec<_> = person.into_iter().chain(party).collect();
    assert_eq!(stamps("General.Contacts.Persons"), both);
    let failed = attribute(
        entity(&model, "Systems.Security.Users"),
        "AccessFailedCount",
    );
    assert_eq!((failed.min, failed.max), (Some(0), None));
}

#[test]
fn an_entity_knows_what_extends_it_and_what_points_at_it() {
    let model = shipped();
    let id = |set: &str| model.set(set).unwrap();
    let names = |set: &str| -> Vec<_> {
        let all = model.derived(id(set)).iter();
        all.map(|id| model.entity(*id).type_name.as_str()).collect()
    };
    let parts = ["Company", "CompanyDivision", "CompanyLocation", "Person"];
    let parts = parts.map(|part| format!("General_Contacts_{part}"));
    assert_eq!(names("General_Contacts_Parties"), parts);
    assert_eq!(names("Systems_Security_Users"), [""; 0]);
    let referrers = |set: &str| -> Vec<_> {
        let all = model.referrers(id(set)).iter();
        all.map(|(from, reference)| {
            let from = model.entity(*from);
            format!("{}.{}", from.set, from.reference(*reference).name)
        })
        .collect()
    };
    assert_eq!(
        referrers("General_Contacts_Parties"),
        ["General_Contacts_Parties.ParentParty"],
        "inherited references count once"
    );
    assert_eq!(
        referrers("Systems_Security_Groups"),
        [
            "Ext_EntityPermissions.Group",
            "Systems_Security_GroupAccessKeys.Group",
            "Systems_Security_UserGroups.Group"
        ]
    );
    let all: usize = model
        .entities()
        .map(|(id, _)| model.referrers(id).len())
        .sum();
    let own = model.entities().flat_map(|(_, e)| &e.references);
    assert_eq!(all, own.filter(|r| !r.inherited && !r.outlives).count());
}

#[test]
fn methods_are_of_every_entity_or_of_one() {
    let model = shipped();
    let found = |set: &str, namespace: Option<&str>, name: &str| {
        let method = model.method(model.set(set).unwrap(), namespace, name);
        method.map(|m| m.namespace.as_str())
    };
    let users = "Systems_Security_Users";
    for namespace in [None, Some("Ext")] {
        assert_eq!(found(users, namespace, "SetPassword"), Some("Ext"));
        assert_eq!(found(users, namespace, "ConfirmEmail"), Some("Ext"));
        assert_eq!(
            found("Systems_Security_Groups", namespace, "SetPassword"),
            None
        );
    }
    assert_eq!(found(users, Some("Erp"), "SetPassword"), None);
    assert_eq!(found(users, Some("Erp"), "CreateCopy"), Some("Erp"));
    let persons = "General_Contacts_Persons";
    assert_eq!(found(persons, None, "CreateCopy"), Some("Erp"));
}
