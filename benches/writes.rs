//! Whole changes without a web server: from a request to its answer, with rules and history, each in
//! a transaction of its own with full durability.
//!
//! On SQLite, and on PostgreSQL where `USERDEX_BENCH_POSTGRES` is the URL of an empty database (it
//! is filled, and used again the next time). Users are of a type that needs no password: hashing is
//! measured apart.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a benchmark that cannot start stops"
)]

mod mix;

use std::cell::Cell;
use std::env;
use std::hint::black_box;
use std::sync::Arc;

use bytes::Bytes;
use criterion::Criterion;
use mix::ROOT;
use serde_json::{Value, json};
use userdex::access::{Hashing, hash};
use userdex::demo;
use userdex::model::Model;
use userdex::service::{
    Caller, Conditions, ContentIds, Preferences, Return, Service, ServiceSettings, Verb,
    WriteAnswer, WriteRequest,
};
use userdex::store::{DatabaseUrl, Store, StoreOptions};
use userdex::value::{Language, Timestamp};
use uuid::Uuid;

/// Users in the database before anything is written.
const USERS: u64 = 20_000;
/// The seed of the users.
const SEED: u64 = 1;
/// Requests in the change set.
const SET: u64 = 100;
/// Children of the large aggregate.
const CHILDREN: u64 = 20;

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("bench.db");
    let sqlite = DatabaseUrl::Sqlite(path.to_str().unwrap().to_owned());
    writes(&mut criterion, "sqlite", &sqlite);
    if let Ok(url) = env::var("USERDEX_BENCH_POSTGRES") {
        writes(&mut criterion, "postgres", &url.parse().unwrap());
    }
    criterion.bench_function("hash a password", |bencher| {
        bencher.iter(|| hash(black_box("my password"), &[7; 16], Hashing::default()).unwrap());
    });
    criterion.final_summary();
}

fn writes(criterion: &mut Criterion, name: &str, url: &DatabaseUrl) {
    let service = service(url);
    let groups = groups(&service);
    // Logins must be new in each run over the same database.
    let number = Cell::new(u64::try_from(Timestamp::now().micros()).unwrap());
    let next = || {
        number.set(number.get() + 1);
        number.get()
    };
    let mut group = criterion.benchmark_group(name);
    group.bench_function("create one", |bencher| {
        bencher.iter(|| write(&service, &[create(next())]));
    });
    group.bench_function("change set of 100 creates", |bencher| {
        bencher.iter(|| {
            write(
                &service,
                &(0..SET).map(|_| create(next())).collect::<Vec<_>>(),
            )
        });
    });
    group.bench_function("create with 20 children", |bencher| {
        bencher.iter(|| write(&service, &[with_children(next(), &groups)]));
    });
    let key = Uuid::from_u128(u128::from(next()));
    write(&service, &[keyed(next(), key)]);
    group.bench_function("patch one attribute", |bencher| {
        bencher.iter(|| write(&service, &[patch(key, next())]));
    });
    group.finish();
}

fn service(url: &DatabaseUrl) -> Service {
    let store = Store::open(url, &StoreOptions::default()).unwrap();
    store.migrate().unwrap();
    let model = Arc::new(Model::shipped().unwrap());
    if demo::is_empty(&store, &model).unwrap() {
        demo::fill(&store, &model, USERS, SEED).unwrap();
        store.writer().unwrap().analyze().unwrap();
    }
    Service::new(model, store, ServiceSettings::default()).unwrap()
}

/// New groups, as many as the large aggregate has children.
fn groups(service: &Service) -> Vec<Uuid> {
    let new = (0..CHILDREN).map(|number| {
        let id = Uuid::now_v7();
        let body = json!({"Id": id.to_string(), "Name": {"EN": format!("Bench {number}")}});
        write(
            service,
            &[request(Verb::Post, "Systems_Security_Groups", &body)],
        );
        id
    });
    new.collect()
}

fn request(verb: Verb, path: &str, body: &Value) -> WriteRequest {
    WriteRequest {
        verb,
        path: path.to_owned(),
        query: String::new(),
        root: ROOT.to_owned(),
        accept: None,
        content_type: Some("application/json".to_owned()),
        body: Bytes::from(body.to_string()),
        language: Language::default(),
        odata_version: None,
        payload_version: None,
        preferences: Preferences {
            answer: (verb == Verb::Post).then_some(Return::Minimal),
            ..Preferences::default()
        },
        conditions: Conditions::default(),
        repeatability: None,
        content_id: None,
        application: Some("bench".to_owned()),
        transaction: None,
        caller: Caller::system().clone(),
        now: Timestamp::now(),
    }
}

/// A user with what a form usually asks for.
fn user(number: u64) -> Value {
    json!({
        "Login": format!("bench{number}"),
        "Email": format!("bench{number}@example.org"),
        "Name": {"EN": format!("Bench User {number}"), "BG": format!("Потребител {number}")},
        "UserType": "VirtualUserNoLogin",
        "Notes": "made by a benchmark",
    })
}

fn create(number: u64) -> WriteRequest {
    request(Verb::Post, "Systems_Security_Users", &user(number))
}

fn keyed(number: u64, key: Uuid) -> WriteRequest {
    let mut body = user(number);
    let members = body.as_object_mut().unwrap();
    members.insert("Id".to_owned(), json!(key.to_string()));
    request(Verb::Post, "Systems_Security_Users", &body)
}

fn with_children(number: u64, groups: &[Uuid]) -> WriteRequest {
    let mut body = user(number);
    let children = groups
        .iter()
        .map(|id| json!({"Group@odata.bind": format!("Systems_Security_Groups({id})")}));
    let members = body.as_object_mut().unwrap();
    members.insert("Groups".to_owned(), children.collect());
    request(Verb::Post, "Systems_Security_Users", &body)
}

fn patch(key: Uuid, number: u64) -> WriteRequest {
    let path = format!("Systems_Security_Users({key})");
    request(
        Verb::Patch,
        &path,
        &json!({"Notes": format!("note {number}")}),
    )
}

fn write(service: &Service, requests: &[WriteRequest]) -> Vec<WriteAnswer> {
    match service.write(black_box(requests), &mut ContentIds::default()) {
        Ok(answers) => answers,
        Err(refusal) => panic!("request {}: {:?}", refusal.request, refusal.problem),
    }
}
