//! No secret leaves: the database is filled with markers in everything that is secret, every address
//! is asked by every kind of caller, and no marker is in any byte that comes back or is logged.
//!
//! What is secret is asked of the model and of the database, what can be asked of the table of
//! addresses: a secret, a table or an address that is new fails here until it is thought of.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod callers;
mod crawl;
mod log;
mod needles;
mod reads;
mod refused;
mod routes;
mod secrets;
mod stage;
mod writes;
