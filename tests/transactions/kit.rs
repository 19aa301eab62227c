//! A client of an API transaction.

use serde_json::{Value as Json, json};

use super::support::world::{Reply, World, text};

pub(crate) const USERS: &str = "Systems_Security_Users";

/// A client inside a transaction.
pub(crate) struct Inside<'w> {
    pub(crate) world: &'w World,
    pub(crate) id: String,
}

/// Begins a transaction.
pub(crate) fn begin<'w>(world: &'w World, arguments: &Json) -> Inside<'w> {
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
    pub(crate) fn send(&self, method: &str, path: &str, body: Option<&Json>) -> Reply {
        let mut headers = vec![("TransactionId", self.id.as_str())];
        headers.extend(body.map(|_| ("Content-Type", "application/json")));
        let body = body.map(Json::to_string).unwrap_or_default();
        self.world
            .send(method, &encoded(path), &headers, body.as_bytes())
    }

    /// A change that must succeed.
    pub(crate) fn done(&self, method: &str, path: &str, body: &Json) -> Reply {
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
    pub(crate) fn get(&self, path: &str) -> Json {
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
    pub(crate) fn changes(&self) -> Json {
        let mut changes = self.get("GetChanges()");
        changes.as_object_mut().unwrap().remove("@odata.context");
        changes
    }

    /// Ends the transaction.
    pub(crate) fn end(&self, commit: bool) -> Reply {
        self.send("POST", "EndTransaction", Some(&json!({"commit": commit})))
    }

    /// Ends it, and it must be saved.
    pub(crate) fn commit(&self) {
        let reply = self.end(true);
        assert_eq!(reply.status, 204, "{}: {}", self.world.name, reply.body);
    }
}

/// Creates an object; its key.
pub(crate) fn create(world: &World, set: &str, body: &Json) -> String {
    let reply = world.json("POST", set, body);
    assert_eq!(reply.status, 201, "{}: {set}: {}", world.name, reply.body);
    text(&reply.tree()["Id"])
}

/// A user whom nothing has to be said of but the login.
pub(crate) fn virtual_user(login: &str) -> Json {
    json!({"Login": login, "UserType": "VirtualUserNoLogin", "Name": {"EN": login}})
}

/// An address with its blanks encoded.
pub(crate) fn encoded(path: &str) -> String {
    path.replace(' ', "%20")
}
