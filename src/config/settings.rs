//! The settings as values. Names and defaults are listed once more in `table.rs`, for people; a
//! test holds the two together.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::time::Duration;

use ipnet::IpNet;
use serde::Deserialize;

use super::oidc::Oidc;
use super::{Asynchronous, Audit, Events, Tokens, Transactions, duration, networks};

/// Every setting of this version.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How strict the checks at start are.
    pub profile: Profile,
    /// What a query may ask for.
    pub query: Query,
    /// How the program listens and answers.
    pub server: Server,
    /// TLS of the server itself.
    pub tls: Tls,
    /// How often one caller may ask.
    pub limits: Limits,
    /// Which database, and how it is used.
    pub database: Database,
    /// What is logged, and how.
    pub log: Log,
    /// Which entity model.
    pub model: ModelSettings,
    /// How passwords are kept.
    pub password: Password,
    /// What locks users.
    pub lockout: Lockout,
    /// How long users are signed in.
    pub session: Session,
    /// How long tokens live.
    pub tokens: Tokens,
    /// What asynchronous requests may take.
    pub asynchronous: Asynchronous,
    /// How the audit log is kept.
    pub audit: Audit,
    /// What API transactions may take.
    pub transactions: Transactions,
    /// How events are delivered.
    pub events: Events,
    /// What users need.
    pub users: Users,
    /// The vendor's habits, for clients that need them.
    pub compat: Compat,
    /// The level of change tracking of repositories that are not at their least.
    pub track: BTreeMap<String, u8>,
    /// Other issuers whose tokens are taken.
    pub oidc: Vec<Oidc>,
}

/// How strict the checks at start are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Profile {
    /// For a developer's own machine.
    #[default]
    Development,
    /// For real data.
    Production,
}

/// Section `query`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Query {
    /// Rows of one page at most; a larger `$top` is paged, not refused.
    pub max_top: u64,
    /// What `$top` means.
    pub top: Top,
    /// How long a read may run.
    #[serde(deserialize_with = "duration::deserialize")]
    pub deadline: Duration,
    /// Levels of `$expand`, and of `any` and `all`, at most.
    pub expand_depth: u16,
    /// Values in one `in` list at most.
    pub list_items: usize,
    /// Conditions in one filter at most.
    pub filter_nodes: usize,
    /// Only the vendor's literal operators.
    pub strict_filters: bool,
    /// The vendor's way with date-times in filters: cut to days.
    pub truncate_datetime: bool,
    /// Rows that one read may make the database look at; 0 is without limit.
    pub cost_budget: u64,
}

/// What `$top` means.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Top {
    /// A total for clients that declare an OData version or a page size, else a page size.
    #[default]
    Auto,
    /// Always OData's meaning: all rows that the client wants.
    Total,
    /// Always the vendor's meaning: the size of a page.
    Page,
}

/// Section `server`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Server {
    /// The address to listen on.
    pub listen: SocketAddr,
    /// Threads that answer requests; 0 is one for each processor core.
    pub workers: usize,
    /// Bytes of path and query at most.
    pub url_limit: usize,
    /// Bytes of a request body at most.
    pub body_limit: usize,
    /// Requests of one batch at most.
    pub batch_parts: usize,
    /// Whether a change of an entity that is there needs `If-Match`.
    pub require_if_match: bool,
    /// How long the answer to a repeatable request is kept.
    #[serde(deserialize_with = "duration::deserialize")]
    pub repeatable_for: Duration,
    /// The address that clients use, without a path, where it is not what their `Host` header says.
    pub public_url: Option<String>,
    /// Networks of proxies whose word about the client is taken.
    #[serde(deserialize_with = "networks::deserialize")]
    pub trusted_proxies: Vec<IpNet>,
    /// Origins whose pages may read answers.
    pub cors_origins: Vec<String>,
    /// Whether requests of those pages may carry cookies.
    pub cors_credentials: bool,
    /// Whether answers carry `Server-Timing`.
    pub server_timing: bool,
    /// How long a client may leave a part of an answer unread before the answer is cut off.
    #[serde(deserialize_with = "duration::deserialize")]
    pub stall: Duration,
    /// How long a client may take for the body of a request.
    #[serde(deserialize_with = "duration::deserialize")]
    pub body_time: Duration,
    /// How long an import that came as a request goes on.
    #[serde(deserialize_with = "duration::deserialize")]
    pub import_time: Duration,
    /// Whether programs of the same machine see the metrics without signing in.
    pub open_metrics: bool,
}

