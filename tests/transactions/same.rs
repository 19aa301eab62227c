//! Whatever is asked inside a transaction is answered as it will be once the transaction is saved.

use serde_json::{Value as Json, json};

use super::kit::{Inside, USERS, begin, create, encoded};
use super::support::world::{Reply, World, on_each_world, text};

/// What only the end of the transaction settles: versions and times.
const LATER: [&str; 13] = [
    "LastUpdateTimeUtc",
    "LatestVersion",
    "@odata.etag",
    "ObjectVersion",
    "CreationTimeUtc",
    "AggregateLastUpdateTimeUtc",
    "CreationTime",
    "CreationUser",
    "UpdateTime",
    "UpdateUser",
    "PartyCreationTime",
    "PartyUpdateTime",
    "PartyCreationUser",
];

fn without_later(json: &mut Json) {
    match json {
        Json::Object(members) => {
            members.retain(|name, _| !LATER.contains(&name.as_str()) && name != "PartyUpdateUser");
            members.values_mut().for_each(without_later);
        }
        Json::Array(items) => items.iter_mut().for_each(without_later),
        Json::Null | Json::Bool(_) | Json::Number(_) | Json::String(_) => {}
    }
}

/// What two answers have to have in common.
fn seen(reply: &Reply) -> (u16, Json) {
    let mut body = match serde_json::from_str(&reply.body) {
        Ok(body) => body,
        Err(_) => json!(reply.body),
    };
    without_later(&mut body);
    if let Some(error) = body.get_mut("error").and_then(Json::as_object_mut) {
        error.remove("@ext.requestId");
    }
    // Outside, a token also knows where in the history its walk began.
    if let Some(Json::String(link)) = body.get_mut("@odata.nextLink") {
        let token = link.find("$skiptoken=").unwrap();
        link.truncate(token);
    }
    (reply.status, body)
}

/// The keys of the first rows of a set.
fn keys(world: &World, set: &str, number: usize) -> Vec<String> {
    let rows = world.get(&format!("{set}?$select=Id&$orderby=Id&$top={number}"));
    let rows = rows.as_array().unwrap();
    rows.iter().map(|row| text(&row["Id"])).collect()
}

/// Changes something of everything; keys that addresses are made of.
fn change(inside: &Inside<'_>) -> Vec<String> {
    let world = inside.world;
    let users = keys(world, USERS, 8);
    let group = &keys(world, "Systems_Security_Groups", 1)[0];
    let persons = keys(world, "General_Contacts_Persons", 4);
    let new = |set: &str, body: Json| text(&inside.done("POST", set, &body).tree()["Id"]);
    let person = new(
        "General_Contacts_Persons",
        json!({"FirstName": {"EN": "Zoë"}, "LastName": {"EN": "Ångström", "BG": "Ангстрьом"}}),
    );
    let user = new(
        USERS,
        json!({"Login": "zoe", "UserType": "VirtualUserNoLogin", "Name": {"EN": "Zoë Ångström"}, "Email": "zoe@example.org",
               "Person@odata.bind": format!("General_Contacts_Persons({person})"),
               "Groups": [{"Group@odata.bind": format!("Systems_Security_Groups({group})")}]}),
    );
    inside.done(
        "PATCH",
        &format!("{USERS}({})", users[1]),
        &json!({"Name": {"EN": "aaa First"}, "Notes": "quo\"te \\ 'é'\n\u{1F600}", "IsAdmin": true}),
    );
    inside.done(
        "PATCH",
        &format!("{USERS}({})", users[2]),
        &json!({"Person": null, "LockoutEndUtc": "2031-02-03T04:05:06.789Z", "Active": false}),
    );
    inside.done(
        "PATCH",
        &format!("General_Contacts_Persons({})", persons[0]),
        &json!({"FirstName": {"EN": "Quentin"}, "LastName": {"EN": "Quick"}}),
    );
    for member in keys(world, "Systems_Security_UserGroups", 3) {
        inside.done(
            "DELETE",
            &format!("Systems_Security_UserGroups({member})"),
            &json!({}),
        );
    }
    inside.done(
        "PATCH",
        &format!("Systems_Security_Groups({group})"),
        &json!({"Name": {"EN": "Renamed", "BG": "Преименувана"}}),
    );
    let short_lived = new("Systems_Security_Roles", json!({"Name": "Gone"}));
    inside.done(
        "DELETE",
        &format!("Systems_Security_Roles({short_lived})"),
        &json!({}),
    );
    let role = new(
        "Systems_Security_Roles",
        json!({"Name": "Stays", "ExternalId": "x-1"}),
    );
    inside.done(
        "POST",
        &format!("{USERS}({user})/RoleUsers"),
        &json!({"Role@odata.bind": format!("Systems_Security_Roles({role})")}),
    );
    [users, persons, vec![user, person, group.clone(), role]].concat()
}

