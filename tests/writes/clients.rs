//! What clients that others wrote send: `clients.md`, "Writes".

use serde_json::json;

use crate::support::server::{Kind, USERS, link, merged, user};

crate::on_both!(
    whole_rows_are_echoed_back,
    types_may_lack_their_sign,
    a_part_of_a_name_is_merged,
    a_deletion_may_have_a_body,
    actions_answer_nothing,
    tags_go_along_with_actions,
    headers_of_grids_are_taken,
    addresses_are_written_in_many_ways,
    big_numbers_may_be_texts,
);

fn whole_rows_are_echoed_back(kind: Kind) {
    let server = kind.server();
    let group = server.group("G");
    let person = server.create(
        "General_Contacts_Persons",
        &json!({"FirstName": {"EN": "P"}}),
    );
    let more = json!({"Person": link(&person), "Groups": [{"Group": link(&group)}]});
    let ann = server.user_with("ann", more);
    for (query, accept) in [
        ("", "application/json"),
        ("", "application/json;odata.metadata=full"),
        ("", "application/json;odata.metadata=none"),
        (
            "?$select=*,DisplayText,ObjectVersion",
            "application/json;odata=verbose",
        ),
        ("?$expand=Groups", "application/json"),
        ("?$expand=Groups,Person", "application/json"),
    ] {
        for version in [None, Some("4.0")] {
            let with_version = |request: crate::support::http::Request| match version {
                Some(version) => request.header("OData-Version", version),
                None => request,
            };
            let read = server
                .ask("GET", &format!("{ann}{query}"))
                .header("Accept", accept);
            let mut row = with_version(read).expect(200).json();
            let before = server.stored(&ann, "ObjectVersion");
            let answer = with_version(server.patch(&ann, &row)).expect(204);
            assert!(answer.header("etag").is_some());
            let unchanged = server.stored(&ann, "ObjectVersion");
            assert_eq!(unchanged, before, "{query} {accept} {row}");
            let note = format!("{query} {accept} {version:?}");
            row["Notes"] = json!(note);
            with_version(server.patch(&ann, &row)).expect(204);
            assert_eq!(server.stored(&ann, "Notes"), note);
        }
    }
    assert_eq!(server.count("Systems_Security_UserGroups"), 1);
}

fn types_may_lack_their_sign(kind: Kind) {
    let server = kind.server();
    for (number, name) in [
        "Erp.Systems_Security_User",
        "#Erp.Systems_Security_User",
        "http://localhost/api/domain/odata/$metadata#Erp.Systems_Security_User",
    ]
    .iter()
    .enumerate()
    {
        let typed = json!({"@odata.type": name, "Name@odata.type": "#Erp.MultilanguageString"});
        let ann = server.user_with(&format!("u{number}"), typed.clone());
        server.change(&ann, &typed);
    }
    let wrong = json!({"@odata.type": "Erp.Systems_Security_Group"});
    server
        .post(USERS, &merged(user("x"), wrong))
        .refused(400, "TypeMismatch", "@odata.type");
}

fn a_part_of_a_name_is_merged(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Name": {"EN": "Ann", "BG": "Ан"}}));
    server.change(&ann, &json!({"Name": {"EN": "Anne"}}));
    assert_eq!(
        server.stored(&ann, "Name"),
        json!({"EN": "Anne", "BG": "Ан"})
    );
}

fn a_deletion_may_have_a_body(kind: Kind) {
    let server = kind.server();
    for (number, (media, body)) in [
        ("application/json;odata=verbose", "null"),
        ("text/plain", "x"),
    ]
    .iter()
    .enumerate()
    {
        let ann = server.user(&format!("u{number}"));
        server.ask("DELETE", &ann).body(media, *body).expect(204);
        server.ask("GET", &ann).expect(404);
    }
}

fn actions_answer_nothing(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Email": "a@x.example"}));
    for address in ["Ext.ConfirmEmail", "ConfirmEmail"] {
        for body in [None, Some("{}")] {
            let mut request = server.ask("POST", &format!("{ann}/{address}"));
            if let Some(body) = body {
                request = request.body("application/json", body);
            }
            let answer = request.expect(204);
            assert!(answer.body.is_empty());
            assert_eq!(answer.header("content-type"), None);
        }
    }
    let unknown = json!({"password": "x", "colour": "red"});
    server
        .post(&format!("{ann}/Ext.SetPassword"), &unknown)
        .expect(400);
}

fn tags_go_along_with_actions(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"Email": "a@x.example"}));
    let old = server.ask("GET", &ann).expect(200).etag();
    let call = || server.ask("POST", &format!("{ann}/Ext.ConfirmEmail"));
    let new = call().header("If-Match", &old).expect(204).etag();
    assert_ne!(new, old);
    call()
        .header("If-Match", &old)
        .refused(412, "PreconditionFailed", "If-Match");
    call().header("If-Match", &new).expect(204);
    call().header("If-Match", "*").expect(204);
}

fn headers_of_grids_are_taken(kind: Kind) {
    let server = kind.server();
    let answer = server
        .ask("POST", USERS)
        .header(
            "Accept",
            "application/json;odata=verbose,text/plain, */*; q=0.01",
        )
        .header("X-CSRF-Token", "Fetch")
        .header("MaxDataServiceVersion", "3.0")
        .body("application/json;odata=verbose", user("ann").to_string())
        .expect(201);
    let ann = format!("{USERS}({})", answer.id());
    let copy = server.ask("POST", &format!("{ann}/CreateCopy"));
    copy.expect(200);
    let answer = server.ask("POST", &format!("{ann}/nothing")).send();
    assert!(answer.status >= 400, "{answer}");
}

fn addresses_are_written_in_many_ways(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let id = ann.split(['(', ')']).nth(1).unwrap();
    for (number, address) in [
        format!("{USERS}({id})"),
        format!("{USERS}/{id}"),
        format!("{USERS}({id})/"),
        format!("{USERS}%28{id}%29"),
        format!("{USERS}({})", id.to_uppercase()),
        format!("{USERS}(Id={id})"),
        format!("{USERS}({id})/Erp.Systems_Security_User"),
    ]
    .iter()
    .enumerate()
    {
        let note = number.to_string();
        server.patch(address, &json!({ "Notes": note })).expect(204);
        assert_eq!(server.stored(&ann, "Notes"), note, "{address}");
    }
}

fn big_numbers_may_be_texts(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let media = "application/json;IEEE754Compatible=true";
    for body in ["{\"AccessFailedCount\":3}", "{\"AccessFailedCount\":3.0}"] {
        let answer = server.ask("PATCH", &ann).body(media, body).send();
        assert!(matches!(answer.status, 204 | 400), "{answer}");
    }
    assert_eq!(server.stored(&ann, "AccessFailedCount"), 3);
}
