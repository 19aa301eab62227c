//! The table of declared filters as every kind of caller: each attribute and reference of each entity
//! × each form of condition × each entrance of a query. A form is answered exactly when it is declared
//! and the caller may read what it is about; each refusal is the one that says why.
//!
//! What callers may read is written out in `callers.rs` from `docs/SECURITY.md`, not asked of the
//! program.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod callers;
mod entrances;
#[path = "../rights/office.rs"]
mod office;
mod table;
