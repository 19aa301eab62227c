//! Requests as text, bound against the shipped model.
//!
//! The `*.txt` files hold cases: a request, and indented under it the plan or the problem.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

mod draw;
mod forms;
mod logic;
mod paging;
mod robust;

use userdex::model::Model;

/// Compares every case of a file with what binding gives, and shows all that differ.
fn check(cases: &str, bound: impl Fn(&str) -> String) {
    let lines: Vec<_> = cases.lines().filter(|line| !line.is_empty()).collect();
    let mut wrong = String::new();
    for case in lines.chunks(2) {
        let [request, expected] = case else {
            panic!("a request without its plan: {case:?}");
        };
        let given = bound(request);
        if expected.trim() != given {
            wrong.push_str(&format!("{request}\n    {given}\n"));
        }
    }
    assert!(wrong.is_empty(), "these came out differently:\n{wrong}");
}

#[test]
fn filters_of_users() {
    let model = Model::shipped().unwrap();
    check(include_str!("filters.txt"), |filter| {
        draw::filter(&model, filter, &draw::context())
    });
}

#[test]
fn counts_of_collections() {
    let model = Model::shipped().unwrap();
    check(include_str!("counts.txt"), |filter| {
        draw::filter(&model, filter, &draw::context())
    });
}

#[test]
fn filters_of_other_sets() {
    let model = Model::shipped().unwrap();
    check(include_str!("sets.txt"), |case| {
        let (set, filter) = case.split_once(' ').unwrap();
        draw::set_filter(&model, set, filter, &draw::context())
    });
}

#[test]
fn addresses() {
    let model = Model::shipped().unwrap();
    check(include_str!("paths.txt"), |address| {
        draw::rows(&model, address.trim_matches('`'), &draw::context())
    });
}

#[test]
fn outputs() {
    let model = Model::shipped().unwrap();
    check(include_str!("reads.txt"), |address| {
        draw::output(&model, address, &draw::context())
    });
}

#[test]
fn strict_filters_are_the_vendors() {
    let model = Model::shipped().unwrap();
    let mut context = draw::context();
    context.strict_filters = true;
    check(include_str!("strict.txt"), |filter| {
        draw::filter(&model, filter, &context)
    });
}

#[test]
fn the_vendors_way_cuts_times_to_days() {
    let model = Model::shipped().unwrap();
    let mut context = draw::context();
    context.truncate_datetime = true;
    let cut = draw::filter(&model, "CreationTimeUtc ge 2024-05-05T10:30:00Z", &context);
    assert_eq!(cut, "Creation_Time_Utc >= 2024-05-05T00:00:00Z");
}

#[test]
fn references_are_in_the_default_output_of_the_vendors_clients() {
    let model = Model::shipped().unwrap();
    let mut context = draw::context();
    context.default_references = true;
    let read = draw::read(&model, "Systems_Security_UserGroups", &context).unwrap();
    assert_eq!(draw::shape(&model, &read.shape), "Id,@Group,@User");
}
