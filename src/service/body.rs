//! The way of bytes to the output: one chunk with its length where they fit, a stream else.

use std::time::Instant;

use bytes::Bytes;

use super::{Flow, Head, Output};
use crate::diag::{Code, Problem, Result};
use crate::encode::{CHUNK, Drain, Workbook};

/// Room for a chunk, and beyond it, so that the row that fills it rarely makes the buffer grow.
pub(super) const ROOM: usize = CHUNK + 8 * 1024;

/// An answer on its way out. The head waits for the first chunk, so that a problem before that
/// can still become an error answer.
pub(super) struct Body<'o, O> {
    out: &'o mut O,
    /// The head, until it is sent.
    head: Option<Head>,
    head_only: bool,
    /// Whether nobody listens any more.
    stopped: bool,
    started: Instant,
}

impl<'o, O: Output> Body<'o, O> {
    pub(super) fn new(out: &'o mut O, head: Head, head_only: bool, started: Instant) -> Self {
        Self {
            out,
            head: Some(head),
            head_only,
            stopped: false,
            started,
        }
    }

    fn send_head(&mut self, length: Option<usize>) -> Result<()> {
        let Some(mut head) = self.head.take() else {
            return Ok(());
        };
        head.length = length;
        head.timings.store = self.started.elapsed();
        self.out.head(head)
    }

    fn send(&mut self, bytes: Vec<u8>) -> Result<Flow> {
        if self.head_only || self.stopped || bytes.is_empty() {
            return Ok(Flow::More);
        }
        let flow = self.out.chunk(Bytes::from(bytes))?;
        self.stopped = flow == Flow::Stop;
        Ok(flow)
    }

    /// Sends what is left, and the head where it was not sent.
    pub(super) fn finish(mut self, rest: Vec<u8>) -> Result<()> {
        self.send_head(Some(rest.len()))?;
        self.send(rest).map(drop)
    }

    /// Sends an answer without a body.
    pub(super) fn empty(mut self) -> Result<()> {
        if let Some(head) = &mut self.head {
            head.status = 204;
            head.content_type = None;
        }
        self.finish(Vec::new())
    }

    /// Whether somebody still listens.
    pub(super) fn is_wanted(&mut self) -> bool {
        self.stopped |= !self.out.is_wanted();
        !self.stopped
    }

    /// Puts the tag of the entity into the head.
    pub(super) fn set_etag(&mut self, etag: Option<String>) {
        if let Some(head) = &mut self.head {
            head.etag = etag;
        }
    }
}

impl<O: Output> Drain for Body<'_, O> {
    fn drain(&mut self, ready: &mut Vec<u8>) -> Result<Flow> {
        self.send_head(None)?;
        if self.head_only {
            return Ok(Flow::Stop);
        }
        let chunk = std::mem::replace(ready, Vec::with_capacity(ROOM));
        self.send(chunk)
    }

    fn row(&mut self) {
        self.out.row();
    }
}

/// Rows of a table on their way into a workbook, as long as somebody waits for it.
pub(super) struct IntoWorkbook<'b, 'o, O> {
    pub(super) workbook: Workbook,
    pub(super) body: &'b mut Body<'o, O>,
}

impl<O: Output> Drain for IntoWorkbook<'_, '_, O> {
    fn drain(&mut self, ready: &mut Vec<u8>) -> Result<Flow> {
        if !self.body.is_wanted() {
            return Ok(Flow::Stop);
        }
        self.workbook.append(ready)?;
        ready.clear();
        Ok(Flow::More)
    }

    fn row(&mut self) {
        self.body.row();
    }
}

/// A file on its way out. Ends with an error when nobody listens any more.
pub(super) struct FileWriter<'b, 'o, O> {
    pub(super) body: &'b mut Body<'o, O>,
    pub(super) buffer: Vec<u8>,
    /// Why writing ended, since an input/output error cannot say it.
    pub(super) ended: Option<Result<()>>,
}

impl<O: Output> std::io::Write for FileWriter<'_, '_, O> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            match self.body.drain(&mut self.buffer) {
                Ok(Flow::More) => {}
                Ok(Flow::Stop) => self.ended = Some(Ok(())),
                Err(problem) => self.ended = Some(Err(problem)),
            }
        }
        if self.ended.is_some() {
            return Err(std::io::Error::other("the answer has ended"));
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// The problem of an address without anything.
pub(super) fn not_found(path: &str) -> Problem {
    Problem::new(
        Code::NotFound,
        format!("there is nothing at `{}`", path.trim_matches('/')),
    )
}
