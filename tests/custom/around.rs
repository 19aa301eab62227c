//! Custom properties in everything that changes objects: copies, batches, transactions, imports.

use serde_json::{Value, json};

use crate::kit::{COLOR, bare, color, colored, define, logins, painted, reset};
use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, key, merged, user, virtual_user};

crate::on_both!(
    a_transaction_sees_its_values,
    a_transaction_ends_with_the_definitions_it_began_with,
    copies_have_the_values,
    batches_write_values,
    imports_write_values,
);

/// A client inside a transaction.
struct Inside<'s> {
    server: &'s Server,
    id: String,
}

impl<'s> Inside<'s> {
    fn begin(server: &'s Server) -> Self {
        let body = json!({"trackChanges": true});
        let id = server
            .post("BeginTransaction", &body)
            .expect(200)
            .text()
            .to_owned();
        Self { server, id }
    }

    fn inside(&self, request: Request) -> Request {
        request.header("TransactionId", self.id.as_str())
    }

    fn color(&self, address: &str) -> Value {
        let request = self
            .server
            .ask("GET", &format!("{address}?$select={COLOR}"));
        self.inside(request).expect(200).json()[COLOR].clone()
    }

    fn change(&self, address: &str, value: &Value) {
        let request = self.server.patch(address, &json!({COLOR: value}));
        self.inside(request).expect(204);
    }

    fn end(&self, commit: bool) -> Request {
        let body = json!({"commit": commit});
        self.inside(self.server.post("EndTransaction", &body))
    }
}

fn a_transaction_sees_its_values(kind: Kind) {
    let server = colored(kind);
    let ann = painted(&server, "ann", "blue");
    let bob = painted(&server, "bob", "green");
    let carl = server.user("carl");
    for commit in [false, true] {
        let inside = Inside::begin(&server);
        inside.change(&ann, &json!({"Value": "red"}));
        inside.change(&bob, &Value::Null);
        inside.change(&carl, &json!({"Value": "red"}));
        let new = merged(
            user(&format!("dora{commit}")),
            json!({COLOR: {"Value": "pink"}}),
        );
        inside.inside(server.post(USERS, &new)).expect(201);
        assert_eq!(inside.color(&ann), bare("red"));
        assert_eq!(inside.color(&bob), Value::Null);
        let red = format!("{USERS}?$filter={COLOR} eq 'red'&$orderby=Login&$select=Login");
        let rows = inside.inside(server.ask("GET", &red)).expect(200).json();
        assert_eq!(rows["value"].as_array().unwrap().len(), 2, "{rows}");
        assert_eq!(color(&server, &ann), bare("blue"));
        let changes = inside
            .inside(server.ask("GET", "GetChanges()"))
            .expect(200)
            .json();
        let update = &changes["update"][USERS];
        assert_eq!(update[key(&ann)], json!({COLOR: bare("red")}), "{changes}");
        assert_eq!(update[key(&bob)], json!({COLOR: null}), "{changes}");
        inside.end(commit).expect(204);
    }
    assert_eq!(color(&server, &ann), bare("red"));
    assert_eq!(color(&server, &bob), Value::Null);
    assert_eq!(color(&server, &carl), bare("red"));
    assert_eq!(
        logins(&server, &format!("$filter={COLOR} eq 'pink'")),
        ["doratrue"]
    );
}

fn a_transaction_ends_with_the_definitions_it_began_with(kind: Kind) {
    let server = colored(kind);
    let ann = painted(&server, "ann", "blue");
    let (kept, lost) = (Inside::begin(&server), Inside::begin(&server));
    kept.change(&ann, &json!({"Value": "red"}));
    // Nothing new: the transactions go on.
    reset(&server);
    kept.end(true).expect(204);
    lost.change(&ann, &json!({"Value": "green"}));
    define(&server, "another", json!({}));
    reset(&server);
    lost.end(true)
        .refused(400, "InvalidTransaction", "TransactionId");
    lost.end(false).expect(204);
    assert_eq!(color(&server, &ann), bare("red"));
}

fn copies_have_the_values(kind: Kind) {
    let server = colored(kind);
    let ann = merged(virtual_user("ann"), json!({COLOR: {"Value": "blue"}}));
    let ann = server.create(USERS, &ann);
    let inside = Inside::begin(&server);
    let copy = server.post(&format!("{ann}/CreateCopy"), &json!({}));
    let copy = inside.inside(copy).expect(200).json();
    let copy = format!("{USERS}({})", copy["Id"].as_str().unwrap());
    assert_eq!(inside.color(&copy), bare("blue"));
    let named = server.patch(&copy, &json!({"Login": "bob"}));
    inside.inside(named).expect(204);
    inside.end(true).expect(204);
    assert_eq!(
        logins(&server, &format!("$filter={COLOR} eq 'blue'")),
        ["ann", "bob"]
    );
}

fn batches_write_values(kind: Kind) {
    let server = colored(kind);
    let new = merged(user("ann"), json!({COLOR: {"Value": "blue"}}));
    let body = json!({"requests": [
        {"id": "1", "atomicityGroup": "g", "method": "POST", "url": USERS, "body": new},
        {"id": "2", "atomicityGroup": "g", "method": "PATCH", "url": "$1",
            "body": {COLOR: {"Value": "red"}}},
        {"id": "3", "dependsOn": ["g"], "method": "GET", "url": format!("$1?$select={COLOR}")},
    ]});
    let answer = server.post("$batch", &body).expect(200).json();
    let read = &answer["responses"][2];
    assert_eq!(read["body"][COLOR], bare("red"), "{answer}");
}

fn imports_write_values(kind: Kind) {
    let server = colored(kind);
    let ann = painted(&server, "ann", "blue");
    for transaction in ["per-object", "all-objects"] {
        let object = |login: &str, color: &str| {
            merged(
                json!({"@odata.type": "Erp.Systems_Security_User", "@erpnet.action": "merge",
                    "UserType": "VirtualUserNoLogin"}),
                json!({"Login": login, "Name": {"EN": login}, COLOR: {"Value": color}}),
            )
        };
        let objects = json!([
            {"@odata.type": "Erp.Systems_Security_User", "@erpnet.action": "merge",
                "Login": "ann", COLOR: {"Value": transaction}},
            object(&format!("new {transaction}"), transaction),
        ]);
        let body = json!({"transaction": transaction, "objects": objects});
        let answer = server.post("Import", &body).expect(200).json();
        assert_eq!(answer["@erpnet.result"], "success", "{answer}");
        assert_eq!(color(&server, &ann), bare(transaction));
        let new = logins(&server, &format!("$filter={COLOR} eq '{transaction}'"));
        assert_eq!(new, ["ann".to_owned(), format!("new {transaction}")]);
    }
}
