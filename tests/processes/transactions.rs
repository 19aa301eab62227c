//! A transaction that outlives its time, and one whose server goes.

use serde_json::{Value, json};

use crate::program::{Place, Program};
use crate::support::http::{Answer, Request};
use crate::support::server::{Kind, USERS, virtual_user};

crate::on_both!(
    one_that_outlives_its_time_is_dropped,
    one_whose_server_goes_is_lost,
    who_waits_is_answered_at_a_stop,
);

fn begin(program: &Program) -> String {
    let begun = program.send("POST", "BeginTransaction", &json!({}));
    assert_eq!(begun.status, 200, "{begun}");
    begun.text().to_owned()
}

fn inside(program: &Program, id: &str, path: &str, body: &Value) -> Answer {
    let request: Request = program.ask("POST", path).header("TransactionId", id);
    request.json(body).send()
}

fn one_that_outlives_its_time_is_dropped(kind: Kind) {
    let place = Place::new(kind);
    let program = place.start_with(&[("USERDEX_TRANSACTIONS__LIFE", "1s")]);
    let id = begin(&program);
    let mut made = 0;
    let over = loop {
        let answer = inside(&program, &id, USERS, &virtual_user(&format!("late{made}")));
        if answer.status != 201 {
            break answer;
        }
        made += 1;
    };
    let end = inside(&program, &id, "EndTransaction", &json!({}));
    for refused in [over, end] {
        assert_eq!(refused.status, 400, "{refused}");
        let error = &refused.json()["error"];
        assert_eq!(error["code"], "InvalidTransaction");
        assert_eq!(error["message"], format!("Invalid TransactionId {id}"));
        let how = error["details"][0]["message"].as_str().unwrap();
        assert!(how.contains("outlived"), "{how}");
    }
    assert_eq!(program.count(USERS, "startswith(Login,'late')"), 0);
}

fn one_whose_server_goes_is_lost(kind: Kind) {
    let place = Place::new(kind);
    let program = place.start();
    let id = begin(&program);
    let made = inside(&program, &id, USERS, &virtual_user("lost"));
    assert_eq!(made.status, 201, "{made}");
    program.kill();
    let program = place.start();
    let end = inside(&program, &id, "EndTransaction", &json!({}));
    assert_eq!(end.status, 400, "{end}");
    assert_eq!(end.json()["error"]["code"], "InvalidTransaction");
    assert_eq!(program.count(USERS, "Login eq 'lost'"), 0);
}

/// A metric of the program.
fn metric(program: &Program, name: &str) -> f64 {
    let page = Request::new(program.address, "GET", "/metrics").expect(200);
    let start = format!("{name} ");
    let mut lines = page.text().lines();
    let value = lines.find_map(|line| line.strip_prefix(&start)).unwrap();
    value.parse().unwrap()
}

fn who_waits_is_answered_at_a_stop(kind: Kind) {
    let place = Place::new(kind);
    let program = place.start();
    let begun = program.send("POST", "BeginTransaction", &json!({"trackChanges": true}));
    let id = begun.text().to_owned();
    let told = std::thread::scope(|scope| {
        let waits = program
            .ask("GET", "WaitForChanges()")
            .header("TransactionId", &id);
        let waiting = scope.spawn(move || waits.send());
        // Itself and the one that waits.
        while metric(&program, "userdex_http_requests_in_flight") < 1.5 {
            std::thread::yield_now();
        }
        program.signal("TERM");
        waiting.join().unwrap()
    });
    assert_eq!(told.status, 200, "{told}");
    assert!(told.json().get("insert").is_none(), "{told}");
    assert_eq!(program.ended().code(), Some(0));
}
