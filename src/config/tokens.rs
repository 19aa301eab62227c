//! How long tokens live.

use std::time::Duration;

use serde::Deserialize;

use super::duration;

/// Section `tokens`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Tokens {
    /// How long a reference token lives where nothing else is asked for.
    #[serde(deserialize_with = "duration::deserialize")]
    pub default_expiry: Duration,
    /// How long one lives at most.
    #[serde(deserialize_with = "duration::deserialize")]
    pub max_expiry: Duration,
}

impl Default for Tokens {
    fn default() -> Self {
        let days = |n: u64| Duration::from_secs(n * 24 * 60 * 60);
        Self {
            default_expiry: days(90),
            max_expiry: days(365),
        }
    }
}
