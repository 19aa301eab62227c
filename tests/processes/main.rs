//! The built program as processes of their own: sessions from the consumer's side, and what is left
//! when clients and servers are killed or stopped.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests stop the test, and not all are needed here"
)]

#[path = "../events/kit.rs"]
mod kit;
#[path = "../support/mod.rs"]
mod support;

mod imports;
mod program;
mod script;
mod streams;
mod transactions;
