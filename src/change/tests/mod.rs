//! Changes without a database.

mod apply;
mod collections;
mod delete;
mod family;
mod find;
mod history;
mod payloads;
mod texts;
mod values;

use serde_json::Value as Body;

use crate::change::testkit::{entity, key, model};
use crate::change::{Json, Read, Reading};
use crate::diag::{Problem, Result};

/// Reads a payload; `$1` is user 1.
fn reading(set: &str, text: &str, strict: bool) -> Result<Read> {
    let names = |name: &str| {
        (name == "$1").then(|| {
            format!(
                "http://host/api/domain/odata/Systems_Security_Users({})",
                key(1)
            )
        })
    };
    let reading = Reading {
        model: model(),
        names: &names,
        strict,
        replace_collections: false,
    };
    reading.object(entity(set), &Json::parse(text.as_bytes())?)
}

/// What is wrong with a payload: word, target and message of each fault.
fn faults(set: &str, text: &str) -> Vec<String> {
    match reading(set, text, false) {
        Ok(_) => Vec::new(),
        Err(problem) => told(&problem),
    }
}

fn told(problem: &Problem) -> Vec<String> {
    let line = |p: &Problem| {
        let target = p.target().unwrap_or("-");
        format!("{} {target}: {p}", p.word())
    };
    let mut all = vec![line(problem)];
    all.extend(problem.details().iter().map(line));
    all
}

/// A body with one more member.
fn with(mut body: Body, name: &str, value: Body) -> Body {
    body[name] = value;
    body
}
