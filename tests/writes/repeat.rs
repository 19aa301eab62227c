//! OData Repeatable Requests: what is sent again is answered as before and does nothing again.

use std::time::Duration;

use serde_json::json;

use crate::support::server::{Kind, USERS, merged, settings, user};

crate::on_both!(
    a_repeated_creation_creates_once,
    a_repeated_change_changes_once,
    another_request_with_the_same_id_is_refused,
    refusals_are_not_kept,
    old_requests_are_refused,
    clients_have_ids_of_their_own,
    repeated_at_the_same_time,
);

fn a_repeated_creation_creates_once(kind: Kind) {
    let server = kind.server();
    let body = merged(
        user("ann"),
        json!({"Email": "a@x.example", "EmailConfirmed": true}),
    );
    for (number, preference) in ["return=representation", "return=minimal"]
        .iter()
        .enumerate()
    {
        let login = format!("u{number}");
        let body = merged(
            body.clone(),
            json!({"Login": login, "Email": format!("{login}@x.example")}),
        );
        let request = server
            .post(USERS, &body)
            .prefer(preference)
            .repeatable(&login);
        let first = request.send();
        assert_eq!(first.header("repeatability-result"), Some("accepted"));
        // Whatever happens in between.
        let made = first
            .header("location")
            .unwrap()
            .rsplit('/')
            .next()
            .unwrap()
            .to_owned();
        server.change(&made, &json!({"Notes": "later"}));
        for _ in 0..2 {
            let again = request.send();
            assert_eq!((again.status, &again.body), (first.status, &first.body));
            let without_date = |answer: &crate::support::http::Answer| {
                let mut headers = answer.headers.clone();
                headers.retain(|(name, _)| name != "date" && name != "x-request-id");
                // In no order that means anything.
                headers.sort();
                headers
            };
            assert_eq!(without_date(&again), without_date(&first));
        }
    }
    assert_eq!(server.count(USERS), 2);
}

fn a_repeated_change_changes_once(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let tag = server.ask("GET", &ann).expect(200).etag();
    let change = server
        .patch(&ann, &json!({"Notes": "x"}))
        .header("If-Match", &tag);
    let request = change.repeatable("1");
    let first = request.expect(204);
    let again = request.expect(204);
    assert_eq!(again.etag(), first.etag());
    let deletion = server.delete(&ann).repeatable("2");
    deletion.expect(204);
    deletion.expect(204);
    assert_eq!(server.count(USERS), 0);
}

fn another_request_with_the_same_id_is_refused(kind: Kind) {
    let server = kind.server();
    server.post(USERS, &user("ann")).repeatable("1").expect(201);
    for other in [
        server.post(USERS, &user("bob")),
        server.post(&format!("{USERS}?$select=Id"), &user("ann")),
        server.put(
            &format!("{USERS}(00000000-0000-4000-8000-00000000abcd)"),
            &user("ann"),
        ),
    ] {
        other
            .repeatable("1")
            .refused(400, "InvalidHeader", "Repeatability-Request-ID");
    }
    assert_eq!(server.count(USERS), 1);
    let half = server
        .post(USERS, &user("bob"))
        .header("Repeatability-Request-ID", "2");
    half.refused(400, "InvalidHeader", "Repeatability-First-Sent");
}

fn refusals_are_not_kept(kind: Kind) {
    let server = kind.server();
    let ann = server.user("ann");
    let request = server.post(USERS, &user("ann")).repeatable("1");
    request.refused(409, "NotUnique", "Login");
    server.delete(&ann).expect(204);
    request.expect(201);
    request.expect(201);
    assert_eq!(server.count(USERS), 1);
}

fn old_requests_are_refused(kind: Kind) {
    let mut settings = settings();
    settings.writes.repeatable_for = Duration::from_secs(60);
    let server = kind.server_with(settings);
    let sent = |ago: u64, id: &str| {
        server
            .post(USERS, &user(id))
            .repeatable_since(id, Duration::from_secs(ago))
    };
    sent(120, "old").refused(412, "PreconditionFailed", "Repeatability-First-Sent");
    assert_eq!(server.count(USERS), 0);
    sent(30, "new").expect(201);
    sent(30, "new").expect(201);
    assert_eq!(server.count(USERS), 1);
}

fn clients_have_ids_of_their_own(kind: Kind) {
    let server = kind.server();
    for client in ["a", "b"] {
        let request = server
            .post(USERS, &user(client))
            .header("Repeatability-Client-ID", client);
        request.clone().repeatable("1").expect(201);
        request.repeatable("1").expect(201);
    }
    assert_eq!(server.count(USERS), 2);
}

/// A client that gave up waiting sends again while the first is still at work.
fn repeated_at_the_same_time(kind: Kind) {
    let server = kind.server();
    let request = server.post(USERS, &user("ann")).repeatable("1");
    let answers: Vec<_> = std::thread::scope(|scope| {
        let running: Vec<_> = (0..10)
            .map(|_| scope.spawn(|| request.expect(201)))
            .collect();
        running
            .into_iter()
            .map(|thread| thread.join().unwrap())
            .collect()
    });
    assert!(answers.iter().all(|answer| answer.body == answers[0].body));
    assert_eq!(server.count(USERS), 1);
}
