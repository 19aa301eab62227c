//! `GetChanges()` and `WaitForChanges()`: what an API transaction has changed since its client was
//! last told.

use serde_json::Value as Json;

use super::{Arguments, Asked, Function, Question};
use crate::diag::Result;

/// `GetChanges`.
#[derive(Debug)]
pub(super) struct GetChanges;

/// `WaitForChanges`.
#[derive(Debug)]
pub(super) struct WaitForChanges;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared {
    /// Whether it is answered as soon as there is something to tell.
    waits: bool,
}

impl Function for GetChanges {
    fn name(&self) -> &'static str {
        "Erp.GetChanges"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Question>> {
        Ok(Box::new(Prepared { waits: false }))
    }
}

impl Function for WaitForChanges {
    fn name(&self) -> &'static str {
        "Erp.WaitForChanges"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Question>> {
        Ok(Box::new(Prepared { waits: true }))
    }
}

impl Question for Prepared {
    fn waits(&self) -> bool {
        self.waits
    }

    fn answer(&self, asked: &mut Asked<'_>) -> Result<Json> {
        asked.data.changes()
    }
}
