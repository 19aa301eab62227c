//! PostgreSQL that is down at the start, goes away, and comes back. Alone in its process: it stops
//! the cluster.

#![allow(clippy::unwrap_used, reason = "helpers of tests stop the test")]

mod support;

use std::time::Duration;

use support::postgres;
use support::users::{fill, query, users};
use userdex::diag::Code;
use userdex::model::Model;
use userdex::plan::Predicate;
use userdex::store::{Reads as _, Store, StoreOptions};

#[test]
fn the_store_survives_the_server() {
    let Some(url) = postgres::database() else {
        return;
    };
    let model = Model::shipped().unwrap();
    let all = query(&model, Predicate::Always);
    let expected = u64::try_from(users().len()).unwrap();
    // A pool tries again within half of it, so that who asks when the server is back is served, on a
    // busy machine too.
    let options = StoreOptions {
        wait: Duration::from_secs(3),
        ..StoreOptions::default()
    };
    postgres::set_running(false);
    let store = Store::open(&url.parse().unwrap(), &options).unwrap();
    let down = store.ping().unwrap_err();
    assert_eq!(down.code(), Code::ServiceUnavailable);
    assert_eq!(down.message(), "the database cannot be reached");
    assert!(store.migrate().is_err());

    postgres::set_running(true);
    let patient = || Store::open(&url.parse().unwrap(), &support::patient()).unwrap();
    fill(&patient(), &model);
    // Several connections, so that several are broken later.
    let mut sessions: Vec<_> = (0..3).map(|_| store.session().unwrap()).collect();
    for session in &mut sessions {
        assert_eq!(session.count(&model, &all).unwrap(), expected);
    }
    drop(sessions);

    postgres::set_running(false);
    let down = store.session().and_then(|mut s| s.count(&model, &all));
    assert_eq!(down.unwrap_err().code(), Code::ServiceUnavailable);

    // A writer that lay in the pool while the server went.
    postgres::set_running(true);
    let next = || store.write(|w| w.next_number("n", 1));
    assert_eq!(next().unwrap(), 1);
    postgres::set_running(false);
    assert_eq!(next().unwrap_err().code(), Code::ServiceUnavailable);
    postgres::set_running(true);
    assert_eq!(next().unwrap(), 2);

    // Broken connections that only meet statements that they have not prepared.
    let up = patient();
    up.ping().unwrap();
    let mut sessions: Vec<_> = (0..3).map(|_| store.session().unwrap()).collect();
    for session in &mut sessions {
        assert_eq!(session.count(&model, &all).unwrap(), expected);
    }
    drop(sessions);
    postgres::set_running(false);
    let down = store.ping().unwrap_err();
    assert_eq!(down.code(), Code::ServiceUnavailable);

    postgres::set_running(true);
    store.ping().unwrap();
    let up = patient();
    up.ping().unwrap();
    let mut session = store.session().unwrap();
    assert_eq!(session.count(&model, &all).unwrap(), expected);
    assert_eq!(
        session.snapshot(|s| s.count(&model, &all)).unwrap(),
        expected
    );
    store.migrate().unwrap();
}
