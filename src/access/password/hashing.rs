//! How much work a password takes.

use sha1::Sha1;
use sha2::{Sha256, Sha512};

/// The pseudo-random function of PBKDF2, the weakest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Function {
    /// HMAC-SHA1: only verified.
    Sha1,
    /// HMAC-SHA256.
    Sha256,
    /// HMAC-SHA512.
    Sha512,
}

impl Function {
    /// The function of a number of the stored form.
    pub(super) fn numbered(number: u32) -> Option<Self> {
        match number {
            0 => Some(Self::Sha1),
            1 => Some(Self::Sha256),
            2 => Some(Self::Sha512),
            _ => None,
        }
    }

    /// Its number in the stored form.
    pub(super) fn number(self) -> u32 {
        match self {
            Self::Sha1 => 0,
            Self::Sha256 => 1,
            Self::Sha512 => 2,
        }
    }

    /// Fills `subkey`. Takes as long as the iterations say.
    pub(super) fn derive(self, password: &[u8], salt: &[u8], iterations: u32, subkey: &mut [u8]) {
        let iterations = iterations.max(1);
        match self {
            Self::Sha1 => pbkdf2::pbkdf2_hmac::<Sha1>(password, salt, iterations, subkey),
            Self::Sha256 => pbkdf2::pbkdf2_hmac::<Sha256>(password, salt, iterations, subkey),
            Self::Sha512 => pbkdf2::pbkdf2_hmac::<Sha512>(password, salt, iterations, subkey),
        }
    }
}

/// How new passwords are hashed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hashing {
    /// The function of PBKDF2.
    pub function: Function,
    /// Its iterations.
    pub iterations: u32,
}

impl Default for Hashing {
    fn default() -> Self {
        Self {
            function: Function::Sha512,
            iterations: 210_000,
        }
    }
}
