//! `Ext.ConfirmEmail()`: the user has proved that the e-mail address is theirs (S1-28).

use uuid::Uuid;

use super::attribute;
use super::bare::Bare;
use crate::change::Applier;
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::value::Value;

/// See the module.
pub(super) const ACTION: Bare = Bare {
    name: "Ext.ConfirmEmail",
    ends_sessions: false,
    apply,
};

fn apply(applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<()> {
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
