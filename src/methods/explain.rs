//! `Ext.Explain(query)`: what a read would do, and what it would cost.

use serde_json::Value as Json;

use super::{Arguments, Asked, Function, Question};
use crate::diag::Result;

/// See the module.
#[derive(Debug)]
pub(super) struct Explain;

/// A call with the address of the read, below the service root.
#[derive(Debug)]
struct Prepared(String);

impl Function for Explain {
    fn name(&self) -> &'static str {
        "Ext.Explain"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Question>> {
        Ok(Box::new(Prepared(arguments.text("query")?.to_owned())))
    }
}

impl Question for Prepared {
    fn answer(&self, asked: &mut Asked<'_>) -> Result<Json> {
        asked.data.explain(&self.0)
    }
}
