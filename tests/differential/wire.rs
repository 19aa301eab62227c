//! What only a web server answers: preferences that change nothing or put an answer off, workbooks,
//! explanations, all sets together. Both databases give the same, and it is what the same request
//! gives without that.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use serde_json::Value as Json;

use crate::answers::{body, rows_of_csv, rows_of_workbook, told};
use crate::free::Free;
use crate::later::Later;
use crate::options::{self, Of};
use crate::pipelines;
use crate::read::spelled;
use crate::run::{Case, Found};
use crate::stage::{NOTED, Stage};
use crate::support::encode_query;
use crate::support::http::{Answer, Request};
use crate::support::service::{ROOT, link};
use crate::support::world::PATH;

/// Pages that are read of a request, at most.
const PAGES: usize = 3;
/// Times that something is asked again while it is not there yet.
pub(crate) const TRIES: usize = 200;
const USERS: &str = "Systems_Security_Users";
const PLAN: &str = "application/vnd.userdex.plan+json";
/// The media type of workbooks.
pub(crate) const WORKBOOK: &str =
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// Preferences that change nothing of an answer of a read.
const IDLE: &[&str] = &[
    "include-annotations=\"*\"",
    "include-annotations=\"-*\"",
    "odata.include-annotations=\"Core.*,-Core.Messages\"",
    "include-annotations=\"display.*,-*\"",
    "odata.include-annotations=Ext.Nothing",
    "odata.allow-entityreferences",
    "allow-entityreferences",
    "return=minimal, handling=strict",
];

/// How a request is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    AtOnce,
    Later(Later),
    /// By `Ext.Explain`, or as the request itself with the format of plans.
    Explained(bool),
    /// All sets, page by page.
    All,
}

/// What a run has met, by its name.
static SEEN: [(&str, AtomicU64); 10] = [
    ("workbooks", AtomicU64::new(0)),
    ("idle preferences", AtomicU64::new(0)),
    ("answers by a monitor", AtomicU64::new(0)),
    ("answers as a message", AtomicU64::new(0)),
    ("answers that were waited for", AtomicU64::new(0)),
    ("answers that were cancelled", AtomicU64::new(0)),
    (
        "answers at once in spite of the preference",
        AtomicU64::new(0),
    ),
    ("explanations", AtomicU64::new(0)),
    ("requests in their canonical form", AtomicU64::new(0)),
    ("all sets", AtomicU64::new(0)),
];

pub(crate) fn see(name: &str) {
    let (_, counter) = SEEN.iter().find(|(known, _)| *known == name).unwrap();
    counter.fetch_add(1, Ordering::Relaxed);
}

/// Sees that a run had some of everything.
pub(crate) fn assert_all_seen() {
    for (name, counter) in &SEEN {
        assert!(counter.load(Ordering::Relaxed) > 0, "there were no {name}");
    }
}

/// A request with all of its headers.
#[derive(Debug, Clone)]
pub(crate) struct Wire {
    pub(crate) request: Free,
    way: Way,
    accept: Option<&'static str>,
    pub(crate) idle: Vec<&'static str>,
    track: bool,
}

