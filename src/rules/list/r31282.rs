//! R31282: a membership in a system group stays one of that group.

use super::{GROUPS, USER_GROUPS};
use crate::diag::Result;
use crate::rules::{Case, Refusal, Rule, Verdict, View};

/// The types of groups whose members stay.
const FIXED: &[&str] = &["Administrators", "Everybody", "SystemGroupForOneUser"];

/// See the module.
#[derive(Debug)]
pub(super) struct CannotChangeSystemGroup;

impl Rule for CannotChangeSystemGroup {
    fn code(&self) -> &'static str {
        "R31282"
    }

    fn about(&self) -> &'static str {
        "a membership in a system group stays one of that group"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USER_GROUPS]
    }

    fn look(&self, case: &Case<'_>, view: &mut View<'_, '_>) -> Result<Verdict> {
        let old = case.before.and_then(|before| before.reference("Group"));
        let Some(old) = old.filter(|old| case.after.reference("Group") != Some(*old)) else {
            return Ok(Verdict::Ignore);
        };
        let Some(group) = view.stored(GROUPS, old)? else {
            return Ok(Verdict::Ignore);
        };
        let facts = group.facts();
        if !facts
            .member("GroupType")
            .is_some_and(|t| FIXED.contains(&t))
        {
            return Ok(Verdict::Ignore);
        }
        let name = facts.shown("Name", case.language);
        Ok(Verdict::Refuse(
            Refusal::of(&["Group"]).with("Group.Name", name),
        ))
    }
}
