//! Reads of a set whose rows are worked out in memory: by any entrance, in any order, page by page.

use fastrand::Rng;
use serde_json::{Value as Json, json};
use userdex::service::ODataVersion;

use crate::run::{Case, Found};
use crate::stage::{Stage, same};
use crate::support::evaluator::{Condition, Field, fields};
use crate::support::field::ordered;
use crate::support::http::Request;
use crate::support::searching::Search;
use crate::support::service::{link, untokened};
use crate::support::spelling::{Place, Speller};
use crate::support::{Wishes, encode};

/// Pages that a request has, at most.
const PAGES: usize = 8;

/// Where a condition stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Entrance {
    Option,
    Alias,
    Segment,
    SegmentAlias,
    Apply,
    Count,
    Links,
    /// `POST …/$query`, as text or JSON.
    Body(bool),
}

/// What is read.
#[derive(Debug, Clone)]
pub(crate) struct Read {
    set: String,
    entrance: Entrance,
    condition: Option<Condition>,
    /// A second one, in `$filter` beside `/$filter(…)` or `$apply`.
    beside: Option<Condition>,
    search: Option<Search>,
    order: Vec<(Field, bool)>,
    skip: usize,
    /// `$top`, as the total or the size of pages.
    top: Option<usize>,
    count: bool,
    version: Option<ODataVersion>,
    page: Option<u64>,
    spelling: u64,
}

impl Read {
    pub(crate) fn draw(stage: &Stage, rng: &mut Rng) -> Self {
        let (world, model) = (&stage.world, &stage.model);
        let set = rng.choice(&stage.sets).unwrap().clone();
        let condition = |rng: &mut Rng, depth| world.draw(model, &set, rng, depth);
        let mut open = fields(model, model.set(&set).unwrap());
        open.retain(Field::orders);
        let order = rng.usize(0..3);
        let order = rng.choose_multiple(open, order).into_iter();
        let mut read = Self {
            entrance: match rng.u8(..64) {
                0..=5 => Entrance::Alias,
                6..=11 => Entrance::Segment,
                12..=15 => Entrance::SegmentAlias,
                16..=21 => Entrance::Apply,
                22..=27 => Entrance::Count,
                28..=31 => Entrance::Links,
                32 => Entrance::Body(rng.bool()),
                _ => Entrance::Option,
            },
            condition: if rng.u8(..12) > 0 {
                let depth = rng.u8(..4);
                condition(rng, depth)
            } else {
                None
            },
            beside: if rng.u8(..3) == 0 {
                condition(rng, 1)
            } else {
                None
            },
            search: (world.is_searched(&set) && rng.u8(..6) == 0)
                .then(|| world.draw_search(&set, rng, 2)),
            order: order.map(|f| (f, rng.bool())).collect(),
            skip: if rng.u8(..6) == 0 { rng.usize(..6) } else { 0 },
            top: None,
            count: rng.u8(..3) == 0,
            version: rng
                .choice([None, Some(ODataVersion::V4), Some(ODataVersion::V401)])
                .unwrap(),
            page: None,
            spelling: rng.u64(..),
            set,
        };
        let rows = read.expected(stage).len();
        let some = |rng: &mut Rng| 1 + rows / rng.usize(1..PAGES);
        if rng.bool() {
            read.top = Some(some(rng));
        }
        if rng.u8(..3) == 0 {
            read.page = Some(some(rng).try_into().unwrap());
        }
        read
    }

    /// Whether `$top` is the total.
    const fn is_total(&self) -> bool {
        self.version.is_some() || self.page.is_some()
    }

    /// The keys of the rows, in their order, and their number before any cut.
    fn expected(&self, stage: &Stage) -> Expected {
        let world = &stage.world;
        let holds = |condition: &Option<Condition>, row: &Json| {
            condition
                .as_ref()
                .is_none_or(|condition| world.holds(condition, row) == Some(true))
        };
        let rows = world.rows(&self.set).iter().filter(|row| {
            holds(&self.condition, row)
                && holds(&self.beside, row)
                && self
                    .search
                    .as_ref()
                    .is_none_or(|search| world.finds(search, &self.set, row))
        });
        let rows = ordered(&rows.collect::<Vec<_>>(), &self.order);
        let all = rows.len();
        let total = match self.top {
            Some(top) if self.is_total() => top,
            Some(_) | None => all,
        };
        let rows = rows.into_iter().skip(self.skip).take(total);
        Expected {
            keys: rows
                .map(|row| row["Id"].as_str().unwrap().to_owned())
                .collect(),
            all,
        }
    }

