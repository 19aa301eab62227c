//! Custom properties in queries.

use serde_json::{Value, json};

use crate::kit::{COLOR, bare, colored, logins, painted};
use crate::support::server::{Kind, Server, USERS};

crate::on_both!(
    they_are_in_the_output_when_asked_for,
    every_format_has_them,
    parts_are_selected,
    filters_compare_the_short_value,
    other_forms_are_refused,
    they_are_everywhere_where_attributes_are,
    a_query_names_only_so_many,
);

fn users(kind: Kind) -> Server {
    let server = colored(kind);
    painted(&server, "ann", "blue");
    painted(&server, "bob", "Red, \"dark\"");
    server.user("carl");
    server
}

fn they_are_in_the_output_when_asked_for(kind: Kind) {
    let server = users(kind);
    let row =
        |query: &str| server.rows(&format!("{USERS}?$filter=Login eq 'ann'&{query}"))[0].clone();
    for query in ["$count=false", "$select=*", "$select=default"] {
        assert!(row(query).get(COLOR).is_none(), "{query}");
    }
    let both = row(&format!("$select=default,{COLOR}"));
    assert_eq!(
        (&both["Login"], &both[COLOR]),
        (&json!("ann"), &bare("blue"))
    );
    let one = server.get(&format!("{USERS}?$filter=Login eq 'ann'&$select={COLOR}"));
    let context = one["@odata.context"].as_str().unwrap();
    assert!(context.ends_with(&format!("({COLOR})")), "{context}");
    let full = server.ask(
        "GET",
        &format!("{USERS}?$filter=Login eq 'ann'&$select={COLOR}"),
    );
    let full = full.header("Accept", "application/json;odata.metadata=full");
    assert_eq!(
        full.expect(200).json()["value"][0][COLOR],
        json!({"@odata.type": "#Erp.CustomPropertyValue",
            "Value": "blue", "ValueId": null, "Description": null})
    );
    // None is null, and left out like any other null.
    let carl = format!("{USERS}?$filter=Login eq 'carl'&$select=Login,{COLOR}");
    assert_eq!(server.rows(&carl)[0][COLOR], Value::Null);
    let skipped = server.rows(&format!("{carl}&options=skipnulls"));
    assert!(skipped[0].get(COLOR).is_none(), "{}", skipped[0]);
}

fn every_format_has_them(kind: Kind) {
    let server = users(kind);
    let ask = |format: &str| {
        let query = format!("$filter=Login ne '~tester'&$orderby=Login&$select=Login,{COLOR}");
        let answer = server.ask("GET", &format!("{USERS}?{query}&$format={format}"));
        answer.expect(200)
    };
    let text = ask("ndjson").text().to_owned();
    let lines: Vec<Value> = text
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    let colors: Vec<_> = lines.iter().map(|line| line[COLOR].clone()).collect();
    assert_eq!(colors, [bare("blue"), bare("Red, \"dark\""), Value::Null]);
    let csv = ask("csv").text().to_owned();
    let expected = format!("Login,{COLOR}\r\nann,blue\r\nbob,\"Red, \"\"dark\"\"\"\r\ncarl,\r\n");
    assert!(csv.ends_with(&expected), "{csv}");
    assert!(ask("xlsx").body.starts_with(b"PK"));
}

