//! How every connection to SQLite is set up below Diesel: the deadline of reads, and the only unsafe
//! code of the program.
//!
//! SQLite stops a statement when its progress handler asks for it. Diesel offers no handle to set
//! one, so an automatic extension sets it on every connection as it opens. The handler reads the
//! deadline of its own thread: a session stays on one thread while it works.

#![expect(
    unsafe_code,
    reason = "SQLite's C interface: Diesel has no safe one for progress handlers"
)]

use std::ffi::{c_char, c_int, c_void};
use std::sync::Once;

use libsqlite3_sys as ffi;

use super::deadline;

/// Instructions of SQLite's machine between two looks at the clock: about 50 µs.
const INTERVAL: c_int = 4000;

/// Truth values, for SQLite.
const NO: c_int = 0;
const YES: c_int = 1;

/// Asked by SQLite while a statement runs; anything but zero stops it.
unsafe extern "C" fn stop_when_late(_: *mut c_void) -> c_int {
    c_int::from(deadline::passed())
}

/// Called by SQLite for every connection that opens.
unsafe extern "C" fn on_open(
    connection: *mut ffi::sqlite3,
    _: *mut *mut c_char,
    _: *const ffi::sqlite3_api_routines,
) -> c_int {
    // SAFETY: SQLite hands over a live connection, the handler is a function with no state, and the
    // option is given the arguments that it takes.
    unsafe {
        // One plan for each text. Otherwise SQLite looks at the values of some binds, such as that
        // of LIMIT, and prepares a kept statement again each time it runs.
        ffi::sqlite3_db_config(
            connection,
            ffi::SQLITE_DBCONFIG_ENABLE_QPSG,
            YES,
            std::ptr::null_mut::<c_int>(),
        );
        ffi::sqlite3_progress_handler(
            connection,
            INTERVAL,
            Some(stop_when_late),
            std::ptr::null_mut(),
        );
    }
    ffi::SQLITE_OK
}

/// Makes every connection that opens from now on keep to the deadline of its thread.
pub(in crate::store) fn install() {
    static INSTALLED: Once = Once::new();
    INSTALLED.call_once(|| {
        // A connection belongs to one thread at a time, so it needs no lock of its own; and nobody
        // reads the statistics of memory, which take a lock that all threads share. Where SQLite
        // already runs, it refuses both and goes on as it is.
        // SAFETY: each option is given the arguments that it takes.
        unsafe {
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MULTITHREAD);
            ffi::sqlite3_config(ffi::SQLITE_CONFIG_MEMSTATUS, NO);
        }
        // SAFETY: `on_open` has the type of an extension's entry point and lives for ever.
        let _ = unsafe { ffi::sqlite3_auto_extension(Some(on_open)) };
    });
}
