//! What one metadata file says, before names of other files are resolved.

use super::yaml::{Spot, Spotted};
use crate::model::{
    Access, Allowed, Attribute, Enumeration, Filters, Method, Text, TrackChanges, View, Visibility,
};

/// Everything the files say.
#[derive(Debug, std::default::Default)]
pub(super) struct Drafts {
    pub(super) entities: Vec<EntityDraft>,
    pub(super) methods: Vec<MethodDraft>,
    pub(super) system: Vec<AttributeDraft>,
    /// Whether an entity file says too little to be an entity: mentions of it are no faults.
    pub(super) incomplete: bool,
}

/// One entity file.
#[derive(Debug)]
pub(super) struct EntityDraft {
    pub(super) at: Spot,
    pub(super) name: String,
    pub(super) type_name: Spotted<String>,
    pub(super) table: Spotted<String>,
    pub(super) view: Option<View>,
    pub(super) base: Option<Spotted<String>>,
    pub(super) text: Text,
    pub(super) display: Spotted<String>,
    pub(super) search: Vec<Spotted<String>>,
    pub(super) code: Option<Spotted<String>>,
    pub(super) name_member: Option<Spotted<String>>,
    pub(super) category: String,
    pub(super) visibility: Visibility,
    pub(super) track: Option<TrackChanges>,
    pub(super) access: Access,
    pub(super) readers: Allowed,
    pub(super) writers: Allowed,
    pub(super) copied: bool,
    pub(super) private_to: Option<Spotted<String>>,
    pub(super) obsolete: bool,
    /// Earlier names, each with the version that ended it.
    pub(super) old_names: Vec<(Spotted<String>, String)>,
    pub(super) attributes: Vec<AttributeDraft>,
    pub(super) system: Vec<Spotted<String>>,
    pub(super) references: Vec<ReferenceDraft>,
    pub(super) collections: Vec<CollectionDraft>,
    pub(super) enumerations: Vec<Spotted<Enumeration>>,
    pub(super) unique: Vec<UniqueDraft>,
    pub(super) indexes: Vec<Vec<Spotted<String>>>,
}

/// An attribute; facts of inherited ones come from the base entity.
#[derive(Debug, Clone)]
pub(super) struct AttributeDraft {
    pub(super) at: Spot,
    pub(super) attribute: Attribute,
    /// The name of the enumeration, where the type is one.
    pub(super) enumeration: Option<Spotted<String>>,
    /// Where the default stands.
    pub(super) default_at: Option<Spot>,
    /// What it is composed of, as written.
    pub(super) compose: Option<Spotted<String>>,
}

/// A method whose entity is a name.
#[derive(Debug)]
pub(super) struct MethodDraft {
    pub(super) at: Spot,
    pub(super) method: Method,
    pub(super) of: Option<Spotted<String>>,
}

/// A reference; facts of inherited ones come from the base entity.
#[derive(Debug, Clone)]
pub(super) struct ReferenceDraft {
    pub(super) at: Spot,
    pub(super) name: String,
    pub(super) text: Text,
    pub(super) target: Option<Spotted<String>>,
    pub(super) nullable: bool,
    pub(super) filters: Filters,
    pub(super) owner: bool,
    pub(super) outlives: bool,
    pub(super) filterable: bool,
    pub(super) read_only: bool,
    pub(super) indexed: bool,
    pub(super) visibility: Visibility,
    pub(super) since: Option<String>,
    pub(super) column: String,
    pub(super) inherited: bool,
}

/// A child collection.
#[derive(Debug)]
pub(super) struct CollectionDraft {
    pub(super) at: Spot,
    pub(super) name: String,
    pub(super) text: Text,
    pub(super) target: Spotted<String>,
    pub(super) back: Spotted<String>,
}

/// Members that no two rows share.
#[derive(Debug)]
pub(super) struct UniqueDraft {
    pub(super) members: Vec<Spotted<String>>,
    pub(super) nulls_equal: Vec<Spotted<String>>,
}