    /// The path and the options, not encoded.
    fn spoken(&self) -> (String, Vec<(String, String)>) {
        let (place, beside) = match self.entrance {
            Entrance::Segment | Entrance::SegmentAlias => (Place::Segment, Place::Option),
            Entrance::Apply => (Place::Alone, Place::Option),
            Entrance::Count | Entrance::Links => (Place::Alone, Place::Alone),
            Entrance::Option | Entrance::Alias | Entrance::Body(_) => {
                (Place::Option, Place::Option)
            }
        };
        let mut s = Speller::varied(self.spelling, place);
        let condition = self.condition.as_ref().map(|c| c.spell("", &mut s));
        s.at(beside);
        let beside = self.beside.as_ref().map(|c| c.spell("", &mut s));
        let mut options: Vec<(String, String)> = Vec::new();
        let mut give = |name: &str, value: String| options.push((name.to_owned(), value));
        let mut path = self.set.clone();
        let joined = match (&condition, &beside) {
            (Some(one), Some(two)) => Some(format!("({one}) and ({two})")),
            (one, two) => one.clone().or_else(|| two.clone()),
        };
        let mut search = self.search.as_ref().map(ToString::to_string);
        match (self.entrance, condition, joined) {
            (Entrance::Segment, Some(condition), _) => {
                path += &format!("/$filter({condition})");
                beside.into_iter().for_each(|text| give("$filter", text));
            }
            (Entrance::SegmentAlias, Some(condition), _) => {
                path += &format!("/$filter({})", s.alias(condition));
                beside.into_iter().for_each(|text| give("$filter", text));
            }
            (Entrance::Apply, Some(condition), _) => {
                let search = search.take().map(|search| format!("search({search})/"));
                let search = search.unwrap_or_default();
                give("$apply", format!("{search}filter({condition})/identity"));
                beside.into_iter().for_each(|text| give("$filter", text));
            }
            (Entrance::Alias, _, Some(all)) => give("$filter", s.alias(all)),
            (_, _, Some(all)) => give("$filter", all),
            (_, _, None) => {}
        }
        search.into_iter().for_each(|text| give("$search", text));
        match self.entrance {
            Entrance::Count => path += "/$count",
            Entrance::Links => path += "/$ref",
            Entrance::Option
            | Entrance::Alias
            | Entrance::Segment
            | Entrance::SegmentAlias
            | Entrance::Apply
            | Entrance::Body(_) => give("$select", "Id".to_owned()),
        }
        if self.entrance != Entrance::Count {
            let order = self.order.iter();
            let order = order
                .map(|(f, down)| format!("{}{}", f.name, [" asc", " desc"][usize::from(*down)]));
            let order: Vec<String> = order.collect();
            if !order.is_empty() {
                give("$orderby", order.join(","));
            }
            if self.skip > 0 {
                give("$skip", self.skip.to_string());
            }
            if let Some(top) = self.top {
                give("$top", top.to_string());
            }
            if self.count {
                give("$count", "true".to_owned());
            }
        }
        options.extend(s.compute(0).map(|text| ("$compute".to_owned(), text)));
        options.extend(s.given());
        (path, options)
    }

    const fn wishes(&self) -> Wishes<'static> {
        Wishes {
            version: self.version,
            page: self.page,
            preferences: userdex::service::ReadPreferences {
                omit_nulls: false,
                track_changes: false,
            },
            accept: None,
            caller: None,
        }
    }

    /// All pages, the same from each database; the keys on them, and the told number.
    fn walk(
        &self,
        stage: &Stage,
        address: &str,
        most: usize,
    ) -> Result<(Vec<String>, Option<u64>), String> {
        let mut addresses = vec![address.to_owned(); stage.all.iter().count()];
        let (mut keys, mut told) = (Vec::new(), None);
        for _ in 0..=most {
            let replies = stage.ask(&addresses, &self.wishes());
            same(&replies)?;
            let mut next = Vec::new();
            for (number, reply) in replies.iter().enumerate() {
                let page: Json = serde_json::from_str(reply.body()?).map_err(|e| e.to_string())?;
                next.extend(link(&page, "nextLink"));
                if number == 0 {
                    keys.extend(page["value"].as_array().into_iter().flatten().map(key));
                    let count = page.get("@odata.count").or_else(|| page.get("@count"));
                    told = told.or_else(|| count?.as_u64());
                }
            }
            if next.is_empty() {
                return Ok((keys, told));
            }
            addresses = next;
        }
        Err(format!("the pages do not end: {keys:?}"))
    }

    /// The same options in the body of a request give what they give in the address.
    fn in_body(&self, stage: &Stage, as_json: bool) -> Result<(), String> {
        let (path, options) = self.spoken();
        let body = match as_json {
            true => {
                let members = options.iter().map(|(n, v)| (n.clone(), json!(v)));
                Json::Object(members.collect()).to_string()
            }
            false => query(&options),
        };
        let media = if as_json {
            "application/json"
        } else {
            "text/plain"
        };
        let address = spelled(&path, &options);
        let addresses = vec![address; stage.all.iter().count()];
        let expected = same(&stage.ask(&addresses, &self.wishes()))?;
        for server in stage.servers() {
            let target = format!("/api/domain/odata/{}/$query", encode(&path));
            let mut request = Request::new(*server, "POST", &target).body(media, body.clone());
            if let Some(version) = self.version {
                request = request.header("OData-MaxVersion", version.text());
            }
            if let Some(page) = self.page {
                request = request.prefer(&format!("odata.maxpagesize={page}"));
            }
            let answer = request.send();
            if answer.status != 200 || untokened(answer.text()) != expected {
                return Err(format!("{target} with {body}: {answer}\n{expected}"));
            }
        }
        Ok(())
    }
}

