//! Copies that are kept by delta links while objects change at random, often there and back: both
//! databases tell the same, and what they tell makes of a copy what a new read gives. Walks without
//! delta links meet every row once.

use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};

use fastrand::Rng;
use serde_json::{Value as Json, json};
use userdex::service::{ContentIds, ODataVersion, ReadPreferences, Verb, WriteRequest};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::read::{key, spelled};
use crate::run::{Found, Progress, Settings, Tally};
use crate::stage::{Reply, Stage, same};
use crate::support::Wishes;
use crate::support::evaluator::fields;
use crate::support::service::link;
use crate::support::spelling::{Place, Speller};
use crate::support::world::change;

mod walk;

const USERS: &str = "Systems_Security_Users";
const MEMBERS: &str = "Systems_Security_UserGroups";
const GROUPS: &str = "Systems_Security_Groups";

/// What is asked of members that rests on their users alone.
const THROUGH: &[&[(&str, &str)]] = &[
    &[("$filter", "User/Active eq true"), ("$select", "Id,User")],
    &[("$select", "Id,DisplayText")],
    &[
        ("$filter", "User/Active eq false"),
        ("$select", "Id,DisplayText"),
    ],
    &[("$orderby", "User/Login"), ("$select", "Id")],
    &[
        ("$filter", "contains(User/Name,'a')"),
        ("$orderby", "User/Email desc,User/Login"),
    ],
];

/// Copies that are kept at the same time.
const COPIES: usize = 12;
/// Links that are followed of a copy before another one takes its place.
const LINKS: u32 = 6;

/// A copy of what a read gives.
struct Copy {
    address: String,
    version: ODataVersion,
    /// Its next delta link in each database.
    links: Vec<String>,
    rows: BTreeMap<String, Json>,
    followed: u32,
    /// How many changes there were when it was made, or last followed.
    since: usize,
}

/// Databases whose objects change.
struct Play<'s> {
    stage: &'s Stage,
    rng: Rng,
    /// What was made, by its key.
    users: Vec<String>,
    members: Vec<String>,
    groups: Vec<String>,
    /// What was last written of the users that were made.
    facts: HashMap<String, Json>,
    /// Changes that would undo others: a path and a body.
    back: Vec<(String, Json)>,
    /// What was changed, for messages.
    changes: Vec<String>,
}

/// Follows links until enough have been followed.
pub(crate) fn run(stage: &Stage, settings: Settings) {
    let ids = |set: &str| -> Vec<String> {
        let rows = stage.world.rows(set).iter();
        rows.map(|row| row["Id"].as_str().unwrap().to_owned())
            .collect()
    };
    let mut play = Play {
        stage,
        rng: settings.rng(0),
        users: Vec::new(),
        members: Vec::new(),
        groups: ids(GROUPS).into_iter().take(4).collect(),
        facts: HashMap::new(),
        back: Vec::new(),
        changes: Vec::new(),
    };
    for _ in 0..20 {
        play.step();
    }
    let (tally, progress, done) = (Tally::default(), Progress::new("deltas"), AtomicU64::new(0));
    let mut copies: Vec<Copy> = Vec::new();
    while done.load(Ordering::Relaxed) < settings.count {
        while copies.len() < COPIES {
            copies.extend(play.copy());
        }
        for _ in 0..play.rng.usize(1..6) {
            play.step();
        }
        play.walk();
        for copy in &mut copies {
            let seed = settings.seed;
            let number = done.fetch_add(1, Ordering::Relaxed);
            let found = play.follow(copy).unwrap_or_else(|why| {
                panic!(
                    "USERDEX_SEED={seed}, link {number}: {}\n{why}",
                    copy.address
                )
            });
            tally.add(found);
        }
        copies.retain(|copy| copy.followed < LINKS);
        progress.tell(done.load(Ordering::Relaxed), &settings, &tally, false);
    }
    progress.tell(done.load(Ordering::Relaxed), &settings, &tally, true);
    let changed = tally.rows.load(Ordering::Relaxed);
    assert!(
        changed > settings.count / 10,
        "only {changed} links told something"
    );
}

