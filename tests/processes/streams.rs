//! Streams of events whose client or server goes: nothing is lost, nothing is told twice.

use std::collections::BTreeSet;

use serde_json::json;

use crate::kit::{GROUPS, Stream};
use crate::program::{Place, Program};
use crate::support::server::{Kind, key};
use crate::support::world::send;

crate::on_both!(
    a_killed_client_goes_on,
    a_killed_server_is_gone_on_from,
    two_programs_tell_each_other,
    a_signal_ends_streams_and_the_program,
);

const ASKED: &str = "?sets=Systems_Security_Groups";
/// How often the server is killed.
const KILLS: u64 = 3;

fn group(program: &Program, name: &str) -> String {
    let address = program.create(GROUPS, &json!({"Name": {"EN": name}}));
    key(&address).to_owned()
}

/// The key of the group that the next event is about.
fn told(stream: &mut Stream) -> String {
    stream.expect("created")["id"].as_str().unwrap().to_owned()
}

fn a_killed_client_goes_on(kind: Kind) {
    let place = Place::new(kind);
    let program = place.start();
    let session = program.session();
    let mut stream = program.listen(&session, ASKED, None);
    let made: Vec<_> = (0..40).map(|n| group(&program, &format!("g{n}"))).collect();
    let mut heard = Vec::new();
    for part in [3, 1, 20] {
        heard.extend((0..part).map(|_| told(&mut stream)));
        let last = stream.last.clone();
        // What the system does for a client that is killed: the connection is reset, since what has
        // arrived was not read.
        drop(stream);
        stream = program.listen(&session, ASKED, Some(&last));
    }
    while heard.len() < made.len() {
        heard.push(told(&mut stream));
    }
    assert_eq!(heard, made);
}

/// Hears until nothing is left to hear.
fn hear(stream: &mut Stream, heard: &mut Vec<String>, marker: &str) {
    loop {
        let id = told(stream);
        if id == marker {
            return;
        }
        heard.push(id);
    }
}

fn a_killed_server_is_gone_on_from(kind: Kind) {
    let place = Place::new(kind);
    let mut heard = Vec::new();
    let mut last = None;
    for round in 0..KILLS {
        let program = place.start();
        let session = program.session();
        let mut stream = program.listen(&session, ASKED, last.as_deref());
        let address = program.address;
        std::thread::scope(|scope| {
            let writing = scope.spawn(move || {
                // Until nobody answers any more.
                (0_u64..).find(|number| {
                    let body = json!({"Name": {"EN": format!("{round}-{number}")}}).to_string();
                    let headers = [("Content-Type", "application/json")];
                    send(address, "POST", GROUPS, &headers, body.as_bytes()).is_err()
                })
            });
            for _ in 0..10 + round * 7 {
                heard.push(told(&mut stream));
            }
            program.kill();
            writing.join().unwrap();
        });
        last = Some(stream.last.clone());
    }
    let program = place.start();
    let session = program.session();
    let marker = group(&program, "marker");
    let mut stream = program.listen(&session, ASKED, last.as_deref());
    hear(&mut stream, &mut heard, &marker);
    // Everything that is stored was told, once, whether or not its writer heard that it is.
    let rows = program.ask(
        "GET",
        &format!("{GROUPS}?$select=Id&$filter=Id ne {marker}"),
    );
    let rows = rows.expect(200).json();
    let stored: BTreeSet<String> = rows["value"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| row["Id"].as_str().unwrap().to_owned())
        .collect();
    let all: BTreeSet<String> = heard.iter().cloned().collect();
    assert_eq!(all.len(), heard.len(), "something was told twice");
    assert_eq!(all, stored);
}

fn two_programs_tell_each_other(kind: Kind) {
    let place = Place::new(kind);
    let (one, two) = (place.start(), place.start());
    let session = one.session();
    let mut at_one = one.listen(&session, ASKED, None);
    let mut at_two = two.listen(&session, ASKED, None);
    let mut made = Vec::new();
    for round in 0..5 {
        made.push(group(&one, &format!("one {round}")));
        made.push(group(&two, &format!("two {round}")));
    }
    let hear = |stream: &mut Stream, many: usize| -> Vec<String> {
        (0..many).map(|_| told(stream)).collect()
    };
    assert_eq!(hear(&mut at_one, 10), made);
    assert_eq!(hear(&mut at_two, 4), made[..4]);
    // One of them goes; its listener goes on at the other.
    let last = at_two.last.clone();
    two.kill();
    let next = group(&one, "next");
    made.push(next);
    let mut on = one.listen(&session, ASKED, Some(&last));
    assert_eq!(hear(&mut on, 7), made[4..]);
    assert_eq!(told(&mut at_one), made[10]);
}

fn a_signal_ends_streams_and_the_program(kind: Kind) {
    let place = Place::new(kind);
    for signal in ["TERM", "INT"] {
        let program = place.start();
        let session = program.session();
        let mut streams = [ASKED, ""].map(|query| program.listen(&session, query, None));
        let made = group(&program, signal);
        assert_eq!(told(&mut streams[0]), made);
        program.signal(signal);
        for stream in &mut streams {
            stream.ends();
        }
        let status = program.ended();
        assert_eq!(status.code(), Some(0), "{signal}: {status:?}");
    }
}
