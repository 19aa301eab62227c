//! The built program: results to standard output, problems to standard error, exit codes.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod database;
mod exports;
mod kit;
mod people;
mod queries;
mod usage;
