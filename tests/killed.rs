//! A server that is killed while it writes: what it acknowledged is there, what it did not is there
//! whole or not at all, and the history tells of everything.
//!
//! `USERDEX_SEED=n` kills at other moments.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests stop the test"
)]

mod support;

use std::collections::{BTreeSet, HashMap};
use std::io::{BufRead as _, BufReader, Result};
use std::net::SocketAddr;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard};

use serde_json::{Value as Json, json};
use support::history::history;
use support::world::{Reply, World, send, text};
use uuid::Uuid;

/// How many writes there are, and how often the server is killed.
const WRITES: usize = 200;
const KILLS: usize = 6;
/// The password of the administrator.
const PASSWORD: &str = "Killed-4711";
/// Threads that write.
const WRITERS: usize = 2;

/// The program, and how often it was started.
struct Running {
    child: Child,
    address: SocketAddr,
    generation: usize,
}

/// A database whose server goes away now and then.
struct Arena {
    url: String,
    running: Mutex<Running>,
    started: AtomicUsize,
}

/// What a write was answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Fate {
    Done,
    Unknown,
}

fn start(url: &str, generation: usize) -> Running {
    let mut child = Command::new(env!("CARGO_BIN_EXE_userdex"))
        .args(["serve", "--listen", "127.0.0.1:0", "--database-url", url])
        .env("USERDEX_ADMIN_PASSWORD", PASSWORD)
        .env("USERDEX_PASSWORD__ITERATIONS", "1")
        .current_dir(std::env::temp_dir())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let line = lines.find_map(|line| {
        let line = line.unwrap();
        let (_, rest) = line.split_once("listens on http://")?;
        Some(rest.split('/').next().unwrap().to_owned())
    });
    let address = line.expect("the server says where it listens");
    let address = address.parse().unwrap();
    support::tester::sign_in_as(address, "admin", PASSWORD);
    Running {
        child,
        address,
        generation,
    }
}

impl Arena {
    fn running(&self) -> MutexGuard<'_, Running> {
        self.running.lock().unwrap()
    }

    /// Sends a change; starts the server again when it is gone.
    fn change(&self, method: &str, path: &str, body: &Json) -> Fate {
        self.started.fetch_add(1, Ordering::SeqCst);
        let (address, generation) = {
            let running = self.running();
            (running.address, running.generation)
        };
        let headers = [("Content-Type", "application/json")];
        let sent: Result<Reply> =
            send(address, method, path, &headers, body.to_string().as_bytes());
        match sent {
            Ok(reply) if reply.status < 300 => {
                if let Some(parts) = reply.tree()["responses"].as_array() {
                    for part in parts {
                        assert!(part["status"].as_u64().unwrap() < 300, "{}", reply.body);
                    }
                    // A head without its body is no answer.
                    return Fate::Done;
                }
                match path {
                    "$batch" => Fate::Unknown,
                    _ => Fate::Done,
                }
            }
            // What was never made cannot be changed.
            Ok(reply) if reply.status == 404 => Fate::Unknown,
            Ok(reply) => panic!("{} {}", reply.status, reply.body),
            Err(_) => {
                let mut running = self.running();
                if running.generation == generation {
                    let _ = running.child.kill();
                    running.child.wait().unwrap();
                    *running = start(&self.url, generation + 1);
                }
                Fate::Unknown
            }
        }
    }

    /// Kills the server at random moments.
    fn kill(&self, seed: u64) {
        let mut rng = fastrand::Rng::with_seed(seed);
        for round in 0..KILLS {
            let span = WRITES / KILLS;
            let at = round * span + rng.usize(1..span);
            while self.started.load(Ordering::SeqCst) < at {
                std::thread::yield_now();
            }
            // At some moment of this write or of the next, however seldom this thread runs.
            let turns = rng.usize(0..20_000);
            let is_next = || self.started.load(Ordering::SeqCst) > at;
            for _ in (0..turns).take_while(|_| !is_next()) {
                std::thread::yield_now();
            }
            let mut running = self.running();
            running.child.kill().unwrap();
            running.child.wait().unwrap();
        }
    }
}

fn id(number: usize) -> String {
    let number = u128::try_from(number).unwrap();
    Uuid::from_u128(0x7e57_0000_0000_4000_8000_0000_0000_0000 + number).to_string()
}

const USERS: &str = "Systems_Security_Users";
const GROUPS: &str = "Systems_Security_Groups";

fn user(number: usize) -> Json {
    let member = |of: usize| json!({"Group": {"@odata.id": format!("{GROUPS}({})", id(of))}});
    json!({
        "Id": id(number),
        "Login": format!("user{number}"),
        "Name": {"EN": "A"},
        "UserType": "VirtualUserNoLogin",
        "Groups": [member(9_001), member(9_002)],
        "ProviderLogins": [{"ProviderName": "ERPNET", "ProviderKey": format!("key{number}")}],
    })
}

