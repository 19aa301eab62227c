//! Lambdas, computed values and `$query` over HTTP, on both databases.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test"
)]

mod support;

use serde_json::{Value as Json, json};
use support::world::{Reply, World, on_each_world};

const USERS: &str = "Systems_Security_Users";

fn get(world: &World, address: &str) -> Reply {
    let address = support::encode_query(address);
    world.send("GET", &address, &[("Accept", "*/*")], b"")
}

fn rows(world: &World, address: &str) -> Vec<Json> {
    let reply = get(world, address);
    assert_eq!(
        reply.status, 200,
        "{}: {address}: {}",
        world.name, reply.body
    );
    reply.tree()["value"].as_array().unwrap().clone()
}

fn ids(rows: &[Json]) -> Vec<String> {
    let ids = rows
        .iter()
        .map(|row| row["Id"].as_str().unwrap().to_owned());
    ids.collect()
}

/// The group that fewest users are in.
fn group(world: &World) -> String {
    let members = rows(
        world,
        "Systems_Security_UserGroups?$expand=Group($select=Id)&$top=500",
    );
    let groups = members
        .iter()
        .map(|row| row["Group"]["Id"].as_str().unwrap());
    let groups: Vec<&str> = groups.collect();
    let least = groups
        .iter()
        .min_by_key(|group| groups.iter().filter(|other| other == group).count());
    (*least.unwrap()).to_owned()
}

#[test]
fn lambdas_are_answered_at_every_entrance() {
    on_each_world(60, |world| {
        let group = group(world);
        let all = rows(
            world,
            &format!("{USERS}?$select=Id&$expand=Groups($expand=Group($select=Id))"),
        );
        let in_group = |row: &&Json| {
            let groups = row["Groups"].as_array().unwrap().iter();
            groups
                .clone()
                .any(|member| member["Group"]["Id"] == group.as_str())
        };
        let expected: Vec<Json> = all.iter().filter(in_group).cloned().collect();
        assert!(!expected.is_empty() && expected.len() < all.len());
        let any = format!("Groups/any(g:g/Group/Id eq {group})");
        let found = rows(world, &format!("{USERS}?$select=Id&$filter={any}"));
        assert_eq!(ids(&found), ids(&expected), "{}", world.name);
        let others = rows(world, &format!("{USERS}?$select=Id&$filter=not {any}"));
        assert_eq!(others.len() + expected.len(), all.len());
        let number = get(world, &format!("{USERS}/$count?$filter={any}"));
        assert_eq!(number.body, expected.len().to_string());
        let csv = get(
            world,
            &format!("{USERS}?$select=Id&$format=csv&$filter={any}"),
        );
        assert_eq!(csv.body.lines().count(), expected.len() + 1);
        let path = get(world, &format!("{USERS}/$filter(@a)/$count?@a={any}"));
        assert_eq!(path.body, expected.len().to_string());
        let nested = format!(
            "Systems_Security_UserGroups?$select=Id&$count=true&$filter=User/Groups/any(g:g/Group/Id eq {group})"
        );
        assert!(rows(world, &nested).len() >= expected.len());
        let expanded = format!(
            "Systems_Security_UserGroups?$select=Id&$expand=User($select=Id;$expand=Groups($filter=User/Groups/any(g:g/Group/Id eq {group})))"
        );
        assert!(!rows(world, &expanded).is_empty());
        let body = json!({"requests": [{"id": "1", "method": "GET",
            "url": support::encode_query(&format!("{USERS}/$count?$filter={any}"))}]});
        let batch = world.json("POST", "$batch", &body);
        assert!(
            batch
                .body
                .contains(&format!("{:?}", expected.len().to_string()))
                || batch.body.contains(&format!(":{}", expected.len())),
            "{}",
            batch.body
        );
        // Pages go on.
        let mut page = get(
            world,
            &format!("{USERS}?$select=Id&$top=3&$orderby=Login&$filter={any}"),
        )
        .tree();
        let mut seen = Vec::new();
        loop {
            seen.extend(ids(page["value"].as_array().unwrap()));
            let Some(next) = page["@odata.nextLink"].as_str() else {
                break;
            };
            let next = next.split_once("/odata/").unwrap().1.to_owned();
            page = world.send("GET", &next, &[], b"").tree();
        }
        seen.sort();
        assert_eq!(seen, ids(&expected), "{}", world.name);
    });
}

