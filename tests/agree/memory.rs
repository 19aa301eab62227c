//! Users, their groups and domains in memory, and what may be done with them.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value as Json, json};

use super::draw::Operation;
use super::support::world::text;

/// What of a user is looked at, beside its domain and groups.
pub(super) const ATTRIBUTES: &[&str] = &[
    "Login",
    "Name",
    "Notes",
    "Email",
    "UserType",
    "IsAdmin",
    "DefaultLanguage",
];

#[derive(Debug, Clone, PartialEq)]
struct User {
    values: Map<String, Json>,
    domain: Option<String>,
    password: bool,
    groups: BTreeMap<String, String>,
    version: i64,
}

/// Everything.
#[derive(Debug, Clone, Default)]
pub(super) struct Memory {
    users: BTreeMap<String, User>,
    /// Name and version.
    domains: BTreeMap<String, (String, i64)>,
    administrators: Vec<String>,
}

/// What should happen.
pub(super) struct Expected {
    /// Why it is refused: one of these is told.
    pub(super) faults: BTreeSet<&'static str>,
    /// Whether the order of the statements can make two values meet that do not meet at the end.
    pub(super) vague: bool,
    pub(super) next: Memory,
}

/// A transaction.
struct Transaction<'a> {
    base: &'a Memory,
    next: Memory,
    gone: BTreeSet<String>,
    faults: BTreeSet<&'static str>,
}

/// What a user is before anybody says anything.
fn fresh() -> User {
    User {
        values: defaults(),
        domain: None,
        password: false,
        groups: BTreeMap::new(),
        version: 1,
    }
}

fn defaults() -> Map<String, Json> {
    let mut values: Map<String, Json> = ATTRIBUTES
        .iter()
        .map(|name| ((*name).to_owned(), Json::Null))
        .collect();
    values["UserType"] = json!("InternalUser");
    values["IsAdmin"] = json!(false);
    values
}

/// The key in an address.
fn key(address: &Json) -> Option<String> {
    let address = address.as_str()?;
    address.split(['(', ')']).nth(1).map(str::to_owned)
}

impl Memory {
    pub(super) fn new(administrators: Vec<String>) -> Self {
        Self {
            administrators,
            ..Self::default()
        }
    }

    pub(super) fn version(&self, id: &str) -> Option<i64> {
        self.users.get(id).map(|user| user.version)
    }

    /// The keys of users, memberships and domains that are there.
    pub(super) fn keys(&self) -> [Vec<String>; 3] {
        let members = self.users.values().flat_map(|user| user.groups.keys());
        [
            self.users.keys().cloned().collect(),
            members.cloned().collect(),
            self.domains.keys().cloned().collect(),
        ]
    }

    /// As the read API gives it.
    pub(super) fn simplified(&self) -> Json {
        let users = self.users.iter().map(|(id, user)| {
            let groups: Vec<Json> = user.groups.iter().map(|(m, g)| json!([m, g])).collect();
            let mut row = json!({"Id": id, "Groups": groups, "Domain": user.domain});
            for (name, value) in &user.values {
                row[name] = value.clone();
            }
            row["ObjectVersion"] = json!(user.version);
            row
        });
        let domains = self.domains.iter();
        let domains = domains
            .map(|(id, (name, version))| json!({"Id": id, "Name": name, "ObjectVersion": version}));
        json!({"users": users.collect::<Vec<_>>(), "domains": domains.collect::<Vec<_>>()})
    }

    /// What becomes of some operations in one transaction.
    pub(super) fn expect(&self, operations: &[Operation]) -> Expected {
        let mut transaction = Transaction {
            base: self,
            next: self.clone(),
            gone: BTreeSet::new(),
            faults: BTreeSet::new(),
        };
        for operation in operations {
            if let Err(fault) = transaction.apply(operation) {
                transaction.faults.insert(fault);
                break;
            }
        }
        transaction.check();
        transaction.raise();
        let vague = operations.len() > 1 && transaction.meets();
        Expected {
            faults: transaction.faults,
            vague,
            next: transaction.next,
        }
    }

