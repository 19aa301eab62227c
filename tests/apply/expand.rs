//! `expandgroup`: references that make groups, with what they lead to.

use serde_json::{Value as Json, json};

use crate::support::encode_query;
use crate::support::world::{World, on_each_world};

const USERS: &str = "Systems_Security_Users";
const MEMBERS: &str = "Systems_Security_UserGroups";

/// What was made.
struct Made {
    domain: String,
    group: String,
}

/// Three users, two of them in a domain, all members of one group.
fn fill(world: &World) -> Made {
    let made = |set: &str, body: &Json| {
        let reply = world.json("POST", set, body);
        assert_eq!(reply.status, 201, "{}", reply.body);
        reply.tree()["Id"].as_str().unwrap().to_owned()
    };
    let domain = made("Systems_Security_Domains", &json!({"Name": "kept.example"}));
    let group = made("Systems_Security_Groups", &json!({"Name": {"EN": "Kept"}}));
    for (login, of) in [
        ("ann@x", Some(&domain)),
        ("bob@x", Some(&domain)),
        ("cid@x", None),
    ] {
        let domain = of.map(|id| json!({"@odata.id": format!("Systems_Security_Domains({id})")}));
        let user = made(
            USERS,
            &json!({"Login": login, "Name": {"EN": login}, "UserType": "VirtualUserNoLogin",
                    "Domain": domain}),
        );
        let member = json!({
            "User@odata.bind": format!("{USERS}({user})"),
            "Group@odata.bind": format!("Systems_Security_Groups({group})"),
        });
        made(MEMBERS, &member);
    }
    Made { domain, group }
}

fn ask(world: &World, query: &str) -> (u16, String) {
    let reply = world.send("GET", &encode_query(query), &[], b"");
    (reply.status, reply.body)
}

fn get(world: &World, query: &str) -> Json {
    let (status, body) = ask(world, query);
    assert_eq!(status, 200, "{}: {query}\n{body}", world.name);
    serde_json::from_str(&body).unwrap()
}

/// The transformation that keeps the users made here, and then something.
fn users(apply: &str) -> String {
    format!("{USERS}?$apply=filter(endswith(Login,'@x'))/{apply}")
}

fn members(apply: &str) -> String {
    format!("{MEMBERS}?$apply=filter(endswith(User/Login,'@x'))/{apply}")
}

#[test]
fn what_a_key_leads_to_is_shown_in_its_place() {
    on_each_world(0, |world| {
        let Made { domain, group } = fill(world);
        let id = format!("Systems_Security_Domains({domain})");
        let by_domain = users("groupby((Domain),aggregate($count as N))");
        let body = get(
            world,
            &format!("{by_domain}&expandgroup=Domain($select=Name)"),
        );
        let context = body["@odata.context"].as_str().unwrap();
        assert!(context.ends_with("Users(Domain(Name),N)"), "{context}");
        assert_eq!(
            body["value"],
            json!([
                {"@odata.id": null, "Domain": null, "N@odata.type": "#Int64", "N": 1},
                {"@odata.id": null, "N@odata.type": "#Int64", "N": 2,
                 "Domain": {"@odata.id": id, "@odata.etag": "W/\"1\"", "Name": "kept.example"}},
            ])
        );
        // Inside an object: alone, first, and behind another member; null members left out.
        let path = members("groupby((User/Domain,User/UserType,Group),aggregate($count as N))");
        let body = get(
            world,
            &format!(
                "{path}&expandgroup=User/Domain($select=Name),Group($select=Name;$expand=GroupForUser)\
                 &options=skipnulls&$orderby=N"
            ),
        );
        let kept = json!({
            "@odata.id": format!("Systems_Security_Groups({group})"), "@odata.etag": "W/\"1\"",
            "Name": {"EN": "Kept"},
        });
        let at = json!({"@odata.id": id, "@odata.etag": "W/\"1\"", "Name": "kept.example"});
        assert_eq!(
            body["value"],
            json!([
                {"@odata.id": null, "User": {"UserType": "VirtualUserNoLogin"}, "Group": kept,
                 "N@odata.type": "#Int64", "N": 1},
                {"@odata.id": null, "User": {"Domain": at, "UserType": "VirtualUserNoLogin"},
                 "Group": kept, "N@odata.type": "#Int64", "N": 2},
            ])
        );
        let alone = members("groupby((User/Domain))");
        let body = get(
            world,
            &format!("{alone}&expandgroup=User/Domain/$ref&options=skipnulls"),
        );
        assert_eq!(
            body["value"],
            json!([
                {"@odata.id": null, "User": {}},
                {"@odata.id": null, "User": {"Domain": {"@odata.id": id}}},
            ])
        );
        // Of several parts only one has it; `*` is all of them; a key that is not selected is shown.
        let parts = users("concat(aggregate($count as N),groupby((Domain)),groupby((UserType)))");
        let body = get(world, &format!("{parts}&expandgroup=*&$select=N"));
        let shown: Vec<Option<&str>> = body["value"]
            .as_array()
            .unwrap()
            .iter()
            .map(|row| {
                row.get("Domain")
                    .map(|of| of["Name"].as_str().unwrap_or("none"))
            })
            .collect();
        assert_eq!(shown, [None, Some("none"), Some("kept.example"), None]);
    });
}

