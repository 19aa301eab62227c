//! What is under way when its user is let in no more: it goes no further with the old rights.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::{Caller, ContentIds, Credential, Recalled, Verb, Way, WriteRequest};
use userdex::value::Timestamp;

use crate::support::http::Request;
use crate::support::server::{Kind, ODATA, Server, USERS, key, virtual_user};
use crate::support::world::change;

crate::on_both!(
    a_body_that_comes_late_changes_nothing,
    a_batch_ends_with_its_user,
    a_batch_goes_on_with_the_rights_of_now,
    who_waits_is_known_again,
);

/// An administrator with a session of their own: address and header.
fn administrator(server: &Server, login: &str) -> (String, String) {
    let address = server.user_with(login, json!({"IsAdmin": true}));
    let header = session(server, &address);
    (address, header)
}

fn session(server: &Server, address: &str) -> String {
    let (id, now) = (key(address).parse().unwrap(), Timestamp::now());
    let opened = server
        .service
        .open_session(id, Way::Session, None, Scopes::ALL, now);
    format!("ErpSession {}", opened.unwrap().id)
}

/// Waits until the server has asked the database so often, as it does for each caller. That it never
/// does is told by what comes after.
#[expect(clippy::disallowed_methods, reason = "waits for another thread")]
fn wait_for(server: &Server, statements: u64) {
    for _ in 0..500 {
        if server.store.statements() >= statements {
            return;
        }
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn batch(server: &Server, header: &str, requests: &Value) -> Vec<Value> {
    let batch = server.post("$batch", &json!({ "requests": requests }));
    let batch = batch.anonymous().header("Authorization", header);
    let answer = batch.expect(200).json();
    answer["responses"].as_array().unwrap().clone()
}

/// A part of a batch.
fn part(id: &str, method: &str, url: &str, body: &Value) -> Value {
    json!({"id": id, "method": method, "url": url, "body": body,
           "headers": {"content-type": "application/json"}})
}

fn statuses(answers: &[Value]) -> Vec<u64> {
    answers
        .iter()
        .filter_map(|a| a["status"].as_u64())
        .collect()
}

fn a_body_that_comes_late_changes_nothing(kind: Kind) {
    let server = kind.server();
    let ann = server.user_with("ann", json!({"IsAdmin": true}));
    let users = server.count(USERS);
    for (method, path, body) in [
        ("POST", USERS.to_owned(), virtual_user("late")),
        ("PATCH", ann.clone(), json!({"Notes": "late"})),
        (
            "POST",
            "$batch".to_owned(),
            json!({"requests": [part("1", "POST", USERS, &virtual_user("late"))]}),
        ),
        (
            "POST",
            "Import".to_owned(),
            json!({"objects": [{"@odata.type": "Erp.Systems_Security_User", "Login": "late"}]}),
        ),
    ] {
        server.change(&ann, &json!({"Active": true}));
        let header = session(&server, &ann);
        let body = body.to_string();
        let (first, rest) = body.split_at(3);
        let before = server.store.statements();
        let mut socket = TcpStream::connect(server.address).unwrap();
        let head = format!(
            "{method} {ODATA}{path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\
             Authorization: {header}\r\nContent-Type: application/json\r\n\
             Content-Length: {}\r\n\r\n{first}",
            body.len()
        );
        socket.write_all(head.as_bytes()).unwrap();
        wait_for(&server, before + 1);
        server.change(&ann, &json!({"Active": false}));
        socket.write_all(rest.as_bytes()).unwrap();
        let mut answer = String::new();
        socket.read_to_string(&mut answer).unwrap();
        let is_batch = path == "$batch";
        let refused = answer.starts_with("HTTP/1.1 401") || is_batch;
        assert!(
            refused && answer.contains("SignInFailed"),
            "{path}: {answer}"
        );
        assert_eq!(server.count(USERS), users, "{path}");
        assert_eq!(server.stored(&ann, "Notes"), Value::Null);
    }
}

fn a_batch_ends_with_its_user(kind: Kind) {
    let server = kind.server();
    let (ann, header) = administrator(&server, "ann");
    let users = server.count(USERS);
    let set = |id: &str, method: &str, url: &str, body: &Value| {
        let mut part = part(id, method, url, body);
        part["atomicityGroup"] = json!("g");
        part
    };
    let answers = batch(
        &server,
        &header,
        &json!([
            part("1", "PATCH", &ann, &json!({"Active": false})),
            part("2", "POST", USERS, &virtual_user("back")),
            {"id": "3", "method": "GET", "url": format!("{USERS}?$top=1")},
            set("4", "POST", USERS, &virtual_user("back")),
            set("5", "PATCH", &ann, &json!({"Active": true})),
            part("6", "PATCH", &ann, &json!({"Active": true})),
        ]),
    );
    assert_eq!(
        statuses(&answers),
        [204, 401, 401, 401, 424, 401],
        "{answers:?}"
    );
    assert_eq!(answers[1]["body"]["error"]["code"], "SignInFailed");
    assert_eq!(server.count(USERS), users);
    assert_eq!(server.stored(&ann, "Active"), false);
}

fn a_batch_goes_on_with_the_rights_of_now(kind: Kind) {
    let server = kind.server();
    let (ann, header) = administrator(&server, "ann");
    let answers = batch(
        &server,
        &header,
        &json!([
            {"id": "0", "method": "GET", "url": format!("{USERS}?$top=1")},
            part("1", "PATCH", &ann, &json!({"IsAdmin": false})),
            part("2", "POST", USERS, &virtual_user("back")),
            {"id": "3", "method": "GET", "url": format!("{USERS}?$top=1")},
        ]),
    );
    assert_eq!(statuses(&answers), [200, 204, 403, 403], "{answers:?}");
    assert_eq!(server.count(USERS), 1);
}

fn who_waits_is_known_again(kind: Kind) {
    let server = kind.server();
    let (ann, header) = administrator(&server, "ann");
    let ask = |request: Request| request.anonymous().header("Authorization", &header);
    let begun = ask(server.post("BeginTransaction", &json!({"trackChanges": true})));
    let id = begun.expect(200).text().to_owned();
    // As the caller is now, for a change that comes after they are gone.
    let text = header.trim_start_matches("ErpSession ");
    let credential = Credential::Session(text);
    let imprint = server.service.imprint(Way::Session, text);
    assert!(!matches!(
        server.service.recall(&imprint, Timestamp::now()),
        Recalled::Caller(_)
    ));
    let caller: Arc<Caller> = server
        .service
        .enter(imprint, credential, None, Timestamp::now())
        .unwrap();
    let before = server.store.statements();
    let waiting = ask(server.ask("GET", "WaitForChanges()")).header("TransactionId", &id);
    std::thread::scope(|scope| {
        let waiting = scope.spawn(move || waiting.send());
        wait_for(&server, before + 1);
        server.change(&ann, &json!({"Active": false}));
        let body = virtual_user("late").to_string();
        let request = WriteRequest {
            caller,
            transaction: Some(id),
            ..change(Verb::Post, USERS, body)
        };
        let mut names = ContentIds::default();
        server.service.write(&[request], &mut names).unwrap();
        let answer = waiting.join().unwrap();
        assert_eq!(answer.status, 401, "{answer}");
    });
}
