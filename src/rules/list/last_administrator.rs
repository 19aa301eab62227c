//! The last active administrator stays: nobody could let anybody in any more (product decision,
//! `docs/SECURITY.md`).

use uuid::Uuid;

use super::{GROUPS, USER_GROUPS, USERS};
use crate::diag::Result;
use crate::rules::{Case, Facts, Loss, Refusal, Rule, Verdict, View, Where};
use crate::value::Value;

/// The type of groups of administrators, as the database has it.
const ADMINISTRATORS: &str = "A";

/// The counter whose lock lets such changes through one after the other: two at once could each
/// leave the other's administrator as the last.
const COUNTER: &str = "administrators";

/// See the module.
#[derive(Debug)]
pub(super) struct LastAdministrator;

impl Rule for LastAdministrator {
    fn code(&self) -> &'static str {
        "LastAdministrator"
    }

    fn about(&self) -> &'static str {
        "the last active administrator cannot be deleted, demoted, deactivated or made another type"
    }

    fn entities(&self) -> &'static [&'static str] {
        &[USERS, USER_GROUPS]
    }

    fn look(&self, _: &Case<'_>, _: &mut View<'_, '_>) -> Result<Verdict> {
        Ok(Verdict::Ignore)
    }

    fn finish(&self, view: &mut View<'_, '_>) -> Result<Option<(usize, Refusal)>> {
        let mut lost = None;
        for change in view.losses(&[USERS, USER_GROUPS]) {
            if takes_away(&change, view)? {
                lost = Some(change);
                break;
            }
        }
        let Some(change) = lost else {
            return Ok(None);
        };
        view.one_at_a_time(COUNTER)?;
        if somebody_is_left(view)? {
            return Ok(None);
        }
        Ok(Some((change.place, Refusal::of(&[property(&change)]))))
    }
}

/// Whether a change takes an administrator away.
fn takes_away(change: &Loss<'_>, view: &mut View<'_, '_>) -> Result<bool> {
    let before = change.before;
    if before.entity.name != USERS {
        let same = |name| {
            let after = change.after.and_then(|after| after.reference(name));
            after == before.reference(name)
        };
        if same("User") && same("Group") {
            return Ok(false);
        }
        let (user, group) = (before.reference("User"), before.reference("Group"));
        let (Some(user), Some(group)) = (user, group) else {
            return Ok(false);
        };
        let user = view.stored(USERS, user)?;
        return Ok(user.is_some_and(|u| can_act(u.facts())) && administrates(group, view)?);
    }
    if !can_act(before) {
        return Ok(false);
    }
    let stays = change.after.filter(|after| can_act(*after));
    if before.flag("IsAdmin") {
        return Ok(!stays.is_some_and(|after| after.flag("IsAdmin")));
    }
    if stays.is_some() || change.after.is_none() {
        // Whoever is deleted leaves their groups, which is a change of its own.
        return Ok(false);
    }
    member_of_administrators(change.id, view)
}

fn administrates(group: Uuid, view: &mut View<'_, '_>) -> Result<bool> {
    let group = view.stored(GROUPS, group)?;
    Ok(group.is_some_and(|g| g.facts().member("GroupType") == Some("Administrators")))
}

fn member_of_administrators(user: Uuid, view: &mut View<'_, '_>) -> Result<bool> {
    for membership in view.find(USER_GROUPS, &[Where::At("User", user)])? {
        if let Some(group) = membership.facts().reference("Group")
            && administrates(group, view)?
        {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Whether an administrator who may sign in by hand will be there.
fn somebody_is_left(view: &mut View<'_, '_>) -> Result<bool> {
    let marked = [Where::Is("IsAdmin", Value::Boolean(true))];
    if view
        .find(USERS, &marked)?
        .iter()
        .any(|user| can_act(user.facts()))
    {
        return Ok(true);
    }
    let administrators = Value::Text(ADMINISTRATORS.to_owned());
    for group in view.find(GROUPS, &[Where::Is("GroupType", administrators)])? {
        for membership in view.find(USER_GROUPS, &[Where::At("Group", group.id)])? {
            let Some(user) = membership.facts().reference("User") else {
                continue;
            };
            if view
                .get(USERS, user)?
                .is_some_and(|user| can_act(user.facts()))
            {
                return Ok(true);
            }
        }
    }
    Ok(false)
}

/// Whether a user may sign in by hand.
fn can_act(user: Facts<'_>) -> bool {
    user.flag("Active") && user.member("UserType") == Some("InternalUser")
}

/// What is at fault.
fn property(change: &Loss<'_>) -> &'static str {
    let (before, after) = (change.before, change.after);
    let changed = |name: &str| after.is_some_and(|after| after.value(name) != before.value(name));
    let mut properties = ["IsAdmin", "Active", "UserType"].into_iter();
    let found = properties.find(|name| changed(name));
    found.unwrap_or(if before.entity.name == USERS {
        "Id"
    } else {
        "Group"
    })
}
