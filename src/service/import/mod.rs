//! The story of an import: many objects, each a change of its own or all of them one.
//!
//! One thread reads objects and prepares their changes, in groups; the other writes the groups. There
//! is no second way of writing: each object goes the way of a `POST` to its set. A group is one
//! transaction as long as nothing in it is refused; else it is written in smaller pieces, down to
//! single objects, so that each object is what it would be alone. See `docs/decisions/022-import.md`.

mod action;
mod document;
mod pieces;
mod read;

pub use document::ImportDocument;

use std::collections::VecDeque;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, sync_channel};

use bytes::Bytes;

use super::write::{Broken, Fate, Group, State};
use super::{Flow, Service, WriteRequest};
use crate::audit::{Event, Outcome, What};
use crate::change::Action;
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use pieces::Pieces;
use read::Reader;

/// Objects in one transaction, where nothing says otherwise.
pub const IMPORT_BATCH: usize = 400;
/// Groups that wait for being written.
const WAITING: usize = 2;

/// Which objects are written together.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportTransaction {
    /// Each is a change of its own: what is wrong with one concerns no other.
    PerObject,
    /// All of them are one transaction.
    AllObjects,
}

/// How objects are imported.
#[derive(Debug)]
pub struct Import<'a> {
    /// Which of them are written together.
    pub transaction: ImportTransaction,
    /// What happens to an object that does not say.
    pub action: ImportAction,
    /// The entity of objects that name no type.
    pub entity: Option<EntityId>,
    /// Whether everything is undone.
    pub is_rehearsal: bool,
    /// Objects in one transaction at most, where each is a change of its own.
    pub batch: usize,
    /// Whether all objects are read, and their passwords hashed, before the transaction of all of them
    /// begins: it keeps others waiting, and so must not wait itself. They are held in memory then.
    pub reads_first: bool,
    /// Who imports, in what language and when: path and body do not count.
    pub like: &'a WriteRequest,
    /// Set by whoever wants the import to stop between two transactions.
    pub stop: &'a AtomicBool,
}

/// What happens to an object that does not say: `@erpnet.action`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ImportAction(Action);

impl ImportAction {
    /// Objects are created.
    pub const CREATE: Self = Self(Action::Create);

    /// The action of a word of `@erpnet.action`.
    pub fn named(word: &str) -> Option<Self> {
        let mut all = Action::ALL.iter();
        all.find(|(known, _)| *known == word)
            .map(|(_, action)| Self(*action))
    }
}

/// An object to be imported.
#[derive(Debug)]
pub struct ImportItem {
    /// Where it stands: `objects/3`, `line 7`.
    pub place: String,
    /// Its text, or why there is none.
    pub body: Result<Bytes>,
}

/// What became of an object.
#[derive(Debug)]
pub struct Imported {
    /// Where it stands.
    pub place: String,
    /// What was done and its address, or why nothing was.
    pub outcome: Result<(State, Option<String>)>,
}

/// How an import ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportEnd {
    /// Every object was looked at.
    Through,
    /// It was stopped before.
    Stopped,
}

/// Why an import ended early.
#[derive(Debug)]
pub struct ImportFault {
    /// Where the object stands that is to blame, if it is one.
    pub place: Option<String>,
    /// Why.
    pub problem: Problem,
}

/// Objects that were read together.
#[derive(Debug, Default)]
struct Batch {
    group: Group,
    /// Each object in the order of the text: whether it is in the group, or what is wrong with it.
    entries: Vec<(String, Result<()>)>,
}

/// What the reading thread sends.
enum Sent {
    Batch(Batch),
    End(Result<()>),
}

impl From<Problem> for ImportFault {
    fn from(problem: Problem) -> Self {
        Self {
            place: None,
            problem,
        }
    }
}

impl Service {
    /// Imports what a source gives, and tells what became of each object, in order. Of a whole
    /// transaction that fails, what was told before is undone. Blocks on the database.
    ///
    /// # Errors
    ///
    /// Faults of the source and of the database; of a whole transaction the first object that is
    /// refused.
    pub fn import<S>(
        &self,
        import: &Import<'_>,
        source: S,
        heard: &mut dyn FnMut(Imported),
    ) -> std::result::Result<ImportEnd, ImportFault>
    where
        S: FnOnce(&mut dyn FnMut(ImportItem) -> Flow) -> Result<()> + Send,
    {
        let (sender, receiver) = sync_channel::<Sent>(WAITING);
        std::thread::scope(|scope| {
            scope.spawn(move || {
                let mut reader = Reader::new(self, import, &sender);
                let end = source(&mut |item| reader.take(item));
                let end = if reader.is_stopped {
                    Err(stopped())
                } else {
                    end
                };
                let flow = reader.send();
                if flow == Flow::More {
                    // Whoever has stopped listening needs no end.
                    let _ = sender.send(Sent::End(end));
                }
            });
            // Dropped before the scope ends, so that a reader that waits for room goes home.
            let receiver = receiver;
            match import.transaction {
                ImportTransaction::PerObject => self.each(import, &receiver, heard),
                ImportTransaction::AllObjects => self.whole(import, &receiver, heard),
            }
        })
    }

