//! The SQL of plans, for both databases, without a connection.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod support;

use support::users::{by, column, column_of, entity, query, term};
use userdex::model::{Model, Table};
use userdex::plan::{
    Column, CompareOperator, Join, JoinBy, MatchKind, Predicate, Query, Restriction, Slot,
    SubQuery, Term,
};
use userdex::sql::{
    Count, CountPerParent, Delete, DialectName, Exists, Explain, Insert, InsertInto, OwnTable,
    Segment, Select, Update, text,
};
use userdex::value::{Timestamp, Value};
use uuid::Uuid;

const GUIDS: [Uuid; 2] = [Uuid::from_u128(1), Uuid::from_u128(2)];

fn compare(term: Term, operator: CompareOperator, value: Value, or_null: bool) -> Predicate {
    Predicate::Compare {
        term,
        operator,
        value,
        or_null,
    }
}

fn code(code: &str) -> Value {
    Value::Text(code.to_owned())
}

fn matches(term: Term, kind: MatchKind, negated: bool, or_null: bool) -> Predicate {
    Predicate::Match {
        term,
        kind,
        needle: "50%_o\\".to_owned(),
        negated,
        or_null,
    }
}

/// The first page, in the order of a term.
fn page(model: &Model, predicate: Predicate, first: &str, descending: bool) -> Query {
    let mut query = query(model, predicate);
    query.columns.push(term(model, first));
    query
        .order
        .insert(0, by(model, term(model, first), descending, 1));
    query.take = Some(51);
    query
}

