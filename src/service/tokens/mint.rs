//! What the service makes for calls that bring something new to sign in with.

use serde_json::{Map, Value as Json, json};
use uuid::Uuid;

use super::reference::{Sealed, TOKEN, within};
use super::{PERSONAL, SYSTEM, Service, is_administrator, later};
use crate::access::{
    Purpose, ReferenceToken, Scopes, Standing, TokenPolicy, UserType, Way, client_secret_hash,
    generated_password,
};
use crate::diag::{Code, Problem, Result};
use crate::methods::{Made, MadeToken, Order, TokenOrder};
use crate::service::write::is_token;
use crate::service::{Caller, WriteRequest};
use crate::store::{Account, Application, SignInReads as _, TokenReads as _, Writer};
use crate::value::Timestamp;

/// Characters of a client secret that is given, at least.
const SHORTEST: usize = 16;

/// What was made for a call, and the answer to it.
pub(in crate::service) struct Minted {
    pub(in crate::service) made: Made,
    /// The members of the answer: the only place where the secret stands.
    pub(in crate::service) answer: Map<String, Json>,
}

impl std::fmt::Debug for Minted {
    /// Without the answer.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Minted").finish_non_exhaustive()
    }
}

impl Service {
    /// Makes what a call on an object orders, if its caller may have it.
    pub(in crate::service) fn mint(
        &self,
        request: &WriteRequest,
        order: Order<'_>,
        object: Uuid,
        writer: &mut Writer,
    ) -> Result<Minted> {
        if request.repeatability.is_some() {
            // The answer would have to be kept.
            let message = "an action that answers a secret cannot be repeated";
            return Err(
                Problem::new(Code::InvalidHeader, message).about("Repeatability-Request-ID")
            );
        }
        match order {
            Order::Token(order) => self.mint_token(request, order, object, writer),
            Order::ClientSecret(given) => self.mint_secret(&request.caller, given, object),
            Order::BeginFactor | Order::ConfirmFactor(_) | Order::RemoveFactor(_) => {
                self.mint_factor(request, order, object, writer)
            }
        }
    }

    fn mint_secret(
        &self,
        caller: &Caller,
        given: Option<&str>,
        application: Uuid,
    ) -> Result<Minted> {
        if !caller.is_administrator() {
            return Err(forbidden("only administrators give applications a secret"));
        }
        check_way(caller)?;
        let (secret, is_made) = match given {
            Some(given) if given.chars().count() < SHORTEST => {
                let message = format!("a client secret has at least {SHORTEST} characters");
                return Err(Problem::new(Code::PasswordPolicy, message).about("secret"));
            }
            Some(given) => (given.to_owned(), false),
            None => (generated_password(&self.random()?), true),
        };
        let hash = client_secret_hash(&*self.ring()?, application, &secret)?;
        let told = if is_made { json!(secret) } else { Json::Null };
        Ok(Minted {
            made: Made::ClientSecret(hash),
            answer: Map::from_iter([("secret".to_owned(), told)]),
        })
    }

    fn mint_token(
        &self,
        request: &WriteRequest,
        order: &TokenOrder,
        user: Uuid,
        writer: &mut Writer,
    ) -> Result<Minted> {
        let (caller, now) = (&*request.caller, request.now);
        check_way(caller)?;
        let account = writer.account(user)?;
        let account =
            account.ok_or_else(|| Problem::new(Code::NotFound, "there is no such user"))?;
        let application = match &order.application {
            None => None,
            Some(uri) => Some(writer.application(uri)?.ok_or_else(|| {
                let message = format!("there is no application `{uri}`");
                Problem::new(Code::UnknownReference, message).about("application")
            })?),
        };
        check_user(&account)?;
        let kind = kind(&account, application.as_ref());
        check_maker(caller, &account, kind, application.as_ref())?;
        let of = application.as_ref().map_or("", |a| a.scope.as_str());
        let scopes = scopes(order.scopes.as_deref(), of, caller.scopes())?.text();
        let expires = self.expiry(order.expires, now)?;

        let ring = self.ring()?;
        let token = ReferenceToken::generate(&self.random()?);
        let key = ring.fingerprint(Purpose::Fingerprints, TOKEN, token.bytes())?;
        let id = self.new_id();
        let sealed = Sealed {
            id,
            key: &key,
            kind,
            user,
            application: application.as_ref().map(|a| a.id),
            scopes: &scopes,
            expires,
        };
        let seal = sealed.seal(&ring)?;
        let answer = [
            ("token", json!(token.text())),
            ("id", json!(id.to_string())),
            ("expires", json!(expires.to_string())),
        ];
        let answer = answer.map(|(name, value)| (name.to_owned(), value));
        Ok(Minted {
            made: Made::Token(MadeToken {
                id,
                key,
                kind,
                application: application.map(|a| a.id),
                scopes,
                expires,
                seal,
            }),
            answer: Map::from_iter(answer),
        })
    }

