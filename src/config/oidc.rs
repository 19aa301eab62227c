//! Other issuers of tokens.

use serde::Deserialize;

/// An issuer whose tokens are taken: one of the tables `[[oidc]]`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Oidc {
    /// The `iss` of its tokens, to the letter.
    pub issuer: String,
    /// What their `aud` has to name.
    pub audience: String,
    /// The address or the file of its key set.
    pub jwks: String,
    /// Which provider of the model it is.
    pub provider: String,
    /// The algorithms of signatures that are taken.
    #[serde(default = "rs256")]
    pub algorithms: Vec<String>,
    /// The claim that holds the provider's key of the user.
    #[serde(default = "sub")]
    pub key_claim: String,
}

fn rs256() -> Vec<String> {
    vec!["RS256".to_owned()]
}

fn sub() -> String {
    "sub".to_owned()
}

impl Oidc {
    /// The names of the algorithms that may be taken.
    const ALGORITHMS: [&str; 9] = [
        "RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA",
    ];

    /// What the types do not say.
    pub(super) fn fits(&self) -> bool {
        let texts = [
            &self.issuer,
            &self.audience,
            &self.jwks,
            &self.provider,
            &self.key_claim,
        ];
        let known = |name: &String| Self::ALGORITHMS.contains(&name.as_str());
        texts.into_iter().all(|text| !text.is_empty())
            && !self.algorithms.is_empty()
            && self.algorithms.iter().all(known)
    }
}
