//! Settings of answers that come later.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::diag::{Code, Problem, Result};

/// What answers that come later may take. Each has a setting of the same name in the section
/// `asynchronous`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LaterSettings {
    /// How long one lives, from the request to its end: the work and the time that its result waits.
    pub life: Duration,
    /// How many of one caller there are at once, under way or waiting.
    pub per_caller: usize,
    /// How many of all callers there are at once.
    pub max: usize,
    /// Bytes of one result at most.
    pub bytes: u64,
    /// Bytes of all results at most.
    pub total_bytes: u64,
    /// Where results wait; nothing for the system's folder of temporary files.
    pub folder: Option<PathBuf>,
}

impl Default for LaterSettings {
    fn default() -> Self {
        Self {
            life: Duration::from_secs(30 * 60),
            per_caller: 4,
            max: 40,
            bytes: 1 << 30,
            total_bytes: 4 << 30,
            folder: None,
        }
    }
}

impl LaterSettings {
    /// Sees that results can be kept where they are to be.
    ///
    /// # Errors
    ///
    /// `ConfigurationFault` for a folder that takes no files.
    pub(super) fn check(&self) -> Result<()> {
        let Some(folder) = self.folder.as_deref() else {
            return Ok(());
        };
        let made = file(Some(folder));
        made.map(drop).map_err(|error| {
            let message = format!("no file can be made in `{}`", folder.display());
            Problem::new(Code::ConfigurationFault, message)
                .about("asynchronous.folder")
                .help("name a folder that the program may write to")
                .log(error.to_string())
        })
    }
}

/// A new file without a name: nobody else can open it, and it is gone when it is closed, however the
/// process ends.
pub(super) fn file(folder: Option<&Path>) -> std::io::Result<std::fs::File> {
    match folder {
        Some(folder) => tempfile::tempfile_in(folder),
        None => tempfile::tempfile(),
    }
}
