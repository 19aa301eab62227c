//! `CreateNotification(user, notificationClass, subject, priority)`: tells a user of an object.

use uuid::Uuid;

use super::{Action, Arguments, Call, attribute, reference, repository};
use crate::change::{Action as Does, Applier, Criterion, Draft, Given};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model};
use crate::value::Value;

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
    class: String,
    subject: String,
    /// The priority as it is stored.
    priority: String,
}

impl Action for CreateNotification {
    fn name(&self) -> &'static str {
        "Erp.CreateNotification"
    }

    fn prepare(&self, arguments: &Arguments<'_>) -> Result<Box<dyn Call>> {
        let text = |name| arguments.text(name).map(str::to_owned);
        let given = arguments.optional("priority")?;
        let priority = given.or(arguments.default("priority")).unwrap_or_default();
        Ok(Box::new(Prepared {
            user: arguments.object("user")?,
            class: text("notificationClass")?,
            subject: text("subject")?,
            priority: priority_of(arguments.model(), priority)?,
        }))
    }
}

/// The stored form of a priority.
fn priority_of(model: &Model, name: &str) -> Result<String> {
    let of = model.entity(repository(model, NOTIFICATIONS)?);
    let enumeration = of.attribute(attribute(of, "Priority")?).enumeration;
    let enumeration = enumeration.map(|id| model.enumeration(id));
    let member = enumeration.and_then(|e| e.member(name));
    member.map(|member| member.code.clone()).ok_or_else(|| {
        let message = format!("there is no priority `{name}`");
        let members = enumeration.map_or(&[][..], |e| &e.members);
        let known: Vec<_> = members.iter().map(|m| format!("`{}`", m.name)).collect();
        Problem::new(Code::UnknownEnumMember, message)
            .about("priority")
            .help(format!("the priorities are {}", known.join(", ")))
    })
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
        let mut draft = Draft::empty(entity, String::new());
        for (name, text) in [
            ("NotificationClass", &self.class),
            ("Subject", &self.subject),
            ("Priority", &self.priority),
        ] {
            let value = Given::Value(Value::Text(text.clone()));
            draft.values.push((attribute(of, name)?, value));
        }
        let made = applier.object(&draft, Does::Create)?;
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