fn addresses(world: &World, keys: &[String]) -> Vec<String> {
    let document = world.get("");
    let sets = document.as_array().unwrap().iter();
    let sets = sets.filter(|set| set["kind"] != "ActionImport" && set["kind"] != "FunctionImport");
    let sets: Vec<String> = sets.map(|set| text(&set["url"])).collect();
    // The history is written at the end, and tells of it.
    let sets: Vec<String> = sets
        .into_iter()
        .filter(|set| !set.starts_with("Systems_Core_") && !set.starts_with("Systems_Monitoring_"))
        .collect();
    assert!(sets.len() > 20, "{sets:?}");
    let mut all = Vec::new();
    for set in &sets {
        all.push(format!("{set}?$orderby=Id&$top=500&$select=*,DisplayText"));
        all.push(format!("{set}?$orderby=Id desc&$top=3&$skip=1&$count=true"));
        all.push(format!("{set}/$count"));
        all.push(format!("{set}?$search=zo%C3%AB"));
        for key in keys {
            all.push(format!("{set}({key})"));
        }
    }
    for key in keys {
        all.push(format!("{USERS}({key})?$expand=Groups($expand=Group;$orderby=Id),Person,RoleUsers($expand=Role($select=Name))"));
        all.push(format!("Systems_Core_ExtensibleDataObjects({key})"));
        all.push(format!("{USERS}({key})/Groups"));
        all.push(format!("{USERS}({key})/Groups/$count"));
        all.push(format!("{USERS}({key})/Person"));
        all.push(format!("{USERS}({key})/Name"));
        all.push(format!("{USERS}({key})/Login/$value"));
    }
    for query in [
        "$orderby=Login&$top=5",
        "$orderby=Login desc&$top=5",
        "$orderby=Email&$top=7&$skip=2",
        "$orderby=Email desc,Login&$top=40",
        "$filter=contains(Login,'Z')&$orderby=Id",
        "$filter=startswith(Login,'z')&$orderby=Id",
        "$filter=contains(Name,'ångström')&$orderby=Id",
        "$filter=Name eq 'aaa first'&$orderby=Id",
        "$filter=Email in ('zoe@example.org','nobody')&$orderby=Id",
        "$filter=Active eq false&$orderby=Id",
        "$filter=IsAdmin eq true&$orderby=Login&$count=true",
        "$filter=LockoutEndUtc ge 2031-01-01T00:00:00Z&$orderby=Id",
        "$filter=Person eq null&$orderby=Id&$top=20",
        "$filter=Person ne null and Active eq true&$orderby=Id&$top=20",
        "$filter=not(Active eq true) or Login eq 'zoe'&$orderby=Id",
        "$filter=UserType eq 'InternalUser'&$orderby=Id&$top=20&$count=true",
        "$search=first&$orderby=Id",
        "$filter=Groups/any()&$orderby=Id&$count=true",
        "$filter=not Groups/any()&$orderby=Id&$count=true",
        "$filter=Groups/any(g:g/User/Login eq 'zoe')&$orderby=Id",
        "$filter=Groups/all(g:g/User/Active eq true)&$orderby=Id&$count=true",
        "$filter=RoleUsers/any(r:Active eq true and r/Role ne null)&$orderby=Id",
        "$filter=Groups/any(g:g/User/RoleUsers/any(r:r/User/Login eq 'zoe' and g/User/IsAdmin eq false))",
        "$compute=concat(Login,'!') as L,length(Login) as N&$orderby=Login&$top=30&$select=L,N,Notes",
        "$filter=case(Active:contains(Login,'z'),true:IsAdmin)&$orderby=Id",
        "$expand=Groups($top=1;$orderby=Id;$count=true)&$orderby=Login desc&$top=10",
        "$expand=Person($select=Name,DisplayText)&$orderby=Login&$top=50&$select=Login,Notes",
    ] {
        all.push(format!("{USERS}?{query}"));
    }
    for other in [
        "Systems_Security_UserGroups?$filter=User/Login eq 'zoe'&$expand=User,Group",
        "Systems_Security_UserGroups?$filter=contains(Group/Name,'renamed')&$orderby=Id&$count=true",
        "Systems_Security_RoleUsers?$filter=contains(Role/Name,'stays')",
        "General_Contacts_Parties?$orderby=Id&$top=200&$select=*,DisplayText",
        "General_Contacts_Parties?$filter=contains(PartyName,'quick')",
        "General_Contacts_Persons?$filter=contains(FirstName,'zoë')",
        "Systems_Core_ExtensibleDataObjects?$filter=EntityType eq 'Systems.Security.Users'&$orderby=Id",
        "Systems_Core_ExtensibleDataObjects?$filter=EntityType eq 'General.Contacts.Parties'&$orderby=Id",
        "Systems_Core_ExtensibleDataObjects?$filter=EntityType eq 'Systems.Security.Roles'&$orderby=Id",
        "Systems_Security_Roles?$filter=ExternalId eq 'x-1'",
        "General_Contacts_Parties?$filter=isof(Erp.General_Contacts_Person)&$orderby=Id&$select=Id",
        "Systems_Security_UserGroups?$filter=User/RoleUsers/any(r:r/Role ne null)&$orderby=Id",
    ] {
        all.push(other.to_owned());
    }
    all.iter().map(|address| encoded(address)).collect()
}

