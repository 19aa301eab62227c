//! Ten thousand wrong passwords, as fast as they come: against one login, and against as many.
//!
//! The service takes them without the limits of addresses, which would end a flood long before.

use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::json;
use userdex::access::{Hashing, hash};
use userdex::service::{Service, SignInSettings};
use userdex::value::{Timestamp, Value};
use uuid::Uuid;

use crate::at::{
    PASSWORD, USERS, account, attempt, code, log_in, minutes, on_each, other, seconds, start, user,
};
use crate::support::users::with_defaults;
use crate::support::world::{World, quick_settings};

/// Guesses of a flood.
const FLOOD: usize = 10_000;
/// Guesses at the same time.
const AT_ONCE: usize = 8;

/// Sends so many guesses, some at the same time, each with the login of its number; every one of
/// them fails with the same answer.
fn flood(service: &Service, guesses: usize, login: &(dyn Fn(usize) -> String + Sync)) {
    let next = AtomicUsize::new(0);
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let number = next.fetch_add(1, Ordering::Relaxed);
                    if number >= guesses {
                        return;
                    }
                    let (login, guess) = (login(number), format!("wrong {number}"));
                    let wrong = service.log_in(&attempt(&login, &guess, start()));
                    assert_eq!(code(&wrong), "SignInFailed", "{number}");
                }
            });
        }
    });
}

/// Failures that were counted as those of nobody.
fn misses(world: &World) -> i64 {
    let next = world.store.write(|w| w.next_number("sign-in misses", 1));
    next.unwrap() - 1
}

fn locking_after(world: &World, most: usize) -> Service {
    let mut settings = quick_settings();
    settings.sign_in = SignInSettings {
        max_failed: u32::try_from(most).unwrap(),
        ..SignInSettings::default()
    };
    other(world, settings)
}

#[test]
fn guesses_at_one_login_are_counted_to_the_last() {
    on_each(|world| {
        let key = user(world, "ann", &json!({}));
        let service = locking_after(world, FLOOD);
        let ann = |_| "ann".to_owned();
        flood(&service, FLOOD - 1, &ann);
        let before = account(&world.store, key);
        let counted = i64::try_from(FLOOD - 1).unwrap();
        assert_eq!((before.failed, before.locked_until), (counted, None));
        assert_eq!(misses(world), 0, "{}", world.name);
        // The one that is still missing locks, and those after it count for nobody.
        flood(&service, 1, &ann);
        let locked = account(&world.store, key);
        assert_eq!((locked.failed, locked.locked_until), (0, Some(minutes(5))));
        flood(&service, 40, &ann);
        assert_eq!(misses(world), 41, "one of them by the look at the counter");
        assert_eq!(account(&world.store, key), locked);
        // No right password gets past the lock, also on other servers, before its end.
        let another = locking_after(world, FLOOD);
        for now in [start(), seconds(1), seconds(299)] {
            for server in [&service, &another] {
                assert_eq!(code(&log_in(server, "ann", now)), "SignInFailed");
            }
        }
        assert_eq!(code(&log_in(&another, "ann", minutes(5))), "");
        assert_eq!(account(&world.store, key).locked_until, None);
    });
}

#[test]
fn guesses_at_many_logins_are_counted_for_each() {
    on_each(|world| {
        let keys = many(world);
        let service = locking_after(world, 5);
        flood(&service, FLOOD, &|number| format!("victim{number}"));
        let count = |filter: &str| {
            let filter = filter.replace(' ', "%20");
            world.count(&format!("{USERS}/$count?$filter={filter}"))
        };
        let all = u64::try_from(FLOOD).unwrap();
        assert_eq!(count("AccessFailedCount eq 1"), all, "{}", world.name);
        assert_eq!(count("AccessFailedCount ge 2"), 0);
        assert_eq!(count("LockoutEndUtc ne null"), 0);
        assert_eq!(misses(world), 0);
        // Four more lock one of them, and no other.
        flood(&service, 4, &|_| "victim7".to_owned());
        assert_eq!(count("LockoutEndUtc ne null"), 1);
        assert_eq!(
            code(&log_in(&service, "victim7", seconds(299))),
            "SignInFailed"
        );
        for login in ["victim7", "victim8"] {
            assert_eq!(code(&log_in(&service, login, minutes(5))), "", "{login}");
        }
        assert_eq!(account(&world.store, keys[8]).failed, 0);
        assert_eq!(count("AccessFailedCount eq 1"), all - 2);
    });
}

/// As many users as there are guesses, put into the database at once; their keys.
fn many(world: &World) -> Vec<Uuid> {
    let hashing = Hashing {
        iterations: 1,
        ..Hashing::default()
    };
    let stored = hash(PASSWORD, &[7; 16], hashing).unwrap();
    let names = [
        "User_Id",
        "Login",
        "Login_folded",
        "User_Name",
        "User_Name_folded",
        "User_Type",
        "Active",
        "Is_Admin",
        "Password",
        "Password_Format",
        "Creation_Time_Utc",
    ];
    let text = |text: &str| Value::Text(text.to_owned());
    let keys: Vec<Uuid> = (1..=FLOOD)
        .map(|n| Uuid::from_u128(u128::try_from(n).unwrap()))
        .collect();
    let rows: Vec<Vec<Value>> = keys
        .iter()
        .enumerate()
        .map(|(number, key)| {
            let login = format!("victim{number}");
            vec![
                Value::Guid(*key),
                text(&login),
                text(&login),
                text(&format!("{{\"EN\":\"{login}\"}}")),
                text(&login),
                text("INT"),
                Value::Boolean(true),
                Value::Boolean(true),
                text(&stored),
                text("AN3"),
                Value::Timestamp(Timestamp::from_micros(0)),
            ]
        })
        .collect();
    let users = world.model.repository("Systems.Security.Users").unwrap();
    let table = world.model.table(users);
    let (columns, rows) = with_defaults(table, &names, &rows);
    let written = world
        .store
        .write(|writer| writer.insert_many(table, &columns, &rows));
    written.unwrap();
    keys
}
