//! The form of the tables.
//!
//! ```text
//! = 13.1.1 OData 4.0 Minimal, 33 requirements
//! # 1 MUST Publishes a service document at the service root (11.1.1)
//! GET .
//!     > OData-MaxVersion: 4.0
//!     200
//!     /value/0/name
//! ```
//!
//! Under a requirement stand, where they apply, `not yet: why`, `not met: why`, `void: why` (its
//! condition does not hold here), `void yet: why` (nor is it met), `note: what` for the page, `levels: 13.1.1 …` for a requirement
//! that is a whole level, and `elsewhere: what` for one that requests cannot show. Then its requests,
//! each with what is sent and what is expected, indented:
//!
//! | line | means |
//! | --- | --- |
//! | `> Name: value` | a header |
//! | `< text` | a line of the body |
//! | `200`, `400 501` | the status, one of these |
//! | `until 200` | asks again until this is the status |
//! | `header name`, `= value`, `~ part` | a header that is there, is so, has this in it |
//! | `text = …`, `text ~ …` | the body |
//! | `/a/b`, `= json`, `~ part`, `# n` | a member that is there, is so, has this in it, has so many items |
//! | `no /a/b` | a member that is not there |
//! | `every /a …` | the same of every item of `value`, of which there is one at least |
//! | `let name = /a/b`, `let name = header x` | keeps a value, later written `{name}` |

use std::path::Path;

/// The tables, in the order of the standard.
const TABLES: &[&str] = &[
    "minimal_4_0.txt",
    "intermediate_4_0.txt",
    "advanced_4_0.txt",
    "minimal_4_01.txt",
    "intermediate_4_01.txt",
    "advanced_4_01.txt",
    "beyond.txt",
];

/// A conformance level.
#[derive(Debug)]
pub(crate) struct Level {
    pub(crate) section: String,
    pub(crate) name: String,
    /// The number of its last requirement.
    pub(crate) last: usize,
    pub(crate) requirements: Vec<Requirement>,
}

/// How strongly the standard asks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    Must,
    Should,
    May,
}

/// Whether a requirement is met.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum State {
    Met,
    /// Not met; that is meant to change.
    NotYet(String),
    /// Not met; that is meant to stay so.
    NotMet(String),
    /// Its condition does not hold here.
    Void(String),
    /// Its condition does not hold here; that is meant to change.
    VoidYet(String),
}

/// A requirement.
#[derive(Debug)]
pub(crate) struct Requirement {
    pub(crate) number: String,
    pub(crate) strength: Strength,
    pub(crate) demand: String,
    pub(crate) state: State,
    pub(crate) note: Option<String>,
    /// The levels that it asks for as a whole.
    pub(crate) levels: Vec<String>,
    /// What shows it, where requests cannot.
    pub(crate) elsewhere: Option<String>,
    pub(crate) requests: Vec<Asked>,
}

/// A request and what is expected of its answer.
#[derive(Debug, Default)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) address: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<String>,
    pub(crate) expected: Vec<String>,
}

/// Reads the tables of a folder.
pub(crate) fn levels(folder: &Path) -> Vec<Level> {
    let mut levels = Vec::new();
    for name in TABLES {
        let text = std::fs::read_to_string(folder.join(name)).unwrap();
        for (at, line) in text.lines().enumerate() {
            read_line(line, &mut levels).unwrap_or_else(|| panic!("{name}:{}: {line}", at + 1));
        }
    }
    derive(&mut levels);
    levels
}

/// A requirement that asks for whole levels is met when everything is that they must.
fn derive(levels: &mut [Level]) {
    for at in 0..levels.len() {
        for row in 0..levels[at].requirements.len() {
            let requirement = &levels[at].requirements[row];
            if requirement.levels.is_empty() {
                continue;
            }
            assert_eq!(
                requirement.state,
                State::Met,
                "a level has no state of its own"
            );
            let missing = missing(levels, &requirement.levels);
            if !missing.is_empty() {
                let why = format!("hangs on {}", missing.join(", "));
                levels[at].requirements[row].state = State::NotYet(why);
            }
        }
    }
}

