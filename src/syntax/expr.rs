//! Expressions (ABNF section 4): operators and their precedence.
//!
//! The ABNF's `commonExpr` is read as one untyped language by one loop over a table of operators:
//! an expression grammar with one rule per level would read every operand once per level.

use super::ast::{BinaryOperator, Expr, LogicalOperator, Node, UnaryOperator};
use super::height;
use super::input::{Cx, Parsed, blanks, is_inner, refuse};
use super::operand::{self, operand};
use crate::diag::{At, Code, Problem, Span, may_be_a_slip};

/// An operator between two operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Infix {
    Logical(LogicalOperator),
    Binary(BinaryOperator),
    In,
}

/// How tightly an operator binds. OData 4.01 Part 2, 5.1.1.16: `has` and `in` before the unary
/// operators, those before `mul`, and so on.
pub(super) mod rank {
    pub(in super::super) const OR: u8 = 1;
    pub(in super::super) const AND: u8 = 2;
    pub(in super::super) const EQUALITY: u8 = 3;
    pub(in super::super) const RELATION: u8 = 4;
    pub(in super::super) const SUM: u8 = 5;
    pub(in super::super) const PRODUCT: u8 = 6;
    pub(in super::super) const UNARY: u8 = 7;
    pub(in super::super) const MEMBERSHIP: u8 = 8;
    pub(in super::super) const PRIMARY: u8 = 9;
}

/// Word, operator, rank, and what to say when the right operand is missing.
const INFIX: &[(&str, Infix, u8, &str)] = &[
    (
        "eq",
        Infix::Binary(BinaryOperator::Eq),
        rank::EQUALITY,
        "an operand after `eq`",
    ),
    (
        "and",
        Infix::Logical(LogicalOperator::And),
        rank::AND,
        "an operand after `and`",
    ),
    (
        "or",
        Infix::Logical(LogicalOperator::Or),
        rank::OR,
        "an operand after `or`",
    ),
    (
        "ne",
        Infix::Binary(BinaryOperator::Ne),
        rank::EQUALITY,
        "an operand after `ne`",
    ),
    (
        "ge",
        Infix::Binary(BinaryOperator::Ge),
        rank::RELATION,
        "an operand after `ge`",
    ),
    (
        "le",
        Infix::Binary(BinaryOperator::Le),
        rank::RELATION,
        "an operand after `le`",
    ),
    (
        "gt",
        Infix::Binary(BinaryOperator::Gt),
        rank::RELATION,
        "an operand after `gt`",
    ),
    (
        "lt",
        Infix::Binary(BinaryOperator::Lt),
        rank::RELATION,
        "an operand after `lt`",
    ),
    ("in", Infix::In, rank::MEMBERSHIP, "a list after `in`"),
    (
        "has",
        Infix::Binary(BinaryOperator::Has),
        rank::MEMBERSHIP,
        "an operand after `has`",
    ),
    (
        "add",
        Infix::Binary(BinaryOperator::Add),
        rank::SUM,
        "an operand after `add`",
    ),
    (
        "sub",
        Infix::Binary(BinaryOperator::Sub),
        rank::SUM,
        "an operand after `sub`",
    ),
    (
        "mul",
        Infix::Binary(BinaryOperator::Mul),
        rank::PRODUCT,
        "an operand after `mul`",
    ),
    (
        "div",
        Infix::Binary(BinaryOperator::Div),
        rank::PRODUCT,
        "an operand after `div`",
    ),
    (
        "divby",
        Infix::Binary(BinaryOperator::DivBy),
        rank::PRODUCT,
        "an operand after `divby`",
    ),
    (
        "mod",
        Infix::Binary(BinaryOperator::Mod),
        rank::PRODUCT,
        "an operand after `mod`",
    ),
];

/// The rank of an operator with two operands.
pub(super) fn binary_rank(operator: BinaryOperator) -> u8 {
    let of = |row: &&(&str, Infix, u8, &str)| row.1 == Infix::Binary(operator);
    INFIX.iter().find(of).map_or(rank::PRIMARY, |row| row.2)
}

