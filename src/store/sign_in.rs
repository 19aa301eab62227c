//! What sign-in reads and writes: accounts, counters of failures, sessions, marks.
//!
//! Counting failures and using a session are no changes of the object: they raise no version and
//! leave no history, or every client that follows changes would see noise.

use std::fmt;

use uuid::Uuid;

use super::factor::{Factor, Factors};
use super::read::{Runs, Statement};
use super::sink::Any;
use super::{Flow, Row, RowSink, Writer};
use crate::diag::Result;
use crate::model::{ColumnKind, shadow};
use crate::sql::OwnTable;
use crate::value::{Kind, Timestamp, Value};

/// What decides whether a user may sign in, as it is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    /// The key of the user.
    pub user: Uuid,
    /// The login.
    pub login: String,
    /// The code of the type.
    pub user_type: String,
    /// Whether the user may sign in at all.
    pub active: bool,
    /// The user's own mark of an administrator.
    pub is_admin: bool,
    /// Whether HTTP Basic is allowed.
    pub basic_allowed: bool,
    /// Whether a password alone is not enough.
    pub two_factor: bool,
    /// Wrong passwords since the last right one.
    pub failed: i64,
    /// Until when the user is locked.
    pub locked_until: Option<Timestamp>,
    /// The stored form of the password.
    pub password: Option<String>,
    /// The code of its format.
    pub format: String,
    /// The only Windows account from which the user may sign in.
    pub windows_name: Option<String>,
    /// The folded name of the domain.
    pub domain: Option<String>,
    /// Whether it is the default domain.
    pub domain_is_default: bool,
    /// Whether passwords are taken in the domain; true without a domain.
    pub local_allowed: bool,
    /// Whether a group of administrators has the user as a member.
    pub in_admin_group: bool,
    /// Whether the user has any group or role.
    pub has_group_or_role: bool,
    /// How often the model was reset (`docs/decisions/023-custom-properties.md`).
    pub resets: i64,
}

impl fmt::Debug for Account {
    /// Without the password.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Account")
            .field("user", &self.user)
            .field("login", &self.login)
            .field("user_type", &self.user_type)
            .finish_non_exhaustive()
    }
}

/// A session that was not ended, with the account of its user.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredSession {
    /// Its key.
    pub id: Uuid,
    /// How it was opened.
    pub way: String,
    /// The program that opened it; empty where it did not say its name.
    pub application: String,
    /// Its scopes.
    pub scopes: String,
    /// When it was opened.
    pub created: Timestamp,
    /// When it was last used, to the minute.
    pub used: Timestamp,
    /// When it ends, however much it is used.
    pub ends: Timestamp,
    /// The user.
    pub account: Account,
}

/// A session that is to be opened, or found again.
#[derive(Debug, Clone, Copy)]
pub struct NewSession<'a> {
    /// The key of the user.
    pub user: Uuid,
    /// How it is opened.
    pub way: &'a str,
    /// The program that opens it; may be empty.
    pub application: &'a str,
    /// Its scopes.
    pub scopes: &'a str,
}

impl<'a> NewSession<'a> {
    fn key(self) -> (Uuid, &'a str, &'a str) {
        (self.user, self.way, self.application)
    }
}

/// What counting a wrong password did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// There is one more.
    Counted,
    /// There were too many: the user is locked now.
    Locked,
}

/// Reads of sign-in: what a [`super::Session`] and a [`Writer`] can both do.
pub trait SignInReads {
    /// The accounts with a folded login, of every domain.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn accounts(&mut self, login: &str) -> Result<Vec<Account>>;

    /// The account of a user.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn account(&mut self, user: Uuid) -> Result<Option<Account>>;

    /// A session that was not ended.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn signed_in(&mut self, session: Uuid) -> Result<Option<StoredSession>>;

    /// The session that the same sign-in made before, as long as it lives.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn same_session(
        &mut self,
        session: NewSession<'_>,
        now: Timestamp,
        used_after: Timestamp,
    ) -> Result<Option<Uuid>>;

    /// The folded logins of all live sessions, one for each session.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn live_sessions(&mut self, now: Timestamp, used_after: Timestamp) -> Result<Vec<String>>;

    /// The secrets of a user's second factor by a provider.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn factors(&mut self, user: Uuid, provider: &str) -> Result<Vec<Factor>>;

    /// Whether something was noted by [`Writer::mark`].
    ///
    /// # Errors
    ///
    /// Faults of the database.
    fn is_marked(&mut self, name: &str) -> Result<bool>;
}

impl<T: Runs> SignInReads for T {
    fn accounts(&mut self, login: &str) -> Result<Vec<Account>> {
        let mut found = Accounts::default();
        self.each(&OwnTable::accounts(login), &mut found)?;
        Ok(found.0)
    }