fn parts_are_selected(kind: Kind) {
    let server = colored(kind);
    let texts = json!({"EN": "the sky", "BG": "небето"});
    let blue = json!({"Value": "blue", "Description": texts});
    server.user_with("ann", json!({COLOR: blue}));
    painted(&server, "bob", "red");
    server.user("carl");
    let users = format!("{USERS}?$filter=Login ne '~tester'&$orderby=Login");
    let both = format!("{COLOR}/Value,{COLOR}/Description/EN");
    for (select, [ann, bob]) in [
        (
            format!("{COLOR}/Value"),
            [json!({"Value": "blue"}), json!({"Value": "red"})],
        ),
        (
            format!("{COLOR}/ValueId"),
            [json!({"ValueId": null}), json!({"ValueId": null})],
        ),
        (
            format!("{COLOR}/Description"),
            [json!({"Description": texts}), json!({"Description": null})],
        ),
        (
            format!("{COLOR}/Description/BG,{COLOR}/Value,{COLOR}/Description/BG"),
            [
                json!({"Value": "blue", "Description": {"BG": "небето"}}),
                json!({"Value": "red", "Description": null}),
            ],
        ),
        (
            format!("{COLOR}($select=ValueId,Value)"),
            [
                json!({"Value": "blue", "ValueId": null}),
                json!({"Value": "red", "ValueId": null}),
            ],
        ),
        // All of it, whatever else is named.
        (
            format!("{COLOR}/Value,{COLOR}"),
            [
                json!({"Value": "blue", "ValueId": null, "Description": texts}),
                bare("red"),
            ],
        ),
    ] {
        let rows = server.rows(&format!("{users}&$select={select}"));
        let colors: Vec<_> = rows.iter().map(|row| row[COLOR].clone()).collect();
        assert_eq!(colors, [ann, bob, Value::Null], "{select}");
    }
    let page = server.get(&format!("{users}&$select={both}"));
    let context = page["@odata.context"].as_str().unwrap();
    assert!(context.ends_with(&format!("({both})")), "{context}");
    let full = server.ask("GET", &format!("{users}&$select={both}&$top=1"));
    let full = full.header("Accept", "application/json;odata.metadata=full");
    assert_eq!(
        full.expect(200).json()["value"][0][COLOR],
        json!({"@odata.type": "#Erp.CustomPropertyValue", "Value": "blue",
            "Description": {"@odata.type": "#Erp.MultilanguageString", "EN": "the sky"}})
    );
    // A column for each part.
    let csv = server.ask("GET", &format!("{users}&$select=Login,{both}&$format=csv"));
    let csv = csv.expect(200).text().to_owned();
    let head = format!("Login,{COLOR}/Value,{COLOR}/Description/EN\r\n");
    let expected = format!("{head}ann,blue,the sky\r\nbob,red,\r\ncarl,,\r\n");
    assert!(csv.ends_with(&expected), "{csv}");
    let sheet = server.ask("GET", &format!("{users}&$select=Login,{both}&$format=xlsx"));
    assert!(sheet.expect(200).body.starts_with(b"PK"));
    // The address of the whole value has all of it.
    let ann = server.rows(&format!("{USERS}?$filter=Login eq 'ann'&$select=Id"));
    let ann = format!("{USERS}({})", ann[0]["Id"].as_str().unwrap());
    let whole = server.get(&format!("{ann}/{COLOR}"));
    assert_eq!(whole["Description"], texts);
    let one = server.get(&format!("{ann}?$select={both}"));
    assert_eq!(
        one[COLOR],
        json!({"Value": "blue", "Description": {"EN": "the sky"}})
    );
}

fn filters_compare_the_short_value(kind: Kind) {
    let server = users(kind);
    for (filter, expected) in [
        (format!("{COLOR} eq 'blue'"), &["ann"][..]),
        // Whatever its case, like the value where it is stored.
        (format!("{COLOR} eq 'BLUE'"), &["ann"]),
        (format!("'blue' eq {COLOR}"), &["ann"]),
        (format!("{COLOR} eq 'blu'"), &[]),
        (format!("{COLOR} eq null and Login ne '~tester'"), &["carl"]),
        (
            format!("{COLOR} eq 'blue' or Login eq 'carl'"),
            &["ann", "carl"],
        ),
        (format!("{COLOR} eq 'blue' and Active eq true"), &["ann"]),
        (format!("{COLOR} eq @c&@c='blue'"), &["ann"]),
    ] {
        assert_eq!(
            logins(&server, &format!("$filter={filter}")),
            expected,
            "{filter}"
        );
    }
    let count = format!("{USERS}/$count?$filter={COLOR} eq 'blue'");
    assert_eq!(server.ask("GET", &count).expect(200).text(), "1");
}

