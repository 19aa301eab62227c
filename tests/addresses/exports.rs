//! Exports: every row is in them, and of a next link those that are left.

use serde_json::json;

use crate::support::http::Request;
use crate::support::server::{Kind, USERS};

crate::on_both!(
    a_row_without_a_value_is_a_row,
    an_export_of_a_next_link_gives_the_rest,
    a_plan_is_that_of_the_answer,
    lists_are_not_taken_apart_without_end,
);

fn a_row_without_a_value_is_a_row(kind: Kind) {
    let server = kind.server();
    for (login, notes) in [("ann", None), ("bob", Some("n")), ("cid", None)] {
        server.user_with(login, json!({"Notes": notes}));
    }
    let address = format!("{USERS}?$select=Notes&$filter=Login in ('ann','bob','cid')");
    let table = server.ask("GET", &format!("{address}&$orderby=Login&$format=csv"));
    assert_eq!(table.expect(200).text(), "Notes\r\n\"\"\r\nn\r\n\"\"\r\n");
}

fn an_export_of_a_next_link_gives_the_rest(kind: Kind) {
    let server = kind.server();
    for login in ["ann", "bob", "cid", "dan", "eve", "fay"] {
        server.user(login);
    }
    let first = server.ask(
        "GET",
        &format!("{USERS}?$select=Login&$orderby=Login desc&$top=5"),
    );
    let first = first.header("OData-Version", "4.0").prefer("maxpagesize=2");
    let first = first.expect(200).json();
    assert_eq!(first["value"].as_array().unwrap().len(), 2);
    let next = first["@odata.nextLink"].as_str().unwrap();
    let next = next.split_once("localhost").unwrap().1;
    let rest = Request::new(server.address, "GET", next);
    let rest = rest
        .header("OData-Version", "4.0")
        .header("Accept", "text/csv");
    assert_eq!(rest.expect(200).text(), "Login\r\neve\r\ndan\r\ncid\r\n");
}

fn a_plan_is_that_of_the_answer(kind: Kind) {
    let server = kind.server();
    let parties = "General_Contacts_Parties?$select=Id";
    let plan = server.ask("GET", parties);
    let plan = plan
        .header("Accept", "application/vnd.userdex.plan+json")
        .expect(200);
    let sql = plan.json()["statements"][0]["sql"]
        .as_str()
        .unwrap()
        .to_owned();
    // The type of each row is a part of it.
    assert_eq!(sql.matches("LEFT JOIN").count(), 4, "{sql}");
    let called = server.ask("GET", &format!("Ext.Explain(query=@q)?@q='{parties}'"));
    assert_eq!(called.expect(200).json()["statements"][0]["sql"], sql);
}

fn lists_are_not_taken_apart_without_end(kind: Kind) {
    let server = kind.server();
    let or = |alias: &str| vec![alias; 35].join(" or ");
    let list: Vec<String> = (0..400).map(|n| format!("'{n}'")).collect();
    let options = format!(
        "$filter=@a&@a={}&@b={}&@d={}&@c=({})",
        or("@b"),
        or("@d"),
        or("Login in @c"),
        list.join(",")
    );
    let refused = server.ask("GET", &format!("{USERS}?{options}"));
    refused.refused(400, "LimitExceeded", "");
}
