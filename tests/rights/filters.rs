//! Record filters say the same however the server and the request are set: they were declared without
//! either.

use serde_json::json;

use crate::support::person::Person;
use crate::support::server::{Kind, USERS, settings};

crate::on_both!(
    filters_are_not_bound_by_the_settings_of_queries,
    children_behind_a_cast_are_hidden_with_their_object,
);

fn filters_are_not_bound_by_the_settings_of_queries(kind: Kind) {
    let mut settings = settings();
    (settings.strict_filters, settings.truncate_datetime) = (true, true);
    settings.limits.filter_nodes = 1;
    let server = kind.server_with(settings);
    for login in ["ann", "bob", "eve"] {
        server.user(login);
    }
    let reader = Person::new(&server, "reader");
    let filter = "Login eq 'ann' or contains(Name,'nobody') or Email eq 'x' or Login eq 'bob'";
    let rights = json!({"CanRead": true, "RecordFilter": filter});
    reader.may(&server, USERS, &rights);
    let shown = reader.asks(server.ask("GET", &format!("{USERS}?$select=Login&$orderby=Login")));
    let shown = shown.expect(200).json();
    let logins = shown["value"].as_array().unwrap().iter();
    let logins: Vec<&str> = logins.map(|row| row["Login"].as_str().unwrap()).collect();
    assert_eq!(logins, ["ann", "bob"]);
    // A time that is later than all rows, on the same day: it is not cut to the day.
    let late = Person::new(&server, "late");
    let newest = server.rows(&format!("{USERS}?$select=CreationTimeUtc"));
    let newest = newest.iter().map(|row| row["CreationTimeUtc"].as_str());
    let filter = format!("CreationTimeUtc gt {}", newest.max().unwrap().unwrap());
    let rights = json!({"CanRead": true, "RecordFilter": filter});
    late.may(&server, USERS, &rights);
    let shown = late.asks(server.ask("GET", &format!("{USERS}/$count")));
    assert_eq!(shown.expect(200).text().trim_start_matches('\u{feff}'), "0");
}

fn children_behind_a_cast_are_hidden_with_their_object(kind: Kind) {
    let server = kind.server();
    let person = |name: &str| {
        let body = json!({"FirstName": {"EN": name}});
        server.create("General_Contacts_Persons", &body)
    };
    let (vic, zoe) = (person("Vic"), person("Zoe"));
    let company = json!({"CompanyName": {"EN": "C"}, "RegistrationNumber": "1"});
    let company = server.create("General_Contacts_Companies", &company);
    for person in [&vic, &zoe] {
        let employee = json!({"Person": {"@odata.id": person}, "Company": {"@odata.id": company}});
        server.create("General_Contacts_CompanyEmployees", &employee);
    }
    let reader = Person::new(&server, "reader");
    let all = json!({"CanRead": true});
    let some = json!({"CanRead": true, "RecordFilter": "contains(FirstName,'Vic')"});
    reader.may(&server, "General_Contacts_Parties", &all);
    reader.may(&server, "General_Contacts_CompanyEmployees", &all);
    reader.may(&server, "General_Contacts_Persons", &some);
    for (person, status) in [(&vic, 200), (&zoe, 404)] {
        let party = person.replace("Persons", "Parties");
        for rest in [
            "",
            "/$count",
            "/$ref",
            "/$filter(true)/$count",
            "?$format=csv",
            "?$count=true&$top=0",
            "?$apply=aggregate($count as N)",
        ] {
            for object in [person, &format!("{party}/Erp.General_Contacts_Person")] {
                let asked = server.ask("GET", &format!("{object}/CompanyEmployees{rest}"));
                let found = reader.asks(asked).send();
                assert_eq!(found.status, status, "{object}{rest} {found}");
            }
        }
    }
}
