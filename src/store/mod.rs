//! Pools, transactions, deadlines, rows out.
//!
//! Runs plans on the database that the URL names and hands rows out one by one. Knows connections
//! and turns database errors into [`crate::diag::Problem`]s; must never know HTTP or JSON.

mod row;

pub use row::{Cell, Flow, Row, RowSink};
