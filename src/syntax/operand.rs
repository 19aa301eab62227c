//! What stands between operators: literals, aliases, calls, paths, parentheses, `case`, JSON.

use super::ast::{Argument, Expr, Head, Name, Node, Path, Step};
use super::expr::{condition, expected_expression, expression};
use super::input::{Cx, Fault, Parsed, blanks, is_inner, is_leading, refuse};
use super::name::{identifier, qualified, term};
use super::{json, literal, member};
use crate::diag::At;

/// The text after a `-` that is an operator: not the sign of a number.
pub(super) fn negation(i: &str) -> Option<&str> {
    let rest = i.strip_prefix('-')?;
    let infinity = rest
        .strip_prefix("INF")
        .is_some_and(|rest| !rest.starts_with(is_inner));
    let sign = infinity || rest.starts_with(|c: char| c.is_ascii_digit());
    (!sign).then_some(rest)
}

/// The text after the operator `word`, which a blank or `(` must follow.
pub(super) fn keyword<'a>(i: &'a str, word: &str) -> Option<&'a str> {
    let (found, rest) = i.split_at_checked(word.len())?;
    let is = found.eq_ignore_ascii_case(word) && rest.starts_with([' ', '\t', '(']);
    is.then_some(rest)
}

/// `primitiveLiteral / arrayOrObject / rootExpr / functionExpr / methodCallExpr / parenExpr /
/// castExpr / isofExpr / firstMemberExpr`, told apart by the first character.
pub(super) fn operand<'a>(cx: Cx<'_>, i: &'a str, wanted: &str) -> Parsed<'a, Node> {
    match i.chars().next() {
        Some('\'') => {
            let (rest, text) = literal::string(cx, i)?;
            Ok((
                rest,
                cx.at(i, rest, Expr::Literal(super::ast::Literal::String(text))),
            ))
        }
        Some('(') => paren(cx, i),
        Some('0'..='9' | '-' | '+') => {
            let (rest, found) =
                literal::number_like(cx, i).map_err(|fault| missing(cx, i, wanted, fault))?;
            Ok((rest, cx.at(i, rest, Expr::Literal(found))))
        }
        Some('$') => variable(cx, i),
        Some('@') => alias(cx, i),
        Some('[' | '{') => json::array_or_object(cx, i),
        Some(c) if is_leading(c) => word(cx, i),
        Some('"') => {
            let problem = cx.syntax(i, format!("expected {wanted}"));
            Err(refuse(problem.help("texts stand in single quotes: `'…'`")))
        }
        Some(_) | None => Err(cx.expected(i, wanted)),
    }
}

/// Says what was wanted where no alternative fitted.
fn missing(cx: Cx<'_>, i: &str, wanted: &str, fault: nom::Err<Fault>) -> nom::Err<Fault> {
    match fault {
        nom::Err::Error(_) | nom::Err::Incomplete(_) => cx.expected(i, wanted),
        nom::Err::Failure(fault) => nom::Err::Failure(fault),
    }
}

/// `parenExpr = OPEN BWS commonExpr BWS CLOSE`
fn paren<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Node> {
    let inside = blanks(open.strip_prefix('(').unwrap_or(open));
    let (i, inner) = expression(cx, inside)?;
    let (rest, ()) = cx.close(open, i, "an operator or `)`")?;
    Ok((rest, cx.at(open, rest, inner.node)))
}

/// What starts with a letter: a guid, a literal, a call or a path.
fn word<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    if let Ok((rest, guid)) = literal::guid(i) {
        return Ok((rest, cx.at(i, rest, Expr::Literal(guid))));
    }
    let (rest, name) = qualified(cx, i)?;
    match rest.chars().next() {
        Some('\'') => {
            let (rest, found) = literal::prefixed(cx, i, rest, name)?;
            Ok((rest, cx.at(i, rest, Expr::Literal(found))))
        }
        Some('(') if name.namespace.is_empty() && name.name.eq_ignore_ascii_case("case") => {
            case(cx, i, rest)
        }
        Some('(') => call(cx, i, rest, name),
        Some('/') => path(
            cx,
            i,
            rest,
            Head::Implicit,
            vec![cx.at(i, rest, Step::Name(name))],
        ),
        Some(_) | None => {
            let value = name
                .namespace
                .is_empty()
                .then(|| literal::word(&name.name))
                .flatten();
            let node = value.map_or_else(|| simple_path(cx, i, rest, name), Expr::Literal);
            Ok((rest, cx.at(i, rest, node)))
        }
    }
}

/// A path of one name.
fn simple_path(cx: Cx<'_>, i: &str, rest: &str, name: Name) -> Expr {
    Expr::Path(Path {
        head: Head::Implicit,
        steps: vec![cx.at(i, rest, Step::Name(name))],
    })
}

/// `firstMemberExpr`, `rootExpr`: the steps after what was read already.
fn path<'a>(
    cx: Cx<'_>,
    start: &str,
    i: &'a str,
    head: Head,
    mut steps: Vec<At<Step>>,
) -> Parsed<'a, Node> {
    let (rest, ()) = member::steps(cx, i, &mut steps)?;
    Ok((rest, cx.at(start, rest, Expr::Path(Path { head, steps }))))
}

