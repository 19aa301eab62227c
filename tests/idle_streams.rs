//! A thousand idle streams of events cost little. Alone in its process: memory is measured.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm,
    dead_code,
    reason = "helpers of tests stop the test, and not all are needed here"
)]

#[path = "events/kit.rs"]
mod kit;
mod support;

use kit::{Person, Stream, notify};
use support::server::{Kind, settings};

#[test]
fn a_thousand_idle_streams_are_cheap() {
    idle(Kind::Sqlite);
    if Kind::has_postgres() {
        idle(Kind::Postgres);
    }
}

/// Kilobytes of memory that this process holds.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().next());
    number.map_or(0, |number| number.parse().unwrap())
}

fn idle(kind: Kind) {
    let mut settings = settings();
    settings.events.per_caller = 250;
    let server = kind.server_with(settings);
    let people = ["a", "b", "c", "d"].map(|login| Person::new(&server, login));
    drop(people[0].listen(&server, ""));
    let before = resident();
    let mut streams: Vec<Stream> = (0..1_000)
        .map(|n| people[n % 4].listen(&server, ""))
        .collect();
    let more = resident().saturating_sub(before);
    assert_eq!(server.service.event_counts().open, 1_000);
    assert!(more < 64 * 1024, "{kind:?}: {more} KiB");
    for person in &people {
        notify(&server, &person.address, "all");
    }
    for stream in &mut streams {
        assert_eq!(stream.expect("notification")["subject"], "all");
    }
}
