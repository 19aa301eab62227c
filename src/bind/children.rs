//! The children of a row in an expression: which of them are meant, and what is asked of them.
//!
//! `Groups/any(…)`, `Groups/all(…)` and `Groups/$count`, each perhaps behind `/$filter(…)`; `$count`
//! with its own `$filter` and `$search` in parentheses (OData 4.01 Part 2, 4.8, 4.12 and 5.1.1.15).
//! What narrows children is bound as theirs, with the filters that they declare.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{EntityId, ReferenceId};
use crate::plan::{Column, Predicate};
use crate::syntax::ast::{Lambda, Node, SearchExpr, Step};

use super::predicate::Binder;
use super::rows::Rows;
use super::truth::Want;
use super::{merge, refuse, search};

/// The children that a path of an expression leads to, and what is asked of them.
#[derive(Debug, Clone)]
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
    /// Which of them are meant: those for which all of it holds.
    pub(super) narrowed: Vec<Narrowing<'a>>,
    pub(super) asked: Asked<'a>,
    pub(super) span: Span,
}

/// What leaves some children out.
#[derive(Debug, Clone, Copy)]
pub(super) enum Narrowing<'a> {
    /// `$filter`; names in it are those of the children.
    Filter(&'a Node),
    /// `$search`.
    Search(&'a At<SearchExpr>),
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

/// What stands behind the name of a collection.
pub(super) struct Question<'a> {
    pub(super) narrowed: Vec<Narrowing<'a>>,
    pub(super) asked: Asked<'a>,
    pub(super) span: Span,
}

/// Reads what stands behind the name of a collection.
///
/// # Errors
///
/// The first step that asks nothing of a collection, or nothing where the path ends too early.
pub(super) fn question<'a>(
    steps: &'a [At<Step>],
) -> std::result::Result<Question<'a>, Option<&'a At<Step>>> {
    let mut narrowed = Vec::new();
    let mut left = steps;
    while let [step, rest @ ..] = left {
        let asked = match &step.node {
            Step::Filter(condition) => {
                narrowed.push(Narrowing::Filter(condition));
                left = rest;
                continue;
            }
            Step::Any(lambda) => Asked::Any(lambda.as_deref()),
            Step::All(lambda) => Asked::All(lambda),
            Step::Count(options) => {
                if let Some(options) = options {
                    let filter = options.filter.as_ref();
                    narrowed.extend(filter.map(|opt| Narrowing::Filter(&opt.value)));
                    let search = options.search.as_ref();
                    narrowed.extend(search.map(|opt| Narrowing::Search(&opt.value)));
                }
                Asked::Count
            }
            Step::Name(_) | Step::Key(_) | Step::Call { .. } | Step::Annotation(_) => {
                return Err(Some(step));
            }
        };
        if let Some(after) = rest.first() {
            return Err(Some(after));
        }
        return Ok(Question {
            narrowed,
            asked,
            span: step.span,
        });
    }
    Err(None)
}

/// A collection is compared as if it were a value.
pub(super) fn no_value(name: &str, span: Span) -> Problem {
    let text = format!("`{name}` is a collection and cannot be compared");
    let problem = Problem::new(Code::TypeMismatch, text);
    let problem = problem.about(name).at(span);
    problem.help(format!(
        "write `{name}/any(x:x/… eq …)`, or compare `{name}/$count`"
    ))
}

/// What is asked of children stands where only attributes may.
pub(super) fn only_compared(children: &Children<'_>, span: Span) -> Problem {
    let name = children.name;
    match children.asked {
        Asked::Count => {}
        Asked::Any(_) | Asked::All(_) => {
            let text = "`any` and `all` are true or false: nothing is computed with them";
            return Problem::new(Code::TypeMismatch, text).about(name).at(span);
        }
    }
    let text = format!("the number of `{name}` can only be compared with a whole number");
    let problem = refuse::not_offered(&text, span).about(name);
    problem.help(format!("write `{name}/$count gt 2`"))
}

impl<'a> Binder<'a, '_> {
    /// The children that are meant, all of them visible.
    pub(super) fn meant(&mut self, children: &Children<'a>) -> Result<Rows<'a>> {
        let limit = self.setting.context.limits.expand_depth;
        self.frames.check_depth((limit, children.span))?;
        let mut rows = Rows::named(self.setting, children.target, children.span)?;
        for narrowing in &children.narrowed {
            match narrowing {
                Narrowing::Filter(condition) => {
                    self.keep(&mut rows, None, condition, Want::TRUE)?;
                }
                Narrowing::Search(words) => {
                    let found = search::predicate(&mut rows, words)?;
                    self.narrow(&mut rows, found);
                }
            }
        }
        Ok(rows)
    }

    /// Keeps the rows for which a condition comes out as wanted. With a variable it is the condition
    /// of a lambda; without one, names in it are those of the rows.
    pub(super) fn keep(
        &mut self,
        rows: &mut Rows<'a>,
        variable: Option<&'a str>,
        condition: &'a Node,
        wanted: Want,
    ) -> Result<()> {
        let tables = std::mem::take(&mut rows.tables);
        self.frames.enter(tables, rows.here, variable);
        // What `$compute` names is computed of the rows of the query.
        let setting = match variable {
            Some(_) => self.setting,
            None => self.setting.without_computed(),
        };
        let mut inner = Binder {
            setting,
            frames: &mut *self.frames,
        };
        let bound = inner.condition(condition, wanted);
        rows.tables = self.frames.leave();
        self.narrow(rows, bound?);
        Ok(())
    }

    /// Keeps the rows of a condition that is counted towards the limit of the whole filter.
    fn narrow(&mut self, rows: &mut Rows<'_>, bound: Predicate) {
        if bound == Predicate::Never || rows.predicate == Predicate::Never {
            rows.predicate = Predicate::Never;
        } else {
            self.frames.nested += merge::conditions(&bound);
            rows.narrow(bound);
        }
    }
}
