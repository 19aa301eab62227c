//! Results on disk: written while the work runs, read when they are fetched.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom, Write as _};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use bytes::Bytes;

use super::job::Job;
use crate::diag::{Code, Problem, Result};
use crate::service::{Flow, Head, Output};

/// Bytes that are read at once: the size of a chunk.
const PIECE: u64 = 64 * 1024;

/// The part that a result takes of the bytes that all may take; given back when it is dropped.
#[derive(Debug)]
pub(super) struct Room {
    used: Arc<AtomicU64>,
    most: u64,
    each: u64,
    taken: u64,
}

impl Room {
    /// Nothing yet, of `most` bytes that all take together, and `each` of one.
    pub(super) fn new(used: &Arc<AtomicU64>, most: u64, each: u64) -> Self {
        Self {
            used: Arc::clone(used),
            most,
            each,
            taken: 0,
        }
    }

    /// Takes more.
    ///
    /// # Errors
    ///
    /// `LimitExceeded` where one result would have too much, `ServiceUnavailable` where all would.
    fn take(&mut self, bytes: u64) -> Result<()> {
        let taken = self.taken.saturating_add(bytes);
        if taken > self.each {
            let message = format!("the result has more than {} bytes", self.each);
            return Err(Problem::new(Code::LimitExceeded, message)
                .help("ask for less, or without `Prefer: respond-async`"));
        }
        let before = self.used.fetch_add(bytes, Ordering::Relaxed);
        if before.saturating_add(bytes) > self.most {
            self.used.fetch_sub(bytes, Ordering::Relaxed);
            let message = "the results that wait to be fetched take as much room as they may";
            return Err(Problem::new(Code::ServiceUnavailable, message)
                .help("try again later, or without `Prefer: respond-async`"));
        }
        self.taken = taken;
        Ok(())
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        self.used.fetch_sub(self.taken, Ordering::Relaxed);
    }
}

/// A result on its way into its file. Ends the work when nobody wants it any more.
#[derive(Debug)]
pub(super) struct Spool {
    job: Arc<Job>,
    head: Option<Head>,
    file: File,
    room: Room,
}

impl Spool {
    pub(super) fn new(job: Arc<Job>, file: File, room: Room) -> Self {
        Self {
            job,
            head: None,
            file,
            room,
        }
    }

    /// The result, once all of it has come.
    ///
    /// # Errors
    ///
    /// `Internal` where there is no head.
    pub(super) fn kept(self) -> Result<Kept> {
        let lost = || Problem::new(Code::Internal, "the service gave no answer");
        Ok(Kept {
            head: self.head.ok_or_else(lost)?,
            length: self.room.taken,
            file: Mutex::new(self.file),
            _room: self.room,
        })
    }
}

impl Output for Spool {
    fn head(&mut self, head: Head) -> Result<()> {
        self.head = Some(head);
        Ok(())
    }

    fn chunk(&mut self, chunk: Bytes) -> Result<Flow> {
        if self.job.is_stopped() {
            return Ok(Flow::Stop);
        }
        self.room
            .take(u64::try_from(chunk.len()).unwrap_or(u64::MAX))?;
        self.file.write_all(&chunk).map_err(|e| unkept(&e))?;
        Ok(Flow::More)
    }

    fn is_wanted(&mut self) -> bool {
        !self.job.is_stopped()
    }
}

/// A result that waits to be fetched. Its file goes with it.
#[derive(Debug)]
pub(super) struct Kept {
    pub(super) head: Head,
    /// Bytes of the body.
    pub(super) length: u64,
    file: Mutex<File>,
    _room: Room,
}

impl Kept {
    /// The bytes from a place on, some at a time. Blocks on the disk.
    ///
    /// # Errors
    ///
    /// `Internal` where the file does not give them.
    pub(super) fn piece(&self, at: u64) -> Result<Bytes> {
        let length = self.length.saturating_sub(at).min(PIECE);
        let mut bytes = vec![0; usize::try_from(length).unwrap_or_default()];
        let mut file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        let read = file
            .seek(SeekFrom::Start(at))
            .and_then(|_| file.read_exact(&mut bytes));
        read.map_err(|error| {
            Problem::new(Code::Internal, "a result cannot be read").log(error.to_string())
        })?;
        Ok(Bytes::from(bytes))
    }
}

/// The problem of a disk that does not take a result.
pub(super) fn unkept(error: &std::io::Error) -> Problem {
    Problem::new(Code::ServiceUnavailable, "the result cannot be kept")
        .help("try again later, or without `Prefer: respond-async`")
        .log(error.to_string())
}
