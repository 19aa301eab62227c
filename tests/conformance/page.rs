//! The page that is written from the tables.

use std::fmt::Write as _;

use crate::table::{Asked, Level, Requirement, State, Strength};

/// What stands above the tables.
const INTRODUCTION: &str = "\
# Conformance

What the conformance levels of OData (4.01, Part 1: Protocol, sections 13.1 and 13.2) ask of a service, \
and what this one does. The page is written from the tables in `tests/conformance/`, whose requests \
run over HTTP on SQLite and PostgreSQL with every `cargo test`; the demands are told in our own words, \
with the section of the standard that they refer to in parentheses. A requirement that is said not to \
be met is one whose requests fail: a test sees to that, too. Addresses are shown before they are \
percent-encoded: `curl -G --data-urlencode` and the libraries of clients encode blanks, double quotes \
and letters beyond ASCII ([API-DESIGN.md](API-DESIGN.md#addresses)).

Where a requirement is a whole chapter of the standard, its parts have rows (12.1, 12.2). What a level \
asks for under a condition that does not hold here (media entities, stream properties, …) says so. \
The last table has what no level asks for.

What is met holds within the [declared filters](API-DESIGN.md#declared-filters): a filter, an order or \
a group that the model does not declare is refused, 400 `FilterNotDeclared` or 501 `NotSupported`, \
and never ignored. The `Capabilities` annotations of `$metadata` tell clients which there are.
";

/// The whole page.
pub(crate) fn page(levels: &[Level]) -> String {
    let mut out = INTRODUCTION.to_owned();
    summary(levels, &mut out);
    unmet(levels, &mut out);
    for level in levels {
        whole(level, &mut out);
    }
    out
}

/// How many there are of each kind.
fn summary(levels: &[Level], out: &mut String) {
    out.push_str("\n| level | must | should | may |\n| --- | --- | --- | --- |\n");
    for level in levels {
        let count = |strength| {
            let all = level.requirements.iter().filter(|r| r.strength == strength);
            let apply: Vec<_> = all
                .filter(|r| !matches!(r.state, State::Void(_) | State::VoidYet(_)))
                .collect();
            let met = apply.iter().filter(|r| r.state == State::Met).count();
            format!("{met} of {}", apply.len())
        };
        let _ = writeln!(
            out,
            "| [{} {}](#{}) | {} | {} | {} |",
            level.section,
            level.name,
            anchor(level),
            count(Strength::Must),
            count(Strength::Should),
            count(Strength::May)
        );
    }
}

/// What GitHub and its kin make of a heading.
fn anchor(level: &Level) -> String {
    let heading = format!("{} {}", level.section, level.name).to_lowercase();
    heading
        .chars()
        .filter_map(|c| match c {
            ' ' => Some('-'),
            c if c.is_alphanumeric() => Some(c),
            _ => None,
        })
        .collect()
}

/// Every requirement that is not met, with the reason.
fn unmet(levels: &[Level], out: &mut String) {
    out.push_str("\n## What is not met\n\n");
    let mut rows = String::new();
    for level in levels {
        for requirement in &level.requirements {
            let (State::NotYet(why) | State::NotMet(why)) = &requirement.state else {
                continue;
            };
            let _ = writeln!(
                rows,
                "| {} {} | {} | {} | {} |",
                level.section,
                requirement.number,
                strength(requirement.strength),
                cell(&requirement.demand),
                cell(&reason(&requirement.state, why))
            );
        }
    }
    if rows.is_empty() {
        out.push_str("Nothing.\n");
        return;
    }
    out.push_str("| requirement | | demand | why not |\n| --- | --- | --- | --- |\n");
    out.push_str(&rows);
}

fn reason(state: &State, why: &str) -> String {
    match state {
        State::NotYet(_) => format!("not yet: {why}"),
        State::Met | State::NotMet(_) | State::Void(_) | State::VoidYet(_) => why.to_owned(),
    }
}

const fn strength(strength: Strength) -> &'static str {
    match strength {
        Strength::Must => "must",
        Strength::Should => "should",
        Strength::May => "may",
    }
}

/// The table of a level.
fn whole(level: &Level, out: &mut String) {
    let _ = write!(
        out,
        "\n## {} {}\n\n| | | demand | met | shown by |\n| --- | --- | --- | --- | --- |\n",
        level.section, level.name
    );
    for requirement in &level.requirements {
        let state = match &requirement.state {
            State::Met => "yes".to_owned(),
            State::NotYet(_) => "**not yet**".to_owned(),
            State::NotMet(_) => "**no**".to_owned(),
            State::Void(why) | State::VoidYet(why) => format!("does not apply: {why}"),
        };
        let demand = match &requirement.note {
            Some(note) => format!("{}. {note}", requirement.demand),
            None => requirement.demand.clone(),
        };
        let _ = writeln!(
            out,
            "| {} | {} | {} | {} | {} |",
            requirement.number,
            strength(requirement.strength),
            cell(&demand),
            cell(&state),
            cell(&shown(requirement))
        );
    }
}

/// Requests shown for each requirement; the others are in the table of the test.
const SHOWN: usize = 3;

fn shown(requirement: &Requirement) -> String {
    let mut parts: Vec<String> = requirement.levels.clone();
    let requests = requirement.requests.iter();
    // What is only asked for to look something up shows nothing.
    let telling =
        requests.filter(|asked| asked.expected.iter().any(|line| !line.starts_with("let ")));
    let mut telling: Vec<String> = telling.map(request).collect();
    telling.dedup();
    let more = telling.len().saturating_sub(SHOWN);
    telling.truncate(SHOWN);
    parts.extend(telling);
    if more > 0 {
        parts.push(format!("{more} more"));
    }
    parts.extend(requirement.elsewhere.clone());
    parts.join("<br>")
}

/// A request as people read it, with the first of its headers.
fn request(asked: &Asked) -> String {
    let address = if asked.address == "." {
        "/"
    } else {
        &asked.address
    };
    let line = format!("`{} {address}`", asked.method);
    let told = |(name, _): &&(String, String)| name != "Content-Type" && name != "Authorization";
    match asked.headers.iter().find(told) {
        Some((name, value)) => format!("{line} with `{name}: {value}`"),
        None => line,
    }
}

/// A text inside a table.
fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}
