//! `in` and its lists.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::{CompareOperator, Predicate};
use crate::syntax::ast::{Expr, Node};

use super::children::{Asked, Children};
use super::constant::{self, Constant};
use super::frames::raised;
use super::gather::gather;
use super::predicate::{Binder, outcome};
use super::scope::Setting;
use super::subject::Side;
use super::truth::Want;
use super::{compare, link, refuse};

/// `x in (…)`.
pub(super) fn membership<'a>(
    binder: &mut Binder<'a, '_>,
    left: &'a Node,
    list: &'a Node,
    want: Want,
    span: Span,
) -> Result<Predicate> {
    let side = binder.side(left)?;
    let items = items(binder.setting, list)?;
    let most = binder.setting.context.limits.list_items;
    if items.len() > most {
        let text = format!("the list has more than {most} values");
        return Err(Problem::new(Code::LimitExceeded, text).at(list.span));
    }
    match side {
        Side::Attribute(subject) => {
            let bound = compare::one_of(binder.setting, &subject, &items, want, span);
            bound.map(|predicate| raised(subject.up, predicate))
        }
        Side::Link(found) => {
            let bound = link::one_of(binder.setting, &found, &items, want, span);
            bound.map(|predicate| raised(found.up, predicate))
        }
        Side::Constant(value) => {
            let mut found = false;
            for (item, at) in &items {
                let equal = compare::constants(
                    binder.setting,
                    CompareOperator::Eq,
                    &value,
                    item,
                    Want::TRUE,
                    *at,
                )?;
                found |= equal == Predicate::Always;
            }
            Ok(outcome(Some(found), want))
        }
        Side::IndexOf(subject, _) => Err(refuse::attribute(&subject, "indexof", span)),
        Side::Children(
            children @ Children {
                asked: Asked::Count,
                ..
            },
        ) => binder.counted_among(&children, &items, want),
        Side::Children(Children {
            asked: Asked::Any(_) | Asked::All(_),
            ..
        })
        | Side::Condition
        | Side::Case(_) => Err(refuse::not_offered(
            "`in` over conditions is not offered",
            span,
        )),
    }
}

/// The constant items of a list.
pub(super) fn items<'a>(setting: Setting<'a>, list: &'a Node) -> Result<Vec<(Constant<'a>, Span)>> {
    match &list.node {
        Expr::List(nodes) => {
            setting.steps(nodes.len(), list.span)?;
            gather(
                nodes
                    .iter()
                    .map(|node| match constant::fold(setting, node)? {
                        Some(constant) => Ok((constant, node.span)),
                        None => Err(refuse::not_offered(
                            "a list may hold constants only",
                            node.span,
                        )),
                    }),
            )
        }
        Expr::Json(serde_json::Value::Array(array)) => {
            setting.steps(array.len(), list.span)?;
            gather(array.iter().map(|item| {
                constant::json_item(item)
                    .map(|constant| (constant, list.span))
                    .ok_or_else(|| {
                        let text = "a list may hold single values only";
                        Problem::new(Code::TypeMismatch, text).at(list.span)
                    })
            }))
        }
        Expr::Alias(name) => match setting.alias(name, list.span)? {
            None => Ok(Vec::new()),
            Some((inner, opt)) => {
                // `('x')` is a list of one value, `'x'` is none.
                let is_literal = matches!(opt.value.node, Expr::Literal(_));
                let found = if is_literal && opt.text.trim_start().starts_with('(') {
                    let only = constant::fold(inner, &opt.value);
                    only.map(|only| {
                        only.map(|only| (only, opt.value.span))
                            .into_iter()
                            .collect()
                    })
                } else {
                    items(inner, &opt.value)
                };
                found.map_err(|p| p.within(&constant::at(name), &opt.text))
            }
        },
        Expr::Path(_) => Err(refuse::not_offered(
            "`in` over a collection is not offered yet",
            list.span,
        )),
        Expr::Literal(_)
        | Expr::Json(_)
        | Expr::Object(_)
        | Expr::Call { .. }
        | Expr::Unary { .. }
        | Expr::Logical { .. }
        | Expr::Binary { .. }
        | Expr::In { .. }
        | Expr::Case(_) => {
            let text = "`in` takes a list, such as `A in ('x','y')`";
            Err(Problem::new(Code::TypeMismatch, text).at(list.span))
        }
    }
}
