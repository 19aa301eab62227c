//! The requests of a batch, whatever format they came in.

use std::rc::Rc;

use actix_web::http::Method;
use actix_web::http::header::{
    ACCEPT_LANGUAGE, COOKIE, HeaderMap, HeaderName, HeaderValue, USER_AGENT,
};
use bytes::Bytes;

use super::super::asked::Asked;
use super::super::language;
use super::super::route::{self, below};
use super::super::{Site, change, query_segment};
use crate::diag::{Code, Problem, Result};
use crate::service::{Verb, WriteRequest, begins_path};

/// A batch, understood but not yet begun.
#[derive(Debug)]
pub(super) struct Batch {
    /// The format it came in.
    pub(super) form: Form,
    /// What it holds, in order.
    pub(super) items: Vec<Item>,
}

/// The format of a batch or of its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// `multipart/mixed`
    Multipart,
    /// `application/json`
    Json,
}

/// A step of a batch.
#[derive(Debug)]
pub(super) enum Item {
    /// A request of its own.
    Single(Part),
    /// A change set or atomicity group: all of its changes are made, or none.
    Set(Set),
}

/// A change set or atomicity group.
#[derive(Debug)]
pub(super) struct Set {
    /// The name of the group; nothing for a change set.
    pub(super) group: Option<String>,
    /// Its requests.
    pub(super) parts: Vec<Part>,
}

/// One request.
#[derive(Debug)]
pub(super) struct Part {
    /// Its content id, by which later requests refer to it.
    pub(super) id: Option<String>,
    /// The method.
    pub(super) method: Method,
    /// Path and query below the service root, or why the address leads nowhere.
    pub(super) target: Result<Target>,
    /// Its own headers. Parts that say the same share them, and what is read from them.
    pub(super) headers: Rc<HeaderMap>,
    /// Its body.
    pub(super) body: Bytes,
    /// Ids and groups without whose success it is not run.
    pub(super) depends_on: Vec<String>,
    /// Whether it has a condition (`if`), which the service does not offer.
    pub(super) conditional: bool,
}

/// An address below the service root, still percent-encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Target {
    /// The path.
    pub(super) path: String,
    /// The query without `?`.
    pub(super) query: String,
}

/// What the addresses of parts are held against.
#[derive(Debug, Clone, Copy)]
pub(super) struct Home<'a> {
    /// The site, with its limits and its names.
    pub(super) site: &'a Site,
    /// The absolute address of the service root, as the batch was asked.
    pub(super) root: &'a str,
}

impl Target {
    /// Reads the address of a part: absolute, from the host's root, or relative to the service
    /// root. Blanks that a client did not encode are meant as such.
    pub(super) fn parse(address: &str, home: Home<'_>) -> Result<Self> {
        let limit = home.site.options.url_limit;
        if address.len() > limit {
            let message = format!("the address has {} bytes", address.len());
            let problem = Problem::new(Code::UriTooLong, message);
            return Err(problem.help(format!("at most {limit} are taken")));
        }
        let (path, query) = address.split_once('?').unwrap_or((address, ""));
        let path = below_root(path, home).ok_or_else(|| {
            let message = format!("the address `{path}` is not one of this service");
            Problem::new(Code::NotFound, message)
                .help("a part of a batch asks below the service root")
        })?;
        if route::is_batch(path) {
            let message = "a batch cannot hold a batch";
            return Err(Problem::new(Code::InvalidBatch, message));
        }
        let encode = |text: &str| text.replace(' ', "%20");
        Ok(Self {
            path: encode(path),
            query: encode(query),
        })
    }

    /// The content id that the path begins with: `$1`, `$1/Groups`.
    pub(super) fn names(&self) -> Option<&str> {
        let first = self.path.split('/').next()?;
        let name = first.strip_prefix('$')?;
        (!begins_path(first)).then_some(name)
    }
}

