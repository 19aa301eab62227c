//! One layer of settings and where it came from.

use std::path::Path;

use figment::providers::{Format, Json, Toml};
use figment::value::{Dict, Value};

use super::place::line_of;
use super::table::{LATER, SETTINGS};
use crate::diag::{Code, Problem, Result};

/// The prefix of environment variables.
const PREFIX: &str = "USERDEX_";

/// Values from one place.
#[derive(Debug)]
pub(super) struct Layer {
    origin: Origin,
    pub(super) values: Dict,
}

#[derive(Debug)]
enum Origin {
    File { name: String, text: String },
    Variable(String),
    Flag(&'static str),
}

impl Layer {
    /// A file: JSON where its name ends so, else TOML.
    pub(super) fn file(path: &Path) -> Result<Self> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path)
            .map_err(|e| fault(format!("cannot read the configuration file `{name}`: {e}")))?;
        let json = path
            .extension()
            .is_some_and(|end| end.eq_ignore_ascii_case("json"));
        let values = if json {
            Json::from_str(&text).map_err(|e| e.to_string())
        } else {
            Toml::from_str(&text).map_err(|e| e.to_string().trim_end().to_owned())
        };
        let values = values.map_err(|e| {
            fault(format!(
                "the configuration file `{name}` cannot be read: {e}"
            ))
        })?;
        let origin = Origin::File { name, text };
        Ok(Self { origin, values })
    }

    /// `USERDEX_SECTION__KEY` and `USERDEX_PROFILE`. Nothing for any other variable: those without
    /// `__` have uses of their own.
    pub(super) fn variable(name: &str, value: &str) -> Option<Self> {
        let key = name.strip_prefix(PREFIX)?.to_ascii_lowercase();
        if !key.contains("__") && key != "profile" {
            return None;
        }
        // Parses numbers, booleans and quoted text; anything else is text.
        let value: Value = value.parse().unwrap_or_else(|_| Value::from(value));
        Some(Self {
            origin: Origin::Variable(name.to_owned()),
            values: nested(&key.replace("__", "."), value),
        })
    }

    /// A flag of the command line that sets `key`.
    pub(super) fn flag(flag: &'static str, key: &str, value: &str) -> Self {
        Self {
            origin: Origin::Flag(flag),
            values: nested(key, Value::from(value)),
        }
    }

    /// Where a value came from, for people.
    pub(super) fn place(&self, path: &[&str]) -> String {
        match &self.origin {
            Origin::File { name, text } => match line_of(text, path) {
                Some(line) => format!("{name}, line {line}"),
                None => name.clone(),
            },
            Origin::Variable(name) => format!("the environment variable {name}"),
            Origin::Flag(flag) => format!("the option {flag}"),
        }
    }

    /// The value at a path, if this layer has one.
    pub(super) fn value(&self, path: &[String]) -> Option<&Value> {
        let (first, rest) = path.split_first()?;
        rest.iter()
            .try_fold(self.values.get(first)?, |value, part| {
                value.as_dict()?.get(part)
            })
    }

    /// One problem for each key that is no setting.
    pub(super) fn unknown_keys(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        for (section, value) in &self.values {
            match value.as_dict() {
                Some(keys) if !is_later(section) && is_section(section) => {
                    problems.extend(keys.keys().filter_map(|key| self.check(&[section, key])));
                }
                Some(_) | None => problems.extend(self.check(&[section])),
            }
        }
        problems
    }

    /// The problem of one key, if it is no setting.
    fn check(&self, path: &[&str]) -> Option<Problem> {
        let key = path.join(".");
        if SETTINGS.iter().any(|setting| setting.key == key) || is_open(path) {
            return None;
        }
        let place = self.place(path);
        if is_later(&key) {
            let message = format!("`{key}` is not yet known to this version ({place})");
            return Some(fault(message).about(key).help("remove it"));
        }
        if is_section(&key) {
            let message = format!("`{key}` is a section, not a value ({place})");
            return Some(fault(message).about(key));
        }
        let problem = fault(format!("there is no setting `{key}` ({place})"));
        let problem = problem.about(key.as_str());
        Some(match nearest(&key) {
            Some(name) => problem.help(format!("did you mean `{name}`?")),
            None => problem,
        })
    }
}

/// A fault of the configuration.
pub(super) fn fault(message: impl Into<String>) -> Problem {
    Problem::new(Code::ConfigurationFault, message)
}

fn is_later(key: &str) -> bool {
    LATER.iter().any(|later| later.eq_ignore_ascii_case(key))
}

/// Whether a key is a name of the model, which the table cannot list: `track.<repository>`.
fn is_open(path: &[&str]) -> bool {
    let (Some(section), 2) = (path.first(), path.len()) else {
        return false;
    };
    let open = format!("{section}.<");
    SETTINGS
        .iter()
        .any(|setting| setting.key.starts_with(&open))
}

fn is_section(name: &str) -> bool {
    SETTINGS
        .iter()
        .filter_map(|setting| setting.key.split_once('.'))
        .any(|(section, _)| section == name)
}

/// The setting whose name is closest, where one is close: by whole name or by its last part.
fn nearest(key: &str) -> Option<&'static str> {
    let last = |name: &'static str| name.rsplit('.').next().unwrap_or(name);
    let given = key.rsplit('.').next().unwrap_or(key);
    let distance = |name: &'static str| {
        strsim::osa_distance(name, key).min(strsim::osa_distance(last(name), given))
    };
    let names = SETTINGS.iter().map(|setting| setting.key);
    let (near, name) = names.map(|name| (distance(name), name)).min()?;
    (near <= 1 + given.len() / 4).then_some(name)
}

/// `a.b` as a dictionary in a dictionary.
fn nested(key: &str, value: Value) -> Dict {
    let mut values = Dict::new();
    match key.split_once('.') {
        Some((section, rest)) => values.insert(section.to_owned(), nested(rest, value).into()),
        None => values.insert(key.to_owned(), value),
    };
    values
}