impl Wire {
    pub(crate) fn draw(stage: &Stage, rng: &mut Rng) -> Self {
        let way = match rng.u8(..40) {
            0..=15 => Way::AtOnce,
            16..=20 => Way::Later(Later::Monitor),
            21..=24 => Way::Later(Later::Message),
            25..=28 => Way::Later(Later::Waited),
            29..=32 => Way::Later(Later::Cancelled),
            33..=37 => Way::Explained(rng.bool()),
            _ => Way::All,
        };
        let mut request = match rng.u8(..16) {
            0 => {
                let path = rng.choice(["Me", "Ext.Me", "Ext.Me()"]).unwrap().to_owned();
                let mut all = options::draw(stage, USERS, rng, 2);
                Of::Row.keep(&mut all, rng);
                Free::to(path, all, rng)
            }
            1 | 2 => pipelines::draw(stage, rng),
            _ => Free::draw(stage, rng),
        };
        // Each server has a clock of its own, and its refusals tell what `now()` is.
        let is_timely = |(_, value): &(String, String)| value.contains("now()");
        request
            .options
            .retain(|option| !is_format(&option.0) && !is_timely(option));
        let is_table = matches!(way, Way::Later(_)) || rng.bool();
        let (format, accept) = match rng.u8(if is_table { 0..8 } else { 6..12 }) {
            0..=2 => ("xlsx", WORKBOOK),
            3 | 4 => ("csv", "text/csv"),
            5 | 6 => ("ndjson", "application/x-ndjson"),
            7 => ("application/json;odata.metadata=full", "application/json"),
            8 => ("json", "application/json;odata.metadata=none, */*;q=0.1"),
            _ => ("", ""),
        };
        // Tables have no place for children.
        if is_table && rng.u8(..12) > 0 {
            request.options.retain(|(name, _)| name != "$expand");
        }
        let by_option = rng.bool();
        if by_option && !format.is_empty() {
            let option = ("$format".to_owned(), format.to_owned());
            request.options.push(option);
        }
        if way == Way::All {
            request.page = Some(rng.u64(80..400));
        }
        if rng.u8(..12) == 0 {
            let version = version(stage).to_owned();
            request.options.retain(|(name, _)| name != "$schemaversion");
            request.options.push(("$schemaversion".to_owned(), version));
        }
        let idle = rng.usize(0..3);
        Self {
            request,
            way,
            accept: (!by_option && !accept.is_empty()).then_some(accept),
            idle: rng.choose_multiple(IDLE.iter().copied(), idle),
            track: rng.u8(..8) == 0,
        }
    }

    fn target(&self) -> String {
        format!(
            "{PATH}{}",
            spelled(&self.request.path, &self.request.options)
        )
    }

    /// The same request of a target at each server, with preferences of its own besides.
    pub(crate) fn requests(
        &self,
        stage: &Stage,
        targets: &[String],
        more: &[&str],
    ) -> Vec<Request> {
        let servers = stage.servers().iter().zip(targets);
        let with = |(server, target): (&std::net::SocketAddr, &String)| {
            let mut request = Request::new(*server, "GET", target);
            if let Some(version) = self.request.version {
                request = request.header("OData-MaxVersion", version.text());
            }
            if let Some(accept) = self.accept {
                request = request.header("Accept", accept);
            }
            let mut prefer: Vec<String> = more.iter().map(|p| (*p).to_owned()).collect();
            let page = self.request.page;
            prefer.extend(page.map(|page| format!("odata.maxpagesize={page}")));
            if self.request.omit_nulls {
                prefer.push("omit-values=nulls".to_owned());
            }
            if self.track {
                prefer.push("odata.track-changes".to_owned());
            }
            match prefer.is_empty() {
                true => request,
                false => request.prefer(&prefer.join(", ")),
            }
        };
        servers.map(with).collect()
    }

    pub(crate) fn targets(&self, stage: &Stage) -> Vec<String> {
        vec![self.target(); stage.servers().len()]
    }

    /// A few pages, with preferences that change nothing and without.
    fn at_once(&self, stage: &Stage) -> Result<Found, String> {
        let mut targets = self.targets(stage);
        let mut found = Found::Nothing;
        for page in 0..PAGES {
            let plain = sent(&self.requests(stage, &targets, &[]));
            let first = alike(&plain)?;
            if !self.idle.is_empty() {
                let asked = alike(&sent(&self.requests(stage, &targets, &self.idle)))?;
                differ("with preferences that change nothing", &asked, &first)?;
                see("idle preferences");
            }
            let answer = &plain[0];
            if answer.status >= 300 {
                return Ok(if page == 0 { Found::Refused } else { found });
            }
            if has_rows(answer) {
                found = Found::Rows;
            }
            if answer.body.starts_with(b"PK") {
                see("workbooks");
                self.as_csv(stage, answer)?;
            }
            targets = next(&plain);
            if targets.len() < plain.len() {
                break;
            }
        }
        Ok(found)
    }

    /// A workbook has the rows of the table of texts.
    fn as_csv(&self, stage: &Stage, workbook: &Answer) -> Result<(), String> {
        let mut other = self.clone();
        other.request.options.retain(|(name, _)| !is_format(name));
        other.accept = Some("text/csv");
        let table = other.requests(stage, &other.targets(stage)[..1], &[])[0].expect(200);
        let (rows, expected) = (rows_of_workbook(&workbook.body), rows_of_csv(&table.body));
        match rows == expected {
            true => Ok(()),
            false => Err(format!("{rows} rows, in the other table {expected}")),
        }
    }

