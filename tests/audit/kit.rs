//! The log as an administrator with `sec` reads it, users who sign in, and raw statements.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value as Json, json};
use userdex::audit::ParsedHead;
use userdex::service::{ContentIds, Service, Verb, own_request};
use userdex::store::SignInReads as _;
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::support::beside;
use crate::support::http::Request;
use crate::support::world::{Reply, World, worlds};

pub const LOG: &str = "Systems_Monitoring_AuditLogEntries";
pub const USERS: &str = "Systems_Security_Users";
pub const PASSWORD: &str = "correct horse MARKER-password";

/// One entry.
#[derive(Debug, Clone)]
pub struct Line {
    pub name: String,
    pub user: String,
    pub object: String,
    pub table: String,
    pub application: String,
    pub details: Json,
}

impl Line {
    /// A word of its details; empty for none.
    pub fn word(&self, name: &str) -> String {
        match &self.details[name] {
            Json::Null => String::new(),
            Json::String(text) => text.clone(),
            other => other.to_string(),
        }
    }
}

/// Runs a test on a new database of each kind, each with a server.
pub fn on_each(test: impl Fn(&World)) {
    for world in worlds(0) {
        test(&world);
    }
}

/// Every entry, in the order of the chain, once all is written; the chain holds.
pub fn log(world: &World) -> Vec<Line> {
    world.service.write_out_audit().unwrap();
    assert_eq!(broken(world, None), "", "{}", world.name);
    let mut lines = Vec::new();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let id = |id: Option<Uuid>| id.map(|id| id.to_string()).unwrap_or_default();
    let taken = world.service.export_audit(&mut |exported| {
        let entry = exported.entry.unwrap();
        lines.push(Line {
            name: text(&entry.name),
            user: id(entry.user),
            object: id(entry.object),
            table: text(&entry.table),
            application: text(&entry.application),
            details: serde_json::from_str(&text(&entry.details)).unwrap(),
        });
        Ok(())
    });
    taken.unwrap();
    lines
}

/// The entries that `work` brings.
pub fn noted(world: &World, work: impl FnOnce()) -> Vec<Line> {
    let before = log(world).len();
    work();
    log(world).split_off(before)
}

/// Their names.
pub fn names(lines: &[Line]) -> Vec<&str> {
    lines.iter().map(|line| line.name.as_str()).collect()
}

/// What is wrong with the chain; empty for nothing.
pub fn broken(world: &World, kept: Option<&str>) -> String {
    let kept = kept.map(|kept| ParsedHead::parse(kept).unwrap());
    let verified = world.service.verify_audit(kept.as_ref()).unwrap();
    let findings: Vec<String> = verified.findings.iter().map(ToString::to_string).collect();
    findings.join("; ")
}

/// The head, as it is to be kept elsewhere.
pub fn head(world: &World) -> String {
    world.service.verify_audit(None).unwrap().head.to_string()
}

/// Runs statements beside the service; the database's complaint.
pub fn raw(world: &World, sql: &str) -> Result<(), String> {
    beside::attempt(&world.url, sql).map_err(|error| error.to_string())
}

/// Makes a change as the program itself.
pub fn write(service: &Service, verb: Verb, path: &str, body: &Json) {
    let request = own_request(verb, path.to_owned(), body, Timestamp::now());
    service
        .write(&[request], &mut ContentIds::default())
        .unwrap();
}

/// Makes an administrator who may sign in every way; the key.
pub fn user(world: &World, login: &str) -> Uuid {
    let body = json!({
        "Login": login,
        "Name": {"EN": login},
        "BasicAuthenticationAllowed": true,
        "IsAdmin": true,
        "@ext.initialPassword": PASSWORD,
    });
    write(&world.service, Verb::Post, USERS, &body);
    let mut session = world.store.session().unwrap();
    session.accounts(login).unwrap().pop().unwrap().user
}

/// The address of a user.
pub fn path(user: Uuid) -> String {
    format!("{USERS}({user})")
}

/// A request to a server that nobody has signed in for.
pub fn ask(world: &World, method: &str, target: &str) -> Request {
    let address = world.host().parse().unwrap();
    Request::new(address, method, target)
        .anonymous()
        .header("User-Agent", "tester/1")
}

/// `Authorization` of HTTP Basic.
pub fn basic(login: &str, password: &str) -> String {
    format!("Basic {}", STANDARD.encode(format!("{login}:{password}")))
}

/// Signs in at the endpoint; `Authorization` of the session.
pub fn log_in(world: &World, login: &str, password: &str) -> Option<String> {
    let body = json!({"user": login, "pass": password, "app": "grid"});
    let answer = ask(world, "POST", "/api/domain/login").json(&body).send();
    (answer.status == 200).then(|| answer.json()["authorization"].as_str().unwrap().to_owned())
}

/// Sends a request below the service root as somebody.
pub fn send(world: &World, who: &str, method: &str, path: &str, body: &Json) -> Reply {
    let headers = [
        ("Authorization", who),
        ("Content-Type", "application/json"),
        ("User-Agent", "tester/1"),
    ];
    let body = match body {
        Json::Null => String::new(),
        body => body.to_string(),
    };
    world.send_as(method, path, &headers, body.as_bytes())
}
