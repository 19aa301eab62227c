//! Access tokens of the service's own (RFC 9068), and the documents that tell others about them.

mod claims;
mod documents;
mod fault;
#[cfg(test)]
mod tests;
mod token;

pub use claims::{AccessClaims, ServiceClaims, UserClaims};
pub use documents::{
    AutoDiscovery, JsonWebKey, JsonWebKeys, OpenIdConfiguration, Site, SiteProperties,
};
pub use fault::TokenFault;
pub use token::{Expected, issue_access_token, verify_access_token};

pub(super) use token::{check_claims, header, signed_claims};
