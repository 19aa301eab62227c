//! Sends the requests of the tables and holds the answers against what is expected.

use std::collections::BTreeMap;

use serde_json::Value;

use crate::support::encode_query;
use crate::support::world::{PATH, Reply, World};
use crate::table::Asked;

/// Times that something is asked for which is still under way.
const TRIES: usize = 2_000;

/// A database, the server over it, and what the tables have kept so far.
pub(crate) struct Stage<'a> {
    world: &'a World,
    kept: BTreeMap<String, String>,
}

impl<'a> Stage<'a> {
    /// With `{root}`, the address of the service, and `{user}`, `{person}`, `{group}`, the keys of a
    /// user who has a person, is in a group and has an e-mail address.
    pub(crate) fn new(world: &'a World) -> Self {
        let mut kept = BTreeMap::new();
        kept.insert("root".to_owned(), format!("http://{}{PATH}", world.host()));
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let query = encode_query(
            "Systems_Security_Users?$filter=Person ne null and Email ne null\
             &$select=Id&$expand=Person($select=Id),Groups($expand=Group($select=Id))",
        );
        for user in world.all(&query) {
            let group = &user["Groups"][0]["Group"]["Id"];
            if group.is_string() {
                kept.insert("user".to_owned(), text(&user["Id"]));
                kept.insert("person".to_owned(), text(&user["Person"]["Id"]));
                kept.insert("group".to_owned(), text(group));
            }
        }
        assert!(
            kept.contains_key("group"),
            "the demonstration has no such user"
        );
        Self { world, kept }
    }

    /// Sends requests one after the other; what was not as expected.
    pub(crate) fn run(&mut self, requests: &[Asked]) -> Vec<String> {
        let mut faults = Vec::new();
        for asked in requests {
            let before = faults.len();
            let reply = self.answer(asked);
            for line in &asked.expected {
                let line = self.fill(line);
                if let Err(why) = self.check(&line, &reply) {
                    faults.push(format!("`{line}`: {why}"));
                }
            }
            if faults.len() > before {
                let (method, address) = (&asked.method, self.fill(&asked.address));
                let body: String = reply.body.chars().take(600).collect();
                let told = format!("{method} {address}\n    {} {body}", reply.status);
                faults.push(told);
            }
        }
        faults
    }

    /// A text with what was kept in place of its names.
    fn fill(&self, text: &str) -> String {
        let mut text = text.to_owned();
        for (name, value) in &self.kept {
            text = text.replace(&format!("{{{name}}}"), value);
        }
        text
    }

    /// The answer to a request; where the table says `until`, the first with that status, if it
    /// comes at all.
    fn answer(&self, asked: &Asked) -> Reply {
        let until = asked
            .expected
            .iter()
            .find_map(|line| line.strip_prefix("until "));
        let mut reply = self.send(asked);
        for _ in 0..TRIES {
            if until.is_none_or(|status| status == reply.status.to_string()) || reply.status >= 400
            {
                break;
            }
            std::thread::yield_now();
            reply = self.send(asked);
        }
        reply
    }

    fn send(&self, asked: &Asked) -> Reply {
        let address = self.fill(&asked.address);
        // Links in answers are encoded already.
        let address = match address.split_once(PATH) {
            Some((_, below)) if asked.address.starts_with('{') => below.to_owned(),
            Some(_) | None => encode_query(address.strip_prefix('.').unwrap_or(&address)),
        };
        let mut headers: Vec<(String, String)> = Vec::new();
        for (name, value) in &asked.headers {
            headers.push((name.clone(), self.fill(value)));
        }
        let has_type = |name: &str| name.eq_ignore_ascii_case("Content-Type");
        if !asked.body.is_empty() && !headers.iter().any(|(name, _)| has_type(name)) {
            headers.push(("Content-Type".to_owned(), "application/json".to_owned()));
        }
        let headers: Vec<(&str, &str)> = headers
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        let lines: Vec<String> = asked.body.iter().map(|line| self.fill(line)).collect();
        let body = lines.join("\r\n");
        self.world
            .send(&asked.method, &address, &headers, body.as_bytes())
    }

