//! `Ext.MarkNotificationsRead()`: the caller has read all notifications there are.

use uuid::Uuid;

use super::{Action, Arguments, Call, attribute, reference, repository};
use crate::change::{Applier, Criterion, Draft, Given};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;
use crate::value::Value;

/// Where notifications are kept.
const NOTIFICATIONS: &str = "Systems.Core.Notifications";
/// Notifications that one call marks at most, the oldest first.
const MOST: u64 = 1000;

/// See the module.
#[derive(Debug)]
pub(super) struct MarkNotificationsRead;

/// A call; it has no arguments.
#[derive(Debug)]
struct Prepared;

impl Action for MarkNotificationsRead {
    fn name(&self) -> &'static str {
        "Ext.MarkNotificationsRead"
    }

    fn prepare(&self, _: &Arguments<'_>) -> Result<Box<dyn Call>> {
        Ok(Box::new(Prepared))
    }
}

impl Call for Prepared {
    fn apply(&self, _: &mut Applier<'_, '_>, _: (EntityId, Uuid)) -> Result<()> {
        Err(Problem::new(Code::Internal, "the method is not bound"))
    }

    fn apply_unbound(&self, applier: &mut Applier<'_, '_>, caller: Option<Uuid>) -> Result<()> {
        let Some(caller) = caller else {
            let message = "only users who have signed in have notifications";
            return Err(Problem::new(Code::Forbidden, message));
        };
        let entity = repository(applier.set.model(), NOTIFICATIONS)?;
        let of = applier.set.model().entity(entity);
        let read = attribute(of, "IsRead")?;
        let unread = [
            Criterion::PointsAt(reference(of, "User")?, vec![caller]),
            Criterion::Equal(read, Value::Boolean(false)),
        ];
        let mut draft = Draft::empty(entity, String::new());
        draft
            .values
            .push((read, Given::Value(Value::Boolean(true))));
        for found in applier.lookup.objects(entity, &unread, Some(MOST))? {
            applier.update(&draft, found.id)?;
        }
        Ok(())
    }
}
