//! Groupings that are worked out in memory: of what a condition and a search leave, by attributes,
//! references, parts of times and pieces of texts, and what is left of the groups.

use fastrand::Rng;
use serde_json::Value as Json;

use crate::memory::{self, Key, Part, Told};
use crate::read::spelled;
use crate::run::{Case, Found};
use crate::stage::{Stage, same};
use crate::support::Wishes;
use crate::support::evaluator::{Condition, FieldKind, fields};
use crate::support::searching::Search;
use crate::support::service::link;
use crate::support::spelling::{Place, Speller};

/// A grouping of a set.
#[derive(Debug, Clone)]
pub(crate) struct Groups {
    set: String,
    condition: Option<Condition>,
    search: Option<Search>,
    keys: Vec<Key>,
    told: Vec<Told>,
    /// Groups of at least so many rows, asked for in the pipeline or beside it.
    least: Option<(u64, bool)>,
    spelling: u64,
}

impl Groups {
    pub(crate) fn draw(stage: &Stage, rng: &mut Rng) -> Self {
        let (world, model) = (&stage.world, &stage.model);
        let set = rng.choice(&stage.sets).unwrap().clone();
        let entity = model.entity(model.set(&set).unwrap());
        let mut open = memory::keys(entity);
        // Parts of what declares a range, pieces of what declares `like`.
        for field in fields(model, model.set(&set).unwrap()) {
            let range = field.filters.ge && field.filters.le;
            let part = match &field.kind {
                FieldKind::Time if range => rng.choice([
                    Part::Year,
                    Part::Month,
                    Part::Day,
                    Part::Hour,
                    Part::Minute,
                    Part::Date,
                ]),
                FieldKind::Text { .. } if field.filters.like => Some(Part::Piece(
                    rng.usize(..3),
                    rng.bool().then(|| rng.usize(..4)),
                )),
                _ => None,
            };
            let folded = matches!(field.kind, FieldKind::Text { folded: true });
            open.extend(part.map(|part| Key::made(&field.name, part, folded)));
        }
        let number = rng.usize(0..3);
        let keys = rng.choose_multiple(open, number);
        let mut told = vec![Told::Count];
        let (measures, numbers) = (memory::measures(entity), memory::numbers(entity));
        for _ in 0..rng.usize(0..4) {
            told.extend(match rng.u8(..5) {
                0 => rng.choice(&numbers).map(|n| Told::Sum(n.clone())),
                1 => rng.choice(&numbers).map(|n| Told::Average(n.clone())),
                2 => rng.choice(&measures).map(|m| Told::Min(m.clone())),
                3 => rng.choice(&measures).map(|m| Told::Max(m.clone())),
                _ => rng.choice(memory::keys(entity)).map(Told::Distinct),
            });
        }
        let condition = (rng.u8(..3) == 0).then(|| world.draw(model, &set, rng, 2));
        Self {
            condition: condition.flatten(),
            search: (world.is_searched(&set) && rng.u8(..6) == 0)
                .then(|| world.draw_search(&set, rng, 1)),
            keys,
            told,
            least: (rng.u8(..4) == 0).then(|| (rng.u64(1..4), rng.bool())),
            spelling: rng.u64(..),
            set,
        }
    }

    fn expected(&self, stage: &Stage) -> Vec<Json> {
        let world = &stage.world;
        let rows = world.rows(&self.set).iter().filter(|row| {
            let holds = |c: &Condition| world.holds(c, row) == Some(true);
            let finds = |s: &Search| world.finds(s, &self.set, row);
            self.condition.as_ref().is_none_or(holds) && self.search.as_ref().is_none_or(finds)
        });
        let mut groups = memory::groups(&rows.collect::<Vec<_>>(), &self.keys, &self.told);
        if let Some((least, _)) = self.least {
            groups.retain(|group| group["T0"].as_u64().unwrap() >= least);
        }
        groups.sort_by_key(canonical);
        groups
    }

