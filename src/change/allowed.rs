//! What the definitions of custom properties allow: where their values come from, and those of a
//! list.

use uuid::Uuid;

use super::facts::Facts;
use super::lookup::Criterion;
use super::record::Stored;
use crate::diag::{Code, Problem, Result};
use crate::model::{AttributeId, Entity, EntityId, Model, ReferenceId};
use crate::value::{CustomValue, Value, fold};

const PROPERTIES: &str = "Systems.Bpm.CustomProperties";
const ALLOWED: &str = "Systems.Bpm.CustomPropertyAllowedValues";

/// How many properties may take their values over from one another.
const HOPS: usize = 8;

/// Reads objects, whoever may see them: definitions hold for everybody.
pub type Look<'a> = &'a mut dyn FnMut(EntityId, &[Criterion]) -> Result<Vec<Stored>>;

/// The definitions, as they are stored.
pub struct Definitions<'a> {
    /// The model.
    pub model: &'a Model,
    /// What is stored.
    pub look: Look<'a>,
}

impl std::fmt::Debug for Definitions<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Definitions").finish_non_exhaustive()
    }
}

impl<'a> Definitions<'a> {
    /// A definition with its values by name.
    pub fn facts<'s>(&self, stored: &'s Stored) -> Facts<'s>
    where
        'a: 's,
    {
        Facts {
            model: self.model,
            entity: self.model.entity(stored.entity),
            record: &stored.record,
        }
    }

    /// The definitions of a code.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn of_code(&mut self, code: &str) -> Result<Vec<Stored>> {
        let properties = repository(self.model, PROPERTIES)?;
        let attribute = attribute(self.model.entity(properties), "Code")?;
        let code = Criterion::Equal(attribute, Value::Text(code.to_owned()));
        (self.look)(properties, &[code])
    }

    /// The definition of a key.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn of_key(&mut self, property: Uuid) -> Result<Option<Stored>> {
        let properties = repository(self.model, PROPERTIES)?;
        let found = (self.look)(properties, &[Criterion::Keys(vec![property])])?;
        Ok(found.into_iter().next())
    }

    /// The definition whose allowed values a property has: its own, or one that it takes them over
    /// from.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` where too many take them over from one another; faults of the database.
    pub fn source(&mut self, property: Stored) -> Result<Stored> {
        let mut at = property;
        for _ in 0..HOPS {
            let Some(next) = self.facts(&at).reference("AllowedValuesProperty") else {
                return Ok(at);
            };
            match self.of_key(next)? {
                Some(next) => at = next,
                None => return Ok(at),
            }
        }
        let message =
            format!("more than {HOPS} properties take their values over from one another");
        Err(Problem::new(Code::LimitExceeded, message))
    }

    /// The key of the property whose value narrows the allowed values.
    pub fn parent(&self, property: &Stored) -> Option<Uuid> {
        self.facts(property)
            .reference("AllowedValuesParentProperty")
    }

    /// The active values of a list, with the parent that each belongs to.
    fn list(&mut self, property: Uuid) -> Result<Vec<(CustomValue, Option<Uuid>)>> {
        let entity = repository(self.model, ALLOWED)?;
        let of = self.model.entity(entity);
        let mine = Criterion::PointsAt(reference(of, "Property")?, vec![property]);
        let active = Criterion::Equal(attribute(of, "Active")?, Value::Boolean(true));
        let found = (self.look)(entity, &[mine, active])?;
        let values = found.iter().map(|stored| {
            let facts = self.facts(stored);
            let value = CustomValue {
                value: facts.text("PropertyAllowedValueField").map(str::to_owned),
                id: Some(stored.id),
                description: facts.texts("Description"),
            };
            (value, guid(facts.value("ParentAllowedValueId")))
        });
        Ok(values.collect())
    }

    /// The values that a list offers to an object. `held` are the short values that the object has
    /// of the property that narrows them; nothing where none does.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn offered(
        &mut self,
        property: &Stored,
        held: Option<(Uuid, Vec<String>)>,
    ) -> Result<Vec<CustomValue>> {
        let parents: Option<Vec<Uuid>> = match held {
            None => None,
            Some((parent, held)) => {
                let all = self.list(parent)?.into_iter();
                let is_held = |value: &CustomValue| {
                    let text = value.value.as_deref().unwrap_or_default();
                    held.iter().any(|held| fold(held) == fold(text))
                };
                let mine = all.filter(|(value, _)| is_held(value));
                Some(mine.filter_map(|(value, _)| value.id).collect())
            }
        };
        let all = self.list(property.id)?.into_iter();
        // Without a value of the parent, only what belongs to none is offered.
        let offered = all.filter(|(_, parent)| match (parent, &parents) {
            (None, _) | (Some(_), None) => true,
            (Some(parent), Some(parents)) => parents.contains(parent),
        });
        Ok(offered.map(|(value, _)| value).collect())
    }

    /// The entity whose objects are the allowed values, where they are objects.
    ///
    /// # Errors
    ///
    /// `NotSupported` where a filter in XML narrows them.
    pub fn objects(&self, property: &Stored) -> Result<Option<(String, Option<EntityId>)>> {
        let facts = self.facts(property);
        let Some(name) = facts.text("AllowedValuesEntityName") else {
            return Ok(None);
        };
        if facts.text("AllowedValuesFilterXML").is_some() {
            let message = "the values of the property are narrowed by a filter in XML, which is \
                           not offered";
            return Err(Problem::new(Code::NotSupported, message));
        }
        let mut entities = self.model.entities();
        let named = entities.find(|(_, entity)| entity.is_called(name));
        Ok(Some((name.to_owned(), named.map(|(id, _)| id))))
    }
}

fn guid(value: &Value) -> Option<Uuid> {
    match value {
        Value::Guid(guid) => Some(*guid),
        Value::Null
        | Value::Boolean(_)
        | Value::Integer(_)
        | Value::Text(_)
        | Value::Timestamp(_)
        | Value::Binary(_) => None,
    }
}

fn lacking(name: &str) -> Problem {
    let message = format!("the model has no `{name}` for custom properties");
    Problem::new(Code::Internal, message)
}

fn repository(model: &Model, name: &str) -> Result<EntityId> {
    model.repository(name).ok_or_else(|| lacking(name))
}

fn attribute(of: &Entity, name: &str) -> Result<AttributeId> {
    of.attribute_named(name).ok_or_else(|| lacking(name))
}

fn reference(of: &Entity, name: &str) -> Result<ReferenceId> {
    of.reference_named(name).ok_or_else(|| lacking(name))
}
