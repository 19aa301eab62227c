//! `$compute`.

use super::super::ast::ComputeItem;
use super::super::expr::expected_expression;
use super::super::input::{Cx, Parsed, blanks};
use super::super::name::identifier;
use super::super::operand::keyword;

/// `compute = ( "$compute" / "compute" ) EQ computeItem *( COMMA computeItem )`
pub(super) fn compute<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Vec<ComputeItem>> {
    let mut i = blanks(i);
    let mut items = Vec::new();
    loop {
        let most = cx.limits.computed;
        cx.room_for(i, items.len(), (most, "`$compute` is too long", "values"))?;
        let (rest, item) = item(cx, i)?;
        items.push(item);
        match blanks(rest).strip_prefix(',') {
            Some(next) => i = blanks(next),
            None => return Ok((rest, items)),
        }
    }
}

/// `computeItem = commonExpr RWS "as" RWS computedProperty`
fn item<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, ComputeItem> {
    let (rest, expression) = expected_expression(cx, i, "an expression")?;
    let start = blanks(rest);
    let after = keyword(start, "as").filter(|_| start.len() < rest.len());
    let name = blanks(after.ok_or_else(|| cx.expected(start, "`as` and a name"))?);
    let (rest, text) = identifier(cx, name).map_err(|_| cx.expected(name, "a name after `as`"))?;
    let name = cx.at(name, rest, text.to_owned());
    Ok((rest, ComputeItem { expression, name }))
}
