//! The chain: whole as long as nobody touches it, and broken where somebody did.

use serde_json::json;
use userdex::service::{ContentIds, Verb, own_request};
use userdex::store::DatabaseUrl;
use userdex::value::Timestamp;

use crate::kit::{USERS, broken, head, log, on_each, path, raw, user, write};
use crate::support::world::World;

/// Three and more entries.
fn filled(world: &World) {
    for login in ["ann", "bob", "eve"] {
        user(world, login);
    }
    assert!(log(world).len() >= 4, "the tester's session is one");
}

/// What is needed to touch anything at all.
fn without_triggers(world: &World, statement: &str) {
    let off = match world.url.parse().unwrap() {
        DatabaseUrl::Sqlite(_) => {
            let names = [
                "Entries_Update",
                "Entries_Delete",
                "Chain_Update",
                "Chain_Delete",
                "Head_Update",
                "Head_Delete",
            ];
            names
                .map(|name| format!("DROP TRIGGER \"TR_Ext_Audit_{name}\""))
                .join(";")
        }
        DatabaseUrl::Postgres(_) => {
            let tables = ["Sys_Audit_Log_Entries", "Ext_Audit_Chain", "Ext_Audit_Head"];
            tables
                .map(|name| format!("ALTER TABLE \"{name}\" DISABLE TRIGGER USER"))
                .join(";")
        }
    };
    raw(world, &off).unwrap();
    raw(world, statement).unwrap();
}

/// The entry of a number.
const THIRD: &str = "\"Audit_Log_Entry_Id\" = (SELECT c.\"Audit_Log_Entry_Id\" FROM \"Ext_Audit_Chain\" c WHERE c.\"Number\" = 3)";

#[test]
fn the_database_refuses_changes() {
    on_each(|world| {
        filled(world);
        let before = world.dump();
        for statement in [
            "UPDATE \"Sys_Audit_Log_Entries\" SET \"Details\" = '{}'",
            "UPDATE \"Sys_Audit_Log_Entries\" SET \"Latest_Version\" = 2",
            "DELETE FROM \"Sys_Audit_Log_Entries\"",
            "UPDATE \"Ext_Audit_Chain\" SET \"Number\" = \"Number\" + 100",
            "DELETE FROM \"Ext_Audit_Chain\"",
            "DELETE FROM \"Ext_Audit_Head\"",
            "UPDATE \"Ext_Audit_Head\" SET \"Last_Number\" = \"Last_Number\" - 1",
            "UPDATE \"Ext_Audit_Head\" SET \"Removed_Number\" = \"Last_Number\" + 1",
        ] {
            let refused = raw(world, statement).unwrap_err();
            assert!(refused.contains("the audit log"), "{statement}: {refused}");
        }
        if matches!(world.url.parse().unwrap(), DatabaseUrl::Postgres(_)) {
            for table in ["Sys_Audit_Log_Entries", "Ext_Audit_Chain", "Ext_Audit_Head"] {
                assert!(raw(world, &format!("TRUNCATE \"{table}\"")).is_err());
            }
        }
        assert_eq!(world.dump(), before, "{}", world.name);
        assert_eq!(broken(world, None), "");
    });
}

