//! Why a token is not taken.

/// Why a token is not taken: for logs. A caller learns only that it was not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TokenFault {
    /// It is no token, or lacks a claim.
    Malformed,
    /// It is of another kind: its algorithm or its type is not taken here.
    Kind,
    /// Its key is not known; reading the keys anew may help.
    UnknownKey,
    /// Its signature is wrong.
    Signature,
    /// It is of another issuer.
    Issuer,
    /// It is for somebody else.
    Audience,
    /// Its time is over.
    Expired,
    /// Its time has not begun.
    NotYet,
}

impl TokenFault {
    /// In words, for logs.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Malformed => "the token is malformed",
            Self::Kind => "the token is of a kind that is not taken",
            Self::UnknownKey => "the token is signed by an unknown key",
            Self::Signature => "the signature of the token is wrong",
            Self::Issuer => "the token is of another issuer",
            Self::Audience => "the token is for another service",
            Self::Expired => "the token has expired",
            Self::NotYet => "the token is not valid yet",
        }
    }
}
