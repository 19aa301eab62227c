//! What an answer looks like: which column of a row becomes which member of the output.

use super::{Column, Computed, GroupShape, Query};
use crate::model::{AttributeId, EntityId, ReferenceId};
use crate::value::Kind;

/// The output of one entity.
#[derive(Debug, Clone)]
pub struct Shape {
    /// Whose output.
    pub entity: EntityId,
    /// Whether each row says its type: it is another one than its place is declared with.
    pub typed: bool,
    /// The position of the key in the row.
    pub key: usize,
    /// The position of `ObjectVersion`, for the entity tag, where the entity has one.
    pub version: Option<usize>,
    /// Whether nothing of the output changes without the version: then the entity tag is one of the
    /// answer too, and not of the object alone.
    pub covered: bool,
    /// The members, in the order of the output.
    pub members: Vec<Member>,
    /// What is expanded.
    pub expands: Vec<Expand>,
    /// The names that are selected, for the context URL; nothing where the request selects nothing,
    /// or no more than the default.
    pub selected: Option<Vec<String>>,
    /// Where the rows are no entities: their output, in place of the members and the selected.
    pub groups: Option<GroupShape>,
}

/// One member of the output.
#[derive(Debug, Clone)]
pub enum Member {
    /// The value of an attribute.
    Attribute {
        /// Which one.
        id: AttributeId,
        /// The position in the row.
        position: usize,
        /// For multi-language texts: only these languages; all when empty.
        languages: Vec<String>,
    },
    /// The value of a custom property.
    Custom {
        /// Which attribute.
        id: AttributeId,
        /// The position in the row of the short value.
        value: usize,
        /// The position of what it stands for.
        value_id: usize,
        /// The position of what it means.
        description: usize,
        /// Only these parts of it, as [`Member::CustomPart`]; all of it when empty.
        chosen: Vec<Member>,
    },
    /// A part of a custom property's value.
    CustomPart {
        /// Its path: `CustomProperty_color/Value`.
        path: String,
        /// What it is.
        kind: Kind,
        /// The position in the row.
        position: usize,
        /// Of a text in several languages: only this one.
        language: Option<String>,
    },
    /// Members that only rows of a derived type have.
    OfType {
        /// The derived type.
        entity: EntityId,
        /// The position of its key in the row: null where the row is of another type, or not
        /// visible as one of this type.
        key: usize,
        /// The members, in its terms.
        members: Vec<Member>,
    },
    /// A reference that is not expanded: its address, or null.
    Reference {
        /// Which one.
        id: ReferenceId,
        /// The position in the row of the target's guid.
        position: usize,
    },
    /// The calculated `DisplayText`.
    DisplayText(Vec<DisplayPiece>),
    /// A computed value.
    Computed(Computed),
    /// An expanded reference or collection, by its number in [`Shape::expands`].
    Expanded(usize),
}

/// A piece of a display text.
#[derive(Debug, Clone)]
pub enum DisplayPiece {
    /// Text as it stands.
    Literal(String),
    /// The value of an attribute of some entity, as people read it: multi-language texts in the
    /// language of the request, else the first; enumerations by name; null gives nothing.
    Value {
        /// The entity of the attribute.
        entity: EntityId,
        /// The attribute.
        attribute: AttributeId,
        /// The position in the row.
        position: usize,
    },
}

/// One expanded reference or collection.
#[derive(Debug, Clone)]
pub struct Expand {
    /// The name of the property.
    pub name: String,
    /// The same, behind the derived type that has it: `Erp.General_Contacts_Person/MainParty`.
    pub label: String,
    /// Whether `$levels` repeats here what its rows are expanded by.
    pub again: bool,
    /// How its rows find their parent.
    pub link: Link,
    /// Its rows, for all parents of a page at once.
    pub query: Query,
    /// What of them goes into the output.
    pub body: ExpandBody,
    /// Whether `Name@odata.count` is asked for.
    pub count: bool,
    /// The output of each row.
    pub shape: Shape,
}

/// What of an expanded property goes into the output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExpandBody {
    /// The entities.
    Entities,
    /// Their addresses: `$expand=Groups/$ref`.
    Links,
    /// Their number: `$expand=Groups/$count`, as `Groups@odata.count`.
    Count,
}

/// How the rows of an expanded property find their parent.
#[derive(Debug, Clone, Copy)]
pub enum Link {
    /// To-one: the target's guid is at this position of the parent's row, and equals the key of
    /// the target's row.
    Reference {
        /// The position in the parent's row.
        position: usize,
    },
    /// To-many: the child's row holds the parent's guid in this column, at this position.
    Collection {
        /// The column of the child (of its base slot).
        column: Column,
        /// The position in the child's row.
        position: usize,
    },
}
