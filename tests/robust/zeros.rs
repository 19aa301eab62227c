//! U+0000, which no database keeps, at every door through which a text of a client comes in: refused
//! with 400, and nothing is stored.

use std::net::SocketAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};

use super::support::http::{Answer, Request};
use super::support::world::{PATH, World, on_each_world, text};
use super::{USERS, create, id, ids, user};

const JSON: &str = "application/json";
const FORM: &str = "application/x-www-form-urlencoded";

/// One request, and code and target of its refusal.
struct Door {
    method: &'static str,
    /// From the root of the host.
    path: String,
    media: &'static str,
    body: String,
    code: &'static str,
    target: &'static str,
}

fn door(
    method: &'static str,
    path: impl Into<String>,
    (media, body): (&'static str, impl ToString),
    (code, target): (&'static str, &'static str),
) -> Door {
    Door {
        method,
        path: path.into(),
        media,
        body: body.to_string(),
        code,
        target,
    }
}

/// A door below the service root that takes JSON.
fn odata(
    method: &'static str,
    path: impl AsRef<str>,
    body: &Json,
    refusal: (&'static str, &'static str),
) -> Door {
    let path = format!("{PATH}{}", path.as_ref());
    door(method, path, (JSON, body), refusal)
}

fn address(world: &World) -> SocketAddr {
    world.host().parse().unwrap()
}

/// Sends what a door takes; the request carries a credential only where it signs nobody in.
fn send(world: &World, door: &Door) -> Answer {
    let request = Request::new(address(world), door.method, &door.path);
    let request = request.body(door.media, door.body.as_str());
    if door.path.starts_with(PATH) {
        return request.send();
    }
    request.anonymous().send()
}

/// Sends each request, and sees that it is refused and that nothing is stored.
fn refused(world: &World, doors: &[Door]) {
    let before = world.dump();
    for door in doors {
        let answer = send(world, door);
        let place = format!(
            "{}: {} {} {}\n{answer}",
            world.name, door.method, door.path, door.body
        );
        let error = &answer.json()["error"];
        assert_eq!(answer.status, 400, "{place}");
        assert_eq!(text(&error["code"]), door.code, "{place}");
        assert_eq!(text(&error["target"]), door.target, "{place}");
        world.assert_unchanged(&before, &place);
    }
}

#[test]
fn payloads_are_refused() {
    on_each_world(4, |world| {
        create(world, USERS, &user(1, "ann"));
        let ann = format!("{USERS}({})", id(1));
        let new = |member: &str, value: Json| {
            let mut user = user(9, "new");
            user[member] = value;
            user
        };
        let invalid = |target| ("InvalidValue", target);
        let mut doors = vec![
            odata("POST", USERS, &new("Login", json!("a\0")), invalid("Login")),
            odata(
                "POST",
                USERS,
                &new("Name", json!({"EN": "\0"})),
                invalid("Name/EN"),
            ),
            odata(
                "POST",
                USERS,
                &new("UserType", json!("\0")),
                ("UnknownEnumMember", "UserType"),
            ),
            odata(
                "POST",
                USERS,
                &new("@ext.initialPassword", json!("long\0enough")),
                invalid("@ext.initialPassword"),
            ),
            odata(
                "POST",
                USERS,
                &new("Groups", json!([{"Group": {"DisplayText": "\0"}}])),
                invalid("Groups/0/Group/DisplayText"),
            ),
            odata(
                "PATCH",
                &ann,
                &json!({"Person": {"DisplayText": "\0"}}),
                invalid("Person/DisplayText"),
            ),
            odata(
                "PATCH",
                &ann,
                &json!({"Person@odata.bind": "General_Contacts_Persons(\0)"}),
                invalid("Person@odata.bind"),
            ),
            odata(
                "PUT",
                format!("{ann}/Notes"),
                &json!({"value": "\0"}),
                invalid("Notes"),
            ),
            odata(
                "PUT",
                format!("{ann}/Name/EN"),
                &json!({"value": "\0"}),
                invalid("Name/EN"),
            ),
            odata(
                "PUT",
                format!("{ann}/Person/$ref"),
                &json!({"@odata.id": "\0"}),
                invalid(""),
            ),
            door(
                "PUT",
                format!("{PATH}{ann}/Notes/$value"),
                ("text/plain", "a\0b"),
                invalid("Notes"),
            ),
        ];
        for (member, target) in [
            ("Code", "Person/@erpnet.findBy/Code"),
            ("Name", "Person/@erpnet.findBy/Name"),
            ("DisplayText", "Person/@erpnet.findBy/DisplayText"),
            ("ExternalId", "Person/@erpnet.findBy/ExternalId"),
        ] {
            let found_by = json!({"Person": {"@erpnet.findBy": {member: "\0"}}});
            doors.push(odata("PATCH", &ann, &found_by, invalid(target)));
        }
        let system =
            json!({"Person": {"@erpnet.findBy": {"ExternalId": "1", "ExternalSystem": "\0"}}});
        doors.push(odata(
            "PATCH",
            &ann,
            &system,
            invalid("Person/@erpnet.findBy/ExternalSystem"),
        ));
        let permission = json!({
            "Role@odata.bind": format!("Systems_Security_Roles({})", ids(world, "Systems_Security_Roles", "")[0]),
            "EntitySet": USERS,
            "RecordFilter": "Login eq '\0'",
        });
        doors.push(odata(
            "POST",
            "Ext_EntityPermissions",
            &permission,
            invalid("RecordFilter"),
        ));
        refused(world, &doors);
    });
}

#[test]
fn arguments_are_refused() {
    on_each_world(4, |world| {
        create(world, USERS, &user(1, "ann"));
        let ann = format!("{USERS}({})", id(1));
        let note = |subject: &str, class: &str| {
            json!({
                "user": {"@odata.id": ann}, "subject": subject, "notificationClass": class,
            })
        };
        let mut doors = Vec::new();
        for (call, body, target) in [
            (
                "Ext.IssueToken",
                json!({"description": "a\0"}),
                "description",
            ),
            (
                "Ext.IssueToken",
                json!({"application": "a\0"}),
                "application",
            ),
            ("Ext.IssueToken", json!({"scopes": "read\0"}), "scopes"),
            ("Ext.IssueToken", json!({"expires": "\0"}), "expires"),
            (
                "Ext.SetPassword",
                json!({"password": "Long and secret 1\0"}),
                "password",
            ),
            (
                "CreateNotification",
                note("\0", "NT_SOC_NEW_POST"),
                "subject",
            ),
            ("CreateNotification", note("a", "NT\0"), "notificationClass"),
        ] {
            let path = format!("{ann}/{call}");
            doors.push(odata("POST", path, &body, ("InvalidValue", target)));
        }
        for (call, body, target) in [
            ("BeginTransaction", json!({"model": "\0"}), "model"),
            (
                "Ext.Me/Ext.RemoveSecondFactor",
                json!({"password": "\0"}),
                "password",
            ),
            (
                "Ext.Me/Ext.RemoveSecondFactor",
                json!({"code": "\0"}),
                "code",
            ),
        ] {
            doors.push(odata("POST", call, &body, ("InvalidValue", target)));
        }
        refused(world, &doors);
        let objects = [user(2, "ben"), user(3, "c\0")].map(|mut user| {
            user["@odata.type"] = json!("Erp.Systems_Security_User");
            user
        });
        let answer = Request::new(address(world), "POST", &format!("{PATH}Import"));
        let answer = answer
            .json(&json!({ "objects": objects }))
            .expect(200)
            .json();
        assert_eq!(
            answer["objects"][0]["@erpnet.result"], "success",
            "{answer}"
        );
        assert_eq!(
            answer["objects"][1]["@ext.code"], "InvalidValue",
            "{answer}"
        );
        let before = world.dump();
        let found = json!({"@odata.type": "Erp.Systems_Security_User", "@erpnet.action": "find", "@erpnet.findBy": {"Code": "\0"}});
        let answer = Request::new(address(world), "POST", &format!("{PATH}Import"));
        let answer = answer.json(&json!({"objects": [found]})).expect(200).json();
        assert_eq!(
            answer["objects"][0]["@ext.code"], "InvalidValue",
            "{answer}"
        );
        world.assert_unchanged(&before, "an import that finds by U+0000");
    });
}

#[test]
fn batches_and_queries_are_refused() {
    on_each_world(4, |world| {
        create(world, USERS, &user(1, "ann"));
        let ann = format!("{USERS}({})", id(1));
        let before = world.dump();
        let by_code = json!({"Person": {"@erpnet.findBy": {"Code": "\0"}}});
        for (part, code) in [
            (
                json!({"method": "patch", "url": ann, "body": by_code}),
                "InvalidValue",
            ),
            (
                json!({"method": "get", "url": format!("{USERS}?$filter=Login eq '\0'")}),
                "SyntaxError",
            ),
            (
                json!({"method": "get", "url": format!("{USERS}\0")}),
                "SyntaxError",
            ),
            (
                json!({"method": "post", "url": "Nope\0(1)", "body": {}}),
                "SyntaxError",
            ),
        ] {
            let mut part = part;
            part["id"] = json!("1");
            let batch = Request::new(address(world), "POST", &format!("{PATH}$batch"));
            let answer = batch.json(&json!({"requests": [part]})).expect(200).json();
            let response = &answer["responses"][0];
            assert_eq!(response["status"], 400, "{part} {answer}");
            assert_eq!(response["body"]["error"]["code"], code, "{part} {answer}");
        }
        let multipart = format!(
            "--b\r\nContent-Type: application/http\r\n\r\nPATCH {ann} HTTP/1.1\r\n\
             Content-Type: application/json\r\n\r\n{by_code}\r\n--b--\r\n"
        );
        let batch = Request::new(address(world), "POST", &format!("{PATH}$batch"));
        let answer = batch
            .body("multipart/mixed; boundary=b", multipart)
            .expect(200);
        assert!(answer.text().contains("HTTP/1.1 400"), "{answer}");
        assert!(answer.text().contains("\"InvalidValue\""), "{answer}");
        world.assert_unchanged(&before, "parts of batches");
        let part = json!({"id": "1", "method": "get", "url": USERS});
        let with = |member: &str, value: Json| {
            let mut part = part.clone();
            part[member] = value;
            json!({"requests": [part]})
        };
        let query = format!("{USERS}/$query");
        let filter = json!({"$filter": "Login eq '\0'"});
        let text = ("text/plain", "$filter=Login eq '\0'");
        refused(
            world,
            &[
                odata(
                    "POST",
                    "$batch",
                    &with("id", json!("\0")),
                    ("InvalidBatch", "1"),
                ),
                odata(
                    "POST",
                    "$batch",
                    &with("method", json!("\0")),
                    ("InvalidBatch", "1"),
                ),
                odata(
                    "POST",
                    "$batch",
                    &with("headers", json!({"user-agent": "\0"})),
                    ("InvalidBatch", "1"),
                ),
                odata(
                    "POST",
                    "$batch",
                    &with("dependsOn", json!(["\0"])),
                    ("InvalidBatch", "1"),
                ),
                odata("POST", &query, &filter, ("SyntaxError", "")),
                door("POST", format!("{PATH}{query}"), text, ("SyntaxError", "")),
                odata(
                    "GET",
                    format!("{USERS}?$filter=Login%20eq%20'%00'"),
                    &json!({}),
                    ("SyntaxError", ""),
                ),
                odata(
                    "GET",
                    format!("{USERS}('%00')"),
                    &json!({}),
                    ("SyntaxError", ""),
                ),
            ],
        );
    });
}

#[test]
fn sign_ins_are_refused() {
    on_each_world(4, |world| {
        let mut doors = Vec::new();
        for (member, target) in [
            ("user", "user"),
            ("pass", "pass"),
            ("code", "code"),
            ("newPassword", "newPassword"),
            ("app", "app"),
        ] {
            let mut body = json!({"user": "ann", "pass": "secret"});
            body[member] = json!("y\0");
            doors.push(door(
                "POST",
                "/api/domain/login",
                (JSON, &body),
                ("InvalidValue", target),
            ));
            let form = format!("{member}=y%00");
            for path in ["/api/domain/login", "/sign-in"] {
                doors.push(door("POST", path, (FORM, &form), ("InvalidValue", target)));
            }
        }
        refused(world, &doors);
        let before = world.dump();
        let token = |form: &str| {
            Request::new(address(world), "POST", "/id/connect/token")
                .body(FORM, form)
                .anonymous()
        };
        for field in ["grant_type", "client_id", "client_secret", "scope"] {
            let answer = token(&format!("{field}=a%00")).expect(400);
            assert_eq!(
                answer.json()["error"],
                "invalid_request",
                "{field} {answer}"
            );
        }
        let basic = format!("Basic {}", STANDARD.encode("a%00:b"));
        let answer = token("grant_type=client_credentials")
            .header("Authorization", &basic)
            .expect(400);
        assert_eq!(answer.json()["error"], "invalid_request", "{answer}");
        for pair in ["a\0:b", "a:b\0"] {
            let basic = format!("Basic {}", STANDARD.encode(pair));
            let request = Request::new(address(world), "GET", &format!("{PATH}{USERS}"));
            let request = request.anonymous().header("Authorization", &basic);
            request.refused(400, "InvalidHeader", "Authorization");
        }
        // HTTP itself takes no such header.
        for name in [
            "User-Agent",
            "X-Application",
            "Repeatability-Request-ID",
            "TransactionId",
            "Cookie",
        ] {
            let request = Request::new(address(world), "POST", &format!("{PATH}{USERS}"));
            request
                .header(name, "a\0b")
                .json(&user(9, "new"))
                .expect(400);
        }
        world.assert_unchanged(&before, "credentials and headers");
    });
}