/// Comparisons of a number of children with another.
type Compares = fn(&usize, &usize) -> bool;

const OPERATORS: [(&str, Compares); 6] = [
    ("eq", usize::eq),
    ("ne", usize::ne),
    ("gt", usize::gt),
    ("ge", usize::ge),
    ("lt", usize::lt),
    ("le", usize::le),
];

#[test]
fn numbers_of_children_are_compared_at_every_entrance() {
    on_each_world(60, |world| {
        let group = group(world);
        // Some who are in several groups.
        let users = rows(world, &format!("{USERS}?$select=Id&$top=9"));
        let groups = rows(world, "Systems_Security_Groups?$select=Id");
        for (number, user) in users.iter().enumerate() {
            for group in groups.iter().take(number % 4) {
                let member = json!({
                    "User@odata.bind": format!("{USERS}({})", user["Id"].as_str().unwrap()),
                    "Group@odata.bind":
                        format!("Systems_Security_Groups({})", group["Id"].as_str().unwrap()),
                });
                // They may be a member already.
                world.json("POST", "Systems_Security_UserGroups", &member);
            }
        }
        let all = rows(
            world,
            &format!("{USERS}?$select=Id&$expand=Groups($expand=Group($select=Id))"),
        );
        let members = |row: &Json| row["Groups"].as_array().unwrap().clone();
        let expected = |holds: &dyn Fn(usize) -> bool| {
            let rows = all.iter().filter(|row| holds(members(row).len()));
            ids(&rows.cloned().collect::<Vec<_>>())
        };
        let mut some = 0;
        for number in 0..4 {
            for (operator, holds) in OPERATORS {
                let filter = format!("Groups/$count {operator} {number}");
                let found = rows(world, &format!("{USERS}?$select=Id&$filter={filter}"));
                let holding = expected(&|n| holds(&n, &number));
                assert_eq!(ids(&found), holding, "{}: {filter}", world.name);
                some += usize::from(!found.is_empty() && found.len() < all.len());
                let opposite = format!("{USERS}?$select=Id&$filter=not ({filter})");
                assert_eq!(rows(world, &opposite).len() + found.len(), all.len());
            }
        }
        assert!(some > 12, "{some}");
        let two = "Groups/$count gt 1";
        let number = expected(&|n| n > 1).len();
        for address in [
            format!("{USERS}/$count?$filter={two}"),
            format!("{USERS}/$filter({two})/$count"),
            format!("{USERS}/$filter(@a)/$count?@a={two}"),
            format!("{USERS}/$count?$filter=@a&@a=@b eq true&@b={two}"),
        ] {
            assert_eq!(get(world, &address).body, number.to_string(), "{address}");
        }
        let csv = format!("{USERS}?$select=Id&$format=csv&$filter={two}");
        assert_eq!(get(world, &csv).body.lines().count(), number + 1);
        let told = rows(
            world,
            &format!("{USERS}?$apply=filter({two})/aggregate($count as N)"),
        );
        assert_eq!(told[0]["N"], number);
        // The one group, in all spellings.
        let in_group = |row: &&Json| {
            let mut members = members(row).into_iter();
            members.any(|member| member["Group"]["Id"] == group.as_str())
        };
        let inside = ids(&all.iter().filter(in_group).cloned().collect::<Vec<_>>());
        assert!(!inside.is_empty() && inside.len() < all.len());
        let condition = format!("Group/Id eq {group}");
        for filter in [
            format!("Groups/$count($filter={condition}) gt 0"),
            format!("Groups/$count($filter={condition}) eq 1"),
            format!("Groups/$filter({condition})/$count ge 1"),
            format!("Groups/$filter({condition})/any()"),
            format!("Groups/$filter({condition})/$filter($this/User ne null)/$count in (1,5)"),
            format!("not Groups/$filter({condition})/all(g:false)"),
        ] {
            let found = rows(world, &format!("{USERS}?$select=Id&$filter={filter}"));
            assert_eq!(ids(&found), inside, "{}: {filter}", world.name);
        }
        // Searched as a search of the children does, and inside an expansion.
        let searched = format!("{USERS}?$select=Id&$filter=Groups/$count($search=a) gt 0");
        let found = rows(world, &searched);
        let shown = format!("{USERS}?$select=Id&$expand=Groups($search=a)");
        let mut shown = rows(world, &shown);
        shown.retain(|row| !row["Groups"].as_array().unwrap().is_empty());
        assert_eq!(ids(&found), ids(&shown), "{}", world.name);
        let nested = "Systems_Security_UserGroups?$select=Id&$expand=User($select=Id;$expand=Groups($filter=User/Groups/$count gt 1))";
        for member in rows(world, nested) {
            let inner = member["User"]["Groups"].as_array().unwrap();
            assert!(inner.is_empty() || inner.len() > 1, "{member}");
        }
        for (query, code) in [
            ("$orderby=Groups/$count desc", "OrderNotDeclared"),
            ("$compute=Groups/$count as N&$select=N", "NotSupported"),
            ("$filter=Groups/$count gt RoleUsers/$count", "NotSupported"),
            ("$filter=Groups/$count eq '1'", "TypeMismatch"),
            (
                "$filter=Groups/$count($filter=contains(Group,'x')) gt 0",
                "FilterNotDeclared",
            ),
            (
                "$expand=Groups($filter=$it/Groups/$count gt 1)",
                "NotSupported",
            ),
        ] {
            let reply = get(world, &format!("{USERS}?{query}"));
            assert_eq!(reply.code(), code, "{query} {}", reply.body);
        }
    });
}