/// Section `tls`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tls {
    /// The file of the certificate, with those between it and its authority.
    pub certificate: Option<PathBuf>,
    /// The file of its private key.
    pub key: Option<PathBuf>,
}

/// Section `limits`: so many a minute, or at the same time; 0 is without limit.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Attempts to sign in from one address.
    pub sign_in_per_address: u32,
    /// Attempts to sign in from one address with one login.
    pub sign_in_per_login: u32,
    /// Requests of one caller.
    pub requests_per_caller: u32,
    /// Exports of one caller at the same time.
    pub exports_per_caller: u32,
}

/// Section `password`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Password {
    /// Characters of a new password at least.
    pub min_length: usize,
    /// Of each of these classes a new password needs one character.
    pub require: Vec<Class>,
    /// How many of a user's last passwords do not come back; 0 is none.
    pub history: usize,
    /// How old passwords of people get before they have to be changed; zero is without limit.
    #[serde(deserialize_with = "duration::or_never")]
    pub max_age: Duration,
    /// The function of PBKDF2 for new passwords.
    pub prf: Prf,
    /// Iterations of PBKDF2 for new passwords.
    pub iterations: u32,
    /// Whether a password with an old hash is hashed anew when its user signs in.
    pub rehash_on_login: bool,
    /// Whether MD5 hashes are taken.
    pub allow_md5_verify: bool,
    /// Always off: MD5 hashes are never written.
    pub allow_md5_write: bool,
    /// The bytes of a password that MD5 hashes were made of.
    pub md5_encoding: Md5Encoding,
    /// Threads that hash passwords; 0 is half the processor cores.
    pub hashing_threads: usize,
    /// Passwords that wait for such a thread, at most.
    pub hashing_queue: usize,
}

/// A class of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Class {
    /// Lower case letters.
    Lower,
    /// Upper case letters.
    Upper,
    /// Digits.
    Digit,
    /// Punctuation, symbols and spaces.
    Symbol,
}

/// A function of PBKDF2, by the name that .NET gives it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Prf {
    /// HMAC-SHA256, for older .NET programs that share the table.
    #[serde(rename = "HMACSHA256")]
    HmacSha256,
    /// HMAC-SHA512.
    #[default]
    #[serde(rename = "HMACSHA512")]
    HmacSha512,
}

/// The bytes of a text.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
pub enum Md5Encoding {
    /// UTF-8.
    #[default]
    #[serde(rename = "utf-8")]
    Utf8,
    /// UTF-16, little-endian.
    #[serde(rename = "utf-16le")]
    Utf16,
}

/// Section `lockout`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Lockout {
    /// Wrong passwords in a row that lock a user; 0 is without limit.
    pub max_failed: u32,
    /// How long a user is locked.
    #[serde(deserialize_with = "duration::deserialize")]
    pub duration: Duration,
}

/// Section `session`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Session {
    /// How long a session lives unused.
    #[serde(deserialize_with = "duration::deserialize")]
    pub sliding: Duration,
    /// How long a session of a person lives at most.
    #[serde(deserialize_with = "duration::deserialize")]
    pub absolute: Duration,
    /// The same for a machine.
    #[serde(deserialize_with = "duration::deserialize")]
    pub absolute_service: Duration,
    /// Sessions at once; 0 is without limit.
    pub max: usize,
    /// Logins that each have a slot of their own among them.
    pub reserved_logins: Vec<String>,
}

/// Section `users`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Users {
    /// Whether people without any group and role are refused when they sign in by hand.
    pub require_group_or_role: bool,
}

/// Section `compat`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Compat {
    /// A multi-language text in a `PATCH` replaces all languages.
    pub replace_multilanguage: bool,
}

