//! Casts to derived types in `$select`, `$expand`, `$filter` and `$orderby`.

use serde_json::{Value, json};

use crate::support::http::Answer;
use crate::support::person::Person;
use crate::support::server::{Kind, Server, key, link};

crate::on_both!(
    rows_say_of_which_type_they_are,
    what_only_a_type_has_is_expanded_and_selected,
    a_cast_behind_a_property_narrows_its_rows,
    levels_go_on_behind_a_cast,
    tables_have_columns_of_types,
    casts_in_conditions_and_orders,
    types_that_are_hidden_are_not_told,
    closed_properties_of_types_stay_closed,
    what_is_wrong_with_a_cast_is_told,
);

const PARTIES: &str = "General_Contacts_Parties";
const PERSONS: &str = "General_Contacts_Persons";
const COMPANIES: &str = "General_Contacts_Companies";
const PERSON: &str = "Erp.General_Contacts_Person";
const COMPANY: &str = "Erp.General_Contacts_Company";

/// A person who works at a company, and one who does not; the companies that they are parts of.
struct Town {
    server: Server,
    vic: String,
    zoe: String,
    mill: String,
    shop: String,
}

fn town(kind: Kind) -> Town {
    let server = kind.server();
    let company = |name: &str, number: &str, more: Value| {
        let mut body =
            json!({"CompanyName": {"EN": name}, "RegistrationNumber": number, "Notes": name});
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        server.create(COMPANIES, &body)
    };
    let mill = company("Mill", "1", json!({}));
    let shop = company("Shop", "2", json!({"ParentParty": link(&mill)}));
    let person = |name: &str, parent: &str| {
        let body = json!({"FirstName": {"EN": name}, "Notes": name, "ParentParty": link(parent)});
        server.create(PERSONS, &body)
    };
    let vic = person("Vic", &shop);
    let zoe = person("Zoe", &vic);
    let employed = json!({"Person": link(&vic), "Company": link(&mill)});
    server.create("General_Contacts_CompanyEmployees", &employed);
    Town {
        server,
        vic,
        zoe,
        mill,
        shop,
    }
}

impl Town {
    /// The rows of all parties, by key.
    fn parties(&self, query: &str) -> Vec<(String, Value)> {
        let rows = self.server.rows(&format!("{PARTIES}?{query}"));
        let keyed = rows.into_iter().map(|row| {
            let id = row["@odata.id"].as_str().unwrap();
            (key(id).to_owned(), row)
        });
        keyed.collect()
    }

    fn party(&self, query: &str, object: &str) -> Value {
        let rows = self.parties(query);
        let found = rows.iter().find(|(id, _)| id == key(object));
        found
            .unwrap_or_else(|| panic!("{object}: {rows:?}"))
            .1
            .clone()
    }
}

/// The type that an object says it is of.
fn told(object: &Value) -> &str {
    object["@odata.type"].as_str().unwrap_or_default()
}

