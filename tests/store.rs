//! The store on both databases: the same rows as in memory, in the same order.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::as_conversions,
    reason = "helpers of tests stop the test"
)]

mod support;

use support::conditions::{cases, compare, matches};

use support::on_each_database;
use support::users::{
    User, Values, by, column, column_of, entity, fill, kinds, query, read, term, users,
};
use userdex::diag::{Code, Problem};
use userdex::model::{Model, Table};
use userdex::plan::{
    Column, CompareOperator, Join, JoinBy, MatchKind, OrderKey, Predicate, Query, Restriction,
    Slot, SubQuery, Term,
};
use userdex::store::{Reads as _, Store};
use userdex::value::Value;
use uuid::Uuid;

/// The users that a predicate selects, by key.
fn selected(store: &Store, model: &Model, predicate: Predicate) -> Vec<Value> {
    read(store, model, &query(model, predicate))
        .into_iter()
        .flatten()
        .collect()
}

#[test]
fn conditions_select_what_they_mean() {
    let model = Model::shipped().unwrap();
    let mut all = users();
    all.sort_by_key(|u| u.id);
    on_each_database(|store| {
        fill(store, &model);
        for (name, predicate, means) in cases(&model) {
            let expected: Vec<Value> = all
                .iter()
                .filter(|u| means(u))
                .map(|u| Value::Guid(u.id))
                .collect();
            let got = selected(store, &model, predicate.clone());
            assert_eq!(got, expected, "{name}: {predicate:?}");
            let count = store
                .session()
                .unwrap()
                .count(&model, &query(&model, predicate));
            assert_eq!(count.unwrap(), expected.len() as u64, "{name}");
        }
    });
}

#[test]
fn long_conditions_are_no_deep_ones() {
    let model = Model::shipped().unwrap();
    let some = |operator, n: i64| {
        compare(
            term(&model, "Access_Failed_Count"),
            operator,
            Value::Integer(n),
            false,
        )
    };
    let any = Predicate::Any(
        (0..5000)
            .map(|n| some(CompareOperator::Eq, n + 3))
            .collect(),
    );
    let all = Predicate::All(
        (0..5000)
            .map(|n| some(CompareOperator::Ne, n + 3))
            .collect(),
    );
    on_each_database(|store| {
        fill(store, &model);
        let equal = selected(store, &model, any.clone()).len();
        let unequal = selected(store, &model, all.clone()).len();
        assert!(equal > 0);
        assert_eq!(equal + unequal, users().len());
    });
}

/// The value of a term for a user, where a test orders by it.
fn orders(model: &Model) -> Vec<Vec<OrderKey>> {
    let t = |name: &str| term(model, name);
    let localized = Term::LanguageOrFirst {
        shadow: column(model, "User_Name_folded"),
        key: "BG".to_owned(),
    };
    let mut orders = Vec::new();
    for descending in [false, true] {
        for tie in [false, true] {
            for first in [
                t("Email_folded"),
                t("Lockout_End_Utc"),
                t("Login_folded"),
                t("Active"),
                t("Creation_Time_Utc"),
                localized.clone(),
            ] {
                orders.push(vec![
                    by(model, first, descending, 1),
                    by(model, t("Email"), !tie, 2),
                    by(model, t("User_Id"), tie, 0),
                ]);
            }
        }
        orders.push(vec![by(model, t("User_Id"), descending, 0)]);
    }
    orders
}

/// A query in an order, with the order's terms in its rows.
fn ordered(model: &Model, order: &[OrderKey], predicate: Predicate) -> Query {
    let mut query = query(model, predicate);
    query.order = order.to_vec();
    if let [first, second, _] = order {
        query.columns.push(first.term.clone());
        query.columns.push(second.term.clone());
    }
    query
}

#[test]
fn pages_join_to_the_whole_in_every_order() {
    let model = Model::shipped().unwrap();
    let results = std::cell::RefCell::new(Vec::new());
    on_each_database(|store| {
        fill(store, &model);
        let mut wholes = Vec::new();
        for order in orders(&model) {
            let mut page = ordered(&model, &order, Predicate::Always);
            let whole = read(store, &model, &page);
            assert_eq!(whole.len(), users().len());
            check_order(&whole, &order);
            let mut pages: Vec<Vec<Value>> = Vec::new();
            page.take = Some(5);
            loop {
                let rows = read(store, &model, &page);
                let Some(last) = rows.last() else { break };
                let after = order.iter().map(|k| last[k.position].clone());
                page.after = Some(after.collect());
                pages.extend(rows);
                assert!(pages.len() <= whole.len(), "{order:?}");
            }
            assert_eq!(pages, whole, "{order:?}");
            wholes.push(whole);
        }
        results.borrow_mut().push(wholes);
    });
    let results = results.into_inner();
    assert!(
        results.windows(2).all(|w| w[0] == w[1]),
        "the databases differ"
    );
}

