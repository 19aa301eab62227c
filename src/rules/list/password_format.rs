//! The format of a stored password does not change without it: its hash could not be read any more
//! (S1-37).

use super::USERS;
use crate::diag::Result;
use crate::rules::{Case, Refusal, Rule, Verdict, View};
use crate::value::Value;

/// See the module.
#[derive(Debug)]
pub(super) struct PasswordFormatFixed;

impl Rule for PasswordFormatFixed {
    fn code(&self) -> &'static str {
        "PasswordFormatFixed"
    }

    fn about(&self) -> &'static str {
        "the format of a stored password does not change without it"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        let stored = *case.after.value("Password") != Value::Null;
        if !stored || !case.changes("PasswordFormat") || case.changes("Password") {
            return Ok(Verdict::Ignore);
        }
        let login = case.after.text("Login").unwrap_or_default();
        Ok(Verdict::Refuse(
            Refusal::of(&["PasswordFormat"]).with("Login", login),
        ))
    }
}
