//! Headers that tell browsers what an answer may be used for.

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_SECURITY_POLICY, HeaderMap, HeaderName, HeaderValue, REFERRER_POLICY,
    STRICT_TRANSPORT_SECURITY, X_CONTENT_TYPE_OPTIONS, X_FRAME_OPTIONS,
};

use super::Peer;
use crate::http::route::Route;

/// The content security policy of pages: own files only, nothing inline, no frame around them.
pub(in crate::http) const PAGE_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
     connect-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";
/// That of everything else: nothing may be loaded from data.
const DATA_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// A year.
const ONLY_TLS: HeaderValue = HeaderValue::from_static("max-age=31536000");

/// What every answer says.
const ALWAYS: [(HeaderName, HeaderValue); 5] = [
    (X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff")),
    // Not `no-referrer`: with it a form says `Origin: null`, and our own sign-in page is a stranger.
    (REFERRER_POLICY, HeaderValue::from_static("same-origin")),
    (X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        HeaderName::from_static("cross-origin-resource-policy"),
        HeaderValue::from_static("same-origin"),
    ),
    (
        HeaderName::from_static("cross-origin-opener-policy"),
        HeaderValue::from_static("same-origin"),
    ),
];

/// Adds them. `is_local` says that the client asks a name of its own machine, which may have other
/// servers, without TLS, beside this one.
pub(in crate::http) fn protect(
    headers: &mut HeaderMap,
    route: Route<'_>,
    peer: &Peer,
    is_local: bool,
) {
    for (name, value) in ALWAYS {
        headers.insert(name, value);
    }
    if !headers.contains_key(CONTENT_SECURITY_POLICY) {
        headers.insert(CONTENT_SECURITY_POLICY, DATA_POLICY);
    }
    if peer.https && peer.secure && !is_local {
        headers.insert(STRICT_TRANSPORT_SECURITY, ONLY_TLS);
    }
    if !headers.contains_key(CACHE_CONTROL) && !is_public(route) {
        headers.insert(CACHE_CONTROL, NO_STORE);
    }
}

/// Whether everybody gets the same there.
fn is_public(route: Route<'_>) -> bool {
    match route {
        Route::OpenApi | Route::DocsWithoutSlash | Route::Docs(_) | Route::Landing => true,
        Route::OData(_)
        | Route::Batch
        // Told in the language of the request, and to callers who have signed in.
        | Route::StandardModel(_)
        | Route::CurrentModel(_)
        | Route::Live
        | Route::Ready
        | Route::Metrics
        | Route::Login
        | Route::Logout
        | Route::Session
        | Route::SignIn
        | Route::SignOut
        | Route::Token
        | Route::OpenIdConfiguration
        | Route::JsonWebKeys
        | Route::AutoDiscovery
        | Route::Unknown => false,
    }
}
