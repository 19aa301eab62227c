//! Two databases that differ only in what a caller may not see answer that caller with the same
//! bytes, whatever is asked.

use diesel::Connection as _;
use diesel::connection::SimpleConnection as _;
use diesel::pg::PgConnection;
use diesel::sqlite::SqliteConnection;
use fastrand::Rng;
use serde_json::{Value as Json, json};
use userdex::model::{Attribute, Entity, Model};
use userdex::service::{ContentIds, Verb, WriteRequest};
use userdex::value::{Kind, Timestamp};
use uuid::Uuid;

use crate::office::{Office, address};
use crate::support::world::{World, change, worlds};
use crate::{elsewhere, refused};

/// Questions to each pair of databases.
const QUESTIONS: usize = 1_200;

/// Words of what is hidden, and of what is not.
const WORDS: &[&str] = &[
    "shadow",
    "Shadow One",
    "shadow1",
    "MARKER",
    "a",
    "Admin",
    "admin",
    "ива",
    "x@example.org",
];

/// The time of everything that tests write.
fn then() -> Timestamp {
    Timestamp::parse("2026-11-01T10:00:00Z").unwrap()
}

fn write(world: &World, verb: Verb, path: &str, body: &Json) {
    let request = WriteRequest {
        now: then(),
        ..change(verb, path, body.to_string())
    };
    let done = world.service.write(&[request], &mut ContentIds::default());
    done.unwrap_or_else(|refusal| panic!("{path}: {refusal:?}"));
}

/// Statements that change nothing which a reader of the directory may see.
fn run(world: &World, sql: &str) {
    match world.url.strip_prefix("sqlite:") {
        Some(path) => SqliteConnection::establish(path)
            .unwrap()
            .batch_execute(sql),
        None => PgConnection::establish(&world.url)
            .unwrap()
            .batch_execute(sql),
    }
    .unwrap();
}

/// A demonstration user who reads the directory: the same in each database.
fn reader(world: &World) -> Uuid {
    world.service.ship_rights(then()).unwrap();
    let plain = "Systems_Security_Users?$filter=Active%20eq%20true%20and%20IsAdmin%20eq%20false%20and%20UserType%20eq%20'InternalUser'&$orderby=Login&$top=1";
    let user = world.all(plain)[0]["Id"].as_str().unwrap().to_owned();
    let role = world.all("Systems_Security_Roles?$filter=Name%20eq%20'Directory%20reader'");
    let role = role[0]["Id"].as_str().unwrap();
    let body = json!({
        "Id": "01020304-0506-4708-890a-0b0c0d0e0f10",
        "User@odata.bind": format!("Systems_Security_Users({user})"),
        "Role@odata.bind": format!("Systems_Security_Roles({role})"),
    });
    write(world, Verb::Post, "Systems_Security_RoleUsers", &body);
    user.parse().unwrap()
}

/// Changes what the reader may not see.
fn disturb(world: &World, reader: Uuid) {
    let groups = world
        .all("Systems_Security_Groups?$filter=GroupType%20eq%20'NormalUserDefinableGroup'&$top=1");
    let group = format!(
        "Systems_Security_Groups({})",
        groups[0]["Id"].as_str().unwrap()
    );
    for number in 1..=5 {
        let body = json!({
            "Login": format!("shadow{number}"), "Email": format!("shadow{number}@example.org"),
            "Name": {"EN": format!("Shadow {number}")}, "UserType": "InternalUser", "Active": false,
            "@ext.initialPassword": "Correct horse 7!", "Notes": "MARKER",
            "Groups": [{"Group@odata.bind": group}],
        });
        write(world, Verb::Post, "Systems_Security_Users", &body);
    }
    for row in world.all("Systems_Security_Users?$filter=Active%20eq%20false&$select=Id,Login") {
        let path = address(row["Id"].as_str().unwrap().parse().unwrap());
        write(
            world,
            Verb::Patch,
            &path,
            &json!({"Name": {"EN": "Shadow One"}, "IsAdmin": false}),
        );
    }
    // Of visible users only what is closed, and without the notes of ordinary changes. Their own
    // telephone everybody may see.
    let login = world.get(&address(reader));
    let login = login["Login"].as_str().unwrap();
    run(
        world,
        &format!(
            "UPDATE \"Sec_Users\" SET \"Phone_Number\" = 'MARKER', \"Phone_Number_folded\" = 'marker' \
             WHERE \"Login\" <> '{login}'"
        ),
    );
    run(
        world,
        "UPDATE \"Sec_Users\" SET \"Notes\" = 'MARKER', \"Access_Failed_Count\" = 4, \
         \"Registration_Message\" = 'MARKER', \"Windows_User_Name\" = NULL",
    );
    let on = if world.url.starts_with("sqlite:") {
        "1"
    } else {
        "true"
    };
    run(
        world,
        &format!(
            "UPDATE \"Sec_Users\" SET \"Two_Factor_Enabled\" = {on}, \"Basic_Authentication_Allowed\" = {on}"
        ),
    );
}

