//! Who reads the log: callers with `sec`, and nobody hears of it elsewhere.

use serde_json::{Value as Json, json};

use crate::kit::{LOG, PASSWORD, USERS, log, log_in, on_each, path, send, user};

#[test]
fn the_log_is_read_with_sec_by_its_declared_filters() {
    on_each(|world| {
        let ann = user(world, "ann");
        log_in(world, "ann", PASSWORD).unwrap();
        log(world);
        // The tester has all scopes.
        for (filter, expected) in [
            ("EventName eq 'SignedIn' and User/Id eq {ann}", 1),
            ("EventType eq 'Login' and ApplicationName eq 'grid'", 1),
            ("EventClass eq 'Entity' and EntityItemId eq {ann}", 1),
            (
                "contains(EventName,'created') and EntityName eq 'Sec_Users'",
                1,
            ),
            (
                "EventTimeUtc ge 2020-01-01T00:00:00Z and EventName eq 'UserCreated'",
                1,
            ),
            ("EventTimeUtc le 2020-01-01T00:00:00Z", 0),
        ] {
            let filter = filter
                .replace("{ann}", &ann.to_string())
                .replace(' ', "%20");
            let count = world.count(&format!("{LOG}/$count?$filter={filter}"));
            assert_eq!(count, expected, "{}: {filter}", world.name);
        }
        let rows = world.all(&format!(
            "{LOG}?$orderby=EventTimeUtc&$select=EventName,Details"
        ));
        assert!(rows.iter().all(|row| {
            row["Details"]
                .as_str()
                .unwrap()
                .starts_with("{\"outcome\":")
        }));
        let csv = world.send("GET", LOG, &[("Accept", "text/csv")], b"");
        assert_eq!(csv.status, 200);
        assert_eq!(csv.body.lines().count(), 1 + rows.len());
    });
}

#[test]
fn nobody_writes_it() {
    on_each(|world| {
        user(world, "ann");
        let lines = world.all(&format!("{LOG}?$select=Id"));
        let one = format!("{LOG}({})", lines[0]["Id"].as_str().unwrap());
        for (method, path, body) in [
            (
                "POST",
                LOG,
                json!({"EventClass": "Server", "EventType": "Login"}),
            ),
            ("PATCH", &one, json!({"Details": "{}"})),
            ("PUT", &one, json!({"Details": "{}"})),
            ("DELETE", &one, Json::Null),
        ] {
            let reply = world.json(method, path, &body);
            assert_eq!(reply.status, 405, "{method}: {}", reply.body);
        }
    });
}

#[test]
fn without_sec_nothing_is_heard_of_it() {
    on_each(|world| {
        let ann = user(world, "ann");
        let who = log_in(world, "ann", PASSWORD).unwrap();
        let entry = world.all(&format!("{LOG}?$select=Id"))[0]["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        let refused = [
            LOG.to_owned(),
            format!("{LOG}/$count"),
            format!("{LOG}({entry})"),
            format!("{LOG}?$search=grid"),
            format!("{LOG}?$apply=aggregate($count%20as%20n)"),
            format!("{LOG}?$expand=User"),
            format!("{LOG}({entry})/User"),
        ];
        for path in &refused {
            let reply = send(world, &who, "GET", path, &Json::Null);
            assert!(
                matches!(reply.status, 403 | 501),
                "{path}: {} {}",
                reply.status,
                reply.body
            );
            assert!(!reply.body.contains("outcome"), "{path}");
        }
        // Every other set, with all that it expands to and finds: no entry, not even its key.
        let everything = [
            format!("{}?$expand=*", path(ann)),
            format!("{USERS}?$search=signedin"),
            format!("{USERS}?$filter=AuditLogEntries/any(a:a/EventName%20eq%20'SignedIn')"),
            "Systems_Core_ExtensibleDataObjects?$top=1000".to_owned(),
            format!("Systems_Core_ExtensibleDataObjects({entry})"),
            format!("Systems_Core_ExtensibleDataObjects?$filter=Id%20eq%20{entry}"),
            "Systems_Core_ObjectChanges?$top=1000&$expand=*".to_owned(),
        ];
        for path in &everything {
            let reply = send(world, &who, "GET", path, &Json::Null);
            assert!(reply.status < 500, "{path}: {}", reply.body);
            let body = reply.body.replace(path, "");
            let is_told = reply.status == 200
                && (body.contains(&entry) || body.contains("Systems.Monitoring.AuditLogEntries"));
            assert!(!is_told, "{}: {path}: {body}", world.name);
        }
    });
}
