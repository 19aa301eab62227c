//! Programs over rows that no database gave: every kind of value, in every form.

use std::collections::HashMap;

use uuid::Uuid;

use super::{
    Between, CellGuard, Control, Drain, MetadataLevel, Notation, PageLink, Rows, Source, Style,
    page_end, page_start,
};
use crate::diag::Result;
use crate::model::{ColumnKind, EntityId, Model, PropertyId};
use crate::plan::{Column, Member, OrderKey, Predicate, Query, Restriction, Shape, Slot, Term};
use crate::store::{Cell, Flow, Row, RowSink};
use crate::value::{Language, Timestamp, Value};

/// A row of plain values.
struct Plain<'a>(&'a [Value]);

impl Row for Plain<'_> {
    fn cell<T>(
        &self,
        position: usize,
        _: &ColumnKind,
        look: impl FnOnce(Cell<'_>) -> T,
    ) -> Result<T> {
        Ok(look(match &self.0[position] {
            Value::Null => Cell::Null,
            Value::Boolean(truth) => Cell::Boolean(*truth),
            Value::Integer(number) => Cell::Integer(*number),
            Value::Text(text) => Cell::Text(text),
            Value::Guid(guid) => Cell::Guid(*guid),
            Value::Timestamp(time) => Cell::Timestamp(*time),
            Value::Binary(bytes) => Cell::Binary(bytes),
        }))
    }
}

/// A database that has the same rows for every query.
struct Rowset(Vec<Vec<Value>>);

