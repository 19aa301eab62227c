//! `GetAllowedCustomPropertyValues(customPropertyCode, search, exactMatch, orderByDescription, top,
//! skip)`: the values that a custom property may take on an object (S1-65, S1-66).
//!
//! They are the allowed values of the property, those of the property that it takes them over from,
//! or the objects of an entity. Definitions hold for everybody, so that no right is needed to read
//! them through here; objects, and the values that objects have, are those that the caller may see.

use std::cmp::Ordering;

use serde_json::Value as Json;
use uuid::Uuid;

use super::search::Search;
use super::{Arguments, Asked, Choice, Function, Question, attribute, reference, repository};
use crate::change::{Criterion, Definitions, Stored};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, PropertyId};
use crate::value::{CustomValue, Language, Value, fold};

const VALUES: &str = "Systems.Bpm.CustomPropertyValues";

/// Values that one call answers at most.
const MOST: usize = 1000;

/// See the module.
#[derive(Debug)]
pub(super) struct GetAllowedCustomPropertyValues;

/// A call with its arguments.
#[derive(Debug)]
struct Prepared {
    code: String,
    search: Search,
    by_description: bool,
    top: usize,
    skip: usize,
}

impl Function for GetAllowedCustomPropertyValues {
    fn name(&self) -> &'static str {
        "Erp.GetAllowedCustomPropertyValues"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Question>> {
        let top = arguments.count("top")?;
        if top > MOST {
            let message = format!("`top` is {MOST} at most");
            return Err(Problem::new(Code::LimitExceeded, message).about("top"));
        }
        Ok(Box::new(Prepared {
            code: arguments.text("customPropertyCode")?.to_owned(),
            search: Search::of(arguments.optional("search")?, arguments.flag("exactMatch")?),
            by_description: arguments.flag("orderByDescription")?,
            top,
            skip: arguments.count("skip")?,
        }))
    }
}

impl Question for Prepared {
    fn answer(&self, asked: &mut Asked<'_>) -> Result<Json> {
        let Some(object) = asked.object else {
            return Err(Problem::new(Code::Internal, "the function needs an object"));
        };
        let found = self.found(asked, object);
        let found = found.map_err(|problem| match problem.target() {
            Some(_) => problem,
            None => problem.about("customPropertyCode"),
        })?;
        Ok(found.iter().map(json_of).collect())
    }
}

impl Prepared {
    fn found(&self, asked: &mut Asked<'_>, object: (EntityId, Uuid)) -> Result<Vec<Choice>> {
        let model = asked.model;
        let mut definitions = Definitions {
            model,
            look: &mut |entity, criteria| asked.data.look(entity, criteria),
        };
        let property = self.property(&mut definitions, object.0)?;
        let property = definitions.source(property)?;
        match definitions.objects(&property)? {
            Some((_, Some(entity))) => self.objects(asked, entity),
            Some((name, None)) => {
                let message =
                    format!("the values of the property are of `{name}`, which is not here");
                Err(Problem::new(Code::NotFound, message))
            }
            None => self.listed(asked, object, &property),
        }
    }

    /// The definition of the property on an entity, or on one that it extends.
    fn property(&self, definitions: &mut Definitions<'_>, entity: EntityId) -> Result<Stored> {
        let found = definitions.of_code(&self.code)?;
        let model = definitions.model;
        let mut at = Some(entity);
        while let Some(id) = at {
            let of = model.entity(id);
            let mine = found.iter().find(|property| {
                let facts = definitions.facts(property);
                let name = facts.text("EntityName").unwrap_or_default();
                facts.flag("IsActive") && of.is_called(name)
            });
            if let Some(property) = mine {
                return Ok(property.clone());
            }
            at = of.base;
        }
        let set = &model.entity(entity).set;
        let message = format!("`{set}` has no custom property `{}`", self.code);
        Err(Problem::new(Code::NotFound, message))
    }

    fn fits(&self, choice: &Choice) -> bool {
        let mut descriptions = choice.description.iter();
        self.search.fits(&choice.value) || descriptions.any(|(_, text)| self.search.fits(text))
    }

    /// The values of a list.
    fn listed(
        &self,
        asked: &mut Asked<'_>,
        (entity, object): (EntityId, Uuid),
        property: &Stored,
    ) -> Result<Vec<Choice>> {
        let model = asked.model;
        let customs = model.entity(entity).custom_ids();
        let closed = customs.filter(|(id, _)| {
            let property = PropertyId::Attribute(*id);
            asked.data.is_closed(entity, property)
        });
        let closed: Vec<Uuid> = closed.map(|(_, custom)| custom.property).collect();
        let mut definitions = Definitions {
            model,
            look: &mut |entity, criteria| asked.data.look(entity, criteria),
        };
        let held = match definitions.parent(property) {
            None => None,
            // What they may not read tells them nothing here either.
            Some(parent) if closed.contains(&parent) => Some((parent, Vec::new())),
            Some(parent) => Some((parent, held(&mut definitions, parent, object)?)),
        };
        let offered = definitions.offered(property, held)?.into_iter();
        let choices = offered.map(|value| Choice {
            id: value.id.unwrap_or_default(),
            value: value.value.unwrap_or_default(),
            description: value.description,
        });
        let mut found: Vec<_> = choices.filter(|choice| self.fits(choice)).collect();
        found.sort_by(|a, b| self.order(a, b, asked.language));
        Ok(found.into_iter().skip(self.skip).take(self.top).collect())
    }

    fn order(&self, a: &Choice, b: &Choice, language: &Language) -> Ordering {
        let shown = |choice: &Choice| fold(choice.description.text(language).unwrap_or_default());
        let by_value = |choice: &Choice| (fold(&choice.value), choice.value.clone(), choice.id);
        let first = match self.by_description {
            true => shown(a).cmp(&shown(b)),
            false => Ordering::Equal,
        };
        first.then_with(|| by_value(a).cmp(&by_value(b)))
    }

    /// The objects of an entity.
    fn objects(&self, asked: &mut Asked<'_>, entity: EntityId) -> Result<Vec<Choice>> {
        let (mut found, mut passed) = (Vec::new(), 0);
        if self.top == 0 {
            return Ok(found);
        }
        asked
            .data
            .choices(entity, self.by_description, &mut |choice| {
                if self.fits(&choice) {
                    if passed < self.skip {
                        passed += 1;
                    } else {
                        found.push(choice);
                    }
                }
                found.len() < self.top
            })?;
        Ok(found)
    }
}

/// The short values that an object has of a property.
fn held(definitions: &mut Definitions<'_>, property: Uuid, object: Uuid) -> Result<Vec<String>> {
    let entity = repository(definitions.model, VALUES)?;
    let of = definitions.model.entity(entity);
    let criteria = [
        Criterion::PointsAt(reference(of, "Property")?, vec![property]),
        Criterion::Equal(attribute(of, "EntityItemId")?, Value::Guid(object)),
    ];
    let values = (definitions.look)(entity, &criteria)?;
    let texts = values.iter();
    let texts = texts.filter_map(|value| definitions.facts(value).text("Value"));
    Ok(texts.map(str::to_owned).collect())
}

/// A `CustomPropertyValue`.
fn json_of(choice: &Choice) -> Json {
    let value = CustomValue {
        value: Some(choice.value.clone()),
        id: Some(choice.id),
        description: choice.description.clone(),
    };
    value.json()
}
