//! `docs/methods.md`: every line of it works as it stands there, and no method is left out.

use serde_json::json;
use userdex::methods;

use crate::kit::{NOTIFICATIONS, notification, notify};
use crate::support::curl::{self, Names};
use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, key, link, user};
use crate::support::tester;

crate::on_both!(every_line_works);

const GUIDE: &str = include_str!("../../docs/methods.md");

/// What no line can show: it takes a code of the moment.
const CODED: &str = "Ext.ConfirmSecondFactor";

fn every_line_works(kind: Kind) {
    let server = kind.server();
    let names = names(&server);
    let lines = curl::lines(GUIDE);
    for line in &lines {
        let answer = curl::call(line, &names).request(server.address).send();
        assert!((200..300).contains(&answer.status), "{line}\n{answer}");
    }
    for name in methods::names() {
        if *name == CODED {
            assert!(GUIDE.contains(name), "`{name}` is not told of");
            continue;
        }
        let bare = name.rsplit('.').next().unwrap();
        let is_called = |line: &&&str| line.contains(&format!("/{bare}")) || line.contains(name);
        assert!(
            lines.iter().any(|line| is_called(&line)),
            "`{name}` is not shown"
        );
    }
    for option in ["top", "skip", "search", "exactMatch", "orderByDescription"] {
        let shown = lines
            .iter()
            .any(|line| line.contains(&format!("{option}=")));
        assert!(shown, "`{option}` is not shown");
    }
}

fn names(server: &Server) -> Names {
    let body = crate::support::server::merged(user("ann"), json!({"Email": "ann@x.example"}));
    let ann = server.create(USERS, &body);
    let color = json!({"Code": "color", "EntityName": "Sec_Users", "Name": {"EN": "Color"}});
    let color = server.create("Systems_Bpm_CustomProperties", &color);
    for value in ["amber", "azure", "red"] {
        server.create(
            "Systems_Bpm_CustomPropertyAllowedValues",
            &json!({"Property": link(&color), "PropertyAllowedValueField": value}),
        );
    }
    server
        .post(&notify(&ann), &notification(&ann, "read me"))
        .expect(204);
    let told = server.rows(&format!("{NOTIFICATIONS}?$select=Id"));
    let told = told[0]["Id"].as_str().unwrap();
    let application = json!({"ApplicationUri": "report", "Name": "Report"});
    let application = server.create("Systems_Security_TrustedApplications", &application);
    let token = server
        .post(&format!("{ann}/Ext.IssueToken"), &json!({}))
        .expect(200)
        .json();
    let token = token["id"].as_str().unwrap();
    assert!(!key(&ann).is_empty());
    let header = tester::authorization(server.address).unwrap();
    vec![
        ("HOST", String::new()),
        ("ROOT", "/api/domain/odata".to_owned()),
        ("AUTH", format!("Authorization: {header}")),
        ("USER", ann),
        ("TOKEN", format!("Systems_Security_AccessTokens({token})")),
        ("APPLICATION", application),
        ("NOTIFICATION", format!("{NOTIFICATIONS}({told})")),
        ("TX", format!("TransactionId: {}", begin(server))),
    ]
}

/// A transaction that tracks its changes.
fn begin(server: &Server) -> String {
    let path = "/api/domain/odata/BeginTransaction";
    let request = Request::new(server.address, "POST", path);
    let answer = request
        .body("application/json", r#"{"trackChanges":true}"#.to_owned())
        .send();
    assert_eq!(answer.status, 200, "{answer}");
    String::from_utf8(answer.body).unwrap()
}
