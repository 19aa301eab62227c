//! Section `events`.

use std::time::Duration;

use serde::Deserialize;

use super::duration;

/// Section `events`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Events {
    /// After how long without an event a sign of life is sent.
    #[serde(deserialize_with = "duration::deserialize")]
    pub heartbeat: Duration,
    /// How long clients are told to wait before they connect again.
    #[serde(deserialize_with = "duration::deserialize")]
    pub retry: Duration,
    /// Events that wait for one stream at most.
    pub queue: usize,
    /// How long a client may leave a full queue unread before its stream is cut off.
    #[serde(deserialize_with = "duration::deserialize")]
    pub stall: Duration,
    /// Streams of one user at most.
    pub streams_per_caller: usize,
    /// Streams of the server at most.
    pub streams: usize,
}

impl Default for Events {
    fn default() -> Self {
        Self {
            heartbeat: Duration::from_secs(15),
            retry: Duration::from_secs(3),
            queue: 256,
            stall: Duration::from_secs(30),
            streams_per_caller: 10,
            streams: 2000,
        }
    }
}
