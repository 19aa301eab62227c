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
    /// A secret of a second factor, not in use yet.
    BeginFactor,
    /// Its use from now on: proved by a code of it.
    ConfirmFactor(&'a str),
    /// The end of a second factor: of one's own with a proof.
    RemoveFactor(Option<&'a Proof>),
}

impl Order<'_> {
    /// Whether it is about the second factor of a user.
    pub const fn is_of_factor(self) -> bool {
        match self {
            Self::Token(_) | Self::ClientSecret(_) => false,
            Self::BeginFactor | Self::ConfirmFactor(_) | Self::RemoveFactor(_) => true,
        }
    }
}

/// What proves that somebody is who they say, beside the sign-in.
#[derive(Clone, PartialEq, Eq)]
pub enum Proof {
    /// A code of the second factor, or a recovery code.
    Code(String),
    /// The password.
    Password(String),
}

impl std::fmt::Debug for Proof {
    /// Without what is secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Code(_) => "Code",
            Self::Password(_) => "Password",
        })
    }
}

impl std::fmt::Debug for Order<'_> {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::ClientSecret(_) => "ClientSecret",
            Self::BeginFactor => "BeginFactor",
            Self::ConfirmFactor(_) => "ConfirmFactor",
            Self::RemoveFactor(_) => "RemoveFactor",
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
    /// The secrets of a second factor.
    Factor(MadeFactor),
}

impl std::fmt::Debug for Made {
    /// Without what is stored.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Token(_) => "Token",
            Self::ClientSecret(_) => "ClientSecret",
            Self::Factor(_) => "Factor",
        })
    }
}

/// What becomes of the secrets of a second factor.
#[derive(Debug, Clone)]
pub struct MadeFactor {
    /// The key of the user.
    pub user: Uuid,
    /// The provider whose secrets they are.
    pub provider: &'static str,
    /// The keys of those that go.
    pub gone: Vec<Uuid>,
    /// Those that come.
    pub made: Vec<MadeSecret>,
    /// Whether signing in takes the factor from now on; nothing where that stays.
    pub on: Option<bool>,
}

/// The row of a secret of a second factor.
#[derive(Clone)]
pub struct MadeSecret {
    /// Its key.
    pub id: Uuid,
    /// What it is for.
    pub name: &'static str,
    /// What is stored.
    pub value: String,
}

impl std::fmt::Debug for MadeSecret {
    /// Without what is stored.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("MadeSecret")
            .field("name", &self.name)
            .finish_non_exhaustive()
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
