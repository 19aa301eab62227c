//! What a change of users does to their sessions.

use uuid::Uuid;

use super::apply::Done;
use super::prepare::Prepared;
use super::work::Work;
use super::{Along, Service};
use crate::change::{Kind, Object};
use crate::diag::Result;
use crate::model::Entity;
use crate::rules::Sealed;
use crate::store::Writer;
use crate::value::{Timestamp, Value};

/// The entity whose objects sign in.
const USERS: &str = "Systems.Security.Users";

impl Service {
    /// Ends the sessions of users who are not active any more or have a new password, and of those
    /// that a call says, in the same transaction; answers whether there was anybody such.
    pub(super) fn end_sessions(
        &self,
        sealed: &Sealed<'_>,
        revoked: &[Uuid],
        along: &Along<'_>,
        writer: &mut Writer,
        now: Timestamp,
    ) -> Result<bool> {
        let model = sealed.model();
        let changed = sealed.set().objects().iter().filter(|object| {
            let of = model.entity(object.entity);
            of.name == USERS && object.kind() == Kind::Update && is_cut_off(of, object, along)
        });
        let mut users: Vec<Uuid> = changed.map(|object| object.id).collect();
        users.extend(revoked);
        for user in &users {
            writer.end_sessions(*user, now)?;
        }
        Ok(!users.is_empty())
    }
}

/// The users whose sessions a call ends.
pub(super) fn revoked(prepared: &[Prepared], done: &[Done]) -> Vec<Uuid> {
    let called = prepared.iter().zip(done).filter(
        |(prepared, _)| matches!(&prepared.work, Work::Call { call, .. } if call.ends_sessions()),
    );
    called
        .filter_map(|(_, done)| done.object())
        .map(|(_, id)| id)
        .collect()
}

/// Whether a change takes the sessions of a user away.
fn is_cut_off(of: &Entity, object: &Object, along: &Along<'_>) -> bool {
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
    deactivated || (new_password && !along.keeps_sessions)
}