    fn account(&mut self, user: Uuid) -> Result<Option<Account>> {
        let mut found = Accounts::default();
        self.each(&OwnTable::account(user), &mut found)?;
        Ok(found.0.pop())
    }

    fn signed_in(&mut self, session: Uuid) -> Result<Option<StoredSession>> {
        let mut found = Sessions::default();
        self.each(&OwnTable::session(session), &mut found)?;
        Ok(found.0)
    }

    fn same_session(
        &mut self,
        session: NewSession<'_>,
        now: Timestamp,
        used_after: Timestamp,
    ) -> Result<Option<Uuid>> {
        let (key, scopes) = (session.key(), session.scopes);
        let statement = OwnTable::same_session(key, scopes, now, used_after);
        let ids = column(self, &statement, &ColumnKind::Guid)?;
        Ok(ids.first().and_then(as_guid))
    }

    fn live_sessions(&mut self, now: Timestamp, used_after: Timestamp) -> Result<Vec<String>> {
        let statement = OwnTable::live_sessions(now, used_after);
        let logins = column(self, &statement, &ColumnKind::Text)?;
        Ok(logins.into_iter().filter_map(as_text).collect())
    }

    fn factors(&mut self, user: Uuid, provider: &str) -> Result<Vec<Factor>> {
        let mut found = Factors::default();
        self.each(&OwnTable::factors(user, provider), &mut found)?;
        Ok(found.0)
    }

    fn is_marked(&mut self, name: &str) -> Result<bool> {
        let mut any = Any::default();
        self.each(&OwnTable::marked(name), &mut any)?;
        Ok(any.0)
    }
}

impl Writer {
    /// Counts a wrong password of a user who is not locked; the `most`th locks until a time. In one
    /// statement, so that guesses at the same time are all counted. Answers nothing where it was not
    /// counted: where the user is locked.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn count_failure(
        &mut self,
        user: Uuid,
        most: i64,
        until: Timestamp,
        now: Timestamp,
    ) -> Result<Option<Failure>> {
        let folded = as_text(shadow(Kind::DateTimeOffset, &Value::Timestamp(until)));
        let folded = folded.unwrap_or_default();
        let statement = OwnTable::count_failure(user, most, (until, folded), now);
        let counts = column(self, &statement, &ColumnKind::Integer)?;
        Ok(counts.first().map(|count| {
            // The one that makes the number full starts at nought again.
            if *count == Value::Integer(0) {
                Failure::Locked
            } else {
                Failure::Counted
            }
        }))
    }

    /// Forgets the wrong passwords of a user; answers false, and forgets nothing, where the user is
    /// locked.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn clear_failures(&mut self, user: Uuid, now: Timestamp) -> Result<bool> {
        self.meets(&OwnTable::clear_failures(user, now))
    }

    /// Whether the password of a user is stored so; if it is, it stays so until the transaction
    /// ends.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn hold_password(&mut self, user: Uuid, stored: &str) -> Result<bool> {
        self.meets(&OwnTable::hold_password(user, stored))
    }

    /// Opens a session.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn open_session(
        &mut self,
        id: Uuid,
        session: NewSession<'_>,
        now: Timestamp,
        ends: Timestamp,
    ) -> Result<()> {
        let (key, scopes) = (session.key(), session.scopes);
        self.meets(&OwnTable::open_session(id, key, scopes, now, ends))
            .map(drop)
    }

    /// Notes that a session was used.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn touch_session(&mut self, id: Uuid, now: Timestamp) -> Result<()> {
        self.meets(&OwnTable::touch_session(id, now)).map(drop)
    }

    /// Ends a session; answers whether it had not ended before.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn end_session(&mut self, id: Uuid, now: Timestamp) -> Result<bool> {
        self.meets(&OwnTable::end_session(id, now))
    }

    /// Ends all sessions of a user.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn end_sessions(&mut self, user: Uuid, now: Timestamp) -> Result<()> {
        self.meets(&OwnTable::end_sessions(user, now)).map(drop)
    }

    /// Drops the sessions whose longest time ended before a time.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn forget_sessions(&mut self, before: Timestamp) -> Result<()> {
        self.meets(&OwnTable::forget_sessions(before)).map(drop)
    }

    /// Notes that something was done; answers false where that was noted before. Of several that
    /// note the same, one is the first, and the others wait for its end.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn mark(&mut self, name: &str, now: Timestamp) -> Result<bool> {
        self.meets(&OwnTable::mark(name, now))
    }

    /// Uses the code of a step of time; answers false where it or a later one was used before.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn use_step(&mut self, user: Uuid, step: i64) -> Result<bool> {
        self.meets(&OwnTable::use_step(user, step))
    }

    /// Gives a secret of a second factor another value; answers false where it is not any more what
    /// it was.
    ///
    /// # Errors
    ///
    /// Faults of the database.
    pub fn replace_factor(&mut self, factor: &Factor, value: &str) -> Result<bool> {
        self.meets(&OwnTable::replace_factor(factor.id, &factor.value, value))
    }

    /// Runs a statement; answers whether it met any row.
    pub(in crate::store) fn meets(&mut self, statement: &OwnTable) -> Result<bool> {
        let met = self.execute(statement).map_err(|e| self.failed(&e))?;
        Ok(met > 0)
    }
}

