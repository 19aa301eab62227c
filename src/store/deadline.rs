//! The deadline of a read, on the thread that runs it: the databases look at it while they work, and
//! the store between two rows, since a row may cost more to write than to read.

use std::cell::Cell;
use std::time::Instant;

use crate::diag::{Code, Problem};

thread_local! {
    /// When the running read of this thread has to end.
    static END: Cell<Option<Instant>> = const { Cell::new(None) };
}

/// Runs `f`, which has to end by then; `None` is no deadline.
pub(in crate::store) fn until<T>(end: Option<Instant>, f: impl FnOnce() -> T) -> T {
    let _restore = Restore(END.replace(end));
    f()
}

/// Puts the deadline of the thread back, also when the work panics.
struct Restore(Option<Instant>);

impl Drop for Restore {
    fn drop(&mut self) {
        END.set(self.0);
    }
}

/// Whether the deadline of this thread has passed; false on a thread that ends.
pub(in crate::store) fn passed() -> bool {
    END.try_with(|end| end.get().is_some_and(|end| Instant::now() >= end))
        .unwrap_or(false)
}

/// The problem of a read that ran until its deadline.
pub(in crate::store) fn late() -> Problem {
    let message = "the query ran longer than the service allows";
    Problem::new(Code::DeadlineExceeded, message)
        .help("narrow it with `$filter`, or ask for fewer rows")
}
