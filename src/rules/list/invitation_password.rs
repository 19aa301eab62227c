//! An invitation gets a password that nobody knows, until it is accepted: R35716 wants one, and
//! whoever is invited has none yet (`docs/API-DESIGN.md, *Passwords*`).

use super::USERS;
use crate::diag::Result;
use crate::rules::{Amendment, Case, Rule, Verdict, View};
use crate::value::Value;

/// The types of users who have not accepted yet.
const INVITED: &[&str] = &["InvitationInternalNoLogin", "InvitationExternalNoLogin"];

/// See the module.
#[derive(Debug)]
pub(super) struct InvitationPassword;

impl Rule for InvitationPassword {
    fn code(&self) -> &'static str {
        "InvitationPassword"
    }

    fn about(&self) -> &'static str {
        "an invitation gets a password that nobody knows, until it is accepted"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS]
    }

    fn look(&self, case: &Case<'_>, view: &mut View<'_, '_>) -> Result<Verdict> {
        let invited = case
            .after
            .member("UserType")
            .is_some_and(|t| INVITED.contains(&t));
        if !case.is_new() || !invited || *case.after.value("Password") != Value::Null {
            return Ok(Verdict::Ignore);
        }
        Ok(Verdict::Change(vec![
            Amendment::Set("Password", Value::Text(view.unusable_password()?)),
            Amendment::Set("PasswordFormat", Value::Text("AN3".to_owned())),
        ]))
    }
}
