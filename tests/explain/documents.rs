//! What explanations say.

use serde_json::json;

use crate::kit::{PLAN, SET, asked, explained, names, server};
use crate::support::server::Kind;

crate::on_both!(
    the_index_is_named,
    a_scan_is_named,
    every_read_is_explained,
    columns_of_other_tables_are_no_entries,
    the_function_answers_the_same,
    other_things_are_not_explained,
    only_who_asks_for_it_gets_it,
    a_transaction_is_explained_over_what_it_changes,
);

/// A text that no user has.
const WORD: &str = "Zq7-nowhere";

fn the_index_is_named(kind: Kind) {
    let server = server(kind, 0);
    let told = explained(&server, &format!("{SET}?$filter=Login eq '{WORD}'&$top=5"));
    assert_eq!(
        told["query"],
        format!("{SET}?$filter=Login eq '{WORD}'&$top=5")
    );
    let words = json!([SET, format!("where Login is '{WORD}'"), "at most 5"]);
    assert_eq!(told["words"], words);
    assert!(
        names(&told, "indexes").contains(&"IX_Sec_Users_Login"),
        "{told}"
    );
    assert!(names(&told, "scans").is_empty(), "{told}");
    assert!(told["cost"].as_u64().unwrap() < 20, "{told}");
    assert_eq!(told["budget"], json!(null));
    // Values are said once: in what the client has asked.
    let statements = told["statements"].to_string();
    assert!(!statements.to_lowercase().contains("zq7"), "{statements}");
    let rows = &told["statements"][0];
    assert_eq!(rows["for"], "rows");
    assert!(
        rows["sql"].as_str().unwrap().starts_with("SELECT "),
        "{rows}"
    );
    let look = &rows["looks"][0];
    assert_eq!(look["table"], "Sec_Users");
    assert_eq!((&look["scan"], &look["rows"]), (&json!(false), &json!(1)));
    assert!(
        rows["plan"].to_string().contains("IX_Sec_Users_Login"),
        "{rows}"
    );
}

/// The table of the reference has more columns than the one that is looked into.
fn columns_of_other_tables_are_no_entries(kind: Kind) {
    let server = server(kind, 0);
    let set = "Systems_Bpm_CustomPropertyAllowedValues";
    let of =
        |n: u8| format!("'Systems_Bpm_CustomProperties(00000000-0000-4000-8000-0000000000{n:02})'");
    let filter = format!("Property/AllowedValuesProperty in ({},{})", of(1), of(2));
    let told = explained(&server, &format!("{set}?$filter={filter}"));
    assert!(told["cost"].as_u64().is_some(), "{told}");
}

fn a_scan_is_named(kind: Kind) {
    let server = server(kind, 0);
    let all = server.ask("GET", &format!("{SET}/$count")).expect(200);
    let all: u64 = all.text().parse().unwrap();
    let told = explained(
        &server,
        &format!("{SET}?$filter=AccessFailedCount eq 77&$top=5"),
    );
    assert_eq!(names(&told, "scans"), ["Sec_Users"], "{told}");
    // The databases guess how many users there are.
    let cost = told["cost"].as_u64().unwrap();
    assert!(cost * 10 >= all * 9 && cost <= all * 3, "{all} {told}");
    // The same table, as far as a page goes.
    let told = explained(&server, &format!("{SET}?$top=5"));
    assert!(names(&told, "scans").is_empty(), "{told}");
    assert!(told["cost"].as_u64().unwrap() < 20, "{told}");
    assert!(told["estimatedRows"].as_u64().unwrap() <= 6, "{told}");
}

fn every_read_is_explained(kind: Kind) {
    let server = server(kind, 0);
    let row = &server.rows(&format!("{SET}?$top=1&$select=Id,Login"))[0];
    let (id, login) = (row["Id"].as_str().unwrap(), row["Login"].as_str().unwrap());
    for (address, statements) in [
        (SET.to_owned(), &["rows"][..]),
        (format!("{SET}({id})"), &["rows"]),
        (format!("{SET}({id})/Login"), &["rows"]),
        (format!("{SET}({id})/Login/$value"), &["rows"]),
        (format!("{SET}({id})/Groups"), &["rows"]),
        (format!("{SET}({id})/Person"), &["rows"]),
        (format!("{SET}/$ref?$top=3"), &["rows"]),
        (format!("{SET}/$count"), &["count"]),
        (format!("{SET}?$count=true&$top=2"), &["count", "rows"]),
        (format!("{SET}?$count=true&$top=0"), &["count"]),
        (
            format!("{SET}?$top=2&$expand=Person,Groups($count=true;$expand=Group)"),
            &[
                "rows",
                "rows of Person",
                "count of Groups",
                "rows of Groups",
                "rows of Groups/Group",
            ],
        ),
        (
            format!("{SET}?$expand=Groups/$count&$top=2"),
            &["rows", "count of Groups"],
        ),
        (
            format!("{SET}?$filter=Groups/any(g:g/Id ne null)&$top=2"),
            &["rows"],
        ),
        (format!("{SET}?$search=ivan&$top=2"), &["rows"]),
        (
            format!("{SET}?$orderby=Email desc&$skip=3&$top=2"),
            &["rows"],
        ),
        (
            format!("{SET}?$apply=groupby((UserType),aggregate($count as N))&$orderby=N"),
            &["rows"],
        ),
        (
            format!(
                "{SET}?$apply=concat(aggregate($count as N),topcount(2,Login)/aggregate($count as M))"
            ),
            &["rows"],
        ),
        ("Ext.Me".to_owned(), &["rows"]),
        ("General_Contacts_Parties?$top=2".to_owned(), &["rows"]),
    ] {
        let told = explained(&server, &address);
        let all = told["statements"].as_array().unwrap();
        let what: Vec<_> = all.iter().map(|one| one["for"].as_str().unwrap()).collect();
        assert_eq!(what, statements, "{address}");
        for one in all {
            assert!(one["sql"].as_str().unwrap().starts_with("SELECT "), "{one}");
            assert!(!one["plan"].as_array().unwrap().is_empty(), "{one}");
            assert!(one["cost"].as_u64().unwrap() > 0, "{address}: {one}");
        }
        // Nothing of a row is in it.
        assert!(!told["statements"].to_string().contains(login), "{told}");
    }
    let posted = server
        .ask("POST", &format!("{SET}/$query"))
        .header("Accept", PLAN);
    let posted = posted
        .body("text/plain", "$filter=Login eq 'x'")
        .expect(200);
    assert!(names(&posted.json(), "indexes").contains(&"IX_Sec_Users_Login"));
    let head = server.ask("HEAD", SET).header("Accept", PLAN).expect(200);
    assert!(head.body.is_empty());
    let part = json!({"requests": [{"id": "1", "method": "get", "url": SET,
                                    "headers": {"accept": PLAN}}]});
    let batch = server.post("$batch", &part).expect(200).json();
    assert_eq!(batch["responses"][0]["status"], 200, "{batch}");
    let body = batch["responses"][0]["body"].to_string();
    assert!(body.contains("Sec_Users"), "{batch}");
}

