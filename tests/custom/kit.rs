//! Definitions, their values, and people who ask for them.

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use crate::support::http::Request;
use crate::support::server::{Server, USERS, key, link, merged, user};

pub(crate) const PROPERTIES: &str = "Systems_Bpm_CustomProperties";
pub(crate) const ALLOWED: &str = "Systems_Bpm_CustomPropertyAllowedValues";
pub(crate) const VALUES: &str = "Systems_Bpm_CustomPropertyValues";
pub(crate) const COLOR: &str = "CustomProperty_color";

/// Defines a property of users; its address.
pub(crate) fn define(server: &Server, code: &str, more: Value) -> String {
    let body = json!({"Code": code, "EntityName": "Sec_Users", "Name": {"EN": code}});
    server.create(PROPERTIES, &merged(body, more))
}

/// Adds an allowed value; its key.
pub(crate) fn allow(server: &Server, property: &str, value: &str, more: Value) -> String {
    let body = json!({"Property": link(property), "PropertyAllowedValueField": value});
    let address = server.create(ALLOWED, &merged(body, more));
    key(&address).to_owned()
}

/// Lets the definitions show up in the model.
pub(crate) fn reset(server: &Server) {
    resets(server).expect(204);
}

pub(crate) fn resets(server: &Server) -> Request {
    Request::new(server.address, "POST", "/api/domain/reset")
}

/// A server whose users have a color.
pub(crate) fn colored(kind: crate::support::server::Kind) -> Server {
    let server = kind.server();
    define(&server, "color", json!({}));
    reset(&server);
    server
}

/// A user with a color; the address.
pub(crate) fn painted(server: &Server, login: &str, color: &str) -> String {
    server.user_with(login, json!({COLOR: {"Value": color}}))
}

/// The color of a user.
pub(crate) fn color(server: &Server, address: &str) -> Value {
    server.stored(address, COLOR)
}

/// A value without more.
pub(crate) fn bare(value: &str) -> Value {
    json!({"Value": value, "ValueId": null, "Description": null})
}

/// The logins at an address.
pub(crate) fn logins(server: &Server, query: &str) -> Vec<String> {
    let rows = server.rows(&format!("{USERS}?{query}&$orderby=Login&$select=Login"));
    let logins = rows
        .iter()
        .map(|row| row["Login"].as_str().unwrap().to_owned());
    logins.collect()
}

/// Somebody who has signed in.
pub(crate) struct Person {
    pub(crate) address: String,
    header: String,
}

impl Person {
    /// A new user without any right.
    pub(crate) fn new(server: &Server, login: &str) -> Self {
        let address = server.create(USERS, &user(login));
        let id = key(&address).parse().unwrap();
        let now = Timestamp::now();
        let opened = server
            .service
            .open_session(id, Way::Session, None, Scopes::ALL, now);
        let header = format!("ErpSession {}", opened.unwrap().id);
        Self { address, header }
    }

    /// The same request, from this person.
    pub(crate) fn asks(&self, request: Request) -> Request {
        request
            .anonymous()
            .header("Authorization", self.header.as_str())
    }

    /// Gives a right on a set, in a role of its own.
    pub(crate) fn may(&self, server: &Server, set: &str, rights: &Value) {
        let role = json!({"Name": format!("{set} {rights}")});
        let role = server.create("Systems_Security_Roles", &role);
        server.create(
            "Systems_Security_RoleUsers",
            &json!({"User": link(&self.address), "Role": link(&role)}),
        );
        let permission = json!({"EntitySet": set, "Role": link(&role)});
        server.create("Ext_EntityPermissions", &merged(permission, rights.clone()));
    }
}
