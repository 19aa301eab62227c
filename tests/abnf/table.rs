//! The form of the tables.
//!
//! ```text
//! # a heading or a remark
//! rule: entrance template
//! + input | input | input
//! - input | input
//! ~+ input — why it is taken though the grammar has it not
//! ~- input — why it is refused though the grammar has it
//! ```
//!
//! The entrance is the function that reads: `expr` (decoded text), `path`, `query` or `request`
//! (encoded, `path?query`). `…` in the template is where the input goes. `∅` is the empty input.

use userdex::diag::Problem;
use userdex::syntax::{
    Limits, parse_expression, parse_path, parse_query, parse_request, print_expression,
    print_request,
};

/// The tables, in the order of the grammar.
const TABLES: &[(&str, &str)] = &[
    ("paths.txt", include_str!("paths.txt")),
    ("options.txt", include_str!("options.txt")),
    ("apply.txt", include_str!("apply.txt")),
    ("expressions.txt", include_str!("expressions.txt")),
    ("functions.txt", include_str!("functions.txt")),
    ("json.txt", include_str!("json.txt")),
    ("names.txt", include_str!("names.txt")),
    ("literals.txt", include_str!("literals.txt")),
    ("geo.txt", include_str!("geo.txt")),
    ("characters.txt", include_str!("characters.txt")),
];

/// Which function reads.
#[derive(Debug, Clone, Copy)]
enum Entrance {
    Expression,
    Path,
    Query,
    Request,
}

/// A rule and its inputs.
#[derive(Debug)]
pub(crate) struct Row {
    pub(crate) rule: String,
    entrance: Entrance,
    template: String,
    pub(crate) valid: Vec<String>,
    pub(crate) invalid: Vec<String>,
    /// Taken though the grammar has it not, and why.
    pub(crate) generous: Vec<(String, String)>,
    /// Refused though the grammar has it, and why.
    pub(crate) missing: Vec<(String, String)>,
}

/// Every row of every table.
pub(crate) fn rows() -> Vec<Row> {
    let mut rows = Vec::new();
    for (name, text) in TABLES {
        for (at, line) in text.lines().enumerate() {
            read_line(line, &mut rows)
                .unwrap_or_else(|why| panic!("{name}:{}: {why}: {line}", at + 1));
        }
    }
    rows
}

fn read_line(line: &str, rows: &mut Vec<Row>) -> Result<(), &'static str> {
    let line = line.trim_end();
    if line.is_empty() || line.starts_with("# ") {
        return Ok(());
    }
    let (mark, rest) = line.split_once(' ').ok_or("a blank is missing")?;
    if let Some(rule) = mark.strip_suffix(':') {
        let (entrance, template) = rest.split_once(' ').ok_or("a template is missing")?;
        if template.matches('…').count() != 1 {
            return Err("a template has one `…`");
        }
        let entrance = match entrance {
            "expr" => Entrance::Expression,
            "path" => Entrance::Path,
            "query" => Entrance::Query,
            "request" => Entrance::Request,
            _ => return Err("there is no such entrance"),
        };
        rows.push(Row {
            rule: rule.to_owned(),
            entrance,
            template: template.to_owned(),
            valid: Vec::new(),
            invalid: Vec::new(),
            generous: Vec::new(),
            missing: Vec::new(),
        });
        return Ok(());
    }
    let row = rows.last_mut().ok_or("an input without a rule")?;
    match mark {
        "+" => row.valid.extend(rest.split(" | ").map(input)),
        "-" => row.invalid.extend(rest.split(" | ").map(input)),
        "~+" => row.generous.push(difference(rest)?),
        "~-" => row.missing.push(difference(rest)?),
        _ => return Err("there is no such mark"),
    }
    Ok(())
}

fn input(text: &str) -> String {
    let text = text.trim();
    if text == "∅" {
        String::new()
    } else {
        text.to_owned()
    }
}

fn difference(text: &str) -> Result<(String, String), &'static str> {
    let (text, reason) = text.split_once(" — ").ok_or("a reason is missing")?;
    Ok((input(text), reason.to_owned()))
}

/// The names of a list, with what stands after ` — ` in their line or in the heading above them.
pub(crate) fn rules(text: &str) -> Vec<(String, String)> {
    let (mut found, mut reason) = (Vec::new(), String::new());
    for line in text.lines().filter(|line| !line.is_empty()) {
        if let Some(heading) = line.strip_prefix("# ") {
            let after = heading.split_once(" — ").map_or("", |(_, reason)| reason);
            after.clone_into(&mut reason);
            continue;
        }
        let names = line.split_ascii_whitespace();
        found.extend(names.map(|name| (name.to_owned(), reason.clone())));
    }
    found
}

impl Row {
    fn text(&self, input: &str) -> String {
        self.template.replace('…', input)
    }

    /// Reads an input, prints what was read, and reads that again: the same must come out.
    pub(crate) fn read(&self, input: &str) -> Result<(), String> {
        let text = self.text(input);
        let limits = Limits::default();
        let told =
            |problem: Problem| format!("{text}: {} {:?}", problem.message(), problem.caret());
        if let Entrance::Expression = self.entrance {
            let node = parse_expression(&text, &limits).map_err(told)?;
            let printed = print_expression(&node);
            let again = parse_expression(&printed, &limits).map_err(told)?;
            return same(&printed, node == again);
        }
        let (path, query) = match self.entrance {
            Entrance::Request => text.split_once('?').unwrap_or((&text, "")),
            Entrance::Query => ("Users", text.as_str()),
            Entrance::Path | Entrance::Expression => (text.as_str(), ""),
        };
        let request = parse_request(path, query, &limits).map_err(told)?;
        let printed = print_request(&request);
        let (path, query) = printed.split_once('?').unwrap_or((&printed, ""));
        let again = parse_request(path, query, &limits).map_err(told)?;
        same(
            &printed,
            request.path == again.path && request.options == again.options,
        )
    }

    /// Why an input is refused; nothing where it is taken.
    pub(crate) fn refusal(&self, input: &str) -> Option<Problem> {
        let text = self.text(input);
        let limits = Limits::default();
        match self.entrance {
            Entrance::Expression => parse_expression(&text, &limits).err(),
            Entrance::Path => parse_path(&text, &limits).err(),
            Entrance::Query => parse_query(&text, &limits).err(),
            Entrance::Request => {
                let (path, query) = text.split_once('?').unwrap_or((&text, ""));
                parse_request(path, query, &limits).err()
            }
        }
    }
}

fn same(printed: &str, is: bool) -> Result<(), String> {
    if is {
        return Ok(());
    }
    Err(format!("printed as {printed}, which means something else"))
}
