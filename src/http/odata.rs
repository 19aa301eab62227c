//! Requests to the OData service: headers in, the service's answer out.

use std::fmt::Write;
use std::sync::Arc;

use actix_web::body::BodySize;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderName, HeaderValue, VARY};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::time::timeout;
use tracing::Span;

use super::aside;
use super::asked::Asked;
use super::exports::Export;
use super::gate::Entrance;
use super::later::Delivery;
use super::metrics::Held;
use super::pipe::{HeadOnly, Pipe, Start};
use super::request_id::RequestId;
use super::slot::{self, Slots};
use super::{Site, conditional, language, later, negotiate, preferences};
use crate::diag::{Code, Problem, Result};
use crate::service::{Document, Head, Prepared, RequestHead, Service, Timings};
use crate::value::Timestamp;

/// The header that names the version of OData an answer is written in.
pub(super) const ODATA_VERSION: HeaderName = HeaderName::from_static("odata-version");
/// The header that says which preferences were honoured.
pub(super) const PREFERENCE_APPLIED: HeaderName = HeaderName::from_static("preference-applied");
const SERVER_TIMING: HeaderName = HeaderName::from_static("server-timing");

/// Request headers that shape an answer. The language may come from a cookie, and what a caller may
/// see from whoever signs in.
const VARIES: HeaderValue = HeaderValue::from_static(
    "Accept, Accept-Language, Api-Key, Authorization, Cookie, OData-Version, OData-MaxVersion, \
     Prefer, X-Api-Key",
);
/// Caches ask again, with the entity tag where there is one; those that many share keep nothing.
const REVALIDATE: HeaderValue = HeaderValue::from_static("private, no-cache");

/// Nobody keeps what may never be stored.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Answers a `GET` or `HEAD` below the service root.
pub(super) async fn read(
    asked: &Asked<'_>,
    entrance: Entrance<'_>,
    id: &RequestId,
) -> Result<HttpResponse> {
    let site = entrance.site;
    let wishes = negotiate::read(asked.headers)?;
    let service = &site.backend.ready()?.service;
    let language = language::of(asked.query, asked.headers);
    let head = RequestHead {
        path: asked.path,
        query: asked.query,
        root: asked.root,
        accept: wishes.accept.as_deref(),
        language: &language,
        odata_version: wishes.version,
        max_page_size: wishes.max_page_size,
        preferences: wishes.preferences,
        transaction: asked.transaction()?,
        caller: asked.caller,
        now: Timestamp::now(),
        head_only: asked.is_head(),
    };
    let prepared = aside::prepare(site, &head).await;
    let prepared = prepared.inspect_err(|problem| {
        let service = service.for_client(asked.origin());
        service.note_refused_read(asked.caller, asked.path, problem, Timestamp::now());
    })?;
    match prepared {
        Prepared::Document(found) => document(asked, found),
        Prepared::Read(mut read) => {
            if read.is_export() {
                refuse_condition(asked)?;
                read.came_from(&asked.origin());
                if may_come_later(asked)? {
                    return later::begin(asked, entrance, read, id).await;
                }
            }
            let export = if read.is_export() {
                site.exports.begin(asked.caller)?
            } else {
                None
            };
            let start = run(site, (Arc::from(read), export), Service::run, id).await?;
            begin(asked, site, start)
        }
        Prepared::Call(mut call) => {
            if let Some(news) = service.awaited(&call)? {
                // Nobody's thread waits meanwhile. That nothing came is an answer too.
                let _ = timeout(service.transaction_wait(), news.come()).await;
                let caller = entrance.caller().await?;
                call.seen_by(&caller)?;
            }
            let start = run(site, (Arc::from(call), None), Service::answer, id).await?;
            begin(asked, site, start)
        }
    }
}

/// Refuses an export of another version than it has: it has none, which is known before it begins.
fn refuse_condition(asked: &Asked<'_>) -> Result<()> {
    if asked.transaction()?.is_some() {
        return Ok(());
    }
    conditional::is_known(asked.headers, None).map(drop)
}

/// Whether the answer of an export may come later. A batch answers its parts itself, and what an API
/// transaction holds may be over by then.
fn may_come_later(asked: &Asked<'_>) -> Result<bool> {
    let is_alone = !asked.in_batch && asked.transaction()?.is_none();
    Ok(is_alone && preferences::responds_async(asked.headers))
}

/// Answers with what a read begins with.
fn begin(asked: &Asked<'_>, site: &Site, start: Start) -> Result<HttpResponse> {
    let (head, body) = match start {
        Start::Whole(head, body) => (head, Body::Whole(body)),
        Start::Stream(head, body) => (head, Body::Stream(body)),
    };
    respond(asked, site, &head, body)
}

/// The body of an answer.
pub(super) enum Body {
    Whole(Bytes),
    Stream(super::pipe::Stream),
    Later(Delivery),
}

