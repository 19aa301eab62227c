//! `any` and `all`: conditions over the children of a row.
//!
//! Neither is ever null: `any` is true where its condition is true for a child, `all` where there is
//! no child for which it is false or null (OData 4.01 Part 2, 5.1.1.13). Children that the caller
//! does not see are in neither.

use crate::diag::{Code, Problem, Result};
use crate::plan::Predicate;

use super::children::{Asked, Children};
use super::compare::decided;
use super::frames::raised;
use super::predicate::{Binder, outcome};
use super::truth::Want;

impl<'a> Binder<'a, '_> {
    /// `any` or `all` where a condition is wanted.
    pub(super) fn children(&mut self, children: &Children<'a>, want: Want) -> Result<Predicate> {
        let (lambda, all) = match children.asked {
            Asked::Any(lambda) => (lambda, false),
            Asked::All(lambda) => (Some(lambda), true),
            Asked::Count => {
                let name = children.name;
                let text = format!("a condition is wanted here, and `{name}/$count` is a number");
                let problem = Problem::new(Code::TypeMismatch, text).about(name);
                let problem = problem.at(children.span);
                return Err(problem.help(format!("write `{name}/$count gt 0`, or `{name}/any()`")));
            }
        };
        self.lenient(if all { "all" } else { "any" }, children.span)?;
        let mut rows = self.meant(children)?;
        if let Some(lambda) = lambda {
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
            let variable = Some(lambda.variable.node.as_str());
            let condition = &lambda.condition;
            self.keep(&mut rows, variable, condition, wanted)?;
        }
        let back = rows.back(children.back)?;
        let query = rows.guids(back);
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
}
