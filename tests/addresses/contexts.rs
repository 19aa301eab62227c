//! What context URLs say of what is expanded: to clients of 4.01 everything, to others what they know.

use crate::support::encode_query;
use crate::support::world::on_each_world;

#[test]
fn clients_of_4_01_are_told_what_is_expanded() {
    let cases = [
        // Without a list of its own.
        ("Users?$expand=Groups", "Users", "Users(Groups())"),
        (
            "Users?$expand=Groups&$select=Login",
            "Users(Login)",
            "Users(Login,Groups())",
        ),
        (
            "Users?$expand=Groups($expand=Group)&$select=Login",
            "Users(Login)",
            "Users(Login,Groups(Group()))",
        ),
        // With one.
        (
            "Users?$select=Login&$expand=Groups($select=Id;$expand=Group),Person",
            "Users(Login,Groups(Id))",
            "Users(Login,Groups(Id,Group()),Person())",
        ),
        // A name that is selected says that others are not there.
        (
            "Users?$select=Groups,Login&$expand=Groups",
            "Users(Groups,Login)",
            "Users(Groups,Login,Groups())",
        ),
        (
            "Users?$select=Groups,Login&$expand=Groups($select=Id)",
            "Users(Login,Groups(Id))",
            "Users(Groups,Login,Groups(Id))",
        ),
        // Addresses and numbers are not in it.
        (
            "Users?$select=Login&$expand=Person/$ref,Groups/$count",
            "Users(Login)",
            "Users(Login)",
        ),
        // Levels.
        (
            "Parties?$expand=ParentParty($levels=2)",
            "Parties",
            "Parties(ParentParty+())",
        ),
        (
            "Parties?$expand=ParentParty($levels=3;$select=Id)",
            "Parties(ParentParty(Id,ParentParty(Id,ParentParty(Id))))",
            "Parties(ParentParty+(Id))",
        ),
        (
            "Parties?$expand=ParentParty($levels=1)",
            "Parties",
            "Parties(ParentParty())",
        ),
        // Properties of a derived type.
        (
            "Parties?$expand=Erp.General_Contacts_Person/CompanyEmployees",
            "Parties",
            "Parties(Erp.General_Contacts_Person/CompanyEmployees())",
        ),
        // Groups.
        (
            "Members?$apply=groupby((Group))&expandgroup=Group($expand=GroupForUser)",
            "Members(Group())",
            "Members(Group(GroupForUser()))",
        ),
    ];
    on_each_world(3, |world| {
        let context = |query: &str, version: &[(&str, &str)]| {
            let address = encode_query(&format!("{}&$top=1", whole(query)));
            let reply = world.send("GET", &address, version, b"");
            assert_eq!(reply.status, 200, "{}: {query}\n{}", world.name, reply.body);
            let body = reply.tree();
            let context = body.get("@odata.context").or_else(|| body.get("@context"));
            let (_, said) = context.unwrap().as_str().unwrap().split_once('#').unwrap();
            said.to_owned()
        };
        for (query, old, new) in cases {
            for (version, expected) in [
                (&[][..], old),
                (&[("OData-MaxVersion", "4.0")], old),
                (&[("OData-MaxVersion", "4.01")], new),
            ] {
                let said = context(query, version);
                assert_eq!(said, whole(expected), "{}: {query} {version:?}", world.name);
            }
        }
    });
}

/// A text that begins with the short name of a set, with its whole name.
fn whole(text: &str) -> String {
    [
        ("Users", "Systems_Security_Users"),
        ("Members", "Systems_Security_UserGroups"),
        ("Parties", "General_Contacts_Parties"),
    ]
    .iter()
    .find_map(|(short, long)| Some(format!("{long}{}", text.strip_prefix(short)?)))
    .unwrap()
}