/// Each plan with what it is.
fn corpus(model: &Model) -> Vec<(&'static str, Query)> {
    use CompareOperator::{Eq, Ge, Ne};
    let t = |name: &str| term(model, name);
    let active = || compare(t("Active"), Eq, Value::Boolean(true), false);
    let external = || compare(t("User_Type"), Eq, code("EXT"), false);
    let recent = || {
        let time = Timestamp::from_micros(1_704_067_200_000_000);
        compare(t("Creation_Time_Utc"), Ge, Value::Timestamp(time), false)
    };
    let kinds = || Predicate::OneOf {
        term: t("User_Type"),
        values: vec![code("INT"), code("EXT")],
        negated: false,
        or_null: false,
    };
    let name = |key: &str| Term::LanguageOrFirst {
        shadow: column(model, "User_Name_folded"),
        key: key.to_owned(),
    };
    let domains = model.repository("Systems.Security.Domains").unwrap();
    let domain_key = Column {
        slot: Slot::BASE,
        table: domains,
        no: Table::KEY,
    };
    let domain = |predicate, negated| Predicate::Within {
        column: column(model, "Domain_Id"),
        negated,
        query: Box::new(SubQuery {
            entity: domains,
            joins: vec![],
            select: domain_key,
            predicate,
        }),
    };
    let base_name = Term::Column(column_of(model, domains, Slot::BASE, "Domain_Name_folded"));
    let joined_name = Term::Column(column_of(model, domains, Slot(1), "Domain_Name_folded"));
    let mut joined = page(
        model,
        compare(joined_name.clone(), Ne, code("x"), true),
        "Login_folded",
        false,
    );
    joined.joins = vec![Join {
        table: domains,
        on: column(model, "Domain_Id"),
        by: JoinBy::Key,
        optional: true,
        among: None,
    }];
    let after = |mut query: Query, values: Vec<Value>| {
        query.after = Some(values);
        query
    };
    let id = || Value::Guid(GUIDS[0]);
    let mut localized = query(model, Predicate::Always);
    localized.order.insert(0, by(model, name("BG"), true, 0));
    let mut skipped = page(model, Predicate::Always, "Login_folded", false);
    skipped.skip = 100;
    let mut mixed = page(model, Predicate::Always, "Creation_Time_Utc", true);
    mixed.after = Some(vec![Value::Timestamp(Timestamp::from_micros(0)), id()]);
    vec![
        (
            "point read",
            query(model, compare(t("User_Id"), Eq, id(), false)),
        ),
        (
            "login",
            query(model, compare(t("Login_folded"), Eq, code("ann"), false)),
        ),
        ("first page by key", page_by_key(model, Predicate::Always)),
        (
            "next page by key",
            after(page_by_key(model, Predicate::Always), vec![id()]),
        ),
        (
            "three conditions in another order: no index but that of the order",
            page(
                model,
                Predicate::All(vec![active(), kinds(), recent()]),
                "Login_folded",
                false,
            ),
        ),
        (
            "two coarse conditions by key: their own index",
            page_by_key(model, Predicate::All(vec![external(), active()])),
        ),
        (
            "one coarse condition by key: no index for it",
            page_by_key(model, active()),
        ),
        (
            "next page, no nulls",
            after(
                page(model, Predicate::Always, "Login_folded", false),
                vec![code("b"), id()],
            ),
        ),
        ("next page, mixed directions", mixed),
        (
            "next page after a value, nulls first",
            after(
                page(model, Predicate::Always, "Email_folded", false),
                vec![code("b"), id()],
            ),
        ),
        (
            "next page after null, nulls first",
            after(
                page(model, Predicate::Always, "Email_folded", false),
                vec![Value::Null, id()],
            ),
        ),
        (
            "next page after a value, nulls last",
            after(
                page(model, Predicate::Always, "Email_folded", true),
                vec![code("b"), id()],
            ),
        ),
        (
            "next page after null, nulls last",
            after(
                page(model, Predicate::Always, "Email_folded", true),
                vec![Value::Null, id()],
            ),
        ),
        ("skip", skipped),
        ("order by a language", localized),
        ("optional join", joined),
        (
            "guids",
            query(
                model,
                Predicate::OneOf {
                    term: t("User_Id"),
                    values: GUIDS.map(Value::Guid).to_vec(),
                    negated: false,
                    or_null: false,
                },
            ),
        ),
        (
            "not in a list, nulls count",
            query(
                model,
                Predicate::OneOf {
                    term: t("Email_folded"),
                    values: vec![code("a")],
                    negated: true,
                    or_null: true,
                },
            ),
        ),
        (
            "not equal on a column without nulls",
            query(model, compare(t("Login_folded"), Ne, code("a"), true)),
        ),
        (
            "contains",
            query(
                model,
                matches(t("User_Name_folded"), MatchKind::Contains, false, false),
            ),
        ),
        (
            "starts",
            query(
                model,
                matches(t("Login_folded"), MatchKind::StartsWith, false, false),
            ),
        ),
        (
            "ends not, nulls count",
            query(
                model,
                matches(t("Email_folded"), MatchKind::EndsWith, true, true),
            ),
        ),
        (
            "trimmed",
            query(
                model,
                compare(Term::Trimmed(Box::new(t("Notes"))), Eq, code("x"), false),
            ),
        ),
        (
            "or inside and, negated null test",
            query(
                model,
                Predicate::All(vec![
                    Predicate::Any(vec![active(), external(), Predicate::Never]),
                    Predicate::Null {
                        term: t("Email"),
                        negated: true,
                    },
                ]),
            ),
        ),
        (
            "nested query that drives",
            page_by_key(
                model,
                domain(compare(Term::Column(domain_key), Eq, id(), false), false),
            ),
        ),
        (
            "nested query that filters",
            page_by_key(
                model,
                domain(
                    matches(base_name.clone(), MatchKind::Contains, false, false),
                    false,
                ),
            ),
        ),
        (
            "nested query that excludes",
            page_by_key(
                model,
                domain(matches(base_name, MatchKind::Contains, false, false), true),
            ),
        ),
    ]
}

fn page_by_key(model: &Model, predicate: Predicate) -> Query {
    let mut query = query(model, predicate);
    query.take = Some(51);
    query
}

