//! Payloads and addresses that make no sense: 4xx with code and message, and nothing is stored.

use serde_json::{Value as Json, json};

use super::support::world::{World, on_each_world, text};
use super::{GROUPS, USER_GROUPS, USERS, create, id, ids, user};

/// A request that must be refused, and with what.
struct Case {
    method: &'static str,
    path: String,
    body: Vec<u8>,
    status: u16,
    code: &'static str,
    target: &'static str,
}

fn case(
    method: &'static str,
    path: impl Into<String>,
    body: impl Into<Vec<u8>>,
    (status, code, target): (u16, &'static str, &'static str),
) -> Case {
    Case {
        method,
        path: path.into(),
        body: body.into(),
        status,
        code,
        target,
    }
}

/// Every case is refused as it should be, and the database stays as it is.
fn refused(world: &World, cases: &[Case]) {
    let before = world.dump();
    for case in cases {
        let headers = [("Content-Type", "application/json")];
        let reply = world.send(case.method, &case.path, &headers, &case.body);
        let shown: String = String::from_utf8_lossy(&case.body)
            .chars()
            .take(300)
            .collect();
        let place = format!(
            "{}: {} {} {shown}\n{} {}",
            world.name, case.method, case.path, reply.status, reply.body
        );
        let error = &reply.tree()["error"];
        assert_eq!(reply.status, case.status, "{place}");
        assert_eq!(reply.code(), case.code, "{place}");
        assert_eq!(text(&error["target"]), case.target, "{place}");
        assert!(!text(&error["message"]).is_empty(), "{place}");
        world.assert_unchanged(&before, &place);
    }
}

/// Data that the cases speak of.
fn prepared(world: &World) {
    create(world, USERS, &user(1, "ann"));
    create(world, USERS, &user(2, "ben"));
}

#[test]
fn what_is_not_json_is_refused() {
    on_each_world(4, |world| {
        prepared(world);
        let syntax = (400, "SyntaxError", "");
        let whole = user(9, "new").to_string();
        let mut cases = Vec::new();
        for end in 0..whole.len() {
            cases.push(case("POST", USERS, &whole[..end], syntax));
        }
        let one = format!("{USERS}({})", id(1));
        let texts: &[&[u8]] = &[
            b"",
            b" ",
            b"{\"Login\":\"a\xff\"}",
            b"{\"Login\":\"\xed\xa0\x80\"}",
            b"{\"Login\":\"\xc0\xaf\"}",
            b"{\"Login\":\"\\ud800\"}",
            b"{\"Login\":\"\\udc00\\ud800\"}",
            b"{\"Login\":\"\\ud83d\"}",
            b"{\"Login\":\"a\nb\"}",
            b"{\"Login\":\"\x00\"}",
            b"{'Login':'a'}",
            b"{\"Login\":\"a\",}",
            b"{\"Login\" \"a\"}",
            b"{\"Login\":undefined}",
            b"{\"AccessFailedCount\":NaN}",
            b"{\"AccessFailedCount\":Infinity}",
            b"{\"AccessFailedCount\":01}",
            b"{\"AccessFailedCount\":1e999}",
            b"{\"AccessFailedCount\":+1}",
            b"{}{}",
            b"\xef\xbb\xbf\xef\xbb\xbf{}",
            b"\xff\xfe{\x00}\x00",
            b"Login=ann",
            b"<User/>",
        ];
        for body in texts {
            cases.push(case("POST", USERS, *body, syntax));
            cases.push(case("PATCH", one.as_str(), *body, syntax));
            cases.push(case("PUT", format!("{one}/Notes"), *body, syntax));
            cases.push(case("PUT", format!("{one}/Person/$ref"), *body, syntax));
        }
        let too_deep = (400, "LimitExceeded", "");
        for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
            for depth in [33, 200, 100_000] {
                let body = format!("{}1{}", open.repeat(depth), close.repeat(depth));
                cases.push(case("POST", USERS, body, too_deep));
                cases.push(case("POST", USERS, open.repeat(depth), too_deep));
            }
        }
        refused(world, &cases);
    });
}

