//! Whatever parses is bound or refused: nothing panics.

use proptest::prelude::*;
use userdex::model::Model;

use crate::draw;

const WORDS: &[&str] = &[
    "Login",
    "Name",
    "Name/EN",
    "Active",
    "AccessFailedCount",
    "CreationTimeUtc",
    "Person",
    "Person/Id",
    "Groups",
    "Password",
    "'x'",
    "''",
    "1",
    "-1",
    "9223372036854775807",
    "1.5",
    "INF",
    "null",
    "true",
    "2024-02-30",
    "9999-12-31",
    "9999-12-31T23:59:59Z",
    "0001-01-01",
    "duration'P1D'",
    "duration'-P99999999D'",
    "now()",
    "maxdatetime()",
    "eq",
    "ne",
    "ge",
    "in",
    "has",
    "and",
    "or",
    "not",
    "add",
    "sub",
    "mul",
    "div",
    "mod",
    "(",
    ")",
    ",",
    "contains(",
    "tolower(",
    "date(",
    "year(",
    "indexof(",
    "equalnull(",
    "@a",
    "[1,'x']",
    "$it",
    "case(",
];

#[test]
fn no_filter_panics() {
    let model = Model::shipped().unwrap();
    let context = draw::context();
    let word = prop::sample::select(WORDS);
    proptest!(|(words in prop::collection::vec(word.clone(), 1..12), order in word)| {
        let text = words.join(" ").replace("( ", "(");
        let address = format!("{}?$filter={text}&@a={order}", draw::USERS);
        let _ = draw::plan(&model, &address, &context);
        let address = format!("{}?$orderby={text}", draw::USERS);
        let _ = draw::plan(&model, &address, &context);
    });
}

#[test]
fn no_comparison_of_any_two_words_panics() {
    let model = Model::shipped().unwrap();
    let context = draw::context();
    for left in WORDS {
        for right in WORDS {
            for operator in ["eq", "ge", "in", "add", "sub", "div"] {
                let filter = format!("{left} {operator} {right}&@a={right}");
                let address = format!("{}?$filter={filter}", draw::USERS);
                let _ = draw::plan(&model, &address, &context);
                let address = format!("{}?$filter=date({left}) eq {right}", draw::USERS);
                let _ = draw::plan(&model, &address, &context);
            }
        }
    }
}
