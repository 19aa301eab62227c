//! What an import may cost, and what a key that is taken does.

use std::time::Duration;

use serde_json::{Value, json};
use userdex::access::Scopes;

use crate::kit::{logins, object, states};
use crate::rights::{grant, session};
use crate::support::http::Request;
use crate::support::server::{Kind, Server, USERS, key, merged, options, settings, user};

crate::on_both!(
    an_import_ends_with_its_time,
    a_key_that_is_taken_is_refused_at_once,
);

const PERSONS: &str = "General_Contacts_Persons";

/// A server on which imports have no time at all.
fn hasty(kind: Kind) -> Server {
    let mut options = options();
    options.import_time = Duration::ZERO;
    kind.start(settings(), options).unwrap()
}

fn an_import_ends_with_its_time(kind: Kind) {
    let server = hasty(kind);
    let objects: Vec<_> = (0..1500)
        .map(|n| object("create", &format!("u{n}")))
        .collect();
    for transaction in ["per-object", "all-objects"] {
        let body = json!({"transaction": transaction, "objects": objects});
        let answer = server.post("Import", &body).expect(200).json();
        let states = states(&answer);
        assert_eq!(states.len(), objects.len());
        // What it had come to is done, and said to be.
        let done = states.iter().filter(|s| *s == "Added").count();
        assert!(done < objects.len(), "{transaction}");
        assert_eq!(states[done..], vec!["FailedDependency"; 1500 - done]);
        assert_eq!(logins(&server, "u"), u64::try_from(done).unwrap());
        let last = answer["objects"][1499]["@erpnet.message"].as_str().unwrap();
        assert!(last.contains("the import took too long"), "{last}");
        for n in 0..done {
            let found = format!("{USERS}?$filter=Login eq 'u{n}'&$select=Id");
            let id = server.rows(&found)[0]["Id"].as_str().unwrap().to_owned();
            server.delete(&format!("{USERS}({id})")).expect(204);
        }
    }
}

/// The statements of a request, and its answer.
fn cost(server: &Server, request: &Request, status: u16) -> (u64, Value) {
    let before = server.store.statements();
    let answer = request.expect(status);
    (server.store.statements() - before, answer.json())
}

fn a_key_that_is_taken_is_refused_at_once(kind: Kind) {
    let server = kind.server();
    let ann = server.create(USERS, &user("ann"));
    let visible = "LastName eq 'Fox'";
    grant(
        &server,
        &ann,
        json!({"EntitySet": PERSONS, "CanRead": true, "CanCreate": true, "RecordFilter": visible}),
    );
    let header = session(&server, &ann, Scopes::ALL);
    let fox = json!({"LastName": {"EN": "Fox"}});
    let post = |more: Value| {
        let request = server.post(PERSONS, &merged(fox.clone(), more));
        request.anonymous().header("Authorization", &header)
    };
    let hidden = server.create(PERSONS, &json!({"LastName": {"EN": "Owl"}}));
    let (new, made) = cost(&server, &post(json!({})), 201);
    // Their own, one that they do not see, and an object of another entity.
    for taken in [made["Id"].as_str().unwrap(), key(&hidden), key(&ann)] {
        let (again, answer) = cost(&server, &post(json!({"Id": taken})), 409);
        assert_eq!(answer["error"]["code"], "NotUnique", "{answer}");
        assert_eq!(answer["error"]["target"], "Id", "{answer}");
        // It is not tried again and again.
        assert!(
            again < new,
            "{taken}: {again} statements, {new} for a new one"
        );
    }
    assert_eq!(server.count(PERSONS), 2);
}
