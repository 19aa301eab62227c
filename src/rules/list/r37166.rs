//! R37166: system groups do not change.

use super::GROUPS;
use crate::diag::Result;
use crate::rules::{Case, Refusal, Rule, Verdict, View};

/// See the module.
#[derive(Debug)]
pub(super) struct SystemGroupUpdateNotAllowed;

impl Rule for SystemGroupUpdateNotAllowed {
    fn code(&self) -> &'static str {
        "R37166"
    }

    fn about(&self) -> &'static str {
        "system groups do not change"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[GROUPS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        let normal = case.after.member("GroupType") == Some("NormalUserDefinableGroup");
        if case.is_new() || normal {
            return Ok(Verdict::Ignore);
        }
        let name = case.after.shown("Name", case.language);
        Ok(Verdict::Refuse(
            Refusal::of(&["GroupType"]).with("Name", name),
        ))
    }
}
