//! R37154: the name of a group has no angle brackets, in no language.

use super::GROUPS;
use crate::diag::Result;
use crate::rules::{Case, Refusal, Rule, Verdict, View};

/// See the module.
#[derive(Debug)]
pub(super) struct CheckForInvalidSymbols;

impl Rule for CheckForInvalidSymbols {
    fn code(&self) -> &'static str {
        "R37154"
    }

    fn about(&self) -> &'static str {
        "the name of a group has no angle brackets"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[GROUPS]
    }

    fn look(&self, case: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        if case.after.member("GroupType") != Some("NormalUserDefinableGroup") {
            return Ok(Verdict::Ignore);
        }
        let names = case.after.texts("Name");
        let bad = names.iter().find(|(_, name)| name.contains(['<', '>']));
        let Some((_, name)) = bad else {
            return Ok(Verdict::Ignore);
        };
        Ok(Verdict::Refuse(Refusal::of(&["Name"]).with("Name", name)))
    }
}