    /// Each object as a change of its own.
    fn each(
        &self,
        import: &Import<'_>,
        receiver: &Receiver<Sent>,
        heard: &mut dyn FnMut(Imported),
    ) -> std::result::Result<ImportEnd, ImportFault> {
        let mut pieces = Pieces::new(import.batch);
        loop {
            if import.stop.load(Ordering::Relaxed) {
                return Ok(ImportEnd::Stopped);
            }
            match receiver.recv() {
                Ok(Sent::Batch(batch)) => {
                    let written = self.write_batch(import, batch, &mut pieces, heard);
                    if written.is_err() && import.stop.load(Ordering::Relaxed) {
                        return Ok(ImportEnd::Stopped);
                    }
                    written?;
                }
                Ok(Sent::End(Err(_))) if import.stop.load(Ordering::Relaxed) => {
                    return Ok(ImportEnd::Stopped);
                }
                Ok(Sent::End(end)) => {
                    return end.map(|()| ImportEnd::Through).map_err(Into::into);
                }
                Err(_) => return Err(lost().into()),
            }
        }
    }

    fn write_batch(
        &self,
        import: &Import<'_>,
        batch: Batch,
        pieces: &mut Pieces,
        heard: &mut dyn FnMut(Imported),
    ) -> std::result::Result<(), ImportFault> {
        let group = &batch.group;
        let mut outcomes = Vec::with_capacity(group.len());
        let written = pieces.run(group.len(), |piece| {
            if import.stop.load(Ordering::Relaxed) {
                outcomes.push(Err(stopped()));
                return Err(None);
            }
            match self.write_group(group, piece, import.is_rehearsal) {
                Ok(fates) => {
                    outcomes.extend(fates.into_iter().map(Ok));
                    Ok(())
                }
                Err(broken) if piece.1.saturating_sub(piece.0) > 1 => Err(Some(broken.request)),
                Err(Broken { problem, .. }) if ends_all(&problem) => {
                    outcomes.push(Err(problem));
                    Err(None)
                }
                Err(Broken { problem, .. }) => {
                    if !import.is_rehearsal {
                        self.note_refused_change(group.request(piece.0), &problem);
                    }
                    outcomes.push(Err(problem));
                    Ok(())
                }
            }
        });
        let mut outcomes = outcomes.into_iter();
        let last = match written {
            Ok(()) => None,
            Err(()) => outcomes.next_back().and_then(Result::err),
        };
        for (place, read) in batch.entries {
            let outcome = match read {
                Err(problem) => Err(problem),
                Ok(()) => match outcomes.next() {
                    Some(outcome) => outcome.map(|fate| self.told(fate)),
                    None => {
                        let problem = last.unwrap_or_else(lost);
                        let place = Some(place);
                        return Err(ImportFault { place, problem });
                    }
                },
            };
            heard(Imported { place, outcome });
        }
        Ok(())
    }

    /// All objects in one transaction.
    fn whole(
        &self,
        import: &Import<'_>,
        receiver: &Receiver<Sent>,
        heard: &mut dyn FnMut(Imported),
    ) -> std::result::Result<ImportEnd, ImportFault> {
        // The places of the group at hand, and of the object that could not be read.
        let places = std::cell::RefCell::new(Vec::new());
        let unread = std::cell::Cell::new(None);
        let mut ahead = if import.reads_first {
            read_all(import, receiver)?
        } else {
            VecDeque::new()
        };
        let mut next = || {
            if import.stop.load(Ordering::Relaxed) {
                return Err(stopped());
            }
            match ahead.pop_front().map_or_else(|| receiver.recv(), Ok) {
                Ok(Sent::Batch(Batch { group, entries })) => {
                    let mut known = Vec::with_capacity(entries.len());
                    for (place, read) in entries {
                        if let Err(problem) = read {
                            unread.set(Some(place));
                            return Err(problem);
                        }
                        known.push(place);
                    }
                    places.replace(known);
                    Ok(Some(group))
                }
                Ok(Sent::End(end)) => end.map(|()| None),
                Err(_) => Err(lost()),
            }
        };
        let mut done = |_: &Group, fates: Vec<Fate>| {
            for (place, fate) in places.take().into_iter().zip(fates) {
                let outcome = Ok(self.told(fate));
                heard(Imported { place, outcome });
            }
        };
        match self.write_groups(&mut next, &mut done, import.is_rehearsal) {
            Ok(()) => Ok(ImportEnd::Through),
            Err(_) if import.stop.load(Ordering::Relaxed) => Ok(ImportEnd::Stopped),
            Err(Broken { request, problem }) => {
                let place = unread.take();
                let place = place.or_else(|| places.borrow().get(request).cloned());
                Err(ImportFault { place, problem })
            }
        }
    }

