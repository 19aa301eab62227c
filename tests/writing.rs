//! Transactions that write, on both databases: their statements, failures, and running again.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop the test"
)]

mod support;

use std::cell::Cell as Counter;
use std::sync::Barrier;
use std::time::Duration;

use diesel::SqliteConnection;
use diesel::connection::{Connection as _, SimpleConnection as _};
use support::on_each_database;
use support::users::{
    Values, column, entity, fill, kinds, query, read, term, users, with_defaults,
};
use userdex::diag::{Code, Problem, Result};
use userdex::model::Model;
use userdex::plan::{CompareOperator, NewRow, Predicate, Query, WritePlan, WriteStep};
use userdex::store::{Reads as _, Remembered, Store, StoreOptions};
use userdex::value::{Timestamp, Value};
use uuid::Uuid;

const USERS: &str = "Systems.Security.Users";

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

fn guid(n: u128) -> Value {
    Value::Guid(Uuid::from_u128(n))
}

/// Inserts rows that give the same columns; the path of each is its set and number.
fn insert(model: &Model, repository: &str, rows: &[&[(&str, Value)]]) -> WriteStep {
    let table = model.repository(repository).unwrap();
    let names: Vec<&str> = rows[0].iter().map(|(name, _)| *name).collect();
    let given: Vec<Vec<Value>> = rows
        .iter()
        .map(|row| row.iter().map(|(_, value)| value.clone()).collect())
        .collect();
    let (columns, rows) = with_defaults(model.table(table), &names, &given);
    let rows = rows.into_iter().enumerate().map(|(i, values)| NewRow {
        values,
        path: format!("New/{i}"),
        request: i,
    });
    WriteStep::Insert {
        table,
        columns,
        rows: rows.collect(),
    }
}

