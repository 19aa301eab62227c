//! The key set of an issuer: kept, and read anew when it may have changed.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError, RwLock, TryLockError};

use jsonwebtoken::jwk::{Jwk, JwkSet, PublicKeyUse};
use jsonwebtoken::{Algorithm, DecodingKey};

use crate::diag::Result;
use crate::value::Timestamp;

/// Microseconds between two reads at least, whatever tokens say.
const PAUSE: i64 = 60_000_000;
/// Microseconds after which a set is read anew, so that keys that the issuer withdrew lapse.
const STALE: i64 = 60 * 60_000_000;

/// Where a key set comes from. It may block, for a few seconds at most.
pub trait KeySource: fmt::Debug + Send + Sync {
    /// The key set (JWKS) as JSON.
    ///
    /// # Errors
    ///
    /// Whatever went wrong; the set that was read before stays in use.
    fn read(&self) -> Result<Vec<u8>>;
}

/// An algorithm of signatures by key pairs. Those with shared secrets are never taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignatureAlgorithm(pub(super) Algorithm);

impl SignatureAlgorithm {
    /// The algorithm of a name such as `RS256`.
    pub fn named(name: &str) -> Option<Self> {
        Some(Self(match name {
            "RS256" => Algorithm::RS256,
            "RS384" => Algorithm::RS384,
            "RS512" => Algorithm::RS512,
            "PS256" => Algorithm::PS256,
            "PS384" => Algorithm::PS384,
            "PS512" => Algorithm::PS512,
            "ES256" => Algorithm::ES256,
            "ES384" => Algorithm::ES384,
            "EdDSA" => Algorithm::EdDSA,
            _ => return None,
        }))
    }
}

/// The keys of an issuer.
#[derive(Debug)]
pub(super) struct Keys {
    source: Box<dyn KeySource>,
    known: RwLock<Arc<Vec<Jwk>>>,
    /// When the source was asked last; locked while it is.
    asked: Mutex<Option<Timestamp>>,
}

impl Keys {
    pub(super) fn new(source: Box<dyn KeySource>) -> Self {
        Self {
            source,
            known: RwLock::default(),
            asked: Mutex::new(None),
        }
    }

    /// The key that a token names, for an algorithm; asks the source where that may help.
    pub(super) fn find(
        &self,
        kid: Option<&str>,
        algorithm: Algorithm,
        now: Timestamp,
    ) -> Option<DecodingKey> {
        let found = find(&self.known(), kid, algorithm);
        let pause = if found.is_some() { STALE } else { PAUSE };
        if self.refresh(pause, now) {
            return find(&self.known(), kid, algorithm);
        }
        found
    }

    fn known(&self) -> Arc<Vec<Jwk>> {
        Arc::clone(&self.known.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Asks the source unless that was done lately; answers whether the set may be another now.
    fn refresh(&self, pause: i64, now: Timestamp) -> bool {
        let mut asked = match self.asked.try_lock() {
            Ok(asked) => asked,
            Err(TryLockError::Poisoned(asked)) => asked.into_inner(),
            // Somebody is asking. Whoever has nothing yet waits for that; others must not.
            Err(TryLockError::WouldBlock) if self.known().is_empty() => {
                drop(self.asked.lock());
                return true;
            }
            Err(TryLockError::WouldBlock) => return false,
        };
        let since = asked.map(|asked| now.micros().saturating_sub(asked.micros()));
        if since.is_some_and(|since| since < pause) {
            return false;
        }
        // Before the answer: a source that does not answer is not asked the more for it.
        *asked = Some(now);
        let read = self.source.read().map_err(|problem| format!("{problem:?}"));
        let keys = read
            .and_then(|bytes| serde_json::from_slice::<JwkSet>(&bytes).map_err(|e| e.to_string()));
        match keys {
            Ok(set) => {
                let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
                *known = Arc::new(set.keys);
                true
            }
            Err(error) => {
                tracing::warn!(error, "the keys of an issuer cannot be read");
                false
            }
        }
    }
}

/// The key of an id; without an id, the only key there is.
fn find(keys: &[Jwk], kid: Option<&str>, algorithm: Algorithm) -> Option<DecodingKey> {
    let mut fitting = keys.iter().filter(|key| is_for(key, algorithm));
    let key = match kid {
        Some(kid) => fitting.find(|key| key.common.key_id.as_deref() == Some(kid))?,
        None => {
            let only = fitting.next()?;
            if fitting.next().is_some() {
                return None;
            }
            only
        }
    };
    let key = DecodingKey::from_jwk(key).ok()?;
    (key.family() == algorithm.family()).then_some(key)
}

/// Whether a key may have made signatures of an algorithm, as far as it says.
fn is_for(key: &Jwk, algorithm: Algorithm) -> bool {
    let signs = match &key.common.public_key_use {
        None | Some(PublicKeyUse::Signature) => true,
        Some(PublicKeyUse::Encryption | PublicKeyUse::Other(_)) => false,
    };
    let named = key.common.key_algorithm.map(|named| named.to_string());
    signs && named.is_none_or(|named| named == format!("{algorithm:?}"))
}
