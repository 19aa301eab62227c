//! What stands behind references and in collections, worked out in memory: `$expand` with all of its
//! options, several levels deep.

use fastrand::Rng;
use serde_json::Value as Json;
use userdex::model::Model;
use userdex::service::ODataVersion;

use crate::read::{key, spelled};
use crate::run::{Case, Found};
use crate::stage::{NOTED, Stage, same};
use crate::support::Wishes;
use crate::support::evaluator::{Condition, Field, World, fields};
use crate::support::field::ordered;
use crate::support::searching::Search;
use crate::support::spelling::{Place, Speller};

/// Something that is expanded.
#[derive(Debug, Clone)]
struct Level {
    name: String,
    set: String,
    /// The reference back; none for a reference.
    back: Option<String>,
    condition: Option<Condition>,
    search: Option<Search>,
    order: Vec<(Field, bool)>,
    skip: usize,
    top: Option<usize>,
    count: bool,
    inner: Vec<Level>,
}

/// A set, or the collection of one row, and what is expanded of it.
#[derive(Debug, Clone)]
pub(crate) struct Expand {
    set: String,
    condition: Option<Condition>,
    levels: Vec<Level>,
    version: Option<ODataVersion>,
    spelling: u64,
}

impl Expand {
    pub(crate) fn draw(stage: &Stage, rng: &mut Rng) -> Self {
        let set = rng.choice(&stage.sets).unwrap().clone();
        let mut levels = Level::draw(stage, &set, rng, 2);
        if levels.is_empty() {
            levels = Level::draw(stage, &set, rng, 2);
        }
        let condition = rng
            .bool()
            .then(|| stage.world.draw(&stage.model, &set, rng, 2));
        Self {
            condition: condition.flatten(),
            levels,
            version: rng
                .choice([None, Some(ODataVersion::V4), Some(ODataVersion::V401)])
                .unwrap(),
            spelling: rng.u64(..),
            set,
        }
    }

    fn spoken(&self) -> Vec<(String, String)> {
        let mut s = Speller::varied(self.spelling, Place::Option);
        let mut options = vec![("$select".to_owned(), "Id".to_owned())];
        let condition = self.condition.as_ref().map(|c| c.spell("", &mut s));
        options.extend(condition.map(|text| ("$filter".to_owned(), text)));
        options.extend(s.compute(0).map(|text| ("$compute".to_owned(), text)));
        let levels: Vec<String> = self.levels.iter().map(|l| l.spoken(&mut s)).collect();
        if !levels.is_empty() {
            options.push(("$expand".to_owned(), levels.join(",")));
        }
        options.extend(s.given());
        options
    }
}

impl Level {
    fn draw(stage: &Stage, set: &str, rng: &mut Rng, depth: u8) -> Vec<Self> {
        let model: &Model = &stage.model;
        let entity = model.entity(model.set(set).unwrap());
        let references = entity.references.iter().map(|r| (&r.name, r.target, None));
        let collections = entity.collections.iter().map(|c| {
            let back = model.entity(c.target).reference(c.back).name.clone();
            (&c.name, c.target, Some(back))
        });
        let number = rng.usize(0..3);
        let all = collections.chain(references);
        let all = all.filter(|(_, target, _)| model.entity(*target).set != NOTED);
        let chosen = rng.choose_multiple(all, number).into_iter();
        let mut levels = Vec::new();
        for (name, target, back) in chosen {
            let set = model.entity(target).set.clone();
            let mut level = Self {
                name: name.clone(),
                back,
                condition: None,
                search: None,
                order: Vec::new(),
                skip: 0,
                top: None,
                count: false,
                inner: if depth > 0 && rng.bool() {
                    Self::draw(stage, &set, rng, depth - 1)
                } else {
                    Vec::new()
                },
                set,
            };
            if level.back.is_some() {
                level.narrow(stage, rng);
            }
            levels.push(level);
        }
        levels
    }

    /// Draws the options that collections take.
    fn narrow(&mut self, stage: &Stage, rng: &mut Rng) {
        let (world, model, set) = (&stage.world, &stage.model, &self.set);
        if rng.bool() {
            self.condition = world.draw(model, set, rng, 2);
        }
        if world.is_searched(set) && rng.u8(..5) == 0 {
            self.search = Some(world.draw_search(set, rng, 1));
        }
        let mut open = fields(model, model.set(set).unwrap());
        open.retain(Field::orders);
        let number = rng.usize(0..3);
        let order = rng.choose_multiple(open, number).into_iter();
        self.order = order.map(|f| (f, rng.bool())).collect();
        self.skip = if rng.u8(..5) == 0 { 1 } else { 0 };
        self.top = (rng.u8(..3) == 0).then(|| rng.usize(0..3));
        self.count = rng.u8(..3) == 0;
    }

    fn spoken(&self, s: &mut Speller) -> String {
        let before = s.computed.len();
        let mut options = vec!["$select=Id".to_owned()];
        if let Some(condition) = &self.condition {
            options.push(format!(
                "$filter={}",
                condition.spell("", s.at(Place::Expand))
            ));
        }
        options.extend(s.compute(before).map(|text| format!("$compute={text}")));
        options.extend(self.search.iter().map(|search| format!("$search={search}")));
        let order = self.order.iter();
        let order: Vec<String> = order
            .map(|(f, down)| format!("{}{}", f.name, ["", " desc"][usize::from(*down)]))
            .collect();
        if !order.is_empty() {
            options.push(format!("$orderby={}", order.join(",")));
        }
        if self.skip > 0 {
            options.push(format!("$skip={}", self.skip));
        }
        options.extend(self.top.map(|top| format!("$top={top}")));
        if self.count {
            options.push("$count=true".to_owned());
        }
        let inner: Vec<String> = self.inner.iter().map(|l| l.spoken(s)).collect();
        if !inner.is_empty() {
            options.push(format!("$expand={}", inner.join(",")));
        }
        format!("{}({})", self.name, options.join(";"))
    }

