//! R35312: the class of a notification has its form.

use std::sync::OnceLock;

use regex_lite::Regex;

use super::NOTIFICATIONS;
use crate::diag::{Code, Problem, Result};
use crate::rules::{Case, Refusal, Rule, Verdict, View};

/// Prefix, scope, classification.
const FORM: &str = "^(USR|NT)_[A-Z][A-Z_]*[A-Z]_[A-Za-z0-9_./+ -]+$";

/// See the module.
#[derive(Debug)]
pub(super) struct ValidateNotificationClass;

impl Rule for ValidateNotificationClass {
    fn code(&self) -> &'static str {
        "R35312"
    }

    fn about(&self) -> &'static str {
        "the class of a notification is `USR` or `NT`, a scope in capitals and a classification"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[NOTIFICATIONS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        static COMPILED: OnceLock<Option<Regex>> = OnceLock::new();
        let form = COMPILED.get_or_init(|| Regex::new(FORM).ok()).as_ref();
        let form = form.ok_or_else(|| Problem::new(Code::Internal, "a pattern is no pattern"))?;
        let class = case.after.text("NotificationClass").unwrap_or_default();
        if form.is_match(class) {
            return Ok(Verdict::Ignore);
        }
        Ok(Verdict::Refuse(
            Refusal::of(&["NotificationClass"]).with("NotificationClass", class),
        ))
    }
}
