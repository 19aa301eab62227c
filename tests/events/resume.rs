//! Whoever was cut off goes on without gap or repeat.

use std::collections::HashSet;
use std::thread;

use serde_json::json;
use uuid::Uuid;

use crate::kit::{Event, GROUPS, Person, Stream, about, group, notify};
use crate::support::server::{Kind, Server, settings};

crate::on_both!(
    a_stream_goes_on_where_it_ended,
    nothing_is_lost_or_doubled_while_others_write,
    ids_tell_nothing_and_cannot_be_made,
    a_log_that_does_not_reach_back_is_gone,
    servers_of_one_database_tell_each_other,
);

const ASKED: &str = "?sets=Systems_Security_Groups";

fn a_stream_goes_on_where_it_ended(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    // Cut off before the first event.
    let start = boss.listen(&server, ASKED).last;
    let first = group(&server, "1");
    notify(&server, &boss.address, "2");
    let third = group(&server, "3");
    let mut stream = boss.resume(&server, ASKED, &start);
    let one = stream.next().unwrap();
    assert_eq!(about(&one.data).1, crate::support::server::key(&first));
    drop(stream);
    // By the option of the address.
    let query = format!("{ASKED}&lastEventId={}", one.id);
    let mut stream = boss.listen(&server, &query);
    assert_eq!(stream.expect("notification")["subject"], "2");
    // With other sets than before.
    let mut other = boss.resume(&server, "", &one.id);
    assert_eq!(other.expect("notification")["subject"], "2");
    let last = stream.next().unwrap();
    assert_eq!(about(&last.data).1, crate::support::server::key(&third));
    let mut stream = boss.resume(&server, ASKED, &last.id);
    notify(&server, &boss.address, "4");
    assert_eq!(stream.expect("notification")["subject"], "4");
    assert_eq!(other.expect("notification")["subject"], "4");
}

/// Listens and is cut off again and again, until it has heard of so many groups.
fn hear(server: &Server, boss: &Person, mut last: String, most: usize) -> Vec<Event> {
    let mut heard = Vec::new();
    while heard.len() < most {
        let mut stream: Stream = boss.resume(server, ASKED, &last);
        for _ in 0..7.min(most - heard.len()) {
            heard.push(stream.next().unwrap());
        }
        last = stream.last.clone();
    }
    heard
}

fn nothing_is_lost_or_doubled_while_others_write(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    let mut whole = boss.listen(&server, ASKED);
    let start = whole.last.clone();
    let (writers, each) = (3, 15);
    let names = |writer: usize| (0..each).map(move |n| format!("{writer}-{n}"));
    let (mut made, heard) = thread::scope(|scope| {
        let writing: Vec<_> = (0..writers)
            .map(|writer| {
                let server = &server;
                scope.spawn(move || {
                    let made = names(writer).map(|name| {
                        let address = group(server, &name);
                        crate::support::server::key(&address).to_owned()
                    });
                    made.collect::<Vec<_>>()
                })
            })
            .collect();
        let hearing = scope.spawn(|| hear(&server, &boss, start, writers * each));
        let made = writing.into_iter().flat_map(|w| w.join().unwrap());
        (made.collect::<Vec<_>>(), hearing.join().unwrap())
    });
    let ids = |events: &[Event]| -> Vec<String> {
        events.iter().map(|event| about(&event.data).1).collect()
    };
    let heard = ids(&heard);
    let all: Vec<Event> = (0..writers * each).map(|_| whole.next().unwrap()).collect();
    // In the order of the commits, whoever listens.
    assert_eq!(heard, ids(&all));
    let mut sorted = heard;
    sorted.sort();
    made.sort();
    assert_eq!(sorted, made);
}

fn ids_tell_nothing_and_cannot_be_made(kind: Kind) {
    let server = kind.server();
    let (ann, boss) = (Person::new(&server, "ann"), Person::admin(&server, "boss"));
    let ids: HashSet<String> = (0..3).map(|_| ann.listen(&server, "").last).collect();
    assert_eq!(ids.len(), 3, "the same place is told by the same id");
    let of_ann = ids.iter().next().unwrap();
    drop(ann.resume(&server, "", of_ann));
    let refused = |person: &Person, id: &str| {
        let asked = person.ask(&server, "GET", "").header("Last-Event-ID", id);
        asked.refused(400, "InvalidOption", "Last-Event-ID");
    };
    refused(&boss, of_ann);
    let half: String = of_ann.chars().take(of_ann.len() - 4).collect();
    for forged in ["1", "AAAA", &half, &format!("{half}AAAA")] {
        refused(&ann, forged);
    }
    let asked = ann.ask(&server, "GET", "?lastEventId=1");
    asked.refused(400, "InvalidOption", "Last-Event-ID");
}

fn a_log_that_does_not_reach_back_is_gone(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    let early = boss.listen(&server, ASKED).last;
    let first = group(&server, "1");
    let mut stream = boss.resume(&server, ASKED, &early);
    stream.expect("created");
    let late = stream.last.clone();
    group(&server, "2");
    // What an administrator of the database may do to keep it small.
    let sql = [
        "DELETE FROM \"Sys_Attribute_Changes\"",
        "DELETE FROM \"Sys_Object_Changes\" WHERE \"Object_Changeset_Id\" IN (SELECT \"Object_Changeset_Id\" FROM \"Sys_Object_Changesets\" WHERE \"Change_Number\" < (SELECT MAX(\"Change_Number\") FROM \"Sys_Object_Changesets\"))",
        "DELETE FROM \"Sys_Object_Changesets\" WHERE \"Change_Number\" < (SELECT MAX(\"Change_Number\") FROM \"Sys_Object_Changesets\")",
    ];
    crate::support::beside::run(&server.url, &sql.join("; "));
    assert!(first.starts_with(GROUPS));
    for id in [&early, &late] {
        let asked = boss.ask(&server, "GET", ASKED).header("Last-Event-ID", id);
        asked.refused(410, "Gone", "Last-Event-ID");
    }
    drop(boss.listen(&server, ASKED));
}

fn servers_of_one_database_tell_each_other(kind: Kind) {
    let one = kind.server();
    let two = one.beside(settings());
    let boss = Person::admin(&one, "boss");
    let ann = Person::new(&two, "ann");
    let mut streams = [
        (boss.listen(&one, ASKED), boss.listen(&two, ASKED)),
        (ann.listen(&one, ""), ann.listen(&two, "")),
    ];
    for round in 0..3 {
        let made = [
            group(&one, &format!("one {round}")),
            group(&two, &format!("two {round}")),
        ];
        notify(&one, &ann.address, "from one");
        notify(&two, &ann.address, "from two");
        let [(first, second), (third, fourth)] = &mut streams;
        for stream in [first, second] {
            for made in &made {
                let id: Uuid = crate::support::server::key(made).parse().unwrap();
                assert_eq!(stream.expect("created")["id"], json!(id.to_string()));
            }
        }
        for stream in [third, fourth] {
            assert_eq!(stream.expect("notification")["subject"], "from one");
            assert_eq!(stream.expect("notification")["subject"], "from two");
        }
    }
    // What one has sent, the other goes on from.
    let last = streams[0].0.last.clone();
    let next = group(&one, "next");
    let mut stream = boss.resume(&two, ASKED, &last);
    assert_eq!(
        about(&stream.expect("created")).1,
        crate::support::server::key(&next)
    );
}
