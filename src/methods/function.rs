//! Functions: what is called with `GET`.

use serde_json::Value as Json;
use uuid::Uuid;

use super::Arguments;
use crate::change::{Criterion, Stored};
use crate::diag::Result;
use crate::model::{EntityId, Model, PropertyId};
use crate::value::{Language, MultilanguageString};

/// A function: it answers from what is stored, and changes nothing.
pub trait Function: Sync + std::fmt::Debug {
    /// Its name, with the namespace.
    fn name(&self) -> &'static str;

    /// Reads the arguments, which are of the types that the metadata declares.
    ///
    /// # Errors
    ///
    /// What is wrong with them.
    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Question>>;
}

/// A call of a function whose arguments were read.
pub trait Question: Send + Sync + std::fmt::Debug {
    /// Whether it is answered no earlier than when the API transaction of the request has something
    /// new to tell, or has told nothing for a while.
    fn waits(&self) -> bool {
        false
    }

    /// Answers it: an object where the metadata declares a record, a list where it declares a
    /// collection.
    ///
    /// # Errors
    ///
    /// Why there is no answer.
    fn answer(&self, asked: &mut Asked<'_>) -> Result<Json>;
}

/// What a function may look at.
pub struct Asked<'a> {
    /// The model.
    pub model: &'a Model,
    /// The language of the request.
    pub language: &'a Language,
    /// The object that it is called on, which the caller may see; nothing where it is not bound.
    pub object: Option<(EntityId, Uuid)>,
    /// What is stored.
    pub data: &'a mut dyn Data,
}

impl std::fmt::Debug for Asked<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Asked")
            .field("object", &self.object)
            .finish_non_exhaustive()
    }
}

/// What is stored, and what is known of it, for functions.
pub trait Data {
    /// The objects of an entity that meet all criteria, by rising key, whoever may see them: for
    /// definitions that hold for everybody, and for the object of the call and what it shows.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn look(&mut self, entity: EntityId, criteria: &[Criterion]) -> Result<Vec<Stored>>;

    /// Hands over the objects of an entity that the caller may see as values to choose from, by
    /// value or by description in the language of the request, until `take` says that it is enough.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn choices(
        &mut self,
        entity: EntityId,
        by_description: bool,
        take: &mut dyn FnMut(Choice) -> bool,
    ) -> Result<()>;

    /// What the API transaction of the request has changed since its client was last told.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` without such a transaction; faults of the database.
    fn changes(&mut self) -> Result<Json>;

    /// What a read would do, by its address below the service root.
    ///
    /// # Errors
    ///
    /// `Forbidden` for whoever may not have reads explained; what is wrong with the address; faults of
    /// the database.
    fn explain(&mut self, address: &str) -> Result<Json>;

    /// Whether the caller may not read a property of what they see.
    fn is_closed(&self, entity: EntityId, property: PropertyId) -> bool;

    /// How much of the changes of an entity is kept: 0 for nothing.
    fn track_level(&self, entity: EntityId) -> u8;
}

/// A value to choose from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The object that it stands for.
    pub id: Uuid,
    /// The short value.
    pub value: String,
    /// What it means.
    pub description: MultilanguageString,
}
