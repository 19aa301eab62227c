//! What happens to a set, whoever put it together: it is allowed and, once it is checked, ruled and
//! written.

use uuid::Uuid;

use super::apply::Done;
use super::lookup::Transaction;
use super::permit::{self, When};
use super::prepare::Prepared;
use super::{CHANGES, Progress, WriteRequest, guard, permission, settings};
use crate::access;
use crate::audit::Event;
use crate::change::{Author, ChangeSet, Checked, history, is_kept};
use crate::diag::Result;
use crate::rules::{self, Sealed};
use crate::service::audit::{Cause, of_changes};
use crate::service::{Caller, Service};
use crate::store::{Reads, Writer};
use crate::value::{Language, Timestamp};

/// Who makes a change, and how.
pub(super) struct Making<'a> {
    pub(super) caller: &'a Caller,
    /// New objects that were allowed elsewhere.
    pub(super) vouched: &'a [Uuid],
    pub(super) author: &'a Author,
    /// The language of messages.
    pub(super) language: &'a Language,
    /// Whether a new hash of a password is one of the same password: sessions go on.
    pub(super) keeps_sessions: bool,
    /// The requests, among which some calls may be made in transactions of their own.
    pub(super) alone: (&'a [WriteRequest], &'a [Prepared]),
    /// The user in whose name the program makes it.
    pub(super) in_name_of: Option<&'a (Uuid, String)>,
    /// What the requests did, as far as they are told of one by one.
    pub(super) done: &'a [Done],
    /// Users whose sessions end.
    pub(super) cut_off: &'a [Uuid],
}

/// Sees that the caller may make the changes of a set: before it is checked, so that they hear nothing
/// else of what they may not change.
pub(super) fn permitted<S>(
    (caller, vouched): (&Caller, &[Uuid]),
    set: &ChangeSet<'_, S>,
    now: Timestamp,
    on: &mut impl Reads,
    progress: &Progress,
) -> Result<()> {
    judged((caller, vouched), set, progress)?;
    permit::check_rows((caller, vouched), set, When::Before, now, on)
}

/// The same, as far as no row has to be looked at: that the caller has the rights, and that it is
/// nothing which no right allows.
pub(super) fn judged<S>(
    (caller, vouched): (&Caller, &[Uuid]),
    set: &ChangeSet<'_, S>,
    progress: &Progress,
) -> Result<()> {
    permit::check(caller, set, vouched).map_err(|faults| progress.one(faults))?;
    guard::check(caller, set, vouched).map_err(|faults| progress.one(faults))
}

impl Service {
    /// Writes a checked set with its history, if no rule refuses. Answers what the
    /// audit log says of it, which is written last of all: from there on the transaction holds the
    /// end of the chain.
    pub(super) fn make<'m>(
        &self,
        set: ChangeSet<'m, Checked>,
        making: &Making<'_>,
        transaction: &mut Transaction<'_, '_>,
        progress: &Progress,
    ) -> Result<(Sealed<'m>, Vec<Event>)> {
        let Making {
            caller,
            vouched,
            author,
            language,
            ..
        } = making;
        let who = (*caller, *vouched);
        permission::check(&set).map_err(|faults| progress.one(faults))?;
        let sealed = self.seal(set, author, language, transaction, progress)?;
        if let Some(members) = &progress.members {
            members.see(&sealed, making.done)?;
        }
        let writer = &mut *transaction.writer;
        self.save(&sealed, author, writer)
            .inspect_err(|_| progress.at(writer.blamed().unwrap_or_default()))?;
        permit::check_rows(who, sealed.set(), When::After, author.now, writer)?;
        if !making.keeps_sessions {
            self.note_passwords(&sealed, writer, author.now)?;
        }
        self.rehearse_alone(making.alone, writer, progress)?;
        progress.see(sealed.set());
        if self.end_sessions(&sealed, making, writer)? {
            progress.is_security.set(true);
        }
        let events = self.audited(making, &sealed);
        Ok((sealed, events))
    }

    /// What the audit log says of sealed changes.
    fn audited(&self, making: &Making<'_>, sealed: &Sealed<'_>) -> Vec<Event> {
        let author = making.author;
        let mut who = self.who(making.caller, author.application.as_deref());
        if let Some((user, login)) = making.in_name_of {
            (who.user, who.caller) = (Some(*user), login.clone());
        }
        let cause = Cause {
            who: &who,
            same_password: making.keeps_sessions,
            revoked: making.cut_off,
        };
        of_changes(sealed.set(), cause)
    }

    /// Lets the rules look at a checked set.
    pub(super) fn seal<'m>(
        &self,
        set: ChangeSet<'m, Checked>,
        author: &Author,
        language: &Language,
        transaction: &mut Transaction<'_, '_>,
        progress: &Progress,
    ) -> Result<Sealed<'m>> {
        let hashing = self.0.settings.writes.hashing;
        let mut setting = rules::Setting {
            lookup: transaction,
            ids: &mut || self.new_id(),
            unusable: &|| Ok(access::unusable(&self.random()?, hashing)),
            author,
            language,
        };
        rules::run(set, &mut setting).map_err(|faults| progress.one(faults))
    }

    /// Writes sealed changes and their history.
    pub(super) fn save(
        &self,
        sealed: &Sealed<'_>,
        author: &Author,
        writer: &mut Writer,
    ) -> Result<()> {
        let set = sealed.set();
        if set.is_empty() {
            return Ok(());
        }
        let levels = |entity| settings::level(&self.0.levels, entity);
        let mut ids = || self.new_id();
        let model = sealed.model();
        writer.run(model, &sealed.plan(author.now))?;
        if !is_kept(set, &levels) {
            return Ok(());
        }
        let number = writer.next_change(CHANGES)?;
        let history = history(set, &levels, author, number, &mut ids)?;
        writer.run(model, &rules::history_plan(model, &history, author.now))
    }
}
