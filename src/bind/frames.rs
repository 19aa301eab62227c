//! The rows that names in an expression may mean: those of the query and, inside what is asked of
//! children, theirs.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::Predicate;

use super::tables::{Instance, Tables};

/// The rows in scope of an expression.
#[derive(Debug)]
pub(super) struct Frames<'a> {
    base: Frame<'a>,
    /// The rows of lambdas and of filters of children, from the outermost on.
    inner: Vec<Frame<'a>>,
    /// Conditions inside those that are bound.
    pub(super) nested: usize,
}

/// Rows in scope.
#[derive(Debug)]
pub(super) struct Frame<'a> {
    pub(super) tables: Tables,
    pub(super) here: Instance,
    /// The name of the range variable; nothing for the rows of the query and of filters of children,
    /// which names without a variable mean.
    variable: Option<&'a str>,
}

impl<'a> Frames<'a> {
    /// Binds something over the rows of a query.
    pub(super) fn over<T>(
        tables: &mut Tables,
        here: Instance,
        bind: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let mut frames = Self {
            base: Frame {
                tables: std::mem::take(tables),
                here,
                variable: None,
            },
            inner: Vec::new(),
            nested: 0,
        };
        let bound = bind(&mut frames);
        *tables = frames.base.tables;
        bound
    }

    /// Goes into a lambda over some rows or, without a variable, into a filter of theirs.
    pub(super) fn enter(&mut self, tables: Tables, here: Instance, variable: Option<&'a str>) {
        self.inner.push(Frame {
            tables,
            here,
            variable,
        });
    }

    /// Sees that there may be one more inside of those that were gone into.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` below `most` of them.
    pub(super) fn check_depth(&self, (most, span): (u16, Span)) -> Result<()> {
        if self.inner.len() < usize::from(most) {
            return Ok(());
        }
        let text = format!("conditions on children are nested deeper than {most} levels");
        Err(Problem::new(Code::LimitExceeded, text).at(span))
    }

    /// Leaves the innermost of them; the tables of its rows.
    pub(super) fn leave(&mut self) -> Tables {
        self.inner
            .pop()
            .map(|frame| frame.tables)
            .unwrap_or_default()
    }

    /// The level of a range variable; the rows of the query are level 0.
    pub(super) fn level(&self, variable: &str) -> Option<usize> {
        let is = |frame: &Frame<'_>| frame.variable == Some(variable);
        self.inner.iter().rposition(is).map(|index| index + 1)
    }

    /// The level of the rows that names without a variable mean.
    pub(super) fn implicit(&self) -> usize {
        let is = |frame: &Frame<'_>| frame.variable.is_none();
        let found = self.inner.iter().rposition(is);
        found.map_or(0, |index| index + 1)
    }

    /// How many levels lie between a level and where the expression stands.
    pub(super) fn up(&self, level: usize) -> usize {
        self.inner.len().saturating_sub(level)
    }

    /// The rows of a level.
    pub(super) fn at(&mut self, level: usize) -> &mut Frame<'a> {
        let index = level.checked_sub(1);
        match index.and_then(|index| self.inner.get_mut(index)) {
            Some(frame) => frame,
            None => &mut self.base,
        }
    }
}

/// A condition over the rows of `up` levels further out.
pub(super) fn raised(up: usize, predicate: Predicate) -> Predicate {
    let Some(up) = std::num::NonZeroU8::new(u8::try_from(up).unwrap_or(u8::MAX)) else {
        return predicate;
    };
    match predicate {
        Predicate::Always | Predicate::Never => predicate,
        Predicate::All(_)
        | Predicate::Any(_)
        | Predicate::Compare { .. }
        | Predicate::OneOf { .. }
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Within { .. }
        | Predicate::Counted { .. }
        | Predicate::Outer { .. } => Predicate::Outer {
            up,
            predicate: Box::new(predicate),
        },
    }
}
