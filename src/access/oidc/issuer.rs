//! An issuer whose tokens are taken.

use serde_json::Value as Json;

use super::keys::Keys;
use super::{KeySource, SignatureAlgorithm};
use crate::access::jwt::{Expected, TokenFault, check_claims, header, signed_claims};
use crate::value::Timestamp;

/// Seconds that the clock of an issuer may differ.
const LEEWAY: i64 = 60;

/// What is taken from an issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuerSettings {
    /// The `iss` of its tokens, to the letter.
    pub issuer: String,
    /// What their `aud` has to name.
    pub audience: String,
    /// The algorithms of their signatures.
    pub algorithms: Vec<SignatureAlgorithm>,
    /// The code of the provider in the model, by which users are found.
    pub provider: String,
    /// The claim that holds the provider's key of the user.
    pub key_claim: String,
}

/// An issuer whose tokens are taken, with its keys.
#[derive(Debug)]
pub struct Issuer {
    settings: IssuerSettings,
    keys: Keys,
}

/// All issuers whose tokens are taken.
#[derive(Debug, Default)]
pub struct Issuers(Vec<Issuer>);

/// Who somebody is at another issuer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExternalIdentity {
    /// The code of the provider in the model.
    pub provider: String,
    /// The provider's key of the user.
    pub key: String,
}

impl Issuer {
    /// An issuer; its keys are read when a token first asks for them.
    pub fn new(settings: IssuerSettings, source: Box<dyn KeySource>) -> Self {
        Self {
            settings,
            keys: Keys::new(source),
        }
    }

    /// Checks a token: algorithm, key, signature, issuer, audience, times. May block while keys are
    /// read.
    ///
    /// # Errors
    ///
    /// Why it is not taken.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<ExternalIdentity, TokenFault> {
        let settings = &self.settings;
        let header = header(token)?;
        if !settings
            .algorithms
            .contains(&SignatureAlgorithm(header.alg))
        {
            return Err(TokenFault::Kind);
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg, now);
        let key = key.ok_or(TokenFault::UnknownKey)?;
        let claims = signed_claims(token, &key, header.alg)?;
        let expected = Expected {
            issuer: &settings.issuer,
            audience: &settings.audience,
            now,
        };
        check_claims(&claims, expected, LEEWAY)?;
        let key = claims.get(&settings.key_claim).and_then(Json::as_str);
        // No stored key holds U+0000, and no database takes it in a comparison.
        let key = key.filter(|key| !key.is_empty() && !key.contains('\0'));
        Ok(ExternalIdentity {
            provider: settings.provider.clone(),
            key: key.ok_or(TokenFault::Malformed)?.to_owned(),
        })
    }
}

impl Issuers {
    /// These issuers.
    pub fn new(issuers: Vec<Issuer>) -> Self {
        Self(issuers)
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes of their providers.
    pub fn providers(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|issuer| &*issuer.settings.provider)
    }

    /// Checks a token with the issuer that it names; of several settings for one issuer, such as
    /// for two audiences, the first that takes it. May block while keys are read.
    ///
    /// # Errors
    ///
    /// Why it is not taken; [`TokenFault::Issuer`] for an issuer that is not among these.
    pub fn verify(&self, token: &str, now: Timestamp) -> Result<ExternalIdentity, TokenFault> {
        let claimed = claimed_issuer(token).ok_or(TokenFault::Malformed)?;
        let mut fault = TokenFault::Issuer;
        for issuer in self.0.iter().filter(|i| i.settings.issuer == claimed) {
            match issuer.verify(token, now) {
                Ok(identity) => return Ok(identity),
                Err(why) => fault = why,
            }
        }
        Err(fault)
    }
}

/// The issuer that a token claims to be of; nothing is verified.
fn claimed_issuer(token: &str) -> Option<String> {
    header(token).ok()?;
    let claims: Json = jsonwebtoken::dangerous::insecure_decode_claims(token).ok()?;
    Some(claims.get("iss")?.as_str()?.to_owned())
}
