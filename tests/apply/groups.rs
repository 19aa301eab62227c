//! What is answered, to the byte, over a handful of known rows.

use serde_json::{Value as Json, json};

use crate::support::encode_query;
use crate::support::world::{World, on_each_world};

const USERS: &str = "Systems_Security_Users";

/// A few users beside those that every database starts with, all with logins that end alike.
fn fill(world: &World) {
    for (login, kind, active, language) in [
        ("ann@groups", "InternalUser", true, Json::from("bg")),
        ("Bea@groups", "InternalUser", true, Json::from("en")),
        ("bob@groups", "InternalUser", false, Json::Null),
        ("cid@groups", "VirtualUserNoLogin", true, Json::from("bg")),
    ] {
        let body = json!({
            "Login": login, "Name": {"EN": login}, "UserType": kind, "Active": active,
            "DefaultLanguage": language, "@ext.initialPassword": "Correct horse 7!",
        });
        let reply = world.json("POST", USERS, &body);
        assert_eq!(reply.status, 201, "{}", reply.body);
    }
}

/// The transformation that keeps them.
const MINE: &str = "filter(endswith(Login,'@groups'))";

fn get(world: &World, query: &str) -> Json {
    let reply = world.send("GET", &encode_query(query), &[], b"");
    assert_eq!(reply.status, 200, "{}: {query}\n{}", world.name, reply.body);
    reply.tree()
}

/// The rows of `$apply` over the users made here, without control information.
fn rows(world: &World, apply: &str, options: &str) -> Vec<Json> {
    let body = get(world, &format!("{USERS}?$apply={MINE}{apply}{options}"));
    let rows = body["value"].as_array().unwrap().iter().cloned();
    rows.map(|mut row| {
        row.as_object_mut()
            .unwrap()
            .retain(|name, _| !name.contains("@odata"));
        row
    })
    .collect()
}

