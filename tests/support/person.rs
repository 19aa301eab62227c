//! People who ask a server, each with rights of their own.

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use super::http::Request;
use super::server::{Server, USERS, key, link, merged, user};

/// Somebody who has signed in.
pub struct Person {
    /// The address of the user.
    pub address: String,
    header: String,
}

impl Person {
    /// A new user without any right.
    pub fn new(server: &Server, login: &str) -> Self {
        let address = server.create(USERS, &user(login));
        Self::of(server, address, Scopes::ALL)
    }

    /// A user that is there.
    pub fn of(server: &Server, address: String, scopes: Scopes) -> Self {
        let id = key(&address).parse().unwrap();
        let now = Timestamp::now();
        let opened = server
            .service
            .open_session(id, Way::Session, None, scopes, now);
        let header = format!("ErpSession {}", opened.unwrap().id);
        Self { address, header }
    }

    /// The same request, from this person.
    pub fn asks(&self, request: Request) -> Request {
        request
            .anonymous()
            .header("Authorization", self.header.as_str())
    }

    /// Gives a right on a set, in a role of its own.
    pub fn may(&self, server: &Server, set: &str, rights: &Value) {
        let role = json!({"Name": format!("{set} {rights}")});
        let role = server.create("Systems_Security_Roles", &role);
        server.create(
            "Systems_Security_RoleUsers",
            &json!({"User": link(&self.address), "Role": link(&role)}),
        );
        server.create(
            "Ext_EntityPermissions",
            &merged(
                json!({"EntitySet": set, "Role": link(&role)}),
                rights.clone(),
            ),
        );
    }
}
