//! A service over each kind of database, and attempts to sign in at a time.

use std::time::Duration;

use serde_json::{Value as Json, json};
use userdex::diag::{Problem, Result};
use userdex::service::{
    Attempt, Caller, ContentIds, Credential, Opened, Service, Verb, Way, own_request,
};
use userdex::store::{Account, SignInReads as _, Store};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::support::world::{World, worlds};

pub(crate) const USERS: &str = "Systems_Security_Users";
pub(crate) const PASSWORD: &str = "correct horse";

/// The time at which tests begin; `later` minutes and seconds after it.
pub(crate) fn start() -> Timestamp {
    Timestamp::parse("2026-11-26T12:00:00Z").unwrap()
}

/// So long after the start.
pub(crate) fn after(time: Duration) -> Timestamp {
    let micros = i64::try_from(time.as_micros()).unwrap();
    Timestamp::from_micros(start().micros() + micros)
}

pub(crate) fn seconds(n: u64) -> Timestamp {
    after(Duration::from_secs(n))
}

pub(crate) fn minutes(n: u64) -> Timestamp {
    seconds(60 * n)
}

pub(crate) fn millis(n: u64) -> Timestamp {
    after(Duration::from_millis(n))
}

/// Runs a test on a new database of each kind.
pub(crate) fn on_each(test: impl Fn(&World)) {
    for world in worlds(0) {
        test(&world);
    }
}

/// Another process on the database of a world.
pub(crate) fn other(world: &World, settings: userdex::service::ServiceSettings) -> Service {
    Service::new(world.model.clone(), world.store.clone(), settings).unwrap()
}

/// Makes a change as the program itself.
pub(crate) fn write(service: &Service, verb: Verb, path: &str, body: &Json) -> Result<()> {
    let request = own_request(verb, path.to_owned(), body, start());
    let done = service.write(&[request], &mut ContentIds::default());
    done.map(drop).map_err(|refusal| refusal.problem)
}

/// Makes a user with a role, so that everything else decides; the key.
pub(crate) fn user(world: &World, login: &str, more: &Json) -> Uuid {
    let mut body = json!({
        "Login": login,
        "Name": {"EN": login},
        "BasicAuthenticationAllowed": true,
        "IsAdmin": true,
        "@ext.initialPassword": PASSWORD,
    });
    for (name, value) in more.as_object().unwrap() {
        if *value == Json::Null {
            body.as_object_mut().unwrap().shift_remove(name);
        } else {
            body[name] = value.clone();
        }
    }
    write(&world.service, Verb::Post, USERS, &body).unwrap();
    let mut session = world.store.session().unwrap();
    let folded = userdex::value::fold(login);
    let found = session.accounts(&folded).unwrap();
    found.last().unwrap().user
}

/// The address of a user.
pub(crate) fn path(user: Uuid) -> String {
    format!("{USERS}({user})")
}

pub(crate) fn account(store: &Store, user: Uuid) -> Account {
    store.session().unwrap().account(user).unwrap().unwrap()
}

/// An attempt by the login endpoint.
pub(crate) fn attempt<'a>(login: &'a str, password: &'a str, now: Timestamp) -> Attempt<'a> {
    Attempt {
        login,
        password,
        code: None,
        way: Way::Session,
        application: None,
        windows_user: None,
        now,
    }
}

pub(crate) fn log_in(service: &Service, login: &str, now: Timestamp) -> Result<Opened> {
    service.log_in(&attempt(login, PASSWORD, now))
}

/// The caller of a session.
pub(crate) fn by_session(
    service: &Service,
    id: &str,
    now: Timestamp,
) -> Result<std::sync::Arc<Caller>> {
    enter(service, Credential::Session(id), id, now)
}

/// The caller of HTTP Basic.
pub(crate) fn by_basic(
    service: &Service,
    login: &str,
    password: &str,
    now: Timestamp,
) -> Result<std::sync::Arc<Caller>> {
    let text = format!("{login}:{password}");
    let credential = Credential::Basic {
        login,
        password,
        application: None,
    };
    enter(service, credential, &text, now)
}

/// As the server does it: from memory, where it is there.
fn enter(
    service: &Service,
    credential: Credential<'_>,
    text: &str,
    now: Timestamp,
) -> Result<std::sync::Arc<Caller>> {
    let imprint = service.imprint(credential.way(), text);
    match service.recall(&imprint, now) {
        userdex::service::Recalled::Caller(caller) => Ok(caller),
        _ => service.enter(imprint, credential, None, now),
    }
}

/// The code of a refusal; empty for none.
pub(crate) fn code<T>(result: &Result<T, Problem>) -> &'static str {
    match result {
        Ok(_) => "",
        Err(problem) => problem.word(),
    }
}
