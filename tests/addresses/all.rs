//! `$all`: the entities of every set, each once, under the rights of whoever asks.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use crate::support::http::Request;
use crate::support::person::Person;
use crate::support::server::{Kind, ODATA, Server, USERS, key, link};

crate::on_both!(
    every_object_is_there_once,
    pages_go_through_all_sets,
    what_is_hidden_is_not_there,
    a_type_may_follow,
    nothing_else_is_asked_of_all,
);

const PERSONS: &str = "General_Contacts_Persons";

/// A server with some objects of several sets.
fn filled(kind: Kind) -> Server {
    let server = kind.server();
    let ann = server.user("ann");
    for name in ["Vic", "Zoe"] {
        server.create(PERSONS, &json!({"FirstName": {"EN": name}}));
    }
    let group = server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}}));
    server.create(
        "Systems_Security_UserGroups",
        &json!({"User": link(&ann), "Group": link(&group)}),
    );
    server
}

/// The addresses of all rows, over all pages.
fn walk(asked: impl Fn(&str) -> Value, first: &str) -> (Vec<String>, usize) {
    let (mut ids, mut pages, mut next) = (Vec::new(), 0, Some(first.to_owned()));
    while let Some(address) = next {
        let page = asked(&address);
        pages += 1;
        let rows = page["value"].as_array().unwrap();
        ids.extend(
            rows.iter()
                .map(|row| row["@odata.id"].as_str().unwrap().to_owned()),
        );
        let link = page["@odata.nextLink"].as_str();
        next = link.map(|link| link.split_once(ODATA).unwrap().1.to_owned());
    }
    (ids, pages)
}

/// The addresses of the rows of each set that nothing extends.
fn one_by_one(server: &Server) -> BTreeSet<String> {
    let sets = server
        .model
        .entities()
        .filter(|(id, _)| server.model.derived(*id).is_empty());
    let rows = sets.flat_map(|(_, entity)| server.rows(&format!("{}?$select=Id", entity.set)));
    rows.map(|row| row["@odata.id"].as_str().unwrap().to_owned())
        .collect()
}

fn every_object_is_there_once(kind: Kind) {
    let server = filled(kind);
    let body = server.get("$all?$count=true");
    let context = body["@odata.context"].as_str().unwrap();
    assert!(
        context.ends_with("$metadata#Collection(Edm.EntityType)"),
        "{context}"
    );
    let rows = body["value"].as_array().unwrap();
    assert_eq!(body["@odata.count"], rows.len());
    let number = server.ask("GET", "$all/$count").expect(200);
    assert_eq!(number.text(), rows.len().to_string());
    let mut ids: Vec<&str> = rows
        .iter()
        .map(|row| row["@odata.id"].as_str().unwrap())
        .collect();
    let all = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), all);
    let expected = one_by_one(&server);
    // What reading notes meanwhile (sessions, the audit log) may only be more.
    let found: BTreeSet<String> = ids.iter().map(|id| (*id).to_owned()).collect();
    let missing: Vec<_> = found.difference(&expected).collect();
    assert!(missing.is_empty(), "{missing:?}");
    for row in rows {
        let set = row["@odata.id"]
            .as_str()
            .unwrap()
            .split('(')
            .next()
            .unwrap();
        let entity = server.model.entity(server.model.set(set).unwrap());
        assert_eq!(row["@odata.type"], format!("#Erp.{}", entity.type_name));
        let own = row["@odata.context"].as_str().unwrap();
        assert!(own.ends_with(&format!("$metadata#{set}/$entity")), "{own}");
    }
    let of = |set: &str| {
        ids.iter()
            .filter(|id| id.starts_with(&format!("{set}(")))
            .count()
    };
    assert_eq!((of(PERSONS), of("General_Contacts_Parties")), (2, 0));
    assert!(of(USERS) >= 2);
    let bare = server.ask("GET", "$all?$top=2");
    let bare = bare
        .header("Accept", "application/json;odata.metadata=none")
        .expect(200);
    assert!(!bare.text().contains("@odata.context"), "{bare}");
    server.ask("HEAD", "$all").expect(200);
}

