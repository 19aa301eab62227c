//! Many requests, each drawn from a seed and its number, by several clients at once.

use std::io::Write as _;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use fastrand::Rng;

use crate::stage::Stage;

/// Requests of an ordinary run, of all kinds together.
const USUAL: u64 = 2_000;
/// Failures that are looked for in a run, at most.
const MOST: usize = 20;
/// Attempts at a smaller request that fails too.
const ATTEMPTS: usize = 400;

/// What is run: all of it may be set by variables of the environment.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) count: u64,
    pub(crate) threads: usize,
    /// The only request that is sent.
    pub(crate) only: Option<u64>,
}

impl Settings {
    /// So many of a hundred requests of a run. `USERDEX_GENERATED`, `USERDEX_SEED`,
    /// `USERDEX_CLIENTS` and `USERDEX_CASE` say what is run; without them, a few requests that are
    /// always the same.
    pub(crate) fn share(percent: u64) -> Self {
        let number = |name: &str| {
            let text = std::env::var(name).ok()?;
            Some(text.parse().unwrap_or_else(|_| panic!("{name}={text}")))
        };
        let all: u64 = number("USERDEX_GENERATED").unwrap_or(USUAL);
        Self {
            seed: number("USERDEX_SEED").unwrap_or(20_261_127),
            count: all.saturating_mul(percent).div_ceil(100),
            threads: number("USERDEX_CLIENTS").map_or(1, |n| usize::try_from(n).unwrap()),
            only: number("USERDEX_CASE"),
        }
    }

    /// Numbers at random for a request.
    pub(crate) fn rng(&self, number: u64) -> Rng {
        let mixed = (self.seed ^ number.rotate_left(32)).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        Rng::with_seed(mixed ^ number)
    }
}

/// What was found of a request that is as it should be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Found {
    Rows,
    Nothing,
    Refused,
}

/// A request that was drawn.
pub(crate) trait Case: std::fmt::Display + Sized {
    /// Sends it and looks at the answers; what is wrong with them.
    fn check(&self, stage: &Stage) -> Result<Found, String>;

    /// Requests like it that ask for less.
    fn smaller(&self) -> Vec<Self>;
}

/// How many requests found what.
#[derive(Debug, Default)]
pub(crate) struct Tally {
    pub(crate) rows: AtomicU64,
    pub(crate) nothing: AtomicU64,
    pub(crate) refused: AtomicU64,
}

impl Tally {
    pub(crate) fn add(&self, found: Found) {
        let counter = match found {
            Found::Rows => &self.rows,
            Found::Nothing => &self.nothing,
            Found::Refused => &self.refused,
        };
        counter.fetch_add(1, Ordering::Relaxed);
    }

    fn all(&self) -> [u64; 3] {
        [&self.rows, &self.nothing, &self.refused].map(|n| n.load(Ordering::Relaxed))
    }

    /// Sees that some requests found rows.
    pub(crate) fn assert_some(&self) {
        let [rows, nothing, refused] = self.all();
        let all = rows + nothing + refused;
        assert!(rows * 5 >= all, "of {all} only {rows} found rows");
    }

    /// Sees that most requests ask for something, and that enough of them get it.
    pub(crate) fn assert_sound(&self) {
        let [rows, nothing, refused] = self.all();
        if rows + nothing + refused > 100 {
            assert!(
                rows > nothing && rows > refused,
                "{rows} found rows, {nothing} nothing, {refused} were refused"
            );
        }
    }
}

/// Tells how far a run is: past the capture of test output, for runs that take long.
pub(crate) struct Progress {
    name: &'static str,
    start: Instant,
    told: Mutex<Instant>,
}

impl Progress {
    pub(crate) fn new(name: &'static str) -> Self {
        let start = Instant::now();
        Self {
            name,
            start,
            told: Mutex::new(start),
        }
    }

    pub(crate) fn tell(&self, done: u64, settings: &Settings, tally: &Tally, last: bool) {
        let mut told = self.told.lock().unwrap();
        if !last && told.elapsed() < Duration::from_secs(20) {
            return;
        }
        *told = Instant::now();
        let taken = self.start.elapsed().as_secs_f64();
        let [rows, nothing, refused] = tally.all();
        let rate = done as f64 / taken;
        let Settings { seed, count, .. } = settings;
        let name = self.name;
        say(&format!(
            "{name}: {done} of {count} with seed {seed} in {taken:.0} s, {rate:.0}/s: \
             {rows} found rows, {nothing} nothing, {refused} refused"
        ));
    }
}

/// A line for whoever watches.
pub(crate) fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// Draws, sends and checks; panics at the end with everything that failed.
pub(crate) fn run<C: Case>(
    name: &'static str,
    stage: &Stage,
    settings: Settings,
    draw: impl Fn(&Stage, &mut Rng) -> C + Sync,
) -> Tally {
    let (next, full) = (AtomicU64::new(0), AtomicBool::new(false));
    let (tally, progress) = (Tally::default(), Progress::new(name));
    let failures: Mutex<Vec<String>> = Mutex::default();
    let one = |number: u64| {
        let drawn = AssertUnwindSafe(|| draw(stage, &mut settings.rng(number)));
        let Ok(case) = catch_unwind(drawn) else {
            panic!(
                "{name}: number {number} with seed {} cannot be drawn",
                settings.seed
            );
        };
        match checked(&case, stage) {
            Ok(found) => tally.add(found),
            Err(text) => {
                let Settings { seed, .. } = settings;
                let (least, why) = least(case, text, stage);
                let failure =
                    format!("{name}: USERDEX_SEED={seed} USERDEX_CASE={number}\n{least}\n{why}\n");
                say(&failure);
                let mut failures = failures.lock().unwrap();
                failures.push(failure);
                full.fetch_or(failures.len() >= MOST, Ordering::Relaxed);
            }
        }
    };
    match settings.only {
        Some(number) => one(number),
        None => std::thread::scope(|scope| {
            for _ in 0..settings.threads {
                scope.spawn(|| {
                    loop {
                        let number = next.fetch_add(1, Ordering::Relaxed);
                        if number >= settings.count || full.load(Ordering::Relaxed) {
                            break;
                        }
                        one(number);
                        progress.tell(number, &settings, &tally, false);
                    }
                });
            }
        }),
    }
    let done: u64 = tally.all().iter().sum();
    progress.tell(done, &settings, &tally, true);
    let failures = failures.into_inner().unwrap();
    assert!(
        failures.is_empty(),
        "{} of {done} failed:\n{}",
        failures.len(),
        failures.join("\n")
    );
    tally
}

/// A check in which a panic is a failure like others.
fn checked<C: Case>(case: &C, stage: &Stage) -> Result<Found, String> {
    catch_unwind(AssertUnwindSafe(|| case.check(stage))).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().cloned();
        let text = text.or_else(|| panic.downcast_ref::<&str>().map(ToString::to_string));
        Err(format!("panicked: {}", text.unwrap_or_default()))
    })
}

/// The smallest request found that fails too.
fn least<C: Case>(mut case: C, mut why: String, stage: &Stage) -> (C, String) {
    let mut attempts = 0;
    'smaller: loop {
        for smaller in case.smaller() {
            attempts += 1;
            if attempts > ATTEMPTS {
                break 'smaller;
            }
            if let Err(text) = checked(&smaller, stage) {
                (case, why) = (smaller, text);
                continue 'smaller;
            }
        }
        break;
    }
    (case, why)
}
