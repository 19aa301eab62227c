//! Requests that change something: headers and body in, the service's answer out.

use std::pin::pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use actix_web::http::header::{
    CACHE_CONTROL, CONTENT_TYPE, ETAG, HeaderMap, HeaderName, HeaderValue, LOCATION, USER_AGENT,
};
use actix_web::http::{Method, StatusCode};
use actix_web::{HttpResponse, web};
use bytes::Bytes;
use tokio::sync::OwnedSemaphorePermit;
use tokio::time::timeout;
use tracing::Span;

use super::asked::Asked;
use super::metrics::Held;
use super::odata::{ODATA_VERSION, PREFERENCE_APPLIED};
use super::slot::{self, Slots};
use super::{Site, conditional, language, negotiate, preferences, repeatable};
use crate::diag::{Code, Problem, Result};
use crate::service::{ContentIds, Origin, Refusal, Verb, WriteAnswer, WriteRequest};
use crate::value::Timestamp;

const ENTITY_ID: HeaderName = HeaderName::from_static("odata-entityid");
const MESSAGES: HeaderName = HeaderName::from_static("ext-messages");
const REPEATABILITY_RESULT: HeaderName = HeaderName::from_static("repeatability-result");
/// The answer to a change says how things are now, not how they will be.
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// Headers by which a `POST` says that it is another method.
const TUNNELS: &[&str] = &[
    "X-HTTP-Method",
    "X-HTTP-Method-Override",
    "X-Method-Override",
];
/// Characters of the name of a program at most.
const APPLICATION: usize = 254;

/// What a method wants to do to the data; nothing for one that changes nothing.
pub(super) fn verb(method: &Method) -> Option<Verb> {
    [
        (Method::POST, Verb::Post),
        (Method::PATCH, Verb::Patch),
        (Method::PUT, Verb::Put),
        (Method::DELETE, Verb::Delete),
    ]
    .into_iter()
    .find_map(|(name, verb)| (name == *method).then_some(verb))
}

/// Answers a request that changes something.
pub(super) async fn answer(
    asked: &Asked<'_>,
    verb: Verb,
    body: Bytes,
    site: &Arc<Site>,
) -> Result<HttpResponse> {
    let request = request(asked, verb, body)?;
    let (outcome, _) = run(site, asked.origin(), vec![request], ContentIds::default()).await?;
    let answers = outcome.map_err(|refusal| refusal.problem)?;
    let answer = answers.into_iter().next();
    respond(answer.ok_or_else(|| lost("the service gave no answer"))?)
}

/// The request as the service takes it.
///
/// # Errors
///
/// `InvalidHeader` for a header that cannot be understood or honoured.
pub(super) fn request(asked: &Asked<'_>, verb: Verb, body: Bytes) -> Result<WriteRequest> {
    let headers = asked.headers;
    refuse_tunnel(headers)?;
    let wishes = negotiate::read(headers)?;
    let content_type = negotiate::single(headers, "Content-Type")?.map(str::to_owned);
    // RFC 9110, 9.3.5: a body of `DELETE` means nothing; some clients send `null`.
    let (content_type, body) = match verb {
        Verb::Delete => (None, Bytes::new()),
        Verb::Post | Verb::Patch | Verb::Put => (content_type, body),
    };
    Ok(WriteRequest {
        verb,
        path: asked.path.to_owned(),
        query: asked.query.to_owned(),
        root: asked.root.to_owned(),
        accept: wishes.accept.map(|accept| accept.into_owned()),
        content_type,
        body,
        language: language::of(asked.query, headers),
        odata_version: wishes.version,
        payload_version: wishes.spoken,
        preferences: preferences::of_change(headers),
        conditions: conditional::of_change(headers)?,
        repeatability: repeatable::of(headers)?,
        content_id: None,
        application: application(headers),
        transaction: asked.transaction()?.map(str::to_owned),
        caller: Arc::clone(asked.caller),
        now: Timestamp::now(),
    })
}

