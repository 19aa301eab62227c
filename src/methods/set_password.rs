//! `Ext.SetPassword(password)`: a new password for a user.

use uuid::Uuid;

use super::{Action, Arguments, Call};
use crate::change::{Applier, Secret};
use crate::diag::Result;
use crate::model::EntityId;

/// See the module.
#[derive(Debug)]
pub(super) struct SetPassword;

/// A call with its password.
#[derive(Debug)]
struct Prepared(Secret);

impl Action for SetPassword {
    fn name(&self) -> &'static str {
        "Ext.SetPassword"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let password = arguments.text("password")?;
        Ok(Box::new(Prepared(Secret::Plain(password.to_owned()))))
    }
}

impl Call for Prepared {
    fn secret(&mut self) -> Option<&mut Secret> {
        Some(&mut self.0)
    }

    fn apply(&self, applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<()> {
        if let Some(place) = applier.open(entity, id)? {
            applier.password(place, &self.0, "");
        }
        Ok(())
    }
}
