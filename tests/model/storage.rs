//! Tables, columns, indexes and views.

use userdex::model::{IndexMethod, Place, Table};
use userdex::value::Kind;

use crate::kit::{entity, shipped};

#[test]
fn secrets_are_closed_and_leave_no_shadow() {
    let model = shipped();
    let mut secrets = Vec::new();
    for (_, entity) in model.entities() {
        for (id, attribute) in entity.attribute_ids().filter(|(_, a)| a.secret) {
            assert_eq!(
                entity.stored(id).unwrap().shadow,
                None,
                "{}",
                attribute.name
            );
            assert!(!entity.in_default_set(attribute));
            secrets.push(format!("{}.{}", entity.set, attribute.name));
        }
    }
    assert_eq!(
        secrets,
        [
            "Systems_Config_WebHooks.Headers",
            "Systems_Security_AccessTokens.AccessTokenKey",
            "Systems_Security_AccessTokens.Data",
            "Systems_Security_DomainProviders.ClientSecret",
            "Systems_Security_TrustedApplications.ApplicationSecretHash",
            "Systems_Security_UserProviderTokens.TokenValue",
            "Systems_Security_Users.Password",
        ]
    );
}

#[test]
fn what_is_marked_indexed_has_an_index() {
    let model = shipped();
    let mut seen = 0;
    for (_, entity) in model.entities().filter(|(_, entity)| !entity.view) {
        let attributes = entity
            .attribute_ids()
            .filter(|(_, a)| a.indexed)
            .filter_map(|(id, _)| entity.stored(id));
        let references = entity
            .reference_ids()
            .filter(|(_, r)| r.indexed)
            .map(|(id, _)| entity.stored_reference(id));
        for stored in attributes.chain(references) {
            let table = model.table(stored.table);
            let serves = |column| {
                table
                    .indexes
                    .iter()
                    .any(|index| index.columns.first() == Some(&column))
            };
            let found = stored.column == Table::KEY
                || serves(stored.column)
                || stored.shadow.is_some_and(serves);
            assert!(found, "{}.{}", table.name, table.column(stored.column).name);
            seen += 1;
        }
    }
    assert!(seen > 60, "{seen}");
}

#[test]
fn every_declared_order_is_served() {
    let model = shipped();
    for (_, entity) in model.entities().filter(|(_, entity)| !entity.view) {
        for (id, attribute) in entity
            .attribute_ids()
            .filter(|(_, a)| a.orderable && !a.secret)
        {
            let stored = entity.stored(id).unwrap();
            // The order of a multi-language text depends on the reader's language.
            if attribute.kind == Kind::Multilanguage {
                continue;
            }
            let mut wanted: Vec<_> = stored.shadow.into_iter().collect();
            wanted.extend([stored.column, Table::KEY]);
            let table = model.table(stored.table);
            assert!(
                table.indexes.iter().any(|i| i.columns == wanted),
                "{}.{}",
                entity.name,
                attribute.name
            );
        }
    }
}

#[test]
fn the_table_of_users_is_as_designed() {
    let model = shipped();
    let table = model.table(model.repository("Systems.Security.Users").unwrap());
    let names: Vec<_> = table.columns.iter().map(|c| c.name.as_str()).collect();
    assert_eq!(
        names.iter().take(2).copied().collect::<Vec<_>>(),
        ["rid", "User_Id"]
    );
    for name in [
        "Login_folded",
        "Email_folded",
        "User_Name_folded",
        "Lockout_End_Utc_folded",
        "Latest_Version",
        "External_Id",
    ] {
        assert!(names.contains(&name), "{name}");
    }
    for name in ["Notes_folded", "Password_folded", "User_Type_folded"] {
        assert!(!names.contains(&name), "{name}");
    }
    let columns = |index: &str| -> Vec<_> {
        let found = table
            .indexes
            .iter()
            .find(|i| i.name == index)
            .unwrap_or_else(|| panic!("no {index}"));
        found
            .columns
            .iter()
            .map(|no| table.column(*no).name.as_str())
            .collect()
    };
    assert_eq!(
        columns("UX_Sec_Users_Domain_Login"),
        ["Domain_Id", "Login_folded"]
    );
    assert_eq!(
        columns("IX_Sec_Users_Login"),
        ["Login_folded", "Login", "User_Id"]
    );
    assert_eq!(
        columns("IX_Sec_Users_UserType_Active"),
        ["User_Type", "Active", "User_Id"]
    );
    let email = table
        .indexes
        .iter()
        .find(|i| i.name == "UX_Sec_Users_Domain_Email")
        .unwrap();
    assert!(email.unique);
    assert_eq!(email.null_is_value, [table.find("Domain_Id").unwrap()]);
    let substring: Vec<_> = table
        .indexes
        .iter()
        .filter(|i| i.method == IndexMethod::Substring)
        .map(|i| i.name.as_str())
        .collect();
    assert_eq!(
        substring,
        [
            "IX_Sec_Users_Email_Substring",
            "IX_Sec_Users_Login_Substring",
            "IX_Sec_Users_Name_Substring"
        ]
    );
    assert_eq!(
        table.column(table.find("Latest_Version").unwrap()).initial,
        Some(1)
    );
}

#[test]
fn places_follow_bases_and_roots() {
    let model = shipped();
    let place = |name: &str, property: &str| {
        let entity = entity(&model, name);
        let (id, _) = entity
            .attribute_ids()
            .find(|(_, a)| a.name == property)
            .unwrap();
        entity.stored(id).map(|s| {
            let table = model.table(s.table);
            (
                s.place,
                table.name.as_str(),
                table.column(s.column).name.as_str(),
            )
        })
    };
    let users = "Systems.Security.Users";
    assert_eq!(
        place(users, "ObjectVersion"),
        Some((Place::Own, "Sec_Users", "Latest_Version"))
    );
    assert_eq!(place(users, "DisplayText"), None);
    let groups = "Systems.Security.UserGroups";
    assert_eq!(
        place(groups, "ObjectVersion"),
        Some((Place::Root, "Sec_Users", "Latest_Version"))
    );
    let persons = "General.Contacts.Persons";
    assert_eq!(
        place(persons, "PartyName"),
        Some((Place::Base, "Gen_Parties", "Party_Name"))
    );
    assert_eq!(
        place(persons, "UpdateTime"),
        Some((Place::Own, "Cm_Persons", "Update_Time"))
    );
    assert_eq!(
        place(persons, "ExternalId"),
        Some((Place::Base, "Gen_Parties", "External_Id"))
    );
    let changes = "Systems.Core.AttributeChanges";
    assert_eq!(
        place(changes, "ObjectVersion"),
        Some((Place::Root, "Sys_Object_Changesets", "Latest_Version"))
    );
}

#[test]
fn objects_of_every_root_are_in_one_view() {
    let model = shipped();
    let view = model
        .repository("Systems.Core.ExtensibleDataObjects")
        .unwrap();
    for (root, _) in model.object_roots() {
        let cells = model.view_cells(view, root);
        assert_eq!(cells.len(), model.table(view).columns.len());
        for (cell, column) in cells.iter().zip(&model.table(view).columns) {
            let null = *cell == userdex::model::ViewCell::Null;
            assert!(!null || column.nullable, "{}", column.name);
        }
    }
    let roots: Vec<_> = model
        .object_roots()
        .map(|(_, root)| root.name.as_str())
        .collect();
    assert!(
        roots.contains(&"Systems.Security.Users") && roots.contains(&"General.Contacts.Parties")
    );
    assert!(
        !roots.contains(&"General.Contacts.Persons")
            && !roots.contains(&"Systems.Security.UserGroups")
    );
}
