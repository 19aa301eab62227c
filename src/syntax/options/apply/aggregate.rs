//! The items of `aggregate`.

use super::super::super::ast::{AggregateFrom, AggregateItem, AggregateOf};
use super::super::super::expr::expected_expression;
use super::super::super::input::{Cx, Parsed, blanks, is_inner};
use super::super::super::name::{identifier, qualified};
use super::super::super::operand::keyword;
use crate::diag::At;

/// `aggregateExpr *( BWS COMMA BWS aggregateExpr )`
pub(super) fn items<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Vec<AggregateItem>> {
    let mut i = i;
    let mut items = Vec::new();
    loop {
        cx.room(i, items.len())?;
        let (rest, item) = item(cx, i)?;
        items.push(item);
        match blanks(rest).strip_prefix(',') {
            Some(next) => i = blanks(next),
            None => return Ok((rest, items)),
        }
    }
}

/// `aggregateExpr = ( "$count" / commonExpr [ RWS "with" RWS method *aggregateFrom ] )
/// [ RWS "as" RWS alias ]`
fn item<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, AggregateItem> {
    let count = i
        .strip_prefix("$count")
        .filter(|rest| !rest.starts_with(is_inner));
    let (rest, of) = match count {
        Some(rest) => (rest, AggregateOf::Count),
        None => {
            let (rest, expression) = expected_expression(cx, i, "what is aggregated")?;
            (rest, AggregateOf::Expression(expression))
        }
    };
    let (mut rest, method) = with(cx, rest)?;
    let mut from = Vec::new();
    while let Some(next) = after(rest, "from") {
        cx.room(next, from.len())?;
        let (end, by) = expected_expression(cx, next, "a property after `from`")?;
        let (end, method) = with(cx, end)?;
        from.push(AggregateFrom { by, method });
        rest = end;
    }
    let (rest, name) = match after(rest, "as") {
        Some(next) => {
            let (rest, text) =
                identifier(cx, next).map_err(|_| cx.expected(next, "a name after `as`"))?;
            (rest, Some(cx.at(next, rest, text.to_owned())))
        }
        None => (rest, None),
    };
    Ok((
        rest,
        AggregateItem {
            of,
            method,
            from,
            name,
        },
    ))
}

/// `[ RWS "with" RWS ( "sum" / "min" / … / qualified name ) ]`
fn with<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Option<At<super::super::super::ast::Name>>> {
    let Some(next) = after(i, "with") else {
        return Ok((i, None));
    };
    let (rest, name) =
        qualified(cx, next).map_err(|_| cx.expected(next, "a method such as `max`"))?;
    Ok((rest, Some(cx.at(next, rest, name))))
}

/// The text behind `RWS word RWS`, where it is there.
fn after<'a>(i: &'a str, word: &str) -> Option<&'a str> {
    let start = blanks(i);
    let rest = keyword(start, word).filter(|_| start.len() < i.len())?;
    (!rest.starts_with('(')).then(|| blanks(rest))
}