    /// What became of an object, for others.
    fn told(&self, fate: Fate) -> (State, Option<String>) {
        let model = &*self.0.standard;
        let address = |(entity, id)| format!("{}({id})", model.entity(entity).set);
        (fate.state, fate.object.map(address))
    }

    /// Notes an import that has ended in the audit log. `file` is the name of a file without its
    /// folder; nothing for a document that came over the network.
    pub fn note_import(&self, like: &WriteRequest, file: Option<&str>, tally: &ImportTally) {
        let who = self.who(&like.caller, like.application.as_deref());
        let outcome = if tally.is_broken {
            Outcome::Failed
        } else {
            Outcome::Done
        };
        let event = Event::new(What::Imported, who).ended(outcome);
        let event = match file {
            Some(file) => event.with("file", file),
            None => event,
        };
        let event = event
            .with("added", tally.added)
            .with("modified", tally.modified)
            .with("deleted", tally.deleted)
            .with("unchanged", tally.unchanged)
            .with("refused", tally.refused);
        self.note(event, like.now);
    }
}

/// How many objects met which fate.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ImportTally {
    /// New ones.
    pub added: u64,
    /// Changed ones.
    pub modified: u64,
    /// Deleted ones.
    pub deleted: u64,
    /// Those that were left as they are.
    pub unchanged: u64,
    /// Those that were refused.
    pub refused: u64,
    /// Whether the import ended early.
    pub is_broken: bool,
}

impl ImportTally {
    /// Counts an object.
    pub fn count(&mut self, outcome: &Result<(State, Option<String>)>) {
        let slot = match outcome {
            Ok((State::Added, _)) => &mut self.added,
            Ok((State::Modified, _)) => &mut self.modified,
            Ok((State::Deleted, _)) => &mut self.deleted,
            Ok((State::Unchanged, _)) => &mut self.unchanged,
            Err(_) => &mut self.refused,
        };
        *slot = slot.saturating_add(1);
    }

    /// Those that were taken.
    pub fn taken(&self) -> u64 {
        let written = self.added.saturating_add(self.modified);
        written
            .saturating_add(self.deleted)
            .saturating_add(self.unchanged)
    }
}

/// A problem and its details in one line: `` `Login`: the text is too long ``.
pub fn in_words(problem: &Problem) -> String {
    let own = match problem.target() {
        Some(target) => format!("`{target}`: {problem}"),
        None => problem.to_string(),
    };
    let details = problem.details().iter().map(in_words);
    let all: Vec<_> = std::iter::once(own).chain(details).collect();
    all.join("; ")
}

/// All that the reading thread sends, or the first object that cannot be read.
fn read_all(
    import: &Import<'_>,
    receiver: &Receiver<Sent>,
) -> std::result::Result<VecDeque<Sent>, ImportFault> {
    let mut all = VecDeque::new();
    while !import.stop.load(Ordering::Relaxed) {
        let mut sent = receiver.recv().map_err(|_| lost())?;
        if let Sent::Batch(batch) = &mut sent
            && let Some(at) = batch.entries.iter().position(|(_, read)| read.is_err())
            && let (place, Err(problem)) = batch.entries.swap_remove(at)
        {
            let place = Some(place);
            return Err(ImportFault { place, problem });
        }
        let ends = matches!(sent, Sent::End(_));
        all.push_back(sent);
        if ends {
            break;
        }
    }
    Ok(all)
}

/// Whether a problem is none of the object, so that the next would meet it too.
fn ends_all(problem: &Problem) -> bool {
    matches!(
        problem.code(),
        Code::ServiceUnavailable | Code::DatabaseFault | Code::Internal
    )
}

fn lost() -> Problem {
    Problem::new(Code::Internal, "the import ended without an answer")
}

fn stopped() -> Problem {
    Problem::new(Code::ServiceUnavailable, "the import was stopped")
}

impl std::fmt::Display for ImportTally {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            added,
            modified,
            deleted,
            unchanged,
            refused,
            is_broken: _,
        } = self;
        write!(
            f,
            "{added} added, {modified} changed, {deleted} deleted, {unchanged} unchanged, {refused} refused"
        )
    }
}
