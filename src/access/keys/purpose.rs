//! What keys are for.

use std::time::Duration;

/// What a key is for. Keys of one purpose are never used for another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Purpose {
    /// RSA: the signatures of access tokens (RS256).
    TokenSigning,
    /// Fingerprints of session ids.
    Sessions,
    /// Tags of cookies and of the tokens of forms.
    Cookies,
    /// Fingerprints of reference tokens, client secrets and recovery codes.
    Fingerprints,
    /// Secrets at rest, such as those of second factors.
    Encryption,
}

impl Purpose {
    /// Every purpose.
    pub const ALL: [Self; 5] = [
        Self::TokenSigning,
        Self::Sessions,
        Self::Cookies,
        Self::Fingerprints,
        Self::Encryption,
    ];

    /// Its name, in the table of keys and on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::TokenSigning => "token-signing",
            Self::Sessions => "sessions",
            Self::Cookies => "cookies",
            Self::Fingerprints => "fingerprints",
            Self::Encryption => "encryption",
        }
    }

    /// The purpose of a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|purpose| purpose.name() == name)
    }

    /// How long after its retirement a key still opens what it made: longer than any of that lives.
    /// Nothing where that has no end, and the key is kept for ever.
    ///
    /// After that time a retired key is worth nothing, also to whoever stole it.
    pub const fn outlives(self) -> Option<Duration> {
        const HOUR: u64 = 60 * 60;
        match self {
            // Access tokens live an hour; servers that have not seen the new key sign a little longer.
            Self::TokenSigning => Some(Duration::from_secs(2 * HOUR)),
            Self::Sessions | Self::Cookies => Some(Duration::from_secs(24 * HOUR)),
            Self::Fingerprints | Self::Encryption => None,
        }
    }
}
