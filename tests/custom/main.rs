//! Custom properties over HTTP, from their definitions to their values: a real server over each kind
//! of database.

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

mod around;
mod definitions;
mod kit;
mod queries;
mod rights;
mod values;
