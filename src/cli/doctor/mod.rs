//! `userdex doctor`: what an operator should look at.

mod data;
mod settings;
mod trigrams;

use clap::{Args, ValueEnum};
use serde_json::json;

use super::base::Base;
use super::{Outcome, output};
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

/// Names of one finding at most; how many more there are is said.
const NAMES: usize = 5;

/// What `doctor` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    /// The form of the findings
    #[arg(long, value_enum, default_value_t = Form::Text)]
    format: Form,
    /// Compare also what indexes of trigrams say with what is stored; changes wait meanwhile
    #[arg(long)]
    contents: bool,
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
    // Comparing takes as long as it needs.
    let store = if arguments.contents {
        base.patient_store()?
    } else {
        base.existing_store()?
    };
    if store.migration_status()?.iter().any(|m| !m.applied) {
        let message = "the tables of the database are not those of this version";
        let problem = Problem::new(Code::DatabaseFault, message);
        return Err(problem.help("run `userdex migrate` first"));
    }
    let mut findings = settings::check(&base.settings);
    let facts = data::Facts::read(&store)?;
    findings.extend(data::check(&facts, Timestamp::now()));
    findings.extend(trigrams::check(
        &store,
        &*base.model()?,
        arguments.contents,
    )?);
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

/// A finding about some names; nothing about none.
fn listed(
    code: &'static str,
    what: &str,
    mut names: Vec<String>,
    hint: &'static str,
) -> Option<Finding> {
    if names.is_empty() {
        return None;
    }
    names.sort_unstable();
    let all = names.len();
    names.truncate(NAMES);
    let mut text = format!("{all} {what}: {}", names.join(", "));
    if all > NAMES {
        text.push_str(&format!(" and {} more", all.saturating_sub(NAMES)));
    }
    Some(Finding { code, text, hint })
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lists_are_cut() {
        let names = (0..7).map(|n| n.to_string()).collect();
        let found = listed("X", "things", names, "").unwrap();
        assert_eq!(found.text, "7 things: 0, 1, 2, 3, 4 and 2 more");
        assert_eq!(listed("X", "things", Vec::new(), ""), None);
    }
}
