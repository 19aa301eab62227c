//! `$apply` (the ABNF of OData Extension for Data Aggregation 4.0).

mod aggregate;
mod group;

use super::super::ast::{Pick, Pipeline, Transformation};
use super::super::expr::expected_expression;
use super::super::input::{Cx, Fault, Parsed, blanks, refuse};
use super::super::name::qualified;
use super::{compute, orderby, search};
use crate::diag::{At, Code, Problem, nearest};

/// The transformations whose arguments are read.
const READ: &[&str] = &[
    "identity",
    "filter",
    "search",
    "compute",
    "orderby",
    "skip",
    "top",
    "aggregate",
    "groupby",
    "concat",
];

/// Of those that pick rows, the ones that are worth telling: the service takes no others.
const OFFERED: [Pick; 2] = [Pick::TopCount, Pick::BottomCount];

/// Those whose arguments are kept as text: nothing in this service reads them. `expand` was in drafts
/// of the extension, `expandgroup` is an option that stands beside `$apply`.
const KEPT: &[&str] = &[
    "addnested",
    "ancestors",
    "descendants",
    "expand",
    "expandgroup",
    "join",
    "nest",
    "outerjoin",
    "traverse",
];

/// `apply = ( "$apply" / "apply" ) EQ applyExpr`
pub(super) fn apply<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Pipeline> {
    pipeline(cx, blanks(i))
}

/// `applyExpr = applyTrafo *( "/" applyTrafo )`
fn pipeline<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Pipeline> {
    let cx = cx.down(i)?;
    let mut i = i;
    let mut all = Vec::new();
    loop {
        cx.room(i, all.len())?;
        let (rest, one) = transformation(cx, i)?;
        all.push(one);
        match blanks(rest).strip_prefix('/') {
            Some(next) => i = blanks(next),
            None => return Ok((rest, all)),
        }
    }
}

/// `applyTrafo = aggregateTrafo / groupbyTrafo / filterTrafo / …`, told apart by their names.
fn transformation<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<Transformation>> {
    let (open, name) =
        qualified(cx, i).map_err(|_| cx.expected(i, "a transformation such as `groupby(…)`"))?;
    let at = |rest: &str, node| cx.at(i, rest, node);
    let is = |word: &str| name.namespace.is_empty() && name.name.eq_ignore_ascii_case(word);
    if is("identity") {
        return Ok((open, at(open, Transformation::Identity)));
    }
    let known = |list: &[&str]| list.iter().any(|word| is(word));
    let pick = Pick::ALL.into_iter().find(|pick| is(pick.word()));
    let kept = !name.namespace.is_empty() || known(KEPT);
    if pick.is_none() && !kept && !known(READ) {
        return Err(unknown(cx, i, &name.name));
    }
    let inside = open
        .strip_prefix('(')
        .ok_or_else(|| cx.expected(open, &format!("`(` after `{}`", name.name)))?;
    let inside = blanks(inside);
    if kept {
        let (rest, arguments) = balanced(cx, open)?;
        return Ok((rest, at(rest, Transformation::Other { name, arguments })));
    }
    let (rest, node) = if let Some(method) = pick {
        picked(cx, inside, method)?
    } else if is("filter") {
        let (rest, condition) = expected_expression(cx, inside, "a condition")?;
        (rest, Transformation::Filter(condition))
    } else if is("search") {
        let (rest, found) = search::search(cx, inside)?;
        (rest, Transformation::Search(found))
    } else if is("compute") {
        let (rest, items) = compute::compute(cx, inside)?;
        (rest, Transformation::Compute(items))
    } else if is("orderby") {
        let (rest, items) = orderby::orderby(cx, inside)?;
        (rest, Transformation::OrderBy(items))
    } else if is("skip") {
        let (rest, number) = number(cx, inside)?;
        (rest, Transformation::Skip(number))
    } else if is("top") {
        let (rest, number) = number(cx, inside)?;
        (rest, Transformation::Top(number))
    } else if is("aggregate") {
        let (rest, items) = aggregate::items(cx, inside)?;
        (rest, Transformation::Aggregate(items))
    } else if is("groupby") {
        group::groupby(cx, inside)?
    } else {
        concat(cx, inside)?
    };
    let (rest, ()) = cx.close(open, rest, "`,` or `)`")?;
    Ok((rest, at(rest, node)))
}

