//! What exists: entities, attributes, references, collections, and what each allows.
//!
//! The model is loaded from `metadata/*.yaml` and checked whole before anything uses it. It is the
//! only source of names and permissions: the binder, the SQL, `$metadata`, the OpenAPI document
//! and the documentation follow it. Must never know the query language, SQL text or HTTP.

mod address;
mod aggregation;
mod attribute;
mod custom;
mod entity;
mod enumeration;
mod fault;
mod filters;
mod ids;
mod load;
mod method;
mod names;
mod print;
mod searched;
mod shadow;
mod storage;
mod text;

pub use address::{SERVICE_PATH, split_address};
pub use attribute::{Attribute, AttributeRole, Collection, ComposePart, Default, Reference, Stamp};
pub use custom::{
    Custom, CustomColumns, CustomDefinition, CustomKind, MOST_CUSTOM, custom_name, custom_row,
};
pub use entity::{
    Access, Allowed, DisplayPart, Entity, MemberPath, Model, OldSet, TrackChanges, Visibility,
};
pub use enumeration::{EnumMember, Enumeration};
pub use fault::Fault;
pub use filters::{Declared, Filters};
pub use ids::{AttributeId, CollectionId, EntityId, EnumId, ReferenceId};
pub use method::{Binding, Method, MethodKind, Parameter};
pub use names::PropertyId;
pub use print::print_entity;
pub use searched::Searched;
pub use shadow::shadow;
pub use storage::{
    Column, ColumnKind, ColumnNo, Index, IndexMethod, Place, Stored, Table, View, ViewCell,
};
pub use text::{LANGUAGES, Text};
