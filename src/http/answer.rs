//! The way of every request.

use std::sync::Arc;
use std::time::{Duration, Instant};

use actix_web::body::{BodySize, MessageBody as _};
use actix_web::http::header::{
    ALLOW, CACHE_CONTROL, ContentType, ETAG, HeaderMap, HeaderName, HeaderValue, WWW_AUTHENTICATE,
};
use actix_web::http::{ConnectionType, Method, StatusCode, Version};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use tracing::Instrument;

use super::asked::{self, Asked};
use super::gate::Entrance;
use super::odata::ODATA_VERSION;
use super::request_id::{self, RequestId};
use super::route::{ODATA, Place, Route};
use super::site::is_loopback;
use super::transport::{Peer, protect};
use super::{
    Site, batch, change, conditional, docs, error_body, events, gate, health, later, methods,
    models, negotiate, odata, pages, payload, query_segment, sign_in, tokens,
};
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, ModelEndpoint, ODataVersion, Way};
use crate::value::Timestamp;

/// The ways in, as answers to callers that have not signed in name them (RFC 9110, 11.6.1).
const WAYS: [HeaderValue; 3] = [
    HeaderValue::from_static("Basic realm=\"userdex\", charset=\"UTF-8\""),
    HeaderValue::from_static("Bearer realm=\"userdex\""),
    HeaderValue::from_static("ErpSession realm=\"userdex\""),
];
const REQUEST_ID: HeaderName = HeaderName::from_static(request_id::HEADER);
/// Answers one request: id, span, route, error body, counters, log line.
pub(super) async fn answer(
    request: HttpRequest,
    payload: web::Payload,
    site: web::Data<Site>,
) -> HttpResponse {
    let started = Instant::now();
    let _present = site.metrics.arrive();
    let id = RequestId::of(request.headers());
    let path = request.uri().path();
    let route = Route::of(path);
    let method = request.method();
    let peer = Peer::of(&request, &site.options.transport);
    let span = tracing::debug_span!("request", id = id.as_str(), %method, path);
    let outcome = respond(&request, payload, &site, route, &peer, &id)
        .instrument(span.clone())
        .await;
    let (mut response, problem) = match outcome {
        Ok(response) => (response, None),
        Err(problem) => {
            let response = refuse(method, request.headers(), &problem, route, id.as_str());
            (response, Some(problem))
        }
    };
    let headers = response.headers_mut();
    headers.insert(REQUEST_ID, id.header());
    let host = peer.host.as_deref().or_else(|| asked::host(&request));
    let asks_local = host.is_some_and(is_loopback);
    protect(headers, route.address, &peer, asks_local);
    site.cors.open(request.headers(), headers);
    let is_cut = problem
        .as_ref()
        .is_some_and(|p| p.code() == Code::PayloadTooLarge);
    // RFC 9112, 6.1: such a client knows no chunks, and the end of the connection is that of the body.
    let is_endless =
        request.version() < Version::HTTP_11 && matches!(response.body().size(), BodySize::Stream);
    if is_endless {
        response.head_mut().no_chunking(true);
    }
    if site.is_stopping() || is_cut || is_endless {
        response
            .head_mut()
            .set_connection_type(ConnectionType::Close);
    }
    let (status, took) = (response.status(), started.elapsed());
    site.metrics.answered(route.address.class, status, took);
    // A line that is written says which request it is of. Most requests write none, and then the
    // span would be made in vain.
    let span = match &problem {
        Some(_) if span.is_disabled() => {
            tracing::info_span!("request", id = id.as_str(), %method, path)
        }
        Some(_) | None => span,
    };
    span.in_scope(|| log(status, problem.as_ref(), took));
    response
}