/// The operator that `word` was perhaps meant to be.
pub(super) fn similar_operator(word: &str) -> Option<&'static str> {
    if !may_be_a_slip(word) {
        return None;
    }
    let word = word.to_ascii_lowercase();
    let words = INFIX.iter().map(|row| row.0).chain(["not"]);
    let near = |known: &&str| word.len() > 1 && strsim::osa_distance(known, &word) == 1;
    words.into_iter().find(near)
}

/// `commonExpr`, `boolCommonExpr`
pub(super) fn expression<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    expected_expression(cx, i, "an expression")
}

/// `commonExpr`, asking for `wanted` when there is none.
pub(super) fn expected_expression<'a>(cx: Cx<'_>, i: &'a str, wanted: &str) -> Parsed<'a, Node> {
    let cx = cx.down(i)?.colon_ends(false);
    climb(cx, i, rank::OR, wanted)
}

/// `boolCommonExpr` before a `:`.
pub(super) fn condition<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    let cx = cx.down(i)?.colon_ends(true);
    climb(cx, i, rank::OR, "a condition")
}

/// An operator found after an operand.
struct Found<'a> {
    infix: Infix,
    rank: u8,
    wanted: &'static str,
    span: Span,
    rest: &'a str,
}

/// `RWS operator RWS`, or nothing. Blanks after the word may be missing before `(` and `[`.
fn infix<'a>(cx: Cx<'_>, i: &'a str) -> Result<Option<Found<'a>>, nom::Err<super::input::Fault>> {
    let start = blanks(i);
    let rest = start.trim_start_matches(is_inner);
    let word = start.get(..start.len() - rest.len()).unwrap_or_default();
    let known = INFIX
        .iter()
        .find(|(name, ..)| name.eq_ignore_ascii_case(word));
    let Some(&(name, infix, rank, wanted)) = known else {
        return Ok(None);
    };
    if start.len() == i.len() {
        return Err(cx.expected(i, &format!("a blank before `{name}`")));
    }
    if !rest.is_empty() && !rest.starts_with([' ', '\t', '(', '[']) {
        return Err(cx.expected(rest, &format!("a blank after `{name}`")));
    }
    Ok(Some(Found {
        infix,
        rank,
        wanted,
        span: cx.span(start, rest),
        rest: blanks(rest),
    }))
}

/// An operand and every operator after it that binds at least as tightly as `floor`.
fn climb<'a>(cx: Cx<'_>, i: &'a str, floor: u8, wanted: &str) -> Parsed<'a, Node> {
    let (mut i, mut left) = unary(cx, i, wanted)?;
    let mut links = 0;
    while let Some(found) = infix(cx, i)?.filter(|found| found.rank >= floor) {
        (i, left) = match found.infix {
            Infix::Logical(operator) => chain(cx, left, operator, found)?,
            Infix::Binary(operator) => {
                links += 1;
                binary(cx, left, operator, &found)?
            }
            Infix::In => {
                links += 1;
                membership(cx, left, &found)?
            }
        };
        height::check_links(links, cx.limits.depth, left.span).map_err(refuse)?;
    }
    // Every other form is as deep as the parser itself, which counts its levels; only operators
    // that associate to the left grow trees without descending.
    if links > 1 {
        height::check(&left, cx.limits.depth).map_err(refuse)?;
    }
    Ok((i, left))
}

/// `andExpr = RWS "and" RWS boolCommonExpr`, `orExpr = RWS "or" RWS boolCommonExpr`: all operands
/// between the same operator at once.
fn chain<'a>(
    cx: Cx<'_>,
    first: Node,
    operator: LogicalOperator,
    mut found: Found<'a>,
) -> Parsed<'a, Node> {
    let start = first.span;
    let mut operands = vec![first];
    loop {
        cx.room(found.rest, operands.len())?;
        let (i, operand) = climb(cx, found.rest, found.rank + 1, found.wanted)?;
        let span = start.to(operand.span);
        operands.push(operand);
        match infix(cx, i)?.filter(|next| next.infix == found.infix) {
            Some(next) => found = next,
            None => return Ok((i, At::new(Expr::Logical { operator, operands }, span))),
        }
    }
}

