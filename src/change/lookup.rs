//! What changes and rules ask of the database, without knowing that there is one.

use uuid::Uuid;

use super::family;
use super::record::{Record, Stored};
use crate::diag::Result;
use crate::model::{AttributeId, EntityId, Model, ReferenceId, shadow};
use crate::value::{Kind, MultilanguageString, Value, fold};

/// Answers from one state of the database: that of the transaction.
pub trait Lookup {
    /// The objects of an entity that meet all criteria and that the caller may see, by rising key,
    /// at most `limit`. Their aggregates are locked: nobody else changes them before the
    /// transaction ends.
    fn objects(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>>;

    /// The same, whether the caller may see them or not.
    fn all(
        &mut self,
        entity: EntityId,
        criteria: &[Criterion],
        limit: Option<u64>,
    ) -> Result<Vec<Stored>> {
        self.objects(entity, criteria, limit)
    }

    /// All of them without locks: for what is only looked at.
    fn look(&mut self, entity: EntityId, criteria: &[Criterion]) -> Result<Vec<Stored>> {
        self.all(entity, criteria, None)
    }

    /// Which of these keys an entity has, as far as the caller may see.
    fn present(&mut self, entity: EntityId, ids: &[Uuid]) -> Result<Vec<Uuid>>;

    /// Which of these keys an entity has, whether the caller may see them or not.
    fn taken(&mut self, entity: EntityId, ids: &[Uuid]) -> Result<Vec<Uuid>> {
        self.present(entity, ids)
    }

    /// The next numbers of a counter: the last of `by` that nobody else gets; a counter starts
    /// behind zero.
    fn next_number(&mut self, counter: &str, by: i64) -> Result<i64>;

    /// The number of objects of an entity.
    fn count(&mut self, entity: EntityId) -> Result<u64>;
}

/// A condition on one property.
#[derive(Debug, Clone, PartialEq)]
pub enum Criterion {
    /// The key is one of these.
    Keys(Vec<Uuid>),
    /// The attribute has this value; texts compare folded where the attribute does, and a
    /// multi-language text in any language.
    Equal(AttributeId, Value),
    /// The text, in any language, contains this one, whatever the case of both.
    Contains(AttributeId, String),
    /// The reference points at one of these.
    PointsAt(ReferenceId, Vec<Uuid>),
    /// The reference points nowhere.
    PointsNowhere(ReferenceId),
}

impl Criterion {
    /// Whether an object that is not in the database yet meets it, as the database would see it.
    /// `asked` is the entity whose properties it names: that of the object or a base of it.
    pub fn holds(
        &self,
        model: &Model,
        asked: EntityId,
        (entity, id): (EntityId, Uuid),
        record: &Record,
    ) -> bool {
        let own = family::criterion(model, self, asked, entity);
        own.is_some_and(|own| own.is_met(model, entity, id, record))
    }

    fn is_met(&self, model: &Model, entity: EntityId, id: Uuid, record: &Record) -> bool {
        let entity = model.entity(entity);
        match self {
            Self::Keys(ids) => ids.contains(&id),
            Self::PointsAt(reference, ids) => record
                .reference(*reference)
                .is_some_and(|to| ids.contains(&to)),
            Self::PointsNowhere(reference) => record.reference(*reference).is_none(),
            Self::Contains(attribute, needle) => {
                let kind = entity.attribute(*attribute).kind;
                match shadow(kind, record.value(*attribute)) {
                    Value::Text(text) => text.contains(&fold(needle)),
                    Value::Null
                    | Value::Boolean(_)
                    | Value::Integer(_)
                    | Value::Guid(_)
                    | Value::Timestamp(_)
                    | Value::Binary(_) => false,
                }
            }
            Self::Equal(attribute, wanted) => {
                let attribute_of = entity.attribute(*attribute);
                let value = record.value(*attribute);
                match (attribute_of.kind, value, wanted) {
                    (Kind::Multilanguage, Value::Text(texts), Value::Text(wanted)) => {
                        let texts = MultilanguageString::from_json(texts).unwrap_or_default();
                        texts.iter().any(|(_, text)| fold(text) == fold(wanted))
                    }
                    (_, Value::Text(text), Value::Text(wanted)) if attribute_of.folded => {
                        fold(text) == fold(wanted)
                    }
                    _ => value == wanted,
                }
            }
        }
    }
}
