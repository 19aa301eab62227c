//! Limits of the syntax, as values handed down.

use crate::diag::{Code, Problem, Result, Span};

/// What the parser takes at most.
#[derive(Debug, Clone, Copy)]
pub struct Limits {
    /// Levels of nesting in one option.
    pub depth: u16,
    /// Items of one list.
    pub list: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            depth: 64,
            list: 10_000,
        }
    }
}

/// How many levels are left. Handed down by value: nobody has to restore it.
#[derive(Debug, Clone, Copy)]
pub struct Depth(u16);

impl Depth {
    /// The whole depth.
    pub fn new(levels: u16) -> Self {
        Self(levels)
    }

    /// One level less, or the problem at `span`.
    pub fn down(self, span: Span) -> Result<Self> {
        self.0.checked_sub(1).map(Self).ok_or_else(|| {
            Problem::new(Code::LimitExceeded, "the expression is nested too deeply")
                .at(span)
                .help("at most 64 levels are allowed")
        })
    }
}