/// A client behind a proxy that knows `POST` only must not create what it wanted to delete.
pub(super) fn refuse_tunnel(headers: &HeaderMap) -> Result<()> {
    let Some(name) = TUNNELS.iter().find(|name| headers.contains_key(**name)) else {
        return Ok(());
    };
    let message = format!("the header `{name}` is not taken");
    Err(Problem::new(Code::InvalidHeader, message)
        .about(*name)
        .help("send the request with the method itself"))
}

/// The program that asks, as the history of changes names it.
fn application(headers: &HeaderMap) -> Option<String> {
    let name = String::from_utf8_lossy(headers.get(USER_AGENT)?.as_bytes()).into_owned();
    let name: String = name.trim().chars().take(APPLICATION).collect();
    (!name.is_empty()).then_some(name)
}

/// What the service said to some changes, and the names that requests after them may use.
pub(super) type Written = (Result<Vec<WriteAnswer>, Refusal>, ContentIds);

/// Makes changes on a blocking thread, `Options::writes` transactions at a time.
///
/// Dropping the future stops nothing but imports, and them between two of their transactions: a
/// client that goes away leaves changes that are whole, made or not.
pub(super) async fn run(
    site: &Arc<Site>,
    origin: Origin,
    requests: Vec<WriteRequest>,
    mut names: ContentIds,
) -> Result<Written> {
    let slot: OwnedSemaphorePermit = slot::take(site, Slots::Writes).await?;
    let (shared, span) = (Arc::clone(site), Span::current());
    let end = End::default();
    let stop = Arc::clone(&end.0);
    let mut work = pin!(web::block(move || {
        let _running = Held::one(&shared.metrics.writes_running);
        let _slot = slot;
        let _entered = span.enter();
        let opened = shared.backend.ready()?;
        let service = opened.service.for_client(origin);
        let outcome = service.write_until(&requests, &mut names, &stop);
        Ok((outcome, names))
    }));
    let done = match timeout(site.options.import_time, work.as_mut()).await {
        Ok(done) => done,
        Err(_) => {
            end.come();
            work.await
        }
    };
    done.map_err(|_| lost("the change ended without an answer"))?
}

/// The end of an import: when its time is over, or nobody waits for it any more.
#[derive(Default)]
struct End(Arc<AtomicBool>);

impl End {
    fn come(&self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.come();
    }
}

fn lost(message: &str) -> Problem {
    Problem::new(Code::Internal, message)
}

/// The service's answer as HTTP.
pub(super) fn respond(answer: WriteAnswer) -> Result<HttpResponse> {
    let status = StatusCode::from_u16(answer.status)
        .map_err(|e| lost("the service gave an impossible status").log(e.to_string()))?;
    let messages = answer.messages.map(|messages| ascii(&messages));
    let repeatable = answer.repeatable.then(|| "accepted".to_owned());
    let mut response = HttpResponse::build(status);
    response
        .insert_header((ODATA_VERSION, answer.odata_version))
        .insert_header((CACHE_CONTROL, NO_STORE));
    for (name, value) in [
        (CONTENT_TYPE, answer.content_type),
        (ETAG, answer.etag),
        (LOCATION, answer.location),
        (ENTITY_ID, answer.entity_id),
        (PREFERENCE_APPLIED, answer.preference_applied),
        (MESSAGES, messages),
        (REPEATABILITY_RESULT, repeatable),
    ] {
        // The change is made: a header that cannot be sent must not make it look refused.
        if let Some(value) = value.and_then(|value| HeaderValue::from_str(&value).ok()) {
            response.insert_header((name, value));
        }
    }
    if status == StatusCode::NO_CONTENT {
        return Ok(response.finish());
    }
    Ok(response.body(answer.body))
}

