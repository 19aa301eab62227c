//! Links and wishes that are refused, or passed over as the standard has it.

use serde_json::json;

use crate::kit::{GROUPS, Mirror, Reader, target};
use crate::support::http::Request;
use crate::support::server::{Kind, USERS, settings};

crate::on_both!(
    tokens_are_for_one_request_and_one_caller,
    what_cannot_be_tracked_is_not_promised,
    links_that_outlive_the_history_are_gone,
    api_transactions_have_no_delta_links,
    other_rights_start_anew,
);

fn tokens_are_for_one_request_and_one_caller(kind: Kind) {
    let server = kind.server();
    let tester = Reader::default();
    let address = format!("{USERS}?$select=Login");
    let mirror = Mirror::walk(&server, &tester, &address, 100, || {});
    let refused = |target: &str, status: u16, code: &str, about: &str| {
        tester.target(&server, target).refused(status, code, about);
    };
    let token = "$deltatoken";
    let of_groups = mirror.link.replace(USERS, GROUPS).replace("Login", "Name");
    refused(&of_groups, 400, "InvalidDeltaToken", token);
    let wider = mirror.link.replace("=Login", "=Login,Notes");
    refused(&wider, 400, "InvalidDeltaToken", token);
    let cut = mirror.link.get(..mirror.link.len() - 2).unwrap();
    refused(cut, 400, "InvalidDeltaToken", token);
    for (option, name) in [
        ("$top=1", "$top"),
        ("$skip=1", "$skip"),
        ("$count=true", "$count"),
        ("$skiptoken=x", "$skiptoken"),
    ] {
        let target = format!("{}&{option}", mirror.link);
        refused(&target, 400, "InvalidOption", name);
    }
    for (path, code) in [("/$count", 400), ("/$ref", 400)] {
        let target = mirror.link.replace(USERS, &format!("{USERS}{path}"));
        let target = target.replace("$select=Login&", "");
        refused(&target, code, "InvalidOption", token);
    }
    let csv = tester.target(&server, &format!("{}&$format=csv", mirror.link));
    csv.refused(406, "NotAcceptable", "$format");
    // Somebody else, who may read the same.
    let other = Reader::new(&server, "other", &[(USERS, None)]);
    other
        .target(&server, &mirror.link)
        .refused(400, "InvalidDeltaToken", token);
    // In any form of JSON, as the client likes it now.
    tester
        .target(&server, &format!("{}&$format=json", mirror.link))
        .expect(200);
}

fn what_cannot_be_tracked_is_not_promised(kind: Kind) {
    let server = kind.server();
    let user = server.user("ann");
    for address in [
        // Little of it is in the history.
        "Systems_Security_Roles".to_owned(),
        "Systems_Core_ObjectChanges".to_owned(),
        "Systems_Core_ExtensibleDataObjects".to_owned(),
        // Sign-ins and the version of aggregates are written beside it.
        format!("{USERS}?$filter=LockoutEndUtc eq null"),
        format!("{USERS}?$filter=AggregateLastUpdateTimeUtc ge 2020-01-01T00:00:00Z"),
        // Others than the rows themselves decide.
        format!("{USERS}?$top=1"),
        format!("{USERS}?$skip=1"),
        format!("{USERS}?$expand=Groups"),
        format!("{USERS}?$format=csv"),
        format!("{USERS}/$ref"),
        format!("{USERS}/$count"),
        user,
    ] {
        let request = server.ask("GET", &address).prefer("odata.track-changes");
        let request = request.header("OData-MaxVersion", "4.01");
        let answer = request.send();
        if answer.status != 200 {
            assert_eq!(answer.status, 400, "{address} {answer}");
            continue;
        }
        assert_eq!(answer.header("preference-applied"), None, "{address}");
        assert!(
            !answer.text_or_nothing().contains("deltaLink"),
            "{address} {answer}"
        );
    }
    // What is not asked for is not given.
    let answer = server.get(USERS);
    assert!(answer.get("@odata.deltaLink").is_none());
    // A level that is set higher than the least one counts.
    let mut more = settings();
    let roles = "Systems.Security.Roles".to_owned();
    more.writes.track.insert(roles, 3);
    let server = kind.server_with(more);
    Mirror::walk(
        &server,
        &Reader::default(),
        "Systems_Security_Roles",
        100,
        || {},
    );
}

fn links_that_outlive_the_history_are_gone(kind: Kind) {
    let server = kind.server();
    let tester = Reader::default();
    let mirror = Mirror::walk(&server, &tester, USERS, 100, || {});
    for number in 0..3 {
        server.user(&format!("u{number}"));
    }
    let walk = tester.begin(&server, &format!("{USERS}?$orderby=Login"), 1);
    server.user("x");
    server.user("y");
    tester.target(&server, &mirror.link).expect(200);
    // Somebody tidies up.
    crate::support::beside::run(
        &server.url,
        "DELETE FROM \"Sys_Attribute_Changes\"; DELETE FROM \"Sys_Object_Changes\"; \
         DELETE FROM \"Sys_Object_Changesets\" WHERE \"Change_Number\" < \
         (SELECT max(\"Change_Number\") FROM \"Sys_Object_Changesets\")",
    );
    tester
        .target(&server, &mirror.link)
        .refused(410, "Gone", "");
    let next = target(&walk.json()["@nextLink"]);
    tester.target(&server, &next).refused(410, "Gone", "");
    // From here on all is well.
    let mut anew = Mirror::walk(&server, &tester, USERS, 100, || {});
    server.user("z");
    anew.catch_up(&server);
    assert_eq!(anew.rows, tester.rows(&server, USERS));
}

fn api_transactions_have_no_delta_links(kind: Kind) {
    let server = kind.server();
    let tester = Reader::default();
    let mirror = Mirror::walk(&server, &tester, USERS, 100, || {});
    let id = server.post("BeginTransaction", &json!({})).expect(200);
    let id = id.text().trim_matches('"').to_owned();
    let inside = |request: Request| request.header("TransactionId", &id);
    inside(tester.target(&server, &mirror.link)).refused(501, "NotSupported", "$deltatoken");
    let page = inside(tester.ask(&server, USERS)).prefer("odata.track-changes");
    let page = page.expect(200);
    assert_eq!(page.header("preference-applied"), None);
    assert!(page.json().get("@deltaLink").is_none());
}

fn other_rights_start_anew(kind: Kind) {
    let server = kind.server();
    let reader = Reader::new(&server, "reader", &[(USERS, Some("Active eq true"))]);
    let mirror = Mirror::walk(&server, &reader, USERS, 100, || {});
    let walk = reader.begin(&server, USERS, 1);
    reader.target(&server, &mirror.link).expect(200);
    let permissions = server.rows("Ext_EntityPermissions");
    let permission = permissions[0]["@odata.id"].as_str().unwrap();
    server.change(permission, &json!({"RecordFilter": "Active eq false"}));
    reader
        .target(&server, &mirror.link)
        .refused(410, "Gone", "");
    let next = target(&walk.json()["@nextLink"]);
    reader.target(&server, &next).refused(410, "Gone", "");
}