impl Source for Rowset {
    fn select<S: RowSink>(
        &mut self,
        _: &Query,
        _: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()> {
        for row in &self.0 {
            if sink.row(&Plain(row))? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }

    fn count_per_parent(&mut self, _: &Query, _: Restriction<'_>) -> Result<Vec<(Uuid, u64)>> {
        Ok(Vec::new())
    }
}

/// Keeps everything, and how often it was called.
#[derive(Default)]
struct Kept(Vec<u8>, usize);

impl Drain for Kept {
    fn drain(&mut self, ready: &mut Vec<u8>) -> Result<Flow> {
        self.0.append(ready);
        self.1 += 1;
        Ok(Flow::More)
    }
}

/// A query of the set's properties, the key first, and its shape.
fn query(model: &Model, set: &str, names: &[&str]) -> (Query, Shape) {
    let id: EntityId = model.set(set).unwrap();
    let entity = model.entity(id);
    let (mut columns, mut members) = (Vec::new(), Vec::new());
    let mut version = None;
    for (position, name) in names.iter().enumerate() {
        let stored = match entity.property(name).unwrap() {
            PropertyId::Attribute(id) => {
                members.push(Member::Attribute {
                    id,
                    position,
                    languages: Vec::new(),
                });
                entity.stored(id).unwrap()
            }
            PropertyId::Reference(id) => {
                members.push(Member::Reference { id, position });
                entity.stored_reference(id)
            }
            PropertyId::Collection(_) => panic!("{name} is a collection"),
        };
        if *name == "ObjectVersion" {
            version = Some(position);
        }
        columns.push(Term::Column(Column {
            slot: Slot::BASE,
            table: stored.table,
            no: stored.column,
        }));
    }
    let order = vec![OrderKey {
        term: columns[0].clone(),
        descending: false,
        nullable: false,
        position: 0,
    }];
    let query = Query {
        entity: id,
        joins: Vec::new(),
        predicate: Predicate::Always,
        columns,
        order,
        after: None,
        skip: 0,
        take: None,
        over: None,
    };
    let shape = Shape {
        entity: id,
        typed: false,
        key: 0,
        version,
        covered: true,
        members,
        expands: Vec::new(),
        selected: None,
        groups: None,
    };
    (query, shape)
}

fn style() -> Style {
    Style {
        notation: Notation::Json,
        metadata: MetadataLevel::None,
        control: Control::Prefixed,
        ieee754: false,
        skip_nulls: false,
        language: Language::default(),
    }
}

/// The rows as one text.
fn written(
    (query, shape): &(Query, Shape),
    style: &Style,
    rows: &[Vec<Value>],
    limit: Option<u64>,
) -> (String, Option<Vec<Value>>) {
    let model = Model::shipped().unwrap();
    let between = match style.notation {
        Notation::Json => Between::Comma,
        Notation::Csv(_) => Between::Line,
    };
    let mut out = Vec::new();
    let end = Rows::entities(&model, query, shape, style)
        .unwrap()
        .run(
            &mut Rowset(rows.to_vec()),
            limit,
            between,
            &mut out,
            &mut Kept::default(),
        )
        .unwrap();
    (String::from_utf8(out).unwrap(), end.next)
}

fn guid(n: u128) -> Value {
    Value::Guid(Uuid::from_u128(n))
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

const USER: &[&str] = &[
    "Id",
    "Active",
    "AccessFailedCount",
    "CreationTimeUtc",
    "Email",
    "Login",
    "Name",
    "ObjectVersion",
    "UserType",
    "Person",
];

fn user() -> Vec<Value> {
    vec![
        guid(0xab),
        Value::Boolean(true),
        Value::Integer(-3),
        Value::Timestamp(Timestamp::from_micros(0)),
        Value::Null,
        text("a\"\\\n\u{1}é"),
        text("{\"EN\":\"Ann\"}"),
        Value::Integer(17),
        text("INT"),
        guid(0x11),
    ]
}

#[test]
fn every_kind_in_every_style() {
    let model = Model::shipped().unwrap();
    let shape = query(&model, "Systems_Security_Users", USER);
    let minimal = Style {
        metadata: MetadataLevel::Minimal,
        ..style()
    };
    let lean = Style {
        skip_nulls: true,
        ..style()
    };
    let csv = Style {
        notation: Notation::Csv(CellGuard::Neutralised),
        ..style()
    };
    for (style, expected) in [
        (
            style(),
            r#"{"Id":"00000000-0000-0000-0000-0000000000ab","Active":true,"AccessFailedCount":-3,"CreationTimeUtc":"1970-01-01T00:00:00Z","Email":null,"Login":"a\"\\\n\u0001é","Name":{"EN":"Ann"},"ObjectVersion":17,"UserType":"InternalUser","Person":{"@odata.id":"General_Contacts_Persons(00000000-0000-0000-0000-000000000011)"}}"#,
        ),
        (
            lean,
            r#"{"Id":"00000000-0000-0000-0000-0000000000ab","Active":true,"AccessFailedCount":-3,"CreationTimeUtc":"1970-01-01T00:00:00Z","Login":"a\"\\\n\u0001é","Name":{"EN":"Ann"},"ObjectVersion":17,"UserType":"InternalUser","Person":{"@odata.id":"General_Contacts_Persons(00000000-0000-0000-0000-000000000011)"}}"#,
        ),
        (
            minimal,
            r#"{"@odata.id":"Systems_Security_Users(00000000-0000-0000-0000-0000000000ab)","@odata.etag":"W/\"17\"","Id":"00000000-0000-0000-0000-0000000000ab","Active":true,"AccessFailedCount":-3,"CreationTimeUtc":"1970-01-01T00:00:00Z","Email":null,"Login":"a\"\\\n\u0001é","Name":{"EN":"Ann"},"ObjectVersion":17,"UserType":"InternalUser","Person":{"@odata.id":"General_Contacts_Persons(00000000-0000-0000-0000-000000000011)"}}"#,
        ),
        (
            csv,
            "\r\n00000000-0000-0000-0000-0000000000ab,true,-3,1970-01-01T00:00:00Z,,\"a\"\"\\\n\u{1}é\",\"{\"\"EN\"\":\"\"Ann\"\"}\",17,InternalUser,General_Contacts_Persons(00000000-0000-0000-0000-000000000011)",
        ),
    ] {
        assert_eq!(written(&shape, &style, &[user()], None).0, expected);
    }
}

#[test]
fn a_row_of_nothing_but_nulls_is_an_empty_object() {
    let model = Model::shipped().unwrap();
    let (query, mut shape) = query(&model, "Systems_Security_Users", &["Id", "Email"]);
    shape.members.remove(0);
    let rows = [vec![guid(1), Value::Null], vec![guid(2), text("x")]];
    let lean = Style {
        skip_nulls: true,
        ..style()
    };
    let shape = (query, shape);
    assert_eq!(written(&shape, &lean, &rows, None).0, r#"{},{"Email":"x"}"#);
    assert_eq!(
        written(&shape, &style(), &rows, None).0,
        r#"{"Email":null},{"Email":"x"}"#
    );
}

#[test]
fn a_page_ends_before_the_row_too_many() {
    let model = Model::shipped().unwrap();
    let shape = query(&model, "Systems_Security_Users", &["Id"]);
    let rows: Vec<_> = (1..=3).map(|n| vec![guid(n)]).collect();
    for (limit, count, next) in [
        (None, 3, None),
        (Some(3), 3, None),
        (Some(2), 2, Some(vec![guid(2)])),
        (Some(1), 1, Some(vec![guid(1)])),
    ] {
        let (text, after) = written(&shape, &style(), &rows, limit);
        assert_eq!(
            (text.matches("Id").count(), after),
            (count, next),
            "{limit:?}"
        );
    }
}

#[test]
fn full_buffers_are_handed_on() {
    let model = Model::shipped().unwrap();
    let (query, shape) = query(&model, "Systems_Security_Users", &["Id", "Login"]);
    let login = "x".repeat(1000);
    let rows: Vec<_> = (0..200).map(|n| vec![guid(n), text(&login)]).collect();
    let (mut kept, mut out) = (Kept::default(), Vec::new());
    let end = Rows::entities(&model, &query, &shape, &style())
        .unwrap()
        .run(
            &mut Rowset(rows),
            None,
            Between::LineFeed,
            &mut out,
            &mut kept,
        )
        .unwrap();
    kept.0.append(&mut out);
    assert_eq!((end.rows, kept.1), (200, 3));
    let lines: Vec<HashMap<String, String>> = String::from_utf8(kept.0)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 200);
    assert!(lines.iter().all(|row| row["Login"] == login));
}

#[test]
fn frames_of_pages() {
    for (context, count, ieee754, next, expected) in [
        (None, None, false, None, r#"{"value":[]}"#),
        (
            Some("h/$metadata#A"),
            Some(3),
            false,
            Some("h/A?\"x"),
            r#"{"@odata.context":"h/$metadata#A","@odata.count":3,"value":[],"@odata.nextLink":"h/A?\"x"}"#,
        ),
        (
            None,
            Some(3),
            true,
            None,
            r#"{"@odata.count":"3","value":[]}"#,
        ),
    ] {
        let mut out = Vec::new();
        page_start(&mut out, context, count, ieee754, Control::Prefixed);
        let next = next.map(|link: &str| PageLink::Next(link.to_owned()));
        page_end(&mut out, next.as_ref(), Control::Prefixed);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
