//! Requests drawn from the model, over all entity sets: both databases give the same bytes, and
//! where an evaluator in memory knows the answer, they give that one.
//!
//! `USERDEX_GENERATED=n` sends so many, `USERDEX_SEED=n` others, `USERDEX_CLIENTS=n` by so many
//! clients at once. A failure names its seed and its number: `USERDEX_SEED=n USERDEX_CASE=m` sends
//! that one alone.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::as_conversions,
    reason = "helpers of tests"
)]

mod deltas;
mod expand;
mod free;
mod groups;
#[path = "../apply/memory.rs"]
mod memory;
mod options;
mod pipelines;
mod read;
mod run;
mod stage;
#[path = "../support/mod.rs"]
mod support;

use run::{Settings, run};
use stage::Stage;

#[test]
fn reads_give_the_rows_of_the_evaluator() {
    let stage = Stage::new();
    let tally = run("reads", &stage, Settings::of(600), read::Read::draw);
    tally.assert_sound();
}

#[test]
fn expansions_give_the_rows_of_the_evaluator() {
    let stage = Stage::new();
    let tally = run("expansions", &stage, Settings::of(200), expand::Expand::draw);
    tally.assert_sound();
}

#[test]
fn both_databases_give_the_same_bytes() {
    let stage = Stage::new();
    run("requests", &stage, Settings::of(500), free::Free::draw);
}

#[test]
fn groups_are_those_of_the_evaluator() {
    let stage = Stage::new();
    let tally = run("groups", &stage, Settings::of(200), groups::Groups::draw);
    tally.assert_sound();
}

#[test]
fn both_databases_group_alike() {
    let stage = Stage::new();
    run("pipelines", &stage, Settings::of(200), pipelines::draw);
}

#[test]
fn copies_stay_what_is_there() {
    let stage = Stage::that_changes();
    deltas::run(&stage, Settings::of(6_000).share(50, 60));
}
