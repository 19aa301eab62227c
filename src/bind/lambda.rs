//! `any` and `all`: conditions over the children of a row; `$count` where it asks the same.
//!
//! Neither is ever null: `any` is true where its condition is true for a child, `all` where there is
//! no child for which it is false or null (OData 4.01 Part 2, 5.1.1.13). Children that the caller
//! does not see are in neither.

use crate::diag::{Problem, Result, Span};
use crate::model::{EntityId, ReferenceId};
use crate::plan::{Column, CompareOperator, Predicate, SubQuery};
use crate::syntax::ast::Lambda;

use super::compare::{Comparison, decided};
use super::constant::Constant;
use super::frames::raised;
use super::predicate::{Binder, CompareForm, outcome};
use super::rows::Rows;
use super::truth::Want;
use super::{merge, refuse};

/// The children that a path of an expression leads to, and what is asked of them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Children<'a> {
    /// The name of the collection.
    pub(super) name: &'a str,
    pub(super) target: EntityId,
    /// Their reference to the row whose children they are.
    pub(super) back: ReferenceId,
    /// The key of that row.
    pub(super) owner: Column,
    /// How many levels further out that row is.
    pub(super) up: usize,
    pub(super) asked: Asked<'a>,
    pub(super) span: Span,
}

/// What is asked of children.
#[derive(Debug, Clone, Copy)]
pub(super) enum Asked<'a> {
    /// `any(x:…)`, `any()`.
    Any(Option<&'a Lambda>),
    /// `all(x:…)`.
    All(&'a Lambda),
    /// `$count`.
    Count,
}

impl<'a> Binder<'a, '_> {
    /// `any` or `all` where a condition is wanted.
    pub(super) fn children(&mut self, children: &Children<'a>, want: Want) -> Result<Predicate> {
        let (lambda, all) = match children.asked {
            Asked::Any(lambda) => (lambda, false),
            Asked::All(lambda) => (Some(lambda), true),
            Asked::Count => return Err(number(children, children.span)),
        };
        self.lenient(if all { "all" } else { "any" }, children.span)?;
        // All are so unless there is one that is not.
        let wanted = if all {
            Want {
                yes: false,
                no: true,
                null: true,
            }
        } else {
            Want::TRUE
        };
        let query = self.query(children, lambda, wanted)?;
        if query.predicate == Predicate::Never {
            return Ok(outcome(Some(all), want));
        }
        let within = |negated: bool| Predicate::Within {
            column: children.owner,
            negated: negated != all,
            query: Box::new(query),
        };
        Ok(raised(children.up, decided(want, within)))
    }

    /// The children for which a condition comes out as wanted.
    fn query(
        &mut self,
        children: &Children<'a>,
        lambda: Option<&'a Lambda>,
        wanted: Want,
    ) -> Result<SubQuery> {
        let setting = self.setting;
        let mut rows = Rows::named(setting, children.target, children.span)?;
        let back = rows.tables.stored(setting, rows.here, children.back)?;
        let Some(lambda) = lambda else {
            return Ok(rows.guids(back.column));
        };
        let limit = (setting.context.limits.expand_depth, children.span);
        let tables = std::mem::take(&mut rows.tables);
        let variable = lambda.variable.node.as_str();
        self.frames.enter(tables, rows.here, variable, limit)?;
        let bound = self.condition(&lambda.condition, wanted);
        rows.tables = self.frames.leave();
        let bound = bound?;
        if bound == Predicate::Never {
            rows.predicate = bound;
        } else {
            self.frames.nested += merge::conditions(&bound);
            rows.narrow(bound);
        }
        Ok(rows.guids(back.column))
    }

    /// A comparison of the number of children: only whether there are any.
    pub(super) fn counted(
        &mut self,
        children: &Children<'a>,
        comparison: &Comparison,
        constant: &Constant<'_>,
        want: Want,
    ) -> Result<Predicate> {
        use CompareOperator::{Eq, Ge, Gt, Le, Lt, Ne};
        if comparison.form != CompareForm::Operator {
            return Err(number(children, comparison.span));
        }
        let any = match (comparison.operator, constant) {
            (Gt | Ne, Constant::Integer(0)) | (Ge, Constant::Integer(1)) => true,
            (Eq | Le, Constant::Integer(0)) | (Lt, Constant::Integer(1)) => false,
            (_, _) => return Err(number(children, comparison.span)),
        };
        let children = Children {
            asked: Asked::Any(None),
            ..*children
        };
        self.children(&children, if any { want } else { want.negated() })
    }
}

/// The number of children is asked for otherwise than to see whether there are any.
fn number(children: &Children<'_>, span: Span) -> Problem {
    let name = children.name;
    let text = format!(
        "`{name}/$count` only asks whether there are any: no filter is declared for numbers of children"
    );
    refuse::not_offered(&text, span)
        .about(name)
        .help(format!("compare it with 0, or write `{name}/any()`"))
}
