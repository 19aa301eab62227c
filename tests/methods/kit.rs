//! People who call, and what they call.

use serde_json::{Value, json};

pub(crate) use crate::support::person::Person;
use crate::support::server::Server;

pub(crate) const NOTIFICATIONS: &str = "Systems_Core_Notifications";

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