/// `topcountTrafo = "topcount" OPEN BWS commonExpr BWS COMMA BWS commonExpr BWS CLOSE`, and its
/// siblings, behind the parenthesis.
fn picked<'a>(cx: Cx<'_>, i: &'a str, method: Pick) -> Parsed<'a, Transformation> {
    let (rest, amount) = expected_expression(cx, i, "a number")?;
    let rest = comma(cx, rest)?;
    let (rest, by) = expected_expression(cx, rest, "a property to pick by")?;
    Ok((rest, Transformation::Pick { method, amount, by }))
}

/// `concatTrafo = "concat" OPEN BWS applyExpr 1*( BWS COMMA BWS applyExpr ) BWS CLOSE`, behind the
/// parenthesis.
fn concat<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Transformation> {
    let (mut rest, first) = pipeline(cx, i)?;
    let mut all = vec![first];
    loop {
        let next = match blanks(rest).strip_prefix(',') {
            Some(next) => blanks(next),
            // One alone is no concatenation.
            None if all.len() < 2 => comma(cx, rest)?,
            None => return Ok((rest, Transformation::Concat(all))),
        };
        cx.room(next, all.len())?;
        let (after, one) = pipeline(cx, next)?;
        all.push(one);
        rest = after;
    }
}

/// The text behind `BWS COMMA BWS`.
fn comma<'a>(cx: Cx<'_>, i: &'a str) -> Result<&'a str, nom::Err<Fault>> {
    let rest = blanks(i);
    let after = rest
        .strip_prefix(',')
        .ok_or_else(|| cx.expected(rest, "`,`"))?;
    Ok(blanks(after))
}

/// `1*DIGIT`
fn number<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<u64>> {
    let rest = i.trim_start_matches(|c: char| c.is_ascii_digit());
    let digits = i.get(..i.len() - rest.len()).unwrap_or_default();
    match digits.parse() {
        Ok(number) => Ok((rest, cx.at(i, rest, number))),
        Err(_) => Err(cx.expected(i, "a whole number from 0")),
    }
}

/// What stands between the parenthesis at `open` and its own end, quotes respected.
fn balanced<'a>(cx: Cx<'_>, open: &'a str) -> Parsed<'a, String> {
    let (mut depth, mut quoted) = (0_usize, false);
    let end = open.find(|c: char| {
        match c {
            '\'' => quoted = !quoted,
            '(' if !quoted => depth += 1,
            ')' if !quoted => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0
    });
    let inside = end.and_then(|end| open.get(1..end));
    let rest = end.and_then(|end| open.get(end + 1..));
    match (inside, rest) {
        (Some(inside), Some(rest)) => Ok((rest, inside.to_owned())),
        _ => cx
            .close(open, "", "`)`")
            .map(|(rest, ())| (rest, String::new())),
    }
}

/// There is no transformation of this name. Those that are read and offered nowhere are known when
/// they are meant, and not told.
fn unknown(cx: Cx<'_>, i: &str, name: &str) -> nom::Err<Fault> {
    let read = READ.iter().copied();
    let text = format!("there is no transformation `{name}`");
    let problem = Problem::new(Code::SyntaxError, text).at(cx.next(i));
    refuse(
        match nearest(name, read.clone().chain(Pick::ALL.map(Pick::word))) {
            Some(meant) => problem.help(format!("did you mean `{meant}`?")),
            None => {
                let told: Vec<&str> = read.chain(OFFERED.map(Pick::word)).collect();
                problem.help(format!("there are {}", told.join(", ")))
            }
        },
    )
}
