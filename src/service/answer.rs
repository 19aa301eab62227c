//! What comes out of the service: heads, chunks and documents, without their transport.

use std::time::Duration;

use bytes::Bytes;

use crate::diag::Result;
use crate::store::Flow;

/// An answer that is the same for all callers: the service document, `$metadata`.
#[derive(Debug, Clone)]
pub struct Document {
    /// The `Content-Type` header.
    pub content_type: String,
    /// The body.
    pub body: Bytes,
    /// The `ETag` header: strong, quotes included.
    pub etag: String,
    /// The `OData-Version` header.
    pub odata_version: &'static str,
}

/// What stands before the body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// The HTTP status.
    pub status: u16,
    /// The `Content-Type` header; nothing where there is no body.
    pub content_type: Option<String>,
    /// The entity tag of a single entity, as it is to be sent: `W/"17"`.
    pub etag: Option<String>,
    /// Whether the tag is one of the answer too, which is the same as long as the tag is: then it is
    /// the `ETag` header.
    pub covered: bool,
    /// The `OData-Version` header.
    pub odata_version: &'static str,
    /// The `Preference-Applied` header.
    pub preference_applied: Option<String>,
    /// The length of the body in bytes where the whole body is in the next chunk (or there is
    /// none); nothing where the answer is streamed.
    pub length: Option<usize>,
    /// How long each room took until now.
    pub timings: Timings,
}

/// How long each room took: the entries of a `Server-Timing` header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Timings {
    /// Text to tree, the choice of the format included.
    pub syntax: Duration,
    /// Tree to plan.
    pub bind: Duration,
    /// Rows from the database, each encoded while it is at hand. For streamed answers only what
    /// came before the head.
    pub store: Duration,
}

impl Timings {
    /// The names and durations, in the order of the rooms.
    pub fn entries(&self) -> [(&'static str, Duration); 3] {
        [
            ("syntax", self.syntax),
            ("bind", self.bind),
            ("store", self.store),
        ]
    }
}

/// Takes an answer: the head once, then the body.
pub trait Output: Send {
    /// Takes the head, before the first chunk.
    fn head(&mut self, head: Head) -> Result<()>;

    /// Takes a part of the body, about 64 KiB; [`Flow::Stop`] when nobody listens any more.
    fn chunk(&mut self, chunk: Bytes) -> Result<Flow>;

    /// Whether somebody still listens: asked between the parts by what has none to give until its
    /// end.
    fn is_wanted(&mut self) -> bool {
        true
    }

    /// Hears of a row of a collection that was written, before the part that it is in.
    fn row(&mut self) {}
}
