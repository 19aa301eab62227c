//! Rows for the tables that the demonstration leaves empty: difficult values, the same for a seed.

use std::collections::HashMap;

use fastrand::Rng;
use userdex::model::{Attribute, ColumnNo, Entity, EntityId, Enumeration, Model, Table, shadow};
use userdex::value::{Kind, MultilanguageString, Timestamp, Value};
use uuid::Uuid;

use super::{Database, Databases};

/// Texts that differ in case only, hold wildcards, quotes, other scripts, or nothing.
pub const TEXTS: &[&str] = &[
    "",
    "Ann",
    "ann",
    "ANN",
    "Ännchen",
    "straße",
    "STRASSE",
    "Иван",
    "иван",
    "50%_o\\",
    "it's",
    "\"quoted\"",
    " lead",
    "trail ",
    "😀",
    "two\nlines",
    "null",
    "_",
    "%",
    "Z",
    "=1+1",
    "a,b;c",
];

/// Demonstration users, and difficult rows in every other table.
pub fn databases() -> Databases {
    let all = Databases::with_demo(150);
    for database in all.iter() {
        fill(database, 7);
    }
    all
}

/// What closed attributes hold; no answer may show it.
pub const CLOSED: &str = "closed-to-all";

const TIMES: &[&str] = &[
    "1969-12-31T23:59:59.999Z",
    "2024-02-29T00:00:00Z",
    "2024-02-29T00:00:00.001Z",
    "2026-11-22T10:30:00Z",
    "0999-01-01T00:00:00Z",
];

/// Rows in each table that is filled.
const ROWS: usize = 30;

/// Fills every empty table.
pub fn fill(database: &Database, seed: u64) {
    fill_but(database, seed, &[]);
}

/// Fills every empty table but those of some entities, and of what refers to them.
pub fn fill_but(database: &Database, seed: u64, left: &[&str]) {
    let (model, store) = (&*database.model, &database.store);
    let mut rng = Rng::with_seed(seed);
    let mut keys: HashMap<EntityId, Vec<Uuid>> = HashMap::new();
    let mut empty = Vec::new();
    for (id, entity) in model.entities() {
        let mut found = existing(database, entity);
        if found.is_empty() && !entity.view && !left.contains(&entity.name.as_str()) {
            found = (0..ROWS).map(|_| Uuid::from_u128(rng.u128(..))).collect();
            empty.push(id);
        }
        keys.insert(id, found);
    }
    store
        .writer()
        .unwrap()
        .transaction(|writer| {
            for id in empty {
                let (columns, rows) = table(model, id, &keys, &mut rng);
                writer.insert_many(model.table(id), &columns, &rows)?;
            }
            Ok(())
        })
        .unwrap_or_else(|p| panic!("{p:?}: {:?}", p.log_text()));
}

fn existing(database: &Database, entity: &Entity) -> Vec<Uuid> {
    let answer = database.get(&format!("{}?$select=Id", entity.set)).unwrap();
    let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
    let ids = answer["value"].as_array().unwrap().iter();
    ids.map(|row| row["Id"].as_str().unwrap().parse().unwrap())
        .collect()
}

/// The columns and rows of one table.
fn table(
    model: &Model,
    id: EntityId,
    keys: &HashMap<EntityId, Vec<Uuid>>,
    rng: &mut Rng,
) -> (Vec<ColumnNo>, Vec<Vec<Value>>) {
    let (entity, table) = (model.entity(id), model.table(id));
    let mut columns = vec![Table::KEY];
    let mut rows: Vec<Vec<Value>> = keys[&id].iter().map(|k| vec![Value::Guid(*k)]).collect();
    for (attribute_id, attribute) in entity.attribute_ids().skip(1) {
        let Some(stored) = entity.stored(attribute_id) else {
            continue;
        };
        if stored.table != id || table.column(stored.column).initial.is_some() {
            continue;
        }
        let column = table.column(stored.column);
        let unique = is_unique(table, stored.column);
        columns.push(stored.column);
        columns.extend(stored.shadow);
        for (n, row) in rows.iter_mut().enumerate() {
            let value = match rng.u8(..4) {
                0 if column.nullable => Value::Null,
                _ => value(model, attribute, unique.then_some(n), rng),
            };
            let folded = stored.shadow.map(|_| shadow(attribute.kind, &value));
            row.push(value);
            row.extend(folded);
        }
    }
    for (reference_id, reference) in entity.reference_ids() {
        let stored = entity.stored_reference(reference_id);
        if stored.table != id {
            continue;
        }
        columns.push(stored.column);
        let nullable = table.column(stored.column).nullable;
        for row in &mut rows {
            row.push(match rng.choice(&keys[&reference.target]) {
                Some(key) if !nullable || rng.bool() => Value::Guid(*key),
                Some(_) | None => Value::Null,
            });
        }
    }
    (columns, rows)
}

fn is_unique(table: &Table, column: ColumnNo) -> bool {
    let shadow = format!("{}_folded", table.column(column).name);
    let shadow = table.find(&shadow);
    let mut unique = table.indexes.iter().filter(|index| index.unique);
    unique.any(|i| i.columns.contains(&column) || shadow.is_some_and(|s| i.columns.contains(&s)))
}

/// A value of an attribute; row numbers make unique ones differ.
fn value(model: &Model, attribute: &Attribute, unique: Option<usize>, rng: &mut Rng) -> Value {
    let text = |rng: &mut Rng| {
        let words = rng.choice(TEXTS).unwrap();
        let text = match unique {
            Some(n) => format!("{words}{n}"),
            None if attribute.secret => CLOSED.to_owned(),
            None => (*words).to_owned(),
        };
        let most = attribute.max_length.unwrap_or(100);
        text.chars().take(usize::try_from(most).unwrap()).collect()
    };
    match attribute.kind {
        Kind::Guid if unique.is_some() => Value::Guid(Uuid::from_u128(rng.u128(..))),
        Kind::Guid => Value::Guid(Uuid::from_u128(rng.u128(..4))),
        Kind::String => Value::Text(text(rng)),
        Kind::Boolean => Value::Boolean(rng.bool()),
        Kind::Byte | Kind::Int16 | Kind::Int32 | Kind::Int64 => {
            let (least, most) = attribute.kind.integer_range().unwrap();
            let choices = [least, least + 1, 1, 2, most];
            Value::Integer(*rng.choice(&choices).unwrap())
        }
        Kind::DateTimeOffset => {
            Value::Timestamp(Timestamp::parse(rng.choice(TIMES).unwrap()).unwrap())
        }
        Kind::Binary => Value::Binary((0..rng.usize(..5)).map(|_| rng.u8(..)).collect()),
        Kind::Multilanguage => {
            let mut keys = vec!["EN", "BG", "DE"];
            rng.shuffle(&mut keys);
            let texts: Vec<(&str, String)> = keys[..rng.usize(1..3)]
                .iter()
                .map(|key| (*key, text(rng)))
                .collect();
            let pairs = texts.iter().map(|(key, text)| (*key, text.as_str()));
            Value::Text(MultilanguageString::from_pairs(pairs).to_json())
        }
        Kind::Enumeration => {
            let enumeration: &Enumeration = model.enumeration(attribute.enumeration.unwrap());
            Value::Text(rng.choice(&enumeration.members).unwrap().code.clone())
        }
    }
}