impl Play<'_> {
    /// The same change in every database, with the same outcome.
    fn write(&mut self, verb: Verb, path: &str, body: &Json) -> bool {
        let body = if body.is_null() {
            String::new()
        } else {
            body.to_string()
        };
        let milliseconds = i64::try_from(self.changes.len()).unwrap();
        let request = WriteRequest {
            now: Timestamp::from_micros(1_790_000_000_000_000 + milliseconds * 1_000),
            ..change(verb, path, body.clone())
        };
        let outcomes: Vec<String> = self
            .stage
            .all
            .iter()
            .map(|database| {
                let requests = [request.clone()];
                match database
                    .service
                    .write(&requests, &mut ContentIds::default())
                {
                    Ok(answers) => answers[0].status.to_string(),
                    Err(refusal) => {
                        let problem = refusal.problem;
                        let log = problem.log_text();
                        assert!(problem.code().status() < 500, "{path} {problem:?} {log:?}");
                        problem.word().to_owned()
                    }
                }
            })
            .collect();
        assert!(
            outcomes.iter().all(|o| *o == outcomes[0]),
            "{path} {body}: {outcomes:?}"
        );
        let is_done = outcomes[0].starts_with('2');
        self.changes
            .push(format!("{verb:?} {path} {body}: {}", outcomes[0]));
        is_done
    }

    fn id(&mut self) -> String {
        let number = self.rng.u128(..) & 0xffff_ffff;
        Uuid::from_u128(0xde17_0000_0000_4000_8000_0000_0000_0000 | number).to_string()
    }

    /// Changes something.
    fn step(&mut self) {
        let word = {
            let letters: String = (0..2).map(|_| self.rng.lowercase()).collect();
            format!("{letters}{}", self.rng.u16(..))
        };
        let flag = self.rng.bool();
        let number = self.rng.usize(..self.users.len().max(1));
        let one = self.users.get(number).cloned();
        let path = one
            .as_ref()
            .map(|id| format!("{USERS}({id})"))
            .unwrap_or_default();
        let patch = |play: &mut Self, body: Json| {
            if play.write(Verb::Patch, &path, &body) {
                play.note(&path, &body);
            }
        };
        match (self.rng.u8(..20), one) {
            (0 | 1, _) | (_, None) if self.users.len() < 40 => {
                let id = self.id();
                let body = json!({
                    "Id": id, "Login": word, "Name": {"EN": word}, "Active": flag,
                    "UserType": "VirtualUserNoLogin",
                });
                if self.write(Verb::Post, USERS, &body) {
                    self.note(&format!("{USERS}({id})"), &body);
                    self.users.push(id);
                }
            }
            (2, Some(user)) => {
                self.write(Verb::Delete, &path, &Json::Null);
                self.users.retain(|known| *known != user);
            }
            (3 | 4, Some(user)) => {
                let id = self.id();
                let group = self.rng.choice(&self.groups).unwrap().clone();
                let body = json!({
                    "Id": id,
                    "User@odata.bind": format!("{USERS}({user})"),
                    "Group@odata.bind": format!("{GROUPS}({group})"),
                });
                if self.write(Verb::Post, MEMBERS, &body) {
                    self.members.push(id);
                }
            }
            (5, Some(_)) => {
                if let Some(member) = self.members.pop() {
                    // It may have gone with its user.
                    self.write(Verb::Delete, &format!("{MEMBERS}({member})"), &Json::Null);
                }
            }
            (6, Some(_)) => patch(self, json!({"Login": word})),
            (7, Some(_)) => patch(self, json!({"Name": {"EN": word, "BG": null}})),
            (8, Some(_)) => {
                let email = flag.then(|| format!("{word}@x.example"));
                patch(self, json!({"Email": email}));
            }
            (9, Some(_)) => {
                let value = flag.then(|| json!({"Value": word}));
                patch(self, json!({"CustomProperty_color": value}));
            }
            (10, Some(_)) => {
                let group = self.rng.choice(&self.groups).unwrap().clone();
                self.write(
                    Verb::Patch,
                    &format!("{GROUPS}({group})"),
                    &json!({"Name": {"EN": word}}),
                );
            }
            (11, Some(_)) => {
                let notes = flag.then_some(&word);
                patch(
                    self,
                    json!({"Notes": notes, "DefaultLanguage": if flag { "bg" } else { "en" }}),
                );
            }
            (12 | 13, Some(_)) => patch(self, json!({"Active": flag})),
            (14, Some(user)) => {
                if let Some(member) = self.rng.choice(&self.members).cloned() {
                    let moved = json!({"User@odata.bind": format!("{USERS}({user})")});
                    // It may have gone, or they may be a member already.
                    self.write(Verb::Patch, &format!("{MEMBERS}({member})"), &moved);
                }
            }
            (15 | 16, Some(_)) => {
                let there = match self.rng.u8(..3) {
                    0 => json!({"Active": flag}),
                    1 => json!({"Login": word}),
                    _ => json!({"Name": {"EN": word}}),
                };
                let name = there.as_object().unwrap().keys().next().unwrap();
                let was = json!({name: self.facts[&path][name]});
                self.back.push((path.clone(), was));
                patch(self, there);
            }
            (_, Some(_)) => {
                if let Some((path, was)) = self.back.pop()
                    && self.write(Verb::Patch, &path, &was)
                {
                    self.note(&path, &was);
                }
            }
            (_, None) => {}
        }
    }

    /// Remembers what was written of a user.
    fn note(&mut self, path: &str, body: &Json) {
        let facts = self.facts.entry(path.to_owned()).or_insert(json!({}));
        let written = body.as_object().unwrap().clone();
        facts.as_object_mut().unwrap().extend(written);
    }

    const fn wishes(version: ODataVersion, page: Option<u64>, track: bool) -> Wishes<'static> {
        Wishes {
            version: Some(version),
            page,
            preferences: ReadPreferences {
                omit_nulls: false,
                track_changes: track,
            },
            accept: None,
            caller: None,
        }
    }

    /// A copy of what some read gives; nothing where its changes are not followed.
    fn copy(&mut self) -> Option<Copy> {
        let since = self.changes.len();
        let (stage, rng) = (self.stage, &mut self.rng);
        let set = rng
            .choice([USERS, USERS, MEMBERS, MEMBERS, GROUPS])
            .unwrap();
        let mut options = Vec::new();
        let mut s = Speller::varied(rng.u64(..), Place::Alone);
        let through = set == MEMBERS && rng.bool();
        if through {
            let filter = *rng.choice(THROUGH).unwrap();
            let filter = filter.iter();
            options.extend(filter.map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        } else if rng.u8(..6) > 0 {
            let condition = stage.world.draw(&stage.model, set, rng, 2)?;
            options.push(("$filter".to_owned(), condition.spell("", &mut s)));
        }
        if !through && rng.u8(..3) == 0 {
            let all = fields(&stage.model, stage.model.set(set).unwrap());
            let names = rng.choose_multiple(all.iter().map(|f| f.name.as_str()), 3);
            options.push(("$select".to_owned(), format!("Id,{}", names.join(","))));
        }
        if rng.u8(..3) == 0 && set == USERS {
            options.push(("$orderby".to_owned(), "Login desc".to_owned()));
        }
        if stage.world.is_searched(set) && rng.u8(..8) == 0 {
            let search = stage.world.draw_search(set, rng, 1);
            options.push(("$search".to_owned(), search.to_string()));
        }
        options.extend(s.given());
        let version = rng.choice([ODataVersion::V4, ODataVersion::V401]).unwrap();
        let page = rng.bool().then(|| rng.u64(1..30));
        let address = spelled(set, &options);
        let mut addresses = vec![address.clone(); stage.all.iter().count()];
        let mut rows = BTreeMap::new();
        for number in 0.. {
            let replies = stage.ask(&addresses, &Self::wishes(version, page, true));
            // Too much was there and back.
            if number > 0 && replies.iter().all(is_gone) {
                return None;
            }
            same(&replies).unwrap_or_else(|why| panic!("{address}\n{why}"));
            let (mut next, mut links) = (Vec::new(), Vec::new());
            for (database, reply) in replies.iter().enumerate() {
                let body = reply
                    .body()
                    .unwrap_or_else(|why| panic!("{address}\n{why}"));
                let body: Json = serde_json::from_str(body).unwrap();
                next.extend(link(&body, "nextLink"));
                links.extend(link(&body, "deltaLink"));
                for row in body["value"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .filter(|_| database == 0)
                {
                    let twice = rows.insert(key(row), row.clone());
                    assert!(twice.is_none(), "{address}: twice {row}");
                }
            }
            if next.is_empty() {
                return (links.len() == addresses.len()).then_some(Copy {
                    address,
                    version,
                    links,
                    rows,
                    followed: 0,
                    since,
                });
            }
            addresses = next;
            if self.rng.bool() {
                self.step();
            }
        }
        None
    }

    /// Follows the link of a copy, and compares it with a new read.
    fn follow(&mut self, copy: &mut Copy) -> Result<Found, String> {
        let (stage, wishes) = (self.stage, Self::wishes(copy.version, None, false));
        let replies = stage.ask(&copy.links, &wishes);
        let told = same(&replies)?;
        copy.links.clear();
        let mut found = Found::Nothing;
        for (database, reply) in replies.iter().enumerate() {
            let delta: Json = serde_json::from_str(reply.body()?).map_err(|e| e.to_string())?;
            copy.links.extend(link(&delta, "deltaLink"));
            for row in delta["value"]
                .as_array()
                .unwrap()
                .iter()
                .filter(|_| database == 0)
            {
                found = Found::Rows;
                let is_gone = row.get("@removed").is_some() || row.get("reason").is_some();
                match is_gone {
                    true => drop(copy.rows.remove(&removed(row))),
                    false => drop(copy.rows.insert(key(row), row.clone())),
                }
            }
        }
        copy.followed += 1;
        let fresh = stage.ask(
            &vec![copy.address.clone(); stage.all.iter().count()],
            &wishes,
        );
        same(&fresh)?;
        let fresh: Json = serde_json::from_str(fresh[0].body()?).map_err(|e| e.to_string())?;
        let rows = fresh["value"].as_array().unwrap().iter();
        let fresh: BTreeMap<String, Json> = rows.map(|row| (key(row), row.clone())).collect();
        let is_root = copy.address.starts_with(USERS);
        // The version of a child is that of its user, who may have changed alone.
        let is_same = match is_root {
            true => copy.rows == fresh,
            false => without_versions(&copy.rows) == without_versions(&fresh),
        };
        if !is_same || copy.links.len() != replies.len() {
            let differing = |one: &BTreeMap<String, Json>, other: &BTreeMap<String, Json>| {
                let rows = one.iter().filter(|(id, row)| other.get(*id) != Some(*row));
                let rows: Vec<String> = rows.map(|(_, row)| row.to_string()).collect();
                rows.join("\n")
            };
            let (held, wanted) = (differing(&copy.rows, &fresh), differing(&fresh, &copy.rows));
            let changes = self.changes[copy.since..].join("\n");
            let number = copy.followed;
            return Err(format!(
                "{held}\ninstead of\n{wanted}\nafter link {number}, {told}\nof\n{changes}"
            ));
        }
        copy.since = self.changes.len();
        Ok(found)
    }
}

/// Rows without what changes with their roots.
fn without_versions(rows: &BTreeMap<String, Json>) -> BTreeMap<String, Json> {
    let mut rows = rows.clone();
    for row in rows.values_mut().filter_map(Json::as_object_mut) {
        row.retain(|name, _| name != "ObjectVersion" && !name.ends_with("etag"));
    }
    rows
}

/// Whether a walk cannot go on.
fn is_gone(reply: &Reply) -> bool {
    match reply {
        Reply::Answer(_) => false,
        Reply::Refusal(problem) => problem.code().status() == 410,
    }
}

/// The key of what is gone: `@id` of 4.01, `id` of 4.0.
fn removed(row: &Json) -> String {
    let id = ["@id", "@odata.id", "id"]
        .iter()
        .find_map(|name| row[*name].as_str());
    let id = id.unwrap_or_else(|| panic!("no id: {row}"));
    id.split(['(', ')']).nth(1).unwrap_or(id).to_owned()
}