#[test]
fn groups_are_counted_filtered_ordered_and_chosen() {
    on_each_world(0, |world| {
        fill(world);
        for (apply, options, expected) in [
            (
                "/groupby((UserType),aggregate($count as N))",
                "",
                json!([{"UserType":"InternalUser","N":3},{"UserType":"VirtualUserNoLogin","N":1}]),
            ),
            (
                "/groupby((UserType,Active),aggregate($count as N))",
                "&$orderby=N desc",
                json!([{"UserType":"InternalUser","Active":true,"N":2},
                       {"UserType":"InternalUser","Active":false,"N":1},
                       {"UserType":"VirtualUserNoLogin","Active":true,"N":1}]),
            ),
            (
                "/groupby((UserType),aggregate($count as N))",
                "&$filter=N gt 1",
                json!([{"UserType":"InternalUser","N":3}]),
            ),
            (
                "/groupby((UserType),aggregate($count as N))",
                "&$filter=UserType in ('VirtualUserNoLogin')&$select=N",
                json!([{"N":1}]),
            ),
            // Aliases stand for conditions on names, for names and for lists.
            (
                "/groupby((UserType),aggregate($count as N))/filter(@p)",
                "&@p=N gt 1 and @q&@q=not (N gt @r)&@r=7",
                json!([{"UserType":"InternalUser","N":3}]),
            ),
            (
                "/groupby((UserType),aggregate($count as N))",
                "&$filter=@n in @l or @unknown&$orderby=@n&@n=N&@l=[1,null]",
                json!([{"UserType":"VirtualUserNoLogin","N":1}]),
            ),
            (
                "/groupby((UserType),aggregate($count as N))/filter(not @unknown)",
                "",
                json!([]),
            ),
            (
                "/compute(year(CreationTimeUtc) as Y)/filter(@p)/groupby((UserType),aggregate($count as N))",
                "&@p=Y gt 2000 and Groups/$count eq 0 and Login ne @bob&@bob='bob@groups'",
                json!([{"UserType":"InternalUser","N":2},{"UserType":"VirtualUserNoLogin","N":1}]),
            ),
            // `DefaultLanguage` compares exactly, and null is a group.
            (
                "/groupby((DefaultLanguage),aggregate($count as N))",
                "",
                json!([{"DefaultLanguage":null,"N":1},{"DefaultLanguage":"bg","N":2},
                       {"DefaultLanguage":"en","N":1}]),
            ),
            // Null counts in no aggregate.
            (
                "/aggregate($count as N,DefaultLanguage with countdistinct as L,\
                 AccessFailedCount with sum as S,AccessFailedCount with average as A,\
                 LockoutEndUtc with max as X)",
                "",
                json!([{"N":4,"L":2,"S":0,"A":0,"X":null}]),
            ),
            (
                "/filter(Login eq 'nobody')/aggregate($count as N,AccessFailedCount with max as M)",
                "",
                json!([{"N":0,"M":null}]),
            ),
            (
                "/filter(Login eq 'nobody')/groupby((UserType),aggregate($count as N))",
                "",
                json!([]),
            ),
            (
                "/groupby((Active),aggregate($count as N))/aggregate(N with max as M,N with average as A)",
                "",
                json!([{"M":3,"A":2}]),
            ),
            // Texts that fold alike are one; a piece of such a text is folded.
            (
                "/compute(substring(Login,0,1) as First)/groupby((First),aggregate($count as N))",
                "&$orderby=N desc,First",
                json!([{"First":"b","N":2},{"First":"a","N":1},{"First":"c","N":1}]),
            ),
            // Of a text in several languages, one language; who lacks it has none.
            (
                "/compute(substring(Name/EN,0,1) as First)/groupby((First),aggregate($count as N))",
                "&$orderby=N desc,First",
                json!([{"First":"b","N":2},{"First":"a","N":1},{"First":"c","N":1}]),
            ),
            (
                "/compute(substring(Name/BG,0,1) as First)/groupby((First),aggregate($count as N))",
                "",
                json!([{"First":null,"N":4}]),
            ),
            (
                "/groupby((Login))/topcount(2,Login)",
                "",
                json!([{"Login":"cid@groups"},{"Login":"bob@groups"}]),
            ),
            (
                "/orderby(Login desc)/skip(1)/top(2)/groupby((UserType),aggregate($count as N))",
                "",
                json!([{"UserType":"InternalUser","N":2}]),
            ),
            (
                "/concat(groupby((Active),aggregate($count as N)),aggregate($count as Total))",
                "",
                json!([{"Active":false,"N":1},{"Active":true,"N":3},{"Total":4}]),
            ),
            (
                "/concat(groupby((Active),aggregate($count as N)),aggregate($count as N))",
                "&$filter=N ge 3&$orderby=N",
                json!([{"Active":true,"N":3},{"N":4}]),
            ),
            (
                "/aggregate(AccessFailedCount with max as AccessFailedCount)",
                "",
                json!([{"AccessFailedCount":0}]),
            ),
            // As lists of OpenUI5 ask: the number of groups, and the first of them.
            (
                "/groupby((UserType),aggregate($count as N))\
                 /concat(aggregate($count as UI5__count),top(1))",
                "",
                json!([{"UI5__count":2},{"UserType":"InternalUser","N":3}]),
            ),
            (
                "/groupby((UserType,Active),aggregate($count as N))/orderby(N desc)\
                 /concat(aggregate($count as C),top(2))",
                "&$select=N,C",
                json!([{"C":3},{"N":2},{"N":1}]),
            ),
            (
                "/groupby((Login))/orderby(Login desc)/concat(aggregate($count as C),top(2))",
                "",
                json!([{"C":4},{"Login":"cid@groups"},{"Login":"bob@groups"}]),
            ),
            // As its tables ask for totals: a part that ends in parts.
            (
                "/concat(aggregate(AccessFailedCount with sum as S),\
                 groupby((UserType),aggregate($count as N))/orderby(N desc)\
                 /concat(aggregate($count as UI5__count),top(1)))",
                "",
                json!([{"S":0},{"UI5__count":2},{"UserType":"InternalUser","N":3}]),
            ),
            (
                "/concat(groupby((UserType,Active))/aggregate($count as Leaves),\
                 groupby((UserType))/concat(aggregate($count as C),concat(top(1),skip(1))))",
                "&$select=Leaves,C",
                json!([{"Leaves":3},{"C":2},{},{}]),
            ),
            // Each part in its own order, also by a name that they share.
            (
                "/groupby((UserType),aggregate($count as N))\
                 /concat(orderby(N desc),orderby(N),topcount(1,N),bottomcount(1,N))",
                "&$select=N",
                json!([{"N":3},{"N":1},{"N":1},{"N":3},{"N":3},{"N":1}]),
            ),
            ("/groupby((Domain))", "", json!([{"Domain":null}])),
            ("/groupby((Domain/Id))", "", json!([{"Domain":{"Id":null}}])),
        ] {
            let found = rows(world, apply, options);
            let place = format!("{}: {apply}{options}", world.name);
            assert_eq!(Json::from(found), expected, "{place}");
        }
    });
}

