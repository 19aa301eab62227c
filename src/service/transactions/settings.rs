//! Settings of API transactions.

use std::time::Duration;

/// What API transactions may take. Each has a setting of the same name in the section
/// `transactions`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TransactionSettings {
    /// How long one lives.
    pub life: Duration,
    /// How long a caller waits for changes at most.
    pub wait: Duration,
    /// How many one caller has at once.
    pub per_caller: usize,
    /// How many the server has at once; half of them for callers who have none.
    pub max: usize,
    /// Objects that one changes at most.
    pub objects: usize,
    /// Bytes of memory that one takes, about: its objects, what reads see of them, what was told of
    /// them.
    pub bytes: usize,
}

impl Default for TransactionSettings {
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
