//! Objects that are reached by a base set: what they are decides who may change them.

use serde_json::{Value, json};

use crate::support::http::Request;
use crate::support::person::Person;
use crate::support::server::{Kind, Server, USERS, key, link, merged, user};

crate::on_both!(
    a_right_on_the_base_changes_nothing_derived,
    a_record_filter_of_the_type_holds_at_the_base,
    references_hold_at_the_base,
    what_is_half_seen_can_be_named,
    a_replacement_as_the_base_keeps_the_rest,
);

const PARTIES: &str = "General_Contacts_Parties";
const PERSONS: &str = "General_Contacts_Persons";
const COMPANIES: &str = "General_Contacts_Companies";

fn everything() -> Value {
    json!({"CanRead": true, "CanCreate": true, "CanUpdate": true, "CanDelete": true})
}

fn person(server: &Server) -> String {
    server.create(PERSONS, &json!({"FirstName": {"EN": "Vic"}}))
}

fn company(server: &Server, number: &str) -> String {
    let body = json!({"CompanyName": {"EN": "C"}, "RegistrationNumber": number});
    server.create(COMPANIES, &body)
}

fn party(address: &str) -> String {
    format!("{PARTIES}({})", key(address))
}

/// Every way to change an object of the base, or to take it over.
fn changes(server: &Server, base: &str, other: &str) -> Vec<Request> {
    let id = key(base);
    let code = server.stored(base, "PartyCode");
    let note = |more: Value| merged(json!({"PartyNotes": "x"}), more);
    vec![
        server.patch(base, &note(json!({}))),
        server.put(base, &note(json!({}))),
        server.put(&format!("{base}/PartyNotes"), &json!({"value": "x"})),
        server.delete(&format!("{base}/PartyNotes")),
        server.put(&format!("{base}/ParentParty/$ref"), &link(other)),
        server.delete(&format!("{base}/ParentParty/$ref")),
        server.post(PARTIES, &note(json!({"@erpnet.action": "merge", "Id": id}))),
        server.post(
            PARTIES,
            &note(json!({"@erpnet.action": "update", "@erpnet.findBy": {"Code": code}})),
        ),
        server.post(PARTIES, &json!({"@erpnet.action": "delete", "Id": id})),
        server.post(&format!("{base}/CreateCopy"), &json!({})),
        server.delete(base),
    ]
}

fn a_replacement_as_the_base_keeps_the_rest(kind: Kind) {
    let server = kind.server();
    let body =
        json!({"FirstName": {"EN": "Vic"}, "LastName": {"EN": "Ray"}, "Notes": "n", "GLN": "1"});
    let vic = server.create(PERSONS, &body);
    let read = server.get(&party(&vic));
    assert_eq!(read["@odata.type"], "#Erp.General_Contacts_Person");
    // As it was read, and with a member of the type.
    for (more, notes) in [(json!({}), "n"), (json!({"Notes": "m", "GLN": null}), "m")] {
        server
            .put(&party(&vic), &merged(read.clone(), more))
            .expect(204);
        let found = server.get(&vic);
        assert_eq!(
            (&found["FirstName"]["EN"], &found["Notes"]),
            (&json!("Vic"), &json!(notes))
        );
        assert_eq!(found["LastName"]["EN"], "Ray");
    }
    assert_eq!(server.get(&vic)["GLN"], Value::Null);
    // What the base has is replaced.
    let bare = json!({"@odata.type": "#Erp.General_Contacts_Person"});
    server.change(&vic, &json!({"GLN": "2"}));
    server.put(&party(&vic), &bare).expect(204);
    assert_eq!(server.get(&vic)["GLN"], Value::Null);
    // Behind a cast it is replaced as what it is.
    let cast = format!("{}/Erp.General_Contacts_Person", party(&vic));
    server
        .put(&cast, &json!({"FirstName": {"EN": "Eve"}}))
        .expect(204);
    let found = server.get(&vic);
    assert_eq!(
        (&found["LastName"], &found["Notes"]),
        (&Value::Null, &Value::Null)
    );
}

fn refuse_all(server: &Server, caller: &Person, object: &str, other: &str) {
    let base = party(object);
    let before = server.get(object);
    for request in changes(server, &base, other) {
        let answer = caller.asks(request).expect(403);
        assert_eq!(answer.json()["error"]["code"], "Forbidden", "{answer}");
    }
    // As what it is, it is hidden: there is nothing to give its own attributes to.
    let typed = json!({"@odata.type": "#Erp.General_Contacts_Person", "PartyNotes": "x"});
    let typed = caller.asks(server.patch(&base, &typed)).send();
    assert!([400, 403, 404].contains(&typed.status), "{typed}");
    let imported = json!({"objects": [
        {"@odata.type": "Erp.General_Contacts_Party", "@erpnet.action": "delete", "Id": key(&base)},
    ]});
    let imported = caller.asks(server.post("Import", &imported)).send();
    assert!(
        imported.text().contains("Forbidden") || imported.text().contains("may not"),
        "{imported}"
    );
    let begun = caller.asks(server.post("BeginTransaction", &json!({})));
    let transaction = begun.expect(200).text().to_owned();
    for request in changes(server, &base, other) {
        let inside = caller.asks(request).header("TransactionId", &transaction);
        inside.expect(403);
    }
    let end = server.post("EndTransaction", &json!({"commit": true}));
    let end = caller.asks(end).header("TransactionId", &transaction);
    end.expect(204);
    assert_eq!(server.get(object), before, "{object}");
}

