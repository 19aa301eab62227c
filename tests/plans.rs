//! What SQLite does with the queries that must not grow with their table.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod support;

use support::users::{by, fill, query, term};
use userdex::model::Model;
use userdex::plan::{CompareOperator, MatchKind, Overlay, Predicate, Query};
use userdex::sql::{Few, Planned};
use userdex::store::Session;
use userdex::value::{Timestamp, Value};
use uuid::Uuid;

fn equals(model: &Model, name: &str, value: Value) -> Predicate {
    compare(model, name, CompareOperator::Eq, value)
}

fn compare(model: &Model, name: &str, operator: CompareOperator, value: Value) -> Predicate {
    Predicate::Compare {
        term: term(model, name),
        operator,
        value,
        or_null: false,
    }
}

fn matches(model: &Model, name: &str, kind: MatchKind) -> Predicate {
    Predicate::Match {
        term: term(model, name),
        kind,
        needle: "x".to_owned(),
        negated: false,
        or_null: false,
    }
}

/// The first page, in the order of a column with its ties.
fn page(model: &Model, predicate: Predicate, order: &[&str], descending: bool) -> Query {
    let mut query = query(model, predicate);
    query.columns.push(term(model, "Notes"));
    let keys = order
        .iter()
        .map(|name| by(model, term(model, name), descending, 0));
    query.order.splice(0..0, keys);
    query.take = Some(50);
    if let Some(last) = query.order.last_mut() {
        last.descending = descending;
    }
    query
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// Each query with the index that it must use.
fn table(model: &Model) -> Vec<(&'static str, Query, &'static str)> {
    use CompareOperator::Ge;
    let always = || Predicate::Always;
    let login = ["Login_folded", "Login"];
    let mail = ["Email_folded", "Email"];
    let time = || Value::Timestamp(Timestamp::from_micros(0));
    let id = || Value::Guid(Uuid::from_u128(1));
    let after = |mut query: Query, values: &[Value]| {
        query.after = Some(values.to_vec());
        query
    };
    let by_key = "sqlite_autoindex_Sec_Users_1";
    let both = Predicate::All(vec![
        equals(model, "User_Type", text("EXT")),
        equals(model, "Active", Value::Boolean(true)),
    ]);
    let three = Predicate::All(vec![
        both.clone(),
        compare(model, "Creation_Time_Utc", Ge, time()),
    ]);
    vec![
        (
            "key",
            page(model, equals(model, "User_Id", id()), &[], false),
            by_key,
        ),
        (
            "login",
            page(model, equals(model, "Login_folded", text("a")), &[], false),
            "IX_Sec_Users_Login",
        ),
        (
            "email",
            page(model, equals(model, "Email_folded", text("a")), &[], false),
            "IX_Sec_Users_Email",
        ),
        (
            "reference",
            page(model, equals(model, "Person_Id", id()), &[], false),
            "IX_Sec_Users_Person",
        ),
        ("first page", page(model, always(), &[], false), by_key),
        (
            "next page",
            after(page(model, always(), &[], false), &[id()]),
            by_key,
        ),
        ("last page", page(model, always(), &[], true), by_key),
        (
            "by login",
            page(model, always(), &login, false),
            "IX_Sec_Users_Login",
        ),
        (
            "next by login",
            after(
                page(model, always(), &login, false),
                &[text("a"), text("A"), id()],
            ),
            "IX_Sec_Users_Login",
        ),
        (
            "by email",
            page(model, always(), &mail, true),
            "IX_Sec_Users_Email",
        ),
        (
            "next by email",
            after(
                page(model, always(), &mail, true),
                &[text("a"), text("A"), id()],
            ),
            "IX_Sec_Users_Email",
        ),
        (
            "next by email after null",
            after(
                page(model, always(), &mail, false),
                &[Value::Null, Value::Null, id()],
            ),
            "IX_Sec_Users_Email",
        ),
        (
            "coarse conditions by key",
            page(model, both, &[], false),
            "IX_Sec_Users_UserType_Active",
        ),
        (
            "one coarse condition by key",
            page(
                model,
                equals(model, "Active", Value::Boolean(true)),
                &[],
                false,
            ),
            by_key,
        ),
        (
            "three conditions by login",
            page(model, three, &login, false),
            "IX_Sec_Users_Login",
        ),
        (
            "contains, by key",
            page(
                model,
                matches(model, "Login_folded", MatchKind::Contains),
                &[],
                false,
            ),
            "IX_Sec_Users_Login_Substring",
        ),
    ]
}

/// The plan of a query; a scan is fine where it is in the order of an index and a page ends it.
fn plan(session: &mut Session, model: &Model, query: &Query) -> String {
    let explained = Planned::rows(model, query, None, &Few::default())
        .iter()
        .flat_map(|statement| {
            let explained = session.explain(model, statement, &Overlay::default());
            explained.unwrap().lines
        })
        .collect::<Vec<_>>();
    explained.join("; ")
}

#[test]
fn pages_and_lookups_use_their_index_and_do_not_sort() {
    let model = Model::shipped().unwrap();
    let (_folder, store) = support::sqlite();
    fill(&store, &model);
    let mut session = store.session().unwrap();
    for (name, query, index) in table(&model) {
        let plan = plan(&mut session, &model, &query);
        assert!(plan.contains(index), "{name}: {plan}");
        // The few rows of a lookup may be sorted.
        let lookup = plan.contains("_folded=?)");
        assert!(lookup || !plan.contains("TEMP B-TREE"), "{name}: {plan}");
    }
}
