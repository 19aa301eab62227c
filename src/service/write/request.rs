//! A request that changes something, and its answer, without their transport.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;

use crate::diag::Problem;
use crate::service::{Caller, ODataVersion};
use crate::value::{Language, Timestamp};

/// What a request wants to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verb {
    /// `POST`: create, link, call.
    Post,
    /// `PATCH`: change what is given.
    Patch,
    /// `PUT`: replace.
    Put,
    /// `DELETE`: delete, unlink, set to null.
    Delete,
}

/// A request that changes something, as the transport saw it.
#[derive(Debug, Clone)]
pub struct WriteRequest {
    /// What it wants to do.
    pub verb: Verb,
    /// The raw path below the service root, still percent-encoded. It may start with `$id`, the
    /// content id of an earlier request of the same batch.
    pub path: String,
    /// The raw query without `?`, still percent-encoded; empty where there is none.
    pub query: String,
    /// The absolute address of the service root, ending in `/`.
    pub root: String,
    /// The `Accept` header.
    pub accept: Option<String>,
    /// The `Content-Type` header.
    pub content_type: Option<String>,
    /// The body.
    pub body: Bytes,
    /// The language of the request.
    pub language: Language,
    /// What `OData-Version` and `OData-MaxVersion` agree on; nothing where both are missing.
    pub odata_version: Option<ODataVersion>,
    /// `OData-Version`: what the payload is written in.
    pub payload_version: Option<ODataVersion>,
    /// `Prefer`.
    pub preferences: Preferences,
    /// `If-Match` and `If-None-Match`.
    pub conditions: Conditions,
    /// The headers of OData Repeatable Requests.
    pub repeatability: Option<Repeatability>,
    /// The name that later requests of the same batch may use for what this one creates.
    pub content_id: Option<String>,
    /// The program that sends the request: `User-Agent`.
    pub application: Option<String>,
    /// `TransactionId`: the API transaction that holds the change.
    pub transaction: Option<String>,
    /// Who asks.
    pub caller: Arc<Caller>,
    /// The time of the request.
    pub now: Timestamp,
}

/// `Prefer` (OData 4.01 Part 1, 8.2.8).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Preferences {
    /// `return=…`.
    pub answer: Option<Return>,
    /// `handling=…`: true for `strict`, false for `lenient`.
    pub strict: Option<bool>,
    /// `omit-values=nulls`.
    pub omit_nulls: bool,
    /// Whether `include-annotations` takes the annotation with warnings.
    pub messages: Option<bool>,
}

/// `return=…`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Return {
    /// No body.
    Minimal,
    /// The entity as it is afterwards.
    Representation,
}

/// `If-Match` and `If-None-Match` (RFC 9110, 13.1).
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Conditions {
    /// `If-Match`.
    pub if_match: Option<Tags>,
    /// `If-None-Match`.
    pub if_none_match: Option<Tags>,
}

/// Entity tags of a condition.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Tags {
    /// `*`
    Any,
    /// Tags without `W/` and quotes.
    Listed(Vec<String>),
}

/// OData Repeatable Requests 1.0: a request that is sent again is answered as the first time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeatability {
    /// `Repeatability-Request-ID`.
    pub id: String,
    /// `Repeatability-First-Sent`.
    pub first_sent: Timestamp,
}

/// What a change was answered with.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct WriteAnswer {
    /// The HTTP status: 200, 201 or 204.
    pub status: u16,
    /// The `Content-Type` header; nothing where there is no body.
    pub content_type: Option<String>,
    /// The `ETag` header, as it is to be sent: `W/"17"`.
    pub etag: Option<String>,
    /// The `Location` header.
    pub location: Option<String>,
    /// The `OData-EntityId` header.
    pub entity_id: Option<String>,
    /// The `Preference-Applied` header.
    pub preference_applied: Option<String>,
    /// The `Ext-Messages` header: warnings as JSON, where there is no body to hold them.
    pub messages: Option<String>,
    /// The `OData-Version` header.
    pub odata_version: &'static str,
    /// Whether the request was recognised by its [`Repeatability`]: `Repeatability-Result`.
    pub repeatable: bool,
    /// The body.
    pub body: Bytes,
}

/// Why a set of changes was refused: nothing of it happened.
#[derive(Debug)]
pub struct Refusal {
    /// The position of the request that was refused.
    pub request: usize,
    /// Why.
    pub problem: Problem,
}

/// What the named requests of a batch created or changed, for requests that follow: content id and
/// address relative to the service root, such as `Systems_Security_Users(…)`.
#[derive(Debug, Clone, Default)]
pub struct ContentIds(HashMap<String, String>);

impl ContentIds {
    /// Remembers the address behind an id.
    pub fn insert(&mut self, id: &str, address: String) {
        self.0.insert(id.to_owned(), address);
    }

    /// The address of `$id`, or of a path that starts with `$id/`; nothing where the text does not
    /// start with a known id.
    pub fn resolve(&self, path: &str) -> Option<String> {
        let named = path.strip_prefix('$')?;
        let (id, rest) = named.split_at(named.find('/').unwrap_or(named.len()));
        self.0.get(id).map(|address| format!("{address}{rest}"))
    }
}
