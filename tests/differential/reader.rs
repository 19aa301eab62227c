//! Somebody who is shown some rows only: what the evaluator knows is what they are shown, so that
//! nothing else that is stored may change an answer.

use std::sync::Arc;

use fastrand::Rng;
use serde_json::Value as Json;
use userdex::access::{Identity, Scopes, Way};
use userdex::bind::RowFilter;
use userdex::model::{Allowed, Entity, Model};
use userdex::service::Caller;
use userdex::value::{Value, fold};
use uuid::Uuid;

use crate::run::{Case, Found, Settings, Tally, run};
use crate::stage::{NOTED, Stage};
use crate::support::evaluator::{Condition, World};
use crate::support::{Database, tester, users};
use crate::{expand, free, groups, pipelines, read};

const ROLE: Uuid = Uuid::from_u128(0x0e0e_0000);
/// Readers of a long run, at most: each is shown other rows.
const READERS: u64 = 20;
/// Requests of each, at least.
const REQUESTS: u64 = 1_000;
/// Conditions that are tried for a record filter.
const ATTEMPTS: usize = 40;

/// Who asks: a user, and what they may do in each database.
pub(crate) struct Reader {
    user: Uuid,
    callers: Vec<Arc<Caller>>,
}

impl Reader {
    /// The caller of a database, by its number.
    pub(crate) fn caller(&self, database: usize) -> &Caller {
        &self.callers[database]
    }

    /// The value of `Authorization` of a new session.
    pub(crate) fn session(&self, database: &Database) -> String {
        tester::session_of(&database.service, self.user, Scopes::USUAL)
    }
}

/// What may be read of a set: all rows, or those for which a condition holds.
struct Permission {
    set: String,
    filter: Option<Condition>,
}

impl Stage {
    /// One that somebody asks who holds a role with record filters, drawn from a seed.
    fn of_reader(seed: u64) -> Self {
        let mut stage = Self::new();
        let permissions = draw(&stage, &mut Rng::with_seed(seed));
        let user = user(&stage.world);
        for database in stage.all.iter() {
            grant(database, user, &permissions);
        }
        let caller = |database: &Database| {
            let identity = Identity {
                user,
                login: "reader".to_owned(),
                administrator: false,
                scopes: Scopes::USUAL,
                way: Way::Session,
                session: None,
                application: None,
            };
            database.service.caller(identity).unwrap()
        };
        let callers: Vec<Arc<Caller>> = stage.all.iter().map(caller).collect();
        let first = stage.all.iter().next().unwrap();
        let all = World::read_with(first, &stage.model);
        let shown = World::read_as(first, &stage.model, &callers[0]);
        let mut sets = Vec::new();
        for (_, entity) in stage.model.entities() {
            let set = &entity.set;
            if entity.private_to.is_none() && entity.readers == Allowed::Granted {
                let mut expected = visible(&stage.model, &all, &permissions, set);
                untype(&stage.model, &shown, &mut expected);
                assert_eq!(shown.rows(set), expected, "{set} with seed {seed}");
            }
            // Of the notes of refused requests there are others in each database.
            if !shown.rows(set).is_empty() && set != NOTED {
                sets.push(set.clone());
            }
        }
        stage.sets.retain(|set| sets.contains(set));
        stage.world = shown;
        stage.reader = Some(Reader { user, callers });
        stage
    }
}

/// Rows of a base say their type where the reader is shown them as such.
fn untype(model: &Model, shown: &World, rows: &mut [Json]) {
    for row in rows {
        let told = row["@odata.type"].as_str().unwrap_or_default();
        let is = |entity: &Entity| told == format!("#Erp.{}", entity.type_name);
        let Some((_, entity)) = model.entities().find(|(_, entity)| is(entity)) else {
            continue;
        };
        let id = row["Id"].as_str().unwrap();
        if shown.row(&entity.set, id).is_none() {
            row.as_object_mut().unwrap().remove("@odata.type");
        }
    }
}

/// An active user without any right of their own.
fn user(world: &World) -> Uuid {
    let plain = |row: &&Json| {
        row["Active"] == true && row["IsAdmin"] == false && row["UserType"] == "InternalUser"
    };
    let mut rows = world.rows("Systems_Security_Users").iter().filter(plain);
    rows.next().unwrap()["Id"]
        .as_str()
        .unwrap()
        .parse()
        .unwrap()
}

/// For most sets that may be granted, permissions that show half of the rows at least.
fn draw(stage: &Stage, rng: &mut Rng) -> Vec<Permission> {
    let (world, model) = (&stage.world, &*stage.model);
    let mut permissions = Vec::new();
    for (id, entity) in model.entities() {
        let granted = match rng.u8(..10) {
            _ if entity.readers != Allowed::Granted => 0,
            0 if entity.set != "Systems_Security_Users" => 0,
            1..=3 => 2,
            _ => 1,
        };
        for _ in 0..granted {
            let all = world.rows(&entity.set);
            let condition = |_| {
                let depth = rng.u8(..3);
                let condition = world.draw(model, &entity.set, rng, depth)?;
                let text = condition.to_string();
                let shown = all.iter().filter(|row| holds(world, &condition, row));
                let shown = shown.count();
                let is_fit = shown < all.len() && shown * 2 >= all.len();
                let is_fit = is_fit && text.len() <= 4_000;
                let is_fit = is_fit && RowFilter::parse(model, id, &text).is_ok();
                is_fit.then_some(condition)
            };
            permissions.push(Permission {
                set: entity.set.clone(),
                filter: (0..ATTEMPTS).find_map(condition),
            });
        }
    }
    permissions
}

fn holds(world: &World, condition: &Condition, row: &Json) -> bool {
    world.holds(condition, row) == Some(true)
}