/// The numbers of what levels must and do not.
fn missing(levels: &[Level], sections: &[String]) -> Vec<String> {
    let mut missing = Vec::new();
    for level in levels
        .iter()
        .filter(|level| sections.contains(&level.section))
    {
        for requirement in &level.requirements {
            let is_unmet = matches!(requirement.state, State::NotYet(_) | State::NotMet(_));
            if requirement.strength == Strength::Must && is_unmet {
                missing.push(format!("{} {}", level.section, requirement.number));
            }
        }
    }
    missing
}

fn read_line(line: &str, levels: &mut Vec<Level>) -> Option<()> {
    if line.trim().is_empty() {
        return Some(());
    }
    if let Some(heading) = line.strip_prefix("= ") {
        levels.push(level(heading)?);
        return Some(());
    }
    let level = levels.last_mut()?;
    if let Some(heading) = line.strip_prefix("# ") {
        level.requirements.push(requirement(heading)?);
        return Some(());
    }
    let requirement = level.requirements.last_mut()?;
    if let Some(detail) = line.strip_prefix("    ") {
        return read_detail(detail, requirement.requests.last_mut()?);
    }
    read_fact(line, requirement)
}

fn level(heading: &str) -> Option<Level> {
    let (section, rest) = heading.split_once(' ')?;
    let (name, last) = rest.split_once(", ")?;
    let last = last.strip_suffix(" requirements")?.parse().ok()?;
    Some(Level {
        section: section.to_owned(),
        name: name.to_owned(),
        last,
        requirements: Vec::new(),
    })
}

fn requirement(heading: &str) -> Option<Requirement> {
    let (number, rest) = heading.split_once(' ')?;
    let (strength, demand) = rest.split_once(' ')?;
    let strength = match strength {
        "MUST" => Strength::Must,
        "SHOULD" => Strength::Should,
        "MAY" => Strength::May,
        _ => return None,
    };
    Some(Requirement {
        number: number.to_owned(),
        strength,
        demand: demand.to_owned(),
        state: State::Met,
        note: None,
        levels: Vec::new(),
        elsewhere: None,
        requests: Vec::new(),
    })
}

fn read_fact(line: &str, requirement: &mut Requirement) -> Option<()> {
    if let Some((fact, rest)) = line.split_once(": ")
        && !fact.starts_with(|c: char| c.is_ascii_uppercase())
    {
        let rest = rest.to_owned();
        match fact {
            "not yet" => requirement.state = State::NotYet(rest),
            "not met" => requirement.state = State::NotMet(rest),
            "void" => requirement.state = State::Void(rest),
            "void yet" => requirement.state = State::VoidYet(rest),
            "note" => requirement.note = Some(rest),
            "elsewhere" => requirement.elsewhere = Some(rest),
            "levels" => requirement.levels = rest.split(' ').map(str::to_owned).collect(),
            _ => return None,
        }
        return Some(());
    }
    let (method, address) = line.split_once(' ')?;
    let known = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"];
    known.contains(&method).then(|| {
        requirement.requests.push(Asked {
            method: method.to_owned(),
            address: address.to_owned(),
            ..Asked::default()
        });
    })
}

fn read_detail(detail: &str, asked: &mut Asked) -> Option<()> {
    if let Some(header) = detail.strip_prefix("> ") {
        let (name, value) = header.split_once(": ")?;
        asked.headers.push((name.to_owned(), value.to_owned()));
    } else if detail == "<" {
        asked.body.push(String::new());
    } else if let Some(text) = detail.strip_prefix("< ") {
        asked.body.push(text.to_owned());
    } else {
        asked.expected.push(detail.to_owned());
    }
    Some(())
}
