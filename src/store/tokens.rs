//! What tokens and applications are decided by. Using a token is no change of it: see
//! [`super::sign_in`].

use std::fmt;

use uuid::Uuid;

use super::read::Runs;
use super::sign_in::{as_text, column, guid, guid_or_none, text, time, truth};
use super::sink::Any;
use super::{Flow, Row, RowSink, Writer};
use crate::diag::Result;
use crate::model::ColumnKind;
use crate::sql::OwnTable;
use crate::value::{MultilanguageString, Timestamp, Value};

/// What decides whether an application may sign in, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Application {
    /// The key.
    pub id: Uuid,
    /// The address that identifies it.
    pub uri: String,
    /// Whether it may sign in at all.
    pub enabled: bool,
    /// The code of `ClientType`.
    pub client_type: String,
    /// The code of `ReferenceTokens`.
    pub reference_tokens: String,
    /// Whether it may act as its system user.
    pub system_user_allowed: bool,
    /// Its system user.
    pub system_user: Option<Uuid>,
    /// What it may ask for, separated by blanks.
    pub scope: String,
    /// The stored form of its secret.
    pub secret: Option<String>,
}

impl fmt::Debug for Application {
    /// Without the secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Application")
            .field("id", &self.id)
            .field("uri", &self.uri)
            .finish_non_exhaustive()
    }
}

/// A reference token, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct StoredToken {
    /// The key of its row.
    pub id: Uuid,
    /// What kind of token it is.
    pub kind: String,
    /// The user whom it names.
    pub user: Option<Uuid>,
    /// What it allows, separated by blanks.
    pub scopes: String,
    /// The seal of the row.
    pub seal: String,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When its last use was noted.
    pub used: Option<Timestamp>,
    /// The key of the application that it was made for.
    pub made_for: Option<Uuid>,
    /// That application.
    pub application: Option<Application>,
}

impl fmt::Debug for StoredToken {
    /// Without the seal.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredToken")
            .field("id", &self.id)
            .field("kind", &self.kind)
            .finish_non_exhaustive()
    }
}

/// What is told about a reference token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TokenFacts {
    /// The key of its row.
    pub id: Uuid,
    /// The user whom it names.
    pub user: Option<Uuid>,
    /// The login of that user.
    pub login: String,
    /// What it is for.
    pub description: String,
    /// What it allows, separated by blanks.
    pub scopes: String,
    /// When it was made.
    pub created: Timestamp,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// When it was revoked.
    pub revoked: Option<Timestamp>,
    /// When its last use was noted.
    pub used: Option<Timestamp>,
}

/// Reads of tokens: what a [`super::Session`] and a [`Writer`] can both do.
pub trait TokenReads {
    /// The token of a fingerprint.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn token(&mut self, fingerprint: &str) -> Result<Option<StoredToken>>;

    /// Every token, in no order.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn tokens(&mut self) -> Result<Vec<TokenFacts>>;

    /// The application of an address that identifies it.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn application(&mut self, uri: &str) -> Result<Option<Application>>;

    /// The user of an account at an outside provider; `provider` is its code.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn provided_user(&mut self, provider: &str, key: &str) -> Result<Option<Uuid>>;

    /// Whether there is an application of this address that may send passwords of users by HTTP
    /// Basic.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn lets_basic(&mut self, uri: &str) -> Result<bool>;

    /// The name of a user, in all languages.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn user_name(&mut self, user: Uuid) -> Result<Option<MultilanguageString>>;
}

impl<T: Runs> TokenReads for T {
    fn token(&mut self, fingerprint: &str) -> Result<Option<StoredToken>> {
        let mut found = Tokens::default();
        self.each(&OwnTable::token(fingerprint), &mut found)?;
        Ok(found.0)
    }

    fn tokens(&mut self) -> Result<Vec<TokenFacts>> {
        let mut found = Facts::default();
        self.each(&OwnTable::tokens(), &mut found)?;
        Ok(found.0)
    }

    fn application(&mut self, uri: &str) -> Result<Option<Application>> {
        let mut found = Applications::default();
        self.each(&OwnTable::application(uri), &mut found)?;
        Ok(found.0)
    }

    fn provided_user(&mut self, provider: &str, key: &str) -> Result<Option<Uuid>> {
        let statement = OwnTable::provided_user(provider, key);
        let found = column(self, &statement, &ColumnKind::Guid)?;
        Ok(match found.first() {
            Some(Value::Guid(user)) => Some(*user),
            Some(_) | None => None,
        })
    }

    fn lets_basic(&mut self, uri: &str) -> Result<bool> {
        let mut any = Any::default();
        self.each(&OwnTable::lets_basic(uri), &mut any)?;
        Ok(any.0)
    }

    fn user_name(&mut self, user: Uuid) -> Result<Option<MultilanguageString>> {
        let found = column(self, &OwnTable::user_name(user), &ColumnKind::Text)?;
        let name = found.into_iter().next().and_then(as_text);
        Ok(name.and_then(|name| MultilanguageString::from_json(&name)))
    }
}

impl Writer {
    /// Notes that a token was used, unless that was noted after `before`.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn touch_token(&mut self, id: Uuid, before: Timestamp, now: Timestamp) -> Result<()> {
        self.meets(&OwnTable::touch_token(id, before, now))
            .map(drop)
    }
}

#[derive(Default)]
struct Tokens(Option<StoredToken>);

impl RowSink for Tokens {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = Some(StoredToken {
            id: guid(row, 9)?,
            kind: text(row, 10)?.unwrap_or_default(),
            user: guid_or_none(row, 11)?,
            scopes: text(row, 12)?.unwrap_or_default(),
            seal: text(row, 13)?.unwrap_or_default(),
            expires: time(row, 14)?,
            revoked: time(row, 15)?,
            used: time(row, 16)?,
            made_for: guid_or_none(row, 17)?,
            application: read_application(row)?,
        });
        Ok(Flow::Stop)
    }
}

#[derive(Default)]
struct Facts(Vec<TokenFacts>);

impl RowSink for Facts {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0.push(TokenFacts {
            id: guid(row, 0)?,
            user: guid_or_none(row, 1)?,
            login: text(row, 2)?.unwrap_or_default(),
            description: text(row, 3)?.unwrap_or_default(),
            scopes: text(row, 4)?.unwrap_or_default(),
            created: time(row, 5)?.unwrap_or(Timestamp::from_micros(0)),
            expires: time(row, 6)?,
            revoked: time(row, 7)?,
            used: time(row, 8)?,
        });
        Ok(Flow::More)
    }
}

#[derive(Default)]
struct Applications(Option<Application>);

impl RowSink for Applications {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = read_application(row)?;
        Ok(Flow::Stop)
    }
}

/// The application at the beginning of a row, where there is one.
fn read_application<R: Row>(row: &R) -> Result<Option<Application>> {
    let Some(id) = guid_or_none(row, 0)? else {
        return Ok(None);
    };
    Ok(Some(Application {
        id,
        uri: text(row, 1)?.unwrap_or_default(),
        enabled: truth(row, 2)?,
        client_type: text(row, 3)?.unwrap_or_default(),
        reference_tokens: text(row, 4)?.unwrap_or_default(),
        system_user_allowed: truth(row, 5)?,
        system_user: guid_or_none(row, 6)?,
        scope: text(row, 7)?.unwrap_or_default(),
        secret: text(row, 8)?,
    }))
}
