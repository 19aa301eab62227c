//! The action itself: its form, its limits, its answer.

use serde_json::{Value, json};

use crate::kit::{import, logins, object, states};
use crate::support::server::{Kind, USERS};

crate::on_both!(
    the_answer_has_its_form,
    faults_of_the_document_are_told,
    it_shares_no_change_set,
    it_has_the_limits_of_requests,
);

fn the_answer_has_its_form(kind: Kind) {
    let server = kind.server();
    for address in ["Import", "Erp.Import", "Import()"] {
        let answer = server.post(address, &json!({"objects": []})).expect(200);
        let root = "http://localhost/api/domain/odata/$metadata#Erp.ImportResult";
        assert_eq!(
            answer.json(),
            json!({"@odata.context": root, "@erpnet.result": "success", "objects": []})
        );
        assert_eq!(answer.header("odata-version"), Some("4.0"));
    }
    let ask = |accept: &str| {
        let body = json!({"objects": [object("create", "nobody")]});
        server.post("Import", &body).header("Accept", accept)
    };
    ask("application/xml").refused(406, "NotAcceptable", "Accept");
    let nobody = format!("{USERS}?$filter=Login eq 'nobody'");
    assert_eq!(server.count(&nobody), 0);
    let bare = ask("application/json;odata.metadata=none").expect(200);
    assert_eq!(bare.json().get("@odata.context"), None);
    let content = "application/json;odata.metadata=none;charset=utf-8";
    assert_eq!(bare.header("content-type"), Some(content));
    let answer = import(&server, "per-object", &[object("create", "ann"), json!({})]);
    let members =
        |value: &Value| -> Vec<String> { value.as_object().unwrap().keys().cloned().collect() };
    let expected = [
        "@odata.context",
        "@erpnet.result",
        "objects",
        "data-exchange",
    ];
    assert_eq!(members(&answer), expected);
    let good = [
        "@erpnet.result",
        "@odata.id",
        "@erpnet.message",
        "@erpnet.state",
    ];
    assert_eq!(members(&answer["objects"][0]), good);
    let bad = [&good[..], &["@ext.code"]].concat();
    assert_eq!(members(&answer["objects"][1]), bad);
    let quiet = json!({"loggingLevel": 1, "objects": [object("merge", "ann"), 1]});
    let quiet = server.post("Import", &quiet).expect(200).json();
    let log = quiet["data-exchange"].as_str().unwrap();
    assert!(log.starts_with("objects/1: refused: "), "{log}");
    let metadata = server.ask("GET", "$metadata").expect(200);
    let shown = "<ActionImport Name=\"Import\" Action=\"Erp.Import\"/>";
    assert!(metadata.text().contains(shown));
}

fn faults_of_the_document_are_told(kind: Kind) {
    let server = kind.server();
    for (body, code, target) in [
        (json!([]), "InvalidPayload", ""),
        (json!({}), "InvalidPayload", "objects"),
        (json!({"objects": 1}), "TypeMismatch", "objects"),
        (
            json!({"objects": [], "all": true}),
            "UnknownProperty",
            "all",
        ),
        (
            json!({"objects": [], "transaction": "some"}),
            "InvalidValue",
            "transaction",
        ),
        (json!({"objects": [], "model": 1}), "TypeMismatch", "model"),
        (
            json!({"objects": [], "loggingLevel": 3}),
            "InvalidValue",
            "loggingLevel",
        ),
    ] {
        server.post("Import", &body).refused(400, code, target);
    }
    let broken = server
        .ask("POST", "Import")
        .body("application/json", "{\"objects\":[");
    broken.refused(400, "SyntaxError", "");
    let text = server.ask("POST", "Import").body("text/plain", "{}");
    text.refused(415, "UnsupportedMediaType", "Content-Type");
    server
        .ask("GET", "Import")
        .refused(405, "MethodNotAllowed", "");
    let repeated = server
        .post("Import", &json!({"objects": []}))
        .repeatable("1");
    repeated.refused(501, "NotSupported", "Repeatability-Request-ID");
    for id in ["bogus", "00000000-0000-0000-0000-000000000001"] {
        let objects = json!({"objects": [object("create", "ann")]});
        let inside = server.post("Import", &objects).header("TransactionId", id);
        inside.refused(501, "NotSupported", "TransactionId");
    }
    assert_eq!(logins(&server, "ann"), 0);
    let mut unknown = object("create", "ann");
    unknown["@odata.type"] = json!("Erp.Systems_Security_Usr");
    let answer = import(&server, "per-object", &[unknown]);
    assert_eq!(states(&answer), ["InvalidValue"]);
    let message = answer["objects"][0]["@erpnet.message"].as_str().unwrap();
    assert!(
        message.contains("did you mean `Erp.Systems_Security_User`?"),
        "{message}"
    );
}

fn it_shares_no_change_set(kind: Kind) {
    let server = kind.server();
    let part = |id: &str, url: &str, body: Value, group: Option<&str>| {
        let mut part = json!({"id": id, "method": "POST", "url": url, "body": body,
            "headers": {"content-type": "application/json"}});
        if let Some(group) = group {
            part["atomicityGroup"] = json!(group);
        }
        part
    };
    let ann = json!({"objects": [object("create", "ann")]});
    let alone = json!({"requests": [part("1", "Import", ann.clone(), None)]});
    let answer = server.post("$batch", &alone).expect(200).json();
    assert_eq!(answer["responses"][0]["status"], 200, "{answer}");
    let name = json!({"Name": {"EN": "G"}});
    let shared = json!({"requests": [
        part("1", "Systems_Security_Groups", name, Some("g")),
        part("2", "Import", ann, Some("g")),
    ]});
    let answer = server.post("$batch", &shared).expect(200).json();
    assert!(answer.to_string().contains("InvalidBatch"), "{answer}");
    assert_eq!(server.count("Systems_Security_Groups"), 0);
}

fn it_has_the_limits_of_requests(kind: Kind) {
    let server = kind.server();
    let mut large = object("create", "large");
    large["Notes"] = json!("x".repeat(1_100_000));
    let body = json!({"objects": [large]});
    server
        .post("Import", &body)
        .refused(413, "PayloadTooLarge", "");
    let passwords = |n: usize| -> Vec<Value> {
        let with = |n| {
            json!({"@odata.type": "Erp.Systems_Security_User", "Login": format!("p{n}"),
            "Name": {"EN": "p"}, "@ext.initialPassword": "correct horse"})
        };
        (0..n).map(with).collect()
    };
    let body = json!({"objects": passwords(101)});
    server
        .post("Import", &body)
        .refused(400, "LimitExceeded", "");
    let answer = import(&server, "all-objects", &passwords(3));
    assert_eq!(states(&answer), ["Added"; 3], "{answer}");
    assert_eq!(logins(&server, "p"), 3);
}