#[test]
fn what_is_too_much_is_refused() {
    on_each_world(4, |world| {
        prepared(world);
        let too_much = (400, "LimitExceeded", "");
        let one = format!("{USERS}({})", id(1));
        let list = |item: &str, number: usize| {
            let items = vec![item; number].join(",");
            format!("{{\"Groups\":[{items}]}}")
        };
        let mut cases = vec![
            case("PATCH", one.as_str(), list("1", 100_001), too_much),
            case("POST", USERS, list("{}", 10_001), too_much),
        ];
        let granted = |number: usize| {
            let user = json!({"Login": number.to_string(), "@ext.initialPassword": "long"});
            json!({ "ContextUser": user })
        };
        let users: Vec<Json> = (0..101).map(granted).collect();
        let body = json!({ "Authorizations": users }).to_string();
        let programs = "Systems_Security_TrustedApplications";
        cases.push(case("POST", programs, body, too_much));
        refused(world, &cases);
        let headers = [("Content-Type", "application/json")];
        let body = list("{\"Gruop\":1,\"X\":2}", 10_000);
        let reply = world.send("PATCH", &one, &headers, body.as_bytes());
        let details = reply.tree()["error"]["details"].as_array().map(Vec::len);
        assert_eq!(
            (reply.code().as_str(), details),
            ("UnknownProperty", Some(999))
        );
    });
}

#[test]
fn what_is_no_object_is_refused() {
    on_each_world(4, |world| {
        prepared(world);
        let one = format!("{USERS}({})", id(1));
        let mut cases = Vec::new();
        for body in ["null", "[null]", "[]", "[{}]", "true", "1", "\"a\"", "[[]]"] {
            let wanted = (400, "InvalidPayload", "");
            cases.push(case("POST", USERS, body, wanted));
            cases.push(case("PATCH", one.as_str(), body, wanted));
            cases.push(case("PUT", one.as_str(), body, wanted));
            cases.push(case("POST", format!("{one}/Groups"), body, wanted));
            cases.push(case("PUT", format!("{one}/Notes"), body, wanted));
            cases.push(case("PUT", format!("{one}/Domain/$ref"), body, wanted));
            cases.push(case("POST", format!("{one}/Groups/$ref"), body, wanted));
            for (member, code) in [("Domain", "TypeMismatch"), ("Groups", "TypeMismatch")] {
                let fits = match member {
                    "Domain" => body == "null",
                    _ => body.starts_with('['),
                };
                if !fits {
                    let body = format!("{{\"{member}\":{body}}}");
                    cases.push(case("PATCH", one.as_str(), body, (400, code, member)));
                }
            }
        }
        for (body, target) in [
            ("{\"Groups\":[null]}", "Groups/0"),
            ("{\"Groups\":[[]]}", "Groups/0"),
            ("{\"Groups@delta\":[1]}", "Groups/0"),
            ("{\"Groups@delta\":[{\"@removed\":{}}]}", "Groups/0"),
        ] {
            let wanted = (400, "InvalidPayload", target);
            cases.push(case("PATCH", one.as_str(), body, wanted));
        }
        refused(world, &cases);
    });
}

