//! Texts that are composed of closed columns are as closed as those.

use serde_json::json;

use crate::support::person::Person;
use crate::support::server::{Kind, Server, link};

crate::on_both!(composed_texts_of_closed_columns_are_closed);

const PARTIES: &str = "General_Contacts_Parties";
const PERSONS: &str = "General_Contacts_Persons";
const COMPANIES: &str = "General_Contacts_Companies";
const EMPLOYEES: &str = "General_Contacts_CompanyEmployees";

fn close(server: &Server, table: &str, column: &str) {
    let key = json!({"Name": {"EN": format!("{table} {column}")}});
    let key = server.create("Systems_Security_AccessKeys", &key);
    server.create(
        "Systems_Security_ColumnPermissions",
        &json!({"TableName": table, "ColumnName": column, "AccessKey": link(&key)}),
    );
}

fn composed_texts_of_closed_columns_are_closed(kind: Kind) {
    let server = kind.server();
    let person = json!({"FirstName": {"EN": "Vic"}, "LastName": {"EN": "Secretname"},
        "NationalNumber": "8001011234"});
    let person = server.create(PERSONS, &person);
    let company = json!({"CompanyName": {"EN": "Openname"}, "RegistrationNumber": "777001",
        "Employees": [{"Person": link(&person)}]});
    server.create(COMPANIES, &company);
    let reader = Person::new(&server, "reader");
    for set in [PARTIES, PERSONS, COMPANIES, EMPLOYEES] {
        reader.may(&server, set, &json!({"CanRead": true}));
    }
    let rows = |address: &str| {
        let answer = reader.asks(server.ask("GET", address)).expect(200);
        answer.json()["value"].as_array().unwrap().clone()
    };
    assert_eq!(rows(&format!("{PERSONS}?$search=Secretname")).len(), 1);
    let whole = reader.asks(server.ask("GET", &person)).expect(200);
    let tag = whole.etag();

    close(&server, "Cm_Persons", "Last_Name");
    close(&server, "Cm_Persons", "National_Number");
    // What is seen now is less, and no version says so.
    let less = reader.asks(server.ask("GET", &person));
    let less = less.header("If-None-Match", &tag).expect(200);
    assert_eq!(less.header("etag"), None, "{less}");
    assert_eq!(less.json().get("LastName"), None);
    let open = format!("{person}?$select=FirstName");
    let open = reader.asks(server.ask("GET", &open));
    open.header("If-None-Match", &tag).expect(304);
    for address in [
        format!("{PERSONS}?$select=LastName"),
        format!("{PERSONS}?$select=PartyName"),
        format!("{PERSONS}?$select=PartyUniqueNumber"),
        format!("{PARTIES}?$select=PartyName"),
        format!("{PARTIES}?$select=PartyUniqueNumber"),
        format!("{PERSONS}?$filter=startswith(PartyUniqueNumber,'800101')"),
        format!("{PARTIES}?$filter=startswith(PartyUniqueNumber,'800101')"),
        format!("{PERSONS}?$filter=contains(PartyName,'Secret')"),
        format!("{PARTIES}?$filter=contains(PartyName,'Secret')"),
        format!("{EMPLOYEES}?$filter=contains(Person/PartyName,'Secret')"),
        format!("{EMPLOYEES}?$expand=Person($select=PartyName)"),
        format!("{person}/PartyName"),
        format!("{person}/PartyUniqueNumber/$value"),
    ] {
        let answer = reader.asks(server.ask("GET", &address)).expect(403);
        let code = answer.json()["error"]["code"].clone();
        assert_eq!(code, "AttributeNotReadable", "{address}");
    }
    for address in [
        PERSONS.to_owned(),
        PARTIES.to_owned(),
        format!("{PERSONS}?$select=DisplayText"),
        format!("{PARTIES}?$select=DisplayText"),
        format!("{EMPLOYEES}?$select=DisplayText&$expand=Person"),
        format!("{COMPANIES}?$expand=Employees($expand=Person($expand=ParentParty))"),
    ] {
        let answer = reader.asks(server.ask("GET", &address)).expect(200);
        for secret in ["Secretname", "8001011234"] {
            assert!(!answer.text().contains(secret), "{address}\n{answer}");
        }
    }
    let found = rows(&format!("{PARTIES}?$search=Secretname"));
    assert!(found.is_empty(), "{found:?}");
    // There is nothing left that is searched.
    for set in [PERSONS, EMPLOYEES] {
        let search = server.ask("GET", &format!("{set}?$search=Secretname"));
        reader.asks(search).expect(400);
    }
    // What the same text is composed of elsewhere is not closed.
    let open = format!("{COMPANIES}?$select=PartyName,PartyUniqueNumber&$search=Openname");
    let open = rows(&open);
    assert_eq!(open[0]["PartyName"]["EN"], "Openname");
    assert_eq!(open[0]["PartyUniqueNumber"], "777001");
    close(&server, "Cm_Companies", "Registration_Number");
    let closed = server.ask("GET", &format!("{COMPANIES}?$select=PartyUniqueNumber"));
    reader.asks(closed).expect(403);
    // Who may read everything still does.
    assert_eq!(server.stored(&person, "PartyUniqueNumber"), "8001011234");
}
