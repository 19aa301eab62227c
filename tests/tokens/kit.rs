//! Applications, and tokens made and used.

use std::sync::Arc;

use serde_json::{Value as Json, json};
use userdex::access::{Identity, Scopes};
use userdex::diag::{Problem, Result};
use userdex::service::{
    Caller, ContentIds, Credential, Recalled, Service, Verb, Way, WriteRequest, own_request,
};
use userdex::value::Timestamp;
use uuid::Uuid;

use crate::at::{account, path, start, write};
use crate::support::world::World;

pub const APPLICATIONS: &str = "Systems_Security_TrustedApplications";
pub const TOKENS: &str = "Systems_Security_AccessTokens";

/// Makes an application; its key.
pub fn application(world: &World, uri: &str, more: &Json) -> Uuid {
    let id = Uuid::now_v7();
    let mut body = json!({"Id": id.to_string(), "ApplicationUri": uri, "Name": uri});
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    write(&world.service, Verb::Post, APPLICATIONS, &body).unwrap();
    id
}

/// One that lets every user have tokens.
pub fn open_application(world: &World, uri: &str) -> Uuid {
    application(
        world,
        uri,
        &json!({"ReferenceTokens": "AuthenticatedUsers"}),
    )
}

/// The link to a user.
pub fn system_user(user: Uuid) -> Json {
    json!({"@odata.id": path(user)})
}

/// A user as the caller of some way in.
pub fn caller(world: &World, user: Uuid, way: Way, scopes: Scopes) -> Arc<Caller> {
    let account = account(&world.store, user);
    let identity = Identity {
        user,
        login: account.login,
        administrator: account.is_admin,
        scopes,
        way,
        session: None,
        application: None,
    };
    world.service.caller(identity).unwrap()
}

/// Makes a change as a caller; the body of the answer.
pub fn write_as(
    service: &Service,
    caller: &Arc<Caller>,
    (verb, path): (Verb, &str),
    body: &Json,
    now: Timestamp,
) -> Result<Json> {
    let request = WriteRequest {
        caller: Arc::clone(caller),
        ..own_request(verb, path.to_owned(), body, now)
    };
    let done = service.write(&[request], &mut ContentIds::default());
    let answers = done.map_err(|refusal| refusal.problem)?;
    Ok(serde_json::from_slice(&answers[0].body).unwrap_or(Json::Null))
}

/// Makes a token at the start, as a caller.
pub fn issue_as(world: &World, maker: &Arc<Caller>, user: Uuid, body: &Json) -> Result<Json> {
    let target = format!("{}/Ext.IssueToken", path(user));
    write_as(&world.service, maker, (Verb::Post, &target), body, start())
}

/// Makes a token as the program itself: the token and its key.
pub fn issue(world: &World, user: Uuid, body: &Json) -> (String, String) {
    let made = issue_as(world, Caller::system(), user, body).unwrap();
    let text = |name: &str| made[name].as_str().unwrap().to_owned();
    (text("token"), text("id"))
}

/// The caller of a token, as the server does it: from memory, where it is there.
pub fn by_token(service: &Service, token: &str, now: Timestamp) -> Result<Arc<Caller>, Problem> {
    enter(service, Credential::Token(token), token, now)
}

/// The caller of a signed token.
pub fn by_signed(service: &Service, token: &str, now: Timestamp) -> Result<Arc<Caller>, Problem> {
    let site = SITE;
    enter(service, Credential::Signed { token, site }, token, now)
}

/// The site of tests without a server.
pub const SITE: &str = "https://users.example";

fn enter(
    service: &Service,
    credential: Credential<'_>,
    text: &str,
    now: Timestamp,
) -> Result<Arc<Caller>, Problem> {
    let imprint = service.imprint(credential.way(), text);
    match service.recall(&imprint, now) {
        Recalled::Caller(caller) => Ok(caller),
        _ => service.enter(imprint, credential, None, now),
    }
}
