//! What an access token says.

use serde::{Deserialize, Serialize};

/// The claims of an access token.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessClaims {
    /// Who issued it: the address of the service.
    pub iss: String,
    /// Whom it is for.
    pub aud: String,
    /// When it ends, in seconds since 1970.
    pub exp: i64,
    /// When it begins.
    pub nbf: i64,
    /// When it was issued.
    pub iat: i64,
    /// Its own id.
    pub jti: String,
    /// The application that asked for it: its `ApplicationUri`.
    pub client_id: String,
    /// What it allows, separated by spaces.
    pub scope: String,
    /// What the database is known by, whatever it is called and wherever it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub db: Option<String>,
    /// The user that it stands for.
    #[serde(flatten)]
    pub user: Option<UserClaims>,
    /// The system user of the application, for tokens without a user.
    #[serde(flatten)]
    pub service: Option<ServiceClaims>,
}

/// The claims of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UserClaims {
    /// The login.
    pub sub: String,
    /// The key.
    pub id: String,
    /// The name.
    pub name: String,
    /// The e-mail address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The code of the kind of user.
    pub user_type: String,
    /// Whether it is an administrator.
    pub is_admin: bool,
}

/// The claims of the system user of an application.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ServiceClaims {
    /// The login.
    pub client_system_user: String,
    /// The key.
    pub client_system_user_id: String,
    /// The name.
    pub client_system_user_name: String,
    /// Whether it is an administrator.
    pub client_system_user_is_admin: bool,
}

impl AccessClaims {
    /// What the token allows, word by word.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.scope.split_ascii_whitespace()
    }
}
