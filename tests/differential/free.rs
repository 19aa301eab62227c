//! Requests of every form, well-typed or not, of which only that both databases answer the same is
//! known: their bytes, and those of a few next pages.

use fastrand::Rng;
use userdex::service::{ODataVersion, ReadPreferences};

use crate::read::spelled;
use crate::run::{Case, Found};
use crate::stage::{Stage, same};
use crate::support::Wishes;
use crate::support::service::link;
use crate::{casts, options};

/// Pages that are read of a request, at most.
const PAGES: usize = 3;

/// A request.
#[derive(Debug, Clone)]
pub(crate) struct Free {
    pub(crate) path: String,
    pub(crate) options: Vec<(String, String)>,
    pub(crate) version: Option<ODataVersion>,
    pub(crate) page: Option<u64>,
    pub(crate) omit_nulls: bool,
}

impl Free {
    /// A request for an address, with headers drawn.
    pub(crate) fn to(path: String, options: Vec<(String, String)>, rng: &mut Rng) -> Self {
        Self {
            path,
            options,
            version: rng
                .choice([None, Some(ODataVersion::V4), Some(ODataVersion::V401)])
                .unwrap(),
            page: (rng.u8(..5) == 0).then(|| rng.u64(1..9)),
            omit_nulls: rng.u8(..10) == 0,
        }
    }

    pub(crate) fn draw(stage: &Stage, rng: &mut Rng) -> Self {
        let casts = rng.u8(..12) == 0;
        let set = match casts {
            true => casts::set(stage, rng),
            false => rng.choice(&stage.sets).unwrap().clone(),
        };
        let (mut path, set, of) = options::path(stage, &set, rng);
        let mut all = options::draw(stage, &set, rng, 2);
        if casts {
            casts::add(stage, &set, rng, &mut all);
        }
        let mut give = |of: u8, rng: &mut Rng, option: &str| {
            if rng.u8(..of) == 0 {
                let (name, value) = option.split_once('=').unwrap();
                all.push((name.to_owned(), value.to_owned()));
            }
        };
        give(4, rng, "$count=true");
        let search = rng.choice(["ann", "\"a\"", "ив NOT z", "1 OR (x y)", "\"AND\" OR a"]);
        give(8, rng, &format!("$search={}", search.unwrap()));
        let format = rng.choice([
            "ndjson",
            "csv",
            "json",
            "application/json;odata.metadata=full",
            "application/json;odata.metadata=none",
            "application/json;IEEE754Compatible=true",
        ]);
        give(7, rng, &format!("$format={}", format.unwrap()));
        give(10, rng, "options=skipnulls");
        give(30, rng, "$schemaversion=*");
        give(60, rng, "$schemaversion=0123456789abcdef");
        // Exports have no place for the number: most go without.
        let is_export = |value: &str| ["csv", "ndjson"].contains(&value);
        if all.iter().any(|(_, value)| is_export(value)) && rng.u8(..8) > 0 {
            all.retain(|(name, _)| name != "$count");
        }
        if path.starts_with("$entity") {
            let row = rng.choice(stage.world.rows(&set));
            let id = row.map_or_else(String::new, |row| row["Id"].as_str().unwrap().to_owned());
            all.push(("$id".to_owned(), format!("{set}({id})")));
        }
        if let Some((start, rest)) = path.split_once("(Id=")
            && let Some((id, rest)) = rest.split_once(')')
            && rng.u8(..3) == 0
        {
            all.push(("@k".to_owned(), id.to_owned()));
            path = format!("{start}(@k){rest}");
        }
        of.keep(&mut all, rng);
        if path.contains("@f") {
            all.retain(|(name, _)| !["@f", "@g"].contains(&name.as_str()));
            for name in ["@f", "@g"] {
                let condition = stage.world.draw(&stage.model, &set, rng, 1);
                all.push((name.to_owned(), condition.unwrap().to_string()));
            }
        }
        if rng.u8(..8) == 0 {
            casts::reword(stage, &set, rng, &mut all);
        }
        Self::to(path, all, rng)
    }

    const fn wishes(&self) -> Wishes<'static> {
        Wishes {
            version: self.version,
            page: self.page,
            preferences: ReadPreferences {
                omit_nulls: self.omit_nulls,
                track_changes: false,
            },
            accept: None,
            caller: None,
        }
    }
}

impl Case for Free {
    fn check(&self, stage: &Stage) -> Result<Found, String> {
        let databases = stage.all.iter().count();
        let mut addresses = vec![spelled(&self.path, &self.options); databases];
        let mut found = Found::Nothing;
        for page in 0..PAGES {
            let replies = stage.ask(&addresses, &self.wishes());
            same(&replies).map_err(|why| format!("page {page}: {why}"))?;
            let bodies: Vec<&str> = replies.iter().filter_map(|r| r.body().ok()).collect();

            let Some(first) = bodies.first() else {
                return Ok(if page == 0 { Found::Refused } else { found });
            };
            if !first.is_empty() && !first.contains("\"value\":[]") {
                found = Found::Rows;
            }
            let next = bodies.iter().filter_map(|body| {
                let body: serde_json::Value = serde_json::from_str(body).ok()?;
                link(&body, "nextLink")
            });
            let next: Vec<String> = next.collect();
            if next.len() < databases {
                break;
            }
            addresses = next;
        }
        Ok(found)
    }

    fn smaller(&self) -> Vec<Self> {
        let mut all = Vec::new();
        for number in 0..self.options.len() {
            let mut other = self.clone();
            other.options.remove(number);
            all.push(other);
        }
        let plain = |other: Self| (format!("{other:?}") != format!("{self:?}")).then_some(other);
        all.extend(plain(Self {
            version: None,
            ..self.clone()
        }));
        all.extend(plain(Self {
            page: None,
            ..self.clone()
        }));
        all.extend(plain(Self {
            omit_nulls: false,
            ..self.clone()
        }));
        all
    }
}

impl std::fmt::Display for Free {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let options: Vec<String> = self
            .options
            .iter()
            .map(|(n, v)| format!("{n}={v}"))
            .collect();
        write!(f, "{}?{}", self.path, options.join("&"))?;
        let (version, page, omit) = (self.version, self.page, self.omit_nulls);
        write!(
            f,
            "\n(version {version:?}, pages of {page:?}, without nulls: {omit})"
        )
    }
}