/// `eqExpr = RWS "eq" RWS commonExpr`, and likewise `ne lt le gt ge has add sub mul div divby mod`
fn binary<'a>(
    cx: Cx<'_>,
    left: Node,
    operator: BinaryOperator,
    found: &Found<'a>,
) -> Parsed<'a, Node> {
    let (i, right) = climb(cx, found.rest, found.rank + 1, found.wanted)?;
    let span = left.span.to(right.span);
    let operator = At::new(operator, found.span);
    let (left, right) = (Box::new(left), Box::new(right));
    Ok((
        i,
        At::new(
            Expr::Binary {
                operator,
                left,
                right,
            },
            span,
        ),
    ))
}

/// `inExpr = RWS "in" RWS ( listExpr / commonExpr )`
fn membership<'a>(cx: Cx<'_>, left: Node, found: &Found<'a>) -> Parsed<'a, Node> {
    let (i, list) = if found.rest.starts_with('(') {
        list(cx, found.rest)?
    } else {
        operand(cx, found.rest, found.wanted)?
    };
    let span = left.span.to(list.span);
    let (left, list) = (Box::new(left), Box::new(list));
    Ok((i, At::new(Expr::In { left, list }, span)))
}

/// `listExpr = OPEN BWS [ primitiveLiteral BWS *( COMMA BWS primitiveLiteral BWS ) ] CLOSE`;
/// a single item that is no literal is `parenExpr`: `in (Names)` means the collection.
pub(super) fn list<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Node> {
    let inner = cx.down(open)?.colon_ends(false);
    let mut i = blanks(open.strip_prefix('(').unwrap_or(open));
    let mut items = Vec::new();
    if !i.starts_with(')') && !i.is_empty() {
        loop {
            cx.room(i, items.len())?;
            let (rest, item) = climb(inner, i, rank::OR, "a value")?;
            items.push(item);
            let rest = blanks(rest);
            let Some(next) = rest.strip_prefix(',') else {
                i = rest;
                break;
            };
            i = blanks(next);
        }
    }
    let (rest, ()) = cx.close(open, i, "`,` or `)`")?;
    let span = cx.span(open, rest);
    let single = items.pop_if(|item| !matches!(item.node, Expr::Literal(_)));
    match single {
        Some(item) if items.is_empty() => Ok((rest, At::new(item.node, span))),
        Some(item) => {
            items.push(item);
            Ok((rest, At::new(Expr::List(items), span)))
        }
        None => Ok((rest, At::new(Expr::List(items), span))),
    }
}

/// `notExpr = "not" RWS boolCommonExpr`, `negateExpr = "-" BWS commonExpr`, or an operand.
fn unary<'a>(cx: Cx<'_>, i: &'a str, wanted: &str) -> Parsed<'a, Node> {
    let (operator, rest, wanted) = if let Some(rest) = operand::negation(i) {
        (UnaryOperator::Negate, rest, "an operand after `-`")
    } else if let Some(rest) = operand::keyword(i, "not") {
        (UnaryOperator::Not, rest, "an operand after `not`")
    } else {
        return operand(cx, i, wanted);
    };
    let (rest, inner) = climb(cx.down(i)?, blanks(rest), rank::MEMBERSHIP, wanted)?;
    let span = cx.span(i, i).to(inner.span);
    let operand = Box::new(inner);
    Ok((rest, At::new(Expr::Unary { operator, operand }, span)))
}

/// A value where the grammar takes literals and aliases only: keys and parameters in the path.
pub(super) fn value<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    let (rest, node) = expected_expression(cx, i, "a value")?;
    match node.node {
        Expr::Literal(_) | Expr::Alias(_) | Expr::List(_) | Expr::Json(_) | Expr::Object(_) => {
            Ok((rest, node))
        }
        Expr::Path(_)
        | Expr::Call { .. }
        | Expr::Unary { .. }
        | Expr::Logical { .. }
        | Expr::Binary { .. }
        | Expr::In { .. }
        | Expr::Case(_) => {
            let problem = Problem::new(Code::SyntaxError, "expected a value").at(node.span);
            Err(refuse(problem.help("texts stand in quotes: `'…'`")))
        }
    }
}
