//! `Ext.ConfirmEmail()`: the user has proved that the e-mail address is theirs (S1-28).

use uuid::Uuid;

use super::{Action, Arguments, Call, attribute};
use crate::change::Applier;
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::value::Value;

/// See the module.
#[derive(Debug)]
pub(super) struct ConfirmEmail;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared;

impl Action for ConfirmEmail {
    fn name(&self) -> &'static str {
        "Ext.ConfirmEmail"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(Prepared))
    }
}

impl Call for Prepared {
    fn apply(&self, applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<()> {
        let Some(place) = applier.open(entity, id)? else {
            return Ok(());
        };
        let object = applier.set.objects().get(place);
        let (Some(object), model) = (object, applier.set.model()) else {
            return Ok(());
        };
        let of = model.entity(object.entity);
        let (email, confirmed) = (attribute(of, "Email")?, attribute(of, "EmailConfirmed")?);
        let address = object.after.as_ref().map(|record| record.value(email));
        if address.is_none_or(|address| *address == Value::Null) {
            let message = "there is no e-mail address to confirm";
            return Err(Problem::new(Code::ValueRequired, message).about("Email"));
        }
        applier.set_made(place, confirmed, Value::Boolean(true));
        Ok(())
    }
}
