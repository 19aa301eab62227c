//! Changes of rights, refusals and exports.

use serde_json::{Value as Json, json};
use userdex::service::{ContentIds, Verb, own_request};
use userdex::value::Timestamp;

use crate::kit::{LOG, PASSWORD, USERS, log, log_in, names, noted, on_each, path, send, user};
use crate::support::server::key;
use crate::support::world::World;

fn created(world: &World, who: &str, set: &str, body: &Json) -> String {
    let reply = send(world, who, "POST", set, body);
    assert_eq!(reply.status, 201, "{}", reply.body);
    format!("{set}({})", reply.tree()["Id"].as_str().unwrap())
}

fn done(world: &World, who: &str, method: &str, path: &str, body: &Json) {
    let reply = send(world, who, method, path, body);
    assert!(matches!(reply.status, 200 | 204), "{path}: {}", reply.body);
}

#[test]
fn every_change_of_rights_is_noted() {
    on_each(|world| {
        let admin = user(world, "ann");
        let who = log_in(world, "ann", PASSWORD).unwrap();
        let mut bob = String::new();
        let lines = noted(world, || {
            let body =
                json!({"Login": "bob", "Name": {"EN": "Bob"}, "@ext.initialPassword": PASSWORD});
            bob = created(world, &who, USERS, &body);
        });
        assert_eq!(names(&lines), ["UserCreated"]);
        assert_eq!(
            (lines[0].user.as_str(), lines[0].object.as_str()),
            (&*admin.to_string(), key(&bob))
        );
        assert_eq!(
            (lines[0].table.as_str(), lines[0].application.as_str()),
            ("Sec_Users", "grid")
        );
        assert_eq!(lines[0].details["values"]["Login"], "bob");
        assert_eq!(lines[0].word("address"), "127.0.0.1");
        #[rustfmt::skip]
        let steps: [(Json, &[&str], Json); 6] = [
            (json!({"Notes": "x", "Email": "bob@x.example"}), &[], Json::Null),
            (json!({"IsAdmin": true}), &["RightsChanged"], json!({"IsAdmin": [false, true]})),
            (json!({"UserType": "SystemUserNoLogin"}), &["RightsChanged"], json!({"UserType": ["InternalUser", "SystemUserNoLogin"]})),
            (json!({"BasicAuthenticationAllowed": true, "Notes": "y"}), &["RightsChanged"], json!({"BasicAuthenticationAllowed": [false, true]})),
            (json!({"Active": false, "IsAdmin": false}), &["UserDeactivated", "RightsChanged"], json!({"Active": [true, false], "IsAdmin": [true, false]})),
            (json!({"Active": true}), &["UserActivated"], json!({"Active": [false, true]})),
        ];
        for (body, expected, values) in steps {
            let lines = noted(world, || done(world, &who, "PATCH", &bob, &body));
            assert_eq!(names(&lines), expected, "{body}");
            if let Some(line) = lines.first() {
                assert_eq!(line.details["values"], values);
            }
        }
        let calls = [
            (
                "Ext.SetPassword",
                json!({"password": "MARKER other"}),
                "PasswordChanged",
            ),
            ("Ext.RevokeSessions", json!({}), "SessionsRevoked"),
        ];
        for (call, body, expected) in calls {
            let call = format!("{bob}/{call}");
            let lines = noted(world, || done(world, &who, "POST", &call, &body));
            assert_eq!(names(&lines), [expected]);
            assert_eq!(lines[0].object, key(&bob));
        }
        let role = created(
            world,
            &who,
            "Systems_Security_Roles",
            &json!({"Name": "reader"}),
        );
        let body = json!({"Role@odata.bind": role, "User@odata.bind": bob});
        let mut member = String::new();
        let lines = noted(world, || {
            member = created(world, &who, "Systems_Security_RoleUsers", &body);
        });
        assert_eq!(names(&lines), ["RightsCreated"]);
        assert_eq!(lines[0].details["values"]["Role"], key(&role));
        assert_eq!(lines[0].details["values"]["User"], key(&bob));
        let lines = noted(world, || done(world, &who, "DELETE", &member, &Json::Null));
        assert_eq!(names(&lines), ["RightsDeleted"]);
        let body = json!({"EntitySet": USERS, "Role@odata.bind": role, "CanRead": true,
                          "RecordFilter": "Active eq true"});
        let lines = noted(world, || {
            drop(created(world, &who, "Ext_EntityPermissions", &body))
        });
        assert_eq!(names(&lines), ["RightsCreated"]);
        assert_eq!(lines[0].details["values"]["RecordFilter"], "Active eq true");
        let access = json!({"Name": {"EN": "k"}, "EntityName": "Sec_Users"});
        let access = created(world, &who, "Systems_Security_AccessKeys", &access);
        let body = json!({"TableName": "Sec_Users", "ColumnName": "Notes", "AccessKey@odata.bind": access});
        let set = "Systems_Security_ColumnPermissions";
        let lines = noted(world, || drop(created(world, &who, set, &body)));
        assert_eq!(names(&lines), ["RightsCreated"]);
        assert_eq!(lines[0].table, "Sec_Column_Permissions");
        let lines = noted(world, || done(world, &who, "DELETE", &bob, &Json::Null));
        assert_eq!(names(&lines), ["UserDeleted"], "{}", world.name);
        assert!(!format!("{:?}", log(world)).contains("MARKER"));
    });
}

