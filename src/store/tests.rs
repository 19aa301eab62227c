//! Tests of the store on SQLite.

use uuid::Uuid;

use super::*;
use crate::diag::{Code, Result};
use crate::model::{ColumnKind, EntityId, Model, Table};
use crate::plan::{Column, CompareOperator, OrderKey, Predicate, Query, Slot, SubQuery, Term};
use crate::value::Value;

/// Keeps what it is given, as text.
struct Texts {
    kinds: Vec<ColumnKind>,
    rows: Vec<String>,
    limit: usize,
}

impl RowSink for Texts {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let mut line = Vec::new();
        for (i, kind) in self.kinds.iter().enumerate() {
            line.push(row.cell(i, kind, |cell| match cell {
                Cell::Null => "null".to_owned(),
                Cell::Boolean(b) => b.to_string(),
                Cell::Integer(n) => n.to_string(),
                Cell::Text(t) => t.to_owned(),
                Cell::Guid(g) => g.as_u128().to_string(),
                Cell::Timestamp(t) => t.to_string(),
                Cell::Binary(b) => format!("{b:?}"),
            })?);
        }
        self.rows.push(line.join(" "));
        Ok(if self.rows.len() == self.limit {
            Flow::Stop
        } else {
            Flow::More
        })
    }
}

fn roles(model: &Model) -> EntityId {
    model.repository("Systems.Security.Roles").unwrap()
}

fn column(model: &Model, entity: EntityId, name: &str) -> Column {
    Column {
        slot: Slot::BASE,
        table: entity,
        no: model.table(entity).find(name).unwrap(),
    }
}

fn key(model: &Model, entity: EntityId) -> Column {
    Column {
        slot: Slot::BASE,
        table: entity,
        no: Table::KEY,
    }
}

fn all_roles(model: &Model) -> Query {
    let entity = roles(model);
    Query {
        entity,
        joins: Vec::new(),
        predicate: Predicate::Always,
        columns: vec![
            Term::Column(key(model, entity)),
            Term::Column(column(model, entity, "Role_Name")),
        ],
        order: vec![OrderKey {
            term: Term::Column(key(model, entity)),
            descending: false,
            nullable: false,
            position: 0,
        }],
        after: None,
        skip: 0,
        take: None,
    }
}

/// Roles 1 to n, named `Role 1` and so on.
fn fill(store: &Store, model: &Model, n: u128) {
    let table = model.table(roles(model));
    let columns: Vec<_> = ["Role_Name", "Role_Name_folded", "Is_Active"]
        .iter()
        .map(|name| table.find(name).unwrap())
        .chain([Table::KEY])
        .collect();
    let rows: Vec<Vec<Value>> = (1..=n)
        .map(|i| {
            vec![
                Value::Text(format!("Role {i}")),
                Value::Text(format!("role {i}")),
                Value::Boolean(i % 2 == 0),
                Value::Guid(Uuid::from_u128(i)),
            ]
        })
        .collect();
    let mut writer = store.writer().unwrap();
    writer
        .transaction(|w| w.insert_many(table, &columns, &rows))
        .map_err(|p| (p.clone(), p.log_text().map(str::to_owned)))
        .unwrap();
}

fn open(folder: &tempfile::TempDir) -> Store {
    let url = format!("sqlite:{}", folder.path().join("t.db").display());
    Store::open(&url.parse().unwrap(), &StoreOptions::default()).unwrap()
}

fn read(store: &Store, model: &Model, query: &Query) -> Vec<String> {
    let mut sink = Texts {
        kinds: vec![ColumnKind::Key, ColumnKind::Text],
        rows: Vec::new(),
        limit: usize::MAX,
    };
    let mut session = store.session().unwrap();
    session.select(model, query, None, &mut sink).unwrap();
    sink.rows
}

#[test]
fn reads_what_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let model = Model::shipped().unwrap();
    let store = open(&folder);
    assert!(!store.migrate().unwrap().is_empty());
    assert!(store.migrate().unwrap().is_empty());
    fill(&store, &model, 500);
    let entity = roles(&model);
    let mut query = all_roles(&model);
    query.take = Some(2);
    query.skip = 1;
    assert_eq!(read(&store, &model, &query), ["2 Role 2", "3 Role 3"]);
    query.skip = 0;
    query.after = Some(vec![Value::Guid(Uuid::from_u128(498))]);
    assert_eq!(
        read(&store, &model, &query),
        ["499 Role 499", "500 Role 500"]
    );
    query.predicate = Predicate::OneOf {
        term: Term::Column(key(&model, entity)),
        values: (490..=499)
            .map(|i| Value::Guid(Uuid::from_u128(i)))
            .collect(),
        negated: false,
        or_null: false,
    };
    assert_eq!(read(&store, &model, &query), ["499 Role 499"]);
    let mut session = store.session().unwrap();
    assert_eq!(session.count(&model, &query).unwrap(), 10);
    assert_eq!(session.row_count(model.table(entity)).unwrap(), 500);
    let sub = |value: u128| SubQuery {
        entity,
        joins: Vec::new(),
        select: key(&model, entity),
        predicate: Predicate::Compare {
            term: Term::Column(key(&model, entity)),
            operator: CompareOperator::Eq,
            value: Value::Guid(Uuid::from_u128(value)),
            or_null: false,
        },
    };
    assert!(session.exists(&model, &sub(7)).unwrap());
    assert!(!session.exists(&model, &sub(0)).unwrap());
    assert_eq!(store.token_key().unwrap(), store.token_key().unwrap());
}
