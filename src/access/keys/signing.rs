//! A pair of keys that signs access tokens.

use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeyPair;
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::KeyRecord;
use crate::diag::{Code, Problem, Result};

/// An RSA key pair with its id.
#[derive(Debug)]
pub struct SigningKey {
    id: String,
    pair: KeyPair,
}

impl SigningKey {
    /// Reads a stored key pair.
    pub(super) fn read(record: &KeyRecord) -> Result<Self> {
        let pair = KeyPair::from_pkcs8(record.secret.bytes()).map_err(|_| {
            let message = format!("the key `{}` is damaged", record.id);
            Problem::new(Code::Internal, message)
        })?;
        Ok(Self {
            id: record.id.clone(),
            pair,
        })
    }

    /// Its id: the `kid` of what it signs.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// The signature (RS256) of a message.
    ///
    /// # Errors
    ///
    /// `Internal` when the library does not sign.
    pub fn sign(&self, message: &[u8]) -> Result<Vec<u8>> {
        let mut signature = vec![0; self.pair.public_modulus_len()];
        self.pair
            .sign(
                &RSA_PKCS1_SHA256,
                &SystemRandom::new(),
                message,
                &mut signature,
            )
            .map_err(|_| Problem::new(Code::Internal, "a token cannot be signed"))?;
        Ok(signature)
    }

    /// The modulus of the public key, in Base64 for addresses.
    pub fn modulus(&self) -> String {
        let modulus = self.pair.public_key().modulus();
        URL_SAFE_NO_PAD.encode(modulus.big_endian_without_leading_zero())
    }

    /// The exponent of the public key, in Base64 for addresses.
    pub fn exponent(&self) -> String {
        let exponent = self.pair.public_key().exponent();
        URL_SAFE_NO_PAD.encode(exponent.big_endian_without_leading_zero())
    }

    /// The public key in PKCS#1.
    pub fn public(&self) -> &[u8] {
        self.pair.public_key().as_ref()
    }
}
