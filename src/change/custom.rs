//! Values of custom properties in payloads, and what their definitions say of them.

use std::collections::HashMap;

use uuid::Uuid;

use super::allowed::Definitions;
use super::apply::Applier;
use super::draft::{Draft, Given};
use super::facts::Facts;
use super::json::Json;
use super::lookup::Criterion;
use super::record::Stored;
use super::value::{check_text, texts};
use crate::diag::{Code, Problem, Result};
use crate::model::{
    Attribute, AttributeId, Custom, CustomKind, Entity, EntityId, MemberPath, PropertyId,
};
use crate::value::{CustomValue, Kind, MultilanguageString, Timestamp, Value, fold};

/// Reads `{"Value":…,"ValueId":…,"Description":…}`, or null.
pub(super) fn given(attribute: &Attribute, custom: Custom, json: &Json) -> Result<Given> {
    let members = match json {
        Json::Null => return Ok(Given::Custom(None)),
        Json::Object(members) => members,
        Json::Boolean(_) | Json::Number(_) | Json::Text(_) | Json::List(_) => {
            let message = format!("`{}` takes an object, not {}", attribute.name, json.noun());
            let problem = Problem::new(Code::TypeMismatch, message);
            return Err(problem.help("write `{\"Value\":\"…\"}`"));
        }
    };
    let mut value = CustomValue::default();
    let mut says_something = false;
    for (name, json) in members {
        let mismatch = |wanted: &str| {
            let message = format!("`{name}` takes {wanted}, not {}", json.noun());
            Problem::new(Code::TypeMismatch, message).about(name)
        };
        match (name.as_str(), json) {
            ("Value" | "ValueId", Json::Null) => says_something = true,
            ("Value", Json::Text(text)) => {
                says_something = true;
                check_text(attribute, text).map_err(|p| p.about(name))?;
                value.value = Some(text.clone());
            }
            ("Value", Json::Number(number)) if custom.kind == CustomKind::Number => {
                says_something = true;
                value.value = Some(number.to_string());
            }
            ("Value", _) => return Err(mismatch("a text")),
            ("ValueId", Json::Text(text)) => {
                says_something = true;
                let id = Uuid::try_parse(text).map_err(|_| {
                    Problem::new(Code::InvalidValue, "`ValueId` is not a guid").about(name)
                })?;
                value.id = Some(id);
            }
            ("ValueId", _) => return Err(mismatch("a guid as text")),
            ("Description", Json::Null) => {}
            ("Description", Json::Object(members)) => {
                let given = texts(attribute, members).map_err(|p| p.inside(name))?;
                let given = given.iter().map(|(k, text)| (k.as_str(), text.as_deref()));
                value.description = MultilanguageString::default().with(given);
            }
            ("Description", _) => return Err(mismatch("an object such as `{\"EN\":\"…\"}`")),
            (annotation, _) if annotation.contains('@') => {}
            (other, _) => {
                let message = format!("the value of a custom property has no `{other}`");
                let problem = Problem::new(Code::UnknownProperty, message).about(other);
                return Err(problem.help("it has `Value`, `ValueId` and `Description`"));
            }
        }
    }
    if !says_something {
        let message = "the value of a custom property is its `Value` or its `ValueId`";
        return Err(Problem::new(Code::InvalidPayload, message));
    }
    if let Some(text) = &value.value {
        check_kind(custom.kind, text).map_err(|p| p.about("Value"))?;
    }
    let is_nothing = value.value.is_none() && value.id.is_none();
    Ok(Given::Custom((!is_nothing).then_some(value)))
}

fn check_kind(kind: CustomKind, text: &str) -> Result<()> {
    let wanted = match kind {
        CustomKind::Number if !is_number(text) => "a number such as `12` or `-0.5`",
        CustomKind::Date if !is_day(text) => "a day such as `2026-11-20`",
        CustomKind::Text | CustomKind::Number | CustomKind::Date | CustomKind::Picture => {
            return Ok(());
        }
    };
    let shown: String = text.chars().take(80).collect();
    let message = format!("`{shown}` is not {wanted}");
    Err(Problem::new(Code::InvalidValue, message))
}

fn is_number(text: &str) -> bool {
    let bare = text.strip_prefix('-').unwrap_or(text);
    let (whole, part) = match bare.split_once('.') {
        Some((whole, part)) => (whole, Some(part)),
        None => (bare, None),
    };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    digits(whole) && part.is_none_or(digits)
}

fn is_day(text: &str) -> bool {
    text.len() == 10 && Timestamp::parse(&format!("{text}T00:00:00Z")).is_some()
}

/// A value that a payload gives, and where the definition lets it come from.
struct Asked<'d> {
    id: AttributeId,
    custom: Custom,
    given: &'d CustomValue,
    definition: Stored,
    source: Stored,
    parent: Option<Uuid>,
}

