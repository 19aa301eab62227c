//! The documents that tell clients how to get tokens.

use crate::access::{AutoDiscovery, JsonWebKeys, OpenIdConfiguration};
use crate::diag::Result;
use crate::value::Timestamp;

impl super::Service {
    /// The public keys of access tokens. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the ring of keys.
    pub fn json_web_keys(&self, now: Timestamp) -> Result<JsonWebKeys> {
        Ok(JsonWebKeys::of(&*self.signing_ring()?, now))
    }

    /// The discovery document of the identity part of a site.
    pub fn openid_configuration(&self, site: &str) -> OpenIdConfiguration {
        OpenIdConfiguration::of(&super::client::issuer(site))
    }

    /// Which parts the service has at a site, and where.
    pub fn auto_discovery(&self, site: &str) -> AutoDiscovery {
        AutoDiscovery::of(site, None)
    }
}
