//! `$expand`.

use super::super::ast::{ExpandItem, ExpandSuffix, ExpandTarget, Name};
use super::super::input::{Cx, Parsed, blanks, is_inner, refuse};
use super::select::step;
use super::{Place, nested};
use crate::diag::At;

/// `expand = ( "$expand" / "expand" ) EQ expandItem *( COMMA expandItem )`
pub(super) fn expand<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Vec<At<ExpandItem>>> {
    let mut i = blanks(i);
    let mut items = Vec::new();
    loop {
        cx.room(i, items.len())?;
        let (rest, read) = item(cx, i)?;
        items.push(cx.at(i, rest, read));
        match blanks(rest).strip_prefix(',') {
            Some(next) => i = blanks(next),
            None => return Ok((rest, items)),
        }
    }
}

/// `expandItem = "$value" / expandPath / optionallyQualifiedEntityTypeName "/" expandPath`
fn item<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, ExpandItem> {
    let (rest, target) = target(cx, i)?;
    let start = rest;
    let (rest, suffix) = suffix(cx, rest)?;
    let star = is_star(&target);
    if star && suffix == ExpandSuffix::Count {
        let problem = cx.syntax(start, "only `/$ref` may follow `*`");
        return Err(refuse(problem.at(cx.span(start, rest))));
    }
    let place = match suffix {
        ExpandSuffix::None | ExpandSuffix::Ref | ExpandSuffix::Count if star => Place::ExpandStar,
        ExpandSuffix::Ref => Place::ExpandRef,
        ExpandSuffix::Count => Place::ExpandCount,
        ExpandSuffix::None => Place::Expand,
    };
    if !rest.starts_with('(') {
        return Ok((
            rest,
            ExpandItem {
                target,
                suffix,
                options: None,
            },
        ));
    }
    let (rest, options) = nested(cx, rest, place)?;
    Ok((
        rest,
        ExpandItem {
            target,
            suffix,
            options: Some(Box::new(options)),
        },
    ))
}

/// `*`, alone or at the end of a path.
fn is_star(target: &ExpandTarget) -> bool {
    match target {
        ExpandTarget::Star => true,
        ExpandTarget::Value => false,
        ExpandTarget::Path(steps) => steps.last().is_some_and(|step| step.node.name == "*"),
    }
}

/// `*`, `$value`, or a path of names.
fn target<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, ExpandTarget> {
    if let Some(rest) = i.strip_prefix('*') {
        return Ok((rest, ExpandTarget::Star));
    }
    if let Some(rest) = i
        .strip_prefix("$value")
        .filter(|rest| !rest.starts_with(is_inner))
    {
        return Ok((rest, ExpandTarget::Value));
    }
    let (mut rest, first) = step(cx, i, "a reference or a collection to expand")?;
    let mut steps: Vec<At<Name>> = vec![first];
    while let Some(next) = rest.strip_prefix('/').filter(|next| !next.starts_with('$')) {
        let (after, name) = match next.strip_prefix('*') {
            // `( complexProperty / … ) "/" expandPath`, the latter being `*`.
            Some(after) => {
                let star = Name {
                    namespace: String::new(),
                    name: "*".to_owned(),
                };
                (after, cx.at(next, after, star))
            }
            None => step(cx, next, "a name after `/`")?,
        };
        steps.push(name);
        rest = after;
    }
    Ok((rest, ExpandTarget::Path(steps)))
}

/// `ref = %s"/$ref"`, `count = %s"/$count"`, or nothing.
fn suffix<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, ExpandSuffix> {
    let Some(word) = i.strip_prefix("/$") else {
        return Ok((i, ExpandSuffix::None));
    };
    let rest = word.trim_start_matches(is_inner);
    match word.get(..word.len() - rest.len()).unwrap_or_default() {
        "ref" => Ok((rest, ExpandSuffix::Ref)),
        "count" => Ok((rest, ExpandSuffix::Count)),
        _ => {
            let problem = cx.syntax(i, "only `/$ref` and `/$count` may follow what is expanded");
            Err(refuse(problem.at(cx.span(i, rest))))
        }
    }
}
