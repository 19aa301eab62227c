//! The keys that all servers of one database share: made at the first start, kept, rotated.

use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use uuid::Uuid;

use super::audit::itself;
use super::{Origin, Service};
use crate::access::{KeyRecord, KeyRing, Purpose, Secret};
use crate::audit::{Entry, Event, What};
use crate::diag::{Code, Problem, Result};
use crate::store::{Store, StoredKey};
use crate::value::Timestamp;

/// How old the picture of the table may get: a new key is used a little later, no harm.
const OLD: Duration = Duration::from_secs(60);
/// How often it is made anew for a key that is not in it: anybody can make up ids of keys.
const PAUSE: Duration = Duration::from_secs(1);

/// The key ring of a database, as this server knows it. Clones share it.
///
/// Another server may rotate the keys at any time: read them anew every few seconds, and when
/// something names a key that the ring does not know.
#[derive(Debug, Clone)]
pub struct Keys {
    store: Store,
    ring: Arc<RwLock<Arc<KeyRing>>>,
    origin: Origin,
}

impl Keys {
    /// Reads the keys of a database whose tables are up to date, and makes those that are missing.
    /// Servers that start at once end with the same ones.
    ///
    /// # Errors
    ///
    /// Faults of the database; `Internal` for a key that cannot be read.
    pub fn open(store: &Store, now: Timestamp) -> Result<Self> {
        Self::open_for(store, &Purpose::ALL, now)
    }

    /// The same, making only keys for some purposes.
    fn open_for(store: &Store, purposes: &[Purpose], now: Timestamp) -> Result<Self> {
        let mut ring = read(store)?;
        let mut missing = ring.missing();
        missing.retain(|purpose| purposes.contains(purpose));
        if !missing.is_empty() {
            let keys = generate(&missing, now)?;
            store.write(|writer| keys.iter().try_for_each(|key| writer.keep_key(key)))?;
            ring = read(store)?;
        }
        Ok(Self {
            store: store.clone(),
            ring: Arc::new(RwLock::new(Arc::new(ring))),
            origin: Origin::default(),
        })
    }

    /// The same keys, in the hands of somebody: what is noted of them says so.
    #[must_use]
    pub fn for_client(mut self, origin: Origin) -> Self {
        self.origin = origin;
        self
    }