/// Asks at random.
struct Asking<'m> {
    model: &'m Model,
    rng: Rng,
    /// Keys of visible and of hidden users.
    keys: Vec<Uuid>,
}

impl Asking<'_> {
    fn one_of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.rng.usize(..all.len())]
    }

    fn value(&mut self, attribute: &Attribute) -> String {
        match attribute.kind {
            Kind::Boolean => self.rng.bool().to_string(),
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
                let part = *self.one_of(&["", "", ".5"]);
                format!("{}{part}", self.rng.u8(..6))
            }
            Kind::Guid => {
                let keys = self.keys.clone();
                self.one_of(&keys).to_string()
            }
            Kind::DateTimeOffset => format!("2026-{:02}-01T00:00:00Z", self.rng.u8(1..12)),
            Kind::String | Kind::Multilanguage | Kind::Binary => {
                format!("'{}'", self.one_of(WORDS))
            }
            Kind::Enumeration => {
                let members = &self
                    .model
                    .enumeration(attribute.enumeration.unwrap())
                    .members;
                let member = self.one_of(members);
                format!("'{}'", member.name)
            }
        }
    }

    /// A condition, most often a declared one.
    fn condition(&mut self, entity: &Entity, path: &str, depth: u8) -> String {
        if depth > 0 && self.rng.u8(..3) == 0 {
            let left = self.condition(entity, path, depth - 1);
            let right = self.condition(entity, path, depth - 1);
            return match self.rng.u8(..3) {
                0 => format!("({left} and {right})"),
                1 => format!("({left} or {right})"),
                _ => format!("not ({left})"),
            };
        }
        if path.is_empty() && !entity.collections.is_empty() && self.rng.u8(..3) == 0 {
            return self.lambda(entity, depth);
        }
        if !entity.references.is_empty() && self.rng.u8(..3) == 0 {
            let reference = self.one_of(&entity.references);
            let keys = self.keys.clone();
            let key = self.one_of(&keys).to_string();
            let (name, target) = (&reference.name, self.model.entity(reference.target));
            return match self.rng.u8(..4) {
                0 => format!("{path}{name} eq null"),
                1 => format!("{path}{name}/Id eq {key}"),
                2 => format!("{path}{name} in ('{}({key})')", target.set),
                _ if path.is_empty() => self.condition(target, &format!("{name}/"), 0),
                _ => format!("{path}{name} ne null"),
            };
        }
        let attribute = self.one_of(&entity.attributes);
        let name = format!("{path}{}", attribute.name);
        let value = self.value(attribute);
        match self.rng.u8(..8) {
            0 => format!("{name} ne {value}"),
            1 => format!("{name} ge {value}"),
            2 => format!("{name} lt {value}"),
            3 => format!("{name} in ({value})"),
            4 => format!("contains({name},{value})"),
            5 => format!("startswith(tolower({name}),{value})"),
            6 => format!("{name} eq null"),
            _ => format!("{name} eq {value}"),
        }
    }

    /// A condition about children.
    fn lambda(&mut self, entity: &Entity, depth: u8) -> String {
        let collection = self.one_of(&entity.collections);
        let (name, target) = (&collection.name, self.model.entity(collection.target));
        let inner = self.condition(target, "x/", depth.saturating_sub(1));
        match self.rng.u8(..5) {
            0 => format!("{name}/any()"),
            1 => format!("{name}/$count eq 0"),
            2 => format!("{name}/all(x:{inner})"),
            3 => format!("not {name}/any(x:{inner})"),
            _ => format!("{name}/any(x:{inner})"),
        }
    }

    /// Groups and aggregates, most often of what declares them.
    fn grouping(&mut self, set: &str, entity: &Entity) -> String {
        let attributes = entity.attributes.iter().filter(|a| a.is_dimension());
        let references = entity.references.iter().map(|r| r.name.clone());
        let through = entity.references.iter().filter(|r| r.owner || r.filterable);
        let through = through.map(|r| {
            let target = self.model.entity(r.target);
            let found = target
                .attributes
                .iter()
                .find(|a| a.is_dimension() && a.name != "Id");
            let name = found.map_or("Id", |a| a.name.as_str());
            format!("{}/{name}", r.name)
        });
        let named = attributes.map(|a| a.name.clone());
        let mut all: Vec<String> = named.chain(references).chain(through).collect();
        all.push(self.one_of(&entity.attributes).name.clone());
        let measures: Vec<&str> = entity
            .attributes
            .iter()
            .filter(|a| a.is_measure())
            .map(|a| a.name.as_str())
            .collect();
        let mut aggregates = vec!["$count as N_".to_owned()];
        if !measures.is_empty() && self.rng.bool() {
            let method = *self.one_of(&["min", "max", "sum", "average", "countdistinct"]);
            aggregates.push(format!("{} with {method} as M_", self.one_of(&measures)));
        }
        if self.rng.u8(..3) == 0 {
            aggregates.push(format!("{} with countdistinct as D_", self.one_of(&all)));
        }
        let aggregate = format!("aggregate({})", aggregates.join(","));
        let mut apply = match self.rng.u8(..4) {
            0 => aggregate,
            1 => format!(
                "groupby(({},{}),{aggregate})",
                self.one_of(&all),
                self.one_of(&all)
            ),
            _ => format!("groupby(({}),{aggregate})", self.one_of(&all)),
        };
        if self.rng.u8(..3) == 0 {
            apply = format!("filter({})/{apply}", self.condition(entity, "", 1));
        }
        if self.rng.u8(..4) == 0 {
            apply = format!("search({})/{apply}", self.one_of(&["shadow", "a", "ива"]));
        }
        if self.rng.u8(..5) == 0 {
            let name = &self.one_of(&entity.attributes).name;
            apply = format!("topcount(3,{name})/{apply}");
        }
        let more = *self.one_of(&[
            "",
            "&$count=true",
            "&$filter=N_ gt 1",
            "&$orderby=N_ desc&$top=3",
            "&$format=csv",
        ]);
        match self.rng.u8(..6) {
            0 => format!("{set}/$count?$apply={apply}"),
            _ => format!("{set}?$apply={apply}{more}"),
        }
    }

    /// What only rows of a derived type have, asked of their base.
    fn of_type(&mut self) -> String {
        let base = self.model.set("General_Contacts_Parties").unwrap();
        let derived = *self.one_of(self.model.derived(base));
        let entity = self.model.entity(derived);
        let path = format!("Erp.{}", entity.type_name);
        let name = self.one_of(&entity.attributes).name.clone();
        let set = &self.model.entity(base).set;
        match self.rng.u8(..6) {
            4 => "$all?$count=true".to_owned(),
            5 => format!("$all/{path}?$select=Id,{name}"),
            0 => format!("{set}?$select=Id,{path}/{name}"),
            1 => {
                let names = entity.collections.iter().map(|c| c.name.as_str());
                let names: Vec<&str> = names.chain(["ParentParty"]).collect();
                format!("{set}?$select=Id&$expand={path}/{}", self.one_of(&names))
            }
            2 => format!("{set}?$select=Id&$expand=ParentParty/{path}($select={name})"),
            _ => {
                let condition = self.condition(entity, &format!("{path}/"), 1);
                format!("{set}?$select=Id&$filter={condition}")
            }
        }
    }

    fn question(&mut self) -> String {
        let sets = [
            "Systems_Security_Users",
            "Systems_Security_Users",
            "Systems_Security_UserGroups",
            "Systems_Security_RoleUsers",
            "Systems_Security_Groups",
            "Systems_Security_Roles",
            "General_Contacts_Persons",
            "Systems_Security_Domains",
            "Systems_Core_ObjectChanges",
            "Systems_Security_UserProviderLogins",
            "Systems_Core_ExtensibleDataObjects",
        ];
        let set = *self.one_of(&sets);
        let entity = self.model.entity(self.model.set(set).unwrap());
        let keys = self.keys.clone();
        let key = *self.one_of(&keys);
        let navigation: Vec<&str> = entity
            .references
            .iter()
            .map(|r| r.name.as_str())
            .chain(entity.collections.iter().map(|c| c.name.as_str()))
            .collect();
        match self.rng.u8(..13) {
            12 => return self.of_type(),
            10 | 11 => return self.grouping(set, entity),
            0 => return format!("{set}({key})"),
            1 => {
                let rest = *self.one_of(&["", "/$value", "/EN", "/BG/$value"]);
                return format!(
                    "{set}({key})/{}{rest}",
                    self.one_of(&entity.attributes).name
                );
            }
            2 if !navigation.is_empty() => {
                let rest = *self.one_of(&["", "/$count", "/$ref", "?$top=2"]);
                return format!("{set}({key})/{}{rest}", self.one_of(&navigation));
            }
            3 => return "Ext.Me?$expand=Groups,RoleUsers".to_owned(),
            4 => return format!("{set}/$count?$filter={}", self.condition(entity, "", 2)),
            _ => {}
        }
        let mut options = Vec::new();
        if self.rng.bool() {
            options.push(format!("$filter={}", self.condition(entity, "", 2)));
        }
        if self.rng.u8(..3) == 0 {
            options.push(format!("$search=\"{}\"", self.one_of(WORDS)));
        }
        if self.rng.u8(..3) == 0 {
            let word = *self.one_of(&["", " desc"]);
            options.push(format!(
                "$orderby={}{word}",
                self.one_of(&entity.attributes).name
            ));
        }
        if self.rng.bool() {
            options.push(format!("$top={}", self.rng.u8(..9)));
        }
        if self.rng.u8(..3) == 0 {
            options.push("$count=true".to_owned());
        }
        if self.rng.u8(..4) == 0 {
            options.push(format!("$skip={}", self.rng.u8(..5)));
        }
        if self.rng.u8(..4) == 0 {
            options.push(format!(
                "$select={},DisplayText",
                self.one_of(&entity.attributes).name
            ));
        }
        if !navigation.is_empty() && self.rng.u8(..2) == 0 {
            options.push(format!("$expand={}", self.one_of(&navigation)));
        }
        format!("{set}?{}", options.join("&"))
    }
}