impl Applier<'_, '_> {
    /// The values of custom properties that a draft gives to an object, as they are stored. What is
    /// wrong with them is a fault each.
    pub(super) fn customs(
        &mut self,
        place: usize,
        draft: &Draft,
    ) -> Result<Vec<(AttributeId, Value)>> {
        let given = draft.values.iter().filter_map(|(id, given)| match given {
            Given::Custom(value) => Some((*id, value)),
            Given::Value(_) | Given::Languages(_) => None,
        });
        let given: Vec<_> = given.collect();
        if given.is_empty() {
            return Ok(Vec::new());
        }
        let model = self.model();
        let of = model.entity(draft.entity);
        let mut held = self.held(place, (draft.entity, of));
        let (mut done, mut open) = (Vec::new(), Vec::new());
        for (id, value) in given {
            let Some(custom) = of.attribute(id).role.custom() else {
                continue;
            };
            match value {
                // The change is refused: what is held, or allowed, must not be told by how.
                Some(value) if self.is_closed(draft.entity, id) => {
                    done.push((id, Value::Text(value.to_json())));
                }
                None => {
                    held.remove(&custom.property);
                    done.push((id, Value::Null));
                }
                // What stays needs no leave.
                Some(value) if is_same(held.get(&custom.property), value) => {}
                Some(value) => match self.asked(id, custom, value)? {
                    Some(asked) => open.push(asked),
                    None => {
                        let message = "the custom property is not defined any more";
                        let problem = Problem::new(Code::UnknownReference, message);
                        self.custom_fault(draft, of, id, problem);
                    }
                },
            }
        }
        while !open.is_empty() {
            // A value is looked at behind the one that narrows it.
            let waits = |one: &Asked<'_>| {
                let mut all = open.iter();
                one.parent
                    .is_some_and(|p| all.any(|o| o.custom.property == p))
            };
            let next = open.iter().position(|one| !waits(one));
            let one = open.swap_remove(next.unwrap_or_default());
            match self.chosen(&one, of, &held)? {
                Ok(value) => {
                    done.push((one.id, Value::Text(value.to_json())));
                    held.insert(one.custom.property, value);
                }
                Err(problem) => self.custom_fault(draft, of, one.id, problem),
            }
        }
        Ok(done)
    }

    fn custom_fault(&mut self, draft: &Draft, of: &Entity, id: AttributeId, problem: Problem) {
        let about = problem.about(&of.attribute(id).name);
        self.faults.push(about.inside(&draft.path));
    }

    /// What an object has now, by property, as far as the caller may know.
    fn held(&self, place: usize, (entity, of): (EntityId, &Entity)) -> HashMap<Uuid, CustomValue> {
        let object = self.set.objects().get(place);
        let record = object.and_then(|object| object.after.as_ref());
        let open = of
            .custom_ids()
            .filter(|(id, _)| !self.is_closed(entity, *id));
        let values = open.filter_map(|(id, custom)| {
            let value = match record?.value(id) {
                Value::Text(text) => CustomValue::from_json(text)?,
                Value::Null
                | Value::Boolean(_)
                | Value::Integer(_)
                | Value::Guid(_)
                | Value::Timestamp(_)
                | Value::Binary(_) => return None,
            };
            Some((custom.property, value))
        });
        values.collect()
    }

    fn is_closed(&self, entity: EntityId, id: AttributeId) -> bool {
        let closed = self.closed;
        closed.is_some_and(|closed| closed(entity, PropertyId::Attribute(id)))
    }

    fn asked<'d>(
        &mut self,
        id: AttributeId,
        custom: Custom,
        given: &'d CustomValue,
    ) -> Result<Option<Asked<'d>>> {
        let mut definitions = Definitions {
            model: self.set.model(),
            look: &mut |entity, criteria| self.lookup.look(entity, criteria),
        };
        let Some(definition) = definitions.of_key(custom.property)? else {
            return Ok(None);
        };
        let source = definitions.source(definition.clone())?;
        Ok(Some(Asked {
            id,
            custom,
            given,
            parent: definitions.parent(&source),
            definition,
            source,
        }))
    }

    /// The value that is stored, or why none is.
    fn chosen(
        &mut self,
        asked: &Asked<'_>,
        of: &Entity,
        held: &HashMap<Uuid, CustomValue>,
    ) -> Result<Result<CustomValue>> {
        let model = self.set.model();
        let mut definitions = Definitions {
            model,
            look: &mut |entity, criteria| self.lookup.look(entity, criteria),
        };
        let limited = definitions
            .facts(&asked.definition)
            .flag("LimitToAllowedValues");
        let found = match definitions.objects(&asked.source) {
            // Where anything may be given, what cannot be looked at does not hinder.
            Err(problem) if limited || asked.given.id.is_some() => return Ok(Err(problem)),
            Err(_) | Ok(Some((_, None))) => None,
            Ok(Some((_, Some(entity)))) => self.stands_for(entity, asked.given)?,
            Ok(None) => {
                let narrowed = asked.parent.map(|parent| {
                    let value = held.get(&parent).and_then(|value| value.value.clone());
                    (parent, value.into_iter().collect())
                });
                let offered = definitions.offered(&asked.source, narrowed)?;
                offered.into_iter().find(|value| fits(value, asked.given))
            }
        };
        let name = &of.attribute(asked.id).name;
        Ok(decided(asked, found, name, limited))
    }

    /// The object that a value stands for, as far as the caller may see it.
    fn stands_for(&mut self, entity: EntityId, given: &CustomValue) -> Result<Option<CustomValue>> {
        let model = self.set.model();
        let of = model.entity(entity);
        let direct = |path: &Option<MemberPath>| {
            let path = path.as_ref().filter(|path| path.references.is_empty());
            let id = path.map(|path| path.attribute);
            id.filter(|id| !of.attribute(*id).secret)
        };
        let (code, name) = (direct(&of.code), direct(&of.name_member));
        let text = given.value.clone().unwrap_or_default();
        let criterion = match (given.id, code.or(name)) {
            (Some(id), _) => Criterion::Keys(vec![id]),
            (None, Some(member)) => Criterion::Equal(member, Value::Text(text)),
            (None, None) => match Uuid::try_parse(&text) {
                Ok(id) => Criterion::Keys(vec![id]),
                Err(_) => return Ok(None),
            },
        };
        let found = self.lookup.objects(entity, &[criterion], Some(1))?;
        Ok(found.first().map(|stored| {
            let facts = Facts {
                model,
                entity: of,
                record: &stored.record,
            };
            let named = |id: AttributeId| of.attribute(id).name.as_str();
            let description = match name {
                None => MultilanguageString::default(),
                Some(id) if of.attribute(id).kind == Kind::Multilanguage => facts.texts(named(id)),
                Some(id) => {
                    let text = facts.text(named(id)).map(|text| ("EN", text));
                    MultilanguageString::from_pairs(text)
                }
            };
            let code = code.and_then(|id| facts.text(named(id))).map(str::to_owned);
            let shown = || description.iter().next().map(|(_, text)| text.to_owned());
            let value = code.or_else(shown).unwrap_or_else(|| stored.id.to_string());
            CustomValue {
                value: Some(value),
                id: Some(stored.id),
                description,
            }
        }))
    }
}

