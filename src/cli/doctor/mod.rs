//! `userdex doctor`: what an operator should look at.

mod data;
mod settings;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::base::Base;
use super::{Outcome, output};
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

/// What `doctor` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The form of the findings
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
}

/// A form of findings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Form {
    /// For people.
    Text,
    /// For programs.
    Json,
}

/// Something that somebody should look at.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    /// One stable word for each kind of finding.
    code: &'static str,
    /// What was found.
    text: String,
    /// What to do about it.
    hint: &'static str,
}

/// Prints what was found; findings make the exit code 2.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let store = base.existing_store()?;
    if store.migration_status()?.iter().any(|m| !m.applied) {
        let message = "the tables of the database are not those of this version";
        let problem = Problem::new(Code::DatabaseFault, message);
        return Err(problem.help("run `userdex migrate` first"));
    }
    let mut findings = settings::check(&base.settings);
    let facts = data::Facts::read(&store)?;
    findings.extend(data::check(&facts, Timestamp::now()));
    output::print(&match arguments.format {
        Form::Text => text(&findings),
        Form::Json => json(&findings),
    })?;
    Ok(if findings.is_empty() {
        Outcome::Done
    } else {
        Outcome::Found
    })
}

fn text(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return "nothing was found\n".to_owned();
    }
    let lines = findings.iter().map(|finding| {
        let Finding { code, text, hint } = finding;
        format!("{code}: {text}\n  help: {hint}\n")
    });
    lines.collect()
}

fn json(findings: &[Finding]) -> String {
    let findings = findings.iter().map(|finding| {
        let Finding { code, text, hint } = finding;
        json!({"code": code, "text": text, "hint": hint})
    });
    let findings: Vec<_> = findings.collect();
    format!("{}\n", json!({ "findings": findings }))
}
