//! Many writers at a time.

use std::collections::BTreeSet;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Barrier, Mutex};

use serde_json::{Value as Json, json};

use super::support::history::history;
use super::support::world::{Reply, World, on_each_world, text};
use super::{USERS, create, id, user};

/// Sends requests, all at the same time.
fn at_once(world: &World, count: u128, send: impl Fn(&World, u128) -> Reply + Sync) -> Vec<Reply> {
    let start = Barrier::new(usize::try_from(count).unwrap());
    std::thread::scope(|scope| {
        let threads: Vec<_> = (0..count)
            .map(|n| {
                let (start, send) = (&start, &send);
                scope.spawn(move || {
                    start.wait();
                    send(world, n)
                })
            })
            .collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

fn with_status(replies: &[Reply], status: u16) -> usize {
    replies.iter().filter(|r| r.status == status).count()
}

fn statuses(replies: &[Reply]) -> Vec<u16> {
    replies.iter().map(|r| r.status).collect()
}

fn version(world: &World, address: &str) -> i64 {
    let row = world.get(&format!("{address}?$select=ObjectVersion"));
    row["ObjectVersion"]
        .as_i64()
        .unwrap_or_else(|| panic!("{row}"))
}

/// The numbers of all change sets, as they come.
fn numbers(world: &World, after: i64) -> Vec<i64> {
    let rows = world.get(&format!(
        "Systems_Core_ObjectChangesets?$select=ChangeNumber,TimeUtc&$orderby=ChangeNumber&\
         $filter=ChangeNumber%20gt%20{after}"
    ));
    let rows = rows.as_array().unwrap();
    rows.iter()
        .map(|row| row["ChangeNumber"].as_i64().unwrap())
        .collect()
}

#[test]
fn one_of_fifty_patches_with_the_same_tag_wins() {
    on_each_world(0, |world| {
        create(world, USERS, &user(1, "ann"));
        let one = format!("{USERS}({})", id(1));
        let read = world.send("GET", &one, &[], b"");
        let tag = read.header("ETag").unwrap().to_owned();
        let before = version(world, &one);
        let replies = at_once(world, 50, |world, n| {
            let headers = [
                ("If-Match", tag.as_str()),
                ("Content-Type", "application/json"),
            ];
            let body = json!({"Notes": format!("by {n}")}).to_string();
            world.send("PATCH", &one, &headers, body.as_bytes())
        });
        let all = statuses(&replies);
        assert_eq!(with_status(&replies, 204), 1, "{}: {all:?}", world.name);
        assert_eq!(with_status(&replies, 412), 49, "{}: {all:?}", world.name);
        assert_eq!(version(world, &one), before + 1);
        let winner = replies.iter().position(|r| r.status == 204).unwrap();
        assert_eq!(world.get(&one)["Notes"], format!("by {winner}"));
        assert_eq!(numbers(world, 0), [1, 2]);
    });
}

#[test]
fn one_of_many_users_gets_a_login() {
    on_each_world(0, |world| {
        let replies = at_once(world, 20, |world, n| {
            let login = if n % 2 == 0 { "ann" } else { "ANN" };
            world.json("POST", USERS, &user(n, login))
        });
        let all = statuses(&replies);
        assert_eq!(with_status(&replies, 201), 1, "{}: {all:?}", world.name);
        assert_eq!(with_status(&replies, 409), 19, "{}: {all:?}", world.name);
        for refused in replies.iter().filter(|r| r.status == 409) {
            assert_eq!(refused.code(), "NotUnique", "{}", refused.body);
            assert_eq!(text(&refused.tree()["error"]["target"]), "Login");
        }
        // The tester is one more.
        assert_eq!(world.count(&format!("{USERS}/$count")), 2);
        assert_eq!(numbers(world, 0), [1], "no number is lost");
    });
}

#[test]
fn one_of_many_puts_creates_an_object() {
    on_each_world(0, |world| {
        let one = format!("{USERS}({})", id(1));
        let replies = at_once(world, 12, |world, _| {
            let headers = [("If-None-Match", "*"), ("Content-Type", "application/json")];
            let body = user(1, "ann").to_string();
            world.send("PUT", &one, &headers, body.as_bytes())
        });
        let all = statuses(&replies);
        assert_eq!(with_status(&replies, 201), 1, "{}: {all:?}", world.name);
        assert_eq!(
            with_status(&replies, 412) + with_status(&replies, 409),
            11,
            "{all:?}"
        );
        assert_eq!(numbers(world, 0), [1]);
    });
}

#[test]
fn no_change_of_many_is_lost() {
    on_each_world(0, |world| {
        for n in 1..=3 {
            create(world, USERS, &user(n, &format!("user{n}")));
        }
        let before = world.count("Systems_Core_ObjectChanges/$count");
        let done = AtomicBool::new(false);
        let seen = Mutex::new(numbers(world, 0));
        let replies = std::thread::scope(|scope| {
            // A reader that follows the numbers must not miss one.
            let reader = scope.spawn(|| {
                while !done.load(Ordering::Acquire) {
                    let last = seen.lock().unwrap().last().copied().unwrap_or_default();
                    let next = numbers(world, last);
                    seen.lock().unwrap().extend(next);
                }
            });
            let replies = at_once(world, 30, |world, n| {
                let one = format!("{USERS}({})", id(n % 3 + 1));
                world.json("PATCH", &one, &json!({"Notes": format!("by {n}")}))
            });
            done.store(true, Ordering::Release);
            reader.join().unwrap();
            replies
        });
        let good = with_status(&replies, 204);
        for refused in replies.iter().filter(|r| r.status != 204) {
            assert_eq!(refused.status, 503, "{}: {}", world.name, refused.body);
            assert!(refused.header("Retry-After").is_some());
        }
        assert!(good > 0);
        let mut seen = seen.into_inner().unwrap();
        seen.extend(numbers(world, seen.last().copied().unwrap_or_default()));
        let total = i64::try_from(good).unwrap() + 3;
        let expected: Vec<i64> = (1..=total).collect();
        assert_eq!(seen, expected, "{}: in the order of commits", world.name);
        let changes = world.count("Systems_Core_ObjectChanges/$count");
        assert_eq!(changes, before + u64::try_from(good).unwrap());
        let versions: i64 = (1..=3)
            .map(|n| version(world, &format!("{USERS}({})", id(n))))
            .sum();
        let first: i64 = 3;
        assert_eq!(
            versions,
            first + i64::try_from(good).unwrap(),
            "{}",
            world.name
        );
        follow_values(world);
    });
}

/// Each change of a user says what the value was before: what the change before it has made.
fn follow_values(world: &World) {
    let all = history(world);
    for n in 1..=3 {
        let mut value = Json::Null;
        let mine = all.iter().filter(|c| c.id == id(n) && c.kind == "Update");
        for change in mine {
            let old = change.old.as_ref().unwrap();
            assert_eq!(old["Notes"], value, "{}: {change:?}", world.name);
            let new = change.new.iter().find(|(name, _)| name == "Notes");
            value = new.unwrap().1.clone();
        }
        assert_eq!(world.get(&format!("{USERS}({})", id(n)))["Notes"], value);
    }
}

#[test]
fn changes_that_cross_each_other_both_happen() {
    on_each_world(0, |world| {
        create(world, USERS, &user(1, "ann"));
        create(world, USERS, &user(2, "ben"));
        let batch = |n: u128| {
            let (first, second) = if n.is_multiple_of(2) { (1, 2) } else { (2, 1) };
            let part = |number: u128, of: u128| {
                json!({
                    "id": number.to_string(),
                    "atomicityGroup": "g",
                    "method": "PATCH",
                    "url": format!("{USERS}({})", id(of)),
                    "headers": {"content-type": "application/json"},
                    "body": {"Notes": format!("by {n}")},
                })
            };
            json!({"requests": [part(1, first), part(2, second)]})
        };
        // Rounds of two, so that one rerun is enough.
        for round in 0..8 {
            let replies = at_once(world, 2, |world, n| {
                world.json("POST", "$batch", &batch(round * 2 + n))
            });
            for reply in &replies {
                let answers = reply.tree()["responses"].as_array().unwrap().clone();
                for answer in answers {
                    assert_eq!(answer["status"], 204, "{}: {}", world.name, reply.body);
                }
            }
            let notes = |n| world.get(&format!("{USERS}({})", id(n)))["Notes"].clone();
            assert_eq!(notes(1), notes(2), "{}", world.name);
        }
        assert_eq!(numbers(world, 0), (1..=18).collect::<Vec<_>>());
    });
}

#[test]
fn readers_page_while_writers_write() {
    on_each_world(0, |world| {
        let still = 40;
        for n in 0..still {
            create(world, USERS, &user(n, &format!("still{n:02}")));
        }
        let done = AtomicBool::new(false);
        std::thread::scope(|scope| {
            let readers: Vec<_> = (0..2)
                .map(|_| {
                    scope.spawn(|| {
                        let mut walks = 0;
                        while !done.load(Ordering::Acquire) || walks == 0 {
                            walk(world, still);
                            walks += 1;
                        }
                    })
                })
                .collect();
            let replies = at_once(world, 4, |world, n| {
                let mut last = None;
                for turn in 0..6 {
                    let number = 1000 + n * 10 + turn;
                    create(world, USERS, &user(number, &format!("moving{number}")));
                    let one = format!("{USERS}({})", id(number));
                    let note = json!({"Notes": "b"});
                    assert_eq!(world.json("PATCH", &one, &note).status, 204);
                    last = Some(world.send("DELETE", &one, &[], b""));
                }
                last.unwrap()
            });
            done.store(true, Ordering::Release);
            assert_eq!(with_status(&replies, 204), 4);
            for reader in readers {
                reader.join().unwrap();
            }
        });
        assert_eq!(
            world.count(&format!("{USERS}/$count")),
            u64::try_from(still + 1).unwrap(),
            "the tester is one more"
        );
    });
}

/// Reads all pages: every user who was there all the time is there once.
fn walk(world: &World, still: u128) {
    let mut seen = Vec::new();
    let mut address = format!("{USERS}?$select=Login&$orderby=Login");
    for _ in 0..100 {
        let headers = [("Prefer", "odata.maxpagesize=7")];
        let reply = world.send("GET", &address, &headers, b"");
        assert_eq!(reply.status, 200, "{}", reply.body);
        let page = reply.tree();
        let rows = page["value"].as_array().unwrap();
        seen.extend(rows.iter().map(|row| text(&row["Login"])));
        let Some(next) = page["@odata.nextLink"].as_str() else {
            break;
        };
        address = next.split_once("/odata/").unwrap().1.to_owned();
    }
    let stood: Vec<&String> = seen.iter().filter(|l| l.starts_with("still")).collect();
    let once: BTreeSet<&String> = stood.iter().copied().collect();
    assert_eq!(stood.len(), once.len(), "twice: {stood:?}");
    assert_eq!(once.len(), usize::try_from(still).unwrap(), "{stood:?}");
}
