//! The shipped metadata: what it says about users, and that it serves what it declares.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod entities;
mod kit;
mod storage;
mod users;
