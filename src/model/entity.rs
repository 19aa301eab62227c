//! Entities and the whole model.

use std::collections::HashMap;

use super::{
    Attribute, AttributeId, AttributeRole, Binding, Collection, CollectionId, ComposePart,
    EntityId, EnumId, Enumeration, Method, PropertyId, Reference, ReferenceId, Stored, Table, Text,
};
use crate::value::{Kind, Value};

/// The whole model, checked. Built by the loader, and with the custom properties of an installation
/// by [`Model::with_custom`]; never changes afterwards.
#[derive(Debug, Clone)]
pub struct Model {
    pub(in crate::model) entities: Vec<Entity>,
    pub(in crate::model) enumerations: Vec<Enumeration>,
    pub(in crate::model) sets: HashMap<String, EntityId>,
    pub(in crate::model) types: HashMap<String, EntityId>,
    pub(in crate::model) repositories: HashMap<String, EntityId>,
    pub(in crate::model) renamed: HashMap<String, EntityId>,
    pub(in crate::model) methods: Vec<Method>,
    pub(in crate::model) derived: Vec<Vec<EntityId>>,
    pub(in crate::model) referrers: Vec<Vec<(EntityId, ReferenceId)>>,
}

/// Whether an entity can be changed through the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Read and write.
    ReadWrite,
    /// Read only.
    ReadOnly,
}

/// Who may be allowed to read or change an entity (`docs/SECURITY.md`).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Allowed {
    /// Administrators, and whom they grant it.
    Granted,
    /// Administrators only: nobody can be granted it.
    Administrators,
    /// Administrators who signed in with the scope `sec`.
    Sec,
}

impl Allowed {
    /// The word in metadata files.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Granted => "granted",
            Self::Administrators => "administrators",
            Self::Sec => "sec",
        }
    }
}

/// Whether users see a part of the model.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    /// Part of the default view and projection.
    ShownByDefault,
    /// Shown when asked for.
    HiddenByDefault,
    /// Never shown in a user interface (the API still returns it).
    CannotBeShown,
}

/// The range of change tracking levels that an entity may be configured to (S1-10, S1-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrackChanges {
    /// The least level.
    pub min: u8,
    /// The greatest level.
    pub max: u8,
}

/// A path from an entity over to-one references to an attribute: `User.Name`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MemberPath {
    /// The references, from the entity on.
    pub references: Vec<ReferenceId>,
    /// The attribute of the last target (of the entity itself without references).
    pub attribute: AttributeId,
}

/// A piece of a display format such as `{Name} <{Login}>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DisplayPart {
    /// Text as it stands.
    Literal(String),
    /// The value of a member; null gives nothing.
    Member(MemberPath),
    /// A reference: the display text of its target, one level deep; null gives nothing.
    Reference(ReferenceId, Vec<DisplayPart>),
}

/// An earlier name of an entity set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OldSet {
    /// The name.
    pub set: String,
    /// The version of the source's product that renamed it, where it is known.
    pub version: Option<String>,
}

/// One entity: a set, a type, a table.
#[derive(Debug, Clone)]
pub struct Entity {
    /// The repository name: `Systems.Security.Users`.
    pub name: String,
    /// The entity set: `Systems_Security_Users`.
    pub set: String,
    /// The entity type without the namespace `Erp`: `Systems_Security_User`.
    pub type_name: String,
    /// The table or view.
    pub table: String,
    /// The column of the key.
    pub key_column: String,
    /// Whether `table` is a view of other tables.
    pub view: bool,
    /// The entity that this one extends, sharing its key (Persons extend Parties).
    pub base: Option<EntityId>,
    /// The aggregate root; the entity itself when it is one.
    pub root: EntityId,
    /// The reference to the aggregate parent, for children.
    pub parent: Option<ReferenceId>,
    /// What it is, for people.
    pub text: Text,
    /// The display format as written.
    pub display_format: String,
    /// The display format, taken apart.
    pub display: Vec<DisplayPart>,
    /// The members that `$search` looks into.
    pub search: Vec<MemberPath>,
    /// The member that `findBy` calls `Code`.
    pub code: Option<MemberPath>,
    /// The member that `findBy` calls `Name`.
    pub name_member: Option<MemberPath>,
    /// The category in user interfaces.
    pub category: String,
    /// Whether users see the set.
    pub visibility: Visibility,
    /// The change tracking range; nothing where changes cannot be tracked.
    pub track: Option<TrackChanges>,
    /// Whether it can be written.
    pub access: Access,
    /// Who may be allowed to read it.
    pub readers: Allowed,
    /// Who may be allowed to change it.
    pub writers: Allowed,
    /// Whether a copy of an object around its objects has copies of them.
    pub copied: bool,
    /// The reference to the user whose alone each object is, for all but administrators.
    pub private_to: Option<ReferenceId>,
    /// Whether new clients should leave it alone.
    pub obsolete: bool,
    /// Earlier names of the set.
    pub old_sets: Vec<OldSet>,
    /// The values, key first, then as the file lists them.
    pub attributes: Vec<Attribute>,
    /// The to-one links.
    pub references: Vec<Reference>,
    /// The child collections.
    pub collections: Vec<Collection>,
    pub(in crate::model) properties: HashMap<String, PropertyId>,
    pub(in crate::model) storage: Table,
    pub(in crate::model) attribute_places: Vec<Option<Stored>>,
    pub(in crate::model) reference_places: Vec<Stored>,
}

