//! Changes are not explained: whoever asks what one would do does not have it done.

use serde_json::{Value, json};

use crate::kit::{PLAN, SET};
use crate::support::http::Request;
use crate::support::server::{Kind, Server, key, link, user};

crate::on_both!(
    changes_are_refused_before_they_are_made,
    other_formats_beside_it_count,
);

/// Everything that the requests below could change.
fn stored(server: &Server) -> Vec<Value> {
    let sets = [
        SET,
        "Systems_Security_UserGroups",
        "Systems_Security_AccessTokens",
        "Systems_Core_ObjectChangesets",
    ];
    let all = sets.iter().map(|set| server.rows(set));
    all.flatten().collect()
}

fn changes_are_refused_before_they_are_made(kind: Kind) {
    let server = kind.server();
    let (ann, group) = (server.user("ann"), server.group("G"));
    let member = json!({"User": link(&ann), "Group": link(&group)});
    let member = server.create("Systems_Security_UserGroups", &member);
    let notes = json!({"Notes": "planned"});
    let fresh = format!("{SET}(00000000-0000-4000-8000-00000000abcd)");
    let import = json!({"objects": [{"@odata.type": "Erp.Systems_Security_User", "Login": "bea"}]});
    let nothing = json!({});
    let changes = [
        ("POST", SET.to_owned(), &user("bea")),
        ("POST", format!("{ann}/Groups"), &member_of(&group)),
        ("PATCH", ann.clone(), &notes),
        ("PUT", ann.clone(), &user("bea")),
        ("PATCH", fresh, &user("bea")),
        ("DELETE", member.clone(), &nothing),
        ("PUT", format!("{ann}/Notes"), &json!({"value": "planned"})),
        ("DELETE", format!("{ann}/Email"), &nothing),
        ("POST", format!("{ann}/CreateCopy"), &nothing),
        ("POST", format!("{ann}/Ext.IssueToken"), &nothing),
        ("POST", format!("{ann}/Ext.RevokeSessions"), &nothing),
        ("POST", "BeginTransaction".to_owned(), &nothing),
        ("POST", "Import".to_owned(), &import),
        ("POST", "Erp.Import()".to_owned(), &import),
    ];
    let before = stored(&server);
    let part = |number: usize, method: &str, url: &str, body: &Value, headers: Value| {
        let id = number.to_string();
        json!({"id": id, "method": method, "url": url, "headers": headers, "body": body})
    };
    for (number, (method, address, body)) in changes.iter().enumerate() {
        let planned = format!("{address}?$format=plan");
        let by_option = server.with(method, &planned, body);
        by_option.refused(406, "NotAcceptable", "$format");
        let by_header = server.with(method, address, body).header("Accept", PLAN);
        let refused = by_header.refused(406, "NotAcceptable", "Accept");
        assert!(
            refused.text().contains("only reads are explained"),
            "{refused}"
        );
        let parts = [
            part(1, method, &planned, body, json!({})),
            part(2, method, address, body, json!({"accept": PLAN})),
        ];
        let batch = server.post("$batch", &json!({"requests": parts}));
        let batch = batch.expect(200).json();
        for answer in batch["responses"].as_array().unwrap() {
            assert_eq!(answer["status"], 406, "{number}: {batch}");
        }
    }
    assert_eq!(stored(&server), before);
    // Together with one that nobody asks about: neither is made.
    let mut parts = [
        part(1, "PATCH", &ann, &notes, json!({})),
        part(2, "POST", SET, &user("bea"), json!({"accept": PLAN})),
    ];
    for part in &mut parts {
        part["atomicityGroup"] = json!("g");
    }
    let batch = server.post("$batch", &json!({"requests": parts}));
    let batch = batch.expect(200).json();
    assert_eq!(batch["responses"][1]["status"], 406, "{batch}");
    assert_eq!(stored(&server), before);
    // Inside an API transaction, which is as it was.
    let id = server.post("BeginTransaction", &nothing).expect(200);
    let inside = |request: Request| request.header("TransactionId", id.text());
    let planned = server.patch(&format!("{ann}?$format=plan"), &notes);
    inside(planned).refused(406, "NotAcceptable", "$format");
    let end = format!("EndTransaction?$format={PLAN}").replace('+', "%2B");
    inside(server.post(&end, &nothing)).refused(406, "NotAcceptable", "$format");
    inside(server.post("EndTransaction", &nothing)).expect(204);
    assert_eq!(stored(&server), before);
}

fn member_of(group: &str) -> Value {
    json!({"Group": link(group)})
}

fn other_formats_beside_it_count(kind: Kind) {
    let server = kind.server();
    for (number, (accept, query)) in [
        (format!("application/json, {PLAN};q=0.5"), ""),
        (format!("{PLAN};q=0, */*"), ""),
        (PLAN.to_owned(), "?$format=json"),
    ]
    .into_iter()
    .enumerate()
    {
        let login = format!("user{number}");
        let made = server.post(&format!("{SET}{query}"), &user(&login));
        let made = made.header("Accept", &accept).expect(201);
        let media = made.header("content-type").unwrap();
        assert!(media.starts_with("application/json"), "{accept}: {media}");
        let id = made.json()["Id"].as_str().unwrap().to_owned();
        assert_eq!(key(made.header("location").unwrap()), id);
    }
}
