//! What happened: the kinds of events, and who, what and how of one.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::text::line;
use crate::value::Timestamp;

/// Makes [`What`] from its table.
macro_rules! kinds {
    ($($kind:ident $class:literal $code:literal $about:literal;)*) => {
        /// A kind of event.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum What { $(#[doc = $about] $kind,)* }

        impl What {
            /// Every kind.
            pub const ALL: &[Self] = &[$(Self::$kind),*];

            /// `EventName`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$kind => stringify!($kind),)* }
            }

            /// The code of `EventClass`.
            pub const fn class(self) -> &'static str {
                match self { $(Self::$kind => $class,)* }
            }

            /// The code of `EventType`.
            pub const fn code(self) -> &'static str {
                match self { $(Self::$kind => $code,)* }
            }

            /// What it means, one sentence.
            pub const fn about(self) -> &'static str {
                match self { $(Self::$kind => $about,)* }
            }
        }
    };
}

kinds! {
    SignedIn "A" "AIN" "Somebody proved who they are, or a session was opened for them.";
    SignInFailed "A" "AFL" "A sign-in failed; `reason` says why, which nobody else is told.";
    LockedOut "A" "ATH" "Too many failures locked a user.";
    SignedOut "A" "AOU" "Somebody ended their session.";
    SessionsRevoked "A" "ATH" "All sessions of a user were ended.";
    PasswordChanged "A" "APW" "A user has a new password.";
    PasswordRehashed "A" "ATH" "The same password was hashed anew at a sign-in.";
    SecondFactorChanged "A" "ATH" "The second factor of a user was set up, changed or taken away.";
    RecoveryCodeUsed "A" "ATH" "A recovery code took the place of the second factor.";
    TokenIssued "A" "ATH" "A token was made.";
    TokenRevoked "A" "ATH" "A token was ended.";
    ClientSecretSet "A" "ATH" "An application has a new secret.";
    UserCreated "E" "ECR" "A user was created.";
    UserDeleted "E" "EDE" "A user was deleted.";
    UserActivated "E" "EUP" "A user was taken into use again.";
    UserDeactivated "E" "EUP" "A user was taken out of use.";
    RightsCreated "E" "ECR" "Something that decides who may do what was created.";
    RightsChanged "E" "EUP" "Something that decides who may do what was changed.";
    RightsDeleted "E" "EDE" "Something that decides who may do what was deleted.";
    Exported "E" "ELD" "Rows were sent as NDJSON, CSV or a workbook.";
    Imported "E" "ETH" "An import ended; how many objects it added, changed, deleted, left and refused is said.";
    ReadRefused "E" "ETH" "A read asked for what the caller may not see.";
    ChangeRefused "E" "ETH" "A change asked for what the caller may not do.";
    ServerStarted "S" "STH" "A server of the database started.";
    SettingsChanged "S" "STH" "Settings differ from those of the last start: their names.";
    KeysRotated "S" "STH" "New keys took the place of old ones.";
    AuditShortened "S" "STH" "Entries older than `audit.retention` were removed.";
}

/// How it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// It was done.
    Done,
    /// It was not allowed.
    Refused,
    /// It went wrong.
    Failed,
}

impl Outcome {
    /// The word in the details of an entry.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Done => "done",
            Self::Refused => "refused",
            Self::Failed => "failed",
        }
    }
}

/// Who took part, as far as that is proved.
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash)]
pub struct Who {
    /// The key of the user.
    pub user: Option<Uuid>,
    /// Who it was, in a word: a login, `command line`, or the service itself.
    pub caller: String,
    /// How they signed in.
    pub way: Option<&'static str>,
    /// The program.
    pub application: Option<String>,
    /// The address of the client.
    pub address: Option<String>,
    /// The user of the operating system, on the command line.
    pub operator: Option<String>,
}

/// The object concerned.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Object {
    /// Its table.
    pub table: String,
    /// Its key.
    pub id: Option<Uuid>,
}

