//! R35716: every user needs a password, but virtual users and those of applications (S1-73).

use super::USERS;
use crate::diag::Result;
use crate::rules::{Case, Refusal, Rule, Verdict, View};
use crate::value::Value;

/// The types that need none.
const EXEMPT: &[&str] = &["VirtualUserNoLogin", "ApplicationUserNoLogin"];

/// See the module.
#[derive(Debug)]
pub(super) struct PasswordRequiredExceptVirtualAndApplicationUsers;

impl Rule for PasswordRequiredExceptVirtualAndApplicationUsers {
    fn code(&self) -> &'static str {
        "R35716"
    }

    fn about(&self) -> &'static str {
        "every user needs a password, but virtual users and those of applications"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        let user_type = case.after.member("UserType").unwrap_or_default();
        if *case.after.value("Password") != Value::Null || EXEMPT.contains(&user_type) {
            return Ok(Verdict::Ignore);
        }
        let login = case.after.text("Login").unwrap_or_default();
        Ok(Verdict::Refuse(
            Refusal::of(&["Password", "UserType"])
                .with("Login", login)
                .with("UserType", user_type),
        ))
    }
}
