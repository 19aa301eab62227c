//! How long transactions live, and how much they hold: over the service, whose clock is ours.

use serde_json::{Value as Json, json};
use userdex::diag::{Code, Problem};
use userdex::service::{ContentIds, ServiceSettings, Verb, WriteAnswer, WriteRequest};
use userdex::value::Timestamp;

use super::kit::{USERS, virtual_user};
use super::support::service::{Database, Databases};
use super::support::world::change;

pub(super) fn minute(n: i64) -> Timestamp {
    Timestamp::from_micros(1_800_000_000_000_000 + n * 60_000_000)
}

pub(super) fn ask(
    database: &Database,
    (path, body): (&str, &Json),
    transaction: Option<&str>,
    at: i64,
) -> Result<WriteAnswer, Problem> {
    let request = WriteRequest {
        transaction: transaction.map(str::to_owned),
        now: minute(at),
        ..change(Verb::Post, path, body.to_string())
    };
    let answers = database
        .service
        .write(&[request], &mut ContentIds::default());
    answers
        .map(|mut all| all.remove(0))
        .map_err(|refusal| refusal.problem)
}

pub(super) fn begin(database: &Database, at: i64) -> Result<String, Code> {
    let begun = ask(database, ("BeginTransaction", &json!({})), None, at);
    let begun = begun.map_err(|problem| problem.code())?;
    Ok(String::from_utf8(begun.body.to_vec()).unwrap())
}

pub(super) fn databases(change: impl Fn(&mut ServiceSettings)) -> Databases {
    let mut settings = super::support::world::quick_settings();
    change(&mut settings);
    Databases::with_settings(5, &settings)
}

#[test]
fn they_end_after_25_minutes() {
    for database in databases(|_| {}).iter() {
        let id = begin(database, 0).unwrap();
        let create = |login: &str, at| ask(database, (USERS, &virtual_user(login)), Some(&id), at);
        assert_eq!(create("one", 24).unwrap().status, 201);
        let over = create("two", 25).unwrap_err();
        assert_eq!(over.code(), Code::InvalidTransaction);
        assert_eq!(over.message(), format!("Invalid TransactionId {id}"));
        let ended = ask(database, ("EndTransaction", &json!({})), Some(&id), 0).unwrap_err();
        assert_eq!(ended.code(), Code::InvalidTransaction);
        let found = database.get(&format!("{USERS}/$count?$filter=Login%20eq%20'one'"));
        assert_eq!(found.unwrap(), "0");
    }
}

#[test]
fn a_caller_has_only_so_many() {
    let settings = |settings: &mut ServiceSettings| settings.transactions.per_caller = 2;
    for database in databases(settings).iter() {
        let first = begin(database, 0).unwrap();
        begin(database, 0).unwrap();
        assert_eq!(begin(database, 0), Err(Code::LimitExceeded));
        ask(
            database,
            ("EndTransaction", &json!({"commit": false})),
            Some(&first),
            0,
        )
        .unwrap();
        begin(database, 0).unwrap();
        assert_eq!(begin(database, 24), Err(Code::LimitExceeded));
        begin(database, 25).unwrap();
    }
}

#[test]
fn they_hold_only_so_much() {
    let objects = |settings: &mut ServiceSettings| settings.transactions.objects = 2;
    let bytes = |settings: &mut ServiceSettings| settings.transactions.bytes = 6_000;
    let long = json!({"EN": "x".repeat(250)});
    let both: [&dyn Fn(&mut ServiceSettings); 2] = [&objects, &bytes];
    for settings in both {
        for database in databases(settings).iter() {
            let id = begin(database, 0).unwrap();
            let create = |number: usize| {
                let mut body = virtual_user(&format!("n{number}"));
                body["Name"] = long.clone();
                ask(database, (USERS, &body), Some(&id), 0)
            };
            let made = (0..20).take_while(|number| create(*number).is_ok()).count();
            assert!((1..20).contains(&made), "{made}");
            assert_eq!(create(50).unwrap_err().code(), Code::LimitExceeded);
            // What there was is still there.
            ask(database, ("EndTransaction", &json!({})), Some(&id), 0).unwrap();
            let found = database.get(&format!("{USERS}/$count?$filter=startswith(Login,'n')"));
            assert_eq!(found.unwrap(), made.to_string(), "{}", database.name());
        }
    }
}

/// What a client was told of its changes takes memory too.
#[test]
fn what_is_told_counts() {
    let settings = |settings: &mut ServiceSettings| settings.transactions.bytes = 60_000;
    for database in databases(settings).iter() {
        let made = |tracks: bool| {
            let tracks = json!({"trackChanges": tracks});
            let begun = ask(database, ("BeginTransaction", &tracks), None, 0).unwrap();
            let id = String::from_utf8(begun.body.to_vec()).unwrap();
            let create = |number: usize| {
                let body = virtual_user(&format!("n{number}"));
                ask(database, (USERS, &body), Some(&id), 0)
            };
            (0..100)
                .take_while(|number| create(*number).is_ok())
                .count()
        };
        let (silent, told) = (made(false), made(true));
        assert!(told > 0 && told < silent && silent < 100, "{told} {silent}");
    }
}
