//! `userdex token`: reference tokens for whoever holds the database, without signing in.

use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::base::{Base, operator};
use super::{Outcome, output};
use crate::diag::{Code, Problem, Result};
use crate::service::{ContentIds, Service, TokenFacts, Verb, own_request};
use crate::value::Timestamp;

/// What `token` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Make a token for a user; it is printed once, and kept nowhere
    Issue(Issue),
    /// Print tokens, the newest first: never the tokens themselves
    List {
        /// Only those of this user: LOGIN, or DOMAIN\\LOGIN
        login: Option<String>,
    },
    /// End a token; its row stays
    Revoke {
        /// Its key, as `token list` prints it
        id: Uuid,
    },
}

/// Options of `token issue`.
#[derive(Debug, Args)]
struct Issue {
    /// The login, perhaps with its domain: DOMAIN\\LOGIN
    login: String,
    /// What the token is for
    #[arg(long)]
    description: Option<String>,
    /// What it allows, such as "read" or "read update" [default: read update]
    #[arg(long)]
    scopes: Option<String>,
    /// When it ends, such as 2027-01-31T00:00:00Z [default: `tokens.default_expiry` from now]
    #[arg(long, value_name = "TIME")]
    expires: Option<String>,
    /// The application that it is for: its `ApplicationUri`
    #[arg(long, value_name = "URI")]
    application: Option<String>,
}

/// Runs one of the actions.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let store = base.existing_store()?;
    let service = Service::new(base.model()?, store, base.service_settings())?;
    let service = service.for_client(operator());
    match &arguments.action {
        Action::Issue(issue) => make(&service, issue),
        Action::List { login } => {
            let user = login.as_deref().map(|login| find(&service, login));
            let tokens = service.tokens(user.transpose()?)?;
            let now = Timestamp::now();
            let lines: String = tokens.iter().map(|token| line(token, now)).collect();
            output::print(&lines)
        }
        Action::Revoke { id } => {
            let path = format!("Systems_Security_AccessTokens({id})/Ext.RevokeToken");
            write(&service, path, &json!({}))?;
            Ok(Outcome::Done)
        }
    }
}

fn make(service: &Service, issue: &Issue) -> Result<Outcome> {
    let user = find(service, &issue.login)?;
    let mut body = Map::new();
    for (name, value) in [
        ("description", &issue.description),
        ("scopes", &issue.scopes),
        ("expires", &issue.expires),
        ("application", &issue.application),
    ] {
        if let Some(value) = value {
            body.insert(name.to_owned(), json!(value));
        }
    }
    let path = format!("Systems_Security_Users({user})/Ext.IssueToken");
    let made = write(service, path, &Json::Object(body))?;
    let text = |name: &str| made.get(name).and_then(Json::as_str).unwrap_or_default();
    output::print(&format!(
        "The token, which is shown only now:\n  {}\nid       {}\nexpires  {}\n",
        text("token"),
        text("id"),
        text("expires")
    ))
}

fn write(service: &Service, path: String, body: &Json) -> Result<Json> {
    let request = own_request(Verb::Post, path, body, Timestamp::now());
    let done = service.write(&[request], &mut ContentIds::default());
    let answers = done.map_err(|refusal| refusal.problem)?;
    let body = answers.first().map(|answer| &answer.body[..]);
    Ok(serde_json::from_slice(body.unwrap_or_default()).unwrap_or(Json::Null))
}

/// The user of a login.
fn find(service: &Service, login: &str) -> Result<Uuid> {
    service.user_named(login)?.ok_or_else(|| {
        let message = format!("there is no user `{login}`, or more than one");
        Problem::new(Code::NotFound, message)
            .help("write `domain\\login` where it is more than one")
    })
}

/// One line about a token.
fn line(token: &TokenFacts, now: Timestamp) -> String {
    let time = |time: Option<Timestamp>| time.map_or("never".to_owned(), |t| t.to_string());
    let state = if token.revoked.is_some() {
        "revoked"
    } else if token.expires.is_none_or(|end| end <= now) {
        "expired"
    } else {
        "in use"
    };
    format!(
        "{}  {}  {state}  [{}]  made {}  expires {}  used {}  {}\n",
        token.id,
        token.login,
        token.scopes,
        time(Some(token.created)),
        time(token.expires),
        time(token.used),
        token.description
    )
}
