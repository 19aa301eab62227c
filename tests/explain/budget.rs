//! The budget of reads.

use std::collections::BTreeSet;

use serde_json::json;

use crate::delta::{MEMBERS, Reader, target};
use crate::kit::{SET, explained, is_too_expensive, server};
use crate::support::server::{Kind, settings};

crate::on_both!(
    scans_are_refused_at_every_entrance,
    what_is_led_by_an_index_passes,
    without_a_budget_nothing_is_refused,
    estimates_are_kept,
    others_are_told_no_numbers,
    deltas_are_held_to_it,
    a_delta_that_costs_too_much_is_refused,
);

const BUDGET: u64 = 500;
/// Enough for the members of one user, not for those of many.
const SMALL: u64 = 40;

fn scans_are_refused_at_every_entrance(kind: Kind) {
    let server = server(kind, BUDGET);
    let scan = "$filter=AccessFailedCount eq 77";
    let mut wrong = Vec::new();
    for (address, option) in [
        (format!("{SET}?{scan}"), "$filter"),
        (format!("{SET}?{scan}&$top=1"), "$filter"),
        (
            format!("{SET}?$orderby=Email desc&$top=1&$filter=AccessFailedCount ge 77"),
            "$filter",
        ),
        (format!("{SET}?$format=csv"), "$filter"),
        (format!("{SET}?$format=ndjson&{scan}"), "$filter"),
        (format!("{SET}?$format=xlsx"), "$filter"),
        (format!("{SET}/$ref?{scan}"), "$filter"),
        (format!("{SET}/$count?{scan}"), "$count"),
        (format!("{SET}?$top=1&$count=true"), "$count"),
        (format!("{SET}?$search=zzzz&$top=1"), "$filter"),
        (format!("{SET}?$apply=groupby((DefaultLanguage))"), "$apply"),
        (
            format!("{SET}?$apply=filter(AccessFailedCount eq 77)/aggregate($count as N)"),
            "$apply",
        ),
        (
            format!("{SET}?$filter=not Groups/any(g:g/Id ne null)&$top=1"),
            "$filter",
        ),
        (
            format!("{SET}?$top=400&$expand=Groups($expand=Group),Person"),
            "$expand",
        ),
    ] {
        let answer = server.ask("GET", &address).send();
        let error = answer.json()["error"].clone();
        if (answer.status, &error["target"]) != (429, &json!(option)) {
            let told = explained(&server, &address.replace("$format", "x"));
            wrong.push(format!("{address}\n{answer}\n{told:#}"));
            continue;
        }
        let text = is_too_expensive(&answer, &address);
        assert!(text.contains(&format!("the {BUDGET} rows")), "{text}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let refused = server.ask("GET", &format!("{SET}?{scan}")).send();
    let text = refused.text();
    for part in [
        SET,
        "whole, since no index leads to the rows",
        "`Login`",
        "`Email`",
        "`Id`",
    ] {
        assert!(text.contains(part), "{part}: {text}");
    }
    let skipping = server.ask("GET", &format!("{SET}?{scan}&$skip=1")).send();
    assert!(skipping.text().contains("`$skip` reads"), "{skipping}");
    let members = server.ask("GET", "Systems_Security_UserGroups?$format=csv");
    let members = members.send();
    assert!(members.text().contains("`Id`, `User`"), "{members}");
    let posted = server.ask("POST", &format!("{SET}/$query"));
    let posted = posted.body("text/plain", scan).send();
    is_too_expensive(&posted, "$query");
    let part = |url: String| json!({"id": "1", "method": "get", "url": url.replace(' ', "%20")});
    let batch = json!({"requests": [part(format!("{SET}?{scan}"))]});
    let batch = server.post("$batch", &batch).expect(200).json();
    assert_eq!(batch["responses"][0]["status"], 429, "{batch}");
    let id = server.post("BeginTransaction", &json!({})).expect(200);
    let inside = server.ask("GET", &format!("{SET}?{scan}"));
    is_too_expensive(
        &inside.header("TransactionId", id.text()).send(),
        "transaction",
    );
    // It is explained all the same, with the budget.
    let told = explained(&server, &format!("{SET}?{scan}"));
    assert_eq!(told["budget"], BUDGET);
    assert!(told["cost"].as_u64().unwrap() > BUDGET, "{told}");
}

fn what_is_led_by_an_index_passes(kind: Kind) {
    let server = server(kind, BUDGET);
    let row = &server.rows(&format!("{SET}?$top=1&$skip=9&$select=Id,Login"))[0];
    let (id, login) = (row["Id"].as_str().unwrap(), row["Login"].as_str().unwrap());
    for address in [
        format!("{SET}({id})"),
        format!("{SET}({id})?$expand=Groups,Person"),
        format!("{SET}({id})/Groups"),
        format!("{SET}({id})/Login/$value"),
        format!("{SET}?$filter=Login eq '{login}'"),
        format!("{SET}?$filter=Login eq '{login}'&$format=csv"),
        format!("{SET}/$count?$filter=Login eq '{login}'"),
        format!("{SET}?$filter=Id in ({id},{id})&$count=true"),
        format!("{SET}?$top=50"),
        format!("{SET}?$top=50&$orderby=Login desc"),
        // Every other one, as far as is known.
        format!("{SET}?$top=50&$filter=Active eq true"),
        format!("{SET}?$top=20&$expand=Groups"),
        format!("{SET}?$apply=filter(Login eq '{login}')/aggregate($count as N)"),
        "Ext.Me".to_owned(),
        "GetVersion()".to_owned(),
        "Systems_Security_Domains".to_owned(),
    ] {
        let answer = server.ask("GET", &address).send();
        assert_eq!(answer.status, 200, "{address}: {answer}");
    }
    // Page by page, too.
    let page = server
        .ask("GET", &format!("{SET}?$top=60"))
        .header("OData-Version", "4.0");
    let page = page.prefer("maxpagesize=20").expect(200).json();
    let next = page["@odata.nextLink"].as_str().unwrap();
    let (_, next) = next.split_once("/odata/").unwrap();
    server.ask("GET", next).expect(200);
    // Changes ask no budget.
    server
        .patch(&format!("{SET}({id})"), &json!({"PhoneNumber": "1"}))
        .expect(204);
}

fn without_a_budget_nothing_is_refused(kind: Kind) {
    let server = server(kind, 0);
    for address in [
        format!("{SET}?$filter=AccessFailedCount eq 77"),
        format!("{SET}?$format=csv"),
        format!("{SET}?$top=1&$count=true"),
    ] {
        server.ask("GET", &address).expect(200);
    }
    let statements = || {
        let before = server.store.statements();
        server
            .ask("GET", &format!("{SET}?$filter=Login eq 'x'"))
            .expect(200);
        server.store.statements() - before
    };
    assert_eq!(statements(), statements());
}

fn estimates_are_kept(kind: Kind) {
    let (free, held) = (server(kind, 0), server(kind, BUDGET));
    let statements = |server: &crate::support::server::Server, login: &str| {
        let before = server.store.statements();
        let address = format!("{SET}?$filter=Login eq '{login}'");
        server.ask("GET", &address).expect(200);
        server.store.statements() - before
    };
    let usual = statements(&free, "a");
    assert!(statements(&held, "a") > usual, "the first is looked into");
    assert_eq!(statements(&held, "b"), usual);
}

fn others_are_told_no_numbers(kind: Kind) {
    let server = server(kind, BUDGET);
    let reader = Reader::new(&server, "reader", &[(SET, Some("Active eq true"))]);
    reader
        .ask(&server, &format!("{SET}?$filter=Login eq 'x'"))
        .expect(200);
    for address in [
        format!("{SET}?$filter=AccessFailedCount eq 77"),
        format!("{SET}?$filter=contains(Name,'qqq')&$orderby=Email"),
        format!("{SET}/$count"),
        format!("{SET}?$format=csv"),
        format!("{SET}?$apply=groupby((UserType),aggregate($count as N))"),
    ] {
        let refused = reader.ask(&server, &address).send();
        is_too_expensive(&refused, &address);
        let mut error = refused.json()["error"].clone();
        let request = error.as_object_mut().unwrap().remove("@ext.requestId");
        assert!(request.is_some(), "{refused}");
        // What the client has asked for, and the budget, are no secrets.
        let text = error.to_string().replace(&address, "");
        let numbers = text.split(|c: char| !c.is_ascii_digit());
        let numbers: BTreeSet<_> = numbers.filter(|number| !number.is_empty()).collect();
        assert_eq!(numbers, [BUDGET.to_string().as_str()].into(), "{text}");
    }
}

fn deltas_are_held_to_it(kind: Kind) {
    let server = server(kind, BUDGET);
    let reader = Reader::default();
    let address = format!("{SET}?$select=Login,Active&$filter=Login eq 'ann'");
    let page = reader.ask(&server, &address).prefer("odata.track-changes");
    let page = page.expect(200).json();
    let link = target(&page["@deltaLink"]);
    let made = server.create(SET, &crate::support::server::user("ann"));
    let told = reader.target(&server, &link).expect(200).json();
    assert_eq!(told["value"].as_array().unwrap().len(), 1, "{told}");
    server.patch(&made, &json!({"Active": false})).expect(204);
    reader.target(&server, &link).expect(200);
}

fn a_delta_that_costs_too_much_is_refused(kind: Kind) {
    let server = server(kind, SMALL);
    let reader = Reader::default();
    let mut users = server.rows(&format!("{SET}?$top=36&$select=Id,UserType"));
    users.retain(|user| user["UserType"] == "InternalUser");
    let users: Vec<&str> = users.iter().map(|u| u["Id"].as_str().unwrap()).collect();
    let address = format!(
        "{MEMBERS}?$select=Id&$filter=User/Id eq {} and User/Login ne 'x'",
        users[0]
    );
    let page = reader.ask(&server, &address).prefer("odata.track-changes");
    let page = page.expect(200).json();
    assert!(!page["value"].as_array().unwrap().is_empty(), "{page}");
    let link = target(&page["@deltaLink"]);
    let told = reader.target(&server, &link).expect(200).json();
    assert_eq!(told["value"], json!([]), "{told}");
    // Whatever changes may lead to members, whoever is asked for.
    for user in &users {
        let body = json!({"PhoneNumber": "1"});
        server.patch(&format!("{SET}({user})"), &body).expect(204);
    }
    let refused = reader.target(&server, &link).send();
    is_too_expensive(&refused, &address);
    // The link stays what it is: whoever may look at more follows it.
    let free = server.beside(settings());
    let told = reader.target(&free, &link).expect(200).json();
    assert!(told["@deltaLink"].is_string(), "{told}");
}
