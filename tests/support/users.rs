//! A small set of users in the tables, and the same users in memory.

use userdex::model::{ColumnKind, EntityId, Model, Table};
use userdex::plan::{Column, OrderKey, Predicate, Query, Slot, Term};
use userdex::store::{Cell, Flow, Reads as _, Row, RowSink, Store};
use userdex::value::{MultilanguageString, Timestamp, Value, fold, fold_multilanguage};
use uuid::Uuid;

/// One user in memory.
#[derive(Debug, Clone)]
pub struct User {
    pub id: Uuid,
    pub login: String,
    pub email: Option<String>,
    pub name: MultilanguageString,
    pub active: bool,
    pub kind: &'static str,
    pub failed: i64,
    pub created: Timestamp,
    pub locked_until: Option<Timestamp>,
    pub domain: Option<Uuid>,
    pub notes: Option<String>,
}

/// Texts with everything that a database could trip over.
const WORDS: [&str; 12] = [
    "ann",
    "Иван Петров",
    "50% off",
    "under_score",
    "back\\slash",
    "quote'd",
    "\"double\"",
    "Straße",
    "😀 face",
    "\u{10FFFF}top",
    "a",
    "zz top",
];

/// The same users each time.
pub fn users() -> Vec<User> {
    let blank: String = ('\0'..='\u{3000}').filter(|c| c.is_whitespace()).collect();
    (0..72_u128)
        .map(|i| {
            let n = usize::try_from(i).unwrap();
            let word = WORDS[n % WORDS.len()];
            let pairs = match n % 4 {
                0 => vec![("EN", word)],
                1 => vec![("BG", word), ("EN", "second")],
                2 => vec![("EN", ""), ("BG", word)],
                _ => vec![("DE", word)],
            };
            let time = |days: i64| Timestamp::from_micros(days * 86_400_000_000 + 123_000);
            User {
                id: Uuid::from_u128((i * 7919 + 13) << 64 | i),
                login: format!("{word} {}", n / 3),
                email: (n % 3 != 0).then(|| format!("{n}@Example.com")),
                name: MultilanguageString::from_pairs(pairs),
                active: n % 2 == 0,
                kind: ["INT", "EXT", "SYS"][n % 3],
                failed: i64::try_from(n % 5).unwrap() - 1,
                created: time(i64::try_from(n % 9).unwrap() - 4),
                locked_until: (n % 4 == 1).then(|| time(i64::try_from(n % 6).unwrap())),
                domain: (n % 5 != 0).then(|| Uuid::from_u128(u128::from(n % 2 == 0) + 1)),
                notes: (n % 7 != 0).then(|| format!("{blank}{word}{blank}")),
            }
        })
        .collect()
}

/// The entity of users.
pub fn entity(model: &Model) -> EntityId {
    model.repository("Systems.Security.Users").unwrap()
}

/// A column of the users' own table.
pub fn column(model: &Model, name: &str) -> Column {
    column_of(model, entity(model), Slot::BASE, name)
}

/// A column of any table.
pub fn column_of(model: &Model, table: EntityId, slot: Slot, name: &str) -> Column {
    let no = model.table(table).find(name);
    Column {
        slot,
        table,
        no: no.unwrap_or_else(|| panic!("no column {name}")),
    }
}

/// A column as a term.
pub fn term(model: &Model, name: &str) -> Term {
    Term::Column(column(model, name))
}

/// An order key.
pub fn by(model: &Model, term: Term, descending: bool, position: usize) -> OrderKey {
    let nullable = match &term {
        Term::Column(c) => model.table(c.table).column(c.no).nullable,
        Term::Trimmed(_) | Term::Language { .. } | Term::LanguageOrFirst { .. } => true,
        Term::TimePart { .. } | Term::Piece { .. } | Term::Output(_) => true,
    };
    OrderKey {
        term,
        descending,
        nullable,
        position,
    }
}

/// All users, by key.
pub fn query(model: &Model, predicate: Predicate) -> Query {
    let key = term(model, "User_Id");
    Query {
        entity: entity(model),
        joins: Vec::new(),
        predicate,
        columns: vec![key.clone()],
        order: vec![by(model, key, false, 0)],
        after: None,
        skip: 0,
        take: None,
        over: None,
    }
}

fn optional<T>(value: Option<T>, of: impl FnOnce(T) -> Value) -> Value {
    value.map_or(Value::Null, of)
}

/// Writes two domains and the users.
pub fn fill(store: &Store, model: &Model) {
    let text = |t: &str| Value::Text(t.to_owned());
    let domains = model.repository("Systems.Security.Domains").unwrap();
    let domains = model.table(domains);
    let names = ["Domain_Id", "Domain_Name", "Domain_Name_folded"];
    let domain_rows: Vec<Vec<Value>> = (1..=2_u128)
        .map(|i| {
            vec![
                Value::Guid(Uuid::from_u128(i)),
                text(&format!("d{i}")),
                text(&format!("d{i}")),
            ]
        })
        .collect();
    let (user_names, user_rows) = user_rows();
    let mut writer = store.writer().unwrap();
    writer
        .transaction(|w| {
            // Users first: references are checked at the end.
            let table = model.table(entity(model));
            let complete = with_defaults(table, &user_names, &user_rows);
            w.insert_many(table, &complete.0, &complete.1)?;
            let complete = with_defaults(domains, &names, &domain_rows);
            w.insert_many(domains, &complete.0, &complete.1)
        })
        .map_err(|p| format!("{p:?}: {:?}", p.log_text()))
        .unwrap();
}