/// Nulls least, texts in code point order, which is that of `Value`.
fn check_order(rows: &[Vec<Value>], order: &[OrderKey]) {
    for pair in rows.windows(2) {
        let steps = order.iter().map(|key| {
            let step = pair[0][key.position].cmp(&pair[1][key.position]);
            if key.descending { step.reverse() } else { step }
        });
        let step = steps.fold(std::cmp::Ordering::Equal, std::cmp::Ordering::then);
        assert_eq!(step, std::cmp::Ordering::Less, "{pair:?} in {order:?}");
    }
}

fn domain_join(model: &Model, optional: bool) -> Join {
    Join {
        table: model.repository("Systems.Security.Domains").unwrap(),
        on: column(model, "Domain_Id"),
        by: JoinBy::Key,
        optional,
        among: None,
    }
}

#[test]
fn joins_keep_or_drop_rows_without_a_target() {
    let model = Model::shipped().unwrap();
    let domains = model.repository("Systems.Security.Domains").unwrap();
    let name = Term::Column(column_of(&model, domains, Slot(1), "Domain_Name_folded"));
    let with = users().iter().filter(|u| u.domain.is_some()).count();
    on_each_database(|store| {
        fill(store, &model);
        let cases = [
            (true, Predicate::Always, users().len()),
            (false, Predicate::Always, with),
            (
                true,
                compare(
                    name.clone(),
                    CompareOperator::Ne,
                    Value::Text("x".into()),
                    true,
                ),
                users().len(),
            ),
            (
                true,
                compare(
                    name.clone(),
                    CompareOperator::Ne,
                    Value::Text("x".into()),
                    false,
                ),
                with,
            ),
            (
                true,
                Predicate::Null {
                    term: name.clone(),
                    negated: false,
                },
                users().len() - with,
            ),
        ];
        for (optional, predicate, expected) in cases {
            let mut query = query(&model, predicate.clone());
            query.joins = vec![domain_join(&model, optional)];
            assert_eq!(read(store, &model, &query).len(), expected, "{predicate:?}");
            let count = store.session().unwrap().count(&model, &query).unwrap();
            assert_eq!(count, expected as u64, "{predicate:?}");
        }
    });
}

#[test]
fn nested_queries_narrow_and_exclude() {
    let model = Model::shipped().unwrap();
    let domains = model.repository("Systems.Security.Domains").unwrap();
    let key = Column {
        slot: Slot::BASE,
        table: domains,
        no: Table::KEY,
    };
    let inside = |predicate, negated| Predicate::Within {
        column: column(&model, "Domain_Id"),
        negated,
        query: Box::new(SubQuery {
            entity: domains,
            joins: vec![],
            select: key,
            predicate,
        }),
    };
    let two = Uuid::from_u128(2);
    let by_key = compare(
        Term::Column(key),
        CompareOperator::Eq,
        Value::Guid(two),
        false,
    );
    let by_name = matches(
        Term::Column(column_of(&model, domains, Slot::BASE, "Domain_Name_folded")),
        MatchKind::Contains,
        "d",
        false,
    );
    on_each_database(|store| {
        fill(store, &model);
        let number = |p| selected(store, &model, p).len();
        let expected = users().iter().filter(|u| u.domain == Some(two)).count();
        let with = users().iter().filter(|u| u.domain.is_some()).count();
        assert_eq!(number(inside(by_key.clone(), false)), expected);
        assert_eq!(
            number(inside(by_key.clone(), true)),
            users().len() - expected
        );
        assert_eq!(number(inside(by_name.clone(), false)), with);
        assert_eq!(number(inside(by_name.clone(), true)), users().len() - with);
        let found = |p| {
            let sub = SubQuery {
                entity: entity(&model),
                joins: vec![],
                select: column(&model, "User_Id"),
                predicate: p,
            };
            store.session().unwrap().exists(&model, &sub).unwrap()
        };
        assert!(found(inside(by_key.clone(), false)));
        assert!(!found(Predicate::Never));
    });
}

