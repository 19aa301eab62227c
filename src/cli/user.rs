//! `userdex user`: users for whoever holds the database, without signing in.

use std::io::Read as _;

use clap::{Args, Subcommand};
use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::base::{Base, operator};
use super::first_start::unread;
use super::{Outcome, output};
use crate::access::generated_password;
use crate::diag::{Code, Problem, Result};
use crate::service::{ContentIds, Service, Verb, own_request};
use crate::value::Timestamp;

/// What `user` takes.
#[derive(Debug, Args)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Add a user; a password that is not given is made up and printed
    Add(Add),
    /// Give a user a new password; all sessions of the user end
    SetPassword {
        /// The login, perhaps with its domain: DOMAIN\\LOGIN
        login: String,
        /// Read the password from standard input, instead of making one up
        #[arg(long)]
        password_stdin: bool,
    },
    /// Let a user who is locked sign in again
    Unlock {
        /// The login, perhaps with its domain: DOMAIN\\LOGIN
        login: String,
    },
    /// Take a user out of use; all sessions of the user end
    Deactivate {
        /// The login, perhaps with its domain: DOMAIN\\LOGIN
        login: String,
    },
    /// Set a second factor up for a user, and print its secret and recovery codes
    EnrolSecondFactor {
        /// The login, perhaps with its domain: DOMAIN\\LOGIN
        login: String,
    },
}

/// Options of `user add`.
#[derive(Debug, Args)]
struct Add {
    /// The login
    login: String,
    /// The name [default: the login]
    #[arg(long)]
    name: Option<String>,
    /// The e-mail address
    #[arg(long)]
    email: Option<String>,
    /// The type of the user
    #[arg(long, value_name = "TYPE", default_value = "InternalUser")]
    user_type: String,
    /// Make the user an administrator
    #[arg(long)]
    admin: bool,
    /// Allow HTTP Basic
    #[arg(long)]
    basic: bool,
    /// Read the password from standard input, instead of making one up
    #[arg(long)]
    password_stdin: bool,
}

/// Runs one of the actions.
pub(super) fn run(arguments: &Arguments, base: &Base) -> Result<Outcome> {
    let store = base.existing_store()?;
    let service = Service::new(base.model()?, store, base.service_settings())?;
    let service = service.for_client(operator());
    let users = Users(&service);
    match &arguments.action {
        Action::Add(add) => users.add(add),
        Action::SetPassword {
            login,
            password_stdin,
        } => users.set_password(login, *password_stdin),
        Action::Unlock { login } => {
            let path = format!("{}/Ext.Unlock", path(users.find(login)?));
            users.write(Verb::Post, path, &json!({}))
        }
        Action::Deactivate { login } => {
            let path = path(users.find(login)?);
            users.write(Verb::Patch, path, &json!({"Active": false}))
        }
        Action::EnrolSecondFactor { login } => users.enrol(login),
    }
}

struct Users<'s>(&'s Service);

impl Users<'_> {
    fn add(&self, add: &Add) -> Result<Outcome> {
        let mut body = Map::new();
        let name = add.name.as_ref().unwrap_or(&add.login);
        body.insert("Login".to_owned(), json!(add.login));
        body.insert("Name".to_owned(), json!({ "EN": name }));
        body.insert("UserType".to_owned(), json!(add.user_type));
        body.insert("IsAdmin".to_owned(), json!(add.admin));
        body.insert("BasicAuthenticationAllowed".to_owned(), json!(add.basic));
        if let Some(email) = &add.email {
            body.insert("Email".to_owned(), json!(email));
        }
        // The types without passwords.
        let signs_in = !matches!(
            add.user_type.as_str(),
            "VirtualUserNoLogin" | "ApplicationUserNoLogin"
        );
        let mut made = None;
        if signs_in {
            let (password, is_made) = password(add.password_stdin)?;
            body.insert("@ext.initialPassword".to_owned(), json!(password));
            made = is_made.then_some(password);
        }
        let set = "Systems_Security_Users".to_owned();
        self.write(Verb::Post, set, &Json::Object(body))?;
        tell(made.as_deref())
    }

    fn set_password(&self, login: &str, from_stdin: bool) -> Result<Outcome> {
        let path = format!("{}/Ext.SetPassword", path(self.find(login)?));
        let (password, is_made) = password(from_stdin)?;
        self.write(Verb::Post, path, &json!({ "password": password }))?;
        tell(is_made.then_some(password.as_str()))
    }

    fn enrol(&self, login: &str) -> Result<Outcome> {
        let user = self.find(login)?;
        let enrolled = self.0.enrol_second_factor(user, login, Timestamp::now())?;
        let mut text = format!(
            "secret   {}\naddress  {}\nEach of these codes works once, without the device:\n",
            enrolled.secret.as_text(),
            enrolled.uri.as_text()
        );
        for code in &enrolled.recovery {
            text.push_str("  ");
            text.push_str(code.as_text());
            text.push('\n');
        }
        output::print(&text)
    }

    fn find(&self, login: &str) -> Result<Uuid> {
        self.0.user_named(login)?.ok_or_else(|| {
            let message = format!("there is no user `{login}`, or more than one");
            Problem::new(Code::NotFound, message)
                .help("write `domain\\login` where it is more than one")
        })
    }

    fn write(&self, verb: Verb, path: String, body: &Json) -> Result<Outcome> {
        let request = own_request(verb, path, body, Timestamp::now());
        let done = self.0.write(&[request], &mut ContentIds::default());
        done.map_err(|refusal| refusal.problem)?;
        Ok(Outcome::Done)
    }
}

fn path(user: Uuid) -> String {
    format!("Systems_Security_Users({user})")
}

/// The password from standard input, its line end taken off, or one that was made up.
fn password(from_stdin: bool) -> Result<(String, bool)> {
    if !from_stdin {
        let mut random = [0; 24];
        getrandom::fill(&mut random).map_err(|_| unread("the system\u{2019}s source of chance"))?;
        return Ok((generated_password(&random), true));
    }
    let mut text = String::new();
    let read = std::io::stdin().take(4096).read_to_string(&mut text);
    read.map_err(|_| unread("the password"))?;
    let line = text.strip_suffix('\n').unwrap_or(&text);
    let line = line.strip_suffix('\r').unwrap_or(line);
    Ok((line.to_owned(), false))
}

/// Prints a password that was made up.
fn tell(password: Option<&str>) -> Result<Outcome> {
    match password {
        Some(password) => output::print(&format!(
            "The password, which is shown only now:\n  {password}\n"
        )),
        None => Ok(Outcome::Done),
    }
}
