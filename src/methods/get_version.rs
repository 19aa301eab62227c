//! `GetVersion()`: the version of the service.

use serde_json::{Value as Json, json};

use super::{Arguments, Asked, Function, Question};
use crate::diag::Result;

/// See the module.
#[derive(Debug)]
pub(super) struct GetVersion;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared;

impl Function for GetVersion {
    fn name(&self) -> &'static str {
        "Erp.GetVersion"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Question>> {
        Ok(Box::new(Prepared))
    }
}

impl Question for Prepared {
    fn answer(&self, _: &mut Asked<'_>) -> Result<Json> {
        Ok(json!({"version": env!("CARGO_PKG_VERSION")}))
    }
}
