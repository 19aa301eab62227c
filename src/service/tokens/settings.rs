//! Settings of tokens.

use std::time::Duration;

/// How long tokens live. Each has a setting of a similar name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenSettings {
    /// How long a reference token lives where nothing else is asked for.
    pub default_expiry: Duration,
    /// How long it lives at most.
    pub max_expiry: Duration,
}

impl Default for TokenSettings {
    fn default() -> Self {
        let days = |n: u64| Duration::from_secs(n * 24 * 60 * 60);
        Self {
            default_expiry: days(90),
            max_expiry: days(365),
        }
    }
}