/// JSON in ASCII only, as headers take it.
fn ascii(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        if c.is_ascii() {
            text.push(c);
            continue;
        }
        let mut units = [0; 2];
        for unit in c.encode_utf16(&mut units) {
            text.push_str(&format!("\\u{unit:04x}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;
    use crate::service::{Caller, Conditions, Preferences, Return, Tags};

    fn asked_with(lines: &[(&'static str, &str)], verb: Verb, body: &str) -> Result<WriteRequest> {
        let request = lines
            .iter()
            .fold(TestRequest::default(), |request, line| {
                request.append_header(*line)
            })
            .to_http_request();
        let asked = Asked {
            method: &Method::POST,
            path: "A(1)",
            query: "culture=bg",
            root: "http://h/r/",
            headers: request.headers(),
            caller: Caller::system(),
            address: std::net::IpAddr::from([127, 0, 0, 1]),
            in_batch: false,
        };
        super::request(&asked, verb, Bytes::from(body.to_owned()))
    }

    #[test]
    fn headers_become_a_request() {
        let agent = format!("grid/{}", "ü".repeat(300));
        let lines = [
            ("Content-Type", "application/json;odata=verbose"),
            ("Accept", "application/json"),
            ("Prefer", "return=minimal, handling=strict"),
            ("If-Match", "W/\"4\""),
            ("OData-Version", "4.01"),
            ("User-Agent", agent.as_str()),
        ];
        let request = asked_with(&lines, Verb::Patch, "{}").unwrap();
        assert_eq!(
            (request.path.as_str(), &*request.body),
            ("A(1)", &b"{}"[..])
        );
        assert_eq!(request.language.key(), "BG");
        assert_eq!(
            request.preferences,
            Preferences {
                answer: Some(Return::Minimal),
                strict: Some(true),
                ..Preferences::default()
            }
        );
        assert_eq!(
            request.conditions,
            Conditions {
                if_match: Some(Tags::Listed(vec!["4".to_owned()])),
                if_none_match: None,
            }
        );
        assert_eq!(
            request.content_type.as_deref(),
            Some("application/json;odata=verbose")
        );
        assert_eq!(request.application.unwrap().chars().count(), 254);
        let delete = asked_with(&lines, Verb::Delete, "null").unwrap();
        assert_eq!((delete.content_type, delete.body.len()), (None, 0));
    }

    #[test]
    fn headers_that_cannot_be_honoured_are_refused() {
        for (name, value) in [
            ("X-HTTP-Method", "DELETE"),
            ("X-HTTP-Method-Override", "PATCH"),
            ("OData-Version", "3.0"),
            ("If-Match", ""),
            ("Repeatability-Request-ID", "1"),
        ] {
            let refused = asked_with(&[(name, value)], Verb::Post, "{}").unwrap_err();
            assert_eq!(refused.code(), Code::InvalidHeader, "{name}: {value}");
        }
    }

    #[test]
    fn answers_become_responses() {
        let response = respond(WriteAnswer {
            status: 204,
            etag: Some("W/\"5\"".to_owned()),
            location: Some("bad\nvalue".to_owned()),
            messages: Some("[\"Ан 😀\"]".to_owned()),
            odata_version: "4.0",
            repeatable: true,
            ..WriteAnswer::default()
        })
        .unwrap();
        let headers = response.headers();
        let text = |name: &str| headers.get(name).map(|value| value.to_str().unwrap());
        assert_eq!(response.status(), StatusCode::NO_CONTENT);
        assert_eq!(text("etag"), Some("W/\"5\""));
        assert_eq!(text("location"), None);
        assert_eq!(
            text("ext-messages"),
            Some("[\"\\u0410\\u043d \\ud83d\\ude00\"]")
        );
        assert_eq!(text("odata-version"), Some("4.0"));
        assert_eq!(text("cache-control"), Some("no-store"));
        assert_eq!(text("repeatability-result"), Some("accepted"));
    }
}
