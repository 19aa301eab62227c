//! A client of an API transaction.

use serde_json::{Value as Json, json};

use super::support::world::{PATH, Reply, World, text};

pub const USERS: &str = "Systems_Security_Users";

/// A client inside a transaction.
pub struct Inside<'w> {
    pub world: &'w World,
    pub id: String,
}

/// Begins a transaction.
pub fn begin<'w>(world: &'w World, arguments: &Json) -> Inside<'w> {
    let reply = world.json("POST", "BeginTransaction", arguments);
    assert_eq!(reply.status, 200, "{}: {}", world.name, reply.body);
    let kind = reply.header("Content-Type").unwrap_or_default();
    assert!(kind.starts_with("text/plain"), "{kind}");
    Inside {
        world,
        id: reply.body,
    }
}

impl Inside<'_> {
    /// Sends a request of the transaction.
    pub fn send(&self, method: &str, path: &str, body: Option<&Json>) -> Reply {
        let mut headers = vec![("TransactionId", self.id.as_str())];
        headers.extend(body.map(|_| ("Content-Type", "application/json")));
        let body = body.map(Json::to_string).unwrap_or_default();
        self.world.send(method, path, &headers, body.as_bytes())
    }

    /// A change that must succeed.
    pub fn done(&self, method: &str, path: &str, body: &Json) -> Reply {
        let reply = self.send(method, path, Some(body));
        assert!(
            (200..300).contains(&reply.status),
            "{}: {method} {path}: {} {}",
            self.world.name,
            reply.status,
            reply.body
        );
        reply
    }

    /// What a read answers: its rows, or the object.
    pub fn get(&self, path: &str) -> Json {
        let reply = self.send("GET", path, None);
        assert_eq!(
            reply.status, 200,
            "{}: {path}: {}",
            self.world.name, reply.body
        );
        let mut body = reply.tree();
        match body.get_mut("value") {
            Some(value) => value.take(),
            None => body,
        }
    }

    /// `GetChanges`, without its context.
    pub fn changes(&self) -> Json {
        let mut changes = self.get("GetChanges()");
        changes.as_object_mut().unwrap().remove("@odata.context");
        changes
    }

    /// Ends the transaction.
    pub fn end(&self, commit: bool) -> Reply {
        self.send("POST", "EndTransaction", Some(&json!({"commit": commit})))
    }

    /// Ends it, and it must be saved.
    pub fn commit(&self) {
        let reply = self.end(true);
        assert_eq!(reply.status, 204, "{}: {}", self.world.name, reply.body);
    }
}

/// Creates an object; its key.
pub fn create(world: &World, set: &str, body: &Json) -> String {
    let reply = world.json("POST", set, body);
    assert_eq!(reply.status, 201, "{}: {set}: {}", world.name, reply.body);
    text(&reply.tree()["Id"])
}

/// The key in an address such as `Systems_Security_Users(…)`.
pub fn key(address: &str) -> String {
    let address = address.split_once(PATH).map_or(address, |(_, rest)| rest);
    let (_, rest) = address.split_once('(').unwrap();
    rest.split_once(')').unwrap().0.to_owned()
}
