//! Importing: over HTTP with a real server, and by the built program.

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

mod action;
mod actions;
mod files;
mod guide;
mod killed;
mod kit;
mod limits;
mod rights;