#[test]
fn a_second_factor_that_goes_is_noted_once() {
    on_each(|world| {
        user(world, "ann");
        let who = log_in(world, "ann", PASSWORD).unwrap();
        let body = json!({"Login": "bob", "Name": {"EN": "Bob"}, "TwoFactorEnabled": true,
                          "@ext.initialPassword": PASSWORD});
        let bob = created(world, &who, USERS, &body);
        let secrets = |enrolled: bool| {
            let lines = noted(world, || {
                if enrolled {
                    let now = Timestamp::now();
                    let user = key(&bob).parse().unwrap();
                    world.service.enrol_second_factor(user, "bob", now).unwrap();
                }
                let call = format!("{bob}/Ext.RemoveSecondFactor");
                done(world, &who, "POST", &call, &json!({}));
            });
            let mine = lines.iter().filter(|l| l.name == "SecondFactorChanged");
            assert!(mine.clone().all(|line| line.object == key(&bob)));
            mine.count()
        };
        assert_eq!(secrets(false), 1, "{}: without a secret", world.name);
        assert_eq!(secrets(true), 2, "{}: set up, and taken away", world.name);
    });
}

#[test]
fn what_is_undone_leaves_no_entry() {
    on_each(|world| {
        let ann = user(world, "ann");
        let lines = noted(world, || {
            let now = Timestamp::now();
            let patch = |body: Json| own_request(Verb::Patch, path(ann), &body, now);
            // The second is refused by a rule, long after the first was applied.
            let requests = [
                patch(json!({"IsAdmin": false})),
                patch(json!({"DefaultLanguage": "xx"})),
            ];
            let done = world.service.write(&requests, &mut ContentIds::default());
            assert!(done.is_err());
        });
        assert_eq!(names(&lines), [""; 0], "{}", world.name);
    });
}

