//! Access tokens for applications: the grant of client credentials (RFC 6749, 4.4).

use uuid::Uuid;

use super::Service;
use crate::access::{
    AccessClaims, Scopes, ServiceClaims, Standing, UserType, Way, is_client_secret,
    issue_access_token,
};
use crate::audit::What;
use crate::diag::{Problem, Result};
use crate::service::audit::Login;
use crate::store::{Account, Application, SignInReads as _, TokenReads as _};
use crate::value::{Language, Timestamp};

/// The only grant.
const GRANT: &str = "client_credentials";
/// Seconds that an access token lives.
const LIFE: u32 = 3600;
/// The code of an application that keeps its secret.
const CONFIDENTIAL: &str = "C";
/// Words of `OpenID` Connect, which mean nothing here and hinder nothing.
const PROTOCOL: [&str; 5] = ["openid", "profile", "email", "offline_access", "roles"];

/// A request for an access token.
#[derive(Clone, Copy)]
pub struct ClientRequest<'a> {
    /// `grant_type`.
    pub grant_type: Option<&'a str>,
    /// `client_id`: the address that identifies the application.
    pub client_id: Option<&'a str>,
    /// `client_secret`.
    pub client_secret: Option<&'a str>,
    /// `scope`.
    pub scope: Option<&'a str>,
    /// Scheme, host and port that the request came to.
    pub site: &'a str,
    /// The time of the request.
    pub now: Timestamp,
}

impl std::fmt::Debug for ClientRequest<'_> {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientRequest")
            .field("client_id", &self.client_id)
            .finish_non_exhaustive()
    }
}

/// An access token, to be given to the application.
#[derive(Clone, PartialEq, Eq)]
pub struct ClientToken {
    /// The token.
    pub token: String,
    /// Seconds that it lives.
    pub expires_in: u32,
    /// What it allows, separated by blanks.
    pub scope: String,
}

impl std::fmt::Debug for ClientToken {
    /// Without the token.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ClientToken")
            .field("scope", &self.scope)
            .finish_non_exhaustive()
    }
}