#[test]
fn inside_is_as_after() {
    on_each_world(40, |world| {
        let before = world.dump();
        let inside = begin(world, &json!({}));
        let keys = change(&inside);
        let addresses = addresses(world, &keys);
        let seen_inside: Vec<_> = addresses
            .iter()
            .map(|address| seen(&inside.send("GET", address, None)))
            .collect();
        let known: Vec<&String> = before.iter().filter(|l| !l.starts_with("Ext_")).collect();
        let dump = world.dump();
        let is_counter = |line: &&String| !line.starts_with("Ext_");
        let now: Vec<&String> = dump.iter().filter(is_counter).collect();
        assert_eq!(now, known, "{}: something was stored", world.name);
        inside.commit();
        let mut differs = 0;
        for (address, inside) in addresses.iter().zip(&seen_inside) {
            let after = seen(&world.send("GET", address, &[], b""));
            assert_eq!(*inside, after, "{}: {address}", world.name);
            differs += usize::from(after.0 == 200);
        }
        assert!(differs > 100, "{differs} addresses answer");
    });
}

#[test]
fn pages_go_on() {
    on_each_world(30, |world| {
        let inside = begin(world, &json!({}));
        for n in 0..15 {
            let login = format!("p{n:02}");
            inside.done(
                "POST",
                USERS,
                &json!({"Login": login, "UserType": "VirtualUserNoLogin", "Name": {"EN": login}}),
            );
        }
        let address = encoded(&format!("{USERS}?$orderby=Login desc&$select=Login&$top=7"));
        let pages = |send: &dyn Fn(&str) -> Reply| {
            let (mut logins, mut next) = (Vec::new(), address.clone());
            loop {
                let page = send(&next).tree();
                let rows = page["value"].as_array().unwrap();
                logins.extend(rows.iter().map(|row| text(&row["Login"])));
                match page["@odata.nextLink"].as_str() {
                    Some(link) => {
                        let path = super::support::world::PATH;
                        next = link.split_once(path).unwrap().1.to_owned();
                    }
                    None => return logins,
                }
            }
        };
        let inside_pages = pages(&|next| inside.send("GET", next, None));
        assert!(inside_pages.len() >= 45, "{inside_pages:?}");
        inside.commit();
        assert_eq!(
            inside_pages,
            pages(&|next| world.send("GET", next, &[], b""))
        );
        let user = create(
            world,
            USERS,
            &json!({"Login": "q", "UserType": "VirtualUserNoLogin", "Name": {"EN": "q"}}),
        );
        assert!(!user.is_empty());
    });
}
