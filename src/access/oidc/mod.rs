//! Tokens of other issuers (`OpenID` Connect), checked against the key sets that they publish.

mod issuer;
mod keys;
#[cfg(test)]
mod tests;

pub use issuer::{ExternalIdentity, Issuer, IssuerSettings, Issuers};
pub use keys::{KeySource, SignatureAlgorithm};