    /// When a token ends: to the millisecond, as it is stored.
    fn expiry(&self, wanted: Option<Timestamp>, now: Timestamp) -> Result<Timestamp> {
        let settings = &self.0.settings.tokens;
        let latest = later(now, settings.max_expiry);
        let usual = later(now, settings.default_expiry).min(latest);
        let expires = wanted.unwrap_or(usual);
        let problem = |message: &str| Problem::new(Code::InvalidValue, message).about("expires");
        if expires <= now {
            return Err(problem("a token ends later than now"));
        }
        if expires > latest {
            return Err(
                problem("the token would live longer than the service allows")
                    .help(format!("it may end at {latest} at the latest")),
            );
        }
        Ok(Timestamp::from_micros(
            expires.micros().div_euclid(1000).saturating_mul(1000),
        ))
    }
}

fn forbidden(message: &str) -> Problem {
    Problem::new(Code::Forbidden, message)
}

/// Sees that nobody makes what outlives the token that they came with.
fn check_way(caller: &Caller) -> Result<()> {
    match caller.identity() {
        Some(identity) if is_token(identity.way) => Err(forbidden("a token makes no other tokens")),
        Some(_) | None => Ok(()),
    }
}

/// Sees that a user could use a token at all.
fn check_user(account: &Account) -> Result<()> {
    let standing = UserType::of(&account.user_type).map(|t| t.standing(Way::Token));
    let may = match standing {
        Some(Standing::Data | Standing::Identity) => account.active,
        Some(Standing::Closed) | None => false,
    };
    if may {
        return Ok(());
    }
    Err(forbidden(
        "the user is not active, or of a type that uses no tokens",
    ))
}

/// A token for the system user of an application is one of the application.
fn kind(account: &Account, application: Option<&Application>) -> &'static str {
    let is_system = |a: &Application| a.system_user_allowed && a.system_user == Some(account.user);
    if application.is_some_and(is_system) {
        SYSTEM
    } else {
        PERSONAL
    }
}

/// Sees that a caller may make a token for a user: administrators for everybody, users for
/// themselves where an application lets them.
fn check_maker(
    caller: &Caller,
    account: &Account,
    kind: &str,
    application: Option<&Application>,
) -> Result<()> {
    let is_own = caller.user() == Some(account.user) && kind == PERSONAL;
    let may = caller.is_administrator() || (is_own && application.is_some());
    if !may {
        let message = "you may make tokens for yourself, for an application that allows it";
        return Err(forbidden(message));
    }
    let Some(application) = application else {
        return Ok(());
    };
    let policy = TokenPolicy::of(&application.reference_tokens);
    let allowed = if kind == SYSTEM {
        policy != TokenPolicy::Nobody
    } else {
        policy.allows(is_administrator(account))
    };
    if application.enabled && allowed {
        return Ok(());
    }
    let message = "the application has no tokens, or none for this user";
    Err(forbidden(message).about("application"))
}

/// The scopes of a new token: nobody gives what they do not have.
fn scopes(wanted: Option<&str>, of: &str, held: Scopes) -> Result<Scopes> {
    let problem = |code, message: &str| Problem::new(code, message).about("scopes");
    let Some(wanted) = wanted.filter(|text| !text.trim().is_empty()) else {
        let usual = within(&Scopes::USUAL.text(), of).and(held);
        if usual == Scopes::NONE {
            return Err(problem(
                Code::Forbidden,
                "there is nothing that you could give",
            ));
        }
        return Ok(usual);
    };
    let mut words = wanted.split_ascii_whitespace();
    if let Some(word) = words.find(|word| Scopes::parse(word) == Scopes::NONE) {
        let message = format!("there is no scope `{word}`");
        return Err(
            problem(Code::InvalidValue, &message).help("the scopes are `read`, `update` and `sec`")
        );
    }
    let scopes = Scopes::parse(wanted);
    if !held.cover(scopes) {
        let message = "you cannot give scopes that your own sign-in does not have";
        return Err(problem(Code::Forbidden, message));
    }
    if within(wanted, of) != scopes {
        let message = "the application may not have all of these scopes";
        return Err(problem(Code::Forbidden, message));
    }
    Ok(scopes)
}