/// What a user is made of here.
fn user(key: u128, login: &str, email: Value, domain: Value) -> [(&'static str, Value); 6] {
    let folded = if let Value::Text(email) = &email {
        text(&email.to_lowercase())
    } else {
        Value::Null
    };
    [
        ("User_Id", guid(key)),
        ("Login", text(login)),
        ("Login_folded", text(&login.to_lowercase())),
        ("Email", email),
        ("Email_folded", folded),
        ("Domain_Id", domain),
    ]
}

fn update(model: &Model, key: Uuid, values: &[(&str, Value)]) -> WriteStep {
    let values = values
        .iter()
        .map(|(name, value)| (column(model, name).no, value.clone()));
    WriteStep::Update {
        table: entity(model),
        key,
        values: values.collect(),
        path: "Changed".to_owned(),
        request: 0,
    }
}

fn delete(model: &Model, keys: &[Uuid]) -> WriteStep {
    WriteStep::Delete {
        table: entity(model),
        keys: keys.to_vec(),
    }
}

fn write(store: &Store, model: &Model, steps: &[WriteStep]) -> Result<()> {
    let plan = WritePlan {
        steps: steps.to_vec(),
    };
    store.write(|writer| writer.run(model, &plan))
}

/// The login and notes of the user of a key.
fn of_key(model: &Model, key: u128) -> Query {
    let mut query = query(
        model,
        Predicate::Compare {
            term: term(model, "User_Id"),
            operator: CompareOperator::Eq,
            value: guid(key),
            or_null: false,
        },
    );
    query.columns = vec![term(model, "Login"), term(model, "Notes")];
    query
}

fn number_of_users(store: &Store, model: &Model) -> u64 {
    let mut session = store.session().unwrap();
    session
        .count(model, &query(model, Predicate::Always))
        .unwrap()
}

#[test]
fn a_plan_removes_changes_and_adds() {
    let model = Model::shipped().unwrap();
    let all = users();
    on_each_database(|store| {
        fill(store, &model);
        let steps = [
            delete(&model, &[all[0].id, all[1].id]),
            delete(&model, &[]),
            update(
                &model,
                all[2].id,
                &[("Login", text("new")), ("Notes", Value::Null)],
            ),
            insert(
                &model,
                USERS,
                &[
                    &user(1, "one", Value::Null, guid(1)),
                    &user(2, "two", text("Two@x"), Value::Null),
                ],
            ),
        ];
        let before = store.statements();
        write(store, &model, &steps).unwrap();
        assert!((3..=4).contains(&(store.statements() - before)));
        let rows = |key| read(store, &model, &of_key(&model, key));
        assert_eq!(rows(all[2].id.as_u128()), [[text("new"), Value::Null]]);
        assert_eq!(rows(2), [[text("two"), Value::Null]]);
        assert!(rows(all[0].id.as_u128()).is_empty());
        let number = u64::try_from(all.len()).unwrap();
        assert_eq!(number_of_users(store, &model), number);
    });
}

#[test]
fn rows_that_went_away_start_the_work_again() {
    let model = Model::shipped().unwrap();
    let all = users();
    on_each_database(|store| {
        fill(store, &model);
        let gone = Uuid::from_u128(99);
        for step in [
            delete(&model, &[all[0].id, gone]),
            update(&model, gone, &[("Login", text("new"))]),
        ] {
            let plan = WritePlan { steps: vec![step] };
            let runs = Counter::new(0);
            let run = |writer: &mut userdex::store::Writer| {
                runs.set(runs.get() + 1);
                writer.run(&model, &plan)
            };
            assert_eq!(store.write(run).unwrap_err().code(), Code::Internal);
            assert_eq!(runs.get(), 5);
        }
        let rows = read(store, &model, &of_key(&model, all[0].id.as_u128()));
        assert_eq!(rows.len(), 1, "all of it is undone");
    });
}

#[test]
fn reads_of_a_transaction_see_what_it_wrote() {
    let model = Model::shipped().unwrap();
    on_each_database(|store| {
        let plan = WritePlan {
            steps: vec![insert(
                &model,
                USERS,
                &[&user(1, "one", Value::Null, Value::Null)],
            )],
        };
        store
            .write(|writer| {
                writer.run(&model, &plan)?;
                let one = of_key(&model, 1);
                let mut rows = Values {
                    kinds: kinds(&model, &one),
                    ..Values::default()
                };
                writer.select(&model, &one, None, &mut rows)?;
                writer.select_locked(&model, &one, None, &mut rows)?;
                assert_eq!(rows.rows, vec![vec![text("one"), Value::Null]; 2]);
                assert_eq!(writer.count(&model, &one)?, 1);
                Ok(())
            })
            .unwrap();
    });
}

/// The code, message and target of a refusal.
fn refusal(problem: &Problem) -> (Code, String, String) {
    let target = problem.target().unwrap_or_default();
    (
        problem.code(),
        problem.message().to_owned(),
        target.to_owned(),
    )
}

#[test]
fn a_broken_key_names_the_property() {
    let model = Model::shipped().unwrap();
    let member = |key, user, group| {
        [
            ("User_Group_Id", guid(key)),
            ("User_Id", guid(user)),
            ("Group_Id", guid(group)),
        ]
    };
    let login = |key, provider, name: &str| {
        [
            ("User_Provider_Login_Id", guid(key)),
            ("User_Id", guid(1)),
            ("Provider_Name", text(provider)),
            ("Provider_Key", text(name)),
            ("Provider_Key_folded", text(name)),
        ]
    };
    let group = [
        ("Group_Id", guid(1)),
        ("Group_Name", text("g")),
        ("Group_Name_folded", text("g")),
    ];
    let domain = [
        ("Domain_Id", guid(1)),
        ("Domain_Name", text("d")),
        ("Domain_Name_folded", text("d")),
    ];
    let groups = "Systems.Security.UserGroups";
    let logins = "Systems.Security.UserProviderLogins";
    let setup = [
        insert(&model, "Systems.Security.Domains", &[&domain]),
        insert(&model, "Systems.Security.Groups", &[&group]),
        insert(
            &model,
            USERS,
            &[
                &user(1, "Ann", text("ann@x"), Value::Null),
                &user(2, "Bob", Value::Null, guid(1)),
            ],
        ),
        insert(&model, groups, &[&member(1, 1, 1)]),
        insert(&model, logins, &[&login(1, "GOOGLE", "a")]),
    ];
    let fresh = user(3, "c", Value::Null, Value::Null);
    let users = |rows: &[&[(&str, Value)]]| insert(&model, USERS, rows);
    let cases = [
        // No domain is one domain, and letters count without their case.
        (
            users(&[&fresh, &user(4, "aNN", Value::Null, Value::Null)]),
            "another `Systems_Security_Users` has this `Login` in the same `Domain`",
            "New/1/Login",
        ),
        (
            users(&[
                &user(4, "d", text("ANN@X"), Value::Null),
                &fresh,
                &user(5, "e", text("e"), Value::Null),
            ]),
            "another `Systems_Security_Users` has this `Email` in the same `Domain`",
            "New/0/Email",
        ),
        // Of two rows of one insert, the later one.
        (
            users(&[
                &user(4, "bo", Value::Null, guid(1)),
                &user(5, "d", Value::Null, guid(1)),
                &user(6, "bo", Value::Null, guid(1)),
            ]),
            "another `Systems_Security_Users` has this `Login` in the same `Domain`",
            "New/2/Login",
        ),
        (
            users(&[&user(1, "x", Value::Null, Value::Null)]),
            "another `Systems_Security_Users` has this `Id`",
            "New/0/Id",
        ),
        (
            insert(&model, groups, &[&member(2, 1, 1)]),
            "another `Systems_Security_UserGroups` has this `Group` in the same `User`",
            "New/0/Group",
        ),
        (
            insert(&model, logins, &[&login(2, "GOOGLE", "a")]),
            "another `Systems_Security_UserProviderLogins` has this `ProviderKey` in the same `ProviderName`",
            "New/0/ProviderKey",
        ),
        (
            update(
                &model,
                Uuid::from_u128(2),
                &[("Login_folded", text("ann")), ("Domain_Id", Value::Null)],
            ),
            "another `Systems_Security_Users` has this `Login` in the same `Domain`",
            "Changed/Login",
        ),
    ];
    on_each_database(|store| {
        write(store, &model, &setup).unwrap();
        for (step, message, target) in &cases {
            let problem = write(store, &model, std::slice::from_ref(step)).unwrap_err();
            let expected = (Code::NotUnique, (*message).to_owned(), (*target).to_owned());
            assert_eq!(refusal(&problem), expected, "{problem:?}");
            assert!(
                problem
                    .log_text()
                    .unwrap()
                    .to_lowercase()
                    .contains("unique")
            );
        }
        assert_eq!(number_of_users(store, &model), 2);
        // The same texts in another domain, or with another provider.
        let apart = [
            users(&[&user(7, "ann", text("ann@x"), guid(1))]),
            insert(&model, logins, &[&login(2, "FACEBOOK", "a")]),
        ];
        write(store, &model, &apart).unwrap();
    });
}

#[test]
fn what_fails_at_the_commit_is_undone() {
    let model = Model::shipped().unwrap();
    on_each_database(|store| {
        let unknown = insert(&model, USERS, &[&user(1, "one", Value::Null, guid(77))]);
        for _ in 0..8 {
            // More often than there are connections: each must be usable again.
            let problem = write(store, &model, std::slice::from_ref(&unknown)).unwrap_err();
            assert_eq!(problem.code(), Code::UnknownReference, "{problem:?}");
            assert_eq!(number_of_users(store, &model), 0);
        }
        let known = insert(&model, USERS, &[&user(1, "one", Value::Null, Value::Null)]);
        write(store, &model, &[known]).unwrap();
        assert_eq!(number_of_users(store, &model), 1);
    });
}

#[test]
fn what_the_work_refuses_is_undone() {
    let model = Model::shipped().unwrap();
    on_each_database(|store| {
        let one = insert(&model, USERS, &[&user(1, "one", Value::Null, Value::Null)]);
        let plan = WritePlan { steps: vec![one] };
        let refused = store.write(|writer| {
            writer.run(&model, &plan)?;
            Err::<(), _>(Problem::rule("X", "no"))
        });
        assert_eq!(refused.unwrap_err().word(), "X");
        // A failure that the work hides is one: the databases could not agree on what is kept.
        let hidden = store.write(|writer| {
            writer.run(&model, &plan)?;
            assert!(writer.run(&model, &plan).is_err());
            Ok(())
        });
        assert_eq!(hidden.unwrap_err().code(), Code::Internal);
        assert_eq!(number_of_users(store, &model), 0);
    });
}

#[test]
fn values_that_a_table_does_not_take_are_a_fault() {
    let model = Model::shipped().unwrap();
    let all = users();
    on_each_database(|store| {
        fill(store, &model);
        for (name, value) in [("Login", Value::Null), ("User_Type", text("none"))] {
            let step = update(&model, all[0].id, &[(name, value)]);
            let problem = write(store, &model, &[step]).unwrap_err();
            assert_eq!(problem.code(), Code::Internal);
        }
    });
}

#[test]
fn numbers_come_in_the_order_of_commits() {
    const THREADS: i64 = 4;
    const EACH: i64 = 8;
    let model = Model::shipped().unwrap();
    let everyone = query(&model, Predicate::Always);
    on_each_database(|store| {
        let add = |_| {
            store
                .write(|writer| {
                    let number = writer.next_number("changes", 1)?;
                    // All smaller numbers are there, and no greater one.
                    let before = i64::try_from(writer.count(&model, &everyone)?).unwrap();
                    assert_eq!(before, number - 1);
                    let key = u128::try_from(number).unwrap();
                    let row = user(key, &number.to_string(), Value::Null, Value::Null);
                    let steps = vec![insert(&model, USERS, &[&row])];
                    writer.run(&model, &WritePlan { steps })
                })
                .unwrap();
        };
        std::thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| (0..EACH).for_each(add));
            }
        });
        let undone = store.write(|writer| {
            writer.next_number("changes", 10)?;
            Err::<(), _>(Problem::rule("X", "no"))
        });
        assert!(undone.is_err());
        let next = |name, by| store.write(|w| w.next_number(name, by)).unwrap();
        assert_eq!(next("changes", 5), THREADS * EACH + 5);
        assert_eq!(next("others", 3), 3);
        assert_eq!(next("others", -4), -1);
    });
}

