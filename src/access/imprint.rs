//! Imprints of credentials: what a process remembers instead of them.

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use super::Way;

/// Makes imprints (HMAC-SHA-256) by a key that lives as long as the process.
#[derive(Clone)]
pub struct Imprints(Hmac<Sha256>);

impl std::fmt::Debug for Imprints {
    /// Without the key.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Imprints").finish_non_exhaustive()
    }
}

/// The imprint of a credential: the same for the same credential and way, and no way back.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Imprint([u8; 32]);

impl Imprints {
    /// Imprints by a random key.
    pub fn new(random: &[u8; 64]) -> Self {
        Self(Hmac::<Sha256>::new(&(*random).into()))
    }

    /// The imprint of a credential.
    pub fn of(&self, way: Way, credential: &str) -> Imprint {
        let mut mac = self.0.clone();
        mac.update(way.word().as_bytes());
        mac.update(&[0]);
        mac.update(credential.as_bytes());
        Imprint(mac.finalize().into_bytes().into())
    }
}
