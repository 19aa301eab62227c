//! A key as it is stored.

use aws_lc_rs::encoding::{AsDer as _, Pkcs8V1Der};
use aws_lc_rs::rsa::{KeyPair, KeySize};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::Purpose;
use crate::access::Secret;
use crate::diag::{Code, Problem, Result};
use crate::value::Timestamp;

/// A key as it is stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyRecord {
    /// Its id: 16 characters of Base64 for addresses. Tells nothing of the key.
    pub id: String,
    /// What it is for.
    pub purpose: Purpose,
    /// 64 random bytes; a key pair in PKCS#8 for signatures.
    pub secret: Secret,
    /// When it was made.
    pub created: Timestamp,
    /// When another took its place.
    pub retired: Option<Timestamp>,
}

impl KeyRecord {
    /// A new key out of random bytes. An RSA key pair is made by the library, which has a source of
    /// chance of its own; that takes a moment.
    ///
    /// # Errors
    ///
    /// `Internal` when the library makes no key pair.
    pub fn generate(
        purpose: Purpose,
        id: &[u8; 12],
        random: &[u8; 64],
        now: Timestamp,
    ) -> Result<Self> {
        let secret = match purpose {
            Purpose::TokenSigning => key_pair()?,
            Purpose::Sessions | Purpose::Cookies | Purpose::Fingerprints | Purpose::Encryption => {
                Secret::new(random.to_vec())
            }
        };
        Ok(Self {
            id: URL_SAFE_NO_PAD.encode(id),
            purpose,
            secret,
            created: now,
            retired: None,
        })
    }

    /// Whether the key still opens what it made.
    pub fn is_usable(&self, now: Timestamp) -> bool {
        let (Some(retired), Some(outlives)) = (self.retired, self.purpose.outlives()) else {
            return true;
        };
        let outlives = i64::try_from(outlives.as_micros()).unwrap_or(i64::MAX);
        now.micros() < retired.micros().saturating_add(outlives)
    }
}

fn key_pair() -> Result<Secret> {
    let failed = |_| Problem::new(Code::Internal, "no key pair can be made");
    let pair = KeyPair::generate(KeySize::Rsa2048).map_err(failed)?;
    let der: Pkcs8V1Der<'static> = pair.as_der().map_err(failed)?;
    Ok(Secret::new(der.as_ref().to_vec()))
}
