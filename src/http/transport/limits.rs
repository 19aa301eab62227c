//! How often one caller may ask.
//!
//! Memory is bounded: keys are hashes of 8 bytes, those that are as good as new are dropped
//! regularly, and when there are too many all the same, new ones share a few.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hash};
use std::net::IpAddr;
use std::num::NonZeroU32;
use std::sync::atomic::{AtomicUsize, Ordering};

use governor::clock::{Clock, MonotonicClock};
use governor::middleware::NoOpMiddleware;
use governor::state::keyed::HashMapStateStore;
use governor::{Quota, RateLimiter};
use uuid::Uuid;

use super::Limits;
use crate::diag::{Code, Problem, Result};
use crate::value::fold;

/// Callers that are told apart at most.
const MOST: usize = 50_000;
/// Keys that all others share.
const SHARED: u64 = 4096;
/// Requests between two cleanings.
const CLEANING: usize = 1024;

/// How often sign-in may be tried.
#[derive(Debug)]
pub struct SignInLimits<C: Clock = MonotonicClock> {
    by_address: Option<Limiter<C>>,
    by_login: Option<Limiter<C>>,
}

impl SignInLimits {
    /// Limits as set.
    pub fn new(limits: &Limits) -> Self {
        Self::with_clock(limits, &MonotonicClock)
    }
}

impl<C: Clock + Clone> SignInLimits<C> {
    fn with_clock(limits: &Limits, clock: &C) -> Self {
        Self {
            by_address: Limiter::new(limits.sign_in_per_address, clock),
            by_login: Limiter::new(limits.sign_in_per_login, clock),
        }
    }

    /// Counts an attempt to sign in, before anything is looked up. Whoever has a network of IPv6
    /// addresses counts as one; logins that differ in case only are one.
    ///
    /// # Errors
    ///
    /// `TooManyRequests` with the seconds to wait.
    pub fn check(&self, address: IpAddr, login: &str) -> Result<()> {
        let group = group(address);
        self.check_address(group)?;
        if let Some(limiter) = &self.by_login {
            let key = (group, fold(login));
            limiter.check(&key, "this address tries this login too often")?;
        }
        Ok(())
    }

    /// Counts a session or token that was not taken. One that is right is never counted: its secret
    /// cannot be guessed, and others of the same address must not hinder it.
    ///
    /// # Errors
    ///
    /// As [`SignInLimits::check`].
    pub fn count_failed(&self, address: IpAddr) -> Result<()> {
        self.check_address(group(address))
    }

    fn check_address(&self, group: IpAddr) -> Result<()> {
        match &self.by_address {
            Some(limiter) => limiter.check(&group, "this address tries to sign in too often"),
            None => Ok(()),
        }
    }
}

/// How many requests one caller may send.
#[derive(Debug)]
pub struct RequestLimits<C: Clock = MonotonicClock>(Option<Limiter<C>>);

impl RequestLimits {
    /// Limits as set.
    pub fn new(limits: &Limits) -> Self {
        Self::with_clock(limits, &MonotonicClock)
    }
}

impl<C: Clock + Clone> RequestLimits<C> {
    fn with_clock(limits: &Limits, clock: &C) -> Self {
        Self(Limiter::new(limits.requests_per_caller, clock))
    }

    /// Counts a request: of a user who has signed in, else of an address.
    ///
    /// # Errors
    ///
    /// As [`SignInLimits::check`].
    pub fn check(&self, address: IpAddr, user: Option<Uuid>) -> Result<()> {
        let Some(limiter) = &self.0 else {
            return Ok(());
        };
        let message = "this caller asks too often";
        match user {
            Some(user) => limiter.check(&user, message),
            None => limiter.check(&group(address), message),
        }
    }
}

/// The part of an address that its owner cannot choose: all of IPv4, the network (/64) of IPv6.
fn group(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V4(address) => IpAddr::V4(address),
        IpAddr::V6(address) => IpAddr::V6((address.to_bits() >> 64 << 64).into()),
    }
}

type Buckets<C> =
    RateLimiter<u64, HashMapStateStore<u64>, C, NoOpMiddleware<<C as Clock>::Instant>>;

/// So many a minute, for each key.
#[derive(Debug)]
struct Limiter<C: Clock> {
    buckets: Buckets<C>,
    clock: C,
    /// Its seed is made at start, so that nobody can send keys that meet.
    hashes: RandomState,
    checks: AtomicUsize,
}

impl<C: Clock + Clone> Limiter<C> {
    /// Nothing for a limit of 0.
    fn new(per_minute: u32, clock: &C) -> Option<Self> {
        let quota = Quota::per_minute(NonZeroU32::new(per_minute)?);
        Some(Self {
            buckets: RateLimiter::new(quota, HashMapStateStore::default(), clock.clone()),
            clock: clock.clone(),
            hashes: RandomState::new(),
            checks: AtomicUsize::new(0),
        })
    }

