//! How far an import is, for people at a terminal.

use std::io::IsTerminal as _;
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Objects that are settled before the bar moves.
const STEP: u64 = 100;

/// A bar on standard error, where that is a terminal.
#[derive(Debug)]
pub(super) struct Progress {
    bar: ProgressBar,
    settled: std::sync::atomic::AtomicU64,
    is_measured: bool,
}

impl Progress {
    /// A bar over so many bytes, where that is known.
    pub(super) fn new(bytes: Option<u64>, is_quiet: bool) -> Self {
        let is_shown = !is_quiet && std::io::stderr().is_terminal();
        let bar = match bytes {
            Some(bytes) => ProgressBar::new(bytes),
            None => ProgressBar::new_spinner(),
        };
        bar.set_draw_target(if is_shown {
            ProgressDrawTarget::stderr()
        } else {
            ProgressDrawTarget::hidden()
        });
        let form = match bytes {
            Some(_) => "{bar:40} {bytes}/{total_bytes}, {msg} objects, {eta} left",
            None => "{spinner} {bytes} read, {msg} objects, {elapsed}",
        };
        if let Ok(style) = ProgressStyle::with_template(form) {
            bar.set_style(style);
        }
        if is_shown {
            bar.enable_steady_tick(Duration::from_millis(200));
        }
        Self {
            bar,
            settled: std::sync::atomic::AtomicU64::new(0),
            is_measured: is_shown,
        }
    }

    /// So many more bytes were read.
    pub(super) fn read(&self, bytes: usize) {
        if self.is_measured {
            self.bar.inc(u64::try_from(bytes).unwrap_or_default());
        }
    }

    /// One more object is settled.
    pub(super) fn settled(&self) {
        let before = self
            .settled
            .fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if self.is_measured && before.is_multiple_of(STEP) {
            self.bar.set_message(before.to_string());
        }
    }

    /// Takes the bar away.
    pub(super) fn end(&self) {
        self.bar.finish_and_clear();
    }
}
