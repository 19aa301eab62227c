//! Indexes of trigrams are a switch: on and off answer with the same bytes, on both databases, over
//! whatever has changed since; and where few rows have a text they are what is read.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

#[path = "../support/mod.rs"]
mod support;

mod answers;
mod faults;
mod kit;
mod plans;
