//! Pages of other origins (the Fetch standard, "CORS protocol"). Off unless origins are listed.

use actix_web::http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE,
    ACCESS_CONTROL_REQUEST_METHOD, COOKIE, HeaderMap, HeaderValue, ORIGIN, VARY,
};

use super::TransportSettings;
use crate::diag::{Code, Problem, Result};

/// Headers that such a page may send.
const TAKEN: HeaderValue = HeaderValue::from_static(
    "Accept, Accept-Language, Api-Key, Authorization, Content-Type, If-Match, If-None-Match, \
     OData-Isolation, OData-MaxVersion, OData-Version, Prefer, Repeatability-Client-ID, \
      Repeatability-First-Sent, Repeatability-Request-ID, TransactionId, X-Api-Key, X-Application, \
      X-CSRF-Token, X-Request-Id",
);
/// Headers of answers that it may read.
const SHOWN: HeaderValue = HeaderValue::from_static(
    "AsyncResult, ETag, OData-Version, Location, OData-EntityId, Preference-Applied, Ext-Messages, \
     Repeatability-Result, Retry-After, X-Request-Id",
);
/// Seconds for which a browser need not ask again.
const KEPT: HeaderValue = HeaderValue::from_static("600");
const TRUE: HeaderValue = HeaderValue::from_static("true");
const ANY: HeaderValue = HeaderValue::from_static("*");
const BY_ORIGIN: HeaderValue = HeaderValue::from_static("Origin");

/// Which pages may ask.
#[derive(Debug, Default)]
pub(in crate::http) struct Cors {
    origins: Vec<String>,
    any: bool,
    credentials: bool,
}

impl Cors {
    /// What the settings say.
    ///
    /// # Errors
    ///
    /// `ConfigurationFault` where any page may send cookies.
    pub(in crate::http) fn new(settings: &TransportSettings) -> Result<Self> {
        let (any, origins): (Vec<_>, Vec<_>) = settings
            .cors_origins
            .iter()
            .partition(|origin| *origin == "*");
        if !any.is_empty() && settings.cors_credentials {
            let message = "`server.cors_origins` has `*`, and `server.cors_credentials` is on";
            return Err(Problem::new(Code::ConfigurationFault, message)
                .about("server.cors_origins")
                .help("list the origins whose pages may send cookies"));
        }
        Ok(Self {
            any: !any.is_empty(),
            origins: origins
                .iter()
                .map(|origin| origin.to_ascii_lowercase())
                .collect(),
            credentials: settings.cors_credentials,
        })
    }

    /// Whether a page may ask and read. Browsers write origins in lower case.
    fn is_listed(&self, origin: &str) -> bool {
        self.any || self.origins.iter().any(|listed| listed == origin)
    }

    /// Whether a page may make this request, which carries the cookies of our own pages only where
    /// that is allowed: no browser asks before it sends a simple form.
    pub(in crate::http) fn takes(&self, origin: &str, request: &HeaderMap) -> bool {
        self.is_listed(origin) && (self.credentials || !request.contains_key(COOKIE))
    }

    /// Adds the headers of an answer to a page, if it is one that may ask.
    pub(in crate::http) fn open(&self, request: &HeaderMap, answer: &mut HeaderMap) {
        if !self.origins.is_empty() {
            // Also where there is no origin: a cache must not give this answer to one.
            answer.append(VARY, BY_ORIGIN);
        }
        let Some(origin) = self.listed(request) else {
            return;
        };
        let origin = if self.any { ANY } else { origin.clone() };
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin);
        answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, SHOWN);
        if self.credentials {
            answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, TRUE);
        }
    }

    /// Adds what a page wants to know before it asks (a preflight), if this is such a question.
    pub(in crate::http) fn promise(
        &self,
        request: &HeaderMap,
        answer: &mut HeaderMap,
        methods: &str,
    ) {
        let (true, Ok(methods)) = (self.is_asked(request), HeaderValue::from_str(methods)) else {
            return;
        };
        answer.insert(ACCESS_CONTROL_ALLOW_METHODS, methods);
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, TAKEN);
        answer.insert(ACCESS_CONTROL_MAX_AGE, KEPT);
    }

    /// Whether a request is a browser's question, for a page that may ask (a preflight).
    pub(in crate::http) fn is_asked(&self, request: &HeaderMap) -> bool {
        request.contains_key(ACCESS_CONTROL_REQUEST_METHOD) && self.listed(request).is_some()
    }

    /// The origin of a request, if it is listed.
    fn listed<'a>(&self, request: &'a HeaderMap) -> Option<&'a HeaderValue> {
        let origin = request.get(ORIGIN)?;
        self.is_listed(origin.to_str().ok()?).then_some(origin)
    }
}
