//! Answers that come later: `Prefer: respond-async` (OData 4.01 Part 1, 8.2.8.8 and 11.6).
//!
//! An export that is asked for so is answered 202 with the address of its monitor. The work goes the
//! way of every export, but into a file without a name; the monitor says how it is, and hands the
//! result over once. It belongs to whoever has asked, for as long as they see the same things
//! (`docs/decisions/028-asynchronous-requests.md`).

mod delivery;
mod job;
mod jobs;
mod message;
mod settings;
mod spool;
#[cfg(test)]
mod tests;

use std::sync::Arc;
use std::time::Duration;

use actix_web::body::{BodySize, to_bytes_limited};
use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, VARY,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, HttpResponseBuilder, web};
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::sleep;
use tracing::Span;
use uuid::{Builder, Uuid};

use super::answer::refuse;
use super::asked::Asked;
use super::exports::Export;
use super::gate::Entrance;
use super::metrics::Held;
use super::odata::{self, Body, ODATA_VERSION, PREFERENCE_APPLIED};
use super::pipe::HeadOnly;
use super::request_id::RequestId;
use super::route::Route;
use super::slot::{self, Slots};
use super::{Site, error_body, negotiate, preferences};
use crate::diag::{Code, Problem, Result};
use crate::service::{ODataVersion, PreparedRead};
use crate::value::Timestamp;
pub(super) use delivery::Delivery;
use job::{Job, Outcome, Whose};
pub(super) use jobs::{Jobs, Usage};
pub use settings::LaterSettings;
use spool::Kept;

/// The first segment of the addresses of monitors, below the service root.
pub(super) const SEGMENT: &str = "$async";
/// The header with the status of the answer that a monitor hands over.
const ASYNC_RESULT: HeaderName = HeaderName::from_static("asyncresult");
/// Seconds after which a client may ask a monitor again.
const AGAIN: HeaderValue = HeaderValue::from_static("1");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// What a monitor tells hangs on who asks, and how.
const VARIES: HeaderValue =
    HeaderValue::from_static("Accept, Api-Key, Authorization, Cookie, OData-MaxVersion, X-Api-Key");
/// How long a request waits (`Prefer: wait=…`) at most.
const LONGEST_WAIT: Duration = Duration::from_secs(60);
/// The time between two looks at what has outlived its time.
const SWEEP: Duration = Duration::from_secs(10);
/// Bytes of an error body at most.
const ERROR: usize = 1024 * 1024;

/// Begins a read whose answer may come later, and waits for it as long as the client likes.
///
/// # Errors
///
/// Those of an export, and where there are too many of these already.
pub(super) async fn begin(
    asked: &Asked<'_>,
    entrance: Entrance<'_>,
    read: Box<PreparedRead>,
    id: &RequestId,
) -> Result<HttpResponse> {
    let site = entrance.site;
    let version = negotiate::version(asked.headers)?.unwrap_or(ODataVersion::V4);
    let export = site.exports.begin(asked.caller)?;
    // What is answered 202 runs.
    let slot = slot::take(site, Slots::Reads).await?;
    let (read, slot) = admitted(site, read, slot).await?;
    let whose = Whose::of(asked.caller);
    let (name, now) = (name()?, Timestamp::now());
    let job = site.later.begin(name, whose, version, now)?;
    run(site, &job, read, (slot, export), id);
    clear_up(site);
    let Some(seconds) = preferences::wait(asked.headers) else {
        return Ok(accepted(asked, &job, Some("respond-async".to_owned())));
    };
    let unheard = Unheard(&site.later, Some(job.id));
    if !job.ended_within(wait(seconds)).await {
        unheard.hear();
        let applied = format!("respond-async, wait={seconds}");
        return Ok(accepted(asked, &job, Some(applied)));
    }
    let caller = entrance.caller().await?;
    let job = site
        .later
        .find(&name.to_string(), Whose::of(&caller), Timestamp::now())?;
    match job.outcome() {
        Some(Outcome::Kept(kept)) => {
            let mut head = kept.head.clone();
            let applied = head.preference_applied.take();
            let applied = applied.map_or_else(String::new, |applied| format!("{applied}, "));
            head.preference_applied = Some(format!("{applied}wait={seconds}"));
            let delivery = delivery::deliver(site, job.fetch()?, Vec::new(), true).await?;
            unheard.hear();
            odata::respond(asked, site, &head, Body::Later(delivery))
        }
        Some(Outcome::Refused(problem)) => Err(problem.clone()),
        None => Err(stopped()),
    }
}