fn rows_say_of_which_type_they_are(kind: Kind) {
    let town = town(kind);
    let server = &town.server;
    let types = |query: &str| {
        let rows = town.parties(query);
        let all = [&town.vic, &town.zoe, &town.mill, &town.shop];
        all.map(|object| {
            let found = rows.iter().find(|(id, _)| id == key(object));
            told(&found.unwrap().1).trim_start_matches('#').to_owned()
        })
    };
    let expected = [PERSON, PERSON, COMPANY, COMPANY];
    for query in [
        "",
        "$select=Id",
        "$orderby=PartyCode&$expand=ParentParty",
        "$filter=IsActive eq true&$count=true",
        "$compute=1 add 1 as N&$select=N",
        &format!("$select={COMPANY}/Notes"),
        &format!("$expand={PERSON}/CompanyEmployees"),
    ] {
        assert_eq!(types(query), expected, "{query}");
    }
    let full = "application/json;odata.metadata=full";
    let full = server
        .ask("GET", PARTIES)
        .header("Accept", full)
        .expect(200);
    assert!(!full.text().contains("#Erp.General_Contacts_Party\""));
    // One object, by its key, behind a reference, as what a change returns.
    let party = format!("{PARTIES}({})", key(&town.vic));
    assert_eq!(told(&server.get(&party)), format!("#{PERSON}"));
    let behind = format!("{PERSONS}({})/ParentParty", key(&town.vic));
    assert_eq!(told(&server.get(&behind)), format!("#{COMPANY}"));
    let inside = server.get(&format!(
        "{PERSONS}({})?$expand=ParentParty",
        key(&town.vic)
    ));
    assert_eq!(told(&inside["ParentParty"]), format!("#{COMPANY}"));
    assert_eq!(inside.get("@odata.type"), None, "its set says it");
    let changed = server.patch(&party, &json!({"PartyNotes": "x"}));
    let changed = changed.prefer("return=representation").expect(200);
    assert_eq!(told(&changed.json()), format!("#{PERSON}"));
    // What is asked for with its type goes back with it.
    let again = server.patch(&party, &server.get(&format!("{party}?$select=PartyNotes")));
    again.expect(204);
    // The plan is that of the answer in JSON, also where another format is liked more.
    let plan = server.ask("GET", &format!("{PARTIES}?$format=plan"));
    assert!(plan.expect(200).text().contains("LEFT JOIN"));
    let liked = "text/csv, application/json;q=0.9";
    let one = server
        .ask("GET", &party)
        .header("Accept", liked)
        .expect(200);
    assert_eq!(told(&one.json()), format!("#{PERSON}"));
    // Where there is no place for it, nobody looks.
    for format in ["ndjson", "csv", "application/json;odata.metadata=none"] {
        let rows = server.ask("GET", &format!("{PARTIES}?$format={format}"));
        assert!(!rows.expect(200).text().contains("#Erp."), "{format}");
    }
}

fn what_only_a_type_has_is_expanded_and_selected(kind: Kind) {
    let town = town(kind);
    let query = format!(
        "$select=PartyCode,{PERSON}/FirstName,{PERSON}/Notes,{COMPANY}/Notes&$expand={PERSON}/CompanyEmployees($select=Id;$expand=Company($select=CompanyName))"
    );
    let body = town.server.get(&format!("{PARTIES}?{query}"));
    let context = body["@odata.context"].as_str().unwrap();
    let list = format!(
        "(PartyCode,{PERSON}/FirstName,{PERSON}/Notes,{COMPANY}/Notes,{PERSON}/CompanyEmployees(Id,Company(CompanyName)))"
    );
    assert!(context.ends_with(&format!("#{PARTIES}{list}")), "{context}");
    let vic = town.party(&query, &town.vic);
    assert_eq!(vic["@odata.type"], format!("#{PERSON}"));
    assert_eq!(
        (&vic["FirstName"]["EN"], &vic["Notes"]),
        (&json!("Vic"), &json!("Vic"))
    );
    assert_eq!(vic["CompanyEmployees"].as_array().unwrap().len(), 1);
    let employer = &vic["CompanyEmployees"][0]["Company"]["CompanyName"]["EN"];
    assert_eq!(employer, "Mill");
    assert!(vic["@odata.id"].as_str().unwrap().starts_with(PARTIES));
    let zoe = town.party(&query, &town.zoe);
    assert_eq!(zoe["CompanyEmployees"], json!([]));
    let mill = town.party(&query, &town.mill);
    assert_eq!(mill["@odata.type"], format!("#{COMPANY}"));
    assert_eq!(mill["Notes"], "Mill");
    for name in ["FirstName", "CompanyEmployees"] {
        assert_eq!(mill.get(name), None, "{name}");
    }
    // One object, with a number of them, and with addresses.
    let party = format!("{PARTIES}({})", key(&town.vic));
    let counted = format!("{party}?$expand={PERSON}/CompanyEmployees/$count");
    assert_eq!(town.server.get(&counted)["CompanyEmployees@odata.count"], 1);
    let links = town
        .server
        .get(&format!("{party}?$expand={PERSON}/CompanyEmployees/$ref"));
    let first = links["CompanyEmployees"][0]["@odata.id"].as_str().unwrap();
    assert!(first.starts_with("General_Contacts_CompanyEmployees("));
    // Of a row of another type there is no such property.
    let mill = format!(
        "{PARTIES}({})?$expand={PERSON}/CompanyEmployees($count=true)",
        key(&town.mill)
    );
    let mill = town.server.get(&mill);
    assert_eq!(mill.get("CompanyEmployees"), None);
    assert_eq!(mill.get("CompanyEmployees@odata.count"), None);
    // Other levels and forms.
    for (accept, typed) in [("full", true), ("none", false)] {
        let accept = format!("application/json;odata.metadata={accept}");
        let address = format!("{PARTIES}?{query}&$orderby=PartyCode");
        let answer = town
            .server
            .ask("GET", &address)
            .header("Accept", &accept)
            .expect(200);
        let text = answer.text();
        for of in [PERSON, COMPANY] {
            let told = text.matches(&format!("\"@odata.type\":\"#{of}\"")).count();
            // The companies of employees say it as well.
            assert_eq!(told > 0, typed, "{text}");
        }
        assert!(!text.contains("#Erp.General_Contacts_Party\""), "{text}");
    }
    // What every party has is the same property behind a type.
    let all = town.parties(&format!("$select={PERSON}/PartyCode"));
    assert!(all.iter().all(|(_, row)| row["PartyCode"].is_string()));
    // Pages and lines.
    let paged = town.server.ask("GET", &format!("{PARTIES}?{query}"));
    let paged = paged.prefer("odata.maxpagesize=1").expect(200).json();
    assert!(paged["@odata.nextLink"].is_string());
    let lines = town
        .server
        .ask("GET", &format!("{PARTIES}?{query}&$format=ndjson"));
    assert_eq!(lines.expect(200).text().lines().count(), 4);
}

