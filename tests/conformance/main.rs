//! The conformance levels of OData, as far as services are concerned: a row for each requirement of
//! sections 13.1 and 13.2 of the standard (OData 4.01, Part 1), with the requests that show it. They
//! run over HTTP on both databases.
//!
//! The tables are the `*.txt` files here; `table.rs` says how they are written. A requirement that is
//! said not to be met must fail: when it is met, the test asks for the table to be corrected.
//! `docs/CONFORMANCE.md` is written from the tables: `USERDEX_WRITE_DOCS=1 cargo test --test
//! conformance`.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "helpers of tests stop the test"
)]

#[path = "../support/mod.rs"]
mod support;

mod page;
mod stage;
mod table;

use std::collections::BTreeSet;
use std::path::Path;

use stage::Stage;
use support::world::{World, worlds};
use table::{Level, State, levels};

/// Users that the demonstration makes.
const USERS: u64 = 60;

/// The page that is written from the tables.
const PAGE: &str = "docs/CONFORMANCE.md";

fn tables() -> Vec<Level> {
    levels(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/conformance"))
}

/// Sends what each requirement names, and says where the table is wrong.
fn hold(world: &World, levels: &[Level]) -> Vec<String> {
    let mut stage = Stage::new(world);
    let mut wrong = Vec::new();
    for level in levels {
        for requirement in &level.requirements {
            if requirement.requests.is_empty() {
                continue;
            }
            let faults = stage.run(&requirement.requests);
            let name = format!("{} {}", level.section, requirement.number);
            match &requirement.state {
                State::Met | State::Void(_) => {
                    wrong.extend(faults.into_iter().map(|fault| format!("{name}: {fault}")));
                }
                State::NotYet(_) | State::NotMet(_) | State::VoidYet(_) => {
                    if faults.is_empty() {
                        wrong.push(format!("{name} is met now: {}", requirement.demand));
                    }
                }
            }
        }
    }
    wrong
}

#[test]
fn every_requirement_is_as_the_table_says() {
    let levels = tables();
    for world in worlds(USERS) {
        let wrong = hold(&world, &levels);
        let name = world.name;
        assert!(
            wrong.is_empty(),
            "{name}: {} wrong\n{}",
            wrong.len(),
            wrong.join("\n")
        );
    }
}

/// The number of a requirement that `9a` and `9.1` are parts of.
fn whole(number: &str) -> usize {
    let end = number.find(|c: char| !c.is_ascii_digit());
    number[..end.unwrap_or(number.len())].parse().unwrap()
}

#[test]
fn every_requirement_is_shown() {
    let levels = tables();
    let sections: BTreeSet<&str> = levels.iter().map(|level| level.section.as_str()).collect();
    let expected = [
        "13.1.1", "13.1.2", "13.1.3", "13.2.1", "13.2.2", "13.2.3", "Beyond",
    ];
    assert_eq!(sections, BTreeSet::from(expected));
    for level in &levels {
        let numbers: BTreeSet<&str> = level
            .requirements
            .iter()
            .map(|requirement| requirement.number.as_str())
            .collect();
        assert_eq!(
            numbers.len(),
            level.requirements.len(),
            "{} counts twice",
            level.section
        );
        // The numbers have no hole: nothing was forgotten.
        let counted: BTreeSet<usize> = numbers.iter().map(|number| whole(number)).collect();
        let expected: BTreeSet<usize> = (1..=level.last).collect();
        assert_eq!(counted, expected, "{}", level.section);
        for requirement in &level.requirements {
            let shown = !requirement.requests.is_empty()
                || !requirement.levels.is_empty()
                || requirement.elsewhere.is_some()
                || matches!(requirement.state, State::Void(_));
            let name = format!("{} {}", level.section, requirement.number);
            assert!(shown, "{name} is shown by nothing");
            for needed in &requirement.levels {
                assert!(sections.contains(needed.as_str()), "{name}: {needed}");
            }
        }
    }
}

#[test]
fn files_that_the_tables_name_are_there() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    for level in tables() {
        for requirement in level.requirements {
            let Some(elsewhere) = requirement.elsewhere else {
                continue;
            };
            for file in elsewhere.split('`').skip(1).step_by(2) {
                assert!(root.join(file).exists(), "{file} is not there");
            }
        }
    }
}

#[test]
fn the_page_is_written_from_the_tables() {
    let text = page::page(&tables());
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join(PAGE);
    if std::env::var_os("USERDEX_WRITE_DOCS").is_some() {
        std::fs::write(&file, &text).unwrap();
    }
    let stored = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        stored == text,
        "{PAGE} is not what the tables say: USERDEX_WRITE_DOCS=1 cargo test --test conformance"
    );
}
