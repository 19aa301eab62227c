//! Settings of sign-in.

use std::time::Duration;

use crate::access::Slots;

/// How users sign in. Each has a setting of a similar name.
#[derive(Debug, Clone)]
pub struct SignInSettings {
    /// Wrong passwords in a row that lock a user; 0 is without limit.
    pub max_failed: u32,
    /// How long a user is locked.
    pub locked_for: Duration,
    /// How long a process takes a caller without a look at the database; what another process
    /// changes holds after that time.
    pub fresh_for: Duration,
    /// How long a session lives unused.
    pub sliding: Duration,
    /// How long a session of a person lives, however much it is used.
    pub absolute: Duration,
    /// The same for a machine.
    pub absolute_service: Duration,
    /// Sessions at once, and the logins for which slots are kept.
    pub slots: Slots,
    /// Whether people without any group and role are refused when they sign in by hand.
    pub require_group_or_role: bool,
    /// How old passwords of people get before they have to be changed; zero is without limit.
    pub max_age: Duration,
}

impl Default for SignInSettings {
    fn default() -> Self {
        let minutes = |n: u64| Duration::from_secs(60 * n);
        Self {
            max_failed: 5,
            locked_for: minutes(5),
            fresh_for: Duration::from_millis(500),
            sliding: minutes(20),
            absolute: minutes(12 * 60),
            absolute_service: minutes(60),
            slots: Slots::default(),
            require_group_or_role: true,
            max_age: Duration::ZERO,
        }
    }
}
