//! A telephone number that changes is not confirmed any more: our addition, after R35969 (S1-38).

use super::USERS;
use crate::diag::Result;
use crate::rules::{Amendment, Case, Rule, Verdict, View};
use crate::value::Value;

/// See the module.
#[derive(Debug)]
pub(super) struct PhoneConfirmation;

impl Rule for PhoneConfirmation {
    fn code(&self) -> &'static str {
        "PhoneConfirmation"
    }

    fn about(&self) -> &'static str {
        "a telephone number that changes is not confirmed any more"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        // A change that says so itself knows better.
        if !case.changes("PhoneNumber") || case.changes("PhoneNumberConfirmed") {
            return Ok(Verdict::Ignore);
        }
        let reset = Amendment::Set("PhoneNumberConfirmed", Value::Boolean(false));
        Ok(Verdict::Change(vec![reset]))
    }
}
