//! Old entries go from the front of the chain; an entry says so, and the head keeps the place.

use std::time::Duration;

use uuid::Uuid;

use super::Service;
use crate::audit::{Entry, Event, What, Who};
use crate::diag::Result;
use crate::service::sign_in::earlier;
use crate::store::{AuditReads as _, Store};
use crate::value::Timestamp;

/// Entries that go in one transaction: whoever adds entries waits meanwhile.
const AT_ONCE: i64 = 1000;

impl Service {
    /// Removes the entries that are older than `audit.retention`; answers how many. Blocks on the
    /// database.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn shorten_audit(&self, now: Timestamp) -> Result<u64> {
        match self.0.settings.audit.retention {
            Some(retention) => shorten(&self.0.store, retention, now),
            None => Ok(0),
        }
    }
}

/// Removes the entries that are older than a time before now; answers how many.
pub(super) fn shorten(store: &Store, retention: Duration, now: Timestamp) -> Result<u64> {
    let before = earlier(now, retention);
    let mut removed = 0_u64;
    loop {
        let mut session = store.session()?;
        let Some((_, start)) = session.audit_head()? else {
            return Ok(removed);
        };
        let first = session.audit_start(start.number, AT_ONCE)?;
        drop(session);
        // Times may differ a little from the order of the chain: only its start goes, without a gap.
        let old = first.iter().take_while(|link| link.time < before);
        let Some(through) = old.last().map(|link| link.at) else {
            return Ok(removed);
        };
        let count = through.number.saturating_sub(start.number);
        let who = Who {
            caller: "userdex".to_owned(),
            application: Some("userdex".to_owned()),
            ..Who::default()
        };
        let event = Event::new(What::AuditShortened, who)
            .with("removed", count)
            .with("through", through.number)
            .with("hash", through.hash.to_string())
            .with("before", before.to_string());
        let entry = Entry::of(Uuid::now_v7(), &event, 1, (now, now));
        let went = store.write_aside(|writer| {
            let went = writer.shorten_audit(through)?;
            if went {
                writer.append_audit(std::slice::from_ref(&entry))?;
            }
            Ok(went)
        })?;
        // Another server may have been faster; then the start is looked at anew.
        if went {
            removed = removed.saturating_add(u64::try_from(count).unwrap_or_default());
        }
    }
}
