//! API transactions and copies, over HTTP on both databases.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod batches;
mod ends;
mod guards;
mod kit;
mod limits;
mod places;
mod plans;
mod same;
mod session;
mod telling;
