//! `Import(transaction, model, loggingLevel, objects)`: many objects at once.
//!
//! The service imports by itself, in transactions of its own; here is only that there is such an
//! action.

use super::{Action, Arguments, Call};
use crate::diag::{Code, Problem, Result};

/// See the module.
#[derive(Debug)]
pub(super) struct Import;

impl Action for Import {
    fn name(&self) -> &'static str {
        "Erp.Import"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let message = "`Import` has transactions of its own: it shares none with anything else";
        let problem = Problem::new(Code::InvalidBatch, message);
        Err(problem.help("send it as a request of its own"))
    }
}
