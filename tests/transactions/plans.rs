//! How the databases read over what a transaction has changed.

use serde_json::json;
use userdex::service::{Caller, ODataVersion, Prepared, RequestHead};
use userdex::value::Language;

use super::limits::{ask, begin, databases, minute};
use super::support::encode_query;
use super::support::service::{Database, ROOT};

/// How a database would read an address inside a transaction.
fn plan(database: &Database, address: &str, transaction: &str) -> Vec<String> {
    let address = encode_query(address);
    let language = Language::default();
    let prepared = database.service.prepare(&RequestHead {
        root: ROOT,
        odata_version: Some(ODataVersion::V4),
        transaction: Some(transaction),
        ..RequestHead::at(&address, &language, Caller::system(), minute(1))
    });
    let Ok(Prepared::Read(read)) = prepared else {
        panic!("{address}");
    };
    database.service.explain(&read).unwrap().database()
}

/// SQLite reads a list of changed rows once, and finds the rows of a join in an index of them: not
/// the whole list again for each row of another one. (PostgreSQL hashes them.)
#[test]
fn changed_rows_are_joined_by_an_index() {
    for database in databases(|_| {}).iter() {
        let id = begin(database, 0).unwrap();
        let person = |number: u32| {
            let name = format!("N{number}");
            json!({"Person": {"@erpnet.action": "create", "FirstName": {"EN": name}}})
        };
        let employees: Vec<_> = (0..20).map(person).collect();
        let body = json!({"CompanyName": {"EN": "C"}, "Employees": employees});
        let companies = "General_Contacts_Companies";
        ask(database, (companies, &body), Some(&id), 0).unwrap();
        for (address, joined) in [
            ("General_Contacts_Persons?$top=1", "Gen_Parties"),
            (
                "General_Contacts_CompanyEmployees?$filter=contains(Person/PartyName,'N')&$top=9",
                "Cm_Persons",
            ),
        ] {
            let lines = plan(database, address, &id);
            assert!(!lines.is_empty());
            if database.name() != "SQLite" {
                continue;
            }
            let count = |word: &str| lines.iter().filter(|line| line.contains(word)).count();
            let shown = lines.join("\n");
            assert!(count("SCAN o VIRTUAL TABLE") > 0, "{address}\n{shown}");
            assert_eq!(
                count("SCAN o VIRTUAL TABLE"),
                count("MATERIALIZE"),
                "{address}\n{shown}"
            );
            let searched = format!("SEARCH {joined} changed ");
            let mut found = lines.iter().filter(|line| line.contains(&searched));
            let indexed = found.any(|line| line.contains("USING AUTOMATIC"));
            assert!(indexed, "{address}\n{shown}");
            // Tables are still read by their own indexes.
            assert_eq!(count("SCAN main.Gen_Parties"), 0, "{address}\n{shown}");
        }
    }
}
