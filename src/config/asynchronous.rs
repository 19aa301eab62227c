//! Section `asynchronous`.

use std::path::PathBuf;
use std::time::Duration;

use serde::Deserialize;

use super::duration;

/// Section `asynchronous`: what asynchronous requests may take.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Asynchronous {
    /// How long one lives: the work, and the time that its result waits.
    #[serde(deserialize_with = "duration::deserialize")]
    pub life: Duration,
    /// How many one caller has at once.
    pub per_caller: usize,
    /// How many the server has at once.
    pub max: usize,
    /// Bytes of one result at most.
    pub bytes: u64,
    /// Bytes of all results at most.
    pub total_bytes: u64,
    /// Where results wait; nothing for the system's folder of temporary files.
    pub folder: Option<PathBuf>,
}

impl Default for Asynchronous {
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