    /// Both databases understand the same, and it is the request that was sent.
    fn explained(&self, stage: &Stage, by_function: bool) -> Result<Found, String> {
        let address = spelled(&self.request.path, &self.request.options);
        let explained = match by_function {
            true => {
                let quoted = crate::support::encode(&address.replace('\'', "''"));
                let target = format!("{PATH}Ext.Explain(query=@q)?@q='{quoted}'");
                let plain = Self {
                    accept: None,
                    ..self.clone()
                };
                let targets = vec![target; stage.servers().len()];
                sent(&plain.requests(stage, &targets, &[]))
            }
            false => {
                let mut plan = self.clone();
                plan.request.options.retain(|(name, _)| !is_format(name));
                plan.accept = Some(PLAN);
                sent(&plan.requests(stage, &plan.targets(stage), &[]))
            }
        };
        let understood = |answer: &Answer| match answer.status {
            200 => {
                let told = answer.json();
                format!("{}\n{}", told["query"], told["words"])
            }
            _ => told(answer),
        };
        let all: Vec<String> = explained.iter().map(understood).collect();
        differ("explained", &all[all.len() - 1], &all[0])?;
        if explained[0].status != 200 {
            return Ok(Found::Refused);
        }
        see("explanations");
        // What is shown to people is not encoded.
        let structure = ['&', '%', '#', '+', '?'];
        let options = self.request.options.iter();
        let mut texts = options.map(|(_, value)| value).chain([&self.request.path]);
        if texts.any(|text| text.contains(structure)) {
            return Ok(Found::Rows);
        }
        see("requests in their canonical form");
        let canonical = explained[0].json()["query"].as_str().unwrap().to_owned();
        let targets = vec![format!("{PATH}{}", encode_query(&canonical))];
        // The format is that of the plan.
        let mut again = self.clone();
        again.accept = None;
        if !by_function {
            again.request.options.retain(|(name, _)| !is_format(name));
        }
        let (asked, expected) = (
            sent(&again.requests(stage, &targets, &[])),
            sent(&again.requests(stage, &again.targets(stage)[..1], &[])),
        );
        let (asked, expected) = (&asked[0], &expected[0]);
        if asked.status != expected.status || rows(asked) != rows(expected) {
            return Err(format!("{canonical}\n{asked}\ninstead of\n{expected}"));
        }
        Ok(Found::Rows)
    }

    /// Everything there is, each object once; both databases have the same.
    fn all(&self, stage: &Stage) -> Result<Found, String> {
        let target = format!("{PATH}$all");
        let plain = Self {
            accept: None,
            track: false,
            ..self.clone()
        };
        let mut all: Vec<Vec<Json>> = Vec::new();
        for number in 0..stage.servers().len() {
            let (mut rows, mut targets) = (Vec::new(), vec![target.clone(); number + 1]);
            for _ in 0..TRIES {
                let request = plain.requests(stage, &targets, &[]).pop().unwrap();
                let page = request.expect(200).json();
                rows.extend(page["value"].as_array().unwrap().iter().cloned());
                match link(&page, "nextLink") {
                    Some(next) => targets = vec![format!("{PATH}{next}"); number + 1],
                    None => break,
                }
            }
            // Of these each database has its own.
            let own = format!("\"{NOTED}(");
            rows.retain(|row| !row.to_string().contains(&own));
            all.push(rows);
        }
        see("all sets");
        for rows in &all {
            if let Some((one, other)) = rows.iter().zip(&all[0]).find(|(a, b)| a != b) {
                return Err(format!("{one}\nis not\n{other}"));
            }
            if rows.len() != all[0].len() {
                return Err(format!("{} rows, {}", rows.len(), all[0].len()));
            }
        }
        let id = |row: &Json| row.get("@odata.id").or_else(|| row.get("@id")).cloned();
        let mut ids: Vec<String> = all[0]
            .iter()
            .filter_map(id)
            .map(|i| i.to_string())
            .collect();
        ids.sort_unstable();
        ids.dedup();
        match ids.len() == all[0].len() && !ids.is_empty() {
            true => Ok(Found::Rows),
            false => Err(format!("{} objects in {} rows", ids.len(), all[0].len())),
        }
    }
}

