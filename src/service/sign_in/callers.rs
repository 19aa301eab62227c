//! The callers that this process remembers, so that a request costs no statement for knowing its
//! caller.
//!
//! A caller is taken from here as long as nothing of the security area was changed by this process
//! and the entry is younger than half a second; then everything is read again. So whatever another
//! process changes holds within a second.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use uuid::Uuid;

use crate::access::{Imprint, Imprints};
use crate::service::Caller;
use crate::value::Timestamp;

/// How long a password that was right is not hashed again.
pub(super) const PROVED: Duration = Duration::from_secs(60);
/// Callers that are remembered at most.
const MOST: usize = 10_000;

/// The callers that this process remembers.
pub(in crate::service) struct Callers {
    /// How often this process has changed the security area.
    epoch: AtomicU64,
    pub(super) imprints: Imprints,
    known: RwLock<HashMap<Imprint, Arc<Known>>>,
    /// How long a caller is taken without a look at the database.
    fresh_for: Duration,
}

/// A caller that was recognised.
#[derive(Debug)]
pub(super) struct Known {
    pub(super) caller: Arc<Caller>,
    /// What was proved; nothing for a session, which is looked up.
    pub(super) proof: Option<Proof>,
    /// The epoch before the database was read.
    pub(super) epoch: u64,
    /// When the database was read.
    pub(super) checked: Timestamp,
}

/// A password that was right.
#[derive(Clone)]
pub(super) struct Proof {
    pub(super) user: Uuid,
    /// The stored form that it was right for.
    pub(super) stored: String,
    pub(super) proved: Timestamp,
}

impl std::fmt::Debug for Proof {
    /// Without the stored form.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Proof")
            .field("user", &self.user)
            .finish_non_exhaustive()
    }
}

impl std::fmt::Debug for Callers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Callers").finish_non_exhaustive()
    }
}

/// What is remembered of a credential.
pub(super) enum Memory {
    /// A caller that may be taken as it is.
    Fresh(Arc<Caller>),
    /// A password that was right a short time ago: only the user has to be looked at.
    Proved(Proof),
    /// Nothing of use.
    Nothing,
}

impl Callers {
    pub(in crate::service) fn new(random: &[u8; 64], fresh_for: Duration) -> Self {
        Self {
            epoch: AtomicU64::new(0),
            imprints: Imprints::new(random),
            known: RwLock::default(),
            fresh_for,
        }
    }

    /// The epoch, to be read before the database is.
    pub(in crate::service) fn epoch(&self) -> u64 {
        self.epoch.load(Ordering::Acquire)
    }

    /// Notes that the security area was changed: nothing that was read before is taken unseen.
    pub(in crate::service) fn changed(&self) {
        self.epoch.fetch_add(1, Ordering::Release);
    }

    pub(super) fn recall(&self, imprint: &Imprint, now: Timestamp) -> Memory {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        let Some(known) = known.get(imprint) else {
            return Memory::Nothing;
        };
        if known.epoch == self.epoch() && is_within(known.checked, now, self.fresh_for) {
            return Memory::Fresh(Arc::clone(&known.caller));
        }
        match &known.proof {
            Some(proof) if is_within(proof.proved, now, PROVED) => Memory::Proved(proof.clone()),
            Some(_) | None => Memory::Nothing,
        }
    }

    pub(super) fn remember(&self, imprint: Imprint, known: Known) {
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= MOST && !all.contains_key(&imprint) {
            let now = known.checked;
            all.retain(|_, other| is_within(other.checked, now, PROVED));
            if all.len() >= MOST {
                all.clear();
            }
        }
        all.insert(imprint, Arc::new(known));
    }

    pub(super) fn forget(&self, imprint: &Imprint) {
        let mut all = self.known.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(imprint);
    }
}

/// Whether `now` comes after a moment and not later than a time after it. A clock that was put back
/// makes nothing fresh.
fn is_within(moment: Timestamp, now: Timestamp, time: Duration) -> bool {
    let passed = now.micros().saturating_sub(moment.micros());
    u128::try_from(passed).is_ok_and(|passed| passed < time.as_micros())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::access::Way;

    fn at(millis: i64) -> Timestamp {
        Timestamp::from_micros(1_700_000_000_000_000 + millis * 1000)
    }

    fn known(epoch: u64, proof: bool) -> Known {
        Known {
            caller: Arc::clone(Caller::system()),
            proof: proof.then(|| Proof {
                user: Uuid::nil(),
                stored: "x".to_owned(),
                proved: at(0),
            }),
            epoch,
            checked: at(0),
        }
    }

    fn word(memory: &Memory) -> &'static str {
        match memory {
            Memory::Fresh(_) => "fresh",
            Memory::Proved(_) => "proved",
            Memory::Nothing => "nothing",
        }
    }

    #[test]
    fn what_is_remembered_gets_old() {
        let callers = Callers::new(&[7; 64], Duration::from_millis(500));
        let basic = callers.imprints.of(Way::Basic, "a");
        let session = callers.imprints.of(Way::Session, "a");
        assert_ne!(basic, session);
        assert_eq!(word(&callers.recall(&basic, at(0))), "nothing");
        callers.remember(basic, known(0, true));
        callers.remember(session, known(0, false));
        for (millis, expected) in [
            (0, ["fresh", "fresh"]),
            (499, ["fresh", "fresh"]),
            (500, ["proved", "nothing"]),
            (59_999, ["proved", "nothing"]),
            (60_000, ["nothing", "nothing"]),
            (-1, ["nothing", "nothing"]),
        ] {
            let found = [&basic, &session].map(|i| word(&callers.recall(i, at(millis))));
            assert_eq!(found, expected, "{millis}");
        }
        callers.changed();
        let found = [&basic, &session].map(|i| word(&callers.recall(i, at(0))));
        assert_eq!(found, ["proved", "nothing"]);
        // Read before the change: not fresh either.
        callers.remember(session, known(0, false));
        assert_eq!(word(&callers.recall(&session, at(0))), "nothing");
        callers.forget(&basic);
        assert_eq!(word(&callers.recall(&basic, at(0))), "nothing");
    }

    #[test]
    fn memory_is_bounded() {
        let callers = Callers::new(&[7; 64], Duration::from_millis(500));
        for n in 0..MOST + 10 {
            let imprint = callers.imprints.of(Way::Session, &n.to_string());
            callers.remember(imprint, known(0, false));
        }
        let len = callers.known.read().unwrap().len();
        assert!(len <= MOST, "{len}");
    }
}