/// The path below the service root.
fn below_root<'a>(path: &'a str, home: Home<'_>) -> Option<&'a str> {
    let absolute = path
        .split_once("://")
        .filter(|(scheme, _)| matches!(*scheme, "http" | "https"));
    let from_host = match absolute {
        Some((_, rest)) => {
            let (host, _) = rest.split_once('/')?;
            if !home.site.is_ours(host) && host_of(home.root) != host {
                return None;
            }
            rest.get(host.len()..)?
        }
        None => path,
    };
    if !from_host.starts_with('/') {
        return Some(from_host);
    }
    // Some clients write a slash before a content id.
    if let Some(reference) = from_host.strip_prefix("/$") {
        return from_host.get(from_host.len() - reference.len() - 1..);
    }
    below(from_host, route::ODATA)
}

/// The host and perhaps the port of an absolute address.
fn host_of(address: &str) -> &str {
    let rest = address.split_once("://").map_or(address, |(_, rest)| rest);
    rest.split('/').next().unwrap_or(rest)
}

impl Part {
    /// What it wants to do; nothing for a read.
    pub(super) fn verb(&self) -> Option<Verb> {
        let path = self.target.as_ref().map_or("", |target| &target.path);
        match query_segment::of(&self.method, path) {
            Some(_) => None,
            None => change::verb(&self.method),
        }
    }

    /// Whether it differs from another part in body and name at most.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let same_target = matches!((&self.target, &other.target), (Ok(a), Ok(b)) if a == b);
        self.method == other.method && same_target && Rc::ptr_eq(&self.headers, &other.headers)
    }

    /// The part as the service takes it; `request` is a part [like it](Self::is_like).
    pub(super) fn again(&self, request: &WriteRequest) -> WriteRequest {
        // A body of `DELETE` means nothing.
        let body = match request.verb {
            Verb::Delete => Bytes::new(),
            Verb::Post | Verb::Patch | Verb::Put => self.body.clone(),
        };
        WriteRequest {
            body,
            content_id: self.id.clone(),
            ..request.clone()
        }
    }

    /// Takes over from the batch what the part does not say itself: versions, language, program, API
    /// transaction.
    pub(super) fn inherit(&mut self, batch: &Asked<'_>) {
        let headers = Rc::make_mut(&mut self.headers);
        let versions = ["odata-version", "odata-maxversion"].map(HeaderName::from_static);
        let transaction = [HeaderName::from_static("transactionid")];
        for names in [&versions[..], &[USER_AGENT], &transaction] {
            if names.iter().any(|name| headers.contains_key(name)) {
                continue;
            }
            for name in names {
                if let Some(value) = batch.headers.get(name) {
                    headers.insert(name.clone(), value.clone());
                }
            }
        }
        let speaks = [ACCEPT_LANGUAGE, COOKIE];
        if !speaks.iter().any(|name| headers.contains_key(name)) {
            let language = language::of(batch.query, batch.headers);
            if let Ok(value) = HeaderValue::from_str(language.key()) {
                headers.insert(ACCEPT_LANGUAGE, value);
            }
        }
    }
}

impl Set {
    /// [`Part::inherit`] for all of its requests.
    pub(super) fn inherit(&mut self, batch: &Asked<'_>) {
        // The headers of the request before, without and with what they inherit.
        let mut last: Option<(Rc<HeaderMap>, Rc<HeaderMap>)> = None;
        for part in &mut self.parts {
            match &last {
                Some((bare, full)) if Rc::ptr_eq(bare, &part.headers) => {
                    part.headers = Rc::clone(full);
                }
                Some(_) | None => {
                    let bare = Rc::clone(&part.headers);
                    part.inherit(batch);
                    last = Some((bare, Rc::clone(&part.headers)));
                }
            }
        }
    }
}

/// A batch that cannot be understood; `place` is the number of the part, such as `2` or `2/1`.
pub(super) fn invalid(place: &str, message: impl std::fmt::Display) -> Problem {
    Problem::new(Code::InvalidBatch, format!("part {place}: {message}")).about(place)
}