/// Answers with prepared bytes.
fn document(asked: &Asked<'_>, document: Document) -> Result<HttpResponse> {
    let known = conditional::is_known(asked.headers, Some(&document.etag))?;
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((ODATA_VERSION, document.odata_version))
        .insert_header((ETAG, document.etag))
        .insert_header((VARY, VARIES))
        .insert_header((CACHE_CONTROL, REVALIDATE));
    if known {
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    Ok(answer
        .insert_header((CONTENT_TYPE, document.content_type))
        .body(document.body))
}

/// Runs a read on a blocking thread, at most `Options::reads` at a time, and waits for the
/// beginning of its answer. Dropping the future stops the read at its next chunk.
///
/// The read is shared so that, as a rule, it is freed on the thread that made it: what another
/// thread frees is lost to the allocator's cache of this one, and a plan has many small parts.
async fn run<T: Send + Sync + 'static>(
    site: &Arc<Site>,
    (read, export): (Arc<T>, Option<Export>),
    answer: fn(&Service, &T, &mut Pipe) -> Result<()>,
    id: &RequestId,
) -> Result<Start> {
    let slot = slot::take(site, Slots::Reads).await?;
    let (mut pipe, start) = Pipe::new(Handle::current(), site.options.stall);
    let (shared, span, id) = (Arc::clone(site), Span::current(), id.clone());
    let work = Arc::clone(&read);
    // The handle is dropped on purpose: the answer comes through the pipe.
    drop(web::block(move || {
        let _running = Held::one(&shared.metrics.reads_running);
        let (_slot, _export) = (slot, export);
        let _entered = span.enter();
        let outcome = shared
            .backend
            .ready()
            .and_then(|opened| answer(&opened.service, &work, &mut pipe));
        drop(work);
        if let Err(problem) = pipe.finish(outcome) {
            shared.metrics.cut.inc();
            tracing::error!(
                id = id.as_str(),
                code = problem.code().word(),
                detail = problem.log_text(),
                "the answer was cut off: {problem}"
            );
        }
    }));
    start.await.unwrap_or_else(|_| {
        Err(Problem::new(
            Code::Internal,
            "the read ended without an answer",
        ))
    })
}

/// Puts head and body together.
pub(super) fn respond(
    asked: &Asked<'_>,
    site: &Site,
    head: &Head,
    body: Body,
) -> Result<HttpResponse> {
    // What a transaction changes has the version that is stored: its tag says nothing of it.
    let inside = asked.transaction()?.is_some();
    let mut answer = HttpResponse::build(status(head.status)?);
    answer
        .insert_header((ODATA_VERSION, head.odata_version))
        .insert_header((VARY, VARIES))
        .insert_header((CACHE_CONTROL, if inside { NO_STORE } else { REVALIDATE }));
    if let Some(etag) = head.etag.as_deref().filter(|_| head.covered) {
        answer.insert_header((ETAG, etag));
    }
    if let Some(applied) = head.preference_applied.as_deref() {
        answer.insert_header((PREFERENCE_APPLIED, applied));
    }
    if site.options.server_timing {
        answer.insert_header((SERVER_TIMING, timing(&head.timings)));
    }
    // The tag is the object's, whatever the answer says beside it: `If-Match` asks for that.
    if !inside && conditional::is_known(asked.headers, head.etag.as_deref())? && head.covered {
        // RFC 9110, 13.1.2: a query that was sent as `POST` has no other answer to it.
        if asked.method == Method::POST {
            let message = "the client has this version already";
            return Err(Problem::new(Code::PreconditionFailed, message).about("If-None-Match"));
        }
        return Ok(answer.status(StatusCode::NOT_MODIFIED).finish());
    }
    if let Some(content_type) = head.content_type.as_deref() {
        answer.insert_header((CONTENT_TYPE, content_type));
    }
    Ok(finish(asked, answer, head, body))
}

/// Adds the body, or for `HEAD` its length.
fn finish(
    asked: &Asked<'_>,
    mut answer: HttpResponseBuilder,
    head: &Head,
    body: Body,
) -> HttpResponse {
    if asked.is_head() {
        let length = head.length.and_then(|length| u64::try_from(length).ok());
        return answer.body(HeadOnly(length.map_or(BodySize::Stream, BodySize::Sized)));
    }
    match body {
        Body::Whole(_) if head.status == 204 => answer.finish(),
        Body::Whole(bytes) => answer.body(bytes),
        Body::Stream(stream) => answer.body(stream),
        Body::Later(delivery) => answer.body(delivery),
    }
}

/// The status of a head.
pub(super) fn status(number: u16) -> Result<StatusCode> {
    StatusCode::from_u16(number).map_err(|e| {
        Problem::new(Code::Internal, "the service gave an impossible status").log(e.to_string())
    })
}

/// `syntax;dur=0.012, bind;dur=…`, milliseconds.
fn timing(timings: &Timings) -> String {
    let mut text = String::new();
    for (room, took) in timings.entries() {
        let lead = if text.is_empty() { "" } else { ", " };
        // Writing to a string cannot fail.
        let _ = write!(text, "{lead}{room};dur={:.3}", took.as_secs_f64() * 1000.0);
    }
    text
}