/// Checks what all addresses have in common, then follows the route.
async fn respond(
    request: &HttpRequest,
    payload: web::Payload,
    site: &Arc<Site>,
    route: Route<'_>,
    peer: &Peer,
    id: &RequestId,
) -> Result<HttpResponse> {
    check_length(request, site)?;
    let place = route.address.place;
    if !matches!(place, Place::Live | Place::Ready) {
        site.check_host(asked::host(request))?;
    }
    if matches!(place, Place::Nowhere) {
        let message = format!("there is nothing at `{}`", request.uri().path());
        let problem = Problem::new(Code::NotFound, message);
        return Err(problem.help(format!("the service is at `{ODATA}/`")));
    }
    let method = request.method();
    let query = request.uri().query().unwrap_or_default();
    methods::check(site, (route, query), method)?;
    if method == Method::OPTIONS {
        // Nobody has to sign in for it.
        site.request_limits.check(peer.address, None)?;
        return methods::options(site, (route, query), request.headers());
    }
    let asked_by_body = match route.address.is_odata() {
        true => query_segment::of(method, route.rest),
        false => None,
    };
    let reads = matches!(*method, Method::GET | Method::HEAD) || asked_by_body.is_some();
    let changes = !reads;
    if changes {
        site.check_origin(request.headers(), asked::host(request), peer)?;
    }
    let entrance = Entrance {
        request,
        site,
        peer,
    };
    let caller = known(entrance, route).await?;
    if changes && !matches!(place, Place::SignOut) {
        gate::check_csrf(&caller, gate::csrf_header(request.headers()), site)?;
    }
    match place {
        Place::Description | Place::Data => {
            let path = (route.rest, asked_by_body);
            data(entrance, payload, path, &caller, id).await
        }
        Place::Batch => many(entrance, payload, &caller, id).await,
        Place::Monitor => watch(entrance, route.rest, &caller, id).await,
        Place::Events => events::answer(request, site, peer, &caller).await,
        Place::Login => {
            let body = body(request, payload, site).await?;
            sign_in::login(request, &body, site, peer).await
        }
        Place::Logout => {
            let from = asked::origin(peer.address, request.headers());
            sign_in::logout(&caller, site, from).await
        }
        Place::Session => sign_in::session(&caller, site).await,
        Place::SignIn if changes => {
            let body = body(request, payload, site).await?;
            sign_in::sign_in(request, &body, site, peer).await
        }
        Place::SignIn => sign_in::page(request, site, peer).await,
        Place::SignOut => {
            let body = body(request, payload, site).await?;
            sign_in::sign_out(request, &body, site, (peer, &caller)).await
        }
        Place::Token => {
            let body = body(request, payload, site).await?;
            tokens::token(request, &body, site, peer).await
        }
        Place::OpenIdConfiguration => tokens::configuration(request, site, peer),
        Place::JsonWebKeys => tokens::keys(site).await,
        Place::AutoDiscovery => tokens::discovery(request, site, peer),
        Place::StandardModel => models::answer(request, site, ModelEndpoint::Standard, route.rest),
        Place::CurrentModel => models::answer(request, site, ModelEndpoint::Current, route.rest),
        Place::Reset => models::reset(&caller, site).await,
        Place::OpenApi => openapi(request, site),
        Place::DocsWithoutSlash => Ok(docs::redirect()),
        Place::Docs => docs::file(route.rest),
        Place::Live => Ok(health::live()),
        Place::Ready => health::ready(site).await,
        Place::Metrics => {
            see_administrator(site, peer, &caller)?;
            let opened = site.backend.ready();
            let counted = opened.map(|opened| {
                let service = &opened.service;
                (service.statements(), service.event_counts())
            });
            let later = site.later.usage(Timestamp::now());
            site.metrics.page(counted.unwrap_or_default(), later)
        }
        Place::Landing | Place::Nowhere => Ok(pages::landing()),
    }
}

/// The caller of a request, who has not asked too often: users are counted wherever they ask from,
/// whoever has not signed in by the address. What a wrong password costs has a limit of its own.
async fn known(entrance: Entrance<'_>, route: Route<'_>) -> Result<Arc<Caller>> {
    let Entrance { site, peer, .. } = entrance;
    let place = route.address.place;
    let is_open = matches!(place, Place::Metrics) && is_open_metrics(site, peer);
    let found = if route.address.is_public() || is_open {
        Ok(Arc::clone(Caller::nobody()))
    } else {
        entrance.caller().await
    };
    if route.address.is_odata()
        || matches!(
            place,
            Place::StandardModel
                | Place::CurrentModel
                | Place::Reset
                | Place::OpenApi
                | Place::Events
        )
    {
        let caller = found.as_ref().ok().and_then(|caller| caller.identity());
        let user = caller.filter(|identity| identity.way != Way::Nobody);
        site.request_limits
            .check(peer.address, user.map(|identity| identity.user))?;
    }
    found
}