struct Expected {
    keys: Vec<String>,
    all: usize,
}

impl Expected {
    fn len(&self) -> usize {
        self.keys.len()
    }
}

/// The key of a row, or of an address.
pub(crate) fn key(row: &Json) -> String {
    let id = row["Id"].as_str();
    let id = id
        .or_else(|| row["@odata.id"].as_str())
        .or_else(|| row["@id"].as_str());
    let id = id.unwrap_or_default();
    id.split(['(', ')']).nth(1).unwrap_or(id).to_owned()
}

/// Options as a query.
pub(crate) fn query(options: &[(String, String)]) -> String {
    let options = options.iter();
    let options: Vec<String> = options
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    options.join("&")
}

/// A path and options as an address.
pub(crate) fn spelled(path: &str, options: &[(String, String)]) -> String {
    format!("{}?{}", encode(path), query(options))
}

impl Case for Read {
    fn check(&self, stage: &Stage) -> Result<Found, String> {
        let expected = self.expected(stage);
        let (path, options) = self.spoken();
        let address = spelled(&path, &options);
        if self.entrance == Entrance::Count {
            let replies = stage.ask(&vec![address; stage.all.iter().count()], &self.wishes());
            same(&replies)?;
            let told = replies[0].body()?;
            if told != expected.all.to_string() {
                return Err(format!("{told} instead of {}", expected.all));
            }
        } else {
            let (keys, told) = self.walk(stage, &address, expected.len() + 1)?;
            if let Entrance::Body(as_json) = self.entrance {
                self.in_body(stage, as_json)?;
            }
            if keys != expected.keys {
                return Err(format!("{keys:?}\ninstead of\n{:?}", expected.keys));
            }
            let number = u64::try_from(expected.all).unwrap();
            if self.count && told != Some(number) {
                return Err(format!("{told:?} instead of {number} rows"));
            }
        }
        Ok(match expected.len() {
            0 => Found::Nothing,
            _ => Found::Rows,
        })
    }

    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut with = |change: &dyn Fn(&mut Self)| {
            let mut other = self.clone();
            change(&mut other);
            if format!("{other:?}") != format!("{self:?}") {
                all.push(other);
            }
        };
        with(&|read| read.beside = None);
        with(&|read| read.condition = None);
        with(&|read| read.search = None);
        with(&|read| read.order.clear());
        with(&|read| drop(read.order.pop()));
        with(&|read| read.skip = 0);
        with(&|read| read.top = None);
        with(&|read| read.page = None);
        with(&|read| read.version = None);
        with(&|read| read.count = false);
        with(&|read| read.entrance = Entrance::Option);
        for condition in self.condition.iter().flat_map(Condition::smaller) {
            with(&|read| read.condition = Some(condition.clone()));
        }
        for condition in self.beside.iter().flat_map(Condition::smaller) {
            with(&|read| read.beside = Some(condition.clone()));
        }
        all
    }
}

impl std::fmt::Display for Read {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let (path, options) = self.spoken();
        let options: Vec<String> = options.iter().map(|(n, v)| format!("{n}={v}")).collect();
        let (version, page, entrance) = (self.version, self.page, self.entrance);
        write!(f, "{path}?{}", options.join("&"))?;
        write!(
            f,
            "\n(version {version:?}, pages of {page:?}, {entrance:?})"
        )
    }
}
