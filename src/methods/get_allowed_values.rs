//! `GetAllowedCustomPropertyValues(customPropertyCode, search, exactMatch, orderByDescription, top,
//! skip)`: the values that a custom property may take on an object (S1-65, S1-66).
//!
//! They are the allowed values of the property, those of the property that it takes them over from,
//! or the objects of an entity. Definitions hold for everybody, so that no right is needed to read
//! them through here; objects, and the values that objects have, are those that the caller may see.

use std::cmp::Ordering;

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::search::Search;
use super::{Arguments, Asked, Choice, Function, Question, attribute, reference, repository};
use crate::change::{Criterion, Facts, Stored};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::value::{Language, MultilanguageString, Value, fold};

const PROPERTIES: &str = "Systems.Bpm.CustomProperties";
const ALLOWED: &str = "Systems.Bpm.CustomPropertyAllowedValues";
const VALUES: &str = "Systems.Bpm.CustomPropertyValues";

/// Values that one call answers at most.
const MOST: usize = 1000;
/// How many properties may take their values over from one another.
const HOPS: usize = 8;

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
        let property = self.property(asked, object.0)?;
        let property = source(asked, property)?;
        let objects = facts(asked.model, &property).text("AllowedValuesEntityName");
        let found = match objects {
            Some(name) => self.objects(asked, name, &property)?,
            None => self.listed(asked, object, &property)?,
        };
        Ok(found.iter().map(json_of).collect())
    }
}

impl Prepared {
    /// The definition of the property on an entity, or on one that it extends.
    fn property(&self, asked: &mut Asked<'_>, entity: EntityId) -> Result<Stored> {
        let model = asked.model;
        let properties = repository(model, PROPERTIES)?;
        let code = attribute(model.entity(properties), "Code")?;
        let code = Criterion::Equal(code, Value::Text(self.code.clone()));
        let found = asked.data.look(properties, &[code])?;
        let mut at = Some(entity);
        while let Some(id) = at {
            let of = model.entity(id);
            let mine = found.iter().find(|property| {
                let facts = facts(model, property);
                let table = facts.text("EntityName").unwrap_or_default();
                facts.flag("IsActive") && table.eq_ignore_ascii_case(&of.table)
            });
            if let Some(property) = mine {
                return Ok(property.clone());
            }
            at = of.base;
        }
        let set = &model.entity(entity).set;
        let message = format!("`{set}` has no custom property `{}`", self.code);
        Err(Problem::new(Code::NotFound, message).about("customPropertyCode"))
    }

    fn fits(&self, choice: &Choice) -> bool {
        let mut descriptions = choice.description.iter();
        self.search.fits(&choice.value) || descriptions.any(|(_, text)| self.search.fits(text))
    }

    /// The values of a list.
    fn listed(
        &self,
        asked: &mut Asked<'_>,
        object: (EntityId, Uuid),
        property: &Stored,
    ) -> Result<Vec<Choice>> {
        let model = asked.model;
        let parents = parent_values(asked, object, property)?;
        let values = allowed(asked, property.id)?;
        let offered = values.iter().filter(|value| {
            let parent = guid(facts(model, value).value("ParentAllowedValueId"));
            parent.is_none_or(|parent| parents.as_ref().is_none_or(|all| all.contains(&parent)))
        });
        let choices = offered.map(|value| {
            let facts = facts(model, value);
            Choice {
                id: value.id,
                value: facts
                    .text("PropertyAllowedValueField")
                    .unwrap_or_default()
                    .to_owned(),
                description: facts.texts("Description"),
            }
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
    fn objects(&self, asked: &mut Asked<'_>, name: &str, property: &Stored) -> Result<Vec<Choice>> {
        if facts(asked.model, property)
            .text("AllowedValuesFilterXML")
            .is_some()
        {
            let message = "the values of the property are narrowed by a filter in XML, which is \
                           not offered";
            return Err(Problem::new(Code::NotSupported, message).about("customPropertyCode"));
        }
        let mut entities = asked.model.entities();
        let named = entities.find(|(_, entity)| {
            let names = [&entity.table, &entity.name, &entity.set];
            names.iter().any(|known| known.eq_ignore_ascii_case(name))
        });
        let Some((entity, _)) = named else {
            let message = format!("the values of the property are of `{name}`, which is not here");
            return Err(Problem::new(Code::NotFound, message).about("customPropertyCode"));
        };
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

/// The property whose allowed values a property has: its own, or one that it takes them over from.
fn source(asked: &mut Asked<'_>, property: Stored) -> Result<Stored> {
    let properties = repository(asked.model, PROPERTIES)?;
    let mut at = property;
    for _ in 0..HOPS {
        let Some(next) = facts(asked.model, &at).reference("AllowedValuesProperty") else {
            return Ok(at);
        };
        let next = asked
            .data
            .look(properties, &[Criterion::Keys(vec![next])])?;
        match next.into_iter().next() {
            Some(next) => at = next,
            None => return Ok(at),
        }
    }
    let message = format!("more than {HOPS} properties take their values over from one another");
    Err(Problem::new(Code::LimitExceeded, message).about("customPropertyCode"))
}

/// The active allowed values of a property.
fn allowed(asked: &mut Asked<'_>, property: Uuid) -> Result<Vec<Stored>> {
    let entity = repository(asked.model, ALLOWED)?;
    let of = asked.model.entity(entity);
    let mine = Criterion::PointsAt(reference(of, "Property")?, vec![property]);
    let active = Criterion::Equal(attribute(of, "Active")?, Value::Boolean(true));
    asked.data.look(entity, &[mine, active])
}

/// The allowed values that the object has of the property which narrows this one, as far as the
/// caller may see its values; nothing where none does. Without a value of it, only values that
/// belong to none are allowed.
fn parent_values(
    asked: &mut Asked<'_>,
    (_, object): (EntityId, Uuid),
    property: &Stored,
) -> Result<Option<Vec<Uuid>>> {
    let model = asked.model;
    let Some(parent) = facts(model, property).reference("AllowedValuesParentProperty") else {
        return Ok(None);
    };
    let entity = repository(model, VALUES)?;
    let of = model.entity(entity);
    let criteria = [
        Criterion::PointsAt(reference(of, "Property")?, vec![parent]),
        Criterion::Equal(attribute(of, "EntityItemId")?, Value::Guid(object)),
    ];
    let value = attribute(of, "Value")?;
    let values = asked.data.seen(entity, &criteria, value)?;
    let held: Vec<_> = values
        .iter()
        .filter_map(|value| facts(model, value).text("Value"))
        .collect();
    let allowed = allowed(asked, parent)?;
    let mine = allowed.iter().filter(|value| {
        let text = facts(model, value).text("PropertyAllowedValueField");
        text.is_some_and(|text| held.iter().any(|held| fold(held) == fold(text)))
    });
    Ok(Some(mine.map(|value| value.id).collect()))
}

fn facts<'a>(model: &'a Model, stored: &'a Stored) -> Facts<'a> {
    Facts {
        model,
        entity: model.entity(stored.entity),
        record: &stored.record,
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

/// A `CustomPropertyValue`.
fn json_of(choice: &Choice) -> Json {
    let description = match choice.description.is_empty() {
        true => Json::Null,
        false => languages(&choice.description),
    };
    json!({"Value": choice.value, "ValueId": choice.id.to_string(), "Description": description})
}

fn languages(texts: &MultilanguageString) -> Json {
    let texts = texts.iter();
    let texts = texts.map(|(language, text)| (language.to_owned(), json!(text)));
    Json::Object(texts.collect::<Map<_, _>>())
}
