//! How far an import or an export is, for people at a terminal: one line, on standard error.

use std::io::IsTerminal as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};

/// Objects or rows that are settled before the line says so.
const STEP: u64 = 100;
/// How often the line moves while nothing else happens.
const TICK: Duration = Duration::from_millis(200);

/// What goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Work {
    /// A file of so many bytes is read, where that is known.
    Import(Option<u64>),
    /// An answer of unknown length is written.
    Export,
}

impl Work {
    /// The form of the line.
    const fn form(self) -> &'static str {
        match self {
            Self::Import(Some(_)) => "{bar:40} {bytes}/{total_bytes}, {msg} objects, {eta} left",
            Self::Import(None) => "{spinner} {bytes} read, {msg} objects, {elapsed}",
            Self::Export => "{spinner} {bytes} written, {msg} rows, {elapsed}",
        }
    }

    /// Bytes in all, where that is known.
    const fn length(self) -> Option<u64> {
        match self {
            Self::Import(length) => length,
            Self::Export => None,
        }
    }
}

/// The line; where nobody looks, it is not there.
#[derive(Debug)]
pub(super) struct Progress {
    bar: Option<ProgressBar>,
    settled: AtomicU64,
}

impl Progress {
    /// The line on standard error, where that is a terminal and the line was not forbidden.
    pub(super) fn new(work: Work, is_quiet: bool) -> Self {
        if is_quiet || !std::io::stderr().is_terminal() {
            return Self::hidden();
        }
        let progress = Self::on(ProgressDrawTarget::stderr(), work);
        if let Some(bar) = &progress.bar {
            bar.enable_steady_tick(TICK);
        }
        progress
    }

    /// No line.
    pub(super) fn hidden() -> Self {
        Self {
            bar: None,
            settled: AtomicU64::new(0),
        }
    }

    fn on(target: ProgressDrawTarget, work: Work) -> Self {
        let bar = ProgressBar::with_draw_target(work.length(), target);
        if let Ok(style) = ProgressStyle::with_template(work.form()) {
            bar.set_style(style);
        }
        bar.set_message("0");
        Self {
            bar: Some(bar),
            ..Self::hidden()
        }
    }

    /// So many more bytes were read or written.
    pub(super) fn passed(&self, bytes: usize) {
        if let Some(bar) = &self.bar {
            bar.inc(u64::try_from(bytes).unwrap_or_default());
        }
    }

    /// One more object is imported or refused, one more row written.
    pub(super) fn settled(&self) {
        let before = self.settled.fetch_add(1, Ordering::Relaxed);
        let now = before.saturating_add(1);
        if let Some(bar) = &self.bar
            && now.is_multiple_of(STEP)
        {
            bar.set_message(now.to_string());
        }
    }

    /// Takes the line away.
    pub(super) fn end(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Result;
    use std::sync::{Arc, Mutex};

    use indicatif::TermLike;

    use super::*;

    /// A terminal that keeps the line that it shows.
    #[derive(Debug, Clone, Default)]
    struct Screen(Arc<Mutex<String>>);

    impl Screen {
        fn shown(&self) -> String {
            self.0.lock().unwrap().trim().to_owned()
        }

        fn progress(&self, work: Work) -> Progress {
            let target = ProgressDrawTarget::term_like(Box::new(self.clone()));
            Progress::on(target, work)
        }
    }

    impl TermLike for Screen {
        fn width(&self) -> u16 {
            120
        }

        fn move_cursor_up(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_down(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_right(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn move_cursor_left(&self, _: usize) -> Result<()> {
            Ok(())
        }

        fn write_line(&self, text: &str) -> Result<()> {
            self.write_str(text)
        }

        fn write_str(&self, text: &str) -> Result<()> {
            self.0.lock().unwrap().push_str(text);
            Ok(())
        }

        fn clear_line(&self) -> Result<()> {
            self.0.lock().unwrap().clear();
            Ok(())
        }

        fn flush(&self) -> Result<()> {
            Ok(())
        }
    }

    #[test]
    fn imports_tell_bytes_and_objects() {
        let screen = Screen::default();
        let progress = screen.progress(Work::Import(Some(2048)));
        progress.passed(1024);
        let text = screen.shown();
        assert!(text.contains("1.00 KiB/2.00 KiB, 0 objects"), "{text}");
        (0..99).for_each(|_| progress.settled());
        assert!(screen.shown().contains(", 0 objects"));
        progress.settled();
        assert!(screen.shown().contains(", 100 objects"));
        progress.end();
        assert_eq!(screen.shown(), "");
    }

    #[test]
    fn what_has_no_length_has_no_bar() {
        let screen = Screen::default();
        let progress = screen.progress(Work::Import(None));
        progress.passed(3 * 1024);
        let text = screen.shown();
        assert!(text.contains("3.00 KiB read, 0 objects"), "{text}");
    }

    #[test]
    fn exports_tell_what_was_written() {
        let screen = Screen::default();
        let progress = screen.progress(Work::Export);
        progress.passed(512);
        progress.passed(1024);
        let text = screen.shown();
        assert!(text.contains("1.50 KiB written, 0 rows"), "{text}");
        (0..250).for_each(|_| progress.settled());
        assert!(screen.shown().contains("1.50 KiB written, 200 rows"));
        progress.end();
        assert_eq!(screen.shown(), "");
    }

    /// A file that grows while it is read shows no more than all of it.
    #[test]
    fn more_than_all_is_no_fault() {
        let screen = Screen::default();
        let progress = screen.progress(Work::Import(Some(10)));
        progress.passed(20);
        assert!(screen.shown().contains("20 B/"), "{}", screen.shown());
        progress.end();
    }

    #[test]
    fn nobody_is_told_where_nobody_looks() {
        // The tests' own standard error may be a terminal.
        let quiet = Progress::new(Work::Export, true);
        quiet.passed(1);
        quiet.settled();
        quiet.end();
        assert!(quiet.bar.is_none());
    }
}
