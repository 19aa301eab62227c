//! What is read.

use serde_json::Value as Json;

use crate::kit::{USERS, turn_at};
use crate::support::world::text;
use crate::support::{Database, Databases, encode_query};

/// How a database reads the rows of a request.
fn plan(database: &Database, request: &str) -> String {
    let read = database.read(&encode_query(request)).unwrap();
    let explained = database.service.explain(&read).unwrap();
    explained.database().join("; ")
}

#[test]
fn texts_of_few_rows_are_found_by_the_index() {
    let all = Databases::with_demo(2_000);
    let Some(database) = all.iter().find(|database| database.name() == "SQLite") else {
        panic!("no database");
    };
    database.store.writer().unwrap().analyze().unwrap();
    let index = "SCAN FT_Sec_Users_Name_Substring VIRTUAL TABLE";
    let asked = |filter: &str| {
        plan(
            database,
            &format!("{USERS}?$select=Login&$top=50&$filter={filter}"),
        )
    };
    assert!(!asked("contains(Name,'qqqq')").contains("FT_"));
    turn_at(&database.store, &database.model, true);
    let request = format!("{USERS}?$filter=contains(Name,'99')&$select=Name&$top=1");
    assert!(
        !plan(database, &request).contains("FT_"),
        "two letters make no run"
    );
    // Somebody's name.
    let row = format!(
        "{USERS}?$select=Name,Login,Email&$filter=not%20(Email%20eq%20null)&$skip=1000&$top=1"
    );
    let row: Json = serde_json::from_str(&database.get(&row).unwrap()).unwrap();
    let row = &row["value"][0];
    let (name, login, email) = (
        text(&row["Name"]["EN"]),
        text(&row["Login"]),
        text(&row["Email"]),
    );
    let name = name.replace('\'', "''");
    for few in [
        format!("contains(Name,'{name}')"),
        format!("startswith(Name,'{name}')"),
        format!("contains(Name,'{name}') and Active eq true"),
        format!("contains(Name,'{name}') and contains(Name,'ab')"),
    ] {
        let plan = asked(&few);
        assert!(plan.contains(index), "{few}\n{plan}");
        assert!(
            plan.contains("SEARCH t0 USING INTEGER PRIMARY KEY (rowid=?)"),
            "{few}\n{plan}"
        );
        assert!(!plan.contains("SCAN t0"), "{few}\n{plan}");
    }
    let both = asked(&format!(
        "contains(Login,'{login}') or contains(Email,'{email}')"
    ));
    for index in [
        "FT_Sec_Users_Login_Substring",
        "FT_Sec_Users_Email_Substring",
    ] {
        assert!(both.contains(index), "{both}");
    }
    assert!(!both.contains("SCAN t0"), "{both}");
    let nothing = asked("contains(Name,'qqqq')");
    assert!(nothing.contains(index), "{nothing}");
    // An ordered index has these; and what many rows have, a page in the order of keys soon meets.
    for other in [
        "startswith(Login,'qqqq')",
        "contains(Email,'example')",
        "not contains(Name,'qqqq')",
    ] {
        let plan = asked(other);
        assert!(!plan.contains("FT_"), "{other}\n{plan}");
    }
    let members =
        format!("{USERS}?$select=Login&$filter=Groups/any(g:contains(g/User/Name,'{name}'))");
    let members = plan(database, &members);
    assert!(members.contains(index), "{members}");
    assert!(
        !members.contains("SCAN s1") && !members.contains("SCAN t"),
        "{members}"
    );
    // A page is one look and one statement.
    let before = database.store.statements();
    let address = encode_query(&format!("{USERS}?$filter=contains(Name,'qqqq')&$top=50"));
    database.get(&address).unwrap();
    assert_eq!(database.store.statements() - before, 2);
}
