//! The audit log, from outside: what is noted of what, that nobody can change it unseen, and who
//! reads it; each over both databases, mostly behind a real server.

#![allow(
    unreachable_pub,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod chain;
mod changes;
mod floods;
mod kit;
mod program;
mod readers;
mod retention;
mod sign_in;
