//! How requests reach the server: TLS, proxies, pages of other origins, and how often.
//!
//! [`Peer`] is the one answer to "who asks, and may a password be sent this way": nothing else in
//! the program looks at addresses, at TLS or at what proxies say.

mod cors;
mod forwarded;
mod limits;
mod peer;
mod secure;
mod tls;

use std::path::PathBuf;

use ipnet::IpNet;

pub(super) use cors::Cors;
pub use limits::{RequestLimits, SignInLimits};
pub use peer::Peer;
pub(super) use peer::is_host;
pub(super) use secure::{PAGE_POLICY, protect};
pub(super) use tls::Tls;

/// How requests reach the server.
#[derive(Debug, Clone, Default)]
pub struct TransportSettings {
    /// The certificate and its key; nothing for plain HTTP.
    pub tls: Option<TlsFiles>,
    /// Networks of proxies whose word about the client is taken.
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may read answers; `*` is any.
    pub cors_origins: Vec<String>,
    /// Whether requests of those pages may carry cookies.
    pub cors_credentials: bool,
    /// How often one caller may ask.
    pub limits: Limits,
}

/// The PEM files of TLS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TlsFiles {
    /// The server's certificate, then those between it and the authority.
    pub certificate: PathBuf,
    /// The private key.
    pub key: PathBuf,
}

/// Requests of a minute at most; 0 is without limit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Limits {
    /// Attempts to sign in from one address.
    pub sign_in_per_address: u32,
    /// Attempts to sign in from one address with one login.
    pub sign_in_per_login: u32,
    /// Requests of one caller.
    pub requests_per_caller: u32,
}