impl Entity {
    /// The property of a name, spelled exactly.
    pub fn property(&self, name: &str) -> Option<PropertyId> {
        self.properties.get(name).copied()
    }

    /// The attribute of a name; nothing where the name is that of another property, or of none.
    pub fn attribute_named(&self, name: &str) -> Option<AttributeId> {
        match self.property(name)? {
            PropertyId::Attribute(id) => Some(id),
            PropertyId::Reference(_) | PropertyId::Collection(_) => None,
        }
    }

    /// The reference of a name, likewise.
    pub fn reference_named(&self, name: &str) -> Option<ReferenceId> {
        match self.property(name)? {
            PropertyId::Reference(id) => Some(id),
            PropertyId::Attribute(_) | PropertyId::Collection(_) => None,
        }
    }

    /// All property names, for "did you mean".
    pub fn property_names(&self) -> impl Iterator<Item = &str> {
        let attributes = self.attributes.iter().map(|a| a.name.as_str());
        let references = self.references.iter().map(|r| r.name.as_str());
        attributes
            .chain(references)
            .chain(self.collections.iter().map(|c| c.name.as_str()))
    }

    /// An attribute by its number.
    ///
    /// INVARIANT: ids come from this entity of this model, so the number is in range.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by the loader and are in range"
    )]
    pub fn attribute(&self, id: AttributeId) -> &Attribute {
        &self.attributes[id.index()]
    }

    /// A reference by its number. Same invariant.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by the loader and are in range"
    )]
    pub fn reference(&self, id: ReferenceId) -> &Reference {
        &self.references[id.index()]
    }

    /// A collection by its number. Same invariant.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by the loader and are in range"
    )]
    pub fn collection(&self, id: CollectionId) -> &Collection {
        &self.collections[id.index()]
    }

    /// The attributes with their numbers.
    pub fn attribute_ids(&self) -> impl Iterator<Item = (AttributeId, &Attribute)> {
        (0u16..).map(AttributeId).zip(&self.attributes)
    }

    /// The references with their numbers.
    pub fn reference_ids(&self) -> impl Iterator<Item = (ReferenceId, &Reference)> {
        (0u16..).map(ReferenceId).zip(&self.references)
    }

    /// The collections with their numbers.
    pub fn collection_ids(&self) -> impl Iterator<Item = (CollectionId, &Collection)> {
        (0u16..).map(CollectionId).zip(&self.collections)
    }

    /// The key attribute, always the first.
    pub const fn key(&self) -> AttributeId {
        AttributeId(0)
    }

    /// Whether objects of it may be written.
    pub fn is_open(&self) -> bool {
        match self.access {
            Access::ReadWrite => !self.view,
            Access::ReadOnly => false,
        }
    }

    /// Whether a writer may set an attribute of this entity, whose number is `id`.
    pub fn is_writable(&self, id: EntityId, attribute: &Attribute) -> bool {
        match attribute.role {
            AttributeRole::Key | AttributeRole::DisplayText => false,
            // The columns of the root belong to the root.
            AttributeRole::Root => self.root == id && !attribute.is_made(),
            AttributeRole::Stored | AttributeRole::Custom(_) => !attribute.is_made(),
        }
    }

    /// What an attribute is composed of, in the form of `metadata/`: `{FirstName} {LastName}`.
    pub fn composition(&self, attribute: &Attribute) -> Option<String> {
        let part = |part: &ComposePart| match part {
            ComposePart::Literal(text) => text.clone(),
            ComposePart::Attribute(id) => format!("{{{}}}", self.attribute(*id).name),
        };
        let parts = (!attribute.compose.is_empty()).then_some(&attribute.compose)?;
        Some(parts.iter().map(part).collect())
    }

    /// Whether an attribute is part of the default projection: stored or key, open, not hidden.
    pub fn in_default_set(&self, attribute: &Attribute) -> bool {
        let shown = match attribute.visibility {
            Visibility::ShownByDefault => true,
            Visibility::HiddenByDefault | Visibility::CannotBeShown => false,
        };
        match attribute.role {
            AttributeRole::Key => true,
            AttributeRole::Stored | AttributeRole::Root => shown && !attribute.secret,
            AttributeRole::DisplayText | AttributeRole::Custom(_) => false,
        }
    }
}

impl Model {
    /// Every entity with its number, by rising set name.
    pub fn entities(&self) -> impl Iterator<Item = (EntityId, &Entity)> {
        (0u16..).map(EntityId).zip(&self.entities)
    }

