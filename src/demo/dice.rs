//! Repeatable chance.

use uuid::Builder;
use uuid::Uuid;

use crate::value::Timestamp;

/// A seeded source of chance.
#[derive(Debug)]
pub(super) struct Dice(fastrand::Rng);

impl Dice {
    /// The same seed gives the same throws.
    pub(super) fn new(seed: u64) -> Self {
        Self(fastrand::Rng::with_seed(seed))
    }

    /// True in `percent` of 100 cases.
    pub(super) fn chance(&mut self, percent: u32) -> bool {
        self.0.u32(0..100) < percent
    }

    /// A number below `end`, which must not be 0.
    pub(super) fn below(&mut self, end: u64) -> u64 {
        self.0.u64(0..end)
    }

    /// One of the items; nothing from an empty list.
    pub(super) fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        self.0.choice(items)
    }

    /// `count` different items (fewer where there are fewer).
    pub(super) fn sample<T: Copy>(&mut self, items: &[T], count: usize) -> Vec<T> {
        self.0.choose_multiple(items.iter().copied(), count)
    }

    /// Random bytes.
    pub(super) fn bytes<const N: usize>(&mut self) -> [u8; N] {
        let mut bytes = [0; N];
        self.0.fill(&mut bytes);
        bytes
    }

    /// A time-ordered guid (RFC 9562, version 7) of that time: rows made later sort later, which
    /// keeps the key index compact.
    pub(super) fn guid(&mut self, time: Timestamp) -> Uuid {
        let millis = u64::try_from(time.micros() / 1000).unwrap_or_default();
        Builder::from_unix_timestamp_millis(millis, &self.bytes()).into_uuid()
    }
}