#[test]
fn what_keeps_entities_answers_entities() {
    on_each_world(0, |world| {
        fill(world);
        let all = "Systems_Security_Users?$filter=endswith(Login,'@groups') and Active eq true";
        let all = get(
            world,
            &format!("{all}&$orderby=Login&$expand=Groups&$top=2"),
        );
        let same = format!("{USERS}?$apply=identity/{MINE}/filter(Active eq true)");
        let same = get(
            world,
            &format!("{same}&$orderby=Login&$expand=Groups&$top=2"),
        );
        assert_eq!(same["value"], all["value"]);
        assert_eq!(same["value"][0]["Login"], "ann@groups");
        assert_eq!(same["@odata.context"], all["@odata.context"]);
        let found = get(
            world,
            &format!("{USERS}?$apply=search(cid)&$filter=Active eq true"),
        );
        assert_eq!(found["value"].as_array().unwrap().len(), 1);
    });
}

#[test]
fn pages_and_counts() {
    on_each_world(0, |world| {
        fill(world);
        let query = format!(
            "{USERS}?$apply={MINE}/groupby((Login,UserType))&$orderby=UserType desc&$count=true&$top=1"
        );
        // An enumeration without an order of its own is not ordered by.
        let reply = world.send("GET", &encode_query(&query), &[], b"");
        assert_eq!(reply.code(), "OrderNotDeclared");
        let query = query.replace("UserType desc", "Login desc");
        let mut next = encode_query(&query);
        let mut logins = Vec::new();
        loop {
            let body = world.send("GET", &next, &[], b"").tree();
            assert_eq!(body["@odata.count"], 4, "{}", world.name);
            for row in body["value"].as_array().unwrap() {
                logins.push(row["Login"].as_str().unwrap().to_owned());
            }
            let Some(link) = body["@odata.nextLink"].as_str() else {
                break;
            };
            next = link.split_once("/odata/").unwrap().1.to_owned();
        }
        assert_eq!(
            logins,
            ["cid@groups", "bob@groups", "Bea@groups", "ann@groups"]
        );
        // A token is for its own request only.
        let token = "Systems_Security_Users?$apply=groupby((Login))&$skiptoken=forged";
        let reply = world.send("GET", &encode_query(token), &[], b"");
        assert_eq!(reply.code(), "InvalidSkipToken");
        let count = format!("{USERS}/$count?$apply={MINE}/groupby((UserType))");
        assert_eq!(world.count(&encode_query(&count)), 2);
    });
}

#[test]
fn every_format_shows_groups() {
    on_each_world(0, |world| {
        fill(world);
        let apply = format!(
            "{USERS}?$apply={MINE}/groupby((UserType,Domain),aggregate($count as N,\
             AccessFailedCount with average as A))"
        );
        let body = get(world, &apply);
        let context = body["@odata.context"].as_str().unwrap();
        assert!(
            context.ends_with("$metadata#Systems_Security_Users(UserType,Domain,N,A)"),
            "{context}"
        );
        assert_eq!(body["value"][0]["@odata.id"], Json::Null);
        assert!(
            body["value"][0]
                .as_object()
                .unwrap()
                .contains_key("@odata.id")
        );
        let text = |format: &str| {
            let address = encode_query(&format!("{apply}&$format={format}"));
            world.send("GET", &address, &[], b"").body
        };
        assert_eq!(
            text("csv"),
            "UserType,Domain,N,A\r\nInternalUser,,3,0\r\nVirtualUserNoLogin,,1,0\r\n"
        );
        assert_eq!(
            text("ndjson"),
            "{\"UserType\":\"InternalUser\",\"Domain\":null,\"N\":3,\"A\":0}\n\
             {\"UserType\":\"VirtualUserNoLogin\",\"Domain\":null,\"N\":1,\"A\":0}\n"
        );
        let full = text("application/json;odata.metadata=full;IEEE754Compatible=true");
        let full: Json = serde_json::from_str(&full).unwrap();
        let row = &full["value"][0];
        assert_eq!(row["N"], "3", "{row}");
        assert_eq!(row["N@odata.type"], "#Int64");
        assert_eq!(row["A@odata.type"], "#Decimal");
        let reply = world.send(
            "GET",
            &encode_query(&format!("{apply}&$format=xlsx")),
            &[],
            b"",
        );
        assert_eq!(reply.status, 200);
    });
}