    /// Whether a row of an answer has what it should have; how many rows were seen.
    fn check(&self, world: &World, row: &Json, shown: &Json) -> Result<usize, String> {
        let Some(back) = &self.back else {
            let expected = world.behind(row, &self.name, &self.set);
            return match (expected, &shown[&self.name]) {
                (None, Json::Null) => Ok(0),
                (Some(target), found @ Json::Object(_)) if key(found) == target["Id"] => {
                    Ok(1 + self.inside(world, target, found)?)
                }
                (expected, found) => Err(format!("{found} instead of {expected:?}")),
            };
        };
        let children = world.children(&self.set, back, row).filter(|child| {
            let holds = |c: &Condition| world.holds(c, child) == Some(true);
            let finds = |s: &Search| world.finds(s, &self.set, child);
            self.condition.as_ref().is_none_or(holds) && self.search.as_ref().is_none_or(finds)
        });
        let children = ordered(&children.collect::<Vec<_>>(), &self.order);
        let all = children.len();
        let rest = children.into_iter().skip(self.skip);
        let expected: Vec<&Json> = rest.take(self.top.unwrap_or(usize::MAX)).collect();
        let keys: Vec<&str> = expected.iter().map(|c| c["Id"].as_str().unwrap()).collect();
        let shown_rows = shown[&self.name].as_array();
        let shown_rows = shown_rows.ok_or_else(|| format!("no `{}` in {shown}", self.name))?;
        let found: Vec<String> = shown_rows.iter().map(key).collect();
        if found != keys {
            let id = &row["Id"];
            return Err(format!(
                "`{}` of {id}: {found:?} instead of {keys:?}",
                self.name
            ));
        }
        let told = ["@odata.count", "@count"];
        let told = told
            .iter()
            .find_map(|n| shown.get(format!("{}{n}", self.name)));
        if self.count && told.and_then(Json::as_u64) != u64::try_from(all).ok() {
            return Err(format!("`{}` has {told:?} instead of {all}", self.name));
        }
        let mut seen = expected.len();
        for (child, found) in expected.iter().zip(shown_rows) {
            seen += self.inside(world, child, found)?;
        }
        Ok(seen)
    }

    fn inside(&self, world: &World, row: &Json, shown: &Json) -> Result<usize, String> {
        let inner = self
            .inner
            .iter()
            .map(|level| level.check(world, row, shown));
        inner.sum()
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
        with(&|level| level.inner.clear());
        with(&|level| level.condition = None);
        with(&|level| level.search = None);
        with(&|level| level.order.clear());
        with(&|level| level.skip = 0);
        with(&|level| level.top = None);
        with(&|level| level.count = false);
        for condition in self.condition.iter().flat_map(Condition::smaller) {
            with(&|level| level.condition = Some(condition.clone()));
        }
        for (number, inner) in self.inner.iter().enumerate() {
            for inner in inner.smaller() {
                with(&|level| level.inner[number] = inner.clone());
            }
        }
        all
    }
}

impl Case for Expand {
    fn check(&self, stage: &Stage) -> Result<Found, String> {
        let address = spelled(&self.set, &self.spoken());
        let wishes = Wishes {
            version: self.version,
            ..Wishes::default()
        };
        let replies = stage.ask(&vec![address; stage.all.iter().count()], &wishes);
        same(&replies)?;
        let answer: Json = serde_json::from_str(replies[0].body()?).map_err(|e| e.to_string())?;
        let world = &stage.world;
        let rows = world.rows(&self.set).iter();
        let rows = rows.filter(|row| {
            let holds = |c: &Condition| world.holds(c, row) == Some(true);
            self.condition.as_ref().is_none_or(holds)
        });
        let rows: Vec<&Json> = rows.collect();
        let shown = answer["value"].as_array().unwrap();
        if !shown.iter().map(key).eq(rows.iter().map(|row| key(row))) {
            return Err(format!("{} rows instead of {}", shown.len(), rows.len()));
        }
        let mut seen = 0;
        for (row, shown) in rows.into_iter().zip(shown) {
            for level in &self.levels {
                seen += level.check(world, row, shown)?;
            }
        }
        Ok(match seen {
            0 => Found::Nothing,
            _ => Found::Rows,
        })
    }

    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        let mut with = |change: &dyn Fn(&mut Self)| {
            let mut other = self.clone();
            change(&mut other);
            all.push(other);
        };
        if self.condition.is_some() {
            with(&|read| read.condition = None);
        }
        for condition in self.condition.iter().flat_map(Condition::smaller) {
            with(&|read| read.condition = Some(condition.clone()));
        }
        for (number, level) in self.levels.iter().enumerate() {
            with(&|read| drop(read.levels.remove(number)));
            for level in level.smaller() {
                with(&|read| read.levels[number] = level.clone());
            }
        }
        all
    }
}

impl std::fmt::Display for Expand {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let options = self.spoken();
        let options: Vec<String> = options.iter().map(|(n, v)| format!("{n}={v}")).collect();
        write!(f, "{}?{}", self.set, options.join("&"))?;
        write!(f, "\n(version {:?})", self.version)
    }
}
