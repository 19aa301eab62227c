//! The stages of a read, one by one and without a database.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark that cannot start stops"
)]

mod mix;

use std::hint::black_box;

use criterion::Criterion;
use diesel::pg::{Pg, PgQueryBuilder};
use diesel::query_builder::{QueryBuilder, QueryFragment};
use diesel::sqlite::{Sqlite, SqliteQueryBuilder};
use mix::{QUERIES, Values};
use userdex::bind::{Rights, bind};
use userdex::diag::Result;
use userdex::encode::{
    Between, Control, Drain, MetadataLevel, Notation, Rows, Source, Style, page_end, page_start,
};
use userdex::model::{ColumnKind, Model, Table};
use userdex::plan::{
    Column, Context, Link, Plan, Query, QueryLimits, ReadPlan, Restriction, Shape, SkipToken, Slot,
    Term, TokenKey, TopMeaning,
};
use userdex::sql::{Segment, Select};
use userdex::store::{Cell, Flow, Row, RowSink};
use userdex::syntax::{Limits, ast::Request, parse_request};
use userdex::value::{Language, Timestamp, Value};
use uuid::Uuid;

const KEY: Uuid = Uuid::from_u128(0x0179_a09f_2598_7511_b566_6ddd_fe71_ee71);

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let model = Model::shipped().unwrap();
    let values = values(&model);
    for (name, path, options) in QUERIES {
        let (path, options) = (values.put_into(path), values.put_into(options));
        stages(&mut criterion, &model, name, &path, &options);
    }
    for (name, rows) in [("Q1", 1), ("Q3", 50), ("Q4a", 1000)] {
        let (_, path, options) = QUERIES.iter().find(|q| q.0 == name).unwrap();
        let plan = plan(&model, &values.put_into(path), options);
        encode(&mut criterion, &model, name, &plan, rows);
    }
    criterion.final_summary();
}

/// Text to tree, tree to plan, plan to the texts of both databases, and all of that together.
fn stages(criterion: &mut Criterion, model: &Model, name: &str, path: &str, options: &str) {
    let limits = Limits::default();
    let (context, rights) = (context(), Rights::unrestricted());
    let request = parse(path, options);
    let plan = plan(model, path, options);
    let mut group = criterion.benchmark_group(name);
    group.bench_function("parse", |bencher| {
        bencher.iter(|| parse_request(black_box(path), black_box(options), &limits));
    });
    group.bench_function("bind", |bencher| {
        bencher.iter(|| bind(model, black_box(&request), &context, &rights));
    });
    group.bench_function("sqlite", |bencher| {
        bencher.iter(|| sqlite_text(model, black_box(&plan)));
    });
    group.bench_function("postgres", |bencher| {
        bencher.iter(|| postgres_text(model, black_box(&plan)));
    });
    group.bench_function("parse, bind, sqlite", |bencher| {
        bencher.iter(|| {
            let request = parse_request(black_box(path), black_box(options), &limits).unwrap();
            let Plan::Read(plan) = bind(model, &request, &context, &rights).unwrap() else {
                panic!("{path} is a document");
            };
            sqlite_text(model, &plan)
        });
    });
    group.finish();
}

fn parse(path: &str, options: &str) -> Request {
    parse_request(path, options, &Limits::default()).unwrap()
}

fn plan(model: &Model, path: &str, options: &str) -> ReadPlan {
    match bind(
        model,
        &parse(path, options),
        &context(),
        &Rights::unrestricted(),
    )
    .unwrap()
    {
        Plan::Read(plan) => *plan,
        Plan::ServiceDocument | Plan::Metadata | Plan::Call(_) => panic!("{path} reads no rows"),
    }
}

/// The statements of a read, as SQLite gets them.
fn sqlite_text(model: &Model, plan: &ReadPlan) -> Vec<String> {
    let mut texts = Vec::new();
    statements(model, &plan.query, None, &plan.shape, &mut |select| {
        let mut builder = SqliteQueryBuilder::new();
        QueryFragment::<Sqlite>::to_sql(select, &mut builder, &Sqlite).unwrap();
        texts.push(builder.finish());
    });
    texts
}

/// The statements of a read, as PostgreSQL gets them.
fn postgres_text(model: &Model, plan: &ReadPlan) -> Vec<String> {
    let mut texts = Vec::new();
    statements(model, &plan.query, None, &plan.shape, &mut |select| {
        let mut builder = PgQueryBuilder::new();
        QueryFragment::<Pg>::to_sql(select, &mut builder, &Pg).unwrap();
        texts.push(builder.finish());
    });
    texts
}