#[test]
fn unknown_and_repeated_names_are_refused() {
    on_each_world(4, |world| {
        prepared(world);
        let one = format!("{USERS}({})", id(1));
        let group = &ids(
            world,
            GROUPS,
            "&$filter=GroupType%20eq%20'NormalUserDefinableGroup'",
        )[0];
        let mut cases = Vec::new();
        for (body, code, target) in [
            (r#"{"Login":"a","Login":"b"}"#, "DuplicateProperty", "Login"),
            (
                r#"{"Login":"a","\u004cogin":"b"}"#,
                "DuplicateProperty",
                "Login",
            ),
            (
                r#"{"Name":{"EN":"a","EN":"b"}}"#,
                "DuplicateProperty",
                "Name/EN",
            ),
            (
                r#"{"@odata.id":"a","@odata.id":"b"}"#,
                "DuplicateProperty",
                "@odata.id",
            ),
            (
                r#"{"Groups":[],"Groups@delta":[]}"#,
                "DuplicateProperty",
                "Groups",
            ),
            (r#"{"Logon":"a"}"#, "UnknownProperty", "Logon"),
            (r#"{"login":"a"}"#, "UnknownProperty", "login"),
            (r#"{"":"a"}"#, "UnknownProperty", ""),
            (r#"{"Sec_Users":"a"}"#, "UnknownProperty", "Sec_Users"),
            (
                r#"{"Login; DROP TABLE":"a"}"#,
                "UnknownProperty",
                "Login; DROP TABLE",
            ),
            (
                r#"{"@odata.colour":"a"}"#,
                "UnknownAnnotation",
                "@odata.colour",
            ),
            (r#"{"@":"a"}"#, "UnknownAnnotation", "@"),
            (r#"{"@@":"a"}"#, "UnknownAnnotation", "@@"),
            (
                r#"{"Login@foo.bar":1}"#,
                "UnknownAnnotation",
                "Login@foo.bar",
            ),
            (
                r#"{"Login@odata.bind":"a"}"#,
                "UnknownAnnotation",
                "Login@odata.bind",
            ),
            (
                r#"{"Domain@delta":[]}"#,
                "UnknownAnnotation",
                "Domain@delta",
            ),
            (
                r#"{"@erpnet.action":"explode"}"#,
                "InvalidValue",
                "@erpnet.action",
            ),
            (
                r#"{"@erpnet.action":null}"#,
                "InvalidValue",
                "@erpnet.action",
            ),
            (
                r#"{"@erpnet.findBy":{"Shoe":"1"}}"#,
                "UnknownProperty",
                "@erpnet.findBy/Shoe",
            ),
            (r#"{"@erpnet.findBy":[]}"#, "TypeMismatch", "@erpnet.findBy"),
            (
                r#"{"@erpnet.findBy":{"Id":"x"}}"#,
                "InvalidValue",
                "@erpnet.findBy/Id",
            ),
            (
                r##"{"@odata.type":"#Erp.Nothing"}"##,
                "TypeMismatch",
                "@odata.type",
            ),
            (r#"{"@odata.type":7}"#, "TypeMismatch", "@odata.type"),
            (
                r#"{"@ext.initialPassword":7}"#,
                "TypeMismatch",
                "@ext.initialPassword",
            ),
            (
                r#"{"@ext.passwordHash":"x"}"#,
                "InvalidPayload",
                "@ext.passwordHash",
            ),
            (
                r#"{"Domain@odata.bind":7}"#,
                "TypeMismatch",
                "Domain@odata.bind",
            ),
            (
                r#"{"Domain@odata.bind":"$7"}"#,
                "InvalidValue",
                "Domain@odata.bind",
            ),
            (
                r#"{"Domain@odata.bind":"$"}"#,
                "InvalidValue",
                "Domain@odata.bind",
            ),
            (
                r#"{"Domain@odata.bind":""}"#,
                "InvalidValue",
                "Domain@odata.bind",
            ),
            (
                r#"{"Domain":{"@odata.id":"x(y)"}}"#,
                "InvalidValue",
                "Domain",
            ),
            (
                r#"{"Groups@odata.bind":"a"}"#,
                "TypeMismatch",
                "Groups@odata.bind",
            ),
            (
                r#"{"Groups":[{"Grup":1}]}"#,
                "UnknownProperty",
                "Groups/0/Grup",
            ),
        ] {
            cases.push(case("POST", USERS, body, (400, code, target)));
            if target != "@odata.type" {
                cases.push(case("PATCH", one.as_str(), body, (400, code, target)));
            }
        }
        let wrong = format!("{{\"Domain@odata.bind\":\"{GROUPS}({group})\"}}");
        let wanted = (400, "TypeMismatch", "Domain@odata.bind");
        cases.push(case("PATCH", one, wrong, wanted));
        refused(world, &cases);
    });
}

#[test]
fn every_fault_of_a_payload_is_named() {
    on_each_world(4, |world| {
        let before = world.dump();
        let body = json!({
            "Logon": "a", "Active": "yes", "UserType": "Ghost", "Notes": "x".repeat(255),
            "Groups": [{"Group": 7}, {"Colour": 1}],
        });
        let reply = world.json("POST", USERS, &body);
        let error = &reply.tree()["error"];
        let mut targets = vec![text(&error["target"])];
        let details = error["details"].as_array().unwrap();
        targets.extend(details.iter().map(|d| text(&d["target"])));
        targets.sort();
        let expected = [
            "Active",
            "Groups/0/Group",
            "Groups/1/Colour",
            "Logon",
            "Notes",
            "UserType",
        ];
        assert_eq!(targets, expected, "{}", reply.body);
        assert!(
            reply.body.contains("`Login`"),
            "the nearest name: {}",
            reply.body
        );
        world.assert_unchanged(&before, "faults");
    });
}

#[test]
fn objects_that_refer_to_themselves_or_to_nothing_are_refused() {
    on_each_world(4, |world| {
        prepared(world);
        let group = &ids(
            world,
            GROUPS,
            "&$filter=GroupType%20eq%20'NormalUserDefinableGroup'",
        )[0];
        let one = format!("{USERS}({})", id(1));
        let nobody = id(999);
        let outer = |members: Json| {
            let mut body = user(5, "eve");
            let all = body.as_object_mut().unwrap();
            all.extend(members.as_object().unwrap().clone());
            body.to_string()
        };
        let member = format!("{GROUPS}({group})");
        let me = format!("{USERS}({})", id(5));
        let cases = [
            // A parent inside its own children.
            case(
                "POST",
                USERS,
                outer(json!({"Groups": [{"Group": {"@odata.id": member}, "User": user(5, "eve")}]})),
                (400, "InvalidPayload", "Groups/0/User"),
            ),
            case(
                "POST",
                USERS,
                outer(json!({"Groups": [{"Group": {"@odata.id": member}, "User": user(6, "eve2")}]})),
                (400, "InvalidPayload", "Groups/0/User"),
            ),
            // The same key twice.
            case(
                "POST",
                USERS,
                outer(json!({"Groups": [
                    {"Id": id(70), "@erpnet.action": "create", "Group": {"@odata.id": member}},
                    {"Id": id(70), "@erpnet.action": "create", "Group": {"@odata.id": member}},
                ]})),
                (409, "NotUnique", "Groups/1/Id"),
            ),
            // The same membership twice.
            case(
                "POST",
                USERS,
                outer(json!({"Groups": [
                    {"Group": {"@odata.id": member}}, {"Group": {"@odata.id": member}},
                ]})),
                (409, "NotUnique", "Groups/1/Group"),
            ),
            case("POST", USERS, user(1, "zoe").to_string(), (409, "NotUnique", "Id")),
            case("POST", USERS, user(8, "ANN").to_string(), (409, "NotUnique", "Login")),
            case(
                "PATCH",
                one.as_str(),
                json!({"Domain@odata.bind": format!("Systems_Security_Domains({nobody})")}).to_string(),
                (422, "UnknownReference", "Domain"),
            ),
            case(
                "PATCH",
                one.as_str(),
                json!({"Groups@delta": [{"@odata.id": format!("{USER_GROUPS}({nobody})"), "@removed": {}}]})
                    .to_string(),
                (404, "NotFound", "Groups/0"),
            ),
            case(
                "POST",
                USERS,
                outer(json!({"Groups": [{"Group": {"@odata.id": format!("{GROUPS}({nobody})")}}]})),
                (422, "UnknownReference", "Groups/0/Group"),
            ),
            // A person instead of a group, itself instead of a domain.
            case(
                "POST",
                USERS,
                outer(json!({"Groups": [{"Group": {"@odata.id": me}}]})),
                (400, "TypeMismatch", "Groups/0/Group"),
            ),
            case(
                "POST",
                USER_GROUPS,
                json!({"Group@odata.bind": member, "User@odata.bind": format!("{USERS}({nobody})")})
                    .to_string(),
                (422, "UnknownReference", "User"),
            ),
            case(
                "POST",
                USER_GROUPS,
                json!({"Group@odata.bind": member}).to_string(),
                (422, "ValueRequired", "User"),
            ),
            case("PATCH", format!("{USERS}({nobody})"), "{\"Notes\":\"a\"}", (404, "NotFound", "")),
            case("DELETE", format!("{USERS}({nobody})"), "", (404, "NotFound", "")),
            case("POST", format!("{USERS}({nobody})/Groups"), "{}", (404, "NotFound", "")),
            case("POST", "Systems_Security_Nothing", "{}", (404, "UnknownEntitySet", "Systems_Security_Nothing")),
            case("POST", "Systems_Core_ObjectChangesets", "{}", (405, "MethodNotAllowed", "")),
            case("PATCH", USERS, "{}", (405, "MethodNotAllowed", "")),
            case("POST", one.as_str(), "{}", (405, "MethodNotAllowed", "")),
        ];
        refused(world, &cases);
    });
}

#[test]
fn a_body_that_is_too_large_is_refused() {
    on_each_world(0, |world| {
        let mut body = user(1, "ann");
        body["Notes"] = json!("x".repeat(10 << 20));
        let cases = [case(
            "POST",
            USERS,
            body.to_string(),
            (413, "PayloadTooLarge", ""),
        )];
        refused(world, &cases);
        // Within the limit of bodies, beyond that of the attribute.
        body["Notes"] = json!("ж".repeat(1 << 20));
        let cases = [case(
            "POST",
            USERS,
            body.to_string(),
            (422, "ValueTooLong", "Notes"),
        )];
        refused(world, &cases);
    });
}