    fn logins(&self) -> Vec<(&String, String)> {
        let keys = self.users.iter();
        keys.map(|(id, u)| {
            (
                id,
                format!(
                    "l{:?} {}",
                    u.domain,
                    text(&u.values["Login"]).to_lowercase()
                ),
            )
        })
        .collect()
    }

    fn emails(&self) -> Vec<(&String, String)> {
        let keys = self
            .users
            .iter()
            .filter(|(_, u)| !u.values["Email"].is_null());
        keys.map(|(id, u)| {
            (
                id,
                format!(
                    "e{:?} {}",
                    u.domain,
                    text(&u.values["Email"]).to_lowercase()
                ),
            )
        })
        .collect()
    }

    /// Everything that must be unique, and whose it is.
    fn unique(&self) -> Vec<(&String, String)> {
        let domains = self.domains.iter();
        let domains = domains.map(|(id, (name, _))| (id, format!("d{}", name.to_lowercase())));
        self.logins()
            .into_iter()
            .chain(self.emails())
            .chain(domains)
            .collect()
    }
}

impl Transaction<'_> {
    fn apply(&mut self, operation: &Operation) -> Result<(), &'static str> {
        match operation {
            Operation::PostUser(body) => self.create_user(&text(&body["Id"]), body),
            Operation::ChangeUser { id, body, replace } => {
                if !self.next.users.contains_key(id) {
                    let enough = body.contains_key("Login") && body.contains_key("Name");
                    return if enough {
                        self.create_user(id, body)
                    } else {
                        Err("NotFound")
                    };
                }
                self.fill(id, body, *replace)
            }
            Operation::DeleteUser(id) => {
                let user = self.next.users.remove(id).ok_or("NotFound")?;
                self.gone.insert(id.clone());
                self.gone.extend(user.groups.into_keys());
                Ok(())
            }
            Operation::PostMember { id, user, group } => self.create_member(id, user, group),
            Operation::DeleteMember(id) => {
                let mut users = self.next.users.values_mut();
                let removed = users.find_map(|user| user.groups.remove(id));
                self.gone.insert(id.clone());
                removed.map(|_| ()).ok_or("NotFound")
            }
            Operation::Link { user, domain } => {
                let user = self.next.users.get_mut(user).ok_or("NotFound")?;
                user.domain.clone_from(domain);
                if domain
                    .as_ref()
                    .is_some_and(|d| !self.next.domains.contains_key(d))
                {
                    self.faults.insert("UnknownReference");
                }
                Ok(())
            }
            Operation::ChangeDomain { id, name, create } => {
                if *create || !self.next.domains.contains_key(id) {
                    self.see_new(id);
                    self.next.domains.insert(id.clone(), (name.clone(), 1));
                } else {
                    self.next.domains.get_mut(id).unwrap().0.clone_from(name);
                }
                Ok(())
            }
            Operation::DeleteDomain(id) => {
                self.gone.insert(id.clone());
                self.next.domains.remove(id).map(|_| ()).ok_or("NotFound")
            }
        }
    }

    /// A key that is taken is a fault, but need not be the first one that is found.
    fn see_new(&mut self, id: &str) {
        let next = &self.next;
        let taken = next.users.contains_key(id)
            || next.domains.contains_key(id)
            || next.users.values().any(|user| user.groups.contains_key(id))
            || self.gone.contains(id);
        if taken {
            self.faults.insert("NotUnique");
        }
    }

    fn create_user(&mut self, id: &str, body: &Map<String, Json>) -> Result<(), &'static str> {
        self.see_new(id);
        self.next.users.insert(id.to_owned(), fresh());
        self.fill(id, body, false)
    }

    fn create_member(&mut self, id: &str, user: &str, group: &str) -> Result<(), &'static str> {
        self.see_new(id);
        let Some(user) = self.next.users.get_mut(user) else {
            self.faults.insert("UnknownReference");
            return Ok(());
        };
        if user.groups.values().any(|known| known == group) {
            self.faults.insert("NotUnique");
        }
        user.groups.insert(id.to_owned(), group.to_owned());
        Ok(())
    }

    fn fill(
        &mut self,
        id: &str,
        body: &Map<String, Json>,
        replace: bool,
    ) -> Result<(), &'static str> {
        let base = self.base.users.get(id);
        let wanted = body.get("ObjectVersion").and_then(Json::as_i64);
        if base.is_some_and(|base| wanted.is_some_and(|wanted| wanted != base.version)) {
            return Err("PreconditionFailed");
        }
        let user = self.next.users.get_mut(id).unwrap();
        let old = user.values["Name"].clone();
        if replace {
            user.values = defaults();
        }
        for (name, value) in body {
            match name.as_str() {
                "Name" => {
                    let kept = if replace { Json::Null } else { old.clone() };
                    user.values["Name"] = merged(&kept, value);
                }
                "@ext.initialPassword" => user.password = true,
                "Domain@odata.bind" => user.domain = key(value),
                known if ATTRIBUTES.contains(&known) => user.values[known] = value.clone(),
                _ => {}
            }
        }
        if user
            .domain
            .as_ref()
            .is_some_and(|d| !self.next.domains.contains_key(d))
        {
            self.faults.insert("UnknownReference");
        }
        for child in body
            .get("Groups")
            .and_then(Json::as_array)
            .into_iter()
            .flatten()
        {
            let group = key(&child["Group@odata.bind"]).unwrap();
            self.create_member(&text(&child["Id"]), id, &group)?;
        }
        Ok(())
    }

    /// What must hold at the end.
    fn check(&mut self) {
        let next = &self.next;
        let mut found = Vec::new();
        for (id, user) in &next.users {
            if self.base.users.get(id) == Some(user) {
                continue;
            }
            let values = &user.values;
            let kind = text(&values["UserType"]);
            if values["Login"].is_null() || values["Name"].is_null() {
                found.push("ValueRequired");
            }
            if !user.password
                && !["VirtualUserNoLogin", "ApplicationUserNoLogin"].contains(&kind.as_str())
            {
                found.push("R35716");
            }
            let in_group = user
                .groups
                .values()
                .any(|g| next.administrators.contains(g));
            if kind == "VirtualUserNoLogin" && (values["IsAdmin"] == true || in_group) {
                found.push("R34956");
            }
            if values["DefaultLanguage"] == "zz" {
                found.push("R36747");
            }
        }
        for user in next.users.values() {
            if user
                .domain
                .as_ref()
                .is_some_and(|d| !next.domains.contains_key(d))
            {
                found.extend(["StillReferenced", "UnknownReference"]);
            }
        }
        let mut seen = BTreeSet::new();
        for (_, value) in next.unique() {
            if !seen.insert(value) {
                found.push("NotUnique");
            }
        }
        self.faults.extend(found);
    }

    /// Versions rise where something is different.
    fn raise(&mut self) {
        for (id, user) in &mut self.next.users {
            if let Some(base) = self.base.users.get(id)
                && base != user
            {
                user.version = base.version + 1;
            }
        }
        for (id, (name, version)) in &mut self.next.domains {
            if let Some((old, before)) = self.base.domains.get(id)
                && old != name
            {
                *version = before + 1;
            }
        }
    }

    /// Whether somebody gets a value that somebody else had, who is still there.
    fn meets(&self) -> bool {
        let base = self.base.unique();
        self.next.unique().iter().any(|(id, value)| {
            let stays = |of: &String| {
                self.next.users.contains_key(of) || self.next.domains.contains_key(of)
            };
            base.iter()
                .any(|(of, old)| of != id && old == value && stays(of))
        })
    }
}

/// Languages that are given, over those that are there; nothing left is null.
fn merged(old: &Json, given: &Json) -> Json {
    let mut all = old.as_object().cloned().unwrap_or_default();
    for (language, value) in given.as_object().unwrap() {
        if value.is_null() {
            all.remove(language);
        } else {
            all.insert(language.clone(), value.clone());
        }
    }
    if all.is_empty() {
        Json::Null
    } else {
        Json::Object(all)
    }
}
