//! Threads that hash passwords: a bounded number, so that a flood of sign-ins leaves the processor
//! to queries, and a bounded queue before them.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{self, Receiver, SyncSender, TrySendError};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;

use tokio::sync::oneshot;

use super::Secret;
use super::password::{self, Checking, Format, Hashing, Verdict};
use crate::diag::{Code, Problem, Result};

/// A piece of work for a thread.
type Job = Box<dyn FnOnce() + Send>;

/// How much hashing goes on at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct HasherOptions {
    /// Threads; 0 is half the processor cores, at least one.
    pub threads: usize,
    /// Passwords that wait for a thread, at most.
    pub queue: usize,
}

impl Default for HasherOptions {
    fn default() -> Self {
        Self {
            threads: 0,
            queue: 64,
        }
    }
}

/// A pool of threads for hashing. Clones share it; its threads end with the last of them.
#[derive(Debug, Clone)]
pub struct Hasher(SyncSender<Job>);

impl Hasher {
    /// Starts the threads.
    ///
    /// # Errors
    ///
    /// `Internal` when the system gives none.
    pub fn start(options: HasherOptions) -> Result<Self> {
        let (sender, jobs) = mpsc::sync_channel(options.queue);
        let jobs = Arc::new(Mutex::new(jobs));
        let cores = || thread::available_parallelism().map_or(1, |cores| cores.get() / 2);
        let threads = match options.threads {
            0 => cores().max(1),
            threads => threads,
        };
        for number in 0..threads {
            let jobs = Arc::clone(&jobs);
            let thread = thread::Builder::new().name(format!("hasher-{number}"));
            thread.spawn(move || work(&jobs)).map_err(|e| {
                Problem::new(Code::Internal, "a thread cannot be started").log(e.to_string())
            })?;
        }
        Ok(Self(sender))
    }

    /// [`password::hash`] on a thread of the pool.
    ///
    /// # Errors
    ///
    /// Its own; `ServiceUnavailable` when the queue is full.
    pub async fn hash(&self, password: Secret, salt: [u8; 16], hashing: Hashing) -> Result<String> {
        self.run(move || password::hash(password.as_text(), &salt, hashing))
            .await?
    }

    /// The same, for a thread that may block.
    ///
    /// # Errors
    ///
    /// As [`Hasher::hash`].
    pub fn hash_blocking(
        &self,
        password: Secret,
        salt: [u8; 16],
        hashing: Hashing,
    ) -> Result<String> {
        self.run_blocking(move || password::hash(password.as_text(), &salt, hashing))?
    }

    /// [`password::verify`] on a thread of the pool.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` when the queue is full.
    pub async fn verify(
        &self,
        password: Secret,
        stored: Secret,
        format: Format,
        checking: Checking,
    ) -> Result<Verdict> {
        let verify =
            move || password::verify(password.as_text(), stored.as_text(), format, checking);
        self.run(verify).await
    }

    /// The same, for a thread that may block.
    ///
    /// # Errors
    ///
    /// As [`Hasher::verify`].
    pub fn verify_blocking(
        &self,
        password: Secret,
        stored: Secret,
        format: Format,
        checking: Checking,
    ) -> Result<Verdict> {
        self.run_blocking(move || {
            password::verify(password.as_text(), stored.as_text(), format, checking)
        })
    }

    /// [`password::dummy`] on a thread of the pool: what a login that is not there costs.
    ///
    /// # Errors
    ///
    /// `ServiceUnavailable` when the queue is full.
    pub async fn dummy(&self, password: Secret, hashing: Hashing) -> Result<()> {
        self.run(move || password::dummy(password.as_text(), hashing))
            .await
    }

    /// The same, for a thread that may block.
    ///
    /// # Errors
    ///
    /// As [`Hasher::dummy`].
    pub fn dummy_blocking(&self, password: Secret, hashing: Hashing) -> Result<()> {
        self.run_blocking(move || password::dummy(password.as_text(), hashing))
    }

