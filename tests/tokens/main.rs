//! Tokens, from outside: the stories of the service with a clock of the test, and a real server, each
//! over both databases.

#![allow(
    dead_code,
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

#[path = "../sign_in/at.rs"]
mod at;
mod client;
mod ends;
mod kit;
mod making;
mod own;
mod policy;
mod raising;
mod wire;