/// `functionExpr`, `methodCallExpr`, `castExpr`, `isofExpr`; with `/…` after it, the start of a
/// path.
fn call<'a>(cx: Cx<'_>, start: &'a str, open: &'a str, name: Name) -> Parsed<'a, Node> {
    let (rest, arguments) = arguments(cx, open)?;
    if rest.starts_with('/') {
        let mut steps = Vec::new();
        member::applied(cx, (start, open, rest), name, arguments, &mut steps);
        return path(cx, start, rest, Head::Implicit, steps);
    }
    let name = cx.at(start, open, name);
    Ok((rest, cx.at(start, rest, Expr::Call { name, arguments })))
}

/// `OPEN [ BWS argument *( BWS COMMA BWS argument ) ] BWS CLOSE`
pub(super) fn arguments<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Vec<Argument>> {
    let mut i = blanks(open.strip_prefix('(').unwrap_or(open));
    let mut arguments = Vec::new();
    if let Some(rest) = i.strip_prefix(')') {
        return Ok((rest, arguments));
    }
    loop {
        cx.room(i, arguments.len())?;
        let (rest, argument) = argument(cx, i)?;
        arguments.push(argument);
        let rest = blanks(rest);
        let Some(next) = rest.strip_prefix(',') else {
            let (rest, ()) = cx.close(open, rest, "`,` or `)`")?;
            return Ok((rest, arguments));
        };
        i = blanks(next);
    }
}

/// `functionExprParameter = parameterName EQ ( parameterAlias / parameterValue )`, or a value
/// alone, as built-in functions take it.
fn argument<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Argument> {
    let (i, name) = match parameter_name(cx, i) {
        Some((rest, name)) => (rest, Some(name)),
        None => (i, None),
    };
    let (rest, value) = expected_expression(cx, i, "an argument")?;
    Ok((rest, Argument { name, value }))
}

/// `parameterName EQ`, when it is there.
pub(super) fn parameter_name<'a>(cx: Cx<'_>, i: &'a str) -> Option<(&'a str, At<String>)> {
    let (rest, name) = identifier(cx, i).ok()?;
    let value = blanks(rest)
        .strip_prefix('=')
        .filter(|value| !value.starts_with('='))?;
    Some((blanks(value), cx.at(i, rest, name.to_owned())))
}

/// `caseMethodCallExpr = "case" OPEN BWS boolCommonExpr BWS COLON BWS commonExpr BWS
/// *( COMMA BWS boolCommonExpr BWS COLON BWS commonExpr BWS ) CLOSE`
fn case<'a>(cx: Cx<'_>, start: &'a str, open: &'a str) -> Parsed<'a, Node> {
    let mut i = blanks(open.strip_prefix('(').unwrap_or(open));
    let mut branches = Vec::new();
    loop {
        cx.room(i, branches.len())?;
        let (rest, when) = condition(cx, i)?;
        let rest = blanks(rest);
        let colon = rest
            .strip_prefix(':')
            .ok_or_else(|| cx.expected(rest, "`:`"))?;
        let (rest, then) = expected_expression(cx, blanks(colon), "a value after `:`")?;
        branches.push((when, then));
        let rest = blanks(rest);
        let Some(next) = rest.strip_prefix(',') else {
            let (rest, ()) = cx.close(open, rest, "`,` or `)`")?;
            return Ok((rest, cx.at(start, rest, Expr::Case(branches))));
        };
        i = blanks(next);
    }
}

/// `parameterAlias = AT odataIdentifier`, or `annotationExpr` at the start of a path.
fn alias<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    let after_at = i.strip_prefix('@').unwrap_or(i);
    let (rest, name) =
        term(cx, after_at).map_err(|fault| missing(cx, after_at, "a name after `@`", fault))?;
    if name.namespace.is_empty() && !name.name.contains('#') && !rest.starts_with('/') {
        return Ok((rest, cx.at(i, rest, Expr::Alias(name.name))));
    }
    path(
        cx,
        i,
        rest,
        Head::Implicit,
        vec![cx.at(i, rest, Step::Annotation(name))],
    )
}

/// `implicitVariableExpr = %s"$it" / %s"$this"`, `rootExpr = %s"$root/" …`,
/// `currCollectionExpr = %s"$these" collectionPathExpr`
fn variable<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    let after_dollar = i.strip_prefix('$').unwrap_or(i);
    let rest = after_dollar.trim_start_matches(is_inner);
    let word = after_dollar
        .get(..after_dollar.len() - rest.len())
        .unwrap_or_default();
    match word {
        "it" => path(cx, i, rest, Head::It, Vec::new()),
        "this" => path(cx, i, rest, Head::This, Vec::new()),
        "root" if rest.starts_with('/') => path(cx, i, rest, Head::Root, Vec::new()),
        "these" if rest.starts_with('/') => path(cx, i, rest, Head::These, Vec::new()),
        "these" => Err(cx.expected(rest, "`/` and a question after `$these`")),
        "root" => Err(cx.expected(rest, "`/` and a name after `$root`")),
        _ => {
            let problem = cx.syntax(i, format!("`${word}` has no meaning here"));
            let known = "an expression may start with `$it`, `$this` or `$root/`";
            Err(refuse(problem.help(known).at(cx.span(i, rest))))
        }
    }
}
