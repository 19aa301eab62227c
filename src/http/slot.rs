//! Slots for work on the database: so many reads and writes run at a time, no more.

use std::sync::Arc;

use tokio::sync::OwnedSemaphorePermit;

use super::Site;
use crate::diag::{Code, Problem, Result};

/// Which slots.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slots {
    /// Those of reads.
    Reads,
    /// Those of changes.
    Writes,
}

/// Waits a little for a slot; it is free again when the permit is dropped.
///
/// # Errors
///
/// `ServiceUnavailable` where none became free in time.
pub(super) async fn take(site: &Site, slots: Slots) -> Result<OwnedSemaphorePermit> {
    let (slots, refused) = match slots {
        Slots::Reads => (&site.reads, &site.metrics.reads_refused),
        Slots::Writes => (&site.writes, &site.metrics.writes_refused),
    };
    if let Ok(slot) = Arc::clone(slots).try_acquire_owned() {
        return Ok(slot);
    }
    let wait = Arc::clone(slots).acquire_owned();
    match tokio::time::timeout(site.options.busy_wait, wait).await {
        Ok(Ok(slot)) => Ok(slot),
        Ok(Err(_)) | Err(_) => {
            refused.inc();
            let message = "the service has more to do than it can: try again";
            Err(Problem::new(Code::ServiceUnavailable, message))
        }
    }
}
