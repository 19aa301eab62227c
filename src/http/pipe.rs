//! Carries an answer from the blocking thread that reads the database to the connection.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use actix_web::body::{BodySize, MessageBody};
use bytes::Bytes;
use tokio::runtime::Handle;
use tokio::sync::mpsc::error::{SendTimeoutError, TrySendError};
use tokio::sync::{mpsc, oneshot};

use crate::diag::{Code, Problem, Result};
use crate::service::{Flow, Head, Output};

/// Chunks on their way at most: with chunks of 64 KiB, 256 KiB an answer.
const CHUNKS: usize = 4;

/// The beginning of an answer.
#[derive(Debug)]
pub(super) enum Start {
    /// All of it; a body of [`Head::length`] bytes is empty where only the head was wanted.
    Whole(Head, Bytes),
    /// The body follows in parts.
    Stream(Head, Stream),
}

/// The blocking end.
#[derive(Debug)]
pub(super) struct Pipe {
    start: Option<oneshot::Sender<Result<Start>>>,
    head: Option<Head>,
    whole: Bytes,
    parts: Option<mpsc::Sender<Part>>,
    runtime: Handle,
    stall: Duration,
    /// Whether the client has left a part unread for too long: it gets none after it.
    stalled: bool,
}

/// What runs through the channel. A channel that closes without `End` is an answer cut off.
#[derive(Debug)]
enum Part {
    Chunk(Bytes),
    End,
}

/// The body at the connection's end.
#[derive(Debug)]
pub(super) struct Stream(mpsc::Receiver<Part>);

/// The answer ended before its end: the connection has to be cut, so that nobody takes the part
/// for the whole.
#[derive(Debug)]
pub(super) struct CutOff;

impl Pipe {
    /// A pipe whose beginning arrives at the returned receiver. `runtime` runs the timer of
    /// `stall`, after which a client that does not read is given up.
    pub(super) fn new(
        runtime: Handle,
        stall: Duration,
    ) -> (Self, oneshot::Receiver<Result<Start>>) {
        let (start, receiver) = oneshot::channel();
        let pipe = Self {
            start: Some(start),
            head: None,
            whole: Bytes::new(),
            parts: None,
            runtime,
            stall,
            stalled: false,
        };
        (pipe, receiver)
    }

    /// Says how the read ended. Gives back the problem that came too late to be told.
    pub(super) fn finish(mut self, outcome: Result<()>) -> Result<()> {
        match (outcome, self.start.take(), self.head.take()) {
            // The receiver is gone when the client is: nobody to tell.
            (Err(problem), Some(start), _) => drop(start.send(Err(problem))),
            (Ok(()), Some(start), Some(head)) => {
                let whole = std::mem::take(&mut self.whole);
                drop(start.send(Ok(Start::Whole(head, whole))));
            }
            (Ok(()), Some(start), None) => {
                let problem = Problem::new(Code::Internal, "the service gave no answer");
                drop(start.send(Err(problem)));
            }
            (Err(problem), None, _) => return Err(problem),
            (Ok(()), None, _) => {
                self.send(Part::End);
                if self.stalled {
                    let message = "the client left the answer unread for too long";
                    return Err(Problem::new(Code::DeadlineExceeded, message));
                }
            }
        }
        Ok(())
    }

    /// Opens the stream with the first chunk, so that a problem before it is still told whole.
    fn begin(&mut self, head: Head) -> bool {
        let (parts, receiver) = mpsc::channel(CHUNKS);
        self.parts = Some(parts);
        let Some(start) = self.start.take() else {
            return false;
        };
        start
            .send(Ok(Start::Stream(head, Stream(receiver))))
            .is_ok()
    }

    /// Sends a part; waits for a slow client, but not for ever. One that reads on after it was given
    /// up finds that the answer has no end.
    fn send(&mut self, part: Part) -> Flow {
        let Some(parts) = &self.parts else {
            return Flow::Stop;
        };
        let part = match parts.try_send(part) {
            Ok(()) => return Flow::More,
            Err(TrySendError::Closed(_)) => return Flow::Stop,
            Err(TrySendError::Full(part)) => part,
        };
        match self.runtime.block_on(parts.send_timeout(part, self.stall)) {
            Ok(()) => Flow::More,
            Err(SendTimeoutError::Closed(_)) => Flow::Stop,
            Err(SendTimeoutError::Timeout(_)) => {
                self.stalled = true;
                self.parts = None;
                Flow::Stop
            }
        }
    }
}

impl Output for Pipe {
    fn head(&mut self, head: Head) -> Result<()> {
        self.head = Some(head);
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        if self.start.as_ref().is_some_and(oneshot::Sender::is_closed) {
            return Ok(Flow::Stop);
        }
        let is_whole = self.head.as_ref().is_some_and(|head| head.length.is_some());
        if is_whole {
            self.whole = chunk;
            return Ok(Flow::More);
        }
        if let Some(head) = self.head.take()
            && !self.begin(head)
        {
            return Ok(Flow::Stop);
        }
        Ok(self.send(Part::Chunk(chunk)))
    }

    fn is_wanted(&mut self) -> bool {
        let is_gone = match (&self.start, &self.parts) {
            (Some(start), _) => start.is_closed(),
            (None, Some(parts)) => parts.is_closed(),
            (None, None) => self.stalled,
        };
        !is_gone
    }
}

impl MessageBody for Stream {
    type Error = CutOff;

    fn size(&self) -> BodySize {
        BodySize::Stream
    }

    fn poll_next(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, CutOff>>> {
        self.0.poll_recv(context).map(|part| match part {
            Some(Part::Chunk(chunk)) => Some(Ok(chunk)),
            Some(Part::End) => None,
            None => Some(Err(CutOff)),
        })
    }
}

impl std::fmt::Display for CutOff {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("the answer was cut off")
    }
}

impl std::error::Error for CutOff {}

/// A body that only tells its length: the answer to `HEAD`.
#[derive(Debug)]
pub(super) struct HeadOnly(pub(super) BodySize);

impl MessageBody for HeadOnly {
    type Error = std::convert::Infallible;

    fn size(&self) -> BodySize {
        self.0
    }

    fn poll_next(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Poll::Ready(None)
    }
}
