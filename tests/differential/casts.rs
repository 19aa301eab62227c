//! What is asked of derived types, of parts of values, and of no set in particular.

use fastrand::Rng;
use userdex::model::{Entity, EntityId, Model};

use crate::options::Of;
use crate::stage::{NOTED, Stage};
use crate::support::evaluator::{FieldKind, fields};
use crate::support::spelling::{Place, Speller};

/// Adds to options what only rows of a derived type have.
pub(crate) fn add(stage: &Stage, set: &str, rng: &mut Rng, options: &mut Vec<(String, String)>) {
    let model: &Model = &stage.model;
    let id = model.set(set).unwrap();
    for _ in 0..rng.usize(1..4) {
        let behind = behind(stage, id, rng);
        let Some(of) = derived(model, id, rng) else {
            behind
                .into_iter()
                .for_each(|item| join(options, "$expand", ",", item));
            return;
        };
        let (kind, name) = (model.entity(of), &model.entity(of).type_name);
        let open = fields(model, of);
        match rng.u8(..6) {
            0 | 1 => {
                let attribute = &rng.choice(&open).unwrap().name;
                join(options, "$select", ",", format!("Erp.{name}/{attribute}"));
            }
            2 => {
                let ways = kind.references.iter().map(|r| (&r.name, r.target));
                let ways = ways.chain(kind.collections.iter().map(|c| (&c.name, c.target)));
                let ways = ways.filter(|(_, target)| model.entity(*target).set != NOTED);
                if let Some((way, target)) = rng.choice(ways.collect::<Vec<_>>()) {
                    let inner = inner(stage, target, rng);
                    join(options, "$expand", ",", format!("Erp.{name}/{way}{inner}"));
                }
            }
            3 => behind
                .into_iter()
                .for_each(|item| join(options, "$expand", ",", item)),
            4 => {
                let condition = stage.world.draw(model, &kind.set, rng, 1);
                let mut plain = Speller::varied(rng.u64(..), Place::Alone);
                let text = condition.map(|c| c.spell(&format!("Erp.{name}/"), &mut plain));
                // Aliases are given with the speller of the request.
                if let Some(text) = text.filter(|_| plain.aliases.is_empty()) {
                    join(options, "$filter", " or ", format!("({text})"));
                }
            }
            _ => {
                let any = rng.u8(..30) == 0;
                let open = open.iter().filter(|f| f.orders() || any);
                if let Some(by) = rng.choice(open.collect::<Vec<_>>()) {
                    let by = format!("Erp.{name}/{} desc", by.name);
                    join(options, "$orderby", ",", by);
                }
            }
        }
    }
}

/// A type derived from an entity; seldom one that is not.
fn derived(model: &Model, id: EntityId, rng: &mut Rng) -> Option<EntityId> {
    if rng.u8(..40) == 0 {
        return rng.choice(model.entities().map(|(other, _)| other).collect::<Vec<_>>());
    }
    rng.choice(model.derived(id)).copied()
}

/// Something that is expanded as far as it is of a derived type.
fn behind(stage: &Stage, id: EntityId, rng: &mut Rng) -> Option<String> {
    let model: &Model = &stage.model;
    let entity = model.entity(id);
    let ways = entity.references.iter().map(|r| (&r.name, r.target));
    let ways = ways.chain(entity.collections.iter().map(|c| (&c.name, c.target)));
    let ways = ways.filter(|(_, target)| !model.derived(*target).is_empty());
    let (name, target) = rng.choice(ways.collect::<Vec<_>>())?;
    let of = derived(model, target, rng)?;
    let cast = &model.entity(of).type_name;
    match rng.u8(..6) {
        0 => Some(format!("{name}/Erp.{cast}/$ref")),
        1 => Some(format!("{name}/Erp.{cast}/$count")),
        _ => Some(format!("{name}/Erp.{cast}{}", inner(stage, of, rng))),
    }
}

/// Options of something that is expanded.
fn inner(stage: &Stage, of: EntityId, rng: &mut Rng) -> String {
    let attribute = rng.choice(&stage.model.entity(of).attributes).unwrap();
    match rng.u8(..4) {
        0 => String::new(),
        1 => format!("($select={};$levels=2)", attribute.name),
        2 => "($count=true;$top=1)".to_owned(),
        _ => format!("($select=Id,{})", attribute.name),
    }
}

/// Puts one more item into an option.
fn join(options: &mut Vec<(String, String)>, name: &str, between: &str, item: String) {
    match options.iter_mut().find(|(known, _)| known == name) {
        Some((_, value)) => *value = format!("{value}{between}{item}"),
        None => options.push((name.to_owned(), item)),
    }
}

/// A set that has derived types, or refers to one that has, more often than others.
pub(crate) fn set(stage: &Stage, rng: &mut Rng) -> String {
    let model: &Model = &stage.model;
    let has = |id: EntityId| !model.derived(id).is_empty();
    let refers = |entity: &Entity| entity.references.iter().any(|r| has(r.target));
    let all = model
        .entities()
        .filter(|(id, entity)| has(*id) || (refers(entity) && !entity.view));
    let all = all.filter(|(_, entity)| entity.set != NOTED);
    rng.choice(all.collect::<Vec<_>>()).unwrap().1.set.clone()
}

