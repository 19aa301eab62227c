//! Who somebody is, and how they prove it.
//!
//! Passwords, keys and tokens: how they are made, stored and checked. Knows hashes and signatures;
//! must never know HTTP, SQL, a clock or where a secret came from: times and random bytes are handed in.

mod account;
mod application;
mod generated;
mod hasher;
mod identity;
mod imprint;
mod jwt;
mod keys;
mod oidc;
mod password;
mod reference_token;
mod secret;
mod slots;
mod totp;

pub use account::{Facts, Reason, Standing, UserType, failed};
pub use application::{TokenPolicy, client_secret_hash, is_client_secret};
pub use generated::generated_password;
pub use hasher::{Hasher, HasherOptions};
pub use identity::{Identity, Scopes, Way};
pub use imprint::{Imprint, Imprints};
pub use jwt::{
    AccessClaims, AutoDiscovery, Expected, JsonWebKey, JsonWebKeys, OpenIdConfiguration,
    ServiceClaims, Site, SiteProperties, TokenFault, UserClaims, issue_access_token,
    verify_access_token,
};
pub use keys::{KeyRecord, KeyRing, Purpose, SigningKey};
pub use oidc::{ExternalIdentity, Issuer, IssuerSettings, Issuers, KeySource, SignatureAlgorithm};
pub use password::{
    Checking, Class, Format, Function, Hashing, Md5, Policy, Verdict, check_hash, dummy, hash,
    unusable, verify,
};
pub use reference_token::{PREFIX, RANDOM, ReferenceToken};
pub use secret::Secret;
pub use slots::Slots;
pub use totp::{
    RECOVERY_CODES, RECOVERY_RANDOM, TOTP_SECRET, recovery_code, recovery_codes, totp_check,
    totp_text, totp_uri,
};
