//! Signing in, from outside: the stories of the service with a clock of the test, and a real server,
//! each over both databases.

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

mod acting;
mod at;
mod ends;
mod enrolment;
mod first;
mod flood;
mod guesses;
mod lockout;
mod pages;
mod passwords;
mod renewal;
mod second_factor;
mod sessions;
mod who;
mod wire;
