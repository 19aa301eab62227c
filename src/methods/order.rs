//! What only the service can make for a call, which needs keys and chance.

use uuid::Uuid;

use crate::value::Timestamp;

/// What a call orders.
#[derive(Clone, Copy)]
pub enum Order<'a> {
    /// A reference token.
    Token(&'a TokenOrder),
    /// The stored form of a client secret: of this one, or of one that is made up.
    ClientSecret(Option<&'a str>),
}

impl std::fmt::Debug for Order<'_> {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::ClientSecret(_) => "ClientSecret",
        })
    }
}

/// What a new reference token is to be like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct TokenOrder {
    /// What it is for, in words.
    pub description: Option<String>,
    /// What it allows, separated by blanks.
    pub scopes: Option<String>,
    /// When it ends.
    pub expires: Option<Timestamp>,
    /// The address of the application that it is for.
    pub application: Option<String>,
}

/// What was made.
#[derive(Clone)]
pub enum Made {
    /// A token; it stands in the answer only.
    Token(MadeToken),
    /// The stored form of a client secret.
    ClientSecret(String),
}

impl std::fmt::Debug for Made {
    /// Without what is stored.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::ClientSecret(_) => "ClientSecret",
        })
    }
}

/// The row of a new token.
#[derive(Clone)]
pub struct MadeToken {
    /// Its key.
    pub id: Uuid,
    /// The fingerprint that the token is found by.
    pub key: String,
    /// The kind of token.
    pub kind: &'static str,
    /// The key of its application.
    pub application: Option<Uuid>,
    /// What it allows, separated by blanks.
    pub scopes: String,
    /// When it ends.
    pub expires: Timestamp,
    /// The seal of the row.
    pub seal: String,
}

impl std::fmt::Debug for MadeToken {
    /// Without what is stored.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeToken")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}
