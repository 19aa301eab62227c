//! `groupby`.

use super::super::super::ast::{Expr, GroupKey, Transformation};
use super::super::super::expr::expected_expression;
use super::super::super::input::{Cx, Parsed, blanks, refuse};
use super::{balanced, pipeline};
use crate::diag::{At, Code, Problem};

/// What may stand in the place of a key and is not read.
const ROLLUPS: [&str; 2] = ["rollup", "rolluprecursive"];

/// `groupbyTrafo = "groupby" OPEN BWS groupbyList [ BWS COMMA BWS applyExpr ] BWS CLOSE`, behind the
/// parenthesis.
pub(super) fn groupby<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Transformation> {
    let mut i = i;
    let open = i;
    let inside = open
        .strip_prefix('(')
        .ok_or_else(|| cx.expected(i, "`(` and what groups, such as `groupby((A,B))`"))?;
    i = blanks(inside);
    let mut keys = Vec::new();
    let rest = loop {
        cx.room(i, keys.len())?;
        let (rest, key) = key(cx, i)?;
        keys.push(key);
        match blanks(rest).strip_prefix(',') {
            Some(next) => i = blanks(next),
            None => break rest,
        }
    };
    let (rest, ()) = cx.close(open, rest, "`,` or `)`")?;
    let (rest, then) = match blanks(rest).strip_prefix(',') {
        Some(next) => pipeline(cx, blanks(next))?,
        None => (rest, Vec::new()),
    };
    Ok((rest, Transformation::GroupBy { keys, then }))
}

/// `groupbyElement = groupingProperty / rollupLevels / rollupRecursive`
fn key<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, At<GroupKey>> {
    for word in ROLLUPS {
        let found = i.get(..word.len());
        let is = found.is_some_and(|found| found.eq_ignore_ascii_case(word));
        let open = i.get(word.len()..).filter(|rest| rest.starts_with('('));
        if let (true, Some(open)) = (is, open) {
            let (rest, arguments) = balanced(cx, open)?;
            return Ok((rest, cx.at(i, rest, GroupKey::Rollup { word, arguments })));
        }
    }
    let (rest, node) = expected_expression(cx, i, "a property to group by")?;
    let span = node.span;
    let Expr::Path(path) = node.node else {
        let problem = Problem::new(Code::SyntaxError, "only properties group").at(span);
        let help = "what is computed gets a name first: `compute(year(A) as Y)/groupby((Y))`";
        return Err(refuse(problem.help(help)));
    };
    Ok((rest, At::new(GroupKey::Path(path), span)))
}