#[test]
fn what_the_request_makes_says_its_type() {
    on_each_world(0, |world| {
        fill(world);
        let types = |apply: &str, parameters: &str| {
            let format = format!("application/json{parameters}");
            let body = get(
                world,
                &format!("{USERS}?$apply={MINE}/{apply}&$format={format}"),
            );
            let first = body["value"][0].as_object().unwrap().clone();
            let typed = first.into_iter().filter(|(name, _)| name.contains("type"));
            let typed = typed.map(|(name, value)| format!("{name}={}", value.as_str().unwrap()));
            let mut typed: Vec<String> = typed.collect();
            typed.sort();
            typed.join(" ")
        };
        let made = "compute(date(CreationTimeUtc) as Day,year(CreationTimeUtc) as Y,\
                    substring(Login,0,1) as First)/groupby((Day,Y,First,UserType,Domain),\
                    aggregate($count as N,CreationTimeUtc with max as Last,\
                    AccessFailedCount with average as Mean))";
        // JSON tells texts, and the model what is a property.
        let expected = "Day@odata.type=#Date Last@odata.type=#DateTimeOffset \
                        Mean@odata.type=#Decimal N@odata.type=#Int64 Y@odata.type=#Int64";
        for parameters in [
            "",
            ";odata.metadata=minimal",
            ";odata.metadata=minimal;IEEE754Compatible=true",
        ] {
            assert_eq!(types(made, parameters), expected, "{parameters}");
        }
        assert_eq!(types(made, ";odata.metadata=none"), "");
        // As they pass through what follows.
        for apply in [
            "groupby((UserType),aggregate($count as N))/filter(N gt 0)/groupby((N))",
            "concat(aggregate($count as N),groupby((UserType)))",
            "groupby((UserType),aggregate($count as N))/topcount(1,N)",
        ] {
            assert_eq!(types(apply, ""), "N@odata.type=#Int64", "{apply}");
        }
        assert_eq!(types("groupby((Id,Domain,Active))", ""), "");
        let reply = world.send(
            "GET",
            &encode_query(&format!("{USERS}?$apply={MINE}/aggregate($count as N)")),
            &[("OData-MaxVersion", "4.01")],
            b"",
        );
        assert_eq!(
            reply.tree()["value"],
            json!([{"@id": null, "N@type": "Int64", "N": 4}])
        );
    });
}

#[test]
fn references_lead_to_keys_and_hidden_levels() {
    on_each_world(0, |world| {
        fill(world);
        let groups = world.json(
            "POST",
            "Systems_Security_Groups",
            &json!({"Name": {"EN": "Kept"}}),
        );
        let group = groups.tree()["Id"].as_str().unwrap().to_owned();
        for login in ["ann@groups", "Bea@groups"] {
            let user = world.all(&encode_query(&format!(
                "{USERS}?$filter=Login eq '{login}'"
            )));
            let user = user[0]["Id"].as_str().unwrap();
            let body = json!({
                "User@odata.bind": format!("{USERS}({user})"),
                "Group@odata.bind": format!("Systems_Security_Groups({group})"),
            });
            let reply = world.json("POST", "Systems_Security_UserGroups", &body);
            assert_eq!(reply.status, 201, "{}", reply.body);
        }
        let set = "Systems_Security_UserGroups?$apply=filter(endswith(User/Login,'@groups'))";
        let body = get(
            world,
            &format!("{set}/groupby((User/UserType,Group,User/Active),aggregate($count as N))"),
        );
        let context = body["@odata.context"].as_str().unwrap();
        assert!(
            context.ends_with("(User(UserType,Active),Group,N)"),
            "{context}"
        );
        assert_eq!(
            body["value"],
            json!([{"@odata.id": null, "User": {"UserType": "InternalUser", "Active": true},
                    "Group": {"@odata.id": format!("Systems_Security_Groups({group})")},
                    "N@odata.type": "#Int64", "N": 2}])
        );
        // A part that lacks what is inside an object has no object.
        let body = get(
            world,
            &format!(
                "{set}/concat(groupby((User/Active,User/UserType),aggregate($count as N)),\
                 groupby((User/UserType)),aggregate($count as N))"
            ),
        );
        assert_eq!(
            body["value"],
            json!([
                {"@odata.id": null, "User": {"Active": true, "UserType": "InternalUser"},
                 "N@odata.type": "#Int64", "N": 2},
                {"@odata.id": null, "User": {"UserType": "InternalUser"}},
                {"@odata.id": null, "N@odata.type": "#Int64", "N": 2},
            ])
        );
        // The children of one object; of one that is not there, nothing at all.
        let ann = encode_query(&format!("{USERS}?$filter=Login eq 'ann@groups'&$select=Id"));
        let ann = world.all(&ann)[0]["Id"].as_str().unwrap().to_owned();
        let kept = get(
            world,
            &format!("{USERS}({ann})/Groups?$apply=aggregate($count as N)"),
        );
        assert_eq!(
            kept["value"],
            json!([{"@odata.id": null, "N@odata.type": "#Int64", "N": 1}])
        );
        let gone = "Systems_Security_Users(9da64839-a8d0-491d-aebb-4d18fa42b014)/Groups\
                    ?$apply=aggregate($count as N)";
        let reply = world.send("GET", &encode_query(gone), &[], b"");
        assert_eq!(reply.status, 404, "{}", reply.body);
    });
}