/// Section `database`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Database {
    /// `sqlite:PATH` or `postgres://…`.
    pub url: String,
    /// Connections for reading; 0 is a number that fits the machine.
    pub readers: u32,
    /// How long a request waits for a connection or a lock before it is answered 503.
    #[serde(deserialize_with = "duration::deserialize")]
    pub busy_wait: Duration,
    /// SQLite: what survives a power loss.
    pub synchronous: Synchronous,
    /// PostgreSQL: connections for writing.
    pub writers: u32,
}

/// SQLite's `synchronous`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Synchronous {
    /// Every acknowledged write survives a power loss.
    #[default]
    Full,
    /// The last writes may be lost at a power loss; the file stays intact.
    Normal,
}

/// Section `log`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Log {
    /// One line of text or one JSON object for each event.
    pub format: LogFormat,
    /// Which events: `info`, or for example `warn,userdex=debug`.
    pub filter: String,
}

/// The form of log lines.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// For programs.
    Json,
}

/// Section `model`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ModelSettings {
    /// Which revision of the model's source; this version has `source` only.
    pub revision: String,
    /// A folder of metadata files instead of the built-in ones.
    pub dir: Option<PathBuf>,
}

impl Default for Query {
    fn default() -> Self {
        Self {
            max_top: 1000,
            top: Top::Auto,
            deadline: Duration::from_secs(30),
            expand_depth: 3,
            list_items: 1000,
            filter_nodes: 200,
            strict_filters: false,
            truncate_datetime: false,
            cost_budget: 0,
        }
    }
}

impl Default for Server {
    fn default() -> Self {
        Self {
            listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 8080)),
            workers: 0,
            url_limit: 16 * 1024,
            body_limit: 4 * 1024 * 1024,
            batch_parts: 100,
            require_if_match: false,
            repeatable_for: Duration::from_secs(24 * 60 * 60),
            public_url: None,
            trusted_proxies: Vec::new(),
            cors_origins: Vec::new(),
            cors_credentials: false,
            server_timing: false,
            stall: Duration::from_secs(30),
            body_time: Duration::from_secs(5 * 60),
            import_time: Duration::from_secs(2 * 60),
            open_metrics: false,
        }
    }
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            sign_in_per_address: 30,
            sign_in_per_login: 10,
            requests_per_caller: 0,
            exports_per_caller: 2,
        }
    }
}

impl Default for Password {
    fn default() -> Self {
        Self {
            min_length: 8,
            require: vec![Class::Lower, Class::Upper, Class::Digit, Class::Symbol],
            history: 0,
            max_age: Duration::ZERO,
            prf: Prf::HmacSha512,
            iterations: 210_000,
            rehash_on_login: true,
            allow_md5_verify: true,
            allow_md5_write: false,
            md5_encoding: Md5Encoding::Utf8,
            hashing_threads: 0,
            hashing_queue: 64,
        }
    }
}

impl Default for Lockout {
    fn default() -> Self {
        Self {
            max_failed: 5,
            duration: Duration::from_secs(5 * 60),
        }
    }
}

impl Default for Session {
    fn default() -> Self {
        Self {
            sliding: Duration::from_secs(20 * 60),
            absolute: Duration::from_secs(12 * 60 * 60),
            absolute_service: Duration::from_secs(60 * 60),
            max: 0,
            reserved_logins: Vec::new(),
        }
    }
}

impl Default for Users {
    fn default() -> Self {
        Self {
            require_group_or_role: true,
        }
    }
}

impl Default for Database {
    fn default() -> Self {
        Self {
            url: "sqlite:userdex.db".to_owned(),
            readers: 0,
            busy_wait: Duration::from_secs(2),
            synchronous: Synchronous::Full,
            writers: 4,
        }
    }
}

impl Default for Log {
    fn default() -> Self {
        Self {
            format: LogFormat::Text,
            filter: "info,actix_server=warn,actix_http=off".to_owned(),
        }
    }
}

impl Default for ModelSettings {
    fn default() -> Self {
        Self {
            revision: "source".to_owned(),
            dir: None,
        }
    }
}
