//! The documents that tell clients how to sign in.

use serde::Serialize;

use crate::access::KeyRing;
use crate::value::Timestamp;

/// The public keys of access tokens (RFC 7517).
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsonWebKeys {
    /// The newest first.
    pub keys: Vec<JsonWebKey>,
}

/// One public key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JsonWebKey {
    /// The kind of key.
    pub kty: &'static str,
    /// What it is for.
    #[serde(rename = "use")]
    pub usage: &'static str,
    /// Its algorithm.
    pub alg: &'static str,
    /// Its id.
    pub kid: String,
    /// The modulus.
    pub n: String,
    /// The exponent.
    pub e: String,
}

impl JsonWebKeys {
    /// The public keys whose signatures hold.
    pub fn of(ring: &KeyRing, now: Timestamp) -> Self {
        let keys = ring.verifying(now).map(|key| JsonWebKey {
            kty: "RSA",
            usage: "sig",
            alg: "RS256",
            kid: key.id().to_owned(),
            n: key.modulus(),
            e: key.exponent(),
        });
        Self {
            keys: keys.collect(),
        }
    }
}

/// The discovery document of `OpenID` Connect, as far as there is something to tell: the service
/// issues access tokens to applications, and signs nobody in for others.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct OpenIdConfiguration {
    /// The `iss` of its tokens.
    pub issuer: String,
    /// Where tokens are asked for.
    pub token_endpoint: String,
    /// Where the public keys are.
    pub jwks_uri: String,
    /// The ways to get a token.
    pub grant_types_supported: Vec<&'static str>,
    /// How clients prove who they are.
    pub token_endpoint_auth_methods_supported: Vec<&'static str>,
    /// What tokens may allow.
    pub scopes_supported: Vec<&'static str>,
    /// The answers of an authorization endpoint; there is none.
    pub response_types_supported: Vec<&'static str>,
    /// How users are named.
    pub subject_types_supported: Vec<&'static str>,
    /// The algorithms of signatures.
    pub id_token_signing_alg_values_supported: Vec<&'static str>,
}

impl OpenIdConfiguration {
    /// The document of a service whose identity part is at `identity`, such as
    /// `https://users.example/id`, without a slash at its end; that is its issuer.
    pub fn of(identity: &str) -> Self {
        Self {
            issuer: identity.to_owned(),
            token_endpoint: format!("{identity}/connect/token"),
            jwks_uri: format!("{identity}/.well-known/openid-configuration/jwks"),
            grant_types_supported: vec!["client_credentials"],
            token_endpoint_auth_methods_supported: vec![
                "client_secret_post",
                "client_secret_basic",
            ],
            scopes_supported: vec!["read", "update", "sec"],
            response_types_supported: Vec::new(),
            subject_types_supported: vec!["public"],
            id_token_signing_alg_values_supported: vec!["RS256"],
        }
    }
}

/// The document at `/sys/auto-discovery`: which parts the service has, and where.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct AutoDiscovery {
    /// The name of the host.
    pub host: String,
    /// The name of the database, where it is told.
    pub db_name: Option<String>,
    /// The parts of the service.
    pub web_sites: Vec<Site>,
}

/// One part of the service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "PascalCase")]
pub struct Site {
    /// What it is: `DomainAPI`, `ID`.
    #[serde(rename = "Type")]
    pub kind: &'static str,
    /// Whether it works.
    pub status: &'static str,
    /// Where it is.
    pub url: String,
    /// Whether it is there for other parts.
    pub system: bool,
    /// What is special about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub additional_properties: Option<SiteProperties>,
}

/// What is special about the data API.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteProperties {
    /// The service root.
    #[serde(rename = "ODataServiceRoot")]
    pub odata_service_root: String,
}

impl AutoDiscovery {
    /// The document of a service at `root`, such as `https://users.example`, without a slash at its
    /// end.
    pub fn of(root: &str, database: Option<&str>) -> Self {
        let host = root.split_once("://").map_or(root, |(_, host)| host);
        let id = Site {
            kind: "ID",
            status: "Working",
            url: format!("{root}/id"),
            system: true,
            additional_properties: None,
        };
        let api = Site {
            kind: "DomainAPI",
            status: "Working",
            url: format!("{root}/api"),
            system: false,
            additional_properties: Some(SiteProperties {
                odata_service_root: format!("{root}/api/domain/odata/"),
            }),
        };
        Self {
            host: host.to_owned(),
            db_name: database.map(str::to_owned),
            web_sites: vec![id, api],
        }
    }
}