/// The version of the schema, which both servers name alike.
fn version(stage: &Stage) -> &'static str {
    static VERSION: OnceLock<String> = OnceLock::new();
    VERSION.get_or_init(|| {
        let version = |server: &std::net::SocketAddr| {
            let answer = Request::new(*server, "GET", &format!("{PATH}$metadata")).expect(200);
            let text = answer.text().split("Core.SchemaVersion").nth(1).unwrap();
            text.split('"').nth(2).unwrap().to_owned()
        };
        let all: Vec<String> = stage.servers().iter().map(version).collect();
        assert!(all.iter().all(|other| *other == all[0]), "{all:?}");
        all[0].clone()
    })
}

/// The answers; who has too many answers outstanding asks again.
pub(crate) fn sent(requests: &[Request]) -> Vec<Answer> {
    let send = |request: &Request| {
        for _ in 0..TRIES {
            let answer = request.send();
            if answer.status != 429 {
                return answer;
            }
            std::thread::yield_now();
        }
        request.send()
    };
    requests.iter().map(send).collect()
}

/// Whether answers are the same; what they tell.
pub(crate) fn alike(answers: &[Answer]) -> Result<String, String> {
    let all: Vec<String> = answers.iter().map(told).collect();
    differ("of the other database", &all[all.len() - 1], &all[0])?;
    Ok(all[0].clone())
}

pub(crate) fn differ(about: &str, one: &str, other: &str) -> Result<(), String> {
    match one == other {
        true => Ok(()),
        false => Err(format!("{about}:\n{one}\ninstead of\n{other}")),
    }
}

fn has_rows(answer: &Answer) -> bool {
    let text = answer.text_or_nothing();
    !answer.body.is_empty() && !text.contains("\"value\":[]")
}

/// Whether an option is `$format`, however it is written.
fn is_format(name: &str) -> bool {
    name.trim_start_matches('$').eq_ignore_ascii_case("format")
}

/// What is read, without the address under which it was.
fn rows(answer: &Answer) -> String {
    match serde_json::from_slice::<Json>(&answer.body) {
        Ok(Json::Object(members)) if answer.status == 200 => {
            let own = ["nextLink", "deltaLink"];
            let mut members = members;
            members.retain(|name, _| !own.iter().any(|own| name.ends_with(own)));
            Json::Object(members).to_string()
        }
        // Refusals say the address as it was sent.
        _ if answer.status >= 400 => answer.status.to_string(),
        _ => body(&answer.body),
    }
}

/// The targets of the next pages, as far as there are some.
fn next(answers: &[Answer]) -> Vec<String> {
    let links = answers.iter().filter_map(|answer| {
        let page: Json = serde_json::from_slice(&answer.body).ok()?;
        link(&page, "nextLink")
    });
    debug_assert!(ROOT.ends_with(PATH));
    links.map(|next| format!("{PATH}{next}")).collect()
}

impl Case for Wire {
    fn check(&self, stage: &Stage) -> Result<Found, String> {
        match self.way {
            Way::AtOnce => self.at_once(stage),
            Way::Later(way) => self.later(stage, way),
            Way::Explained(by_function) => self.explained(stage, by_function),
            Way::All => self.all(stage),
        }
    }

    fn smaller(&self) -> Vec<Self> {
        let requests = self.request.smaller().into_iter();
        let mut all: Vec<Self> = requests
            .map(|request| Self {
                request,
                ..self.clone()
            })
            .collect();
        if !self.idle.is_empty() {
            all.push(Self {
                idle: Vec::new(),
                ..self.clone()
            });
        }
        if self.track {
            all.push(Self {
                track: false,
                ..self.clone()
            });
        }
        all
    }
}

impl std::fmt::Display for Wire {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (way, accept, idle, track) = (self.way, self.accept, &self.idle, self.track);
        let request = &self.request;
        write!(f, "{request}\n{way:?}, {accept:?}, {idle:?}, {track}")
    }
}
