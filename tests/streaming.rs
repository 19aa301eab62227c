//! Answers in pieces: memory stays bounded, rows leave while the query runs, statements do not
//! grow with the rows, and a page agrees with its count while others write.

#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "helpers of tests"
)]

mod support;

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::thread;

use bytes::Bytes;
use support::{Database, Databases};
use userdex::diag::Result;
use userdex::model::Table;
use userdex::service::{Flow, Head, Output};
use userdex::value::Value;
use uuid::Uuid;

/// No piece of an answer is longer: a chunk, and the row that filled it.
const LONGEST: usize = 128 * 1024;

/// Counts what it is given.
#[derive(Default)]
struct Counter {
    chunks: usize,
    bytes: usize,
    longest: usize,
    lines: usize,
    length: Option<usize>,
    statements: u64,
    stop_after: Option<usize>,
}

impl Output for Counter {
    fn head(&mut self, head: Head) -> Result<()> {
        self.length = head.length;
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        self.chunks += 1;
        self.bytes += chunk.len();
        self.longest = self.longest.max(chunk.len());
        self.lines += chunk.iter().filter(|byte| **byte == b'\n').count();
        let enough = self.stop_after.is_some_and(|most| self.chunks >= most);
        Ok(if enough { Flow::Stop } else { Flow::More })
    }
}

/// Runs an export into a counter.
fn export(database: &Database, address: &str, stop_after: Option<usize>) -> Counter {
    let read = database.read(address).unwrap();
    let mut counter = Counter {
        stop_after,
        ..Counter::default()
    };
    let before = database.service.statements();
    database.service.run(&read, &mut counter).unwrap();
    counter.statements = database.service.statements() - before;
    counter
}

#[test]
fn exports_leave_in_pieces() {
    const USERS: usize = 12_000;
    let all = Databases::with_demo(12_000);
    for database in all.iter() {
        let set = "Systems_Security_Users";
        let expanded = "$select=Login&$expand=Groups($select=Id)";
        for address in [
            format!("{set}?$format=ndjson"),
            format!("{set}?$format=csv"),
            format!("{set}?$format=ndjson&{expanded}"),
            format!("{set}?$format=ndjson&$orderby=Email%20desc"),
        ] {
            let whole = export(database, &address, None);
            let heading = usize::from(address.contains("csv"));
            assert_eq!(whole.lines, USERS + heading, "{address}");
            assert_eq!(whole.length, None, "the length is not known at the start");
            assert!(whole.longest <= LONGEST, "{address}: {}", whole.longest);
            assert!(whole.chunks > whole.bytes / LONGEST, "{address}");
            // A reader that leaves ends the query: rows had left before its end.
            let cut = export(database, &address, Some(2));
            assert_eq!(cut.chunks, 2, "{address} on {}", database.name());
            let fewer = address.contains("$expand");
            assert_eq!(cut.statements < whole.statements, fewer, "{address}");
        }
        let head = export(database, &format!("{set}?$top=5&$format=ndjson"), None);
        assert_eq!((head.chunks, head.length), (1, Some(head.bytes)));
    }
}

#[test]
fn statements_do_not_grow_with_the_rows() {
    let all = Databases::with_demo(300);
    for database in all.iter() {
        for (options, statements) in [
            ("", 1),
            ("&$count=true", 2),
            ("&$expand=Person", 2),
            ("&$expand=Groups($expand=Group)", 3),
            ("&$expand=Groups($top=1;$count=true;$expand=Group)", 4),
            (
                "&$expand=Person,Groups($expand=Group),RoleUsers($expand=Role)",
                6,
            ),
        ] {
            for top in [10, 200] {
                let address = format!("Systems_Security_Users?$select=Id&$top={top}{options}");
                let ran = export(database, &address, None).statements;
                assert_eq!(ran, statements, "{address} on {}", database.name());
            }
        }
    }
}

/// Writes groups, five at a time, until the flag is raised; answers how many.
fn write_groups(database: &Database, stop: &AtomicBool) -> u64 {
    let model = &*database.model;
    let table = model.table(model.set("Systems_Security_Groups").unwrap());
    let columns: Vec<_> = ["Group_Id", "Group_Name", "Group_Name_folded", "Group_Type"]
        .iter()
        .map(|name| table.find(name).unwrap())
        .collect();
    assert_eq!(columns[0], Table::KEY);
    let mut written = 0;
    while !stop.load(Ordering::Relaxed) && written < 2_000 {
        let rows: Vec<Vec<Value>> = (0..5)
            .map(|n| {
                let id = Uuid::from_u128(u128::from(written + n + 1).reverse_bits());
                vec![
                    Value::Guid(id),
                    Value::Text("{\"EN\":\"New\"}".into()),
                    Value::Text("\u{1}EN\u{2}new\u{1}".into()),
                    Value::Text("G".into()),
                ]
            })
            .collect();
        let mut writer = database.store.writer().unwrap();
        writer
            .transaction(|writer| writer.insert_many(table, &columns, &rows))
            .unwrap();
        written += 5;
    }
    written
}

#[test]
fn counts_agree_with_their_rows_while_others_write() {
    let all = Databases::with_demo(100);
    for database in all.iter() {
        let stop = AtomicBool::new(false);
        let seen = AtomicU64::new(0);
        thread::scope(|scope| {
            let writer = scope.spawn(|| write_groups(database, &stop));
            let readers: Vec<_> = (0..8)
                .map(|n| scope.spawn(move || (0..25).map(|i| read_some(database, n + i)).max()))
                .collect();
            for reader in readers {
                let most = reader.join().unwrap().unwrap();
                seen.fetch_max(most, Ordering::Relaxed);
            }
            stop.store(true, Ordering::Relaxed);
            assert!(writer.join().unwrap() > 0);
        });
        let count: u64 = database
            .get("Systems_Security_Groups/$count")
            .unwrap()
            .parse()
            .unwrap();
        assert!(count >= seen.into_inner());
    }
}

/// One of several reads; answers how many groups there were, where it counts them.
fn read_some(database: &Database, n: u64) -> u64 {
    let name = database.name();
    match n % 4 {
        0 => {
            let answer =
                database.get("Systems_Security_Users?$top=20&$expand=Groups($expand=Group)");
            assert!(answer.unwrap().contains("\"Group\":{"));
            0
        }
        1 => {
            let lines = database
                .get("Systems_Security_Groups?$select=Id&$format=ndjson")
                .unwrap();
            let ids: HashSet<&str> = lines.lines().collect();
            assert_eq!(ids.len(), lines.lines().count(), "no row twice on {name}");
            // Five rows come at once, or not at all.
            assert_eq!(ids.len() % 5, 0, "{name}");
            0
        }
        _ => {
            let answer = database.get("Systems_Security_Groups?$select=Id&$count=true&$filter=contains(Name,'new')&$expand=AccessKeys").unwrap();
            let answer: serde_json::Value = serde_json::from_str(&answer).unwrap();
            let rows = u64::try_from(answer["value"].as_array().unwrap().len()).unwrap();
            let count = answer["@odata.count"].as_u64().unwrap();
            assert_eq!(rows, count.min(1000), "{name}");
            count
        }
    }
}
