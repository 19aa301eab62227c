//! People who call, and what they call.

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use crate::support::http::Request;
use crate::support::server::{Server, USERS, key, link, merged, user};

pub(crate) const NOTIFICATIONS: &str = "Systems_Core_Notifications";

/// Somebody who has signed in.
pub(crate) struct Person {
    /// The address of the user.
    pub(crate) address: String,
    header: String,
}

impl Person {
    /// A new user without any right.
    pub(crate) fn new(server: &Server, login: &str) -> Self {
        let address = server.create(USERS, &user(login));
        Self::of(server, address, Scopes::ALL)
    }

    /// A user that is there.
    pub(crate) fn of(server: &Server, address: String, scopes: Scopes) -> Self {
        let id = key(&address).parse().unwrap();
        let now = Timestamp::now();
        let opened = server
            .service
            .open_session(id, Way::Session, None, scopes, now);
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
        server.create(
            "Ext_EntityPermissions",
            &merged(
                json!({"EntitySet": set, "Role": link(&role)}),
                rights.clone(),
            ),
        );
    }
}

/// The body of a notification.
pub(crate) fn notification(to: &str, subject: &str) -> Value {
    json!({
        "user": {"@odata.id": to},
        "notificationClass": "NT_SOC_NEW_POST",
        "subject": subject,
    })
}

/// What `CreateNotification` is called at.
pub(crate) fn notify(object: &str) -> String {
    format!("{object}/CreateNotification")
}

/// The notifications with a subject.
pub(crate) fn with_subject(server: &Server, subject: &str) -> Vec<Value> {
    let filter = format!("{NOTIFICATIONS}?$filter=Subject eq '{subject}'&$select=default,Id");
    server.rows(&filter)
}
