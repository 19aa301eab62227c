//! `GET /api/domain/events`: events in real time, as Server-Sent Events (HTML Living Standard, 9.2).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::http::Method;
use actix_web::http::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, VARY};
use actix_web::{HttpRequest, HttpResponse, web};
use bytes::Bytes;
use tokio::sync::mpsc;
use tokio::time::{Interval, MissedTickBehavior, interval};

use super::pipe::HeadOnly;
use super::transport::Peer;
use super::{Site, gate, negotiate};
use crate::diag::{Code, Problem, Result};
use crate::service::{Caller, Listening, Queue, Subscription};

/// The header with the id of the last event that arrived.
const LAST_EVENT_ID: &str = "last-event-id";
/// Asks proxies such as nginx not to gather what is to arrive at once.
const BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");
/// What is sent so that everybody on the way sees that the stream lives: a comment.
const HEARTBEAT: &[u8] = b":\n\n";

/// Answers with the events of a caller, until one of both goes.
pub(super) async fn answer(
    request: &HttpRequest,
    site: &Arc<Site>,
    peer: &Peer,
    caller: &Arc<Caller>,
) -> Result<HttpResponse> {
    let service = site.backend.ready()?.service.clone();
    let (sets, given) = asked(request.uri().query().unwrap_or_default())?;
    let last = negotiate::single(request.headers(), LAST_EVENT_ID)?;
    let last = last.map(str::to_owned).or(given);
    let mut answer = HttpResponse::Ok();
    answer
        .insert_header((CONTENT_TYPE, "text/event-stream"))
        .insert_header((CACHE_CONTROL, "no-store"))
        .insert_header((VARY, "Api-Key, Authorization, Cookie, X-Api-Key"))
        .insert_header((BUFFERING, "no"));
    let (who, settings) = (Arc::clone(caller), *service.event_settings());
    let is_head = request.method() == Method::HEAD;
    let admitted = web::block(move || {
        let asked = Subscription {
            sets: sets.as_deref(),
            last: last.as_deref(),
        };
        match is_head {
            true => service.check_subscription(&who, asked).map(|()| None),
            false => service.subscribe(&who, asked).map(Some),
        }
    });
    let admitted = admitted
        .await
        .map_err(|_| Problem::new(Code::Internal, "the events ended before they began"))??;
    let Some(mut listening) = admitted else {
        return Ok(answer.body(HeadOnly(BodySize::Stream)));
    };
    let (sender, events) = mpsc::channel(settings.queue.max(1));
    let renew = gate::again(request, site, peer)?;
    listening.begin(Box::new(Waiting(sender)), renew)?;
    let mut heartbeat = interval(settings.heartbeat);
    heartbeat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    // The first tick comes at once.
    heartbeat.reset();
    Ok(answer.body(Stream {
        first: Some(listening.first()),
        events,
        heartbeat,
        listening,
    }))
}

/// The two options of the address: which sets, and the id of the last event, for clients that cannot
/// send headers.
fn asked(query: &str) -> Result<(Option<String>, Option<String>)> {
    let (mut sets, mut last) = (None, None);
    let options = web::Query::<Vec<(String, String)>>::from_query(query).map_err(|_| {
        Problem::new(
            Code::InvalidOption,
            "the options of the address cannot be read",
        )
    })?;
    for (name, value) in options.into_inner() {
        let option = match name.as_str() {
            "sets" => &mut sets,
            "lastEventId" => &mut last,
            _ => {
                let message = format!("there is no option `{name}`");
                return Err(Problem::new(Code::InvalidOption, message)
                    .about(name)
                    .help("there are `sets` and `lastEventId`"));
            }
        };
        if option.replace(value).is_some() {
            let message = format!("`{name}` stands in the address more than once");
            return Err(Problem::new(Code::InvalidOption, message).about(name));
        }
    }
    Ok((sets, last))
}

/// Events on their way to a connection.
struct Waiting(mpsc::Sender<Bytes>);

impl Queue for Waiting {
    fn room(&self) -> usize {
        self.0.capacity()
    }

    fn push(&self, event: Bytes) -> bool {
        self.0.try_send(event).is_ok()
    }

    fn is_gone(&self) -> bool {
        self.0.is_closed()
    }
}

/// The body at the connection's end: no thread, and no connection to the database.
#[derive(Debug)]
struct Stream {
    first: Option<Bytes>,
    events: mpsc::Receiver<Bytes>,
    heartbeat: Interval,
    listening: Listening,
}

impl MessageBody for Stream {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        if let Some(first) = self.first.take() {
            return Poll::Ready(Some(Ok(first)));
        }
        match self.events.poll_recv(context) {
            Poll::Ready(Some(event)) => {
                self.heartbeat.reset();
                Poll::Ready(Some(Ok(event)))
            }
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Pending => {
                self.listening.drained();
                self.heartbeat
                    .poll_tick(context)
                    .map(|_| Some(Ok(Bytes::from_static(HEARTBEAT))))
            }
        }
    }
}