/// The statements of a query and of all that it expands, each for one parent.
fn statements(
    model: &Model,
    query: &Query,
    restriction: Option<Restriction<'_>>,
    shape: &Shape,
    each: &mut impl FnMut(&Select<'_>),
) {
    for segment in Segment::of(query, restriction).iter() {
        each(&Select::new(model, query, restriction, *segment, 0));
    }
    for expand in &shape.expands {
        let column = match expand.link {
            Link::Collection { column, .. } => column,
            Link::Reference { .. } => Column {
                slot: Slot::BASE,
                table: expand.query.entity,
                no: Table::KEY,
            },
        };
        let restriction = Restriction {
            column,
            among: &[KEY],
            per_parent: expand.query.take.is_some(),
        };
        statements(model, &expand.query, Some(restriction), &expand.shape, each);
    }
}

/// What the binder knows of a client that sends nothing but an address.
fn context() -> Context {
    Context {
        language: Language::default(),
        now: Timestamp::from_micros(1_750_000_000_000_000),
        limits: QueryLimits::default(),
        top: TopMeaning::PageSize,
        max_page_size: None,
        default_references: true,
        tells_types: true,
        strict_filters: false,
        truncate_datetime: false,
        server_paging: true,
        token_key: TokenKey::new([7; 32]),
        schema_version: None,
    }
}

/// Values that need no database: the token is sealed here.
fn values(model: &Model) -> Values {
    let mut values = Values {
        key: KEY.to_string(),
        login: "ann.smith".to_owned(),
        token: String::new(),
    };
    let (_, path, options) = QUERIES.iter().find(|q| q.0 == "Q4a").unwrap();
    let page = plan(model, path, options).page.unwrap();
    let token = SkipToken {
        after: vec![Value::Guid(KEY)],
        remaining: None,
        walk: None,
    };
    values.token = token.seal(&TokenKey::new([7; 32]), &page.request).unwrap();
    values
}

/// Rows to JSON, with the program that does it made anew as for each answer.
fn encode(criterion: &mut Criterion, model: &Model, name: &str, plan: &ReadPlan, rows: u64) {
    let style = Style {
        notation: Notation::Json,
        metadata: MetadataLevel::Minimal,
        control: Control::Prefixed,
        ieee754: false,
        skip_nulls: false,
        language: Language::default(),
    };
    let label = format!("encode {rows} rows");
    criterion
        .benchmark_group(name)
        .bench_function(label, |bencher| {
            bencher.iter(|| {
                let mut out = Vec::with_capacity(16 * 1024);
                page_start(&mut out, Some(mix::ROOT), None, false, Control::Prefixed);
                let source = Rows::entities(model, &plan.query, &plan.shape, &style).unwrap();
                let mut made = Made { model, rows };
                source
                    .run(&mut made, Some(rows), Between::Comma, &mut out, &mut Keep)
                    .unwrap();
                page_end(&mut out, None, Control::Prefixed);
                out
            });
        });
}

/// A source of made-up rows.
struct Made<'m> {
    model: &'m Model,
    rows: u64,
}

impl Source for Made<'_> {
    fn select<S: RowSink>(
        &mut self,
        query: &Query,
        _: Option<Restriction<'_>>,
        sink: &mut S,
    ) -> Result<()> {
        let nullable = |term: &Term| match term {
            Term::Column(column) => {
                let table = self.model.table(column.table);
                table.column(column.no).nullable
            }
            Term::Trimmed(_) | Term::Language { .. } | Term::LanguageOrFirst { .. } => true,
            Term::TimePart { .. } | Term::Piece { .. } | Term::Output(_) => true,
        };
        let row = MadeRow(query.columns.iter().map(nullable).collect());
        for _ in 0..self.rows {
            sink.row(&row)?;
        }
        Ok(())
    }

    fn count_per_parent(&mut self, _: &Query, _: Restriction<'_>) -> Result<Vec<(Uuid, u64)>> {
        Ok(Vec::new())
    }
}

/// A row whose every second nullable cell is null.
struct MadeRow(Vec<bool>);

impl Row for MadeRow {
    fn cell<T>(
        &self,
        position: usize,
        kind: &ColumnKind,
        look: impl FnOnce(Cell<'_>) -> T,
    ) -> Result<T> {
        let nullable = self.0.get(position).copied().unwrap_or_default();
        Ok(look(match kind {
            _ if nullable && position.is_multiple_of(2) => Cell::Null,
            ColumnKind::RowId | ColumnKind::Integer => Cell::Integer(42),
            ColumnKind::Key | ColumnKind::Reference(_) | ColumnKind::Guid => Cell::Guid(KEY),
            ColumnKind::Text | ColumnKind::Folded => Cell::Text("ann.smith@corp.example"),
            ColumnKind::Json => Cell::Text(r#"{"EN":"Ann Smith","BG":"Ан Смит"}"#),
            ColumnKind::Code(codes) => Cell::Text(codes.first().map_or("", String::as_str)),
            ColumnKind::Boolean => Cell::Boolean(true),
            ColumnKind::Timestamp => Cell::Timestamp(Timestamp::from_micros(1_750_000_000_000_000)),
            ColumnKind::Binary => Cell::Binary(&[1, 2, 3, 4]),
        }))
    }
}

/// Keeps everything in the buffer.
struct Keep;

impl Drain for Keep {
    fn drain(&mut self, _: &mut Vec<u8>) -> Result<Flow> {
        Ok(Flow::More)
    }
}
