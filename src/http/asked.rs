//! A request to the OData service: a whole one, or a part of a batch.

use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap};

use super::negotiate;
use crate::diag::Result;
use crate::service::Caller;

/// What a request below the service root asks. Parts of a batch are asked in the same form, so that
/// they go the same way.
#[derive(Debug, Clone, Copy)]
pub(super) struct Asked<'a> {
    /// The method.
    pub(super) method: &'a Method,
    /// The raw path below the service root, still percent-encoded.
    pub(super) path: &'a str,
    /// The raw query without `?`; empty where there is none.
    pub(super) query: &'a str,
    /// The absolute address of the service root, ending in `/`.
    pub(super) root: &'a str,
    /// The headers.
    pub(super) headers: &'a HeaderMap,
    /// Who asks.
    pub(super) caller: &'a Arc<Caller>,
}

impl<'a> Asked<'a> {
    /// The API transaction that the request is part of.
    ///
    /// # Errors
    ///
    /// `InvalidHeader` where there is more than one.
    pub(super) fn transaction(&self) -> Result<Option<&'a str>> {
        negotiate::single(self.headers, "TransactionId")
    }

    /// Whether only the head of the answer is wanted.
    pub(super) fn is_head(&self) -> bool {
        self.method == Method::HEAD
    }
}

/// The `Host` header, or the host of an address given in full.
pub(super) fn host(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(header::HOST);
    header
        .map(|host| host.to_str().unwrap_or("?"))
        .or_else(|| request.uri().authority().map(|host| host.as_str()))
}
