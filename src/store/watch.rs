//! Hearing that another server has changed something.

use diesel::connection::{Connection as _, SimpleConnection as _};
use diesel::pg::PgConnection;

use uuid::Uuid;

use super::open::Pools;
use super::sign_in::{as_guid, column};
use super::{Session, Store, failure};
use crate::diag::Result;
use crate::model::ColumnKind;
use crate::sql::OwnTable;
use crate::value::Timestamp;

/// What listens for changes that other servers of the database announce. It holds one connection
/// where the database tells its clients of something by itself; elsewhere it hears nothing, and
/// whoever waits has to look.
pub struct Watch(Option<PgConnection>);

impl std::fmt::Debug for Watch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Watch").field(&self.hears()).finish()
    }
}

impl Store {
    /// Starts to listen. What was announced before is not heard: look at the log afterwards.
    ///
    /// # Errors
    ///
    /// [`crate::diag::Code::ServiceUnavailable`] where the database cannot be reached; faults of the
    /// database.
    pub fn watch(&self) -> Result<Watch> {
        let Pools::Postgres { url, .. } = &self.inner().pools else {
            return Ok(Watch(None));
        };
        let connection = PgConnection::establish(url);
        let mut connection = connection.map_err(|e| failure::unconnected(&e.to_string()))?;
        connection
            .batch_execute("LISTEN userdex_changes")
            .map_err(|e| failure::problem(&e, false))?;
        Ok(Watch(Some(connection)))
    }
}

impl Session {
    /// The sessions of users that have ended at a time or after it, by whatever way.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn ended_sessions(&mut self, since: Timestamp, now: Timestamp) -> Result<Vec<Uuid>> {
        let statement = OwnTable::ended_sessions(since, now);
        let ids = column(self, &statement, &ColumnKind::Guid)?;
        Ok(ids.iter().filter_map(as_guid).collect())
    }
}

impl Watch {
    /// Whether the database tells of changes by itself.
    pub fn hears(&self) -> bool {
        self.0.is_some()
    }

    /// Whether something was announced since the last call. Does not wait.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` where the connection is lost: start anew.
    pub fn heard(&mut self) -> Result<bool> {
        let Some(connection) = &mut self.0 else {
            return Ok(false);
        };
        let mut heard = false;
        for announced in connection.notifications_iter() {
            announced.map_err(|e| failure::problem(&e, false))?;
            heard = true;
        }
        Ok(heard)
    }
}
