//! Access tokens made and checked.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde_json::{Value as Json, json};

use super::{AccessClaims, TokenFault};
use crate::access::KeyRing;
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

/// The type of an access token (RFC 9068, 2.1).
const TYPE: &str = "at+jwt";
/// Characters of a token, at most: a longer one is not looked at.
const LONGEST: usize = 16 * 1024;
/// Seconds that the clocks of the servers of one database may differ.
const LEEWAY: i64 = 5;

/// What the claims of a token have to say.
#[derive(Debug, Clone, Copy)]
pub struct Expected<'a> {
    /// Who issued it.
    pub issuer: &'a str,
    /// Whom it is for.
    pub audience: &'a str,
    /// The time.
    pub now: Timestamp,
}

/// Signs an access token with the newest key.
///
/// # Errors
///
/// `Internal` without a key.
pub fn issue_access_token(ring: &KeyRing, claims: &AccessClaims) -> Result<String> {
    let key = ring.signing()?;
    let header = json!({"typ": TYPE, "alg": "RS256", "kid": key.id()});
    let claims = serde_json::to_vec(claims)
        .map_err(|e| Problem::new(Code::Internal, "a token cannot be made").log(e.to_string()))?;
    let header = URL_SAFE_NO_PAD.encode(header.to_string());
    let message = format!("{header}.{}", URL_SAFE_NO_PAD.encode(claims));
    let signature = URL_SAFE_NO_PAD.encode(key.sign(message.as_bytes())?);
    Ok(format!("{message}.{signature}"))
}

/// Checks an access token of this service: algorithm, type, key, signature, issuer, audience, times.
///
/// # Errors
///
/// Why it is not taken. [`TokenFault::UnknownKey`]: another server may have rotated the keys; read
/// the ring anew and try once more.
pub fn verify_access_token(
    ring: &KeyRing,
    token: &str,
    expected: Expected<'_>,
) -> Result<AccessClaims, TokenFault> {
    let header = header(token)?;
    let is_typed = header.typ.as_deref().is_some_and(is_access_token);
    if header.alg != Algorithm::RS256 || !is_typed {
        return Err(TokenFault::Kind);
    }
    let mut keys = ring.verifying(expected.now);
    let key = keys.find(|key| Some(key.id()) == header.kid.as_deref());
    let key = DecodingKey::from_rsa_der(key.ok_or(TokenFault::UnknownKey)?.public());
    let claims = signed_claims(token, &key, Algorithm::RS256)?;
    check_claims(&claims, expected, LEEWAY)?;
    serde_json::from_value(claims).map_err(|_| TokenFault::Malformed)
}

/// Whether a type is that of access tokens, with or without the tree that it is in.
fn is_access_token(kind: &str) -> bool {
    let kind = kind.to_ascii_lowercase();
    kind.strip_prefix("application/").unwrap_or(&kind) == TYPE
}

/// The head of a token, not yet verified. One that demands extensions is not taken.
pub(in crate::access) fn header(token: &str) -> Result<jsonwebtoken::Header, TokenFault> {
    if token.len() > LONGEST {
        return Err(TokenFault::Malformed);
    }
    let header = decode_header(token).map_err(|_| TokenFault::Malformed)?;
    if header.crit.is_some() {
        return Err(TokenFault::Kind);
    }
    Ok(header)
}

/// The claims of a token whose signature holds.
pub(in crate::access) fn signed_claims(
    token: &str,
    key: &DecodingKey,
    algorithm: Algorithm,
) -> Result<Json, TokenFault> {
    let mut validation = Validation::new(algorithm);
    // The library would ask its own clock, and take a token without an issuer: see `check_claims`.
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation.required_spec_claims.clear();
    match decode::<Json>(token, key, &validation) {
        Ok(data) if data.claims.is_object() => Ok(data.claims),
        Ok(_) => Err(TokenFault::Malformed),
        Err(error) if *error.kind() == ErrorKind::InvalidSignature => Err(TokenFault::Signature),
        Err(error) if *error.kind() == ErrorKind::InvalidAlgorithm => Err(TokenFault::Kind),
        Err(_) => Err(TokenFault::Malformed),
    }
}

/// Checks issuer, audience and times. All but the beginning are required.
pub(in crate::access) fn check_claims(
    claims: &Json,
    expected: Expected<'_>,
    leeway: i64,
) -> Result<(), TokenFault> {
    if claims.get("iss").and_then(Json::as_str) != Some(expected.issuer) {
        return Err(TokenFault::Issuer);
    }
    let is_for_us = match claims.get("aud") {
        Some(Json::String(one)) => one == expected.audience,
        Some(Json::Array(many)) => many.iter().any(|one| one == expected.audience),
        Some(_) | None => false,
    };
    if !is_for_us {
        return Err(TokenFault::Audience);
    }
    let now = expected.now.micros().div_euclid(1_000_000);
    let seconds = |claim: &str| match claims.get(claim) {
        None => Ok(None),
        Some(value) => number(value).map(Some).ok_or(TokenFault::Malformed),
    };
    let end = seconds("exp")?.ok_or(TokenFault::Malformed)?;
    if now >= end.saturating_add(leeway) {
        return Err(TokenFault::Expired);
    }
    match seconds("nbf")? {
        Some(start) if now < start.saturating_sub(leeway) => Err(TokenFault::NotYet),
        Some(_) | None => Ok(()),
    }
}

/// A number of seconds; parts of one are cut off (RFC 7519 allows them).
fn number(value: &Json) -> Option<i64> {
    if let Some(whole) = value.as_i64() {
        return Some(whole);
    }
    let text = value.as_f64()?.trunc().to_string();
    text.parse().ok()
}