fn other_forms_are_refused(kind: Kind) {
    let server = users(kind);
    for filter in [
        format!("{COLOR} ne 'blue'"),
        format!("not ({COLOR} eq 'blue')"),
        format!("{COLOR} in ('blue','red')"),
        format!("{COLOR} ge 'blue'"),
        format!("{COLOR} lt 'blue'"),
        format!("contains({COLOR},'blue')"),
        format!("startswith({COLOR},'blue')"),
        format!("tolower({COLOR}) eq 'blue'"),
        format!("trim({COLOR}) eq 'blue'"),
        format!("length({COLOR}) eq 4"),
        format!("equalnull({COLOR},'blue')"),
    ] {
        let through = filter.replace(COLOR, &format!("User/{COLOR}"));
        for (address, path) in [
            (format!("{USERS}?$filter={filter}"), ""),
            (format!("{USERS}/$count?$filter={filter}"), ""),
            (format!("{USERS}/$filter({filter})"), ""),
            (
                format!("{USERS}?$format=csv&$filter=Id ne null and ({filter})"),
                "",
            ),
            (format!("{USERS}?$filter=@a&@a={filter}"), ""),
            (
                format!("Systems_Security_UserGroups?$filter={through}"),
                "User/",
            ),
        ] {
            let answer = server
                .ask("GET", &address)
                .refused(400, "FilterNotDeclared", COLOR);
            let text = answer.text();
            assert!(
                text.contains(&format!("`{path}{COLOR} eq 'value'`")),
                "{address}: {text}"
            );
        }
    }
    for (query, code) in [
        (format!("$filter={COLOR} eq 5"), "TypeMismatch"),
        (
            format!("$filter={COLOR}/Value eq 'blue'"),
            "UnknownProperty",
        ),
        (format!("$select={COLOR}/Nothing"), "UnknownProperty"),
        (format!("$select={COLOR}/Value/EN"), "UnknownProperty"),
        (
            format!("$select={COLOR}/Description/xx1"),
            "UnknownProperty",
        ),
        (format!("$select={COLOR}($select=EN)"), "UnknownProperty"),
        (format!("$orderby={COLOR}"), "OrderNotDeclared"),
        (
            "$filter=CustomProperty_colour eq 'blue'".to_owned(),
            "UnknownProperty",
        ),
    ] {
        let answer = server.ask("GET", &format!("{USERS}?{query}")).expect(400);
        assert_eq!(answer.json()["error"]["code"], code, "{query}");
    }
}

fn they_are_everywhere_where_attributes_are(kind: Kind) {
    let server = users(kind);
    let group = server.create("Systems_Security_Groups", &json!({"Name": {"EN": "G"}}));
    let ann = server.rows(&format!("{USERS}?$filter=Login eq 'ann'&$select=Id"));
    let ann = format!("{USERS}({})", ann[0]["Id"].as_str().unwrap());
    let member = json!({"User": {"@odata.id": ann}, "Group": {"@odata.id": group}});
    server.create("Systems_Security_UserGroups", &member);
    let members = "Systems_Security_UserGroups";
    // Through the owner of a child.
    let rows = server.rows(&format!(
        "{members}?$filter=User/{COLOR} eq 'blue'&$expand=User($select={COLOR})"
    ));
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["User"][COLOR], bare("blue"));
    assert_eq!(
        server.count(&format!("{members}?$filter=User/{COLOR} eq 'red'")),
        0
    );
    // Behind a next link, and in a batch.
    let page = server.get(&format!(
        "{USERS}?$filter=Login ne '~tester'&$orderby=Login&$select={COLOR}&$top=1"
    ));
    assert_eq!(page["value"][0][COLOR], bare("blue"));
    let next = page["@odata.nextLink"].as_str().unwrap();
    let next = next.split("/odata/").nth(1).unwrap();
    let target = format!("/api/domain/odata/{next}");
    let next = crate::support::http::Request::new(server.address, "GET", &target);
    assert_eq!(
        next.expect(200).json()["value"][0][COLOR],
        bare("Red, \"dark\"")
    );
    let filtered = format!("{USERS}/$filter({COLOR} eq 'blue')?$select=Login");
    assert_eq!(server.rows(&filtered)[0]["Login"], "ann");
}

fn a_query_names_only_so_many(kind: Kind) {
    let server = kind.server();
    let names: Vec<String> = (0..45).map(|n| format!("CustomProperty_p{n:02}")).collect();
    for n in 0..45 {
        crate::kit::define(&server, &format!("p{n:02}"), json!({}));
    }
    crate::kit::reset(&server);
    let ann = server.user("ann");
    let all = |count: usize| format!("{ann}?$select={}", names[..count].join(","));
    server.ask("GET", &all(40)).expect(200);
    server
        .ask("GET", &all(41))
        .refused(400, "LimitExceeded", "");
}