#[test]
fn times_group_by_their_parts() {
    on_each_world(3, |world| {
        let apply = "compute(year(CreationTimeUtc) as Y,month(CreationTimeUtc) as M,\
                     day(CreationTimeUtc) as D,hour(CreationTimeUtc) as H,\
                     minute(CreationTimeUtc) as I,date(CreationTimeUtc) as Day)\
                     /groupby((Login,Y,M,D,H,I,Day),aggregate(CreationTimeUtc with min as T))";
        let body = get(world, &format!("{USERS}?$apply={apply}"));
        for row in body["value"].as_array().unwrap() {
            let time = row["T"].as_str().unwrap();
            let part = |from: usize, to: usize| time[from..to].parse::<i64>().unwrap();
            assert_eq!(row["Day"], time[..10], "{row}");
            let parts = [
                ("Y", 0, 4),
                ("M", 5, 7),
                ("D", 8, 10),
                ("H", 11, 13),
                ("I", 14, 16),
            ];
            for (name, from, to) in parts {
                assert_eq!(row[name], part(from, to), "{}: {row}", world.name);
            }
        }
        let day = body["value"][0]["Day"].as_str().unwrap();
        let found = get(
            world,
            &format!("{USERS}?$apply={apply}&$filter=Day eq {day}"),
        );
        assert!(!found["value"].as_array().unwrap().is_empty());
    });
}

#[test]
fn a_transaction_groups_what_it_has_changed() {
    on_each_world(0, |world| {
        fill(world);
        let begun = world.json("POST", "BeginTransaction", &json!({"model": "common"}));
        let id = begun.body.trim().trim_matches('"').to_owned();
        let user = world.all(&encode_query(&format!(
            "{USERS}?$filter=Login eq 'cid@groups'"
        )));
        let user = format!("{USERS}({})", user[0]["Id"].as_str().unwrap());
        let inside = [
            ("TransactionId", id.as_str()),
            ("Content-Type", "application/json"),
        ];
        let body = json!({"Active": false}).to_string();
        let reply = world.send("PATCH", &user, &inside, body.as_bytes());
        assert!(reply.status < 300, "{}", reply.body);
        let query = format!("{USERS}?$apply={MINE}/groupby((Active),aggregate($count as N))");
        let counts = |headers: &[(&str, &str)]| {
            let body = world
                .send("GET", &encode_query(&query), headers, b"")
                .tree();
            let rows = body["value"].as_array().unwrap().clone();
            rows.iter()
                .map(|row| row["N"].as_i64().unwrap())
                .collect::<Vec<_>>()
        };
        assert_eq!(counts(&inside[..1]), [2, 2], "{}", world.name);
        assert_eq!(counts(&[]), [1, 3], "{}", world.name);
    });
}

/// An order before grouping is that of the language that it names, as in `$orderby`.
#[test]
fn orders_are_of_the_language_that_they_name() {
    on_each_world(0, |world| {
        for (en, bg) in [("ordered a", "б"), ("ordered b", "а")] {
            let body = json!({"Name": {"EN": en, "BG": bg}});
            let reply = world.json("POST", "Systems_Security_Groups", &body);
            assert_eq!(reply.status, 201, "{}", reply.body);
        }
        let first = |order: &str| {
            let all = "Systems_Security_Groups?$apply=filter(contains(Name/EN,'ordered'))";
            let body = get(world, &format!("{all}/{order}/groupby((Id))"));
            let id = body["value"][0]["Id"].as_str().unwrap();
            let one = get(
                world,
                &format!("Systems_Security_Groups({id})?$select=Name"),
            );
            one["Name"]["EN"].as_str().unwrap().to_owned()
        };
        for (order, name) in [
            ("orderby(Name/EN)/top(1)", "ordered a"),
            ("orderby(Name/BG)/top(1)", "ordered b"),
            ("topcount(1,Name/EN)", "ordered b"),
            ("topcount(1,Name/BG)", "ordered a"),
        ] {
            assert_eq!(first(order), name, "{}: {order}", world.name);
        }
    });
}