/// Whether a value is that of an object already, as far as it is given.
fn is_same(held: Option<&CustomValue>, given: &CustomValue) -> bool {
    held.is_some_and(|held| {
        let id = given.id.is_none() || given.id == held.id;
        let value = given.value.is_none() || given.value == held.value;
        let said = given.description.is_empty() || given.description == held.description;
        id && value && said
    })
}

/// Whether an allowed value is the one that is given: by its id, else by its text.
fn fits(allowed: &CustomValue, given: &CustomValue) -> bool {
    match given.id {
        Some(id) => allowed.id == Some(id),
        None => is_text(allowed, given),
    }
}

fn is_text(allowed: &CustomValue, given: &CustomValue) -> bool {
    let text = |value: &CustomValue| value.value.as_deref().map(fold);
    text(allowed) == text(given)
}

/// What becomes of a value, `found` being the allowed one that it is.
fn decided(
    asked: &Asked<'_>,
    found: Option<CustomValue>,
    name: &str,
    limited: bool,
) -> Result<CustomValue> {
    let given = asked.given;
    let lists = || "`GetAllowedCustomPropertyValues` lists those that are";
    match (found, given.id, &given.value) {
        (Some(found), _, Some(_)) if !is_text(&found, given) => {
            let message = format!("`Value` and `ValueId` of `{name}` are of different values");
            Err(Problem::new(Code::InvalidPayload, message).help("give one of them"))
        }
        (Some(found), _, _) => Ok(found),
        (None, Some(id), _) => {
            let message = format!("`{id}` is not the id of an allowed value of `{name}`");
            Err(Problem::new(Code::UnknownReference, message).help(lists()))
        }
        (None, None, value) => {
            let value = value.as_deref().unwrap_or_default();
            let shown: String = value.chars().take(80).collect();
            if limited {
                let message = format!("`{shown}` is not an allowed value of `{name}`");
                return Err(Problem::new(Code::ValueOutOfRange, message).help(lists()));
            }
            let is_address = value.starts_with("https://") || value.starts_with("http://");
            if asked.custom.kind == CustomKind::Picture && !is_address {
                let message = format!("`{shown}` is neither an address nor an allowed value");
                let problem = Problem::new(Code::ValueOutOfRange, message);
                return Err(problem.help("write the address of the picture: `https://…`"));
            }
            Ok(given.clone())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_of_their_kind() {
        for (kind, good, bad) in [
            (CustomKind::Text, &["", "x", "12"][..], &[][..]),
            (
                CustomKind::Number,
                &["0", "-12", "3.25"],
                &["", "-", "1,5", "1.", ".5", "1e3", "x"],
            ),
            (
                CustomKind::Date,
                &["2026-02-28"],
                &["2026-02-30", "28.02.2026", "2026-2-8", ""],
            ),
            (
                CustomKind::Picture,
                &["https://x.example/a.png", "logo"],
                &[],
            ),
        ] {
            for text in good {
                assert!(check_kind(kind, text).is_ok(), "{kind:?} {text}");
            }
            for text in bad {
                assert!(check_kind(kind, text).is_err(), "{kind:?} {text}");
            }
        }
    }
}