/// A part of a value of an object, as an address.
pub(crate) fn part(stage: &Stage, set: &str, one: &str, rng: &mut Rng) -> Option<String> {
    let fields = fields(&stage.model, stage.model.set(set).unwrap());
    let structured = fields
        .iter()
        .filter(|f| matches!(f.kind, FieldKind::Languages | FieldKind::Custom));
    let field = rng.choice(structured.collect::<Vec<_>>())?;
    let language = rng.choice(["EN", "BG", "bg", "DE", "x"])?;
    let part = match field.kind {
        FieldKind::Custom => match rng.u8(..6) {
            0 => "Value".to_owned(),
            1 => "ValueId".to_owned(),
            2 => "Description".to_owned(),
            3 => format!("Description/{language}"),
            4 => "Nothing".to_owned(),
            _ => return Some(format!("{one}/{}/$value", field.name)),
        },
        _ => language.to_owned(),
    };
    let rest = rng.choice(["", "", "/$value"])?;
    Some(format!("{one}/{}/{part}{rest}", field.name))
}

/// An address that begins with no set, the set that it is about, and what it is of.
pub(crate) fn elsewhere(stage: &Stage, set: &str, rng: &mut Rng) -> (String, String, Of) {
    let name = &stage.model.entity(stage.model.set(set).unwrap()).type_name;
    let here = set.to_owned();
    match rng.u8(..8) {
        0 => (format!("$crossjoin({set},{set})"), here, Of::Rows),
        1 => (format!("$all/Erp.{name}/$count"), here, Of::Count),
        2 => (format!("$entity/Erp.{name}"), here, Of::Row),
        _ => (format!("$all/Erp.{name}"), here, Of::Rows),
    }
}

/// An address several steps away from an object, the set that it is of, and what it is.
pub(crate) fn deep(stage: &Stage, set: &str, one: &str, rng: &mut Rng) -> (String, String, Of) {
    let model: &Model = &stage.model;
    let (mut path, mut at, mut of) = (one.to_owned(), model.set(set).unwrap(), Of::Row);
    for _ in 0..rng.usize(2..5) {
        let entity = model.entity(at);
        if of == Of::Rows {
            path = match rng.u8(..6) {
                0 => return (format!("{path}/$count"), entity.set.clone(), Of::Count),
                1 => format!("{path}/$filter(Id ne null)"),
                2 => return (path, entity.set.clone(), Of::Rows),
                _ => {
                    let row = rng.choice(stage.world.rows(&entity.set));
                    let id = row.map_or("", |row| row["Id"].as_str().unwrap());
                    of = Of::Row;
                    format!("{path}({id})")
                }
            };
            continue;
        }
        if let Some(derived) = rng.choice(model.derived(at)).filter(|_| rng.u8(..3) == 0) {
            path = format!("{path}/Erp.{}", model.entity(*derived).type_name);
            at = *derived;
            continue;
        }
        let references = entity
            .references
            .iter()
            .map(|r| (&r.name, r.target, Of::Row));
        let collections = entity.collections.iter();
        let collections = collections.map(|c| (&c.name, c.target, Of::Rows));
        let ways = references.chain(collections);
        let ways = ways.filter(|(_, target, _)| model.entity(*target).set != NOTED);
        let Some((name, target, what)) = rng.choice(ways.collect::<Vec<_>>()) else {
            break;
        };
        (path, at, of) = (format!("{path}/{name}"), target, what);
    }
    let set = model.entity(at).set.clone();
    match rng.u8(..5) {
        0 if of == Of::Row => {
            let attribute = rng.choice(&model.entity(at).attributes).unwrap();
            (format!("{path}/{}", attribute.name), set, Of::Value)
        }
        _ => (path, set, of),
    }
}

/// Options in other words that mean the same, or ask for more of the same kind.
pub(crate) fn reword(stage: &Stage, set: &str, rng: &mut Rng, options: &mut Vec<(String, String)>) {
    let model: &Model = &stage.model;
    let entity = model.entity(model.set(set).unwrap());
    let open = fields(model, model.set(set).unwrap());
    match rng.u8(..7) {
        // What a reference points at decides on the order.
        0 | 1 => {
            let Some(reference) = rng.choice(&entity.references) else {
                return;
            };
            let all = fields(model, reference.target);
            let any = rng.u8(..20) == 0;
            let by = all.iter().filter(|f| f.orders() || any);
            if let Some(by) = rng.choice(by.collect::<Vec<_>>()) {
                let down = rng.choice(["", " desc"]).unwrap();
                let item = format!("{}/{}{down}", reference.name, by.name);
                options.retain(|(name, _)| name != "$orderby");
                options.push(("$orderby".to_owned(), item));
            }
        }
        2 => {
            let texts = open
                .iter()
                .filter(|f| matches!(f.kind, FieldKind::Languages));
            if let Some(field) = rng.choice(texts.collect::<Vec<_>>()) {
                let item = match rng.bool() {
                    true => format!("{}($select=EN)", field.name),
                    false => format!("{}/BG", field.name),
                };
                join(options, "$select", ",", item);
            }
        }
        3 => {
            let item = rng
                .choice(["*/$ref", "*", "*($levels=1)", "*/$count"])
                .unwrap();
            join(options, "$expand", ",", item.to_owned());
        }
        4 => {
            let order = options.iter_mut().find(|(name, _)| name == "$orderby");
            if let Some((_, value)) = order
                && !value.contains([',', ' '])
            {
                let given = std::mem::replace(value, "@order".to_owned());
                options.push(("@order".to_owned(), given));
            }
        }
        // Options need no `$`, and may be written large.
        _ => {
            for (name, _) in options.iter_mut().filter(|(name, _)| name.starts_with('$')) {
                *name = match rng.u8(..3) {
                    0 => name.to_uppercase(),
                    1 => name.trim_start_matches('$').to_owned(),
                    _ => continue,
                };
            }
        }
    }
}