#[test]
fn computed_values_are_in_the_output() {
    on_each_world(3, |world| {
        let compute = "$compute=concat(tolower(Login),'!') as Loud,year(CreationTimeUtc) as Year,\
                       AccessFailedCount add 1 as N,AccessFailedCount div 0 as Never,\
                       length(Name/EN) as Long,date(CreationTimeUtc) as Day,UserType as T,2.5 as C";
        let all = rows(world, &format!("{USERS}?$select=*&{compute}"));
        for row in &all {
            let login = row["Login"].as_str().unwrap();
            let created = row["CreationTimeUtc"].as_str().unwrap();
            assert_eq!(row["Loud"], format!("{}!", login.to_lowercase()));
            assert_eq!(Some(row["Year"].to_string().as_str()), created.get(..4));
            assert_eq!(row["Year@odata.type"], "#Int64");
            assert_eq!(row["Day"].as_str(), created.get(..10));
            assert_eq!(
                row["N"].as_i64(),
                row["AccessFailedCount"].as_i64().map(|n| n + 1)
            );
            assert_eq!(row["T"], row["UserType"]);
            assert_eq!(row["C"], 2.5);
            assert!(
                row["Never"].is_null() && row.get("Never").is_some(),
                "{row}"
            );
            let name = row["Name"].get("EN").and_then(Json::as_str);
            let length = name.map(|name| json!(name.chars().count()));
            assert_eq!(row["Long"], json!(length));
        }
        let one = rows(
            world,
            &format!("{USERS}?$select=Loud&{compute}&$filter=Year gt 1990&$top=1"),
        );
        assert!(
            one[0].get("Loud").is_some() && one[0].get("Year").is_none(),
            "{one:?}"
        );
        let csv = get(
            world,
            &format!("{USERS}?$select=Login,Loud,Year&$format=csv&{compute}"),
        );
        assert!(csv.body.starts_with("Login,Loud,Year\r\n"), "{}", csv.body);
        let lean = get(
            world,
            &format!("{USERS}?$select=Never,N&options=skipnulls&{compute}"),
        );
        assert!(
            lean.body.contains("\"N\":") && !lean.body.contains("Never\":null"),
            "{}",
            lean.body
        );
        let bare = get(
            world,
            &format!("{USERS}?$select=Year&$format=application/json;odata.metadata=none&{compute}"),
        );
        assert!(!bare.body.contains("@odata.type"), "{}", bare.body);
        for format in ["xlsx", "ndjson"] {
            let address = format!("{USERS}?$select=Loud,Year,C&$format={format}&{compute}");
            assert_eq!(get(world, &address).status, 200, "{format}");
        }
        let key = all[0]["Id"].as_str().unwrap();
        let single = get(
            world,
            &format!("{USERS}({key})?$compute=1 add 1 as Two&$select=Two"),
        )
        .tree();
        assert_eq!(single["Two"], 2);
        let children = "Systems_Security_UserGroups?$compute=User/Login as L&$expand=User($compute=toupper(Login) as U;$select=U)&$top=2";
        for row in rows(world, children) {
            let login = row["L"].as_str().unwrap();
            assert_eq!(row["User"]["U"], login.to_uppercase());
        }
    });
}

