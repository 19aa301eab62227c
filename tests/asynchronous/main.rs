//! Answers that come later (`Prefer: respond-async`), over HTTP, from outside: a real server over
//! each kind of database.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod bounds;
mod kit;
mod monitors;
mod results;