/// The rows of a set that permissions show. What belongs to a row that is hidden is hidden with it;
/// other references to one are null.
fn visible(model: &Model, world: &World, permissions: &[Permission], set: &str) -> Vec<Json> {
    let entity = model.entity(model.set(set).unwrap());
    let of_set: Vec<_> = permissions.iter().filter(|p| p.set == set).collect();
    let granted = |row: &&Json| {
        let mut filters = of_set.iter().map(|p| &p.filter);
        filters.any(|filter| filter.as_ref().is_none_or(|f| holds(world, f, row)))
    };
    let mut rows: Vec<Json> = world.rows(set).iter().filter(granted).cloned().collect();
    for reference in &entity.references {
        let target = &model.entity(reference.target).set;
        let shown = |row: &Json| {
            let behind = world.behind(row, &reference.name, target);
            behind.is_some_and(|behind| is_visible(model, world, permissions, (target, behind)))
        };
        if reference.owner {
            rows.retain(&shown);
        }
        for row in &mut rows {
            if !shown(row) {
                row[&reference.name] = Json::Null;
            }
        }
    }
    rows
}

/// Whether permissions show a row, and what it belongs to.
fn is_visible(
    model: &Model,
    world: &World,
    permissions: &[Permission],
    (set, row): (&str, &Json),
) -> bool {
    let entity = model.entity(model.set(set).unwrap());
    let mut of_set = permissions.iter().filter(|p| p.set == set);
    let granted = of_set.any(|p| p.filter.as_ref().is_none_or(|f| holds(world, f, row)));
    let mut owners = entity.references.iter().filter(|reference| reference.owner);
    granted
        && owners.all(|owner| {
            let target = &model.entity(owner.target).set;
            let behind = world.behind(row, &owner.name, target);
            behind.is_some_and(|behind| is_visible(model, world, permissions, (target, behind)))
        })
}

/// Puts a role with permissions into the tables, and gives it to a user.
fn grant(database: &Database, user: Uuid, permissions: &[Permission]) {
    let model = &*database.model;
    let table = |set: &str| model.table(model.set(set).unwrap());
    let text = |text: &str| Value::Text(text.to_owned());
    let roles = table("Systems_Security_Roles");
    let names = ["Role_Id", "Is_Active", "Role_Name", "Role_Name_folded"];
    let role = vec![
        Value::Guid(ROLE),
        Value::Boolean(true),
        text("Readers"),
        text("readers"),
    ];
    let role = users::with_defaults(roles, &names, &[role]);
    let players = table("Systems_Security_RoleUsers");
    let names = ["Role_User_Id", "Role_Id", "User_Id"];
    let player = [ROLE, ROLE, user].map(Value::Guid).to_vec();
    let player = users::with_defaults(players, &names, &[player]);
    let granted = table("Ext_EntityPermissions");
    let names = [
        "Entity_Permission_Id",
        "Can_Read",
        "Entity_Set",
        "Entity_Set_folded",
        "Record_Filter",
        "Role_Id",
    ];
    let rows = (0..).zip(permissions).map(|(number, permission)| {
        let filter = permission.filter.as_ref();
        vec![
            Value::Guid(Uuid::from_u128(ROLE.as_u128() + number)),
            Value::Boolean(true),
            text(&permission.set),
            text(&fold(&permission.set)),
            filter.map_or(Value::Null, |filter| text(&filter.to_string())),
            Value::Guid(ROLE),
        ]
    });
    let rows = users::with_defaults(granted, &names, &rows.collect::<Vec<_>>());
    let written = database.store.writer().unwrap().transaction(|writer| {
        writer.insert_many(roles, &role.0, &role.1)?;
        writer.insert_many(players, &player.0, &player.1)?;
        writer.insert_many(granted, &rows.0, &rows.1)
    });
    written.unwrap_or_else(|p| panic!("{p:?}: {:?}", p.log_text()));
}

/// A request of a reader. That it names something of which they may read nothing is refused.
struct Asked<C>(C);

impl<C: Case> Case for Asked<C> {
    fn check(&self, stage: &Stage) -> Result<Found, String> {
        match self.0.check(stage) {
            Err(why) if why.starts_with("Forbidden: ") => Ok(Found::Refused),
            other => other,
        }
    }

    fn smaller(&self) -> Vec<Self> {
        self.0.smaller().into_iter().map(Self).collect()
    }
}

impl<C: Case> std::fmt::Display for Asked<C> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}

/// Runs every kind of request for one reader after the other, each with a seed of its own.
pub(crate) fn run_all(settings: Settings) {
    let most = match settings.only {
        Some(_) => 1,
        None => (settings.count / REQUESTS).clamp(1, READERS),
    };
    for number in 0..most {
        let stage = Stage::of_reader(settings.seed + number);
        let part = Settings {
            seed: settings.seed + number,
            count: settings.count.div_ceil(most * 5),
            ..settings
        };
        let told = [
            ask("reads of a reader", &stage, part, read::Read::draw),
            ask("expansions of a reader", &stage, part, expand::Expand::draw),
            ask("groups of a reader", &stage, part, groups::Groups::draw),
            ask("requests of a reader", &stage, part, free::Free::draw),
            ask("pipelines of a reader", &stage, part, pipelines::draw),
        ];
        if settings.only.is_none() {
            for tally in told {
                tally.assert_some();
            }
        }
    }
}

fn ask<C: Case>(
    name: &'static str,
    stage: &Stage,
    settings: Settings,
    draw: impl Fn(&Stage, &mut Rng) -> C + Sync,
) -> Tally {
    run(name, stage, settings, |stage, rng| Asked(draw(stage, rng)))
}