fn pages_go_through_all_sets(kind: Kind) {
    let server = filled(kind);
    let (whole, pages) = walk(|address| server.get(address), "$all");
    assert_eq!(pages, 1);
    for size in [1, 2, 7] {
        let asked = |address: &str| {
            let request = Request::new(server.address, "GET", &format!("{ODATA}{address}"));
            let request = request.prefer(&format!("odata.maxpagesize={size}"));
            let page = request.expect(200).json();
            assert!(page["value"].as_array().unwrap().len() <= size);
            page
        };
        let (paged, pages) = walk(asked, "$all");
        assert_eq!(paged, whole, "{size}");
        assert!(pages >= whole.len() / size, "{size}");
    }
    let total = |address: &str| {
        let request = Request::new(server.address, "GET", &format!("{ODATA}{address}"));
        request.prefer("odata.maxpagesize=2").expect(200).json()
    };
    let (cut, _) = walk(total, "$all?$top=5");
    assert_eq!(cut, whole[..5]);
    // A token is that of its request.
    let first = server
        .ask("GET", "$all")
        .prefer("odata.maxpagesize=1")
        .expect(200)
        .json();
    let link = first["@odata.nextLink"].as_str().unwrap();
    let token = link.split_once("$skiptoken=").unwrap().1;
    let other = server
        .ask("GET", &format!("{USERS}?$skiptoken={token}"))
        .expect(400);
    assert_eq!(other.json()["error"]["code"], "InvalidSkipToken");
    let other = server.ask("GET", "$all?$skiptoken=forged").expect(400);
    assert_eq!(other.json()["error"]["code"], "InvalidSkipToken");
}

fn what_is_hidden_is_not_there(kind: Kind) {
    let server = filled(kind);
    let person = Person::new(&server, "reader");
    let get = |address: &str| person.asks(server.ask("GET", address)).expect(200).json();
    let own = get("$all");
    let text = own.to_string();
    assert!(
        !text.contains(PERSONS) && !text.contains("\"ann\""),
        "{text}"
    );
    person.may(
        &server,
        PERSONS,
        &json!({"CanRead": true, "RecordFilter": "contains(FirstName,'Vic')"}),
    );
    person.may(
        &server,
        "General_Contacts_Parties",
        &json!({"CanRead": true}),
    );
    let person = Person::of(
        &server,
        person.address.clone(),
        userdex::access::Scopes::ALL,
    );
    let get = |address: &str| person.asks(server.ask("GET", address)).expect(200).json();
    let (ids, _) = walk(get, "$all");
    let of = |set: &str| {
        ids.iter()
            .filter(|id| id.starts_with(&format!("{set}(")))
            .count()
    };
    // Who is no person for them is a party and nothing more.
    assert_eq!((of(PERSONS), of("General_Contacts_Parties")), (1, 1));
    let text = get("$all").to_string();
    assert!(text.contains("Vic"), "{text}");
    assert!(!text.contains("\"FirstName\":{\"EN\":\"Zoe\"}"), "{text}");
    let count = person.asks(server.ask("GET", "$all/$count")).expect(200);
    assert_eq!(count.text(), ids.len().to_string());
    server.ask("GET", "$all").anonymous().expect(401);
}

fn a_type_may_follow(kind: Kind) {
    let server = filled(kind);
    let typed = server.rows("$all/Erp.General_Contacts_Person?$filter=contains(FirstName,'Zoe')");
    assert_eq!(typed.len(), 1);
    let plain = server.rows(&format!("{PERSONS}?$filter=contains(FirstName,'Zoe')"));
    assert_eq!(typed, plain);
    let id = key(plain[0]["@odata.id"].as_str().unwrap()).to_owned();
    let one = server.get(&format!("$all/Erp.General_Contacts_Person({id})/FirstName"));
    assert_eq!(one["EN"], "Zoe");
    let count = server.ask("GET", "$all/Erp.General_Contacts_Party/$count");
    assert_eq!(count.expect(200).text(), "2");
    server.ask("GET", "$all/Erp.Nothing").expect(404);
    server.ask("GET", "$all/Login").expect(404);
}

fn nothing_else_is_asked_of_all(kind: Kind) {
    let server = filled(kind);
    for query in [
        "$filter=Id ne null",
        "$orderby=Id",
        "$select=Id",
        "$expand=*",
        "$search=x",
        "$skip=1",
        "$compute=1 as A",
        "$deltatoken=x",
    ] {
        let answer = server.ask("GET", &format!("$all?{query}")).expect(400);
        assert_eq!(answer.json()["error"]["code"], "InvalidOption", "{query}");
    }
    server
        .ask("GET", "$all?$apply=aggregate($count as N)")
        .expect(501);
    server.ask("GET", "$all?$format=csv").expect(406);
    server.post("$all", &json!({})).expect(405);
    server.ask("DELETE", "$all").expect(405);
    let tracked = server
        .ask("GET", "$all")
        .prefer("odata.track-changes")
        .expect(200);
    assert_eq!(tracked.json().get("@odata.deltaLink"), None);
    assert_eq!(tracked.header("preference-applied"), None);
}