    async fn run<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> Result<T> {
        let (sender, done) = oneshot::channel();
        self.queue(Box::new(move || {
            // Nobody waits any more where the caller has gone: its work need not be done.
            if !sender.is_closed() {
                let _ = sender.send(work());
            }
        }))?;
        done.await.map_err(|_| broken())
    }

    fn run_blocking<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T> {
        let (sender, done) = mpsc::sync_channel(1);
        self.queue(Box::new(move || {
            let _ = sender.send(work());
        }))?;
        done.recv().map_err(|_| broken())
    }

    fn queue(&self, job: Job) -> Result<()> {
        self.0.try_send(job).map_err(|error| match error {
            TrySendError::Full(_) => {
                let message = "too many passwords are being checked at once";
                Problem::new(Code::ServiceUnavailable, message).help("try again in a moment")
            }
            TrySendError::Disconnected(_) => broken(),
        })
    }
}

/// What a thread does until the pool ends.
fn work(jobs: &Mutex<Receiver<Job>>) {
    loop {
        let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok(job) = job else { return };
        // A job that panics fails alone: its caller learns it from the channel that it drops.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

fn broken() -> Problem {
    Problem::new(Code::Internal, "a password was not hashed")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hashing() -> Hashing {
        Hashing {
            iterations: 1,
            ..Hashing::default()
        }
    }

    fn checking() -> Checking {
        Checking {
            hashing: hashing(),
            ..Checking::default()
        }
    }

    fn secret(text: &str) -> Secret {
        Secret::text(text.to_owned())
    }

    #[test]
    fn both_forms_hash_and_verify() {
        let hasher = Hasher::start(HasherOptions::default()).unwrap();
        let text = hasher
            .hash_blocking(secret("one"), [1; 16], hashing())
            .unwrap();
        assert_eq!(text, password::hash("one", &[1; 16], hashing()).unwrap());
        let stored = secret(&text);
        let check =
            |p| hasher.verify_blocking(secret(p), stored.clone(), Format::Identity, checking());
        assert_eq!(check("one").unwrap(), Verdict::Right);
        assert_eq!(check("two").unwrap(), Verdict::Failed);
        hasher.dummy_blocking(secret("one"), hashing()).unwrap();

        let runtime = tokio::runtime::Builder::new_current_thread()
            .build()
            .unwrap();
        let verdict = runtime.block_on(async {
            let hash = hasher.hash(secret("three"), [2; 16], hashing()).await?;
            hasher.dummy(secret("three"), hashing()).await?;
            hasher
                .verify(
                    secret("three"),
                    Secret::text(hash),
                    Format::Identity,
                    checking(),
                )
                .await
        });
        assert_eq!(verdict.unwrap(), Verdict::Right);
    }

    #[test]
    fn a_full_queue_answers_at_once() {
        let hasher = Hasher::start(HasherOptions {
            threads: 1,
            queue: 1,
        })
        .unwrap();
        let (begun, has_begun) = mpsc::channel();
        let (end, may_end) = mpsc::channel::<()>();
        hasher
            .queue(Box::new(move || {
                begun.send(()).unwrap();
                let _ = may_end.recv();
            }))
            .unwrap();
        has_begun.recv().unwrap();
        let (late, is_done) = mpsc::channel();
        hasher
            .queue(Box::new(move || late.send(()).unwrap()))
            .unwrap();
        let problem = hasher.dummy_blocking(secret("x"), hashing()).unwrap_err();
        assert_eq!(problem.code(), Code::ServiceUnavailable);
        drop(end);
        is_done.recv().unwrap();
    }

    #[test]
    fn a_panic_hurts_only_its_own_job() {
        let hasher = Hasher::start(HasherOptions {
            threads: 1,
            queue: 4,
        })
        .unwrap();
        let failed: Result<()> = hasher.run_blocking(|| panic!("of a test"));
        assert_eq!(failed.unwrap_err().code(), Code::Internal);
        hasher.dummy_blocking(secret("x"), hashing()).unwrap();
    }

    #[test]
    fn the_threads_end_with_the_pool() {
        let (sender, jobs) = mpsc::sync_channel::<Job>(1);
        drop(Hasher(sender));
        work(&Mutex::new(jobs));
    }
}
