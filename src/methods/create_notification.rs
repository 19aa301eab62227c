//! `CreateNotification(user, notificationClass, subject, priority)`: tells a user of an object.

use uuid::Uuid;

use super::{Action, Arguments, Call, reference, repository};
use crate::change::{Action as Does, Applier, Criterion, Draft};
use crate::diag::{Code, Problem, Result};
use crate::model::EntityId;

/// Where notifications are kept.
const NOTIFICATIONS: &str = "Systems.Core.Notifications";
/// What a notification can be about.
const OBJECTS: &str = "Systems.Core.ExtensibleDataObjects";

/// See the module.
#[derive(Debug)]
pub(super) struct CreateNotification;

/// A call with its arguments.
#[derive(Debug)]
struct Prepared {
    user: (EntityId, Uuid),
    /// The notification, without the objects that it leads to.
    draft: Draft,
}

impl Action for CreateNotification {
    fn name(&self) -> &'static str {
        "Erp.CreateNotification"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let entity = repository(arguments.model(), NOTIFICATIONS)?;
        let priority = arguments.optional("priority")?;
        let priority = priority.or(arguments.default("priority"));
        let texts = [
            (
                "NotificationClass",
                Some(arguments.text("notificationClass")?),
            ),
            ("Subject", Some(arguments.text("subject")?)),
            ("Priority", priority),
        ];
        Ok(Box::new(Prepared {
            user: arguments.object("user")?,
            draft: arguments.draft(entity, &texts)?,
        }))
    }
}

impl Call for Prepared {
    fn stands_alone(&self) -> bool {
        true
    }

    fn apply(&self, applier: &mut Applier<'_, '_>, object: (EntityId, Uuid)) -> Result<()> {
        let (users, user) = self.user;
        if applier.lookup.present(users, &[user])?.is_empty() {
            let set = &applier.set.model().entity(users).set;
            let message = format!("there is no `{set}({user})`");
            return Err(Problem::new(Code::NotFound, message).about("user"));
        }
        let about = about(applier, object)?;
        let entity = repository(applier.set.model(), NOTIFICATIONS)?;
        let of = applier.set.model().entity(entity);
        let made = applier.object(&self.draft, Does::Create)?;
        let place = made.and_then(|made| applier.set.place(entity, made.id));
        if let Some(place) = place {
            // Both were seen to be there.
            applier.point_made(place, reference(of, "User")?, Some(user));
            applier.point_made(place, reference(of, "DataObject")?, about);
        }
        Ok(())
    }
}

/// The data object of an object: that of its aggregate. Objects whose changes are not counted have
/// none.
fn about(applier: &mut Applier<'_, '_>, (entity, id): (EntityId, Uuid)) -> Result<Option<Uuid>> {
    let Some(place) = applier.open(entity, id)? else {
        let set = &applier.set.model().entity(entity).set;
        let message = format!("there is no `{set}({id})`");
        return Err(Problem::new(Code::NotFound, message));
    };
    let root = applier.set.objects().get(place).map_or(id, |o| o.root);
    let objects = repository(applier.set.model(), OBJECTS)?;
    let found = applier
        .lookup
        .look(objects, &[Criterion::Keys(vec![root])])?;
    Ok(found.first().map(|_| root))
}