#[test]
fn every_tampering_is_found_where_it_is() {
    type Expected = fn(i64) -> String;
    let cases: [(String, Expected); 8] = [
        (
            format!("UPDATE \"Sys_Audit_Log_Entries\" SET \"Details\" = '{{}}' WHERE {THIRD}"),
            |_| "entry 3 was changed".to_owned(),
        ),
        (
            format!("UPDATE \"Sys_Audit_Log_Entries\" SET \"User_Id\" = NULL, \"Event_Name\" = NULL WHERE {THIRD}"),
            |_| "entry 3 was changed".to_owned(),
        ),
        (
            // What a filter looks at.
            format!("UPDATE \"Sys_Audit_Log_Entries\" SET \"Event_Name_folded\" = 'other' WHERE {THIRD}"),
            |_| "entry 3 was changed".to_owned(),
        ),
        (
            format!("DELETE FROM \"Sys_Audit_Log_Entries\" WHERE {THIRD}"),
            |_| "entry 3 is missing".to_owned(),
        ),
        (
            format!("DELETE FROM \"Sys_Audit_Log_Entries\" WHERE {THIRD}; DELETE FROM \"Ext_Audit_Chain\" WHERE \"Number\" = 3"),
            |_| "entry 3 is missing".to_owned(),
        ),
        (
            "DELETE FROM \"Sys_Audit_Log_Entries\" WHERE \"Audit_Log_Entry_Id\" IN (SELECT c.\"Audit_Log_Entry_Id\" FROM \"Ext_Audit_Chain\" c WHERE c.\"Number\" > 2); DELETE FROM \"Ext_Audit_Chain\" WHERE \"Number\" > 2".to_owned(),
            |_| "the log ends at entry 2, and its head says otherwise".to_owned(),
        ),
        (
            "DELETE FROM \"Ext_Audit_Head\"".to_owned(),
            |_| "the row of the head is missing".to_owned(),
        ),
        (
            "DELETE FROM \"Ext_Audit_Chain\" WHERE \"Number\" = (SELECT \"Last_Number\" FROM \"Ext_Audit_Head\")".to_owned(),
            |last| format!("the log ends at entry {}, and its head says otherwise; 1 entries are not of the chain", last - 1),
        ),
    ];
    for (statement, expected) in cases {
        on_each(|world| {
            filled(world);
            let last = head(world).split(':').next().unwrap().parse().unwrap();
            without_triggers(world, &statement);
            assert_eq!(
                broken(world, None),
                expected(last),
                "{}: {statement}",
                world.name
            );
        });
    }
}

#[test]
fn a_head_that_was_kept_shows_a_chain_made_anew() {
    on_each(|world| {
        filled(world);
        let kept = head(world);
        assert_eq!(broken(world, Some(&kept)), "");
        // Cut off with its head, as whoever holds the database may do.
        without_triggers(
            world,
            "DELETE FROM \"Sys_Audit_Log_Entries\" WHERE \"Audit_Log_Entry_Id\" IN (SELECT c.\"Audit_Log_Entry_Id\" FROM \"Ext_Audit_Chain\" c WHERE c.\"Number\" > 2); \
             DELETE FROM \"Ext_Audit_Chain\" WHERE \"Number\" > 2; \
             UPDATE \"Ext_Audit_Head\" SET \"Last_Number\" = 2, \"Last_Hash\" = (SELECT \"Hash\" FROM \"Ext_Audit_Chain\" WHERE \"Number\" = 2)",
        );
        assert_eq!(broken(world, None), "", "nothing inside tells");
        let number = kept.split(':').next().unwrap();
        let expected = format!("entry {number} is not the one whose head was kept");
        assert_eq!(broken(world, Some(&kept)), expected);
        // New entries go on from there, up to that number and beyond.
        for n in 0..8 {
            user(world, &format!("new{n}"));
        }
        assert_eq!(broken(world, Some(&kept)), expected, "{}", world.name);
    });
}

#[test]
fn servers_of_one_database_write_one_chain() {
    on_each(|world| {
        let others = [
            World::over(world.name, &world.url),
            World::over(world.name, &world.url),
        ];
        let admins: Vec<_> = (0..4).map(|n| user(world, &format!("admin{n}"))).collect();
        let before = log(world).len();
        std::thread::scope(|scope| {
            for (n, service) in [&world.service, &others[0].service, &others[1].service]
                .into_iter()
                .enumerate()
            {
                let admins = &admins;
                scope.spawn(move || {
                    for m in 0..12 {
                        let body = json!({"Login": format!("u{n}-{m}"), "Name": {"EN": "x"}, "UserType": "VirtualUserNoLogin"});
                        write(service, Verb::Post, USERS, &body);
                        // The same rows, from all sides.
                        let body = json!({"BasicAuthenticationAllowed": (n + m) % 2 == 0});
                        write(service, Verb::Patch, &path(admins[m % admins.len()]), &body);
                    }
                });
                scope.spawn(move || {
                    for _ in 0..6 {
                        let request = own_request(
                            Verb::Post,
                            path(admins[0]) + "/Ext.RevokeSessions",
                            &json!({}),
                            Timestamp::now(),
                        );
                        service
                            .write(&[request], &mut ContentIds::default())
                            .unwrap();
                    }
                });
            }
        });
        let lines = log(world).split_off(before);
        let count = |name: &str| lines.iter().filter(|line| line.name == name).count();
        assert_eq!(
            (count("UserCreated"), count("SessionsRevoked")),
            (36, 18),
            "{}",
            world.name
        );
        assert_eq!(broken(world, None), "");
    });
}