#[test]
fn refusals_because_of_rights_are_noted() {
    on_each(|world| {
        let ann = user(world, "ann");
        let admin = log_in(world, "ann", PASSWORD).unwrap();
        let body = json!({"Login": "bob", "Name": {"EN": "Bob"}, "@ext.initialPassword": PASSWORD});
        let bob = created(world, &admin, USERS, &body);
        let role = created(
            world,
            &admin,
            "Systems_Security_Roles",
            &json!({"Name": "some"}),
        );
        let body = json!({"Role@odata.bind": role, "User@odata.bind": bob});
        created(world, &admin, "Systems_Security_RoleUsers", &body);
        let who = log_in(world, "bob", PASSWORD).unwrap();
        let asks: [(&str, &str, String, Json, [&str; 4]); 5] = [
            (
                &admin,
                "GET",
                format!("{USERS}?$filter=Password%20eq%20'MARKER'"),
                Json::Null,
                [
                    "ReadRefused",
                    "AttributeNotReadable",
                    "Password",
                    "Sec_Users",
                ],
            ),
            (
                &admin,
                "GET",
                "Systems_Monitoring_AuditLogEntries/$count".to_owned(),
                Json::Null,
                [
                    "ReadRefused",
                    "Forbidden",
                    "Systems_Monitoring_AuditLogEntries",
                    "Sys_Audit_Log_Entries",
                ],
            ),
            (
                &who,
                "GET",
                format!("{USERS}?MARKER=1"),
                Json::Null,
                ["ReadRefused", "Forbidden", USERS, "Sec_Users"],
            ),
            (
                &who,
                "PATCH",
                path(ann),
                json!({"Notes": "MARKER"}),
                ["ChangeRefused", "Forbidden", USERS, "Sec_Users"],
            ),
            (
                &who,
                "PATCH",
                "Ext.Me".to_owned(),
                json!({"IsAdmin": true}),
                ["ChangeRefused", "Forbidden", "IsAdmin", "Sec_Users"],
            ),
        ];
        for (who, method, path, body, [name, code, target, table]) in asks {
            let mut status = 0;
            let lines = noted(world, || {
                status = send(world, who, method, &path, &body).status
            });
            assert_eq!(status, 403, "{path}");
            assert_eq!(names(&lines), [name], "{method} {path}");
            let line = &lines[0];
            assert_eq!(
                (line.word("code"), line.word("target")),
                (code.into(), target.into())
            );
            assert_eq!(
                (line.table.as_str(), line.word("outcome")),
                (table, "refused".into())
            );
            assert!(!line.user.is_empty());
        }
        assert!(!format!("{:?}", log(world)).contains("MARKER"));
    });
}

#[test]
fn exports_are_noted_at_their_end() {
    on_each(|world| {
        let ann = user(world, "ann");
        let who = log_in(world, "ann", PASSWORD).unwrap();
        for (format, word) in [
            ("application/x-ndjson", "ndjson"),
            ("text/csv", "csv"),
            (
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "xlsx",
            ),
        ] {
            let lines = noted(world, || {
                let headers = [
                    ("Authorization", &*who),
                    ("Accept", format),
                    ("User-Agent", "x/2"),
                ];
                let path = format!("{USERS}?$select=Login");
                assert_eq!(world.send_as("GET", &path, &headers, b"").status, 200);
                assert_eq!(world.send_as("HEAD", &path, &headers, b"").status, 200);
            });
            assert_eq!(names(&lines), ["Exported"], "{format}");
            let line = &lines[0];
            assert_eq!(
                (line.word("format"), line.word("rows")),
                (word.into(), "2".into())
            );
            assert_eq!(
                (line.user.clone(), line.table.as_str()),
                (ann.to_string(), "Sec_Users")
            );
            assert_eq!(
                (line.application.as_str(), line.word("address")),
                ("grid", "127.0.0.1".into())
            );
        }
        let lines = noted(world, || {
            let path = format!("{USERS}?$select=Login");
            assert_eq!(send(world, &who, "GET", &path, &Json::Null).status, 200);
        });
        assert_eq!(names(&lines), [""; 0], "a page is no export");
    });
}

#[test]
fn users_go_and_their_entries_stay() {
    on_each(|world| {
        let ann = user(world, "ann");
        log_in(world, "ann", PASSWORD).unwrap();
        user(world, "eve");
        let eve = log_in(world, "eve", PASSWORD).unwrap();
        let before = log(world).len();
        done(world, &eve, "DELETE", &path(ann), &Json::Null);
        let lines = log(world);
        assert_eq!(lines.len(), before + 1);
        let of_ann = |line: &&crate::kit::Line| line.user == ann.to_string();
        assert_eq!(lines.iter().filter(of_ann).count(), 1, "{}", world.name);
        // The reference leads nowhere.
        let filter = format!("$filter=User/Id%20eq%20{ann}&$expand=User");
        let rows = world.all(&format!("{LOG}?{filter}"));
        assert_eq!((rows.len(), &rows[0]["User"]), (1, &Json::Null));
    });
}
