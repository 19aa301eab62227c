//! What streams cost is bounded.

use std::net::TcpStream;
use std::time::Duration;

use serde_json::{Value, json};

use crate::kit::{GROUPS, Person, Stream, group, notify};
use crate::support::server::{Kind, Server, settings};

crate::on_both!(
    streams_of_one_user_are_limited,
    streams_of_all_are_limited,
    who_does_not_read_is_cut_off,
    a_flood_reaches_whoever_reads,
);

/// A metric of a server.
fn metric(server: &Server, name: &str) -> f64 {
    let page = crate::support::http::Request::new(server.address, "GET", "/metrics").expect(200);
    let start = format!("{name} ");
    let mut lines = page.text().lines();
    let value = lines.find_map(|line| line.strip_prefix(&start)).unwrap();
    value.parse().unwrap()
}

/// Waits until so many streams are open: that a client went is seen a little later.
fn wait_for_open(server: &Server, open: usize) {
    while server.service.event_counts().open != open {
        std::thread::yield_now();
    }
}

fn streams_of_one_user_are_limited(kind: Kind) {
    let mut settings = settings();
    settings.events.per_caller = 2;
    let server = kind.server_with(settings);
    let (ann, ben) = (Person::new(&server, "ann"), Person::new(&server, "ben"));
    let first = ann.listen(&server, "");
    let _second = ann.listen(&server, "");
    let refused = ann
        .ask(&server, "GET", "")
        .refused(429, "TooManyRequests", "");
    assert!(refused.header("retry-after").is_some());
    // Another user has places of their own.
    let _other = ben.listen(&server, "");
    assert!((metric(&server, "userdex_event_streams") - 3.0).abs() < 0.1);
    drop(first);
    wait_for_open(&server, 2);
    let mut third = ann.listen(&server, "");
    notify(&server, &ann.address, "s");
    third.expect("notification");
    assert!(metric(&server, "userdex_events_sent_total") >= 1.0);
}

fn streams_of_all_are_limited(kind: Kind) {
    let mut settings = settings();
    settings.events.most = 1;
    let server = kind.server_with(settings);
    let (ann, ben) = (Person::new(&server, "ann"), Person::new(&server, "ben"));
    let first = ann.listen(&server, "");
    let mut socket = TcpStream::connect(server.address).unwrap();
    let status = crate::kit::status(&mut socket, &ben.header);
    assert_eq!(status, 503);
    drop(first);
    wait_for_open(&server, 0);
    drop(ben.listen(&server, ""));
}

/// Makes many groups in one transaction.
fn flood(server: &Server, many: usize) {
    let body = |n: usize| json!({"Name": {"EN": format!("{n} {}", "x".repeat(20))}});
    let requests: Vec<Value> = (0..many)
        .map(|n| {
            json!({"id": n.to_string(), "method": "post", "url": GROUPS, "body": body(n),
                   "atomicityGroup": "g", "headers": {"Prefer": "return=minimal"}})
        })
        .collect();
    let batch = json!({ "requests": requests });
    let answer = server.post("$batch", &batch).expect(200);
    assert!(!answer.text().contains("\"error\""), "{answer}");
}

fn who_does_not_read_is_cut_off(kind: Kind) {
    let mut settings = settings();
    settings.events.queue = 8;
    settings.events.stall = Duration::from_millis(50);
    let server = kind.server_with(settings);
    let boss = Person::admin(&server, "boss");
    let query = format!("?sets={GROUPS}");
    // A client whose system takes little, so that little is enough.
    let slow = crate::kit::small_socket(server.address);
    let mut slow = Stream::over(slow, &boss.header, &query, None);
    let start = slow.last.clone();
    let mut made = 0;
    while server.service.event_counts().cut == 0 {
        assert!(made < 20_000, "{made} events wait for somebody");
        flood(&server, 100);
        made += 100;
    }
    assert!(metric(&server, "userdex_event_streams_cut_total") >= 1.0);
    // What was on its way arrives, and the rest after it, without a gap.
    let mut heard = 0;
    while slow.next().is_some() {
        heard += 1;
    }
    assert!(heard < made, "{heard} of {made}");
    let mut rest = boss.resume(&server, &query, &slow.last);
    group(&server, "last");
    let mut all = boss.resume(&server, &query, &start);
    let tell = |stream: &mut Stream| stream.expect("created")["id"].clone();
    for _ in 0..heard {
        tell(&mut all);
    }
    for _ in heard..=made {
        assert_eq!(tell(&mut rest), tell(&mut all));
    }
}

/// More at once than fits into the queue of somebody who does read: nothing is lost.
fn a_flood_reaches_whoever_reads(kind: Kind) {
    let mut settings = settings();
    settings.events.queue = 4;
    let server = kind.server_with(settings);
    let boss = Person::admin(&server, "boss");
    let mut stream = boss.listen(&server, &format!("?sets={GROUPS}"));
    flood(&server, 100);
    let ids: std::collections::HashSet<String> = (0..100)
        .map(|_| stream.expect("created")["id"].to_string())
        .collect();
    assert_eq!(ids.len(), 100);
    assert_eq!(server.service.event_counts().cut, 0);
}
