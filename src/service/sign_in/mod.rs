//! The stories of signing in: passwords, sessions, and who a request comes from.
//!
//! [`Service::recall`] answers from memory whose credential a request carries, [`Service::enter`]
//! asks the database; both give the [`Caller`] that everything after it takes. What is allowed is
//! decided in [`crate::access`]; the order of the checks is that of [`Service::prove`].

mod callers;
mod enrol;
mod enter;
mod find;
mod first;
mod prove;
mod renew;
mod second_factor;
mod sessions;
mod settings;

use std::time::Duration;

pub(super) use callers::Callers;
pub use enter::{Credential, Recalled};
pub use first::FirstStart;
pub(super) use prove::{granted, identity, is_administrator};
pub use second_factor::Enrolled;
pub(super) use sessions::NOTED;
pub use sessions::Opened;
pub use settings::SignInSettings;

use serde_json::Value as Json;

use super::{Caller, Conditions, Preferences, Service, Verb, WriteRequest};
use crate::access::Way;
use crate::value::{Language, Timestamp};

/// A sign-in with a password.
#[derive(Clone, Copy)]
pub struct Attempt<'a> {
    /// The login, perhaps with its domain: `domain\login`.
    pub login: &'a str,
    /// The password.
    pub password: &'a str,
    /// The code of the second factor.
    pub code: Option<&'a str>,
    /// The way in.
    pub way: Way,
    /// The program that signs in.
    pub application: Option<&'a str>,
    /// The Windows account that a trusted proxy has named.
    pub windows_user: Option<&'a str>,
    /// The time of the request.
    pub now: Timestamp,
}

impl std::fmt::Debug for Attempt<'_> {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Attempt")
            .field("way", &self.way)
            .finish_non_exhaustive()
    }
}

/// A change that the program itself makes.
pub fn own_request(verb: Verb, path: String, body: &Json, now: Timestamp) -> WriteRequest {
    WriteRequest {
        verb,
        path,
        query: String::new(),
        root: String::new(),
        accept: None,
        content_type: None,
        body: body.to_string().into(),
        language: Language::default(),
        odata_version: None,
        payload_version: None,
        preferences: Preferences {
            answer: Some(super::Return::Minimal),
            ..Preferences::default()
        },
        conditions: Conditions::default(),
        repeatability: None,
        content_id: None,
        application: Some("userdex".to_owned()),
        transaction: None,
        caller: Caller::system().clone(),
        now,
    }
}

/// A time after another.
pub(super) fn later(time: Timestamp, by: Duration) -> Timestamp {
    let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(time.micros().saturating_add(micros))
}

/// A time before another.
pub(super) fn earlier(time: Timestamp, by: Duration) -> Timestamp {
    let micros = i64::try_from(by.as_micros()).unwrap_or(i64::MAX);
    Timestamp::from_micros(time.micros().saturating_sub(micros))
}
