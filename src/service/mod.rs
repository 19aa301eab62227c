//! The stories: what happens to a request from its text to its bytes.
//!
//! Knows every room and calls them in order: `syntax`, `bind`, `store`, `encode`. Must never know
//! a web server: requests come in and answers go out as plain data.

mod answer;
mod body;
mod negotiate;
#[cfg(test)]
mod negotiate_tests;
mod read;
mod request;

pub use answer::{Document, Head, Output, Timings};
pub use negotiate::Format;
pub use request::{ODataVersion, RequestHead, ServiceSettings, TopSetting};

pub use crate::store::Flow;

use std::sync::Arc;

use crate::diag::{Code, Problem, Result};
use crate::model::Model;
use crate::plan::{ReadPlan, TokenKey};
use crate::value::Language;

/// The service over one model and one database.
#[derive(Debug, Clone)]
pub struct Service {
    model: Arc<Model>,
    settings: ServiceSettings,
}

/// A request that was understood.
#[derive(Debug)]
pub enum Prepared {
    /// The answer is ready.
    Document(Document),
    /// The database has to be read.
    Read(Box<PreparedRead>),
}

/// A read that only needs a database.
#[derive(Debug)]
pub struct PreparedRead {
    plan: Box<ReadPlan>,
    format: Format,
    root: String,
    path: String,
    query: String,
    language: Language,
    odata_version: ODataVersion,
    preference_applied: Option<String>,
    token_key: TokenKey,
    head_only: bool,
    timings: Timings,
}

impl Service {
    /// A service; the store is the second argument from the next commits on.
    pub const fn new(model: Arc<Model>, settings: ServiceSettings) -> Self {
        Self { model, settings }
    }

    /// Parses and binds. Cheap, so that it can run on the async worker.
    pub fn prepare(&self, request: &RequestHead<'_>) -> Result<Prepared> {
        let _ = request;
        Err(Problem::new(Code::NotSupported, "reads are not built yet"))
    }

    /// Runs a read and feeds `out`. Blocks on the database.
    ///
    /// A problem before the head was sent becomes an error answer; after it, the connection has to
    /// be cut.
    pub fn run(&self, read: &PreparedRead, out: &mut impl Output) -> Result<()> {
        let _ = (read, out);
        Err(Problem::new(Code::NotSupported, "reads are not built yet"))
    }
}
