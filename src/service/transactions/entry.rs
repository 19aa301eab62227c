//! One API transaction.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use uuid::Uuid;

use super::turn::{Turn, Turns};
use super::{TransactionSettings, invalid};
use crate::change::{Object, Record};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::plan::Overlay;
use crate::value::Timestamp;

/// What the client was last told about an object: its values, or that it is not there.
pub(in crate::service) type Told = HashMap<(EntityId, Uuid), Option<Record>>;

/// One API transaction.
pub(in crate::service) struct Entry {
    pub(super) id: Uuid,
    /// The user who began it; nothing for the program itself.
    pub(super) owner: Option<Uuid>,
    /// When it ends by itself.
    pub(super) ends: Timestamp,
    /// Whether it can tell what changed.
    tracks: bool,
    /// What its changes are made by.
    model: Arc<Model>,
    turns: Turns,
    held: Mutex<Held>,
    /// How often it has changed.
    changed: watch::Sender<u64>,
}

/// What is known of a transaction when it begins.
pub(super) struct Begun {
    pub(super) id: Uuid,
    /// The user who begins it; nothing for the program itself.
    pub(super) owner: Option<Uuid>,
    /// Whether it can tell what changed.
    pub(super) tracks: bool,
    /// What its changes are made by.
    pub(super) model: Arc<Model>,
}

/// What a transaction holds at the moment.
struct Held {
    /// Nothing once it has ended.
    state: Option<State>,
    told: Told,
    /// How often it had changed when the client was last told.
    told_at: u64,
}

/// Tells when a transaction has something new to tell, or has ended.
#[derive(Debug)]
pub struct News {
    changed: watch::Receiver<u64>,
    told_at: u64,
}

impl News {
    /// Waits for it.
    pub async fn come(mut self) {
        let told_at = self.told_at;
        // One that is gone has nothing to tell any more.
        let _ = self.changed.wait_for(|count| *count != told_at).await;
    }
}

/// What the requests of a transaction have changed so far. Clones share it.
#[derive(Clone, Default)]
pub(in crate::service) struct State {
    /// The objects.
    pub(in crate::service) objects: Arc<Vec<Object>>,
    /// What reads see of them.
    pub(in crate::service) overlay: Arc<Overlay>,
    /// Users whose sessions end when it is saved.
    pub(in crate::service) cut_off: Arc<Vec<Uuid>>,
}

impl std::fmt::Debug for Entry {
    /// Without its id, which lets its owner in, and without what it holds.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Entry").finish_non_exhaustive()
    }
}

impl Entry {
    pub(super) fn new(begun: Begun, ends: Timestamp) -> Self {
        let Begun {
            id,
            owner,
            tracks,
            model,
        } = begun;
        Self {
            id,
            owner,
            ends,
            tracks,
            model,
            turns: Turns::default(),
            held: Mutex::new(Held {
                state: Some(State::default()),
                told: Told::new(),
                told_at: 0,
            }),
            changed: watch::Sender::new(0),
        }
    }

    fn held(&self) -> MutexGuard<'_, Held> {
        self.held.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What it holds.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` when it has ended.
    pub(in crate::service) fn state(&self) -> Result<State> {
        let state = self.held().state.clone();
        state.ok_or_else(|| invalid(&self.id.to_string(), None))
    }

    /// Waits until no other request changes it.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` when that takes too long.
    pub(in crate::service) fn turn(&self, wait: Duration) -> Result<Turn<'_>> {
        self.turns.take(wait)
    }

    /// Holds something else from now on; `_turn` is the caller's.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` when it has ended, `LimitExceeded` when that is too much: then it is as
    /// it was.
    pub(in crate::service) fn replace(
        &self,
        state: State,
        settings: &TransactionSettings,
        _turn: &Turn<'_>,
    ) -> Result<()> {
        let too_much = |message: String| {
            let problem = Problem::new(Code::LimitExceeded, message);
            Err(problem.help("end the transaction, and change the rest in another one"))
        };
        if state.objects.len() > settings.objects {
            let most = settings.objects;
            return too_much(format!("a transaction changes {most} objects at most"));
        }
        if self.weight(&state) > settings.bytes {
            let most = settings.bytes;
            return too_much(format!("a transaction holds {most} bytes at most"));
        }
        let mut held = self.held();
        if held.state.is_none() {
            return Err(invalid(&self.id.to_string(), None));
        }
        held.state = Some(state);
        drop(held);
        self.wake();
        Ok(())
    }

    /// About how many bytes of memory it takes to hold something, and to know what was told of it.
    fn weight(&self, state: &State) -> usize {
        let objects: usize = state.objects.iter().map(Object::weight).sum();
        let told = state.objects.iter().filter_map(|o| o.after.as_ref());
        let told: usize = match self.tracks {
            true => told.map(Record::weight).sum(),
            false => 0,
        };
        let seen = state.overlay.weight();
        objects.saturating_add(seen).saturating_add(told)
    }

    /// Ends it. Whoever waits for changes hears of it.
    pub(super) fn end(&self) {
        let mut held = self.held();
        held.state = None;
        held.told = Told::new();
        drop(held);
        self.wake();
    }

    /// Answers whoever waits for changes, whether or not there are any.
    pub(super) fn wake(&self) {
        self.changed
            .send_modify(|count| *count = count.saturating_add(1));
    }

    /// What the client was told of it.
    pub(super) fn told(&self) -> Told {
        self.held().told.clone()
    }

    /// Notes what the client is told.
    pub(super) fn tell(&self, told: Told, _turn: &Turn<'_>) {
        let mut held = self.held();
        held.told = told;
        held.told_at = *self.changed.borrow();
    }

    /// Whether the client was told of an object.
    pub(in crate::service) fn has_told(&self, object: (EntityId, Uuid)) -> bool {
        self.held().told.contains_key(&object)
    }

    /// Sees that a caller's model is the one that its changes are made by.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction` where the definitions of custom properties were read again meanwhile.
    pub(in crate::service) fn check_model(&self, model: &Arc<Model>) -> Result<()> {
        if Arc::ptr_eq(&self.model, model) {
            return Ok(());
        }
        let message = "the custom properties have changed since the transaction began";
        Err(Problem::new(Code::InvalidTransaction, message)
            .about("TransactionId")
            .help("end it with `commit` false, and begin another one"))
    }

    /// Sees that it can tell what changed.
    ///
    /// # Errors
    ///
    /// `InvalidTransaction`.
    pub(in crate::service) fn check_tracks(&self) -> Result<()> {
        if self.tracks {
            return Ok(());
        }
        let message = "the transaction does not track its changes";
        Err(Problem::new(Code::InvalidTransaction, message)
            .about("TransactionId")
            .help("begin it with `trackChanges` true"))
    }

    /// Tells when it has something new to tell.
    ///
    /// # Errors
    ///
    /// As [`Entry::check_tracks`].
    pub(in crate::service) fn news(&self) -> Result<News> {
        self.check_tracks()?;
        Ok(News {
            changed: self.changed.subscribe(),
            told_at: self.held().told_at,
        })
    }
}
