//! `GetRenamedEntityTypes()`: the entity sets that were renamed, by their old names.

use serde_json::{Value as Json, json};

use super::{Arguments, Asked, Function, Question};
use crate::diag::Result;

/// See the module.
#[derive(Debug)]
pub(super) struct GetRenamedEntityTypes;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared;

impl Function for GetRenamedEntityTypes {
    fn name(&self) -> &'static str {
        "Erp.GetRenamedEntityTypes"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Question>> {
        Ok(Box::new(Prepared))
    }
}

impl Question for Prepared {
    fn answer(&self, asked: &mut Asked<'_>) -> Result<Json> {
        let old = asked.model.entities().flat_map(|(_, entity)| {
            let old = entity.old_sets.iter();
            old.map(|old| (&old.set, &entity.set, &old.version))
        });
        let mut renamed: Vec<_> = old.collect();
        renamed.sort_unstable();
        let renamed = renamed.into_iter();
        let renamed = renamed
            .map(|(old, new, version)| json!({"OldName": old, "NewName": new, "Version": version}));
        Ok(renamed.collect())
    }
}
