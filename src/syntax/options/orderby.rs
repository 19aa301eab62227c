//! `$orderby`.

use super::super::ast::OrderItem;
use super::super::expr::expected_expression;
use super::super::input::{Cx, Parsed, blanks, is_inner};

/// `orderby = ( "$orderby" / "orderby" ) EQ orderbyItem *( COMMA orderbyItem )`
pub(super) fn orderby<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Vec<OrderItem>> {
    let mut i = blanks(i);
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

/// `orderbyItem = commonExpr [ RWS ( "asc" / "desc" ) ]`
fn item<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, OrderItem> {
    let (rest, expression) = expected_expression(cx, i, "a property to order by")?;
    let start = blanks(rest);
    let after = start.trim_start_matches(is_inner);
    let word = start.get(..start.len() - after.len()).unwrap_or_default();
    let (rest, descending) = if word.eq_ignore_ascii_case("desc") {
        (after, true)
    } else if word.eq_ignore_ascii_case("asc") {
        (after, false)
    } else {
        (rest, false)
    };
    Ok((
        rest,
        OrderItem {
            expression,
            descending,
        },
    ))
}