#[test]
fn restricted_queries_page_inside_each_parent() {
    let model = Model::shipped().unwrap();
    let parents = [1_u128, 2].map(Uuid::from_u128);
    on_each_database(|store| {
        fill(store, &model);
        let mut query = query(&model, Predicate::Always);
        query.columns.push(term(&model, "Domain_Id"));
        (query.skip, query.take) = (1, Some(3));
        let restriction = |per_parent| Restriction {
            column: column(&model, "Domain_Id"),
            among: &parents,
            per_parent,
        };
        let rows = |per_parent| {
            let mut sink = Values {
                kinds: kinds(&model, &query),
                ..Values::default()
            };
            store
                .session()
                .unwrap()
                .select(&model, &query, Some(restriction(per_parent)), &mut sink)
                .unwrap();
            sink.rows
        };
        let mut members: Vec<User> = users().into_iter().filter(|u| u.domain.is_some()).collect();
        members.sort_by_key(|u| u.id);
        let of = |parent: Uuid| members.iter().filter(move |u| u.domain == Some(parent));
        for parent in parents {
            let got: Vec<Value> = rows(true)
                .into_iter()
                .filter(|r| r[1] == Value::Guid(parent))
                .map(|r| r[0].clone())
                .collect();
            let expected: Vec<Value> = of(parent)
                .skip(1)
                .take(3)
                .map(|u| Value::Guid(u.id))
                .collect();
            assert_eq!(got, expected);
        }
        let expected: Vec<Value> = members
            .iter()
            .skip(1)
            .take(3)
            .map(|u| Value::Guid(u.id))
            .collect();
        assert_eq!(
            rows(false)
                .into_iter()
                .map(|r| r[0].clone())
                .collect::<Vec<_>>(),
            expected
        );
        let mut counts = store
            .session()
            .unwrap()
            .count_per_parent(&model, &query, restriction(true))
            .unwrap();
        counts.sort();
        assert_eq!(counts, parents.map(|p| (p, of(p).count() as u64)));
    });
}

#[test]
fn a_snapshot_sees_one_state_and_writers_roll_back() {
    let model = Model::shipped().unwrap();
    on_each_database(|store| {
        let count =
            |s: &mut userdex::store::Session| s.count(&model, &query(&model, Predicate::Always));
        store
            .session()
            .unwrap()
            .snapshot(|session| {
                assert_eq!(count(session)?, 0);
                fill(store, &model);
                assert_eq!(count(session)?, 0);
                Ok(())
            })
            .unwrap();
        let before = count(&mut store.session().unwrap()).unwrap();
        assert_eq!(before, users().len() as u64);
        let twice = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fill(store, &model)));
        assert!(twice.is_err());
        assert_eq!(count(&mut store.session().unwrap()).unwrap(), before);
    });
}

#[test]
fn a_sink_can_stop_and_the_session_goes_on() {
    let model = Model::shipped().unwrap();
    on_each_database(|store| {
        fill(store, &model);
        let all = query(&model, Predicate::Always);
        let mut session = store.session().unwrap();
        let mut sink = Values {
            kinds: kinds(&model, &all),
            stop_at: Some(2),
            ..Values::default()
        };
        session.select(&model, &all, None, &mut sink).unwrap();
        assert_eq!(sink.rows.len(), 2);
        assert_eq!(session.count(&model, &all).unwrap(), users().len() as u64);
    });
}

#[test]
fn one_database_has_one_token_key() {
    on_each_database(|store| {
        assert_eq!(store.token_key().unwrap(), store.token_key().unwrap());
    });
}

#[test]
fn more_shapes_than_a_connection_keeps() {
    let model = Model::shipped().unwrap();
    on_each_database(|store| {
        fill(store, &model);
        for n in 0..300 {
            let parts = (0..n).map(|_| Predicate::Never).collect();
            let rows = selected(store, &model, Predicate::Any(parts));
            assert!(rows.is_empty(), "{n}");
        }
        assert_eq!(
            selected(store, &model, Predicate::Always).len(),
            users().len()
        );
    });
}

#[test]
fn a_busy_store_refuses_and_recovers() {
    let (folder, store) = support::sqlite();
    drop(store);
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    let options = userdex::store::StoreOptions {
        readers: 1,
        wait: std::time::Duration::from_millis(20),
        ..Default::default()
    };
    let store = Store::open(&url.parse().unwrap(), &options).unwrap();
    let first = store.session().unwrap();
    assert_eq!(
        store.session().unwrap_err().code(),
        Code::ServiceUnavailable
    );
    drop(first);
    store.ping().unwrap();
}

#[test]
fn other_servers_are_told_of_counted_changes() {
    on_each_database(|store| {
        let mut watch = store.watch().unwrap();
        let undone = store.write(|writer| {
            writer.next_change("changes")?;
            Err::<(), _>(Problem::new(Code::Internal, "undone"))
        });
        assert_eq!(undone.unwrap_err().message(), "undone");
        assert_eq!(store.write(|w| w.next_change("changes")).unwrap(), 1);
        assert_eq!(store.write(|w| w.next_number("changes", 1)).unwrap(), 2);
        if !watch.hears() {
            assert!(!watch.heard().unwrap());
            return;
        }
        let started = std::time::Instant::now();
        while !watch.heard().unwrap() {
            assert!(started.elapsed().as_secs() < 60, "nothing was announced");
            std::thread::yield_now();
        }
        // Neither the one that was undone nor what counts something else.
        assert!(!watch.heard().unwrap());
    });
}
