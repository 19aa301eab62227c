//! The select list of context URLs: what rows have, as the request chose it.

use crate::plan::{Expand, ExpandBody, GroupMember, GroupShape, GroupValue, Shape};

use super::style::Control;

/// The list, such as `Login,Groups(Id)`, in the version of names of control information; nothing
/// where rows have what they have without `$select` and `$expand`.
///
/// From OData 4.01 on, it names whatever is expanded (Part 1, section 10.10). Clients of 4.0 do not
/// know `Groups()`: what is expanded whole is not said to them.
pub(super) fn select_list(shape: &Shape, control: Control) -> Option<String> {
    let list = match &shape.groups {
        Some(groups) => of_groups(groups, &shape.expands, control),
        None => of_entities(shape, control),
    };
    // `Set()` is refused by clients: an empty list is left out.
    (!list.is_empty()).then_some(list)
}

fn of_entities(shape: &Shape, control: Control) -> String {
    let mut parts = shape.selected.clone().unwrap_or_default();
    for expand in &shape.expands {
        match control {
            Control::Prefixed => {
                if let Some(inner) = select_list(&expand.shape, control) {
                    parts.retain(|part| *part != expand.label);
                    parts.push(format!("{}({inner})", expand.label));
                }
            }
            // A name that is selected stays: `(Groups())` alone would mean all properties.
            Control::Bare => parts.extend(expanded(expand, control)),
        }
    }
    parts.join(",")
}

/// What is expanded, for clients of 4.01: addresses and numbers are not in the list, nor the levels
/// below the first, which a plus sign stands for.
fn expanded(expand: &Expand, control: Control) -> Option<String> {
    match expand.body {
        ExpandBody::Entities if !expand.again => {}
        ExpandBody::Entities | ExpandBody::Links | ExpandBody::Count => return None,
    }
    let inner = select_list(&expand.shape, control).unwrap_or_default();
    let mut below = expand.shape.expands.iter();
    let plus = if below.any(|expand| expand.again) {
        "+"
    } else {
        ""
    };
    Some(format!("{}{plus}({inner})", expand.label))
}

/// `UserType,User(Login),N`; an expanded reference with its own list.
fn of_groups(groups: &GroupShape, expands: &[Expand], control: Control) -> String {
    let named = |member: &GroupMember| {
        let mut path = member.path.clone();
        let expand = match member.value {
            GroupValue::Expanded(number) => expands.get(number),
            GroupValue::Value(..)
            | GroupValue::Link(_)
            | GroupValue::Decimal
            | GroupValue::Date => None,
        };
        if let (Some(name), Some(expand)) = (path.last_mut(), expand) {
            name.push_str(&behind(expand, control));
        }
        path
    };
    let paths: Vec<Vec<String>> = groups.members.iter().map(named).collect();
    let paths: Vec<&[String]> = paths.iter().map(Vec::as_slice).collect();
    listed(&paths)
}

/// What follows the name of an expanded reference of groups.
fn behind(expand: &Expand, control: Control) -> String {
    match expand.body {
        ExpandBody::Links => "/$ref".to_owned(),
        ExpandBody::Entities | ExpandBody::Count => {
            let inner = select_list(&expand.shape, control);
            format!("({})", inner.unwrap_or_default())
        }
    }
}

/// Paths, those inside one object together.
fn listed(paths: &[&[String]]) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = paths;
    while let Some((first, after)) = rest.split_first() {
        let Some((name, inside)) = first.split_first() else {
            rest = after;
            continue;
        };
        if inside.is_empty() {
            parts.push(name.clone());
            rest = after;
            continue;
        }
        let same = |path: &&&[String]| path.first() == Some(name);
        let together = rest.iter().take_while(same).count().max(1);
        let (these, others) = rest.split_at_checked(together).unwrap_or((rest, &[]));
        let inner: Vec<&[String]> = these.iter().filter_map(|path| path.get(1..)).collect();
        parts.push(format!("{name}({})", listed(&inner)));
        rest = others;
    }
    parts.join(",")
}