#[test]
fn answers_of_repeatable_requests_are_kept() {
    let time = |seconds: i64| Timestamp::from_micros(seconds * 1_000_000);
    on_each_database(|store| {
        let find = |id| store.write(|w| w.repeatable(id)).unwrap();
        assert_eq!(find("a"), None);
        for (id, at) in [("a", 10), ("b", 20)] {
            store
                .write(|w| w.remember(id, time(1), &[1, 0], &[2, 255], time(at)))
                .unwrap();
        }
        let kept = Remembered {
            fingerprint: vec![1, 0],
            answer: vec![2, 255],
        };
        assert_eq!(find("a"), Some(kept.clone()));
        store.write(|w| w.forget_before(time(20))).unwrap();
        assert_eq!(find("a"), None);
        assert_eq!(find("b"), Some(kept));
        // Kept by another transaction meanwhile: the work runs again, and could find it.
        let runs = Counter::new(0);
        let twice = store.write(|w| {
            runs.set(runs.get() + 1);
            w.remember("b", time(1), &[], &[], time(30))
        });
        assert_eq!(twice.unwrap_err().code(), Code::ServiceUnavailable);
        assert_eq!(runs.get(), 5);
    });
}

#[test]
fn a_deadlock_is_solved_by_running_again() {
    let Some(url) = support::postgres::database() else {
        return;
    };
    let model = Model::shipped().unwrap();
    let store = Store::open(&url.parse().unwrap(), &support::patient()).unwrap();
    fill(&store, &model);
    let all = users();
    let both = Barrier::new(2);
    let note = |key, word: &str| WritePlan {
        steps: vec![update(&model, key, &[("Notes", text(word))])],
    };
    let work = |word: &str, first: Uuid, second: Uuid| {
        let mut runs = 0;
        let (one, two) = (note(first, word), note(second, word));
        store
            .write(|writer| {
                runs += 1;
                writer.run(&model, &one)?;
                if runs == 1 {
                    both.wait();
                }
                writer.run(&model, &two)
            })
            .unwrap();
        runs
    };
    let runs = std::thread::scope(|scope| {
        let other = scope.spawn(|| work("b", all[1].id, all[0].id));
        work("a", all[0].id, all[1].id) + other.join().unwrap()
    });
    // Once more for the one that gave way; and again should it have been back before the other went on.
    assert!(runs >= 3, "one of them ran twice: {runs}");
    let notes = |n: usize| read(&store, &model, &of_key(&model, all[n].id.as_u128()))[0][1].clone();
    assert_eq!(notes(0), notes(1));
}

