//! The plan and the SQL of requests, for both databases, without a connection.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "a test fails by panicking"
)]

#[allow(dead_code, reason = "the binder's tests use the rest")]
#[path = "bind/draw.rs"]
mod draw;

use userdex::model::{Model, Table};
use userdex::plan::{
    Answer, Column, Expand, ExpandBody, Link, ReadPlan, Restriction, SkipToken, Slot,
};
use userdex::sql::{Count, CountPerParent, DialectName, text};
use userdex::value::Value;
use uuid::Uuid;

const DIALECTS: [DialectName; 2] = [DialectName::Sqlite, DialectName::Postgres];
const PARENTS: [Uuid; 2] = [Uuid::from_u128(1), Uuid::from_u128(2)];

/// The order values of a line of the corpus.
fn position(line: &str) -> Vec<Value> {
    let values: Vec<Option<String>> = serde_json::from_str(line).unwrap();
    let value = |text: Option<String>| match text {
        None => Value::Null,
        Some(text) => Uuid::parse_str(&text).map_or(Value::Text(text), Value::Guid),
    };
    values.into_iter().map(value).collect()
}

/// The plan of a request, or of its next page.
fn read(model: &Model, request: &str, after: Option<&str>) -> ReadPlan {
    let context = draw::context();
    let read = draw::read(model, request, &context)
        .unwrap_or_else(|p| panic!("{request}: {}", draw::problem(&p)));
    let Some(after) = after else { return read };
    let token = SkipToken {
        after: position(after),
        remaining: None,
        walk: None,
    };
    let sealed = token.seal(&context.token_key, &read.page.unwrap().request);
    let next = format!("{request}&$skiptoken={}", sealed.unwrap());
    draw::read(model, &next, &context).unwrap_or_else(|p| panic!("{}", draw::problem(&p)))
}

/// The statements of an expansion, for the parents of one page.
fn expanded(model: &Model, expand: &Expand, dialect: DialectName, out: &mut Vec<String>) {
    let key = Column {
        slot: Slot::BASE,
        table: expand.query.entity,
        no: Table::KEY,
    };
    let paged = expand.query.take.is_some() || expand.query.skip > 0;
    let (column, per_parent) = match expand.link {
        Link::Reference { .. } => (key, false),
        Link::Collection { column, .. } => (column, paged),
    };
    let restriction = Restriction {
        column,
        among: &PARENTS,
        per_parent,
    };
    if expand.count || expand.body == ExpandBody::Count {
        out.push(dialect.text(&CountPerParent::new(model, &expand.query, restriction)));
    }
    if expand.body != ExpandBody::Count {
        out.push(text(model, &expand.query, Some(restriction), dialect));
    }
    for inner in &expand.shape.expands {
        expanded(model, inner, dialect, out);
    }
}

/// Every statement of a plan.
fn statements(model: &Model, read: &ReadPlan, dialect: DialectName) -> Vec<String> {
    let mut out = Vec::new();
    if read.count || read.answer == Answer::Count {
        out.push(dialect.text(&Count::new(model, &read.query)));
    }
    if read.answer != Answer::Count {
        out.push(text(model, &read.query, None, dialect));
    }
    for expand in &read.shape.expands {
        expanded(model, expand, dialect, &mut out);
    }
    out
}

#[test]
fn statements_of_requests() {
    let model = Model::shipped().unwrap();
    let corpus = include_str!("sql/requests.txt").lines();
    let lines: Vec<&str> = corpus
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    let mut shown = String::new();
    for (i, request) in lines
        .iter()
        .enumerate()
        .filter(|(_, l)| !l.starts_with(' '))
    {
        let after = lines.get(i + 1).filter(|line| line.starts_with(' '));
        let read = read(&model, request, after.map(|line| line.trim()));
        shown.push_str(&format!("# {request}\n"));
        if let Some(after) = after {
            shown.push_str(&format!("after: {}\n", after.trim()));
        }
        let condition = draw::predicate(&model, &read.query.predicate);
        let order = draw::order(&model, &read.query.order);
        shown.push_str(&format!("where: {condition}\norder: {order}\n"));
        for dialect in DIALECTS {
            for statement in statements(&model, &read, dialect) {
                shown.push_str(&statement);
                shown.push('\n');
            }
        }
        shown.push('\n');
    }
    insta::assert_snapshot!(shown);
}
