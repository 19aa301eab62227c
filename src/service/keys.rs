//! The ring of keys that all servers of one database share, as this process last saw it.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use super::{Service, random};
use crate::access::{KeyRecord, KeyRing, Purpose, Secret};
use crate::diag::Result;
use crate::store::{KeyReads, StoredKey};
use crate::value::Timestamp;

/// How old the picture of the table may get: a new key is used a little later, no harm.
const OLD: Duration = Duration::from_secs(60);
/// How often it is made anew for a key that is not in it: anybody can make up ids of keys.
const PAUSE: Duration = Duration::from_secs(1);
/// The counter that lets one server after the other make keys.
const MADE: &str = "keys";

/// The picture of the table of keys.
#[derive(Debug, Default)]
pub(super) struct Keys(RwLock<Option<(Instant, Arc<KeyRing>)>>);

impl Keys {
    /// The picture, if it is younger than a time.
    fn seen(&self, age: Duration) -> Option<Arc<KeyRing>> {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (at, ring) = seen.as_ref()?;
        (at.elapsed() < age).then(|| Arc::clone(ring))
    }
}

impl Service {
    /// The ring of keys. Blocks on the database where the last look at it is long ago.
    ///
    /// # Errors
    ///
    /// Faults of the database and of the keys.
    pub fn ring(&self) -> Result<Arc<KeyRing>> {
        match self.0.keys.seen(OLD) {
            Some(ring) => Ok(ring),
            None => self.look_at_keys(),
        }
    }

    /// The ring for something that names its key first (`id.…`): looked at anew where it does not
    /// have the key, which another server may have made since. Blocks on the database then.
    ///
    /// # Errors
    ///
    /// As [`Service::ring`].
    pub fn ring_for(&self, made: &str) -> Result<Arc<KeyRing>> {
        let ring = self.ring()?;
        let id = made.split('.').next().unwrap_or(made);
        if ring.knows(id) || self.0.keys.seen(PAUSE).is_some() {
            return Ok(ring);
        }
        self.look_at_keys()
    }

    fn look_at_keys(&self) -> Result<Arc<KeyRing>> {
        let mut ring = ring(self.0.store.session()?.keys()?)?;
        if !lacking(&ring).is_empty() {
            ring = self.make_keys(Timestamp::now())?;
        }
        let ring = Arc::new(ring);
        let mut seen = self.0.keys.0.write();
        let seen = seen.as_deref_mut().ok();
        if let Some(seen) = seen {
            *seen = Some((Instant::now(), Arc::clone(&ring)));
        }
        Ok(ring)
    }

    /// Makes the keys that the table lacks: of several servers that start at once, one does.
    fn make_keys(&self, now: Timestamp) -> Result<KeyRing> {
        let keys = self.0.store.write(|writer| {
            writer.next_number(MADE, 1)?;
            for purpose in lacking(&ring(writer.keys()?)?) {
                writer.add_key(&new_key(purpose, now)?)?;
            }
            writer.keys()
        })?;
        ring(keys)
    }
}

/// The purposes without a key. Pairs that sign are made when something is to be signed: that takes
/// a moment.
fn lacking(ring: &KeyRing) -> Vec<Purpose> {
    let mut missing = ring.missing();
    missing.retain(|purpose| *purpose != Purpose::TokenSigning);
    missing
}

fn new_key(purpose: Purpose, now: Timestamp) -> Result<StoredKey> {
    let key = KeyRecord::generate(purpose, &random()?, &random()?, now)?;
    Ok(StoredKey {
        id: key.id,
        purpose: purpose.name().to_owned(),
        secret: key.secret.bytes().to_vec(),
        created: key.created,
        retired: None,
    })
}

/// The ring of stored keys. Those of purposes that a newer version has are left out.
fn ring(keys: Vec<StoredKey>) -> Result<KeyRing> {
    let records = keys.into_iter().filter_map(|key| {
        Some(KeyRecord {
            id: key.id,
            purpose: Purpose::named(&key.purpose)?,
            secret: Secret::new(key.secret),
            created: key.created,
            retired: key.retired,
        })
    });
    KeyRing::new(records.collect())
}
