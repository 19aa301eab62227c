//! Monitors: whose they are, what they say meanwhile, and how they end.

use serde_json::json;
use userdex::access::Scopes;
use userdex::http::LaterSettings;

use crate::kit::{
    as_other, export, fetched, hold, later, monitor_of, server_with, session, session_of, watch,
};
use crate::support::server::{Kind, USERS};
use crate::support::tester::TESTER;

crate::on_both!(
    what_runs_is_told_and_cancelled,
    who_gives_up_waiting_is_told_where,
    monitors_are_their_callers_own,
    other_rights_are_another_caller,
    monitors_take_nothing_else,
    a_restart_forgets,
);

fn what_runs_is_told_and_cancelled(kind: Kind) {
    let server = server_with(kind, LaterSettings::default(), 0);
    server.user("ann");
    let held = hold(&server);
    let csv = later(&server, &export());
    let xlsx = later(&server, &format!("{USERS}?$format=xlsx"));
    for monitor in [&csv, &xlsx] {
        for method in ["GET", "HEAD"] {
            let running = watch(&server, method, monitor).expect(202);
            assert_eq!(&monitor_of(&running), monitor);
            assert_eq!(running.header("retry-after"), Some("1"));
            assert_eq!(running.header("preference-applied"), None);
        }
        let cancelled = watch(&server, "DELETE", monitor).expect(204);
        assert_eq!(cancelled.header("odata-version"), Some("4.0"));
        watch(&server, "GET", monitor).refused(404, "NotFound", "");
        watch(&server, "DELETE", monitor).refused(404, "NotFound", "");
    }
    // The work finds out as soon as it has something to write, and the log says so.
    drop(held);
    let cut = "Systems_Monitoring_AuditLogEntries?$filter=EventName eq 'Exported'";
    let cut = format!("{cut}&$select=EventName,Details");
    let told = || {
        server.service.write_out_audit().unwrap();
        let rows = server.get(&cut).to_string();
        rows.matches("CutOff").count()
    };
    while told() < 2 {
        std::thread::yield_now();
    }
    // What is there already goes as well.
    let done = later(&server, &export());
    assert_eq!(fetched(&watch(&server, "HEAD", &done)).status, 200);
    watch(&server, "DELETE", &done).expect(204);
    watch(&server, "GET", &done).refused(404, "NotFound", "");
}

fn who_gives_up_waiting_is_told_where(kind: Kind) {
    let server = server_with(kind, LaterSettings::default(), 0);
    let held = hold(&server);
    let request = server.ask("GET", &export()).prefer("respond-async, wait=0");
    let promised = request.expect(202);
    let applied = promised.header("preference-applied");
    assert_eq!(applied, Some("respond-async, wait=0"));
    let monitor = monitor_of(&promised);
    watch(&server, "GET", &monitor).prefer("wait=0").expect(202);
    drop(held);
    let end = watch(&server, "GET", &monitor)
        .prefer("wait=60")
        .expect(200);
    assert!(end.text().contains("~tester"), "{end}");
}

fn monitors_are_their_callers_own(kind: Kind) {
    let server = kind.server();
    let boss = server.user_with("boss", json!({"IsAdmin": true}));
    let boss = session_of(&server, &boss, Scopes::ALL);
    let monitor = later(&server, &export());
    let unknown = "/api/domain/odata/$async/00000000-0000-4000-8000-00000000abcd";
    for method in ["GET", "HEAD", "DELETE"] {
        watch(&server, method, &monitor).anonymous().expect(401);
        let foreign = as_other(watch(&server, method, &monitor), &boss).expect(404);
        let nothing = as_other(watch(&server, method, unknown), &boss).expect(404);
        // Not even that there is something can be told.
        let message = |answer: &crate::support::http::Answer| match method {
            "HEAD" => json!(null),
            _ => answer.json()["error"]["message"].clone(),
        };
        assert_eq!(message(&foreign), message(&nothing));
    }
    assert_eq!(fetched(&watch(&server, "GET", &monitor)).status, 200);
}

fn other_rights_are_another_caller(kind: Kind) {
    let server = kind.server();
    let monitor = later(&server, &export());
    assert_eq!(fetched(&watch(&server, "HEAD", &monitor)).status, 200);
    // The same user by a sign-in that sees less.
    for scopes in ["read", "update", ""] {
        let less = session(&server, TESTER, Scopes::parse(scopes));
        as_other(watch(&server, "GET", &monitor), &less).refused(410, "Gone", "");
    }
    // Another sign-in that sees the same is the same caller.
    let same = session(&server, TESTER, Scopes::ALL);
    as_other(watch(&server, "GET", &monitor), &same).expect(200);
    // What an administrator has asked for is not theirs any more when they are none.
    let boss = server.user_with("boss", json!({"IsAdmin": true}));
    let session = session_of(&server, &boss, Scopes::ALL);
    let request = as_other(server.ask("GET", &export()), &session).prefer("respond-async");
    let monitor = monitor_of(&request.expect(202));
    let head = as_other(watch(&server, "HEAD", &monitor), &session);
    assert_eq!(fetched(&head).status, 200);
    server.change(&boss, &json!({"IsAdmin": false}));
    let get = as_other(watch(&server, "GET", &monitor), &session);
    get.refused(410, "Gone", "");
    as_other(watch(&server, "DELETE", &monitor), &session).expect(204);
}

fn monitors_take_nothing_else(kind: Kind) {
    let server = kind.server();
    let monitor = later(&server, &export());
    for method in ["POST", "PUT", "PATCH"] {
        let refused = watch(&server, method, &monitor).refused(405, "MethodNotAllowed", "");
        let allowed = refused.header("allow");
        assert_eq!(allowed, Some("GET, HEAD, DELETE, OPTIONS"));
    }
    let options = format!("{monitor}?$format=json");
    watch(&server, "GET", &options).refused(400, "InvalidOption", "");
    for path in ["$async", "$async/", "$async/x", "$async/1/2"] {
        server.ask("GET", path).refused(404, "NotFound", "");
    }
    // A batch has none.
    let name = monitor.rsplit('/').next().unwrap();
    for method in ["get", "delete"] {
        let body =
            json!({"requests": [{"id": "1", "method": method, "url": format!("$async/{name}")}]});
        let batch = server.post("$batch", &body).expect(200);
        let status = batch.json()["responses"][0]["status"].as_u64().unwrap();
        assert!((400..500).contains(&status), "{batch}");
    }
    assert_eq!(fetched(&watch(&server, "GET", &monitor)).status, 200);
}

fn a_restart_forgets(kind: Kind) {
    let server = kind.server();
    let monitor = later(&server, &export());
    let other = server.beside(crate::support::server::settings());
    watch(&other, "GET", &monitor).refused(404, "NotFound", "");
    assert_eq!(fetched(&watch(&server, "GET", &monitor)).status, 200);
}