    fn check(&mut self, line: &str, reply: &Reply) -> Result<(), String> {
        let statuses = line.strip_prefix("until ").unwrap_or(line);
        if statuses.starts_with(|c: char| c.is_ascii_digit()) {
            let status = reply.status.to_string();
            let fits = statuses.split(' ').any(|wanted| wanted == status);
            return fits.then_some(()).ok_or_else(|| format!("it is {status}"));
        }
        if let Some(rest) = line.strip_prefix("header ") {
            let (name, test) = Test::split(rest);
            let value = reply.header(name).ok_or("it is not there")?;
            return test.holds(&Value::String(value.to_owned()));
        }
        if line.starts_with("text ") {
            let (_, test) = Test::split(line);
            return test.holds(&Value::String(reply.body.clone()));
        }
        if let Some(rest) = line.strip_prefix("let ") {
            let (name, from) = rest.split_once(" = ").ok_or("` = ` is missing")?;
            let value = match from.strip_prefix("header ") {
                Some(header) => reply.header(header).map(str::to_owned),
                None => reply.tree().pointer(from).map(plain),
            };
            let value = value.ok_or("it is not there")?;
            self.kept.insert(name.to_owned(), value);
            return Ok(());
        }
        let tree = reply.tree();
        if let Some(rest) = line.strip_prefix("every ") {
            let (pointer, test) = Test::split(rest);
            let rows = tree["value"].as_array().ok_or("there is no `value`")?;
            if rows.is_empty() {
                return Err("there is no row".to_owned());
            }
            return rows.iter().try_for_each(|row| test.at(row, pointer));
        }
        if let Some(pointer) = line.strip_prefix("no ") {
            let found = tree.pointer(pointer);
            return found.map_or(Ok(()), |value| Err(format!("it is {value}")));
        }
        let (pointer, test) = Test::split(line);
        test.at(&tree, pointer)
    }
}

/// What a value has to be.
#[derive(Debug, Clone, Copy)]
enum Test<'t> {
    There,
    Is(&'t str),
    Has(&'t str),
    Counts(&'t str),
}

impl<'t> Test<'t> {
    fn split(text: &'t str) -> (&'t str, Self) {
        let found = [" = ", " ~ ", " # "]
            .into_iter()
            .filter_map(|sign| {
                text.split_once(sign)
                    .map(|(name, wanted)| (name, sign, wanted))
            })
            .min_by_key(|(name, ..)| name.len());
        match found {
            Some((name, " = ", wanted)) => (name, Self::Is(wanted)),
            Some((name, " ~ ", wanted)) => (name, Self::Has(wanted)),
            Some((name, _, wanted)) => (name, Self::Counts(wanted)),
            None => (text, Self::There),
        }
    }

    fn at(self, tree: &Value, pointer: &str) -> Result<(), String> {
        let value = tree.pointer(pointer).ok_or("it is not there")?;
        self.holds(value)
    }

    fn holds(self, value: &Value) -> Result<(), String> {
        let holds = match self {
            Self::There => true,
            Self::Is(wanted) => match serde_json::from_str::<Value>(wanted) {
                Ok(json) => *value == json || plain(value) == wanted,
                Err(_) => plain(value) == wanted,
            },
            Self::Has(part) => plain(value).contains(part),
            Self::Counts(number) => {
                let items = value.as_array().map(Vec::len);
                items.is_some_and(|items| items.to_string() == number)
            }
        };
        let shown: String = plain(value).chars().take(200).collect();
        holds.then_some(()).ok_or_else(|| format!("it is {shown}"))
    }
}

/// The text of a text, the JSON of anything else.
fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::Array(_) | Value::Object(_) => {
            value.to_string()
        }
    }
}