fn a_cast_behind_a_property_narrows_its_rows(kind: Kind) {
    let town = town(kind);
    let server = &town.server;
    let query = format!("$expand=ParentParty/{COMPANY}($select=CompanyName)");
    let vic = server.get(&format!("{}?{query}", town.vic));
    let parent = &vic["ParentParty"];
    assert_eq!(parent["@odata.type"], format!("#{COMPANY}"));
    assert_eq!(parent["CompanyName"]["EN"], "Shop");
    assert!(
        vic["@odata.context"]
            .as_str()
            .unwrap()
            .ends_with("(ParentParty(CompanyName))/$entity")
    );
    // Her parent is no company.
    let zoe = server.get(&format!("{}?{query}", town.zoe));
    assert_eq!(zoe["ParentParty"], Value::Null);
    let zoe = server.get(&format!("{}?$expand=ParentParty/{PERSON}", town.zoe));
    assert_eq!(zoe["ParentParty"]["FirstName"]["EN"], "Vic");
    // A cast to what it is anyway changes nothing.
    let same = server.get(&format!(
        "{}?$expand=ParentParty/Erp.General_Contacts_Party",
        town.zoe
    ));
    let plain = server.get(&format!("{}?$expand=ParentParty", town.zoe));
    assert_eq!(same, plain);
    assert_eq!(told(&plain["ParentParty"]), format!("#{PERSON}"));
    let link = server.get(&format!("{}?$expand=ParentParty/{COMPANY}/$ref", town.vic));
    assert_eq!(link["ParentParty"], json!({"@odata.id": town.shop}));
    let none = server.get(&format!("{}?$expand=ParentParty/{COMPANY}/$ref", town.zoe));
    assert_eq!(none["ParentParty"], Value::Null);
    // Both ways together.
    let both = format!(
        "$expand={PERSON}/CompanyEmployees($select=Id),ParentParty/{PERSON}($select=FirstName)"
    );
    let zoe = town.party(&both, &town.zoe);
    assert_eq!(zoe["ParentParty"]["FirstName"]["EN"], "Vic");
    assert_eq!(zoe["CompanyEmployees"], json!([]));
    let shop = town.party(&both, &town.shop);
    assert_eq!(shop["ParentParty"], Value::Null);
    assert_eq!(shop.get("CompanyEmployees"), None);
}