/// The sets whose changes the reader follows.
const TRACKED: &[&str] = &[
    "Systems_Security_Users",
    "Systems_Security_Users?$filter=contains(Name,'a')&$select=Login",
    "Systems_Security_UserGroups",
    "Systems_Security_Groups",
    "General_Contacts_Persons",
];

/// Delta links of the reader, as addresses below the service root.
fn tracked(world: &World, user: Uuid) -> Vec<String> {
    let office = Office::over(world, user);
    let caller = office.caller(user);
    let link = |address: &&str| {
        let page = office.get(&caller, &address.replace(' ', "%20"));
        assert_eq!(page.status, 200, "{address} {}", page.body);
        let link = page.tree()["@odata.deltaLink"].clone();
        let link = link
            .as_str()
            .unwrap_or_else(|| panic!("{address} {}", page.body));
        let root = crate::support::service::ROOT;
        link.strip_prefix(root).unwrap().to_owned()
    };
    TRACKED.iter().map(link).collect()
}

/// An answer without its tokens: they hold numbers of changes, sealed, and differ each time. Their
/// lengths stay.
fn untokened(body: &str) -> String {
    let mut text = String::new();
    let mut pieces = body.split("token=");
    text.push_str(pieces.next().unwrap_or_default());
    for piece in pieces {
        let end = piece.find('"').unwrap_or(piece.len());
        let (token, rest) = piece.split_at(end);
        text.push_str(&format!("token={}{rest}", token.len()));
    }
    text
}