/// Sees that a read costs no more than it may, on a blocking thread: what is answered 202 is not refused
/// for that.
async fn admitted(
    site: &Arc<Site>,
    read: Box<PreparedRead>,
    slot: OwnedSemaphorePermit,
) -> Result<(Box<PreparedRead>, OwnedSemaphorePermit)> {
    let (shared, span) = (Arc::clone(site), Span::current());
    let admitted = web::block(move || {
        let _entered = span.enter();
        shared.backend.ready()?.service.check_cost(&read)?;
        Ok((read, slot))
    });
    admitted.await.unwrap_or_else(|_| Err(stopped()))
}

/// What a monitor says of its request, or the result; `DELETE` ends it.
///
/// # Errors
///
/// `NotFound` where there is none of this caller's.
pub(super) async fn monitor(
    asked: &Asked<'_>,
    entrance: Entrance<'_>,
    id: &RequestId,
) -> Result<HttpResponse> {
    let site = entrance.site;
    site.backend.ready()?;
    if !asked.query.is_empty() {
        let message = "the address of a monitor takes no options";
        return Err(Problem::new(Code::InvalidOption, message));
    }
    let version = negotiate::version(asked.headers)?.unwrap_or(ODataVersion::V4);
    let name = asked.path.strip_prefix(SEGMENT).unwrap_or_default();
    let name = name.trim_matches('/');
    let whose = Whose::of(asked.caller);
    if *asked.method == Method::DELETE {
        site.later.cancel(name, whose, Timestamp::now())?;
        return Ok(start(StatusCode::NO_CONTENT, version).finish());
    }
    let mut job = site.later.find(name, whose, Timestamp::now())?;
    if let Some(seconds) = preferences::wait(asked.headers)
        && job.outcome().is_none()
    {
        // Whether it came in time, its outcome says.
        let _ = job.ended_within(wait(seconds)).await;
        let caller = entrance.caller().await?;
        let whose = Whose::of(&caller);
        job = site.later.find(name, whose, Timestamp::now())?;
    }
    let told = Told {
        asked,
        site,
        is_message: message::is_wanted(asked.headers)?,
    };
    match job.outcome() {
        None if job.is_stopped() => Err(stopped()),
        None => Ok(accepted(asked, &job, None)),
        Some(Outcome::Kept(kept)) => told.kept(&job, kept).await,
        Some(Outcome::Refused(problem)) => told.refused(&job, problem, id).await,
    }
}

/// An end of the work on its way to a client.
struct Told<'a> {
    asked: &'a Asked<'a>,
    site: &'a Arc<Site>,
    is_message: bool,
}

impl Told<'_> {
    async fn kept(&self, job: &Arc<Job>, kept: &Kept) -> Result<HttpResponse> {
        let status = odata::status(kept.head.status)?;
        let mut inner = HttpResponse::build(status);
        inner
            .insert_header((ODATA_VERSION, kept.head.odata_version))
            .insert_header((CACHE_CONTROL, NO_STORE));
        if let Some(content_type) = kept.head.content_type.as_deref() {
            inner.insert_header((CONTENT_TYPE, content_type));
        }
        if let Some(applied) = kept.head.preference_applied.as_deref() {
            inner.insert_header((PREFERENCE_APPLIED, applied));
        }
        let inner = inner.finish();
        let (mut answer, lead) = self.outer(status, inner.headers(), kept.length);
        if self.asked.is_head() {
            let lead = u64::try_from(lead.len()).unwrap_or_default();
            let length = lead.saturating_add(kept.length);
            return Ok(answer.body(HeadOnly(BodySize::Sized(length))));
        }
        let delivery = delivery::deliver(self.site, job.fetch()?, lead, false).await?;
        Ok(answer.body(delivery))
    }

    async fn refused(
        &self,
        job: &Arc<Job>,
        problem: &Problem,
        id: &RequestId,
    ) -> Result<HttpResponse> {
        let route = Route::of_odata("");
        let mut response = refuse(
            &Method::GET,
            self.asked.headers,
            problem,
            route,
            id.as_str(),
        );
        let version = HeaderValue::from_static(job.version.text());
        response.headers_mut().insert(ODATA_VERSION, version);
        let (inner, body) = response.into_parts();
        let body = to_bytes_limited(body, ERROR).await;
        let body = body.ok().and_then(std::result::Result::ok);
        let body = body.unwrap_or_default();
        let length = u64::try_from(body.len()).unwrap_or_default();
        let (mut answer, mut text) = self.outer(inner.status(), inner.headers(), length);
        text.extend_from_slice(&body);
        if self.asked.is_head() {
            let length = u64::try_from(text.len()).unwrap_or_default();
            return Ok(answer.body(HeadOnly(BodySize::Sized(length))));
        }
        self.site.later.end(job.id);
        Ok(answer.body(text))
    }

    /// The answer of the monitor around another one, and what stands before the body of that.
    fn outer(
        &self,
        status: StatusCode,
        inner: &HeaderMap,
        length: u64,
    ) -> (HttpResponseBuilder, Vec<u8>) {
        let mut answer = HttpResponse::Ok();
        if self.is_message {
            answer
                .insert_header((ODATA_VERSION, ODataVersion::V4.text()))
                .insert_header((CONTENT_TYPE, message::HTTP))
                .insert_header((CACHE_CONTROL, NO_STORE));
            answer.insert_header((VARY, VARIES));
            answer.insert_header((ASYNC_RESULT, status.as_str()));
            return (answer, message::head(status, inner, length));
        }
        for (name, value) in inner {
            answer.insert_header((name.clone(), value.clone()));
        }
        answer.insert_header((VARY, VARIES));
        answer.insert_header((ASYNC_RESULT, status.as_str()));
        (answer, Vec::new())
    }
}