fn levels_go_on_behind_a_cast(kind: Kind) {
    let town = town(kind);
    let server = &town.server;
    let address = format!(
        "{}?$expand=ParentParty/{COMPANY}($select=CompanyName;$levels=2)",
        town.vic
    );
    let vic = server.get(&address);
    assert_eq!(vic["ParentParty"]["CompanyName"]["EN"], "Shop");
    assert_eq!(
        vic["ParentParty"]["ParentParty"]["CompanyName"]["EN"],
        "Mill"
    );
    assert_eq!(
        vic["ParentParty"]["ParentParty"]["@odata.type"],
        format!("#{COMPANY}")
    );
    let inner = format!(
        "{}?$expand=ParentParty($expand={PERSON}/CompanyEmployees)",
        town.zoe
    );
    let zoe = server.get(&inner);
    assert_eq!(
        zoe["ParentParty"]["CompanyEmployees"]
            .as_array()
            .unwrap()
            .len(),
        1
    );
    assert_eq!(zoe["ParentParty"]["@odata.type"], format!("#{PERSON}"));
}

fn tables_have_columns_of_types(kind: Kind) {
    let town = town(kind);
    let query = format!(
        "$select=PartyCode,{PERSON}/FirstName,{COMPANY}/Notes,{PERSON}/Notes&$orderby=PartyCode"
    );
    let answer = town
        .server
        .ask("GET", &format!("{PARTIES}?{query}&$format=csv"))
        .expect(200);
    let mut lines = answer.text().lines();
    let heading = format!("PartyCode,{PERSON}/FirstName,{PERSON}/Notes,{COMPANY}/Notes");
    let heading_of_first = format!("PartyCode,{COMPANY}/Notes,{PERSON}/FirstName,{PERSON}/Notes");
    let first = lines.next().unwrap();
    assert!(
        [&heading, &heading_of_first].contains(&&first.to_owned()),
        "{first}"
    );
    let rows: Vec<&str> = lines.collect();
    assert_eq!(rows.len(), 4);
    let vic = rows.iter().find(|row| row.contains("Vic")).unwrap();
    let mill = rows.iter().find(|row| row.contains("Mill")).unwrap();
    assert_eq!(vic.matches("Vic").count(), 2);
    assert!(
        mill.matches("Mill").count() == 1 && mill.contains(",,"),
        "{mill}"
    );
    let xlsx = town
        .server
        .ask("GET", &format!("{PARTIES}?{query}&$format=xlsx"));
    xlsx.expect(200);
    let counts =
        format!("{PARTIES}?$select=PartyCode&$expand={PERSON}/CompanyEmployees/$count&$format=csv");
    let counts = town.server.ask("GET", &counts).expect(200);
    let mut cells: Vec<&str> = counts
        .text()
        .lines()
        .skip(1)
        .map(|l| l.split(',').nth(1).unwrap())
        .collect();
    cells.sort_unstable();
    assert_eq!(cells, ["", "", "0", "1"]);
    let parents = format!(
        "{PERSONS}?$select=Notes&$expand=ParentParty/{COMPANY}($select=CompanyName)&$format=csv"
    );
    let parents = town.server.ask("GET", &parents).expect(200);
    assert!(
        parents.text().starts_with("Notes,ParentParty.CompanyName"),
        "{parents}"
    );
    let refused = format!("{PARTIES}?$expand={PERSON}/CompanyEmployees&$format=csv");
    town.server.ask("GET", &refused).expect(501);
}

