//! What API transactions may take.

use std::time::Duration;

use serde::Deserialize;

use super::duration;

/// Section `transactions`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transactions {
    /// How long one lives.
    #[serde(deserialize_with = "duration::deserialize")]
    pub life: Duration,
    /// How long a caller waits for changes at most.
    #[serde(deserialize_with = "duration::deserialize")]
    pub wait: Duration,
    /// How many one caller has at once.
    pub per_caller: usize,
    /// How many the server has at once.
    pub max: usize,
    /// Objects that one changes at most.
    pub objects: usize,
    /// Bytes of memory that one takes, about.
    pub bytes: usize,
}

impl Default for Transactions {
    fn default() -> Self {
        Self {
            life: Duration::from_secs(25 * 60),
            wait: Duration::from_secs(2 * 60),
            per_caller: 10,
            max: 100,
            objects: 10_000,
            bytes: 8 * 1024 * 1024,
        }
    }
}
