//! The steps of a path inside an expression (ABNF section 4, `memberExpr` and what it is made of).

use super::ast::{Argument, Lambda, Name, Parens, Step};
use super::expr::{expected_expression, expression};
use super::input::{Cx, Parsed, blanks, is_inner, refuse};
use super::name::{identifier, qualified, term};
use super::operand::arguments;
use super::options::{Place, nested};
use crate::diag::At;

/// `*( "/" step )`
pub(super) fn steps<'a>(cx: Cx<'_>, mut i: &'a str, steps: &mut Vec<At<Step>>) -> Parsed<'a, ()> {
    while let Some(start) = i.strip_prefix('/') {
        i = match start.chars().next() {
            Some('$') => segment(cx, start, steps)?.0,
            Some('@') => {
                let (rest, name) = term(cx, start.strip_prefix('@').unwrap_or(start))
                    .map_err(|_| cx.expected(start, "a name after `@`"))?;
                steps.push(cx.at(start, rest, Step::Annotation(name)));
                rest
            }
            Some(_) | None => named(cx, start, steps)?.0,
        };
    }
    Ok((i, ()))
}

/// A property, a cast, a bound function, `any` or `all`, each with what stands in parentheses.
fn named<'a>(cx: Cx<'_>, start: &'a str, steps: &mut Vec<At<Step>>) -> Parsed<'a, ()> {
    let (rest, name) = qualified(cx, start).map_err(|_| cx.expected(start, "a name after `/`"))?;
    if !rest.starts_with('(') {
        steps.push(cx.at(start, rest, Step::Name(name)));
        return Ok((rest, ()));
    }
    if name.namespace.is_empty() {
        if name.name.eq_ignore_ascii_case("any") {
            return any(cx, start, rest, steps);
        }
        if name.name.eq_ignore_ascii_case("all") {
            let (after, lambda) = lambda(cx, rest)?;
            steps.push(cx.at(start, after, Step::All(Box::new(lambda))));
            return Ok((after, ()));
        }
    }
    let (after, arguments) = arguments(cx, rest)?;
    applied(cx, (start, rest, after), name, arguments, steps);
    Ok((after, ()))
}

/// A name with arguments: one value alone is a key, anything else a call. `places` are where the
/// name starts, where the parentheses open, and what is left after them.
pub(super) fn applied(
    cx: Cx<'_>,
    (start, open, rest): (&str, &str, &str),
    name: Name,
    mut arguments: Vec<Argument>,
    steps: &mut Vec<At<Step>>,
) {
    let is_cast = name.namespace.is_empty() && name.name.eq_ignore_ascii_case("cast");
    let alone = arguments.len() == 1 && !is_cast;
    match arguments.pop_if(|argument| alone && argument.name.is_none()) {
        Some(key) => {
            steps.push(cx.at(start, open, Step::Name(name)));
            steps.push(cx.at(open, rest, Step::Key(Parens::Key(key.value))));
        }
        None => steps.push(cx.at(start, rest, Step::Call { name, arguments })),
    }
}

/// `anyExpr = "any" OPEN BWS [ lambdaVariableExpr BWS COLON BWS lambdaPredicateExpr ] BWS CLOSE`
fn any<'a>(cx: Cx<'_>, start: &str, open: &'a str, steps: &mut Vec<At<Step>>) -> Parsed<'a, ()> {
    let inside = blanks(open.strip_prefix('(').unwrap_or(open));
    let (rest, inner) = match inside.strip_prefix(')') {
        Some(rest) => (rest, None),
        None => {
            let (rest, lambda) = lambda(cx, open)?;
            (rest, Some(Box::new(lambda)))
        }
    };
    steps.push(cx.at(start, rest, Step::Any(inner)));
    Ok((rest, ()))
}

/// `OPEN BWS lambdaVariableExpr BWS COLON BWS lambdaPredicateExpr BWS CLOSE`
fn lambda<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, Lambda> {
    let inside = blanks(open.strip_prefix('(').unwrap_or(open));
    let (after, name) =
        identifier(cx, inside).map_err(|_| cx.expected(inside, "a range variable such as `x:`"))?;
    let variable = cx.at(inside, after, name.to_owned());
    let after = blanks(after);
    let colon = after
        .strip_prefix(':')
        .ok_or_else(|| cx.expected(after, "`:` after the range variable"))?;
    let (rest, condition) = expected_expression(cx, blanks(colon), "a condition after `:`")?;
    let (rest, ()) = cx.close(open, rest, "an operator or `)`")?;
    Ok((
        rest,
        Lambda {
            variable,
            condition,
        },
    ))
}

/// `count [ OPEN expandCountOption *( SEMI expandCountOption ) CLOSE ]`,
/// `filterExpr = %s"/$filter" OPEN boolCommonExpr CLOSE`, and a key after the latter
fn segment<'a>(cx: Cx<'_>, start: &'a str, steps: &mut Vec<At<Step>>) -> Parsed<'a, ()> {
    let after_dollar = start.strip_prefix('$').unwrap_or(start);
    let rest = after_dollar.trim_start_matches(is_inner);
    let word = after_dollar
        .get(..after_dollar.len() - rest.len())
        .unwrap_or_default();
    match word {
        "count" => count(cx, start, rest, steps),
        "filter" => filter(cx, start, rest, steps),
        _ => {
            let problem = cx.syntax(start, format!("`/${word}` has no meaning in an expression"));
            let problem = problem.at(cx.span(start, rest));
            Err(refuse(
                problem.help("`/$count` and `/$filter(…)` are allowed"),
            ))
        }
    }
}

/// `/$count`, with options
fn count<'a>(cx: Cx<'_>, start: &str, i: &'a str, steps: &mut Vec<At<Step>>) -> Parsed<'a, ()> {
    let (rest, options) = if i.starts_with('(') {
        let (rest, options) = nested(cx, i, Place::CountSegment)?;
        (rest, Some(Box::new(options)))
    } else {
        (i, None)
    };
    steps.push(cx.at(start, rest, Step::Count(options)));
    Ok((rest, ()))
}

/// `/$filter(…)`
fn filter<'a>(cx: Cx<'_>, start: &str, open: &'a str, steps: &mut Vec<At<Step>>) -> Parsed<'a, ()> {
    let inside = open
        .strip_prefix('(')
        .ok_or_else(|| cx.expected(open, "`(` after `$filter`"))?;
    let (rest, condition) = expression(cx, blanks(inside))?;
    let (rest, ()) = cx.close(open, rest, "an operator or `)`")?;
    steps.push(cx.at(start, rest, Step::Filter(Box::new(condition))));
    if !rest.starts_with('(') {
        return Ok((rest, ()));
    }
    let (after, key) = super::path::parens(cx, rest)?;
    steps.push(cx.at(rest, after, Step::Key(key)));
    Ok((after, ()))
}