/// One write: a user, a change of one, or both in a batch.
fn write(arena: &Arena, number: usize) -> Fate {
    let note = |text: &str| json!({text: format!("by {number}")});
    match number % 4 {
        0 | 1 => arena.change("POST", USERS, &user(number)),
        2 => {
            let address = format!("{USERS}({})", id(number - 2));
            arena.change("PATCH", &address, &note("Notes"))
        }
        _ => {
            let part = |name: &str, method: &str, url: String, body: Json| {
                json!({"id": name, "atomicityGroup": "g", "method": method, "url": url,
                       "headers": {"content-type": "application/json"}, "body": body})
            };
            let other = format!("{USERS}({})", id(9_000));
            let body = json!({"requests": [
                part("1", "POST", USERS.to_owned(), user(number)),
                part("2", "PATCH", other, json!({"Notes": format!("by {number}")})),
            ]});
            arena.change("POST", "$batch", &body)
        }
    }
}

fn run(name: &'static str, url: &str, seed: u64) {
    let arena = Arena {
        url: url.to_owned(),
        running: Mutex::new(start(url, 0)),
        started: AtomicUsize::new(0),
    };
    let group = |n: usize| json!({"Id": id(n), "Name": {"EN": format!("G{n}")}});
    for number in [9_001, 9_002] {
        assert_eq!(arena.change("POST", GROUPS, &group(number)), Fate::Done);
    }
    assert_eq!(arena.change("POST", USERS, &user(9_000)), Fate::Done);
    let fates = Mutex::new(HashMap::new());
    std::thread::scope(|scope| {
        for writer in 0..WRITERS {
            let (arena, fates) = (&arena, &fates);
            scope.spawn(move || {
                // Each writer has its own users: four writes in a row belong together.
                let mine = (0..WRITES).filter(|n| n / 4 % WRITERS == writer);
                for number in mine {
                    let fate = write(arena, number);
                    fates.lock().unwrap().insert(number, fate);
                }
            });
        }
        scope.spawn(|| arena.kill(seed));
    });
    let mut running = arena.running.into_inner().unwrap();
    assert!(running.generation > 0, "{name}: nobody noticed a kill");
    let _ = running.child.kill();
    running.child.wait().unwrap();
    check(&World::over(name, url), &fates.into_inner().unwrap());
}

fn check(world: &World, fates: &HashMap<usize, Fate>) {
    let done = |n: usize| fates[&n] == Fate::Done;
    let rows = world.all(&format!(
        "{USERS}?$select=default,ObjectVersion&$expand=Groups,ProviderLogins"
    ));
    let users: HashMap<String, Json> = rows.into_iter().map(|r| (text(&r["Id"]), r)).collect();
    let all = history(world);
    let mut versions: HashMap<&str, BTreeSet<i64>> = HashMap::new();
    for change in &all {
        versions
            .entry(&change.id)
            .or_default()
            .insert(change.number);
    }
    let numbers: BTreeSet<i64> = all.iter().map(|c| c.number).collect();
    let expected: BTreeSet<i64> = (1..=i64::try_from(numbers.len()).unwrap()).collect();
    assert_eq!(numbers, expected, "{}", world.name);
    let other = &versions[id(9_000).as_str()];
    let mut batches = 0;
    for number in (0..WRITES).filter(|n| n % 4 != 2) {
        let key = id(number);
        let place = format!("{}: user {number}", world.name);
        let history = versions.get(key.as_str());
        let Some(row) = users.get(&key) else {
            assert!(!done(number), "{place} was acknowledged");
            assert!(history.is_none(), "{place}: a history of nothing");
            continue;
        };
        assert_eq!(row["Groups"].as_array().unwrap().len(), 2, "{place}");
        assert_eq!(
            row["ProviderLogins"].as_array().unwrap().len(),
            1,
            "{place}"
        );
        let history = history.expect(&place);
        let version = row["ObjectVersion"].as_u64().unwrap();
        assert_eq!(usize::try_from(version).unwrap(), history.len(), "{place}");
        for group in row["Groups"].as_array().unwrap() {
            let member = versions.get(text(&group["Id"]).as_str()).expect(&place);
            assert_eq!(member.first(), history.first(), "{place}");
        }
        if number % 4 == 0 && done(number + 2) {
            assert_eq!(row["Notes"], format!("by {}", number + 2), "{place}");
            assert_eq!(version, 2, "{place}");
        }
        if number % 4 == 3 {
            // The other half of the batch.
            assert!(other.contains(history.first().unwrap()), "{place}");
            batches += 1;
        }
    }
    assert_eq!(other.len(), batches + 1, "{}: half a batch", world.name);
    let kept = fates.values().filter(|fate| **fate == Fate::Done).count();
    assert!(
        kept > WRITES / 2,
        "{}: only {kept} were acknowledged",
        world.name
    );
}

fn seed() -> u64 {
    std::env::var("USERDEX_SEED").map_or(5, |text| text.parse().unwrap())
}

#[test]
fn a_killed_server_leaves_sqlite_whole() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("killed.db").display());
    run("SQLite", &url, seed());
}

#[test]
fn a_killed_server_leaves_postgresql_whole() {
    if let Some(url) = support::postgres::database() {
        run("PostgreSQL", &url, seed());
    }
}
