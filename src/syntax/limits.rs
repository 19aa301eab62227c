//! Limits of the syntax, as values handed down.

use std::cell::Cell;

use crate::diag::{Code, Problem, Result, Span};

/// What the parser takes at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Levels of nesting in one option.
    pub depth: u16,
    /// Items of one list.
    pub list: usize,
    /// Values of one `$compute`.
    pub computed: usize,
    /// Words of one list of `$search`.
    pub words: usize,
    /// Options of one query.
    pub options: usize,
    /// Items and nested expressions of one query altogether: what a request takes of memory and
    /// time is bounded by it, whatever its length.
    pub parts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            list: 10_000,
            computed: 100,
            words: 1_000,
            options: 1_000,
            parts: 100_000,
        }
    }
}

/// What one query was found to hold until now; all of its options count together.
#[derive(Debug, Default)]
pub(super) struct Parts(Cell<usize>);

impl Parts {
    /// Counts one more, or answers the problem, without its place.
    pub(super) fn one_more(&self, most: usize) -> Result<()> {
        let parts = self.0.get().saturating_add(1);
        self.0.set(parts);
        if parts <= most {
            return Ok(());
        }
        Err(
            Problem::new(Code::LimitExceeded, "the query has too many parts")
                .help(format!("at most {most} values and conditions are allowed")),
        )
    }
}

/// How many levels are left. Handed down by value: nobody has to restore it.
#[derive(Debug, Clone, Copy)]
pub struct Depth {
    left: u16,
    whole: u16,
}

impl Depth {
    /// The whole depth.
    pub fn new(levels: u16) -> Self {
        Self {
            left: levels,
            whole: levels,
        }
    }

    /// One level less, or the problem at `span`.
    pub fn down(self, span: Span) -> Result<Self> {
        let whole = self.whole;
        let left = self.left.checked_sub(1).ok_or_else(|| {
            Problem::new(Code::LimitExceeded, "the expression is nested too deeply")
                .at(span)
                .help(format!("at most {whole} levels are allowed"))
        })?;
        Ok(Self { left, whole })
    }
}