    fn check(&self, key: &impl Hash, message: &str) -> Result<()> {
        if self.checks.fetch_add(1, Ordering::Relaxed) % CLEANING == CLEANING - 1 {
            self.buckets.retain_recent();
            self.buckets.shrink_to_fit();
        }
        let mut key = self.hashes.hash_one(key);
        if self.buckets.len() >= MOST {
            key %= SHARED;
        }
        self.buckets.check_key(&key).map_err(|refused| {
            let wait = refused.wait_time_from(self.clock.now());
            // The next whole second: to come back too early is refused again.
            let seconds = wait.as_secs().saturating_add(1);
            Problem::new(Code::TooManyRequests, message)
                .help(format!("wait for {seconds} seconds"))
                .retry_after(seconds)
        })
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use governor::clock::FakeRelativeClock;

    use super::*;

    const LIMITS: Limits = Limits {
        sign_in_per_address: 30,
        sign_in_per_login: 10,
        requests_per_caller: 2,
    };

    fn address(text: &str) -> IpAddr {
        text.parse().unwrap()
    }

    /// How many attempts are taken before one is refused, and the seconds to wait then.
    fn taken(limits: &SignInLimits<FakeRelativeClock>, from: &str, login: &str) -> (usize, u64) {
        for count in 0..1000 {
            if let Err(problem) = limits.check(address(from), login) {
                assert_eq!(problem.code(), Code::TooManyRequests);
                return (count, problem.retry_after_seconds().unwrap());
            }
        }
        panic!("there is no limit");
    }

    #[test]
    fn attempts_are_counted_by_address_and_login() {
        let clock = FakeRelativeClock::default();
        let limits = SignInLimits::with_clock(&LIMITS, &clock);
        assert_eq!(taken(&limits, "192.0.2.1", "ann").0, 10);
        assert_eq!(taken(&limits, "192.0.2.1", "ANN").0, 0, "the same login");
        assert_eq!(taken(&limits, "192.0.2.2", "ann").0, 10, "another address");
        assert_eq!(
            taken(&limits, "::ffff:192.0.2.2", "ann").0,
            0,
            "the same address"
        );
        // 12 and 1 attempts of the first address are gone.
        assert_eq!(taken(&limits, "192.0.2.1", "bob").0, 10);
        assert_eq!(taken(&limits, "192.0.2.1", "eve").0, 7);
        assert_eq!(
            taken(&limits, "192.0.2.1", "fay").0,
            0,
            "the address itself"
        );
    }

    #[test]
    fn failed_credentials_count_for_their_address() {
        let clock = FakeRelativeClock::default();
        let limits = SignInLimits::with_clock(&LIMITS, &clock);
        let one = address("192.0.2.1");
        let counted = (0..100).filter(|_| limits.count_failed(one).is_ok());
        assert_eq!(counted.count(), 30);
        assert_eq!(taken(&limits, "192.0.2.1", "ann").0, 0);
        assert_eq!(taken(&limits, "192.0.2.2", "ann").0, 10);
    }

    #[test]
    fn the_wait_that_is_told_is_enough() {
        let clock = FakeRelativeClock::default();
        let limits = SignInLimits::with_clock(&LIMITS, &clock);
        let (_, wait) = taken(&limits, "192.0.2.1", "ann");
        // 10 a minute is one in 6 seconds.
        assert!((6..=7).contains(&wait), "{wait}");
        clock.advance(Duration::from_secs(wait));
        assert_eq!(taken(&limits, "192.0.2.1", "ann").0, 1);
        clock.advance(Duration::from_secs(60));
        assert_eq!(taken(&limits, "192.0.2.1", "ann").0, 10);
    }

    #[test]
    fn a_network_of_ipv6_is_one_caller() {
        let clock = FakeRelativeClock::default();
        let limits = SignInLimits::with_clock(&LIMITS, &clock);
        for host in 1..=10 {
            let from = format!("2001:db8:0:1::{host:x}");
            assert!(limits.check(address(&from), "ann").is_ok());
        }
        assert_eq!(taken(&limits, "2001:db8:0:1:ffff::1", "ann").0, 0);
        assert_eq!(taken(&limits, "2001:db8:0:2::1", "ann").0, 10);
    }

    #[test]
    fn nought_is_without_limit() {
        let limits = SignInLimits::new(&Limits::default());
        assert!((0..1000).all(|_| limits.check(address("192.0.2.1"), "ann").is_ok()));
        let limits = RequestLimits::new(&Limits::default());
        assert!((0..1000).all(|_| limits.check(address("192.0.2.1"), None).is_ok()));
    }

    #[test]
    fn requests_are_counted_by_user_or_address() {
        let clock = FakeRelativeClock::default();
        let limits = RequestLimits::with_clock(&LIMITS, &clock);
        let ask = |from: &str, user: Option<u128>| {
            let user = user.map(Uuid::from_u128);
            limits.check(address(from), user).is_ok()
        };
        let asked = [
            ask("192.0.2.1", None),
            ask("192.0.2.1", None),
            ask("192.0.2.1", None),
            ask("192.0.2.1", Some(1)),
            ask("192.0.2.2", Some(1)),
            ask("192.0.2.3", Some(1)),
            ask("192.0.2.3", Some(2)),
        ];
        assert_eq!(asked, [true, true, false, true, true, false, true]);
    }

    #[test]
    fn memory_is_bounded() {
        let clock = FakeRelativeClock::default();
        let limiter = Limiter::new(1, &clock).unwrap();
        let bound = MOST + usize::try_from(SHARED).unwrap();
        let mut refused = 0;
        for key in 0..2 * MOST {
            refused += usize::from(limiter.check(&key, "").is_err());
            assert!(limiter.buckets.len() <= bound);
        }
        // Newcomers of a crowd share what is left.
        assert!(refused > MOST / 2, "{refused}");
        // They are as good as new after one minute, and dropped after another.
        clock.advance(Duration::from_secs(121));
        for _ in 0..CLEANING {
            let _ = limiter.check(&"one", "");
        }
        assert!(
            limiter.buckets.len() < CLEANING,
            "{}",
            limiter.buckets.len()
        );
    }
}
