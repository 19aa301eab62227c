//! Faults as data.
//!
//! Knows the table of error codes, spans of text and the [`Problem`] that every room answers with.
//! Must never know HTTP beyond a status number, nor any other room.

mod caret;
mod code;
mod nearest;
mod problem;
mod span;

pub use code::Code;
pub use nearest::{may_be_a_slip, nearest};
pub use problem::{Problem, Source};
pub use span::{At, Span};

/// What every fallible step of a request returns.
pub type Result<T, E = Problem> = std::result::Result<T, E>;