const DIALECTS: [DialectName; 2] = [DialectName::Sqlite, DialectName::Postgres];

#[test]
fn selects() {
    let model = Model::shipped().unwrap();
    let mut shown = String::new();
    for (name, query) in corpus(&model) {
        shown.push_str(&format!("# {name}\n"));
        for dialect in DIALECTS {
            shown.push_str(&text(&model, &query, None, dialect));
            shown.push('\n');
        }
        shown.push('\n');
    }
    insta::assert_snapshot!(shown);
}

#[test]
fn other_statements() {
    let model = Model::shipped().unwrap();
    let mut shown = String::new();
    let table = model.table(entity(&model));
    let mut children = query(&model, Predicate::Always);
    children.columns.push(term(&model, "Domain_Id"));
    (children.skip, children.take) = (2, Some(3));
    let restriction = |per_parent| Restriction {
        column: column(&model, "Domain_Id"),
        among: &GUIDS,
        per_parent,
    };
    let mut joined = query(&model, Predicate::Always);
    joined.joins = vec![Join {
        table: model.repository("Systems.Security.Domains").unwrap(),
        on: column(&model, "Domain_Id"),
        by: JoinBy::Key,
        optional: true,
        among: None,
    }];
    let sub = SubQuery {
        entity: entity(&model),
        joins: vec![],
        select: column(&model, "User_Id"),
        predicate: Predicate::Never,
    };
    let columns = [Table::KEY, table.find("Login").unwrap()];
    let rows = GUIDS.map(|g| [Value::Guid(g), Value::Null]);
    let rows = rows.each_ref().map(<[Value; 2]>::as_slice);
    let now = Timestamp::from_micros(0);
    let page = page_by_key(&model, Predicate::Always);
    let login = table.find("Login").unwrap();
    let values = [
        (login, Value::Text("ann".to_owned())),
        (table.find("Notes").unwrap(), Value::Null),
    ];
    for dialect in DIALECTS {
        let numbered = text(&model, &children, Some(restriction(true)), dialect);
        let together = text(&model, &children, Some(restriction(false)), dialect);
        for (name, sql) in [
            ("children, some of each parent", numbered),
            ("children, some of all", together),
            (
                "count without needless joins",
                dialect.text(&Count::new(&model, &joined)),
            ),
            (
                "count of each parent",
                dialect.text(&CountPerParent::new(&model, &children, restriction(true))),
            ),
            ("exists", dialect.text(&Exists::new(&model, &sub))),
            (
                "rows that stay locked",
                dialect.text(&Select::new(&model, &page, None, Segment::Whole, 0).locked()),
            ),
            (
                "update",
                dialect.text(&Update::new(table, GUIDS[0], &values)),
            ),
            ("delete", dialect.text(&Delete::new(table, &GUIDS))),
            ("counter", dialect.text(&OwnTable::count_up("n", 2))),
            (
                "repeatable request",
                dialect.text(&OwnTable::repeatable("id")),
            ),
            (
                "remembered request",
                dialect.text(&OwnTable::remember("id", now, &[1], &[2], now)),
            ),
            (
                "forgotten requests",
                dialect.text(&OwnTable::forget_before(now)),
            ),
            ("keys", dialect.text(&OwnTable::keys())),
            (
                "new key",
                dialect.text(&OwnTable::keep_key("k", "p", &[1], now)),
            ),
            ("retired key", dialect.text(&OwnTable::retire_key("p", now))),
            ("dropped key", dialect.text(&OwnTable::drop_key("k"))),
            (
                "insert",
                dialect.text(&Insert::new(&InsertInto::new(table, &columns), &rows)),
            ),
            (
                "explain",
                dialect.text(&Explain(Select::new(
                    &model,
                    &joined,
                    None,
                    Segment::Whole,
                    0,
                ))),
            ),
        ] {
            shown.push_str(&format!("# {name}\n{sql}\n\n"));
        }
    }
    insta::assert_snapshot!(shown);
}