fn casts_in_conditions_and_orders(kind: Kind) {
    let town = town(kind);
    let server = &town.server;
    let keys = |query: &str| -> Vec<String> {
        town.parties(query).into_iter().map(|(id, _)| id).collect()
    };
    let vic = key(&town.vic).to_owned();
    assert_eq!(
        keys(&format!("$filter=contains({PERSON}/FirstName,'vic')")),
        std::slice::from_ref(&vic)
    );
    let employed = format!(
        "$filter={PERSON}/CompanyEmployees/any(e:e/Company/Id eq {})",
        key(&town.mill)
    );
    assert_eq!(keys(&employed), [vic]);
    let number =
        format!("$filter={COMPANY}/RegistrationNumber eq '2'&$select={COMPANY}/RegistrationNumber");
    assert_eq!(keys(&number), [key(&town.shop)]);
    // A cast of what a reference points at asks something of its target.
    let asked = format!("{PARTIES}?$filter=ParentParty/{COMPANY} ne null");
    let refused = server.ask("GET", &asked).expect(400);
    assert_eq!(
        refused.json()["error"]["code"],
        "FilterNotDeclared",
        "{refused}"
    );
    let same = format!(
        "$filter=ParentParty/Erp.General_Contacts_Party eq '{PARTIES}({})'",
        key(&town.shop)
    );
    assert_eq!(keys(&same).len(), 1);
}

fn types_that_are_hidden_are_not_told(kind: Kind) {
    let town = town(kind);
    let server = &town.server;
    let reader = Person::new(server, "reader");
    let read = json!({"CanRead": true});
    reader.may(server, PARTIES, &read);
    let get = |address: &str| -> Answer { reader.asks(server.ask("GET", address)).send() };
    let all = format!("{PARTIES}?$select={PERSON}/FirstName");
    for query in [
        format!("{PARTIES}?$select={PERSON}/FirstName"),
        format!("{PARTIES}?$select=PartyCode,{PERSON}/PartyCode"),
        format!("{PARTIES}?$expand={PERSON}/CompanyEmployees"),
        format!("{PARTIES}?$expand={PERSON}/ParentParty"),
        format!("{PARTIES}?$expand=ParentParty/{COMPANY}"),
        format!("{PARTIES}?$expand=ParentParty/{COMPANY}/$ref"),
        format!("{PARTIES}?$expand=ParentParty($select={PERSON}/FirstName)"),
    ] {
        let refused = get(&query);
        assert_eq!(refused.status, 403, "{query} {refused}");
        assert_eq!(refused.json()["error"]["code"], "Forbidden", "{query}");
    }
    let silent = get(&format!("{PARTIES}?$expand=ParentParty"));
    assert_eq!(silent.status, 200, "{silent}");
    assert!(!silent.text().contains("@odata.type"), "{silent}");
    // Some persons: the others are parties, and say no more.
    let some = json!({"CanRead": true, "RecordFilter": "contains(FirstName,'Vic')"});
    let reader = Person::new(server, "another");
    reader.may(server, PARTIES, &read);
    reader.may(server, PERSONS, &some);
    let get = |address: &str| reader.asks(server.ask("GET", address)).expect(200).json();
    let plain = get(PARTIES);
    let typed = plain["value"].as_array().unwrap().iter();
    let typed: Vec<&Value> = typed.filter(|row| !told(row).is_empty()).collect();
    assert_eq!(typed.len(), 1, "{plain}");
    assert_eq!(
        typed[0]["@odata.id"],
        format!("{PARTIES}({})", key(&town.vic))
    );
    let body = get(&all);
    let typed: Vec<&Value> = body["value"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row.get("@odata.type").is_some())
        .collect();
    assert_eq!(typed.len(), 1, "{body}");
    assert_eq!(typed[0]["FirstName"]["EN"], "Vic");
    assert!(!body.to_string().contains("Zoe"));
    assert_eq!(body["value"].as_array().unwrap().len(), 4);
    let employed = format!("{PARTIES}?$expand={PERSON}/CompanyEmployees/$count");
    let employed = reader.asks(server.ask("GET", &employed)).send();
    assert_eq!(
        employed.status, 403,
        "employees are a set of their own: {employed}"
    );
    let parents = get(&format!(
        "{PARTIES}?$expand=ParentParty/{PERSON}($select=FirstName)"
    ));
    let shown = parents["value"].as_array().unwrap().iter();
    let shown: Vec<&Value> = shown.filter(|row| !row["ParentParty"].is_null()).collect();
    assert_eq!(shown.len(), 1, "{parents}");
    assert_eq!(shown[0]["ParentParty"]["FirstName"]["EN"], "Vic");
}