/// 202: the work goes on, and here is its monitor.
fn accepted(asked: &Asked<'_>, job: &Job, applied: Option<String>) -> HttpResponse {
    let mut answer = start(StatusCode::ACCEPTED, job.version);
    let monitor = format!("{}{SEGMENT}/{}", asked.root, job.id);
    answer
        .insert_header((LOCATION, monitor))
        .insert_header((RETRY_AFTER, AGAIN));
    if let Some(applied) = applied {
        answer.insert_header((PREFERENCE_APPLIED, applied));
    }
    answer.finish()
}

fn start(status: StatusCode, version: ODataVersion) -> HttpResponseBuilder {
    let mut answer = HttpResponse::build(status);
    answer
        .insert_header((ODATA_VERSION, version.text()))
        .insert_header((CACHE_CONTROL, NO_STORE));
    answer
}

/// The name of a new one, which nobody can guess.
fn name() -> Result<Uuid> {
    let mut bytes = [0_u8; 16];
    getrandom::fill(&mut bytes).map_err(|e| {
        Problem::new(Code::Internal, "the system gives no random numbers").log(e.to_string())
    })?;
    Ok(Builder::from_random_bytes(bytes).into_uuid())
}

/// How long a client waits that likes to wait so many seconds.
fn wait(seconds: u64) -> Duration {
    Duration::from_secs(seconds).min(LONGEST_WAIT)
}

fn stopped() -> Problem {
    Problem::new(Code::ServiceUnavailable, "the work was stopped")
}

/// Runs a read on a blocking thread, into a file.
fn run(
    site: &Arc<Site>,
    job: &Arc<Job>,
    read: Box<PreparedRead>,
    places: (OwnedSemaphorePermit, Option<Export>),
    id: &RequestId,
) {
    let (shared, job) = (Arc::clone(site), Arc::clone(job));
    let (span, id) = (Span::current(), id.clone());
    // The handle is dropped on purpose: the job says how it ended.
    drop(web::block(move || {
        let running = Held::one(&shared.metrics.reads_running);
        let _entered = span.enter();
        let outcome = shared.backend.ready().and_then(|opened| {
            let mut spool = shared.later.spool(&job)?;
            opened.service.run(&read, &mut spool)?;
            spool.kept()
        });
        // Work that was stopped has no answer, and that is no fault.
        if let (Err(problem), false) = (&outcome, job.is_stopped()) {
            log(problem, &id);
        }
        // Whoever learns of the end finds the places free.
        drop((places, running));
        job.end(outcome);
    }));
}

fn log(problem: &Problem, id: &RequestId) {
    let (id, code, detail) = (id.as_str(), problem.code().word(), problem.log_text());
    if error_body::is_internal(problem.code()) {
        tracing::error!(
            id,
            code,
            detail,
            "an asynchronous request failed: {problem}"
        );
    } else {
        tracing::info!(id, code, detail, "an asynchronous request was refused");
    }
}

/// Lets what has outlived its time go, also where nobody asks: one task for all of them.
fn clear_up(site: &Arc<Site>) {
    if !site.later.watch() {
        return;
    }
    let pause = site.later.settings.life.min(SWEEP);
    let jobs = Arc::downgrade(&site.later);
    actix_web::rt::spawn(async move {
        loop {
            sleep(pause).await;
            let Some(jobs) = jobs.upgrade() else {
                return;
            };
            if !jobs.sweep(Timestamp::now()) {
                return;
            }
        }
    });
}

/// A job that nobody was told of yet: where its client goes before, it ends.
struct Unheard<'a>(&'a Jobs, Option<Uuid>);

impl Unheard<'_> {
    fn hear(mut self) {
        self.1 = None;
    }
}

impl Drop for Unheard<'_> {
    fn drop(&mut self) {
        if let Some(id) = self.1 {
            self.0.end(id);
        }
    }
}
