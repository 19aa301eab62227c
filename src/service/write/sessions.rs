//! What a change of users does to their sessions.

use uuid::Uuid;

use super::Service;
use super::apply::Done;
use super::make::Making;
use super::prepare::Prepared;
use super::work::Work;
use crate::change::{Kind, Object};
use crate::diag::Result;
use crate::model::Entity;
use crate::rules::Sealed;
use crate::store::Writer;
use crate::value::Value;

/// The entity whose objects sign in.
const USERS: &str = "Systems.Security.Users";

impl Service {
    /// Ends the sessions of users who are not active any more or have a new password, and of others
    /// that are named, in the same transaction; answers whether there was anybody such.
    pub(super) fn end_sessions(
        &self,
        sealed: &Sealed<'_>,
        making: &Making<'_>,
        writer: &mut Writer,
    ) -> Result<bool> {
        let model = sealed.model();
        let changed = sealed.set().objects().iter().filter(|object| {
            let of = model.entity(object.entity);
            of.name == USERS && object.kind() == Kind::Update && is_cut_off(of, object, making)
        });
        let mut users: Vec<Uuid> = changed.map(|object| object.id).collect();
        users.extend(making.cut_off);
        for user in &users {
            writer.end_sessions(*user, making.author.now)?;
        }
        Ok(!users.is_empty())
    }
}

/// The users whose sessions calls end.
pub(super) fn called(prepared: &[Prepared], done: &[Done]) -> Vec<Uuid> {
    let all = prepared.iter().zip(done);
    let ending = all.filter(
        |(prepared, _)| matches!(&prepared.work, Work::Call { call, .. } if call.ends_sessions()),
    );
    let objects = ending.filter_map(|(_, done)| done.object());
    objects.map(|(_, id)| id).collect()
}

/// Whether a change takes the sessions of a user away.
fn is_cut_off(of: &Entity, object: &Object, making: &Making<'_>) -> bool {
    let (Some(before), Some(after)) = (&object.before, &object.after) else {
        return false;
    };
    let values = |name: &str| {
        let attribute = of.attribute_named(name)?;
        Some((before.record.value(attribute), after.value(attribute)))
    };
    let deactivated = values("Active")
        .is_some_and(|(was, is)| *was == Value::Boolean(true) && *is == Value::Boolean(false));
    let new_password = values("Password").is_some_and(|(was, is)| was != is);
    deactivated || (new_password && !making.keeps_sessions)
}
