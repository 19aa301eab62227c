//! Settings of a store.

use std::time::Duration;

/// How a store works with its database. Each has a setting of the same name.
#[derive(Debug, Clone)]
pub struct StoreOptions {
    /// Connections that read at the same time, at most.
    pub readers: u32,
    /// PostgreSQL: connections that write at the same time, at most. SQLite has one.
    pub writers: u32,
    /// How long a request waits for a free connection before it is refused (503).
    pub wait: Duration,
    /// How long one read may run; nothing for no limit.
    pub deadline: Option<Duration>,
    /// What a commit survives (SQLite; PostgreSQL has its own settings).
    pub durability: Durability,
    /// How long a statement waits for a lock of another process.
    pub lock_wait: Duration,
    /// SQLite: bytes of the file that readers map into memory.
    pub mapped_bytes: u64,
    /// SQLite: kibibytes of pages that each connection keeps.
    pub cache_kib: u32,
}

/// What a commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Durability {
    /// Loss of power: `synchronous=FULL`.
    PowerLoss,
    /// A crash of the process: `synchronous=NORMAL`. The last commits may be lost with the power.
    ProcessCrash,
}

impl Default for StoreOptions {
    fn default() -> Self {
        Self {
            readers: 8,
            writers: 4,
            wait: Duration::from_secs(2),
            deadline: Some(Duration::from_secs(30)),
            durability: Durability::PowerLoss,
            lock_wait: Duration::from_secs(5),
            mapped_bytes: 1 << 30,
            cache_kib: 8192,
        }
    }
}
