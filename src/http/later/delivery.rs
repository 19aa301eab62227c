//! Results on their way to whoever fetches them.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use actix_web::body::{BodySize, MessageBody};
use actix_web::web;
use bytes::Bytes;
use tokio::runtime::Handle;
use tracing::Span;

use super::job::{Fetched, Outcome};
use super::jobs::Jobs;
use crate::diag::{Code, Problem, Result};
use crate::http::Site;
use crate::http::pipe::{CutOff, Pipe, Start, Stream};
use crate::service::{Flow, Output as _};

/// The body of a result. The result goes when all of it was taken.
#[derive(Debug)]
pub(in crate::http) struct Delivery {
    source: Source,
    length: u64,
    fetched: Fetched,
    jobs: Arc<Jobs>,
    /// Whether it goes in any case: nobody was told where it is.
    is_only_chance: bool,
}

#[derive(Debug)]
enum Source {
    Whole(Option<Bytes>),
    Parts(Stream),
}

/// Begins to deliver a result, with some bytes before its body.
///
/// # Errors
///
/// `Internal` where there is none, or it cannot be read.
pub(super) async fn deliver(
    site: &Arc<Site>,
    fetched: Fetched,
    lead: Vec<u8>,
    is_only_chance: bool,
) -> Result<Delivery> {
    let job = Arc::clone(&fetched.0);
    let Some(Outcome::Kept(kept)) = job.outcome() else {
        return Err(lost());
    };
    let mut head = kept.head.clone();
    // The pipe is to pass on what comes, piece by piece.
    head.length = None;
    let before = u64::try_from(lead.len()).unwrap_or_default();
    let length = before.saturating_add(kept.length);
    let (mut pipe, begun) = Pipe::new(Handle::current(), site.options.stall);
    let (shared, work, span) = (Arc::clone(site), Arc::clone(&job), Span::current());
    // The handle is dropped on purpose: the answer comes through the pipe.
    drop(web::block(move || {
        let _entered = span.enter();
        let outcome = pipe.head(head).and_then(|()| copy(&work, lead, &mut pipe));
        if let Err(problem) = pipe.finish(outcome) {
            shared.metrics.cut.inc();
            let (code, detail) = (problem.code().word(), problem.log_text());
            tracing::error!(code, detail, "a result was cut off: {problem}");
        }
    }));
    let source = match begun.await.map_err(|_| lost())?? {
        Start::Whole(_, bytes) => Source::Whole(Some(bytes)),
        Start::Stream(_, stream) => Source::Parts(stream),
    };
    Ok(Delivery {
        source,
        length,
        fetched,
        jobs: Arc::clone(&site.later),
        is_only_chance,
    })
}

/// Copies a result into a pipe. Blocks on the disk, and on a slow client.
fn copy(job: &super::job::Job, lead: Vec<u8>, pipe: &mut Pipe) -> Result<()> {
    let Some(Outcome::Kept(kept)) = job.outcome() else {
        return Err(lost());
    };
    if !lead.is_empty() && pipe.chunk(Bytes::from(lead))? == Flow::Stop {
        return Ok(());
    }
    let mut at = 0_u64;
    while at < kept.length {
        if job.is_stopped() {
            let message = "the result went while it was fetched";
            return Err(Problem::new(Code::Gone, message));
        }
        let piece = kept.piece(at)?;
        at = at.saturating_add(u64::try_from(piece.len()).unwrap_or_default());
        if pipe.chunk(piece)? == Flow::Stop {
            return Ok(());
        }
    }
    Ok(())
}

fn lost() -> Problem {
    Problem::new(Code::Internal, "there is no result to deliver")
}

impl MessageBody for Delivery {
    type Error = CutOff;

    fn size(&self) -> BodySize {
        BodySize::Sized(self.length)
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, CutOff>>> {
        let next = match &mut self.source {
            Source::Whole(bytes) => {
                let bytes = bytes.take().filter(|bytes| !bytes.is_empty());
                Poll::Ready(bytes.map(Ok))
            }
            Source::Parts(stream) => Pin::new(stream).poll_next(context),
        };
        if let Poll::Ready(None) = next {
            self.jobs.end(self.fetched.0.id);
        }
        next
    }
}

impl Drop for Delivery {
    fn drop(&mut self) {
        // A body of no bytes is never asked for them.
        if self.is_only_chance || self.length == 0 {
            self.jobs.end(self.fetched.0.id);
        }
    }
}
