//! R35969: an e-mail address that changes is not confirmed any more (S1-74).

use super::USERS;
use crate::diag::Result;
use crate::rules::{Amendment, Case, Rule, Verdict, View};
use crate::value::Value;

/// See the module.
#[derive(Debug)]
pub(super) struct SetEmailConfirmedToFalseOnEmailChange;

impl Rule for SetEmailConfirmedToFalseOnEmailChange {
    fn code(&self) -> &'static str {
        "R35969"
    }

    fn about(&self) -> &'static str {
        "an e-mail address that changes is not confirmed any more"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        if !case.changes("Email") {
            return Ok(Verdict::Ignore);
        }
        let reset = Amendment::Set("EmailConfirmed", Value::Boolean(false));
        Ok(Verdict::Change(vec![reset]))
    }
}
