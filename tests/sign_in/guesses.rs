//! `password.history` tells nobody what the password is.

use serde_json::{Value, json};
use userdex::access::Scopes;
use userdex::service::Way;
use userdex::value::Timestamp;

use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, Server, USERS, key, settings, virtual_user};

crate::on_both!(
    a_token_hears_the_same_of_every_guess,
    a_change_that_fails_says_nothing_of_the_password,
    a_transaction_compares_nothing,
    an_old_password_does_not_come_back,
);

/// The password of every user here, and one that is not.
const GUESSES: [&str; 2] = ["correct horse", "wrong horse"];

fn server(kind: Kind) -> Server {
    let mut settings = settings();
    settings.passwords.history = 3;
    kind.server_with(settings)
}

fn session(server: &Server, address: &str) -> String {
    let (id, now) = (key(address).parse().unwrap(), Timestamp::now());
    let opened = server
        .service
        .open_session(id, Way::Session, None, Scopes::ALL, now);
    format!("ErpSession {}", opened.unwrap().id)
}

fn token(server: &Server, address: &str) -> String {
    let issue = server.post(&format!("{address}/Ext.IssueToken"), &json!({}));
    let made = issue.expect(200).json();
    format!("Bearer {}", made["token"].as_str().unwrap())
}

fn ask(request: Request, header: &str) -> Answer {
    request.anonymous().header("Authorization", header).send()
}

/// Everything that an answer says.
fn said(answer: &Answer) -> (u16, Value) {
    let mut body = answer.json();
    if let Some(error) = body["error"].as_object_mut() {
        error.retain(|name, _| ["code", "message", "target", "details"].contains(&name.as_str()));
    }
    (answer.status, body)
}

fn a_token_hears_the_same_of_every_guess(kind: Kind) {
    let server = server(kind);
    for (login, is_admin) in [("ann", true), ("bob", false)] {
        let user = server.user_with(login, json!({"IsAdmin": is_admin}));
        let header = token(&server, &user);
        let call = "Ext.Me/Ext.SetPassword".to_owned();
        for (method, target) in [
            ("POST", &call),
            ("PATCH", &"Ext.Me".to_owned()),
            ("PATCH", &user),
        ] {
            let told = GUESSES.map(|guess| {
                let body = match method {
                    "POST" => json!({"password": guess}),
                    _ => json!({"@ext.initialPassword": guess}),
                };
                said(&ask(server.with(method, target, &body), &header))
            });
            assert_eq!(told[0], told[1], "{login}: {method} {target}");
            // Whoever may read no users does not hear of their own row there.
            assert_eq!(told[0].0, 403, "{login}: {method} {target}: {told:?}");
        }
    }
}

fn a_change_that_fails_says_nothing_of_the_password(kind: Kind) {
    let server = server(kind);
    let ann = server.user_with("ann", json!({"IsAdmin": true}));
    let header = session(&server, &ann);
    for target in ["Ext.Me", &ann] {
        let told = GUESSES.map(|guess| {
            let body = json!({"@ext.initialPassword": guess, "Login": "x".repeat(65)});
            said(&ask(server.patch(target, &body), &header))
        });
        assert_eq!(told[0], told[1], "{target}");
        assert_eq!(told[0].1["error"]["code"], "ValueTooLong", "{told:?}");
        let told = GUESSES.map(|guess| {
            let body = json!({"@ext.initialPassword": guess});
            let stale = server.patch(target, &body).header("If-Match", "W/\"99\"");
            said(&ask(stale, &header))
        });
        assert_eq!(told[0], told[1], "{target}");
        assert_eq!(told[0].0, 412, "{told:?}");
    }
    let told = GUESSES.map(|guess| {
        let part = |id: &str, method: &str, url: &str, body: Value| {
            json!({"id": id, "atomicityGroup": "g", "method": method, "url": url, "body": body,
                   "headers": {"content-type": "application/json"}})
        };
        let requests = json!([
            part(
                "1",
                "POST",
                "Ext.Me/Ext.SetPassword",
                json!({"password": guess})
            ),
            part("2", "POST", USERS, virtual_user("ann")),
        ]);
        let batch = server.post("$batch", &json!({ "requests": requests }));
        let answer = ask(batch, &header).json();
        let all = answer["responses"].as_array().unwrap();
        let words = |part: &Value| {
            (
                part["status"].clone(),
                part["body"]["error"]["code"].clone(),
            )
        };
        all.iter().map(words).collect::<Vec<_>>()
    });
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0][0].0, 424, "{told:?}");
}

fn a_transaction_compares_nothing(kind: Kind) {
    let server = server(kind);
    let ann = server.user_with("ann", json!({"IsAdmin": true}));
    let bob = server.user("bob");
    let header = session(&server, &ann);
    let begun = ask(server.post("BeginTransaction", &json!({})), &header);
    let inside = |target: &str, password: &str| {
        let body = json!({"password": password});
        let call = server.post(&format!("{target}/Ext.SetPassword"), &body);
        ask(call.header("TransactionId", begun.text()), &header)
    };
    let told = GUESSES.map(|guess| said(&inside("Ext.Me", guess)));
    assert_eq!(told[0], told[1]);
    assert_eq!(told[0].1["error"]["code"], "NotSupported", "{told:?}");
    assert_eq!(inside(&bob, GUESSES[0]).status, 204);
}

fn an_old_password_does_not_come_back(kind: Kind) {
    let server = server(kind);
    let ann = server.user_with("ann", json!({"IsAdmin": true}));
    let set = |password: &str| {
        let call = server.post("Ext.Me/Ext.SetPassword", &json!({"password": password}));
        ask(call, &session(&server, &ann))
    };
    let [right, wrong] = GUESSES;
    let refused = set(right);
    assert_eq!(
        said(&refused).1["error"]["code"],
        "PasswordPolicy",
        "{refused}"
    );
    assert_eq!(set(wrong).status, 204);
    assert_eq!(set(wrong).status, 422);
    assert_eq!(set(right).status, 422);
    assert_eq!(set("third horse").status, 204);
}