fn user_rows() -> (Vec<&'static str>, Vec<Vec<Value>>) {
    let names = vec![
        "User_Id",
        "Login",
        "Login_folded",
        "Email",
        "Email_folded",
        "User_Name",
        "User_Name_folded",
        "Active",
        "User_Type",
        "Access_Failed_Count",
        "Creation_Time_Utc",
        "Lockout_End_Utc",
        "Domain_Id",
        "Notes",
    ];
    let rows = users()
        .into_iter()
        .map(|u| {
            vec![
                Value::Guid(u.id),
                Value::Text(u.login.clone()),
                Value::Text(fold(&u.login)),
                optional(u.email.clone(), Value::Text),
                optional(u.email, |e| Value::Text(fold(&e))),
                Value::Text(u.name.to_json()),
                Value::Text(fold_multilanguage(&u.name)),
                Value::Boolean(u.active),
                Value::Text(u.kind.to_owned()),
                Value::Integer(u.failed),
                Value::Timestamp(u.created),
                optional(u.locked_until, Value::Timestamp),
                optional(u.domain, Value::Guid),
                optional(u.notes, Value::Text),
            ]
        })
        .collect();
    (names, rows)
}

/// Adds a value for each column that must have one.
pub fn with_defaults(
    table: &Table,
    names: &[&str],
    rows: &[Vec<Value>],
) -> (Vec<userdex::model::ColumnNo>, Vec<Vec<Value>>) {
    let mut columns: Vec<_> = names
        .iter()
        .map(|n| table.find(n).unwrap_or_else(|| panic!("no column {n}")))
        .collect();
    let mut rows = rows.to_vec();
    for column in &table.columns {
        let given = names.contains(&column.name.as_str()) || column.initial.is_some();
        if given || column.nullable || column.kind == ColumnKind::RowId {
            continue;
        }
        columns.push(table.find(&column.name).unwrap());
        let value = match &column.kind {
            ColumnKind::Boolean => Value::Boolean(false),
            ColumnKind::Integer => Value::Integer(0),
            ColumnKind::Timestamp => Value::Timestamp(Timestamp::from_micros(0)),
            ColumnKind::Code(codes) => Value::Text(codes[0].clone()),
            _ => Value::Text(String::new()),
        };
        rows.iter_mut().for_each(|r| r.push(value.clone()));
    }
    (columns, rows)
}

/// Keeps what it is given.
#[derive(Debug, Default)]
pub struct Values {
    pub kinds: Vec<ColumnKind>,
    pub rows: Vec<Vec<Value>>,
    pub stop_at: Option<usize>,
}

impl RowSink for Values {
    fn row<R: Row>(&mut self, row: &R) -> userdex::diag::Result<Flow> {
        let mut values = Vec::new();
        for (i, kind) in self.kinds.iter().enumerate() {
            values.push(row.cell(i, kind, |cell| match cell {
                Cell::Null => Value::Null,
                Cell::Boolean(b) => Value::Boolean(b),
                Cell::Integer(n) => Value::Integer(n),
                Cell::Text(t) => Value::Text(t.to_owned()),
                Cell::Guid(g) => Value::Guid(g),
                Cell::Timestamp(t) => Value::Timestamp(t),
                Cell::Binary(b) => Value::Binary(b.to_vec()),
            })?);
        }
        self.rows.push(values);
        Ok(if Some(self.rows.len()) == self.stop_at {
            Flow::Stop
        } else {
            Flow::More
        })
    }
}

/// The kind of each column of a query.
pub fn kinds(model: &Model, query: &Query) -> Vec<ColumnKind> {
    let kind = |term: &Term| match term {
        Term::Column(c) => model.table(c.table).column(c.no).kind.clone(),
        Term::Trimmed(_) | Term::Language { .. } | Term::LanguageOrFirst { .. } => ColumnKind::Text,
        Term::Piece { .. } => ColumnKind::Text,
        Term::TimePart { .. } | Term::Output(_) => ColumnKind::Integer,
    };
    query.columns.iter().map(kind).collect()
}

/// Reads a query.
pub fn read(store: &Store, model: &Model, query: &Query) -> Vec<Vec<Value>> {
    let mut sink = Values {
        kinds: kinds(model, query),
        ..Values::default()
    };
    let mut session = store.session().unwrap();
    session
        .select(model, query, None, &mut sink)
        .map_err(|p| format!("{p:?}: {:?}", p.log_text()))
        .unwrap();
    sink.rows
}
