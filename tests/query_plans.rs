//! How the databases read what users ask most, on a table of a few thousand rows: which index each
//! declared filter uses, and that lookups and pages neither scan nor sort.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use support::{Database, Databases};

const USERS: u64 = 5_000;

/// The database's own words for a request, on one line.
fn plan(database: &Database, request: &str) -> String {
    let read = database.read(&support::encode_query(request)).unwrap();
    let explanation = database.service.explain(&read).unwrap();
    let lines = explanation.database();
    let lines: Vec<String> = lines.iter().map(|line| words(line)).collect();
    lines.join("; ")
}

/// A line without guesses of costs and values of binds.
fn words(line: &str) -> String {
    let line = line.trim_start_matches([' ', '-', '>']);
    line.split("  (").next().unwrap().to_owned()
}

/// The key of some user, his login and his e-mail.
fn someone(database: &Database) -> [String; 3] {
    let request = "Systems_Security_Users?$filter=not%20(Email%20eq%20null)&$skip=2000&$top=1&$select=Id,Login,Email";
    let answer: serde_json::Value = serde_json::from_str(&database.get(request).unwrap()).unwrap();
    ["Id", "Login", "Email"].map(|name| answer["value"][0][name].as_str().unwrap().to_owned())
}

/// The address of a page far from the first.
fn deep(database: &Database, request: &str) -> String {
    let mut address = support::encode_query(request);
    for _ in 0..4 {
        let answer: serde_json::Value =
            serde_json::from_str(&database.get(&address).unwrap()).unwrap();
        let next = answer["@odata.nextLink"].as_str().unwrap();
        address = next
            .strip_prefix(support::service::ROOT)
            .unwrap()
            .to_owned();
    }
    address
}

#[test]
fn lookups_and_pages_neither_scan_nor_sort() {
    let all = Databases::with_demo(USERS);
    for database in all.iter() {
        database.store.writer().unwrap().analyze().unwrap();
        let [id, login, email] = someone(database);
        let by_key = match database.name() {
            "SQLite" => "sqlite_autoindex_Sec_Users_1",
            _ => "UQ_Sec_Users_User_Id",
        };
        let (by_login, by_email) = ("IX_Sec_Users_Login", "IX_Sec_Users_Email");
        let set = "Systems_Security_Users";
        let ordered = |order: &str| format!("{set}?$top=900&$orderby={order}");
        let looked_up = [
            (format!("{set}({id})"), by_key),
            (format!("{set}?$filter=Id eq {id}"), by_key),
            (format!("{set}?$filter=Login eq '{login}'"), by_login),
            (format!("{set}?$filter=Email eq '{email}'"), by_email),
        ];
        for (request, index) in looked_up {
            let plan = plan(database, &request);
            assert!(plan.contains(index) && !scans(&plan), "{request}\n{plan}");
        }
        for (request, index) in [
            (format!("{set}?$top=900"), by_key),
            (ordered("Id desc"), by_key),
            (ordered("Login"), by_login),
            (ordered("Login desc"), by_login),
            (ordered("Email"), by_email),
            (ordered("Email desc"), by_email),
        ] {
            let first = plan(database, &request.replace("$top=900", "$top=50"));
            let deep = plan(
                database,
                &deep(database, &request).replace("$top=900", "$top=50"),
            );
            for plan in [first, deep] {
                assert!(
                    plan.contains(index),
                    "{request} on {}\n{plan}",
                    database.name()
                );
                assert!(!sorts(&plan), "{request} on {}\n{plan}", database.name());
            }
        }
    }
}

#[test]
fn lambdas_use_the_indexes_of_the_children() {
    let all = Databases::with_demo(USERS);
    for database in all.iter() {
        database.store.writer().unwrap().analyze().unwrap();
        let set = "Systems_Security_Users";
        let members = "Systems_Security_UserGroups?$top=1&$expand=Group($select=Id)";
        let answer: serde_json::Value =
            serde_json::from_str(&database.get(members).unwrap()).unwrap();
        let group = answer["value"][0]["Group"]["Id"]
            .as_str()
            .unwrap()
            .to_owned();
        let nobody = "9da64839-a8d0-491d-aebb-4d18fa42b014";
        for (filter, index) in [
            // The group drives.
            (
                format!("Groups/any(g:g/Group/Id eq {nobody})"),
                "IX_Sec_User_Groups_Group",
            ),
            // Each user's memberships are looked up.
            ("not Groups/any()".to_owned(), "X_Sec_User_Groups_User"),
            (
                format!("Groups/all(g:g/Group/Id eq {group})"),
                "X_Sec_User_Groups_User",
            ),
            ("Groups/$count gt 2".to_owned(), "X_Sec_User_Groups_User"),
            (
                format!("Groups/$count($filter=Group/Id eq {nobody}) gt 0"),
                "IX_Sec_User_Groups_Group",
            ),
        ] {
            let request = format!("{set}?$select=Login&$top=50&$filter={filter}");
            let plan = plan(database, &request);
            let name = database.name();
            // PostgreSQL may hash a table of this size.
            let hashed = name == "PostgreSQL" && plan.contains("Hash");
            assert!(
                plan.contains(index) || hashed,
                "{request} on {name}\n{plan}"
            );
        }
    }
}