    /// An entity by its number.
    ///
    /// INVARIANT: ids come from this model, so the number is in range.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by the loader and are in range"
    )]
    pub fn entity(&self, id: EntityId) -> &Entity {
        &self.entities[id.index()]
    }

    /// An enumeration by its number. Same invariant.
    #[expect(
        clippy::indexing_slicing,
        reason = "ids are made by the loader and are in range"
    )]
    pub fn enumeration(&self, id: EnumId) -> &Enumeration {
        &self.enumerations[id.index()]
    }

    /// Every enumeration with its number.
    pub fn enumerations(&self) -> impl Iterator<Item = (EnumId, &Enumeration)> {
        (0u16..).map(EnumId).zip(&self.enumerations)
    }

    /// The entity of a set name.
    pub fn set(&self, name: &str) -> Option<EntityId> {
        self.sets.get(name).copied()
    }

    /// The entity of a type name without namespace.
    pub fn entity_type(&self, name: &str) -> Option<EntityId> {
        self.types.get(name).copied()
    }

    /// The entity of a repository name such as `Systems.Security.Users`.
    pub fn repository(&self, name: &str) -> Option<EntityId> {
        self.repositories.get(name).copied()
    }

    /// The entity that a set of this name was renamed to.
    pub fn renamed_set(&self, old: &str) -> Option<EntityId> {
        self.renamed.get(old).copied()
    }

    /// A member of an entity by its names, such as `User.Name` with the separator `.`.
    pub fn member_name(&self, entity: &Entity, path: &MemberPath, separator: &str) -> String {
        let (mut at, mut name) = (entity, String::new());
        for step in &path.references {
            let reference = at.reference(*step);
            name.push_str(&reference.name);
            name.push_str(separator);
            at = self.entity(reference.target);
        }
        name + &at.attribute(path.attribute).name
    }

    /// All methods.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }

    /// The entity at the end of the chain of bases: what all entities with the same keys share.
    pub fn family(&self, entity: EntityId) -> EntityId {
        match self.entity(entity).base {
            Some(base) => self.family(base),
            None => entity,
        }
    }

    /// The operations of an entity.
    pub fn methods_of(&self, entity: EntityId) -> impl Iterator<Item = &Method> {
        let of_it = move |m: &&Method| match m.binding {
            Binding::Any => m.is_of(self.entity(entity)),
            Binding::Entity(of) => self.is_a(entity, of),
            Binding::Unbound => false,
        };
        self.methods.iter().filter(of_it)
    }

    /// The methods that are called at the service root.
    pub fn unbound_methods(&self) -> impl Iterator<Item = &Method> {
        let unbound = |m: &&Method| m.binding == Binding::Unbound;
        self.methods.iter().filter(unbound)
    }

    /// The method at the service root that a call names, with or without its namespace.
    pub fn unbound_method(&self, namespace: Option<&str>, name: &str) -> Option<&Method> {
        self.unbound_methods()
            .find(|m| m.is_called(namespace, name))
    }

    /// The operation of an entity that a call names, with or without its namespace.
    pub fn method(&self, entity: EntityId, namespace: Option<&str>, name: &str) -> Option<&Method> {
        self.methods_of(entity)
            .find(|m| m.is_called(namespace, name))
    }

    /// The entities that extend an entity.
    pub fn derived(&self, entity: EntityId) -> &[EntityId] {
        self.derived.get(entity.index()).map_or(&[], Vec::as_slice)
    }

    /// Every reference that points at an entity, each once: where its column is, not where it is
    /// inherited. Not those whose objects outlive it.
    pub fn referrers(&self, entity: EntityId) -> &[(EntityId, ReferenceId)] {
        let found = self.referrers.get(entity.index());
        found.map_or(&[], Vec::as_slice)
    }

    /// The value of a constant default, from the literal form of the metadata, which the loader has
    /// checked; null for kinds that have no constants.
    pub fn constant(&self, attribute: &Attribute, text: &str) -> Value {
        match attribute.kind {
            Kind::Boolean => Value::Boolean(text == "true"),
            Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
                text.parse().map_or(Value::Null, Value::Integer)
            }
            Kind::Enumeration => {
                let enumeration = attribute.enumeration.map(|id| self.enumeration(id));
                let member = enumeration.and_then(|e| e.member(text));
                member.map_or(Value::Null, |m| Value::Text(m.code.clone()))
            }
            Kind::String => Value::Text(text.to_owned()),
            Kind::Guid | Kind::DateTimeOffset | Kind::Binary | Kind::Multilanguage => Value::Null,
        }
    }

    /// Whether `entity` is `of` or extends it.
    pub fn is_a(&self, entity: EntityId, of: EntityId) -> bool {
        entity == of
            || self
                .entity(entity)
                .base
                .is_some_and(|base| self.is_a(base, of))
    }
}
