//! What a caller may see and change, at every entrance, on both databases.

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

mod administrators;
mod asking;
mod bases;
mod changes;
mod columns;
mod composed;
mod elsewhere;
mod filters;
mod guesses;
mod interference;
mod office;
mod refused;
mod repeats;
mod rows;
mod scopes;