/// Why there is no access token (RFC 6749, 5.2).
#[derive(Debug)]
pub enum ClientFault {
    /// The request lacks something, or has it twice.
    InvalidRequest(&'static str),
    /// The application is not known, or its secret is wrong.
    InvalidClient,
    /// The application may not have tokens.
    UnauthorizedClient(&'static str),
    /// The system user of the application may not sign in.
    InvalidGrant(&'static str),
    /// The grant is not offered.
    UnsupportedGrantType,
    /// Nothing of what is asked for may be given.
    InvalidScope,
    /// The service has trouble of its own.
    Trouble(Problem),
}

impl From<Problem> for ClientFault {
    fn from(problem: Problem) -> Self {
        Self::Trouble(problem)
    }
}

impl ClientFault {
    /// The word of a refusal for the audit log; nothing for trouble.
    const fn reason(&self) -> Option<&'static str> {
        match self {
            Self::InvalidRequest(_) => Some("request"),
            Self::InvalidClient => Some("secret"),
            Self::UnauthorizedClient(_) => Some("application"),
            Self::InvalidGrant(_) => Some("system user"),
            Self::UnsupportedGrantType => Some("grant"),
            Self::InvalidScope => Some("scope"),
            Self::Trouble(_) => None,
        }
    }

    /// `error` and `error_description`; the problem where there is trouble.
    ///
    /// # Errors
    ///
    /// The trouble of the service.
    pub fn words(self) -> Result<(&'static str, &'static str)> {
        Ok(match self {
            Self::InvalidRequest(why) => ("invalid_request", why),
            Self::InvalidClient => (
                "invalid_client",
                "the client is not known, or its secret is wrong",
            ),
            Self::UnauthorizedClient(why) => ("unauthorized_client", why),
            Self::InvalidGrant(why) => ("invalid_grant", why),
            Self::UnsupportedGrantType => (
                "unsupported_grant_type",
                "the only grant is client_credentials",
            ),
            Self::InvalidScope => ("invalid_scope", "the client may have none of these scopes"),
            Self::Trouble(problem) => return Err(problem),
        })
    }
}

/// The `iss` of tokens that are issued at a site.
pub(super) fn issuer(site: &str) -> String {
    format!("{site}/id")
}

/// Their `aud`.
pub(super) fn audience(site: &str) -> String {
    format!("{site}/api")
}

/// Whether an application may act as its system user.
pub(super) fn may_act(application: &Application) -> bool {
    application.enabled
        && application.client_type == CONFIDENTIAL
        && application.system_user_allowed
}

impl Service {
    /// An access token for an application that proves who it is. Blocks on the database.
    ///
    /// # Errors
    ///
    /// What the request lacks; only whoever knows the secret is told more than that it is wrong.
    pub fn client_token(&self, request: &ClientRequest<'_>) -> Result<ClientToken, ClientFault> {
        let given = |text: Option<&'_ str>| text.is_some_and(|text| !text.is_empty());
        if !given(request.grant_type) {
            return Err(ClientFault::InvalidRequest("grant_type is missing"));
        }
        if request.grant_type != Some(GRANT) {
            return Err(ClientFault::UnsupportedGrantType);
        }
        let (Some(id), Some(secret)) = (request.client_id, request.client_secret) else {
            return Err(ClientFault::InvalidRequest(
                "client_id or client_secret is missing",
            ));
        };
        let application = self.proved(id, secret, request.now)?;
        self.token_for(request, &application).inspect_err(|fault| {
            if let Some(reason) = fault.reason() {
                self.note_client_failed(Some(&application.uri), reason, request.now);
            }
        })
    }

    /// An access token for an application that has proved who it is.
    fn token_for(
        &self,
        request: &ClientRequest<'_>,
        application: &Application,
    ) -> Result<ClientToken, ClientFault> {
        if !may_act(application) {
            return Err(ClientFault::UnauthorizedClient(
                "the client is not enabled, not confidential, or may not act as its system user",
            ));
        }
        let account = self.system_user(application)?;
        let scopes = asked(request.scope, &application.scope).ok_or(ClientFault::InvalidScope)?;
        let token = self.sign(request, application, &account, scopes)?;
        let client = &*application.uri;
        tracing::info!(client, scope = scopes.text(), "access token issued");
        let login = Login {
            way: Way::Client,
            application: Some(client),
        };
        let mut event = self.signed_in(&account, login);
        event.what = What::TokenIssued;
        self.note(event.with("scopes", scopes.text()), request.now);
        Ok(ClientToken {
            token,
            expires_in: LIFE,
            scope: scopes.text(),
        })
    }

    /// The application whose secret was given.
    fn proved(&self, id: &str, secret: &str, now: Timestamp) -> Result<Application, ClientFault> {
        let found = if id.contains('\0') {
            None
        } else {
            self.0.store.session()?.application(id)?
        };
        let stored = found.as_ref().and_then(|a| a.secret.as_deref());
        let key = found.as_ref().map_or(Uuid::nil(), |a| a.id);
        let ring = self.ring_for(stored.unwrap_or_default())?;
        if !is_client_secret(&ring, key, secret, stored, now) {
            // Not the id of a client that does not exist: it may be anything that was typed.
            let client = found.as_ref().map_or("", |a| a.uri.as_str());
            tracing::info!(way = "client", client, "sign-in refused");
            let known = Some(client).filter(|client| !client.is_empty());
            self.note_client_failed(known, "secret", now);
            return Err(ClientFault::InvalidClient);
        }
        found.ok_or(ClientFault::InvalidClient)
    }

    fn system_user(&self, application: &Application) -> Result<Account, ClientFault> {
        let user = application.system_user;
        let user = user.ok_or(ClientFault::InvalidGrant("the client has no system user"))?;
        let account = self.0.store.session()?.account(user)?;
        let has_data = |account: &Account| {
            let user_type = UserType::of(&account.user_type);
            user_type.is_some_and(|t| t.standing(Way::Client) == Standing::Data)
        };
        account
            .filter(|account| account.active && has_data(account))
            .ok_or(ClientFault::InvalidGrant(
                "the system user of the client may not sign in",
            ))
    }

    fn sign(
        &self,
        request: &ClientRequest<'_>,
        application: &Application,
        account: &Account,
        scopes: Scopes,
    ) -> Result<String> {
        let now = request.now.micros().div_euclid(1_000_000);
        let claims = AccessClaims {
            iss: issuer(request.site),
            aud: audience(request.site),
            exp: now.saturating_add(i64::from(LIFE)),
            nbf: now,
            iat: now,
            jti: self.new_id().to_string(),
            client_id: application.uri.clone(),
            scope: scopes.text(),
            db: Some(self.0.database.to_string()),
            user: None,
            service: Some(ServiceClaims {
                client_system_user: account.login.clone(),
                client_system_user_id: account.user.to_string(),
                client_system_user_name: self.name_of(account)?,
                client_system_user_is_admin: super::is_administrator(account),
            }),
        };
        issue_access_token(&*self.signing_ring()?, &claims)
    }

    /// The name of a user for people, in English where it has one; never nothing.
    fn name_of(&self, account: &Account) -> Result<String> {
        let name = self.0.store.session()?.user_name(account.user)?;
        let name = name
            .as_ref()
            .and_then(|name| name.text(&Language::default()));
        Ok(name.unwrap_or(&account.login).to_owned())
    }
}

/// The scopes of a request: all of the application where it names none, else those of them that it
/// names; nothing where there is none.
fn asked(scope: Option<&str>, of: &str) -> Option<Scopes> {
    let all = Scopes::parse(of);
    let words = scope.unwrap_or_default().split_ascii_whitespace();
    let mut words = words.filter(|word| !PROTOCOL.contains(word)).peekable();
    if words.peek().is_none() {
        return (all != Scopes::NONE).then_some(all);
    }
    let mut wanted = Vec::new();
    for word in words {
        if Scopes::parse(word) == Scopes::NONE {
            return None;
        }
        wanted.push(word);
    }
    let found = Scopes::parse(&wanted.join(" ")).and(all);
    (found != Scopes::NONE).then_some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scopes_are_those_that_are_asked_for_and_allowed() {
        for (scope, of, expected) in [
            (None, "read update", Some("read update")),
            (Some(""), "read", Some("read")),
            (Some("openid profile"), "read", Some("read")),
            (Some("read"), "read update", Some("read")),
            (Some("read sec"), "read update", Some("read")),
            (Some("openid update"), "read update sec", Some("update")),
            (Some("sec"), "read update", None),
            (Some("read everything"), "read", None),
            (Some("READ"), "read", None),
            (None, "", None),
            (Some("read"), "", None),
        ] {
            let found = asked(scope, of).map(Scopes::text);
            assert_eq!(found.as_deref(), expected, "{scope:?} of {of}");
        }
    }
}
