//! A server with users enough that looking at all of them is another thing than looking one up.

use serde_json::Value;
use userdex::service::ServiceSettings;

use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, Server, settings};

pub(crate) const PLAN: &str = "application/vnd.userdex.plan+json";
pub(crate) const SET: &str = "Systems_Security_Users";
/// Users of every server.
const MANY: u64 = 2000;

/// A server with made-up users, and a budget; 0 is none.
pub(crate) fn server(kind: Kind, budget: u64) -> Server {
    let settings = ServiceSettings {
        cost_budget: budget,
        ..settings()
    };
    kind.server_of(MANY, settings)
}

/// A request to explain a read.
pub(crate) fn asked(server: &Server, address: &str) -> Request {
    server.ask("GET", address).header("Accept", PLAN)
}

/// The explanation of a read.
pub(crate) fn explained(server: &Server, address: &str) -> Value {
    let answer = asked(server, address).expect(200);
    assert_eq!(answer.header("content-type"), Some(PLAN), "{address}");
    answer.json()
}

/// The names in a list of an explanation.
pub(crate) fn names<'a>(document: &'a Value, list: &str) -> Vec<&'a str> {
    let names = document[list].as_array().unwrap().iter();
    names.map(|name| name.as_str().unwrap()).collect()
}

/// Sees that a read was refused as too expensive, and told nothing else.
pub(crate) fn is_too_expensive(answer: &Answer, about: &str) -> String {
    assert_eq!(answer.status, 429, "{about}: {answer}");
    let body = answer.json();
    assert_eq!(body["error"]["code"], "TooExpensive", "{answer}");
    assert!(body.get("value").is_none(), "{answer}");
    let text = answer.text().to_owned();
    for word in ["SELECT", "Sec_Users", "SCAN", "Seq"] {
        assert!(!text.contains(word), "{word}: {text}");
    }
    text
}
