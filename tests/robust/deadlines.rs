//! Reads that run longer than they may: what is computed for each row, and what the database groups.

use std::time::Duration;

use serde_json::json;
use userdex::store::StoreOptions;

use crate::USERS;
use crate::support::server::{Kind, Server, settings};

crate::on_both!(what_takes_too_long_is_504);

/// Rows that are worked on.
const MANY: u64 = 4_000;
/// Enough for one row, and a small part of what the requests below take.
const DEADLINE: Duration = Duration::from_millis(20);
/// Longer than any test runs.
const LONG: Duration = Duration::from_secs(3600);
/// Attempts of a busy machine.
const TRIES: usize = 1_000;

/// A server that has to be quick, and the one whose database it is.
fn servers(kind: Kind) -> (Server, Server) {
    let hasty = StoreOptions {
        deadline: Some(DEADLINE),
        wait: LONG,
        ..StoreOptions::default()
    };
    let patient = kind.server_of(MANY, settings());
    let mut settings = settings();
    // The caller is known from memory: who asks takes no time of a read.
    settings.sign_in.fresh_for = LONG;
    (patient.beside_over(&hasty, settings), patient)
}

/// Asks for what is soon there until it is in time.
fn is_alive(server: &Server) {
    let light = server.ask("GET", &format!("{USERS}?$top=1&$select=Id"));
    let in_time = (0..TRIES).any(|_| light.send_to_full().status == 200);
    assert!(in_time, "nothing is in time");
}

/// Much work for few bytes, so that no part of an answer is on its way before the deadline, however
/// quick the machine is.
fn long(name: &str) -> String {
    let length = "length(concat(concat(Login,Login),concat(Login,Login)))";
    format!("{} as {name}", [length; 20].join(" add "))
}

fn what_takes_too_long_is_504(kind: Kind) {
    let (server, _patient) = servers(kind);
    let computed = [long("A"), long("B")].join(",");
    let part = "filter(Groups/$count ge 2 or RoleUsers/$count ge 9)/groupby((Login),aggregate($count as N))";
    let parts = [part; 10].join(",");
    for heavy in [
        json!({"$compute": computed, "$select": "A,B"}),
        json!({"$apply": format!("concat({parts})")}),
    ] {
        is_alive(&server);
        let request = server.post(&format!("{USERS}/$query"), &heavy);
        let request = request.header("Accept", "application/json;odata.metadata=none");
        for _ in 0..3 {
            let late = request.send_to_full();
            assert_eq!(late.status, 504, "{heavy}: {late}");
            let error = late.json()["error"].clone();
            assert_eq!(error["code"], "DeadlineExceeded", "{heavy}: {late}");
            assert!(late.json().get("value").is_none(), "{late}");
        }
        is_alive(&server);
        // The same of one row is answered: it is the time that was refused, not the form.
        let few = match heavy["$apply"].as_str() {
            Some(apply) => json!({"$apply": format!("filter(Login eq 'admin')/{apply}")}),
            None => json!({"$compute": heavy["$compute"], "$filter": "Login eq 'admin'"}),
        };
        let few = server.post(&format!("{USERS}/$query"), &few);
        let in_time = (0..TRIES).any(|_| few.send_to_full().status == 200);
        assert!(in_time, "{few:?}");
    }
}