#[test]
fn groups_are_read_once_and_narrowed_before() {
    let all = Databases::with_demo(USERS);
    for database in all.iter() {
        database.store.writer().unwrap().analyze().unwrap();
        let [_, login, _] = someone(database);
        let set = "Systems_Security_Users";
        let narrow = format!("{set}?$apply=filter(Login eq '{login}')/aggregate($count as N)");
        let plan = plan(database, &narrow);
        assert!(plan.contains("IX_Sec_Users_Login"), "{plan}");
        assert!(
            !plan.contains("SCAN t0") && !plan.contains("Seq Scan"),
            "{plan}"
        );
        let groups = format!("{set}?$apply=groupby((UserType,Active),aggregate($count as N))");
        let plan = self::plan(database, &format!("{groups}&$orderby=N desc&$top=3"));
        if database.name() == "SQLite" {
            // The index alone has it all.
            let index = "COVERING INDEX IX_Sec_Users_UserType_Active";
            assert!(plan.contains(index), "{plan}");
        }
        let reads = ["SCAN t0", "on \"Sec_Users\" t0"].map(|word| plan.matches(word).count());
        assert_eq!(reads.iter().sum::<usize>(), 1, "{plan}");
        for request in [
            groups.clone(),
            format!("{groups}&$filter=N gt 3&$orderby=N desc,Active&$top=2"),
            format!("{groups}/topcount(2,N)/aggregate(N with max as M)"),
        ] {
            let before = database.store.statements();
            database.get(&support::encode_query(&request)).unwrap();
            assert_eq!(database.store.statements() - before, 1, "{request}");
        }
    }
}

/// Whether a plan looks at every row of a table.
fn scans(plan: &str) -> bool {
    plan.contains("SCAN") || plan.contains("Seq Scan")
}

/// Whether a plan sorts more than the rows that are equal in the first keys of the order.
fn sorts(plan: &str) -> bool {
    let whole = plan.contains("TEMP B-TREE FOR ORDER BY") || plan.starts_with("Sort");
    whole || plan.contains("; Sort;")
}

/// Conditions, `ID`, `LOGIN` and `EMAIL` for those of some user; then the index that PostgreSQL
/// uses for them, where their rows are few. (It reads a table of this size faster than an index of
/// trigrams.)
const CONDITIONS: &[(&str, Option<&str>)] = &[
    ("AccessFailedCount eq 3", None),
    ("AccessFailedCount ge 3", None),
    ("Active eq false", None),
    ("CreationTimeUtc ge 2026-08-01T00:00:00Z", None),
    (
        "CreationTimeUtc ge 2024-08-01T00:00:00Z and CreationTimeUtc le 2024-08-03T00:00:00Z",
        Some("IX_Sec_Users_CreationTimeUtc"),
    ),
    ("DefaultLanguage eq 'bg'", None),
    ("Domain eq null", None),
    ("Email eq 'EMAIL'", Some("IX_Sec_Users_Email")),
    ("Email in ('EMAIL','x@y')", Some("IX_Sec_Users_Email")),
    ("contains(Email,'ivan.p')", None),
    ("startswith(Email,'ivan.p')", Some("IX_Sec_Users_Email")),
    (
        "Id in (ID,9da64839-a8d0-491d-aebb-4d18fa42b014)",
        Some("UQ_Sec_Users_User_Id"),
    ),
    ("IsAdmin eq true", None),
    ("LockoutEndUtc ge 2026-08-01T00:00:00Z", None),
    ("Login eq 'LOGIN'", Some("IX_Sec_Users_Login")),
    ("Login in ('LOGIN','x')", Some("IX_Sec_Users_Login")),
    ("contains(Login,'ivan.p')", None),
    ("startswith(Login,'ivan.p')", Some("IX_Sec_Users_Login")),
    ("contains(Name,'ivan p')", None),
    (
        "Person eq 'General_Contacts_Persons(9da64839-a8d0-491d-aebb-4d18fa42b014)'",
        Some("IX_Sec_Users_Person"),
    ),
    ("PhoneNumber eq '1'", Some("IX_Sec_Users_PhoneNumber")),
    ("UserType eq 'ExternalCommunityUser'", None),
    (
        "UserType eq 'SystemUserNoLogin' and Active eq true",
        Some("IX_Sec_Users_UserType_Active"),
    ),
];

#[test]
fn each_declared_filter_and_its_index() {
    let all = Databases::with_demo(USERS);
    let mut shown = String::new();
    for database in all.iter() {
        database.store.writer().unwrap().analyze().unwrap();
        let [id, login, email] = someone(database);
        for (condition, index) in CONDITIONS {
            let filter = condition
                .replace("ID", &id)
                .replace("LOGIN", &login)
                .replace("EMAIL", &email);
            let request = format!("Systems_Security_Users?$select=Login&$top=50&$filter={filter}");
            let plan = plan(database, &request);
            if database.name() == "SQLite" {
                shown.push_str(&format!("{condition}\n    {plan}\n"));
            } else if let Some(index) = index {
                assert!(plan.contains(&format!("\"{index}")), "{condition}\n{plan}");
            }
        }
    }
    insta::assert_snapshot!(shown);
}
