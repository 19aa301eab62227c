//! Asks every rule about every object.

use std::collections::HashMap;

use uuid::Uuid;

use super::case::Case;
use super::sealed::Sealed;
use super::view::View;
use super::{Amendment, RULES, Refusal, Rule, Verdict, message};
use crate::change::{Author, ChangeSet, Checked, Faults, Lookup};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::value::Language;

/// What rules are asked with.
pub struct Setting<'a> {
    /// The database.
    pub lookup: &'a mut dyn Lookup,
    /// Keys for new objects.
    pub ids: &'a mut dyn FnMut() -> Uuid,
    /// The stored form of a password that nobody knows.
    pub unusable: &'a dyn Fn() -> Result<String>,
    /// Who makes the change, and when.
    pub author: &'a Author,
    /// The language of messages.
    pub language: &'a Language,
}

impl std::fmt::Debug for Setting<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setting").finish_non_exhaustive()
    }
}

/// Runs all rules over a checked set: what follows from the changes is added to it.
///
/// # Errors
///
/// Every refusal, each with the number of its request; or, alone, a fault of the database.
pub fn run<'m>(
    mut set: ChangeSet<'m, Checked>,
    setting: &mut Setting<'_>,
) -> Result<Sealed<'m>, Faults> {
    let rules = by_entity(set.model());
    let mut faults = Vec::new();
    let mut place = 0;
    // What rules create is looked at too: it is added behind.
    while let Some(entity) = set.objects().get(place).map(|o| o.entity) {
        for rule in rules.get(&entity).into_iter().flatten() {
            let done = look(*rule, &mut set, place, setting).map_err(|problem| {
                let request = set.objects().get(place).map_or(0, |o| o.last().0);
                vec![(request, problem)]
            })?;
            faults.extend(done);
        }
        place += 1;
    }
    if faults.is_empty() {
        faults = finish(&set, setting).map_err(|problem| vec![(0, problem)])?;
    }
    if faults.is_empty() {
        Ok(Sealed::new(set))
    } else {
        Err(faults)
    }
}

/// Lets every rule look at the whole.
fn finish(set: &ChangeSet<'_, Checked>, setting: &mut Setting<'_>) -> Result<Faults> {
    let mut faults = Faults::new();
    for rule in RULES {
        let mut view = View {
            set,
            lookup: &mut *setting.lookup,
            unusable: setting.unusable,
        };
        let Some((place, refusal)) = rule.finish(&mut view)? else {
            continue;
        };
        let problem = refused(*rule, &refusal, setting.language);
        if let Some(object) = set.objects().get(place) {
            let (request, path) = object.last();
            faults.push((request, problem.inside(path)));
        }
    }
    Ok(faults)
}

/// The rules that look at the objects of each entity, in their order.
fn by_entity(model: &Model) -> HashMap<EntityId, Vec<&'static dyn Rule>> {
    let mut rules: HashMap<EntityId, Vec<&'static dyn Rule>> = HashMap::new();
    for rule in RULES {
        let entities = rule.entities().iter();
        for entity in entities.filter_map(|name| model.repository(name)) {
            rules.entry(entity).or_default().push(*rule);
        }
    }
    rules
}

/// Asks one rule about one object, and does what it answers.
fn look(
    rule: &dyn Rule,
    set: &mut ChangeSet<'_, Checked>,
    place: usize,
    setting: &mut Setting<'_>,
) -> Result<Option<(usize, Problem)>> {
    let model = set.model();
    let verdict = {
        let Some(object) = set.objects().get(place) else {
            return Ok(None);
        };
        let Some(case) = Case::of(model, object, setting.language) else {
            return Ok(None);
        };
        let mut view = View {
            set,
            lookup: setting.lookup,
            unusable: setting.unusable,
        };
        match rule.look(&case, &mut view)? {
            Verdict::Refuse(refusal) => {
                let problem = refused(rule, &refusal, setting.language);
                let (request, path) = object.last();
                return Ok(Some((request, problem.inside(path))));
            }
            Verdict::Ignore => return Ok(None),
            Verdict::Change(amendments) => amendments,
        }
    };
    for amendment in verdict {
        amend(set, place, amendment, setting)?;
    }
    Ok(None)
}

fn amend(
    set: &mut ChangeSet<'_, Checked>,
    place: usize,
    amendment: Amendment,
    setting: &mut Setting<'_>,
) -> Result<()> {
    let model = set.model();
    let lacking = |name: &str| {
        Problem::new(
            Code::Internal,
            format!("a rule names `{name}`, which the model lacks"),
        )
    };
    match amendment {
        Amendment::Set(name, value) => {
            let entity = set.objects().get(place).map(|o| model.entity(o.entity));
            let id = entity.and_then(|e| e.attribute_named(name));
            set.amend(place, id.ok_or_else(|| lacking(name))?, value);
        }
        Amendment::Create(repository, values) => {
            let entity = model
                .repository(repository)
                .ok_or_else(|| lacking(repository))?;
            let of = model.entity(entity);
            let values = values.into_iter().map(|(name, value)| {
                let property = of.property(name).ok_or_else(|| lacking(name))?;
                Ok((property, value))
            });
            let values = values.collect::<Result<Vec<_>>>()?;
            let id = (setting.ids)();
            set.add_new((entity, id), values, place, setting.author, setting.lookup)?;
        }
    }
    Ok(())
}

/// A refusal as a problem, in the language of the request; every property at fault is a target.
fn refused(rule: &dyn Rule, refusal: &Refusal, language: &Language) -> Problem {
    let text = message::text(rule.code(), language).unwrap_or(rule.about());
    let text = message::fill(text, &refusal.places);
    let problem = Problem::rule(rule.code(), &text);
    let mut properties = refusal.properties.iter();
    let problem = match properties.next() {
        Some(first) => problem.about(*first),
        None => problem,
    };
    properties.fold(problem, |problem, property| {
        problem.with_detail(Problem::rule(rule.code(), &text).about(*property))
    })
}