/// Something that happened. Two that are equal are the same thing once more.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Event {
    /// What kind.
    pub what: What,
    /// How it ended.
    pub outcome: Outcome,
    /// Who took part.
    pub who: Who,
    /// The object concerned.
    pub object: Option<Object>,
    /// More words about it.
    ///
    /// INVARIANT: never a secret, whoever makes the event.
    pub more: Map<String, Json>,
}

/// Characters of `ApplicationName` at most.
const APPLICATION: usize = 64;
/// Characters of other texts at most.
const TEXT: usize = 254;

impl Event {
    /// Something that was done.
    pub fn new(what: What, who: Who) -> Self {
        Self {
            what,
            outcome: Outcome::Done,
            who,
            object: None,
            more: Map::new(),
        }
    }

    /// The same with another end.
    #[must_use]
    pub fn ended(mut self, outcome: Outcome) -> Self {
        self.outcome = outcome;
        self
    }

    /// Says which object is concerned.
    #[must_use]
    pub fn on(mut self, table: &str, id: Option<Uuid>) -> Self {
        let table = table.to_owned();
        self.object = Some(Object { table, id });
        self
    }

    /// Adds a word about it. Texts are cut to one line.
    #[must_use]
    pub fn with(mut self, name: &str, value: impl Into<Json>) -> Self {
        let value = value.into();
        let value = match value.as_str() {
            Some(text) => Json::String(line(text, TEXT)),
            None => value,
        };
        self.more.insert(name.to_owned(), value);
        self
    }

    /// `ApplicationName`.
    pub(super) fn application(&self) -> Option<String> {
        let name = self.who.application.as_deref()?;
        Some(line(name, APPLICATION)).filter(|name| !name.is_empty())
    }

    /// `Details`: an object in JSON, one line. `times` is how often it happened, from when to when.
    pub(super) fn details(&self, times: u64, (first, last): (Timestamp, Timestamp)) -> String {
        let mut all = Map::new();
        let mut put = |name: &str, value: Json| all.insert(name.to_owned(), value);
        put("outcome", json!(self.outcome.word()));
        put("caller", json!(line(&self.who.caller, TEXT)));
        for (name, value) in [
            ("way", self.who.way),
            ("address", self.who.address.as_deref()),
            ("operator", self.who.operator.as_deref()),
        ] {
            if let Some(value) = value {
                put(name, json!(line(value, TEXT)));
            }
        }
        for (name, value) in &self.more {
            put(name, value.clone());
        }
        if times > 1 {
            put("times", json!(times));
            put("first", json!(first.to_string()));
            put("last", json!(last.to_string()));
        }
        Json::Object(all).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn kinds_fit_the_table() {
        for what in What::ALL {
            assert!(what.name().len() <= 128);
            assert!(["A", "E", "S"].contains(&what.class()), "{what:?}");
            assert!(what.code().starts_with(what.class()), "{what:?}");
            assert!(what.about().ends_with('.'));
        }
    }

    #[test]
    fn the_documentation_lists_every_kind() {
        let document = include_str!("../../docs/SECURITY.md");
        for what in What::ALL {
            let row = format!("| `{}` | {} |", what.name(), what.about());
            assert!(document.contains(&row), "docs/SECURITY.md lacks: {row}");
        }
    }

    #[test]
    fn details_are_one_line_of_json() {
        let who = Who {
            caller: "ann\nx".to_owned(),
            address: Some("10.0.0.1".to_owned()),
            application: Some("grid\r\n/1".repeat(20)),
            ..Who::default()
        };
        let event = Event::new(What::SignInFailed, who)
            .ended(Outcome::Refused)
            .with("reason", "password\n");
        let time = Timestamp::from_micros(0);
        assert_eq!(
            event.details(1, (time, time)),
            r#"{"outcome":"refused","caller":"ann x","address":"10.0.0.1","reason":"password"}"#
        );
        let many = event.details(3, (time, Timestamp::from_micros(1_000_000)));
        assert!(many.ends_with(
            r#""times":3,"first":"1970-01-01T00:00:00Z","last":"1970-01-01T00:00:01Z"}"#
        ));
        assert_eq!(event.application().map(|a| a.chars().count()), Some(64));
    }
}
