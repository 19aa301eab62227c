//! Methods, as `metadata/methods.yaml` declares them: of entities, and of the service as a whole.

use super::{Entity, EntityId, Text};

/// Whether a method reads or acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodKind {
    /// Called with GET, without side effects.
    Function,
    /// Called with POST.
    Action,
}

/// What a method is called on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// An object of any entity.
    Any,
    /// An object of this entity, or of one that extends it.
    Entity(EntityId),
    /// Nothing: it is called at the service root.
    Unbound,
}

/// An action or a function.
#[derive(Debug, Clone)]
pub struct Method {
    /// The name without the namespace.
    pub name: String,
    /// The namespace: [`Method::ERP`] or [`Method::EXT`].
    pub namespace: String,
    /// What it is called on.
    pub binding: Binding,
    /// What it does, for people.
    pub text: Text,
    /// Whether it makes objects of the entity that it is called on: it is of those only that are
    /// written.
    pub writes: bool,
    /// Function or action.
    pub kind: MethodKind,
    /// The return type in the source's words: `void`, `string`, `EntityObject`, `record(…)`,
    /// `Collection(…)`.
    pub returns: String,
    /// The parameters without the binding parameter.
    pub parameters: Vec<Parameter>,
}

impl Method {
    /// The namespace of the source's names.
    pub const ERP: &str = "Erp";
    /// The namespace of what is our own.
    pub const EXT: &str = "Ext";

    /// Whether a method of any entity is one of this.
    pub fn is_of(&self, entity: &Entity) -> bool {
        !self.writes || entity.is_open()
    }

    /// The name with the namespace.
    pub fn qualified(&self) -> String {
        format!("{}.{}", self.namespace, self.name)
    }

    /// Whether a name with or without a namespace is that of the method.
    pub fn is_called(&self, namespace: Option<&str>, name: &str) -> bool {
        self.name == name && namespace.is_none_or(|namespace| self.namespace == namespace)
    }

    /// Whether it answers a collection.
    pub fn is_collection(&self) -> bool {
        self.item() != self.returns
    }

    /// The return type, of a collection that of its items.
    pub fn item(&self) -> &str {
        let inside = self.returns.strip_prefix("Collection(");
        let inside = inside.and_then(|inside| inside.strip_suffix(')'));
        inside.unwrap_or(&self.returns)
    }

    /// The members of the record that the method answers, or of the records, `record(name: type,
    /// …)`: name and type of each; nothing where it answers something else.
    pub fn record(&self) -> Option<impl Iterator<Item = (&str, &str)>> {
        let members = self.item().strip_prefix("record(")?.strip_suffix(')')?;
        let members = members.split(',');
        Some(members.filter_map(|member| {
            let (name, of) = member.split_once(':')?;
            Some((name.trim(), of.trim()))
        }))
    }

    /// The parameters for people who gave others: "it takes `a`, `b`".
    pub fn takes(&self) -> String {
        let all: Vec<_> = self
            .parameters
            .iter()
            .map(|p| format!("`{}`", p.name))
            .collect();
        if all.is_empty() {
            return "it takes none".to_owned();
        }
        format!("it takes {}", all.join(", "))
    }

    /// The name of the type of that record.
    pub fn result(&self) -> String {
        format!("{}Result", self.name)
    }
}

/// A parameter of a method.
#[derive(Debug, Clone)]
pub struct Parameter {
    /// The name.
    pub name: String,
    /// The type in the source's words: `string`, `int32`, or a repository name.
    pub type_name: String,
    /// Whether it may be left out.
    pub optional: bool,
    /// What leaving it out means.
    pub default: Option<String>,
}

impl Parameter {
    /// The type of a list of objects of any entity, which the method itself reads.
    pub const OBJECTS: &str = "Collection(untyped)";
}