fn a_right_on_the_base_changes_nothing_derived(kind: Kind) {
    let server = kind.server();
    let keeper = Person::new(&server, "keeper");
    keeper.may(&server, PARTIES, &everything());
    let (person, company) = (person(&server), company(&server, "9"));
    let other = party(&company);
    for object in [&person, &company] {
        // It reads what every party has.
        keeper.asks(server.ask("GET", &party(object))).expect(200);
        keeper.asks(server.ask("GET", object)).expect(403);
        refuse_all(&server, &keeper, object, &other);
    }
    // With the right for what they are, the base is one more way to them.
    keeper.may(&server, PERSONS, &everything());
    let change = server.patch(&party(&person), &json!({"PartyNotes": "y"}));
    keeper.asks(change).expect(204);
    let link = server.put(
        &format!("{}/ParentParty/$ref", party(&person)),
        &link(&other),
    );
    keeper.asks(link).expect(204);
    assert_eq!(server.stored(&person, "PartyNotes"), "y");
    let parent = server.get(&format!("{person}?$expand=ParentParty($select=Id)"));
    assert_eq!(parent["ParentParty"]["Id"], key(&other));
    keeper.asks(server.delete(&party(&person))).expect(204);
    server.ask("GET", &person).expect(404);
    server.ask("GET", &party(&person)).expect(404);
}

fn a_record_filter_of_the_type_holds_at_the_base(kind: Kind) {
    let server = kind.server();
    let keeper = Person::new(&server, "keeper");
    keeper.may(&server, PARTIES, &everything());
    let mine = json!({"RecordFilter": "startswith(RegistrationNumber,'1')"});
    keeper.may(&server, COMPANIES, &merged(everything(), mine));
    let (hidden, seen) = (company(&server, "999"), company(&server, "1999"));
    refuse_all(&server, &keeper, &hidden, &party(&seen));
    let change = server.patch(&party(&seen), &json!({"PartyNotes": "y"}));
    keeper.asks(change).expect(204);
    // A right to change that reaches further than the one to read does not help.
    keeper.may(
        &server,
        COMPANIES,
        &json!({"CanRead": false, "CanUpdate": true, "CanDelete": true}),
    );
    refuse_all(&server, &keeper, &hidden, &party(&seen));
    keeper.asks(server.delete(&party(&seen))).expect(204);
}

fn references_hold_at_the_base(kind: Kind) {
    let server = kind.server();
    let keeper = Person::new(&server, "keeper");
    keeper.may(&server, PARTIES, &everything());
    let person = person(&server);
    server.create(
        USERS,
        &merged(user("ann"), json!({"Person": link(&person)})),
    );
    keeper.asks(server.delete(&party(&person))).expect(403);
    for address in [party(&person), person.clone()] {
        let kept = server.delete(&address).expect(409);
        assert_eq!(kept.json()["error"]["code"], "StillReferenced");
    }
    server.ask("GET", &person).expect(200);
}

/// Reading by a base set is the right of the base: so is naming what it shows.
fn what_is_half_seen_can_be_named(kind: Kind) {
    let server = kind.server();
    let keeper = Person::new(&server, "keeper");
    keeper.may(&server, PARTIES, &json!({"CanRead": true}));
    keeper.may(&server, COMPANIES, &everything());
    let (person, company) = (person(&server), company(&server, "9"));
    let found = json!({"@erpnet.action": "find", "Id": key(&person)});
    for parent in [link(&party(&person)), found] {
        let change = server.patch(&company, &json!({ "ParentParty": parent }));
        keeper.asks(change).expect(204);
        let parent = server.get(&format!("{company}?$expand=ParentParty($select=Id)"));
        assert_eq!(parent["ParentParty"]["Id"], key(&person));
        server
            .delete(&format!("{company}/ParentParty/$ref"))
            .expect(204);
    }
    let changed = json!({"ParentParty": {"@erpnet.action": "update", "Id": key(&person),
        "PartyNotes": "x"}});
    keeper.asks(server.patch(&company, &changed)).expect(403);
    assert_eq!(server.stored(&person, "PartyNotes"), Value::Null);
}
