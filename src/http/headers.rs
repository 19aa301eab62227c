//! Headers inside a body: parts of a batch, the result of an asynchronous request.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};

/// Headers by their names: the map of them has another order each time.
pub(super) fn in_order(headers: &HeaderMap) -> Vec<(&HeaderName, &HeaderValue)> {
    let mut all: Vec<_> = headers.iter().collect();
    all.sort_by_key(|(name, _)| name.as_str());
    all
}