#[test]
fn pages_and_tables_have_it() {
    on_each_world(0, |world| {
        let Made { domain, .. } = fill(world);
        let by_login = users("groupby((Login,Domain))");
        let first = get(
            world,
            &format!("{by_login}&$top=2&expandgroup=Domain($select=Name)"),
        );
        let next = first["@odata.nextLink"].as_str().unwrap();
        assert!(next.contains("expandgroup=Domain($select=Name)"), "{next}");
        let (_, next) = next.split_once("/odata/").unwrap();
        let reply = world.send("GET", next, &[], b"");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let rest = reply.tree();
        assert_eq!(
            rest["value"],
            json!([{"@odata.id": null, "Login": "cid@x", "Domain": null}])
        );
        let (status, table) = ask(
            world,
            &format!("{by_login}&$format=csv&expandgroup=Domain($select=Id,Name)"),
        );
        assert_eq!(
            (status, table.as_str()),
            (
                200,
                format!(
                    "Login,Domain.Id,Domain.Name\r\nann@x,{domain},kept.example\r\n\
                     bob@x,{domain},kept.example\r\ncid@x,,\r\n"
                )
                .as_str()
            )
        );
    });
}

#[test]
fn months_of_years_group() {
    on_each_world(0, |world| {
        fill(world);
        let by_month =
            users("compute(yearmonth(CreationTimeUtc) as M)/groupby((M),aggregate($count as N))");
        let by_parts = users(
            "compute(year(CreationTimeUtc) as Y,month(CreationTimeUtc) as M)\
             /groupby((Y,M),aggregate($count as N))",
        );
        let (months, parts) = (get(world, &by_month), get(world, &by_parts));
        let months = months["value"].as_array().unwrap();
        let parts = parts["value"].as_array().unwrap();
        assert_eq!(months.len(), parts.len());
        for (month, parts) in months.iter().zip(parts) {
            let text = format!("{}-{:0>2}", parts["Y"], parts["M"].to_string());
            assert_eq!(month["M"], text);
            assert_eq!(month["N"], parts["N"]);
        }
    });
}

#[test]
fn what_is_refused_says_what_may_be_written() {
    on_each_world(0, |world| {
        for (query, code, words) in [
            (
                format!("{USERS}?expandgroup=Domain"),
                "InvalidOption",
                "nothing is grouped",
            ),
            (
                format!("{USERS}?$apply=filter(Active)&expandgroup=Domain"),
                "InvalidOption",
                "nothing is grouped",
            ),
            (
                format!("{USERS}/$count?$apply=groupby((Domain))&expandgroup=Domain"),
                "InvalidOption",
                "does not apply here",
            ),
            (
                users("groupby((UserType))&expandgroup=Domain"),
                "InvalidOption",
                "no reference makes groups here",
            ),
            (
                users("groupby((UserType,Domain))&expandgroup=UserType"),
                "InvalidOption",
                "what it may expand: `Domain`",
            ),
            (
                users("groupby((Domain))&expandgroup=Domain,Domain"),
                "InvalidOption",
                "only once",
            ),
            (
                users("groupby((Domain))&expandgroup=Domain&ExpandGroup=Domain"),
                "InvalidOption",
                "given twice",
            ),
            (
                users("groupby((Domain))&expandgroup=Domain/Name"),
                "InvalidOption",
                "nested options",
            ),
            (
                users("groupby((Domain))&expandgroup=Domain/$count"),
                "TypeMismatch",
                "a reference",
            ),
            (
                users("groupby((Domain))&expandgroup=Domain($filter=true)"),
                "InvalidOption",
                "$select",
            ),
            (
                users("groupby((Domain))&expandgroup=Domain($levels=2)"),
                "InvalidOption",
                "$select",
            ),
            (
                users("groupby((Domain))&expandgroup=*($levels=2)"),
                "InvalidOption",
                "$select",
            ),
            (
                users("groupby((Domain))&expandgroup=Domain($select=X)"),
                "UnknownProperty",
                "no property",
            ),
            (
                users("groupby((Domain))&expandgroup="),
                "SyntaxError",
                "expected",
            ),
            (
                users("groupby((Domain))&$expand=Domain"),
                "NotSupported",
                "expandgroup",
            ),
        ] {
            let (status, body) = ask(world, &query);
            assert!(status == 400 || status == 501, "{query}: {status} {body}");
            assert!(body.contains(&format!("\"{code}\"")), "{query}: {body}");
            assert!(body.contains(words), "{query}: {body}");
        }
    });
}