fn the_function_answers_the_same(kind: Kind) {
    let server = server(kind, 0);
    let address = format!("{SET}?$filter=Login eq 'x'&$top=5");
    let told = explained(&server, &address);
    let quoted = address.replace('\'', "''").replace('&', "%26");
    for call in [
        format!("Explain(query='{quoted}')"),
        format!("Ext.Explain(query='{quoted}')"),
        format!("Explain(query=@q)?@q='{quoted}'"),
        format!("Explain?query='{quoted}'"),
    ] {
        let call = call.replace("Users?$", "Users%3F$");
        let mut answer = server.get(&call);
        let context = answer.as_object_mut().unwrap().remove("@odata.context");
        let context = context.unwrap();
        let context = context.as_str().unwrap();
        assert!(
            context.ends_with("$metadata#Ext.ExplainResult"),
            "{context}"
        );
        assert_eq!(answer, told, "{call}");
    }
    let metadata = server.ask("GET", "$metadata").expect(200);
    for part in [
        "<Function Name=\"Explain\"",
        "<ComplexType Name=\"ExplainResult\"",
    ] {
        assert!(metadata.text().contains(part), "{part}");
    }
    // An export has no pages: what its format means is explained too.
    let export = format!("{SET}?$format=csv").replace('?', "%3F");
    let told = server.get(&format!("Explain(query='{export}')"));
    assert_eq!(names(&told, "scans"), ["Sec_Users"], "{told}");
    server.ask("GET", "Explain(query='Nowhere')").expect(404);
    server
        .ask("GET", "Explain(query='$metadata')")
        .refused(501, "NotSupported", "query");
    server
        .ask("GET", "Explain(query='GetVersion()')")
        .refused(501, "NotSupported", "query");
    server
        .ask("GET", "Explain()")
        .refused(400, "InvalidPayload", "query");
}

fn other_things_are_not_explained(kind: Kind) {
    let server = kind.server();
    for address in ["", "$metadata", "GetVersion()"] {
        asked(&server, address).expect(406);
    }
    // What is wrong with a request is told first.
    asked(&server, &format!("{SET}?$filter=Nothing eq 1")).expect(400);
    let tracked = server.ask("GET", &format!("{SET}?$select=Login"));
    let page = tracked.prefer("odata.track-changes").expect(200).json();
    let link = page["@odata.deltaLink"].as_str().unwrap();
    let (_, target) = link.split_once("/odata/").unwrap();
    asked(&server, target).refused(501, "NotSupported", "$deltatoken");
}

fn only_who_asks_for_it_gets_it(kind: Kind) {
    let server = kind.server();
    let media = |accept: &str, query: &str| {
        let request = server.ask("GET", &format!("{SET}?$top=1{query}"));
        let answer = request.header("Accept", accept).expect(200);
        let media = answer.header("content-type").unwrap().to_owned();
        media.split(';').next().unwrap().to_owned()
    };
    let json = "application/json";
    for (accept, query, expected) in [
        ("*/*", "", json),
        ("application/*", "", json),
        (&format!("{json}, {PLAN};q=0.5"), "", json),
        (&format!("{PLAN}, {json};q=0.5"), "", PLAN),
        (&format!("{PLAN};q=0, */*"), "", json),
        (PLAN, "&$format=json", json),
        (json, "&$format=plan", PLAN),
        (json, "&$format=application/vnd.userdex.plan%2Bjson", PLAN),
    ] {
        assert_eq!(media(accept, query), expected, "{accept} {query}");
    }
}

fn a_transaction_is_explained_over_what_it_changes(kind: Kind) {
    let server = server(kind, 0);
    let id = server.post("BeginTransaction", &json!({})).expect(200);
    let id = id.text().to_owned();
    let address = format!("{SET}?$filter=Login eq 'x'");
    let inside = || {
        asked(&server, &address)
            .header("TransactionId", &id)
            .expect(200)
    };
    let before = inside().json();
    assert_eq!(before, explained(&server, &address));
    let created = server.post(SET, &crate::support::server::user("ann"));
    created.header("TransactionId", &id).expect(201);
    let after = inside().json();
    let sql = |told: &serde_json::Value| told["statements"][0]["sql"].to_string();
    assert!(
        sql(&after).contains("WITH ") && !sql(&before).contains("WITH "),
        "{after}"
    );
    assert_eq!(after["cost"], before["cost"]);
}
