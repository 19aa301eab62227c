//! R33153: administrators are told of a new community user without a person (S1-70).

use super::{NOTIFICATIONS, USERS};
use crate::diag::Result;
use crate::rules::{Amendment, Case, Rule, Verdict, View, Where, message};
use crate::value::{Language, Value};

/// The class of the notifications.
const CLASS: &str = "NT_NEW_COMMUNITY_USER";

/// See the module.
#[derive(Debug)]
pub(super) struct NotifyAdminsOnCommunityUserCreation;

impl Rule for NotifyAdminsOnCommunityUserCreation {
    fn code(&self) -> &'static str {
        "R33153"
    }

    fn about(&self) -> &'static str {
        "active administrators are told of a new community user without a person"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS]
    }

    fn look(&self, case: &Case<'_>, view: &mut View<'_, '_>) -> Result<Verdict> {
        let community = case.after.member("UserType") == Some("ExternalCommunityUser");
        if !case.is_new() || !community || case.after.reference("Person").is_some() {
            return Ok(Verdict::Ignore);
        }
        let login = case.after.text("Login").unwrap_or_default();
        let yes = || Value::Boolean(true);
        let wanted = [Where::Is("IsAdmin", yes()), Where::Is("Active", yes())];
        let admins = view.find(USERS, &wanted)?;
        let notifications = admins.iter().map(|admin| {
            // Each reads it in their own language.
            let language = admin
                .facts()
                .text("DefaultLanguage")
                .and_then(Language::parse);
            let text = message::text(self.code(), &language.unwrap_or_default());
            let subject =
                message::fill(text.unwrap_or(self.about()), &[("Login", login.to_owned())]);
            Amendment::Create(
                NOTIFICATIONS,
                vec![
                    ("User", Value::Guid(admin.id)),
                    ("NotificationClass", Value::Text(CLASS.to_owned())),
                    ("Subject", Value::Text(subject)),
                    ("DataObject", Value::Guid(case.id)),
                ],
            )
        });
        Ok(Verdict::Change(notifications.collect()))
    }
}
