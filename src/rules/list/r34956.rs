//! R34956: external and virtual users cannot be administrators, neither by their flag nor as
//! members of a group of administrators (S1-72).

use uuid::Uuid;

use super::{GROUPS, USER_GROUPS, USERS};
use crate::diag::Result;
use crate::rules::{Case, Facts, Refusal, Rule, Verdict, View, Where};
use crate::value::Value;

/// The types that may not be administrators.
const BARRED: &[&str] = &["ExternalCommunityUser", "VirtualUserNoLogin"];

/// The type of groups of administrators, as the database has it.
const ADMINISTRATORS: &str = "A";

/// See the module.
#[derive(Debug)]
pub(super) struct ExternalAndVirtualUsersCannotBeAdmin;

impl Rule for ExternalAndVirtualUsersCannotBeAdmin {
    fn code(&self) -> &'static str {
        "R34956"
    }

    fn about(&self) -> &'static str {
        "external and virtual users cannot be administrators, neither by their flag nor through a group"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS, USER_GROUPS]
    }

    fn look(&self, case: &Case<'_>, view: &mut View<'_, '_>) -> Result<Verdict> {
        if case.after.entity.name == USERS {
            return of_user(case.after, case.id, view);
        }
        let Some(user) = case.after.reference("User") else {
            return Ok(Verdict::Ignore);
        };
        // A user who changes too is looked at with all groups.
        if view.is_touched(USERS, user) {
            return Ok(Verdict::Ignore);
        }
        let Some(item) = view.get(USERS, user)? else {
            return Ok(Verdict::Ignore);
        };
        let facts = item.facts();
        let group = case.after.reference("Group");
        match (barred(facts), group) {
            (Some(user_type), Some(group)) if administrates(group, view)? => {
                Ok(refuse(&["Group"], facts, user_type))
            }
            (Some(_) | None, Some(_) | None) => Ok(Verdict::Ignore),
        }
    }
}

fn of_user(facts: Facts<'_>, id: Uuid, view: &mut View<'_, '_>) -> Result<Verdict> {
    let Some(user_type) = barred(facts) else {
        return Ok(Verdict::Ignore);
    };
    if facts.flag("IsAdmin") {
        return Ok(refuse(&["IsAdmin", "UserType"], facts, user_type));
    }
    let memberships = view.find(USER_GROUPS, &[Where::At("User", id)])?;
    let mut groups = memberships
        .iter()
        .filter_map(|m| m.facts().reference("Group"));
    if memberships.is_empty() {
        return Ok(Verdict::Ignore);
    }
    // One look, however many groups the user is in.
    let administrators = Value::Text(ADMINISTRATORS.to_owned());
    let administrators = view.find(GROUPS, &[Where::Is("GroupType", administrators)])?;
    if groups.any(|group| administrators.iter().any(|a| a.id == group)) {
        return Ok(refuse(&["UserType", "Groups"], facts, user_type));
    }
    Ok(Verdict::Ignore)
}

fn barred(facts: Facts<'_>) -> Option<&str> {
    facts.member("UserType").filter(|t| BARRED.contains(t))
}

fn administrates(group: Uuid, view: &mut View<'_, '_>) -> Result<bool> {
    let group = view.get(GROUPS, group)?;
    Ok(group.is_some_and(|g| g.facts().member("GroupType") == Some("Administrators")))
}

fn refuse(properties: &[&'static str], facts: Facts<'_>, user_type: &str) -> Verdict {
    let login = facts.text("Login").unwrap_or_default();
    Verdict::Refuse(
        Refusal::of(properties)
            .with("Login", login)
            .with("UserType", user_type),
    )
}
