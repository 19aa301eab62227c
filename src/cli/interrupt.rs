//! Ctrl-C, for work that has to be ended in order.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use crate::diag::{Code, Problem, Result};

/// The exit code of a program that was interrupted, as shells have it.
const INTERRUPTED: i32 = 130;

/// Becomes true with Ctrl-C. A second one ends the program at once: what is not committed is undone
/// by the database.
pub(super) fn listen() -> Result<Arc<AtomicBool>> {
    let stop = Arc::new(AtomicBool::new(false));
    let told = Arc::clone(&stop);
    let waiting = move || {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_io()
            .build();
        let Ok(runtime) = runtime else { return };
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            told.store(true, Ordering::Relaxed);
        }
        if runtime.block_on(tokio::signal::ctrl_c()).is_ok() {
            std::process::exit(INTERRUPTED);
        }
    };
    let thread = std::thread::Builder::new().name("ctrl-c".to_owned());
    thread.spawn(waiting).map(|_| stop).map_err(|e| {
        Problem::new(Code::Internal, "the program cannot listen for Ctrl-C").log(e.to_string())
    })
}