/// What is hidden has changed in one of them; then the same that is visible changes in both.
fn deltas_are_the_same(
    (quiet, loud): (&Office<'_>, &Office<'_>),
    user: Uuid,
    links: &(Vec<String>, Vec<String>),
) {
    let (one, two) = (quiet.caller(user), loud.caller(user));
    let mut told = 0;
    for visible in [false, true] {
        if visible {
            for world in [quiet.world, loud.world] {
                let change = json!({"PhoneNumber": "+359 2 1"});
                write(world, Verb::Patch, &address(user), &change);
            }
        }
        for (number, (left, right)) in links.0.iter().zip(&links.1).enumerate() {
            let (a, b) = (quiet.get(&one, left), loud.get(&two, right));
            assert_eq!((a.status, b.status), (200, 200), "{} {}", a.body, b.body);
            let place = format!("{}: {}", quiet.world.name, TRACKED[number]);
            assert_eq!(untokened(&a.body), untokened(&b.body), "{place}");
            told += a.rows().len();
        }
        assert_eq!(told > 0, visible, "{}", quiet.world.name);
    }
}

#[test]
fn what_is_hidden_changes_no_answer() {
    let (quiet, loud) = (worlds(40), worlds(40));
    for (quiet, loud) in quiet.iter().zip(&loud) {
        let user = reader(quiet);
        assert_eq!(reader(loud), user, "the demonstration data are the same");
        let links = (tracked(quiet, user), tracked(loud, user));
        disturb(loud, user);
        let keys = loud.all("Systems_Security_Users?$select=Id");
        let keys = keys
            .iter()
            .map(|row| row["Id"].as_str().unwrap().parse().unwrap());
        let mut asking = Asking {
            model: &quiet.model,
            rng: Rng::with_seed(20_261_126),
            keys: keys.collect(),
        };
        let (quiet, loud) = (Office::over(quiet, user), Office::over(loud, user));
        let (one, two) = (quiet.caller(user), loud.caller(user));
        let (mut told, mut refused) = (0, 0);
        for _ in 0..QUESTIONS {
            let question = asking.question();
            let encoded = question.replace(' ', "%20").replace('"', "%22");
            let (a, b) = (quiet.get(&one, &encoded), loud.get(&two, &encoded));
            assert_eq!(
                (a.status, untokened(&a.body)),
                (b.status, untokened(&b.body)),
                "{}: {question}",
                quiet.world.name
            );
            // A refusal repeats the question.
            let asked = question.contains("MARKER");
            assert!(
                asked || !b.body.contains("MARKER"),
                "{question}: {}",
                b.body
            );
            *(if a.status < 300 {
                &mut told
            } else {
                &mut refused
            }) += 1;
        }
        // Both happen, or the questions are no good.
        assert!(
            told > QUESTIONS / 5 && refused > QUESTIONS / 20,
            "{told} told, {refused} refused"
        );
        deltas_are_the_same((&quiet, &loud), user, &links);
        refused::changes_are_the_same(quiet.world, loud.world, user);
        elsewhere::answers_are_the_same(quiet.world, loud.world, user);
    }
}
