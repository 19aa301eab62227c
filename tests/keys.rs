//! The key ring of a database: made once, shared, rotated.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop the test"
)]

mod support;

use std::thread;

use support::server::Kind;
use userdex::access::{Purpose, Secret};
use userdex::service::Keys;
use userdex::store::Store;
use userdex::value::Timestamp;

on_both!(
    servers_that_start_at_once_have_the_same_keys,
    what_old_keys_made_stays_valid,
    a_rotation_is_noticed,
    rotations_at_once_leave_one_key_in_use,
    keys_whose_time_is_over_are_dropped,
    stolen_keys_are_ended_at_once,
);

const HOUR: i64 = 3_600_000_000;

fn at(hours: i64) -> Timestamp {
    Timestamp::from_micros(hours * HOUR)
}

fn ids(keys: &Keys) -> Vec<String> {
    let mut ids: Vec<_> = keys.ring().records().iter().map(|k| k.id.clone()).collect();
    ids.sort();
    ids
}

/// Runs `work` in several threads at once; answers what each found.
fn at_once<T: Send>(work: impl Fn() -> T + Sync) -> Vec<T> {
    thread::scope(|scope| {
        let threads: Vec<_> = (0..4).map(|_| scope.spawn(&work)).collect();
        threads.into_iter().map(|t| t.join().unwrap()).collect()
    })
}

fn in_use(store: &Store, purpose: Purpose) -> usize {
    let keys = store.session().unwrap().keys().unwrap();
    let of =
        |key: &&userdex::store::StoredKey| key.purpose == purpose.name() && key.retired.is_none();
    keys.iter().filter(of).count()
}

fn servers_that_start_at_once_have_the_same_keys(kind: Kind) {
    let (store, _folder) = kind.store();
    let found = at_once(|| ids(&Keys::open(&store, at(0)).unwrap()));
    assert_eq!(found[0].len(), Purpose::ALL.len());
    assert!(found.iter().all(|ids| *ids == found[0]));
    // A later start makes none.
    assert_eq!(ids(&Keys::open(&store, at(9)).unwrap()), found[0]);
}

fn what_old_keys_made_stays_valid(kind: Kind) {
    let (store, _folder) = kind.store();
    let keys = Keys::open(&store, at(0)).unwrap();
    let secret = Secret::text("secret".to_owned());
    let sealed = keys.ring().seal("row", &secret).unwrap();
    let print = |keys: &Keys| {
        let ring = keys.ring();
        ring.fingerprint(Purpose::Fingerprints, "token", b"x")
            .unwrap()
    };
    let old = print(&keys);
    let signer = keys.ring().signing().unwrap().id().to_owned();
    keys.rotate(&Purpose::ALL, at(1)).unwrap();
    let ring = keys.ring();
    assert_eq!(ring.open("row", &sealed), Some(secret));
    assert_ne!(print(&keys), old);
    assert!(
        ring.fingerprints(Purpose::Fingerprints, "token", b"x", at(2))
            .contains(&old)
    );
    assert_ne!(ring.signing().unwrap().id(), signer);
    assert!(ring.verifying(at(2)).any(|key| key.id() == signer));
}

fn a_rotation_is_noticed(kind: Kind) {
    let (store, _folder) = kind.store();
    let one = Keys::open(&store, at(0)).unwrap();
    let other = Keys::open(&store, at(0)).unwrap();
    let before = ids(&one);
    let rotated = one.rotate(&[Purpose::Cookies], at(1)).unwrap();
    assert_eq!(ids(&other), before);
    let tag = rotated.fingerprint(Purpose::Cookies, "c", b"x").unwrap();
    let id = tag.split('.').next().unwrap();
    assert!(!other.ring().knows(id));
    assert!(other.reload().unwrap().knows(id));
    assert_eq!(ids(&other), ids(&one));
    assert_eq!(ids(&one).len(), before.len() + 1);
}

fn rotations_at_once_leave_one_key_in_use(kind: Kind) {
    let (store, _folder) = kind.store();
    let keys = Keys::open(&store, at(0)).unwrap();
    at_once(|| {
        let own = Keys::open(&store, at(0)).unwrap();
        own.rotate(&[Purpose::Sessions, Purpose::Cookies], at(1))
            .unwrap();
    });
    for purpose in Purpose::ALL {
        assert_eq!(in_use(&store, purpose), 1, "{purpose:?}");
    }
    assert!(keys.reload().unwrap().missing().is_empty());
}

fn keys_whose_time_is_over_are_dropped(kind: Kind) {
    let (store, _folder) = kind.store();
    let keys = Keys::open(&store, at(0)).unwrap();
    let count = |purpose: Purpose| {
        let ring = keys.ring();
        ring.records()
            .iter()
            .filter(|k| k.purpose == purpose)
            .count()
    };
    let both = [Purpose::Sessions, Purpose::Fingerprints];
    keys.rotate(&both, at(1)).unwrap();
    keys.rotate(&both, at(24)).unwrap();
    assert_eq!(both.map(count), [3, 3]);
    // The first session key was retired 24 hours ago; fingerprints are kept for ever.
    keys.rotate(&both, at(25)).unwrap();
    assert_eq!(both.map(count), [3, 4]);
}

fn stolen_keys_are_ended_at_once(kind: Kind) {
    let (store, _folder) = kind.store();
    let keys = Keys::open(&store, at(0)).unwrap();
    let old = keys.ring();
    keys.rotate(&[Purpose::Sessions], at(1)).unwrap();
    keys.replace(&Purpose::ALL, at(2)).unwrap();
    let print = |purpose| old.fingerprint(purpose, "x", b"x").unwrap();
    let holds = |purpose, made: &str| keys.ring().is_fingerprint(purpose, "x", b"x", made, at(2));
    for (purpose, expected) in [
        (Purpose::Sessions, false),
        (Purpose::Cookies, false),
        (Purpose::Fingerprints, true),
    ] {
        assert_eq!(holds(purpose, &print(purpose)), expected, "{purpose:?}");
    }
    let signer = old.signing().unwrap().id().to_owned();
    assert!(keys.ring().verifying(at(2)).all(|key| key.id() != signer));
    // Each once, and what is kept for ever twice.
    assert_eq!(ids(&keys).len(), 7);
    for purpose in Purpose::ALL {
        assert_eq!(in_use(&store, purpose), 1);
    }
}