#[test]
fn a_locked_row_is_waited_for_in_vain() {
    let Some(url) = support::postgres::database() else {
        return;
    };
    let model = Model::shipped().unwrap();
    let options = StoreOptions {
        lock_wait: Duration::from_millis(30),
        ..StoreOptions::default()
    };
    let store = Store::open(&url.parse().unwrap(), &options).unwrap();
    fill(&store, &model);
    let one = of_key(&model, users()[0].id.as_u128());
    let lock = |inside: &dyn Fn()| {
        store.write(|writer| {
            let mut rows = Values {
                kinds: kinds(&model, &one),
                ..Values::default()
            };
            writer.select_locked(&model, &one, None, &mut rows)?;
            inside();
            Ok(())
        })
    };
    lock(&|| {
        let refused = lock(&|| ()).unwrap_err();
        assert_eq!(refused.code(), Code::ServiceUnavailable, "{refused:?}");
    })
    .unwrap();
    lock(&|| ()).unwrap();
}

#[test]
fn a_file_locked_by_another_process_refuses_and_recovers() {
    let (folder, store) = support::sqlite();
    drop(store);
    let file = folder.path().join("test.db").display().to_string();
    let options = StoreOptions {
        lock_wait: Duration::from_millis(30),
        ..StoreOptions::default()
    };
    let store = Store::open(&format!("sqlite:{file}").parse().unwrap(), &options).unwrap();
    let mut other = SqliteConnection::establish(&file).unwrap();
    other.batch_execute("BEGIN IMMEDIATE").unwrap();
    let refused = store.write(|w| w.next_number("n", 1)).unwrap_err();
    assert_eq!(refused.code(), Code::ServiceUnavailable);
    other.batch_execute("ROLLBACK").unwrap();
    assert_eq!(store.write(|w| w.next_number("n", 1)).unwrap(), 1);
}
