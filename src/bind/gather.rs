//! Collecting faults: one request shows all that is wrong with it.

use crate::diag::{Problem, Result};

/// All results, or all problems as one.
pub(super) fn gather<T>(results: impl IntoIterator<Item = Result<T>>) -> Result<Vec<T>> {
    let results = results.into_iter();
    let mut values = Vec::with_capacity(results.size_hint().0);
    let mut faults = Vec::new();
    for result in results {
        match result {
            Ok(value) => values.push(value),
            Err(fault) => faults.push(fault),
        }
    }
    match Problem::all(faults) {
        Some(problem) => Err(problem),
        None => Ok(values),
    }
}
