//! `$filter`.

use super::super::ast::Node;
use super::super::expr::expected_expression;
use super::super::input::{Cx, Parsed, blanks};

/// `filter = ( "$filter" / "filter" ) EQ boolCommonExpr`
pub(super) fn filter<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    expected_expression(cx, blanks(i), "a condition")
}
