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
    clippy::wildcard_enum_match_arm,
    reason = "helpers of tests"
)]

mod answers;
mod casts;
mod deltas;
mod expand;
mod free;
mod groups;
mod later;
#[path = "../apply/memory.rs"]
mod memory;
mod options;
mod pipelines;
mod read;
mod reader;
mod run;
mod stage;
#[path = "../support/mod.rs"]
mod support;
mod wire;

use run::{Settings, run};
use stage::Stage;

/// Of a hundred requests.
mod share {
    pub(crate) const READS: u64 = 22;
    pub(crate) const TRIGRAMS: u64 = 6;
    pub(crate) const EXPANSIONS: u64 = 10;
    pub(crate) const REQUESTS: u64 = 17;
    pub(crate) const GROUPS: u64 = 10;
    pub(crate) const PIPELINES: u64 = 14;
    pub(crate) const DELTAS: u64 = 3;
    pub(crate) const WIRE: u64 = 10;
    pub(crate) const READERS: u64 = 8;
}

#[test]
fn reads_give_the_rows_of_the_evaluator() {
    let stage = Stage::new();
    let settings = Settings::share(share::READS);
    run("reads", &stage, settings, read::Read::draw).assert_sound();
}

/// The answer does not depend on the switch.
#[test]
fn reads_by_trigrams_give_the_rows_of_the_evaluator() {
    let stage = Stage::new();
    stage.turn_trigrams_on();
    let settings = Settings::share(share::TRIGRAMS);
    run("reads by trigrams", &stage, settings, read::Read::draw).assert_sound();
}

#[test]
fn expansions_give_the_rows_of_the_evaluator() {
    let stage = Stage::new();
    let settings = Settings::share(share::EXPANSIONS);
    run("expansions", &stage, settings, expand::Expand::draw).assert_sound();
}

#[test]
fn both_databases_give_the_same_bytes() {
    let stage = Stage::new();
    let settings = Settings::share(share::REQUESTS);
    run("requests", &stage, settings, free::Free::draw).assert_sound();
}

#[test]
fn groups_are_those_of_the_evaluator() {
    let stage = Stage::new();
    let settings = Settings::share(share::GROUPS);
    run("groups", &stage, settings, groups::Groups::draw).assert_sound();
}

#[test]
fn both_databases_group_alike() {
    let stage = Stage::new();
    run(
        "pipelines",
        &stage,
        Settings::share(share::PIPELINES),
        pipelines::draw,
    );
}

/// Nor does what a reader is not shown.
#[test]
fn readers_get_the_rows_of_what_they_are_shown() {
    reader::run_all(Settings::share(share::READERS));
}

#[test]
fn copies_stay_what_is_there() {
    let stage = Stage::that_changes();
    deltas::run(&stage, Settings::share(share::DELTAS));
}

#[test]
fn headers_change_no_more_than_they_ask_for() {
    let stage = Stage::new();
    let settings = Settings::share(share::WIRE);
    run("wire", &stage, settings, wire::Wire::draw);
    if settings.only.is_none() && settings.count >= 200 {
        wire::assert_all_seen();
    }
}
