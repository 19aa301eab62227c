//! Cases of our own for each rule of the public grammar (OASIS `odata-abnf-construction-rules`, 4.01)
//! that concerns addresses: at least three inputs that the rule takes and two that it refuses.
//!
//! The tables are the `*.txt` files here; `table.rs` says how they are written. Where this parser
//! takes more than the grammar, or less, the table says so with the reason, and the test sees that it
//! is still so. `rules.txt` lists the grammar's rules, `left_out.txt` those without a row, with the
//! reason.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests stop the test"
)]

mod table;

use std::collections::{BTreeMap, BTreeSet};

use table::{Row, rows, rules};

/// Inputs that each rule takes at least.
const VALID: usize = 3;
/// Inputs that each rule refuses at least.
const INVALID: usize = 2;

/// Runs `check` over every row and reports all that it finds.
fn each_row(check: impl Fn(&Row, &mut Vec<String>)) {
    let mut faults = Vec::new();
    for row in rows() {
        check(&row, &mut faults);
    }
    assert!(
        faults.is_empty(),
        "{} faults\n{}",
        faults.len(),
        faults.join("\n")
    );
}

#[test]
fn what_a_rule_takes_is_read_and_survives_printing() {
    each_row(|row, faults| {
        for input in &row.valid {
            if let Err(why) = row.read(input) {
                faults.push(format!("{}: {input}\n    {why}", row.rule));
            }
        }
    });
}

#[test]
fn what_a_rule_refuses_is_refused_with_its_place() {
    each_row(|row, faults| {
        for input in &row.invalid {
            match row.refusal(input) {
                None => faults.push(format!("{}: {input} is taken", row.rule)),
                Some(problem) if problem.caret().is_none() => {
                    faults.push(format!("{}: {input} is refused without a place", row.rule));
                }
                Some(_) => {}
            }
        }
    });
}

#[test]
fn known_differences_are_still_differences() {
    each_row(|row, faults| {
        for (input, _) in &row.generous {
            if let Some(problem) = row.refusal(input) {
                let message = &problem.message();
                faults.push(format!("{}: {input} is refused now: {message}", row.rule));
            }
        }
        for (input, _) in &row.missing {
            if row.refusal(input).is_none() {
                faults.push(format!("{}: {input} is taken now", row.rule));
            }
        }
    });
}

#[test]
fn every_rule_has_enough_inputs_of_both_kinds() {
    each_row(|row, faults| {
        let distinct = |inputs: &[String]| inputs.iter().collect::<BTreeSet<_>>().len();
        let (valid, invalid) = (distinct(&row.valid), distinct(&row.invalid));
        if valid < VALID || invalid < INVALID {
            let rule = &row.rule;
            faults.push(format!("{rule}: {valid} valid, {invalid} invalid"));
        }
        if valid < row.valid.len() || invalid < row.invalid.len() {
            faults.push(format!("{}: an input is there twice", row.rule));
        }
    });
}

#[test]
fn every_rule_of_the_grammar_has_a_row_or_a_reason() {
    let known = rules(include_str!("rules.txt"));
    let left_out = rules(include_str!("left_out.txt"));
    let mut places = BTreeMap::<String, Vec<&str>>::new();
    for (rule, _) in &known {
        places.entry(rule.clone()).or_default().push("the grammar");
    }
    for row in rows() {
        places.entry(row.rule).or_default().push("a row");
    }
    for (rule, reason) in left_out {
        assert!(!reason.is_empty(), "{rule} is left out without a reason");
        places.entry(rule).or_default().push("left out");
    }
    let odd: Vec<String> = places
        .into_iter()
        .filter(|(_, places)| {
            !matches!(
                places.as_slice(),
                ["the grammar", "a row"] | ["the grammar", "left out"]
            )
        })
        .map(|(rule, places)| format!("{rule}: {}", places.join(", ")))
        .collect();
    assert!(odd.is_empty(), "{}", odd.join("\n"));
}
