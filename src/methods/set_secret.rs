//! `Ext.SetSecret(secret)`: a new secret for an application, given or made up.

use uuid::Uuid;

use super::{Action, Arguments, Call, Made, Order, attribute, unmade};
use crate::change::Applier;
use crate::diag::Result;
use crate::model::EntityId;
use crate::value::Value;

/// See the module.
#[derive(Debug)]
pub(super) struct SetSecret;

/// A call with the secret, where one was given.
struct Prepared(Option<String>);

impl std::fmt::Debug for Prepared {
    /// Without the secret.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Prepared(…)")
    }
}

impl Action for SetSecret {
    fn name(&self) -> &'static str {
        "Ext.SetSecret"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let given = arguments.optional("secret")?;
        Ok(Box::new(Prepared(given.map(str::to_owned))))
    }
}

impl Call for Prepared {
    fn order(&self) -> Option<Order<'_>> {
        Some(Order::ClientSecret(self.0.as_deref()))
    }

    fn apply(&self, _: &mut Applier<'_, '_>, _: (EntityId, Uuid)) -> Result<()> {
        Err(unmade())
    }

    fn apply_made(
        &self,
        applier: &mut Applier<'_, '_>,
        (entity, id): (EntityId, Uuid),
        made: &Made,
    ) -> Result<()> {
        let Made::ClientSecret(hash) = made else {
            return Err(unmade());
        };
        let Some(place) = applier.open(entity, id)? else {
            return Ok(());
        };
        let of = applier.set.model().entity(entity);
        let stored = attribute(of, "ApplicationSecretHash")?;
        applier.set_made(place, stored, Value::Text(hash.clone()));
        Ok(())
    }
}
