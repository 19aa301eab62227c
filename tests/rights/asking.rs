//! Questions of a caller who may not see everything, drawn at random.

use fastrand::Rng;
use userdex::model::{Attribute, Entity, Model};
use userdex::value::Kind;
use uuid::Uuid;

/// Words of what is hidden, and of what is not.
pub(crate) const WORDS: &[&str] = &[
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

/// Asks at random.
pub(crate) struct Asking<'m> {
    pub(crate) model: &'m Model,
    pub(crate) rng: Rng,
    /// Keys of visible and of hidden users.
    pub(crate) keys: Vec<Uuid>,
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
            return match self.rng.u8(..5) {
                0 => format!("{path}{name} eq null"),
                3 => format!("isof({path}{name},Erp.{})", target.type_name),
                1 => format!("{path}{name}/Id eq {key}"),
                2 => format!("{path}{name} in ('{}({key})')", target.set),
                _ if path.is_empty() => self.condition(target, &format!("{name}/"), 0),
                _ => format!("{path}{name} ne null"),
            };
        }
        let attribute = self.one_of(&entity.attributes);
        let name = format!("{path}{}", attribute.name);
        let value = self.value(attribute);
        // Custom properties take nothing but equality.
        let forms = if attribute.role.custom().is_some() {
            6..9
        } else {
            0..9
        };
        match self.rng.u8(forms) {
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

    /// Something that is computed.
    fn computed(&mut self, entity: &Entity) -> String {
        let attribute = self.one_of(&entity.attributes);
        let name = &attribute.name;
        match (attribute.kind, self.rng.u8(..3)) {
            (Kind::DateTimeOffset, 0) => format!("year({name})"),
            (Kind::DateTimeOffset, _) => format!("date({name})"),
            (Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64, _) => format!("{name} add 1"),
            (Kind::Multilanguage, _) => format!("toupper({name}/EN)"),
            (Kind::String, 0) => format!("length({name})"),
            (Kind::String, 1) => format!("concat({name},'!')"),
            (Kind::String, _) => format!("tolower({name})"),
            (Kind::Boolean | Kind::Guid | Kind::Binary | Kind::Enumeration, _) => name.clone(),
        }
    }

    /// A condition about children.
    fn lambda(&mut self, entity: &Entity, depth: u8) -> String {
        let collection = self.one_of(&entity.collections);
        let (name, target) = (&collection.name, self.model.entity(collection.target));
        let inner = self.condition(target, "x/", depth.saturating_sub(1));
        let bare = self.condition(target, "", 0);
        let words = *self.one_of(WORDS);
        let operator = *self.one_of(&["gt", "ge", "lt", "le", "eq", "ne"]);
        let number = self.rng.u8(..4);
        match self.rng.u8(..9) {
            0 => format!("{name}/any()"),
            1 => format!("{name}/$count eq 0"),
            2 => format!("{name}/all(x:{inner})"),
            3 => format!("not {name}/any(x:{inner})"),
            4 => format!("{name}/$count {operator} {number}"),
            5 => format!("{name}/$count($filter={bare}) {operator} {number}"),
            6 => format!("{name}/$filter({bare})/$count {operator} {number}"),
            7 => format!("{name}/$count($search=\"{words}\") {operator} {number}"),
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
            "&expandgroup=*",
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
        match self.rng.u8(..8) {
            6 | 7 => {
                let keys = self.keys.clone();
                let names = entity.collections.iter().map(|c| c.name.as_str());
                let names: Vec<&str> = names.chain([name.as_str(), "ParentParty"]).collect();
                let rest = *self.one_of(&["", "/$count", "/$ref", "?$top=2"]);
                let (key, property) = (self.one_of(&keys), *self.one_of(&names));
                format!("{set}({key})/{path}/{property}{rest}")
            }
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

    /// A question: an address that is not encoded.
    pub(crate) fn question(&mut self) -> String {
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
        if self.rng.u8(..4) == 0 {
            options.push(format!("$compute={} as C_", self.computed(entity)));
            match self.rng.u8(..6) {
                0 => options.push(format!("$filter=C_ ge '{}'", self.one_of(WORDS))),
                1 => options.push("$filter=C_ ne null".to_owned()),
                2 => options.push("$orderby=C_".to_owned()),
                3 => options.push("$select=C_".to_owned()),
                _ => {}
            }
        }
        if !navigation.is_empty() && self.rng.u8(..2) == 0 {
            options.push(format!("$expand={}", self.one_of(&navigation)));
        }
        format!("{set}?{}", options.join("&"))
    }
}
