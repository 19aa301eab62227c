//! `$select`.

use super::super::ast::{Name, SelectItem};
use super::super::input::{Cx, Parsed, blanks};
use super::super::name::{identifier, qualified, term};
use super::{Place, nested};
use crate::diag::At;

/// `select = ( "$select" / "select" ) EQ selectItem *( COMMA selectItem )`
pub(super) fn select<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Vec<At<SelectItem>>> {
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

/// `selectItem = STAR / allOperationsInSchema / selectProperty / …`, and the vendor's `default`
fn item<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, SelectItem> {
    if let Some(rest) = i.strip_prefix('*') {
        return Ok((rest, SelectItem::Star));
    }
    let (rest, first) = step(cx, i, "a property, `*` or `default`")?;
    // `allOperationsInSchema = namespace "." STAR`
    if let Some(after) = rest.strip_prefix(".*") {
        let text = i.get(..i.len() - rest.len()).unwrap_or_default();
        return Ok((after, SelectItem::Operations(text.to_owned())));
    }
    let mut steps = vec![first];
    let rest = further_steps(cx, rest, &mut steps)?.0;
    if let [only] = steps.as_slice()
        && only.node.namespace.is_empty()
        && only.node.name == "default"
        && !rest.starts_with('(')
    {
        return Ok((rest, SelectItem::Default));
    }
    let Some(inside) = rest.strip_prefix('(') else {
        return Ok((
            rest,
            SelectItem::Path {
                steps,
                options: None,
            },
        ));
    };
    if let Some((rest, parameters)) = parameter_names(cx, inside) {
        return Ok((rest, SelectItem::Function { steps, parameters }));
    }
    let (rest, options) = nested(cx, rest, Place::Select)?;
    Ok((
        rest,
        SelectItem::Path {
            steps,
            options: Some(Box::new(options)),
        },
    ))
}

/// `*( "/" step )`
fn further_steps<'a>(cx: Cx<'_>, i: &'a str, steps: &mut Vec<At<Name>>) -> Parsed<'a, ()> {
    let mut i = i;
    while let Some(next) = i.strip_prefix('/') {
        let (rest, name) = step(cx, next, "a name after `/`")?;
        steps.push(name);
        i = rest;
    }
    Ok((i, ()))
}

/// A property, a cast, an operation, or `annotationInQuery`, which keeps its `@`.
pub(super) fn step<'a>(cx: Cx<'_>, i: &'a str, wanted: &str) -> Parsed<'a, At<Name>> {
    let read = match i.strip_prefix('@') {
        Some(after_at) => term(cx, after_at).map(|(rest, mut name)| {
            let part = if name.namespace.is_empty() {
                &mut name.name
            } else {
                &mut name.namespace
            };
            part.insert(0, '@');
            (rest, name)
        }),
        None => qualified(cx, i),
    };
    match read {
        Ok((rest, name)) => Ok((rest, cx.at(i, rest, name))),
        Err(nom::Err::Failure(fault)) => Err(nom::Err::Failure(fault)),
        Err(nom::Err::Error(_) | nom::Err::Incomplete(_)) => Err(cx.expected(i, wanted)),
    }
}

/// `parameterNames = parameterName *( COMMA parameterName )`, then `)`; nothing where an option
/// begins.
fn parameter_names<'a>(cx: Cx<'_>, i: &'a str) -> Option<(&'a str, Vec<At<String>>)> {
    let mut i = blanks(i);
    let mut names = Vec::new();
    loop {
        let (rest, name) = identifier(cx, i).ok()?;
        names.push(cx.at(i, rest, name.to_owned()));
        let rest = blanks(rest);
        if let Some(rest) = rest.strip_prefix(')') {
            return Some((rest, names));
        }
        i = blanks(rest.strip_prefix(',')?);
    }
}
