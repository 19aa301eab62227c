//! Passwords that were replaced: none of the last few comes back, and none gets too old.

use std::fmt;

use uuid::Uuid;

use super::read::Runs;
use super::sign_in::{guid, text, time};
use super::{Flow, Row, RowSink, Writer};
use crate::diag::Result;
use crate::sql::OwnTable;
use crate::value::Timestamp;

/// A password that was replaced.
#[derive(Clone, PartialEq, Eq)]
pub struct OldPassword {
    /// The key of its row.
    pub id: Uuid,
    /// Its stored form; nothing where it was not kept.
    pub password: Option<String>,
    /// The code of its format.
    pub format: String,
}

impl fmt::Debug for OldPassword {
    /// Without the stored form.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OldPassword")
            .field("id", &self.id)
            .finish_non_exhaustive()
    }
}

/// What is known of the passwords of a user.
pub trait PasswordReads {
    /// Those that were replaced and are kept, the last one first.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn old_passwords(&mut self, user: Uuid) -> Result<Vec<OldPassword>>;

    /// When the password was last replaced, or else the user made; nothing without such a user.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn password_time(&mut self, user: Uuid) -> Result<Option<Timestamp>>;
}

impl<T: Runs> PasswordReads for T {
    fn old_passwords(&mut self, user: Uuid) -> Result<Vec<OldPassword>> {
        let mut found = Passwords::default();
        self.each(&OwnTable::old_passwords(user), &mut found)?;
        Ok(found.0)
    }

    fn password_time(&mut self, user: Uuid) -> Result<Option<Timestamp>> {
        let mut found = Time::default();
        self.each(&OwnTable::password_time(user), &mut found)?;
        Ok(found.0)
    }
}

impl Writer {
    /// Notes that the password of a user was replaced, with its stored form where that is kept, and
    /// forgets all but the last few.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn replace_password(
        &mut self,
        (id, user): (Uuid, Uuid),
        old: (Option<&str>, &str),
        keep: usize,
        now: Timestamp,
    ) -> Result<()> {
        self.meets(&OwnTable::keep_password(id, user, old, now))?;
        for gone in self.old_passwords(user)?.iter().skip(keep) {
            self.meets(&OwnTable::forget_password(gone.id))?;
        }
        Ok(())
    }
}

#[derive(Default)]
struct Passwords(Vec<OldPassword>);

impl RowSink for Passwords {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0.push(OldPassword {
            id: guid(row, 0)?,
            password: text(row, 1)?,
            format: text(row, 2)?.unwrap_or_default(),
        });
        Ok(Flow::More)
    }
}

#[derive(Default)]
struct Time(Option<Timestamp>);

impl RowSink for Time {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = time(row, 0)?;
        Ok(Flow::Stop)
    }
}
