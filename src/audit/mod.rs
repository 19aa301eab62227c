//! The audit log as data: what is noted, how entries are chained, and how equal ones are counted.
//!
//! Knows events, hashes and numbers; must never know HTTP, SQL, connections or a clock. See
//! `docs/decisions/018-audit.md`.

mod chain;
mod entry;
mod event;
mod tally;
mod text;

pub use chain::{Checker, Finding, Hash, Head, ParsedHead};
pub use entry::Entry;
pub use event::{Event, Object, Outcome, What, Who};
pub use tally::{Counted, MOST, MOST_OF_ONE, Tally};
pub use text::{line, short};