/// The values of the first column.
pub(in crate::store) fn column<R: Runs + ?Sized, T: Statement>(
    on: &mut R,
    statement: &T,
    kind: &ColumnKind,
) -> Result<Vec<Value>> {
    struct Column<'k>(&'k ColumnKind, Vec<Value>);
    impl RowSink for Column<'_> {
        fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
            self.1.push(value(row, 0, self.0)?);
            Ok(Flow::More)
        }
    }
    let mut column = Column(kind, Vec::new());
    on.each(statement, &mut column)?;
    Ok(column.1)
}

#[derive(Default)]
pub(in crate::store) struct Accounts(pub(in crate::store) Vec<Account>);

impl RowSink for Accounts {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0.push(read_account(row)?);
        Ok(Flow::More)
    }
}

#[derive(Default)]
struct Sessions(Option<StoredSession>);

impl RowSink for Sessions {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        let account = read_account(row)?;
        self.0 = Some(StoredSession {
            id: guid(row, 18)?,
            way: text(row, 19)?.unwrap_or_default(),
            application: text(row, 20)?.unwrap_or_default(),
            scopes: text(row, 21)?.unwrap_or_default(),
            created: time(row, 22)?.unwrap_or(NEVER),
            used: time(row, 23)?.unwrap_or(NEVER),
            ends: time(row, 24)?.unwrap_or(NEVER),
            account,
        });
        Ok(Flow::Stop)
    }
}

/// Stands for times that are never missing.
const NEVER: Timestamp = Timestamp::from_micros(0);

fn read_account<R: Row>(row: &R) -> Result<Account> {
    let domain = text(row, 12)?;
    let local_allowed = truth(row, 14)? || domain.is_none();
    Ok(Account {
        user: guid(row, 0)?,
        login: text(row, 1)?.unwrap_or_default(),
        user_type: text(row, 2)?.unwrap_or_default(),
        active: truth(row, 3)?,
        is_admin: truth(row, 4)?,
        basic_allowed: truth(row, 5)?,
        two_factor: truth(row, 6)?,
        failed: whole(row, 7)?,
        locked_until: time(row, 8)?,
        password: text(row, 9)?,
        format: text(row, 10)?.unwrap_or_default(),
        windows_name: text(row, 11)?,
        domain,
        domain_is_default: truth(row, 13)?,
        local_allowed,
        in_admin_group: truth(row, 15)?,
        has_group_or_role: truth(row, 16)?,
        resets: whole(row, 17)?,
    })
}

fn whole<R: Row>(row: &R, at: usize) -> Result<i64> {
    Ok(
        if let Value::Integer(number) = value(row, at, &ColumnKind::Integer)? {
            number
        } else {
            0
        },
    )
}

pub(in crate::store) fn guid<R: Row>(row: &R, at: usize) -> Result<Uuid> {
    Ok(guid_or_none(row, at)?.unwrap_or_default())
}

pub(in crate::store) fn guid_or_none<R: Row>(row: &R, at: usize) -> Result<Option<Uuid>> {
    let value = value(row, at, &ColumnKind::Guid)?;
    Ok(as_guid(&value))
}

pub(in crate::store) fn text<R: Row>(row: &R, at: usize) -> Result<Option<String>> {
    Ok(as_text(value(row, at, &ColumnKind::Text)?))
}

pub(in crate::store) fn truth<R: Row>(row: &R, at: usize) -> Result<bool> {
    Ok(value(row, at, &ColumnKind::Boolean)? == Value::Boolean(true))
}

pub(in crate::store) fn time<R: Row>(row: &R, at: usize) -> Result<Option<Timestamp>> {
    let value = value(row, at, &ColumnKind::Timestamp)?;
    Ok(if let Value::Timestamp(time) = value {
        Some(time)
    } else {
        None
    })
}

pub(in crate::store) fn as_guid(value: &Value) -> Option<Uuid> {
    if let Value::Guid(guid) = value {
        Some(*guid)
    } else {
        None
    }
}

pub(in crate::store) fn as_text(value: Value) -> Option<String> {
    if let Value::Text(text) = value {
        Some(text)
    } else {
        None
    }
}

fn value<R: Row>(row: &R, at: usize, kind: &ColumnKind) -> Result<Value> {
    row.cell(at, kind, |cell| cell.value())
}