/// Whether the metrics are shown to programs of the same machine that do not sign in.
fn is_open_metrics(site: &Site, peer: &Peer) -> bool {
    site.options.open_metrics && peer.secure && peer.address.is_loopback()
}

/// Sees that the metrics are asked for by somebody who may see them: how much is asked for, and how
/// fast it is, tells something of everybody.
fn see_administrator(site: &Site, peer: &Peer, caller: &Caller) -> Result<()> {
    let may = caller.is_administrator() && caller.scopes().read;
    if may || is_open_metrics(site, peer) {
        return Ok(());
    }
    Err(Problem::new(
        Code::Forbidden,
        "the metrics are shown to administrators",
    ))
}

/// A request to the OData service: its path, and that of the rows where its options are in its body.
async fn data(
    entrance: Entrance<'_>,
    payload: web::Payload,
    (path, asked_by_body): (&str, Option<&str>),
    caller: &Arc<Caller>,
    id: &RequestId,
) -> Result<HttpResponse> {
    let Entrance { request, site, .. } = entrance;
    let root = root(entrance)?;
    let asked = asked(entrance, path, &root, caller);
    if let Some(path) = asked_by_body {
        let body = body(request, payload, site).await?;
        let query = query_segment::options(asked.headers, asked.query, &body)?;
        // The body may have taken its time.
        let caller = &entrance.caller().await?;
        let asked = Asked {
            path,
            query: &query,
            caller,
            ..asked
        };
        return odata::read(&asked, entrance, id).await;
    }
    match change::verb(asked.method) {
        None => odata::read(&asked, entrance, id).await,
        Some(verb) => {
            let body = body(request, payload, site).await?;
            // The body may have taken its time.
            let caller = &entrance.caller().await?;
            change::answer(&Asked { caller, ..asked }, verb, body, site).await
        }
    }
}

/// A batch of requests to the OData service.
async fn many(
    entrance: Entrance<'_>,
    payload: web::Payload,
    caller: &Arc<Caller>,
    id: &RequestId,
) -> Result<HttpResponse> {
    let root = root(entrance)?;
    let body = body(entrance.request, payload, entrance.site).await?;
    let asked = asked(entrance, "$batch", &root, caller);
    // Its parts look for the caller again.
    batch::answer(&asked, &body, entrance, id).await
}

/// A request to the monitor of an asynchronous one.
async fn watch(
    entrance: Entrance<'_>,
    path: &str,
    caller: &Arc<Caller>,
    id: &RequestId,
) -> Result<HttpResponse> {
    let root = root(entrance)?;
    let asked = asked(entrance, path, &root, caller);
    later::monitor(&asked, entrance, id).await
}

/// The address of the service, as this request knows it.
fn root(entrance: Entrance<'_>) -> Result<String> {
    let host = asked::host(entrance.request);
    entrance.site.root(host, entrance.peer)
}

fn asked<'a>(
    entrance: Entrance<'a>,
    path: &'a str,
    root: &'a str,
    caller: &'a Arc<Caller>,
) -> Asked<'a> {
    let Entrance { request, peer, .. } = entrance;
    Asked {
        method: request.method(),
        path,
        query: request.uri().query().unwrap_or_default(),
        root,
        headers: request.headers(),
        caller,
        address: peer.address,
        in_batch: false,
    }
}

/// The body of a request that changes something, if one may be taken from this caller now.
async fn body(request: &HttpRequest, payload: web::Payload, site: &Site) -> Result<Bytes> {
    site.backend.ready()?;
    payload::read(request.headers(), payload, &site.options).await
}