fn closed_properties_of_types_stay_closed(kind: Kind) {
    let town = town(kind);
    let server = &town.server;
    let access = json!({"Name": {"EN": "Notes of people"}});
    let access = server.create("Systems_Security_AccessKeys", &access);
    let table = server.model.set(PERSONS).unwrap();
    let table = server.model.table(table).name.clone();
    server.create(
        "Systems_Security_ColumnPermissions",
        &json!({"TableName": table, "ColumnName": "Notes", "AccessKey@odata.bind": access}),
    );
    let reader = Person::new(server, "reader");
    for set in [PARTIES, PERSONS, COMPANIES] {
        reader.may(server, set, &json!({"CanRead": true}));
    }
    for query in [
        format!("$select={PERSON}/Notes"),
        format!("$select={COMPANY}/Notes,{PERSON}/Notes"),
        format!("$expand=ParentParty/{PERSON}($select=Notes)"),
    ] {
        let request = server.ask("GET", &format!("{PARTIES}?{query}"));
        reader
            .asks(request)
            .refused(403, "AttributeNotReadable", "Notes");
    }
    // The attribute of the same name of another type is open.
    let open = server.ask("GET", &format!("{PARTIES}?$select={COMPANY}/Notes"));
    assert!(reader.asks(open).expect(200).text().contains("Mill"));
    let expanded = server.ask("GET", &format!("{PARTIES}?$expand=ParentParty/{PERSON}"));
    let expanded = reader.asks(expanded).expect(200);
    assert!(!expanded.text().contains("\"Notes\""), "{expanded}");
}

fn what_is_wrong_with_a_cast_is_told(kind: Kind) {
    let town = town(kind);
    for (query, status, code) in [
        ("$select=Erp.General_Contacts_Person", 400, "TypeMismatch"),
        (
            "$select=Erp.General_Contacts_Person/Nothing",
            400,
            "UnknownProperty",
        ),
        (
            "$select=Erp.Systems_Security_User/Login",
            400,
            "TypeMismatch",
        ),
        ("$select=Erp.Nothing/Login", 404, "NotFound"),
        (
            "$select=Erp.General_Contacts_Person/CompanyEmployees/Id",
            400,
            "InvalidOption",
        ),
        ("$expand=Erp.General_Contacts_Person", 400, "TypeMismatch"),
        (
            "$expand=Erp.General_Contacts_Person/FirstName",
            400,
            "TypeMismatch",
        ),
        (
            "$expand=Erp.General_Contacts_Company/CompanyEmployees",
            400,
            "UnknownProperty",
        ),
        (
            "$expand=ParentParty/Erp.Systems_Security_User",
            400,
            "TypeMismatch",
        ),
        (
            "$expand=ParentParty/Erp.General_Contacts_Person,ParentParty/Erp.General_Contacts_Company",
            400,
            "InvalidOption",
        ),
        (
            "$expand=Erp.General_Contacts_Person/CompanyEmployees($levels=2)",
            400,
            "InvalidOption",
        ),
    ] {
        let answer = town.server.ask("GET", &format!("{PARTIES}?{query}")).send();
        let found = answer.json()["error"]["code"].clone();
        assert_eq!(
            (answer.status, found.as_str().unwrap()),
            (status, code),
            "{query} {answer}"
        );
    }
}
