//! What goes into the service: a request without its transport.

use std::sync::Arc;

use super::{AuditSettings, Caller, EventSettings, SignInSettings};
use crate::access::{HasherOptions, Issuers, Md5};
use crate::encode::Control;
use crate::plan::QueryLimits;
use crate::syntax;
use crate::value::{Language, Timestamp};

/// A read request as the transport saw it.
#[derive(Debug, Clone, Copy)]
pub struct RequestHead<'a> {
    /// The raw path below the service root, still percent-encoded; slashes at its ends do not count.
    pub path: &'a str,
    /// The raw query without `?`, still percent-encoded; empty where there is none.
    pub query: &'a str,
    /// The absolute address of the service root, ending in `/`.
    pub root: &'a str,
    /// The `Accept` header.
    pub accept: Option<&'a str>,
    /// The language of the request.
    pub language: &'a Language,
    /// What `OData-Version` and `OData-MaxVersion` agree on; nothing where both are missing.
    pub odata_version: Option<ODataVersion>,
    /// `Prefer: odata.maxpagesize`.
    pub max_page_size: Option<u64>,
    /// Other preferences.
    pub preferences: ReadPreferences,
    /// `TransactionId`: the API transaction whose changes are seen.
    pub transaction: Option<&'a str>,
    /// Who asks.
    pub caller: &'a Caller,
    /// The time of the request.
    pub now: Timestamp,
    /// Whether only the head of the answer is wanted: `HEAD`.
    pub head_only: bool,
}

impl<'a> RequestHead<'a> {
    /// What a `GET` of an address below the service root asks for, `path?query`, without any header;
    /// the answer says its own addresses from that root on.
    pub fn at(
        address: &'a str,
        language: &'a Language,
        caller: &'a Caller,
        now: Timestamp,
    ) -> Self {
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        Self {
            path,
            query,
            root: "",
            accept: None,
            language,
            odata_version: None,
            max_page_size: None,
            preferences: ReadPreferences::default(),
            transaction: None,
            caller,
            now,
            head_only: false,
        }
    }
}

/// What a client would like of an answer (`Prefer`). Nobody has a right to it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ReadPreferences {
    /// `omit-values=nulls`.
    pub omit_nulls: bool,
    /// `odata.track-changes`.
    pub track_changes: bool,
}

/// The versions of OData that the service speaks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum ODataVersion {
    /// 4.0.
    V4,
    /// 4.01.
    V401,
}

impl ODataVersion {
    /// The text of the `OData-Version` header.
    pub const fn text(self) -> &'static str {
        match self {
            Self::V4 => "4.0",
            Self::V401 => "4.01",
        }
    }

    /// How control information is written.
    pub(super) const fn control(self) -> Control {
        match self {
            Self::V4 => Control::Prefixed,
            Self::V401 => Control::Bare,
        }
    }
}

/// The settings of the service.
#[derive(Debug, Clone, Default)]
pub struct ServiceSettings {
    /// Limits of queries.
    pub limits: QueryLimits,
    /// Limits of the syntax.
    pub syntax: syntax::Limits,
    /// What `$top` means: `query.top`.
    pub top: TopSetting,
    /// `query.strict`: only the vendor's literal operators.
    pub strict_filters: bool,
    /// `query.truncate_datetime`: date-times in filters are cut to days.
    pub truncate_datetime: bool,
    /// `query.cost_budget`: rows that one read may make the database look at; 0 is any number.
    pub cost_budget: u64,
    /// Whether results have no pages: for exports on the command line.
    pub unpaged: bool,
    /// How changes are made.
    pub writes: super::WriteSettings,
    /// How passwords are checked.
    pub passwords: PasswordSettings,
    /// How long tokens live.
    pub tokens: super::TokenSettings,
    /// What API transactions may take.
    pub transactions: super::TransactionSettings,
    /// Other issuers whose tokens are taken.
    pub issuers: Arc<Issuers>,
    /// How users sign in.
    pub sign_in: SignInSettings,
    /// How the audit log is kept.
    pub audit: AuditSettings,
    /// How events are delivered.
    pub events: EventSettings,
}

/// How passwords are checked. Each has a setting of a similar name; how they are hashed is said in
/// [`super::WriteSettings`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PasswordSettings {
    /// How MD5 hashes are taken.
    pub md5: Md5,
    /// Whether a password with an old hash is hashed anew when its user signs in.
    pub rehash: bool,
    /// How many of a user's last passwords do not come back; 0 is none.
    pub history: usize,
    /// How many are hashed at once.
    pub hasher: HasherOptions,
}

impl Default for PasswordSettings {
    fn default() -> Self {
        Self {
            md5: Md5::Utf8,
            rehash: true,
            history: 0,
            hasher: HasherOptions::default(),
        }
    }
}

/// The setting `query.top` (`docs/API-DESIGN.md`, *Pages*).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum TopSetting {
    /// All rows for clients that declare an OData version or a page size, a page for all others.
    #[default]
    Auto,
    /// Always all rows that the client wants.
    Total,
    /// Always the size of a page.
    Page,
}