/// Refuses addresses that are too long.
fn check_length(request: &HttpRequest, site: &Site) -> Result<()> {
    let (uri, limit) = (request.uri(), site.options.url_limit);
    let length = uri.path().len() + uri.query().map_or(0, |query| query.len() + 1);
    if length <= limit {
        return Ok(());
    }
    let message = format!("the address has {length} bytes");
    Err(Problem::new(Code::UriTooLong, message).help(format!("at most {limit} are taken")))
}

/// The OpenAPI document.
fn openapi(request: &HttpRequest, site: &Site) -> Result<HttpResponse> {
    let document = &site.openapi;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((ETAG, document.etag.as_str()))
        .insert_header((CACHE_CONTROL, "no-cache"));
    if conditional::is_known(request.headers(), Some(&document.etag))? {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(answer
        .insert_header(ContentType::json())
        .body(document.body.clone()))
}

/// Whether a browser would ask its user for a login and password.
fn is_prompt(way: &HeaderValue) -> bool {
    way.as_bytes().starts_with(b"Basic ")
}

/// Whether a script of a page asks (Fetch Metadata): it wants an answer, not a prompt.
fn is_of_script(headers: &HeaderMap) -> bool {
    let mode = headers.get("sec-fetch-mode");
    mode.is_some_and(|mode| mode.as_bytes() != b"navigate")
}

/// A problem as an answer to a request with this method and these headers.
pub(super) fn refuse(
    method: &Method,
    given: &HeaderMap,
    problem: &Problem,
    route: Route<'_>,
    id: &str,
) -> HttpResponse {
    let mut response = error_body::response(problem, id);
    let headers = response.headers_mut();
    if problem.code() == Code::MethodNotAllowed {
        let allowed = match problem.methods() {
            Some(methods) => methods.to_owned(),
            None => methods::of_route(route, Some(method)),
        };
        if let Ok(allowed) = HeaderValue::from_str(&allowed) {
            headers.insert(ALLOW, allowed);
        }
    }
    if problem.code().status() == 401 {
        let ways = WAYS.into_iter();
        for way in ways.filter(|way| !is_prompt(way) || !is_of_script(given)) {
            headers.append(WWW_AUTHENTICATE, way);
        }
    }
    tell_version(route, given, headers);
    response
}

/// Says the version of an answer that is none of data, where it is one of OData.
pub(super) fn tell_version(route: Route<'_>, given: &HeaderMap, headers: &mut HeaderMap) {
    if !route.address.is_odata() {
        return;
    }
    let version = match negotiate::version(given) {
        Ok(Some(version)) => version,
        // As the service answers clients that declare no version.
        Ok(None) => ODataVersion::V4,
        Err(_) => ODataVersion::V401,
    };
    let version = version.text();
    headers.insert(ODATA_VERSION, HeaderValue::from_static(version));
}

/// The one log line of a request. Refusals are the client's affair and calm; faults of the service
/// are errors, with what only the log may say. The text of a refusal may quote the query, so it is
/// not logged.
fn log(status: StatusCode, problem: Option<&Problem>, took: Duration) {
    let status = status.as_u16();
    // Whole microseconds: more digits say nothing.
    let ms = (took.as_secs_f64() * 1e6).round() / 1e3;
    let Some(problem) = problem else {
        tracing::debug!(status, duration_ms = ms, "answered");
        return;
    };
    let (code, detail) = (problem.code().word(), problem.log_text());
    let target = problem.target();
    if error_body::is_internal(problem.code()) {
        tracing::error!(status, duration_ms = ms, code, detail, "failed: {problem}");
    } else if detail.is_some() {
        tracing::warn!(status, duration_ms = ms, code, target, detail, "refused");
    } else {
        tracing::info!(status, duration_ms = ms, code, target, "refused");
    }
}

/// The log line of a part of a batch that was not answered with success: the line of the batch
/// itself would not say so.
pub(super) fn log_part(problem: &Problem, id: &RequestId) {
    let (id, status) = (id.as_str(), problem.code().status());
    let (code, detail) = (problem.code().word(), problem.log_text());
    if error_body::is_internal(problem.code()) {
        tracing::error!(
            id,
            status,
            code,
            detail,
            "a part of a batch failed: {problem}"
        );
    } else {
        tracing::info!(id, status, code, detail, "a part of a batch was refused");
    }
}