    fn spoken(&self) -> Vec<(String, String)> {
        let mut s = Speller::varied(self.spelling, Place::Alone);
        let mut steps = Vec::new();
        let condition = self.condition.as_ref().map(|c| c.spell("", &mut s));
        steps.extend(condition.map(|text| format!("filter({text})")));
        steps.extend(self.search.iter().map(|search| format!("search({search})")));
        let made: Vec<String> = self.keys.iter().filter_map(Key::computed).collect();
        if !made.is_empty() {
            steps.push(format!("compute({})", made.join(",")));
        }
        let items = self.told.iter().enumerate();
        let items: Vec<String> = items
            .map(|(n, one)| format!("{} as T{n}", one.text()))
            .collect();
        let aggregate = format!("aggregate({})", items.join(","));
        let names: Vec<&str> = self.keys.iter().map(|key| key.name.as_str()).collect();
        steps.push(match names.as_slice() {
            [] => aggregate,
            some => format!("groupby(({}),{aggregate})", some.join(",")),
        });
        let mut beside = None;
        match self.least {
            Some((least, true)) => steps.push(format!("filter(T0 ge {least})")),
            Some((least, false)) => beside = Some(format!("{least} le T0")),
            None => {}
        }
        let mut options = vec![("$apply".to_owned(), steps.join("/"))];
        options.extend(beside.map(|text| ("$filter".to_owned(), text)));
        options.extend(s.given());
        options
    }
}

/// A group as text, whatever the order of its members.
fn canonical(group: &Json) -> String {
    let members = group.as_object().unwrap().iter();
    let mut members: Vec<String> = members
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    members.sort_unstable();
    members.join(",")
}

/// The rows of an answer without their control information.
fn plain(answer: &Json) -> Vec<Json> {
    let rows = answer["value"].as_array().unwrap().iter().cloned();
    rows.map(|mut row| {
        row.as_object_mut()
            .unwrap()
            .retain(|name, _| !name.contains("@odata"));
        row
    })
    .collect()
}

impl Case for Groups {
    fn check(&self, stage: &Stage) -> Result<Found, String> {
        let expected = self.expected(stage);
        let databases = stage.all.iter().count();
        let mut options = self.spoken();
        options.push(("$count".to_owned(), "true".to_owned()));
        let replies = stage.ask(
            &vec![spelled(&self.set, &options); databases],
            &Wishes::default(),
        );
        same(&replies)?;
        let answer: Json = serde_json::from_str(replies[0].body()?).map_err(|e| e.to_string())?;
        let in_order = plain(&answer);
        let mut found = in_order.clone();
        found.sort_by_key(canonical);
        if found != expected || answer["@odata.count"] != expected.len() {
            let texts = |groups: &[Json]| groups.iter().map(Json::to_string).collect::<Vec<_>>();
            let (found, expected) = (texts(&found).join("\n"), texts(&expected).join("\n"));
            return Err(format!("{found}\ninstead of\n{expected}"));
        }
        // Pages of a few groups, one after the other.
        options.pop();
        options.push(("$top".to_owned(), (1 + expected.len() / 3).to_string()));
        let mut addresses = vec![spelled(&self.set, &options); databases];
        let mut joined = Vec::new();
        while !addresses.is_empty() {
            let replies = stage.ask(&addresses, &Wishes::default());
            same(&replies)?;
            addresses.clear();
            for (number, reply) in replies.iter().enumerate() {
                let page = serde_json::from_str(reply.body()?).map_err(|e| e.to_string())?;
                if number == 0 {
                    joined.extend(plain(&page));
                }
                addresses.extend(link(&page, "nextLink"));
            }
        }
        if joined != in_order {
            return Err(format!("pages: {joined:?}\ninstead of\n{in_order:?}"));
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
        with(&|groups| groups.condition = None);
        with(&|groups| groups.search = None);
        with(&|groups| groups.least = None);
        for number in 1..self.told.len() {
            with(&|groups| drop(groups.told.remove(number)));
        }
        for number in 0..self.keys.len() {
            with(&|groups| drop(groups.keys.remove(number)));
        }
        for condition in self.condition.iter().flat_map(Condition::smaller) {
            with(&|groups| groups.condition = Some(condition.clone()));
        }
        all
    }
}

impl std::fmt::Display for Groups {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let options = self.spoken();
        let options: Vec<String> = options.iter().map(|(n, v)| format!("{n}={v}")).collect();
        write!(f, "{}?{}", self.set, options.join("&"))
    }
}
