//! `docs/events.md`: every line of it works as it stands there, and what it shows is what comes.

use std::net::TcpStream;

use serde_json::{Value, json};

use crate::kit::{EVENTS, GROUPS, Person, Stream, group, notify};
use crate::support::curl::{self, Call, Names};
use crate::support::server::{Kind, Server, key};

crate::on_both!(every_line_works, what_is_shown_is_what_comes);

const GUIDE: &str = include_str!("../../docs/events.md");

fn listen(server: &Server, call: &Call) -> Stream {
    let (path, query) = call.target.split_at(EVENTS.len());
    assert_eq!((path, call.method.as_str()), (EVENTS, "GET"));
    let socket = TcpStream::connect(server.address).unwrap();
    let who = call.header("Authorization").unwrap();
    Stream::over(socket, who, query, call.header("Last-Event-ID"))
}

fn every_line_works(kind: Kind) {
    let server = kind.server();
    let lines = curl::lines(GUIDE);
    assert!(lines.len() >= 4, "{lines:?}");
    let mut going_on = 0;
    for (number, line) in lines.into_iter().enumerate() {
        let boss = Person::admin(&server, &format!("boss{number}"));
        let place = boss.listen(&server, "").last;
        notify(&server, &boss.address, "before");
        let names: Names = vec![
            ("HOST", String::new()),
            ("AUTH", format!("Authorization: {}", boss.header)),
            ("ID", place),
        ];
        let call = curl::call(line, &names);
        let mut stream = listen(&server, &call);
        if line.contains("$ID") {
            assert_eq!(stream.expect("notification")["subject"], "before", "{line}");
            going_on += 1;
        }
        // What is asked for comes, and nothing else.
        let made = group(&server, line);
        if call.target.contains(GROUPS) {
            assert_eq!(stream.expect("created")["id"], key(&made), "{line}");
        }
        notify(&server, &boss.address, "after");
        assert_eq!(stream.expect("notification")["subject"], "after", "{line}");
    }
    assert_eq!(going_on, 2, "both ways to go on");
}

/// The events that the page shows: their names, and the names of what they tell.
fn shown() -> Vec<(String, Vec<String>)> {
    let block = GUIDE.split("```text\n").nth(1).unwrap();
    let block = block.split("```").next().unwrap();
    assert!(block.starts_with("retry: 3000\nid: "), "{block}");
    let events = block.split("\n\n").filter(|b| b.starts_with("event: "));
    let line = |event: &str, start: &str| {
        let mut lines = event.lines();
        let found = lines.find_map(|line| line.strip_prefix(start));
        found.unwrap().to_owned()
    };
    let shown = events.map(|event| {
        assert!(!line(event, "id: ").is_empty());
        let data: Value = serde_json::from_str(&line(event, "data: ")).unwrap();
        (line(event, "event: "), members(&data))
    });
    shown.collect()
}

fn members(data: &Value) -> Vec<String> {
    data.as_object().unwrap().keys().cloned().collect()
}

fn what_is_shown_is_what_comes(kind: Kind) {
    let server = kind.server();
    let boss = Person::admin(&server, "boss");
    let mut stream = boss.listen(&server, &format!("?sets={GROUPS}"));
    let made = group(&server, "G");
    server.change(&made, &json!({"Notes": "n"}));
    server.delete(&made).expect(204);
    notify(&server, &boss.address, "s");
    let mut came = std::collections::HashMap::new();
    for _ in 0..4 {
        let event = stream.next().unwrap();
        came.insert(event.name.clone(), members(&event.data));
    }
    assert_eq!(came.len(), 4, "{came:?}");
    let shown = shown();
    assert!(shown.len() >= 2, "{shown:?}");
    for (name, members) in shown {
        assert_eq!(came.get(&name), Some(&members), "{name}");
    }
    for name in came.keys() {
        assert!(
            GUIDE.contains(&format!("`{name}`")),
            "{name} is not told of"
        );
    }
}
