//! Operations of entities, as `metadata/methods.yaml` declares them.

use super::{EntityId, Text};

/// Whether a method reads or acts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MethodKind {
    /// Called with GET, without side effects.
    Function,
    /// Called with POST.
    Action,
}

/// An operation bound to an entity.
#[derive(Debug, Clone)]
pub struct Method {
    /// The name without the namespace.
    pub name: String,
    /// The namespace: [`Method::ERP`] or [`Method::EXT`].
    pub namespace: String,
    /// The entity whose objects have it, with the entities that extend it; every entity otherwise.
    pub of: Option<EntityId>,
    /// What it does, for people.
    pub text: Text,
    /// Function or action.
    pub kind: MethodKind,
    /// The return type in the source's words: `void`, `EntityObject`, `Collection(…)`.
    pub returns: String,
    /// The parameters without the binding parameter.
    pub parameters: Vec<Parameter>,
}

impl Method {
    /// The namespace of the source's names.
    pub const ERP: &str = "Erp";
    /// The namespace of what is our own.
    pub const EXT: &str = "Ext";

    /// The members of the record that the method answers, `record(name: type, …)`: name and type of
    /// each; nothing where it answers something else.
    pub fn record(&self) -> Option<impl Iterator<Item = (&str, &str)>> {
        let members = self.returns.strip_prefix("record(")?.strip_suffix(')')?;
        let members = members.split(',');
        Some(members.filter_map(|member| {
            let (name, of) = member.split_once(':')?;
            Some((name.trim(), of.trim()))
        }))
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