#[test]
fn long_queries_are_reads() {
    on_each_world(30, |world| {
        let filter = "contains(Login,'a') and Groups/any(g:g/User ne null)";
        let address = format!("{USERS}?$top=3&$select=Login&$filter={filter}");
        let wanted = get(world, &address).tree();
        let text = format!("$select=Login&$filter={}", support::encode(filter));
        let raw = format!("$select=Login&$filter={filter}");
        let object = json!({"$select": "Login", "$filter": filter}).to_string();
        for (media, body) in [
            ("text/plain", &text),
            ("text/plain;charset=utf-8", &raw),
            ("application/json", &object),
        ] {
            let headers = [("Content-Type", media)];
            for path in ["$query", "%24query"] {
                let target = format!("{USERS}/{path}?$top=3");
                let reply = world.send("POST", &target, &headers, body.as_bytes());
                assert_eq!(reply.status, 200, "{media}: {}", reply.body);
                assert_eq!(reply.tree()["value"], wanted["value"], "{}", world.name);
            }
        }
        // An address has no room for this.
        let ids: Vec<String> = (0..900)
            .map(|n| format!("00000000-0000-0000-0000-{n:012x}"))
            .collect();
        let long = format!("$filter=Id in ({})", ids.join(","));
        let headers = [("Content-Type", "text/plain")];
        let reply = world.send(
            "POST",
            &format!("{USERS}/$query"),
            &headers,
            long.as_bytes(),
        );
        assert_eq!(reply.status, 200, "{}", reply.body);
        let count = world.send(
            "POST",
            &format!("{USERS}/$count/$query"),
            &headers,
            b"$filter=Active eq true",
        );
        assert_eq!(
            count.body,
            get(world, &format!("{USERS}/$count?$filter=Active eq true")).body
        );
        for (target, media, body, status, code) in [
            (
                "$query?$top=3",
                "text/plain",
                "$top=4",
                400,
                "InvalidOption",
            ),
            (
                "$query",
                "application/json",
                "{\"$top\":1,\"$top\":2}",
                400,
                "InvalidOption",
            ),
            ("$query", "application/json", "[]", 400, "InvalidPayload"),
            (
                "$query",
                "application/xml",
                "<a/>",
                415,
                "UnsupportedMediaType",
            ),
            (
                "$query",
                "text/plain",
                "$filter=Notes eq 'x'",
                400,
                "FilterNotDeclared",
            ),
        ] {
            let target = format!("{USERS}/{target}");
            let reply = world.send("POST", &target, &[("Content-Type", media)], body.as_bytes());
            assert_eq!(
                (reply.status, reply.code().as_str()),
                (status, code),
                "{body}"
            );
        }
        let got = get(world, &format!("{USERS}/$query"));
        assert_eq!(
            (got.status, got.header("Allow")),
            (405, Some("POST, OPTIONS"))
        );
        let changed = world.json("PATCH", &format!("{USERS}/$query"), &json!({}));
        assert_eq!(changed.status, 405, "{}", changed.body);
        // In batches, and inside transactions.
        let body = json!({"requests": [
            {"id": "1", "method": "POST", "url": format!("{USERS}/$query"), "headers": {"content-type": "text/plain"},
             "body": format!("$top=3&{raw}")},
            {"id": "2", "method": "POST", "url": format!("{USERS}/$query"), "body": {"$filter": "Notes eq 'x'"}},
        ]});
        let answers = world.json("POST", "$batch", &body).tree();
        assert_eq!(answers["responses"][0]["body"]["value"], wanted["value"]);
        assert_eq!(answers["responses"][1]["status"], 400);
        let id = world.json("POST", "BeginTransaction", &json!({})).body;
        let headers = [
            ("TransactionId", id.as_str()),
            ("Content-Type", "application/json"),
        ];
        let body = json!({"Login": "zzz", "UserType": "VirtualUserNoLogin", "Name": {"EN": "z"}});
        let made = world.send("POST", USERS, &headers, body.to_string().as_bytes());
        assert_eq!(made.status, 201, "{}", made.body);
        let body = json!({"$filter": "Login eq 'zzz' and not Groups/any()", "$compute": "length(Login) as N"});
        let reply = world.send(
            "POST",
            &format!("{USERS}/$query"),
            &headers,
            body.to_string().as_bytes(),
        );
        assert_eq!(reply.tree()["value"][0]["N"], 3, "{}", reply.body);
    });
}
