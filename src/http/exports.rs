//! How many exports one caller has at the same time: each takes one of the counted reading slots for
//! as long as its client likes.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use uuid::Uuid;

use crate::diag::{Code, Problem, Result};
use crate::service::Caller;

/// The exports under way.
#[derive(Debug)]
pub(super) struct Exports {
    /// Those of one caller at most; nothing for no limit.
    most: Option<u32>,
    running: Mutex<HashMap<Uuid, u32>>,
}

/// One of them, until it is dropped.
#[derive(Debug)]
pub(super) struct Export {
    all: Arc<Exports>,
    of: Uuid,
}

impl Exports {
    /// So many of one caller at most; 0 is without limit.
    pub(super) fn new(most: u32) -> Self {
        Self {
            most: (most > 0).then_some(most),
            running: Mutex::default(),
        }
    }

    /// Takes the place of an export; nothing where none are counted.
    ///
    /// # Errors
    ///
    /// `TooManyRequests` where the caller has as many as one may have.
    pub(super) fn begin(self: &Arc<Self>, caller: &Caller) -> Result<Option<Export>> {
        let (Some(most), Some(of)) = (self.most, caller.identity()) else {
            return Ok(None);
        };
        let of = of.user;
        let mut running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        let count = running.entry(of).or_default();
        if *count >= most {
            let message = format!("{most} exports of one caller run at the same time at most");
            return Err(Problem::new(Code::TooManyRequests, message)
                .help("read one to its end, then ask again")
                .retry_after(1));
        }
        *count = count.saturating_add(1);
        let all = Arc::clone(self);
        Ok(Some(Export { all, of }))
    }
}

impl Drop for Export {
    fn drop(&mut self) {
        let running = &self.all.running;
        let mut running = running.lock().unwrap_or_else(PoisonError::into_inner);
        let left = running.get(&self.of).map(|count| count.saturating_sub(1));
        match left {
            Some(left) if left > 0 => drop(running.insert(self.of, left)),
            Some(_) | None => drop(running.remove(&self.of)),
        }
    }
}