    /// The keys as they were read last.
    pub fn ring(&self) -> Arc<KeyRing> {
        Arc::clone(&self.ring.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Reads the keys anew. Blocks on the database: one small query. Where it fails, the ring stays.
    ///
    /// # Errors
    ///
    /// As [`Keys::open`].
    pub fn reload(&self) -> Result<Arc<KeyRing>> {
        let ring = Arc::new(read(&self.store)?);
        let mut kept = self.ring.write().unwrap_or_else(PoisonError::into_inner);
        *kept = Arc::clone(&ring);
        Ok(ring)
    }

    /// Makes new keys for some purposes and takes those in use out of it; what they made still opens
    /// for as long as [`Purpose::outlives`] says. Drops the keys whose time is over.
    ///
    /// # Errors
    ///
    /// As [`Keys::open`].
    pub fn rotate(&self, purposes: &[Purpose], now: Timestamp) -> Result<Arc<KeyRing>> {
        self.make_new(purposes, false, now)
    }

    /// The same for keys that somebody may have stolen: old ones whose time would end are dropped at
    /// once, and what they made ends with them. Those without an end stay: reference tokens and
    /// second factors hang on them.
    ///
    /// # Errors
    ///
    /// As [`Keys::open`].
    pub fn replace(&self, purposes: &[Purpose], now: Timestamp) -> Result<Arc<KeyRing>> {
        self.make_new(purposes, true, now)
    }

    fn make_new(
        &self,
        purposes: &[Purpose],
        ends_old: bool,
        now: Timestamp,
    ) -> Result<Arc<KeyRing>> {
        let keys = generate(purposes, now)?;
        let ring = read(&self.store)?;
        let names: Vec<&str> = purposes.iter().map(|purpose| purpose.name()).collect();
        let event = Event::new(What::KeysRotated, itself(&self.origin)).with("purposes", names);
        let event = match ends_old {
            true => event.with("old", "ended"),
            false => event,
        };
        let entry = Entry::of(Uuid::now_v7(), &event, 1, (now, now));
        let is_ended = |key: &KeyRecord| {
            ends_old && purposes.contains(&key.purpose) && key.purpose.outlives().is_some()
        };
        let is_over = |key: &&KeyRecord| !key.is_usable(now) || is_ended(key);
        let lapsed = || ring.records().iter().filter(is_over);
        self.store.write(|writer| {
            for key in &keys {
                writer.retire_key(&key.purpose, now)?;
                writer.keep_key(key)?;
            }
            lapsed().try_for_each(|key| writer.drop_key(&key.id))?;
            writer.append_audit(std::slice::from_ref(&entry))
        })?;
        self.reload()
    }
}

/// The keys of a service, opened when they are first needed.
#[derive(Debug, Default)]
pub(super) struct Ring(RwLock<Option<(Instant, Keys)>>);

impl Ring {
    /// The keys, if they were read in a time before now.
    fn seen(&self, age: Duration) -> Option<Arc<KeyRing>> {
        let seen = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let (at, keys) = seen.as_ref()?;
        (at.elapsed() < age).then(|| keys.ring())
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
            None => self.look_at_keys(&SMALL),
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
        self.look_at_keys(&SMALL)
    }

    /// The ring as the table has it now, or had it a second ago: for something that does not name
    /// its key, and was found under none. Blocks on the database.
    pub(super) fn ring_anew(&self) -> Result<Arc<KeyRing>> {
        match self.0.keys.seen(PAUSE) {
            Some(ring) => Ok(ring),
            None => self.look_at_keys(&SMALL),
        }
    }

    /// The ring with a pair of keys that signs: made when something is first to be signed, for that
    /// takes a moment.
    pub(super) fn signing_ring(&self) -> Result<Arc<KeyRing>> {
        let ring = self.ring()?;
        if ring.signing().is_ok() {
            return Ok(ring);
        }
        self.look_at_keys(&Purpose::ALL)
    }

    fn look_at_keys(&self, purposes: &[Purpose]) -> Result<Arc<KeyRing>> {
        let keys = Keys::open_for(&self.0.store, purposes, Timestamp::now())?;
        let ring = keys.ring();
        let mut seen = self
            .0
            .keys
            .0
            .write()
            .unwrap_or_else(PoisonError::into_inner);
        *seen = Some((Instant::now(), keys));
        Ok(ring)
    }
}

/// The purposes whose keys cost nothing to make.
const SMALL: [Purpose; 4] = [
    Purpose::Sessions,
    Purpose::Cookies,
    Purpose::Fingerprints,
    Purpose::Encryption,
];

fn read(store: &Store) -> Result<KeyRing> {
    let stored = store.session()?.keys()?.into_iter();
    // Keys of purposes that a later version brings are none of ours.
    let known = stored.filter_map(|key| {
        Some(KeyRecord {
            purpose: Purpose::named(&key.purpose)?,
            id: key.id,
            secret: Secret::new(key.secret),
            created: key.created,
            retired: key.retired,
        })
    });
    KeyRing::new(known.collect())
}

fn generate(purposes: &[Purpose], now: Timestamp) -> Result<Vec<StoredKey>> {
    let make = |purpose: &Purpose| {
        let (mut id, mut random) = ([0; 12], [0; 64]);
        for bytes in [&mut id[..], &mut random[..]] {
            getrandom::fill(bytes).map_err(|e| {
                Problem::new(Code::Internal, "the system gives no random numbers")
                    .log(e.to_string())
            })?;
        }
        let made = KeyRecord::generate(*purpose, &id, &random, now)?;
        Ok(StoredKey {
            id: made.id,
            purpose: purpose.name().to_owned(),
            secret: made.secret.bytes().to_vec(),
            created: now,
            retired: None,
        })
    };
    purposes.iter().map(make).collect()
}
