//! Other issuers whose tokens are taken, as the settings name them.

use crate::access::{Issuer, IssuerSettings, Issuers, KeySource, SignatureAlgorithm};
use crate::config::Oidc;
use crate::diag::Result;
use crate::outgoing::Place;

/// The key set of an issuer, where it publishes it.
#[derive(Debug)]
struct Published(Place);

impl KeySource for Published {
    fn read(&self) -> Result<Vec<u8>> {
        self.0.read()
    }
}

/// The issuers of the settings.
pub(super) fn of(settings: &[Oidc]) -> Issuers {
    let issuer = |oidc: &Oidc| {
        let algorithms = oidc.algorithms.iter();
        let settings = IssuerSettings {
            issuer: oidc.issuer.clone(),
            audience: oidc.audience.clone(),
            // Other names were refused when the settings were read.
            algorithms: algorithms
                .filter_map(|a| SignatureAlgorithm::named(a))
                .collect(),
            provider: oidc.provider.clone(),
            key_claim: oidc.key_claim.clone(),
        };
        Issuer::new(settings, Box::new(Published(Place::named(&oidc.jwks))))
    };
    Issuers::new(settings.iter().map(issuer).collect())
}
