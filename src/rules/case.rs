//! One object as a rule sees it.

use uuid::Uuid;

pub use crate::change::Facts;
use crate::change::{Kind, Object};
use crate::model::Model;
use crate::value::Language;

/// A new or changed object.
#[derive(Debug, Clone, Copy)]
pub struct Case<'a> {
    /// As it will be.
    pub after: Facts<'a>,
    /// As the database has it; nothing where it is new.
    pub before: Option<Facts<'a>>,
    /// Its key.
    pub id: Uuid,
    /// The language of the request.
    pub language: &'a Language,
}

impl<'a> Case<'a> {
    /// The case of an object; nothing for one that goes or stays as it is.
    pub(super) fn of(model: &'a Model, object: &'a Object, language: &'a Language) -> Option<Self> {
        match object.kind() {
            Kind::Create | Kind::Update => {}
            Kind::Delete | Kind::Nothing => return None,
        }
        let entity = model.entity(object.entity);
        let facts = |record| Facts {
            model,
            entity,
            record,
        };
        Some(Self {
            after: facts(object.after.as_ref()?),
            before: object.before.as_ref().map(|stored| facts(&stored.record)),
            id: object.id,
            language,
        })
    }

    /// Whether the object is new.
    pub fn is_new(&self) -> bool {
        self.before.is_none()
    }

    /// Whether a change of a stored object changes an attribute.
    pub fn changes(&self, name: &str) -> bool {
        self.before
            .is_some_and(|b| b.value(name) != self.after.value(name))
    }
}
