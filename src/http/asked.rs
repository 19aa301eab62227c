//! A request to the OData service: a whole one, or a part of a batch.

use std::net::IpAddr;
use std::sync::Arc;

use actix_web::HttpRequest;
use actix_web::http::Method;
use actix_web::http::header::{self, HeaderMap, USER_AGENT};

use super::negotiate;
use crate::diag::Result;
use crate::service::{Caller, Origin};

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
    /// The address of the client.
    pub(super) address: IpAddr,
    /// Whether it is a part of a batch, whose answer holds those of its parts.
    pub(super) in_batch: bool,
}

impl<'a> Asked<'a> {
    /// Where the request comes from.
    pub(super) fn origin(&self) -> Origin {
        origin(self.address, self.headers)
    }

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

/// Where a request comes from.
pub(super) fn origin(address: IpAddr, headers: &HeaderMap) -> Origin {
    let program = headers.get(USER_AGENT);
    let program = program.and_then(|name| name.to_str().ok());
    let program = program.map(|name| name.trim().into());
    Origin {
        address: Some(address),
        program: program.filter(|name: &Arc<str>| !name.is_empty()),
        operator: None,
    }
}

/// The host of an address given in full, else that of the header `Host` (RFC 9112, 3.2.2).
pub(super) fn host(request: &HttpRequest) -> Option<&str> {
    let header = request.headers().get(header::HOST);
    let authority = request.uri().authority();
    authority
        .map(|host| host.as_str())
        .or_else(|| header.map(|host| host.to_str().unwrap_or("?")))
}
