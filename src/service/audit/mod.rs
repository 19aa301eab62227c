//! The audit log: what the stories note, and how it gets into the chain.
//!
//! What belongs to a change is written in the change's own transaction, as its last step
//! ([`Service::append`]). What has no transaction is counted and written by a thread beside
//! ([`Service::note`]), so that a flood of it costs no request a statement. See
//! `docs/decisions/018-audit.md`.

mod changes;
mod recorder;
mod refusals;
mod retention;
mod sign_in;
mod start;
mod verify;

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

pub(super) use changes::{Cause, of_changes};
pub use recorder::Recorder;
pub(super) use refusals::Exporter;
pub(super) use sign_in::Login;
pub use verify::{Exported, Verified};

use super::{Caller, Service};
use crate::access::Way;
use crate::audit::{Entry, Event, Who};
use crate::diag::Result;
use crate::store::Writer;
use crate::value::Timestamp;

/// The table of users, as entries name it.
pub(super) const USERS: &str = "Sec_Users";

/// How the audit log is kept. Each has a setting of a similar name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AuditSettings {
    /// How long entries are kept; nothing for ever.
    pub retention: Option<Duration>,
}

impl Default for AuditSettings {
    fn default() -> Self {
        Self {
            retention: Some(Duration::from_secs(400 * 24 * 60 * 60)),
        }
    }
}

/// Where a request comes from, as far as entries of the audit log say it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Origin {
    /// The address of the client.
    pub address: Option<IpAddr>,
    /// The program, by its own word: `User-Agent`.
    pub program: Option<Arc<str>>,
    /// On the command line, the user of the operating system; empty where it is not known.
    pub operator: Option<Arc<str>>,
}

impl Service {
    /// The same service, for requests that come from somewhere: what is noted about them says so.
    #[must_use]
    pub fn for_client(&self, origin: Origin) -> Self {
        Self(Arc::clone(&self.0), origin)
    }

    /// Who a caller is, as an entry says it. `application` is the program where the caller's own
    /// sign-in names none.
    pub(super) fn who(&self, caller: &Caller, application: Option<&str>) -> Who {
        let Some(identity) = caller.identity() else {
            return self.itself();
        };
        let is_somebody = identity.way != Way::Nobody;
        let known = identity.application.as_deref().or(application);
        Who {
            user: is_somebody.then_some(identity.user),
            caller: if is_somebody {
                identity.login.clone()
            } else {
                "nobody".to_owned()
            },
            way: Some(identity.way.word()),
            ..self.somebody(known)
        }
    }

    /// The service itself, or whoever runs it on the command line.
    pub(super) fn itself(&self) -> Who {
        itself(&self.1)
    }

    /// Somebody of whom only the origin is known.
    pub(super) fn somebody(&self, application: Option<&str>) -> Who {
        somebody(&self.1, application)
    }

    /// Counts something that has no transaction of its own; it is written soon. Asks no database.
    pub(super) fn note(&self, event: Event, now: Timestamp) {
        self.0.audit.note(event, 0, now);
    }

    /// Writes what a transaction does, as its last step.
    pub(super) fn append(
        &self,
        writer: &mut Writer,
        events: &[Event],
        now: Timestamp,
    ) -> Result<()> {
        let entry = |event| Entry::of(self.new_id(), event, 1, (now, now));
        let entries: Vec<Entry> = events.iter().map(entry).collect();
        writer.append_audit(&entries)
    }

    /// Writes everything that was noted until now, also what is counted into an entry whose minute
    /// is not over. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the database; what was not written stays noted.
    pub fn write_out_audit(&self) -> Result<()> {
        self.0.audit.write_out()
    }
}

/// The service itself, or whoever runs it on the command line.
pub(super) fn itself(origin: &Origin) -> Who {
    let caller = match origin.operator {
        Some(_) => "command line",
        None => "userdex",
    };
    Who {
        caller: caller.to_owned(),
        ..somebody(origin, Some("userdex"))
    }
}

fn somebody(origin: &Origin, application: Option<&str>) -> Who {
    let operator = origin.operator.as_deref().filter(|name| !name.is_empty());
    Who {
        application: application.or(origin.program.as_deref()).map(str::to_owned),
        address: origin.address.map(|address| address.to_string()),
        operator: operator.map(str::to_owned),
        ..Who::default()
    }
}
