//! The work of one request, applied to the change set.

use uuid::Uuid;

use super::conditions;
use super::work::{Others, Work};
use super::{Conditions, WriteSettings};
use crate::change::{Action, Applier, ChangeSet, Draft, Kind, Object};
use crate::diag::{Code, Problem, Result};
use crate::model::{EntityId, Model, ReferenceId};
use crate::plan::{By, Located};
use crate::service::Caller;
use crate::service::first::first;
use crate::service::tokens::Minted;
use crate::store::Reads;

/// What a request did, as far as its answer goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Done {
    /// It made an object.
    Created(EntityId, Uuid),
    /// It made a copy of an object.
    Copied(EntityId, Uuid),
    /// It changed an object, or left it as it was.
    Changed(EntityId, Uuid),
    /// It changed an attribute of an object.
    Attribute(EntityId, Uuid),
    /// It changed something that has no representation: a deletion, a link, a call. The object is
    /// the one whose tag is told.
    Silent(Option<(EntityId, Uuid)>),
}

impl Done {
    /// What can still be told of it: a later request may have removed the object.
    pub(super) fn that_stays<S>(self, set: &ChangeSet<'_, S>) -> Self {
        match self {
            Self::Created(entity, id)
            | Self::Copied(entity, id)
            | Self::Changed(entity, id)
            | Self::Attribute(entity, id)
            | Self::Silent(Some((entity, id))) => match set.object(entity, id) {
                Some(object) if object.after.is_none() => Self::Silent(None),
                Some(_) | None => self,
            },
            Self::Silent(None) => self,
        }
    }
}

/// A request's way into the change set.
pub(super) struct Step<'a> {
    pub(super) settings: &'a WriteSettings,
    pub(super) conditions: &'a Conditions,
    /// The object of the address, where there is one.
    pub(super) id: Option<Uuid>,
    /// What was made for a call.
    pub(super) minted: Option<&'a Minted>,
    /// Who asks.
    pub(super) caller: &'a Caller,
}

impl Done {
    /// The object that later requests mean by the name of the request.
    pub(super) fn object(self) -> Option<(EntityId, Uuid)> {
        match self {
            Self::Created(entity, id)
            | Self::Copied(entity, id)
            | Self::Changed(entity, id)
            | Self::Attribute(entity, id) => Some((entity, id)),
            Self::Silent(object) => object,
        }
    }
}

impl Step<'_> {
    /// Applies the work of a request.
    pub(super) fn run(&self, applier: &mut Applier<'_, '_>, work: &Work) -> Result<Done> {
        match work {
            Work::Create(draft) => {
                conditions::check(self.conditions, None, false)?;
                created(applier, draft, None)
            }
            Work::CreateChild {
                owner,
                collection,
                draft,
            } => {
                let (entity, id) = self.must(applier, owner)?;
                let of = applier.set.model().entity(entity).collection(*collection);
                created(applier, draft, Some(((of.target, of.back), id)))
            }
            Work::Change {
                object,
                draft,
                replace,
            } => self.change(applier, object, draft, *replace),
            Work::Attribute {
                object,
                draft,
                others,
            } => {
                let (entity, id) = self.must(applier, object)?;
                let merging = applier.replace_languages;
                applier.replace_languages = match others {
                    Others::Stay => false,
                    Others::Go => true,
                    Others::AsConfigured => merging,
                };
                let done = applier.update(draft, id);
                applier.replace_languages = merging;
                done?;
                Ok(Done::Attribute(entity, id))
            }
            Work::Delete(object) => {
                let (entity, id) = self.must(applier, object)?;
                applier.delete(entity, id, "")?;
                Ok(Done::Silent(None))
            }
            Work::Link {
                object,
                reference,
                to,
            } => {
                let (entity, id) = self.must(applier, object)?;
                if let Some(place) = applier.open(entity, id)? {
                    applier.link(place, (object.entity, *reference), *to)?;
                }
                Ok(Done::Silent(Some((entity, id))))
            }
            Work::LinkChild {
                owner,
                collection,
                child: (child_entity, child),
            } => {
                let (entity, id) = self.must(applier, owner)?;
                let of = applier.set.model().entity(entity).collection(*collection);
                let back = (of.target, of.back);
                let place = applier.open(*child_entity, *child)?.ok_or_else(|| {
                    let set = &applier.set.model().entity(*child_entity).set;
                    let message = format!("there is no `{set}({child})`");
                    Problem::new(Code::UnknownReference, message).about("@odata.id")
                })?;
                applier.link(place, back, Some((entity, id)))?;
                Ok(Done::Silent(Some((entity, id))))
            }
            Work::UnlinkChild {
                owner,
                collection,
                child,
            } => {
                let (entity, id) = self.must(applier, owner)?;
                let of = applier.set.model().entity(entity).collection(*collection);
                if of.owned {
                    let message = format!(
                        "an object cannot leave `{}`, which it is a part of",
                        of.name
                    );
                    let problem = Problem::new(Code::MethodNotAllowed, message);
                    return Err(problem.help("delete the object itself"));
                }
                let place = applier.open(of.target, *child)?.ok_or_else(|| {
                    Problem::new(Code::NotFound, "there is no such link").about("$id")
                })?;
                applier.let_go(place, entity, *collection, id, "")?;
                Ok(Done::Silent(Some((entity, id))))
            }
            Work::Copy(object) => {
                let (entity, id) = self.must(applier, object)?;
                // What the caller may not read or give is as in a new object.
                let rights = &self.caller.rights;
                let copied = |entity, property| {
                    let shut = rights.read.is_closed(entity, property);
                    !shut && !rights.create.is_closed(entity, property)
                };
                let copy = applier.copy(entity, id, &copied)?;
                Ok(Done::Copied(copy.entity, copy.id))
            }
            Work::Frame(_) => Ok(Done::Silent(None)),
            Work::Call { object, call } => {
                let Some(object) = object else {
                    let guard = applier.guard.take();
                    call.apply_unbound(applier, self.caller.user())?;
                    applier.guard = guard;
                    return Ok(Done::Silent(None));
                };
                let (entity, id) = self.must(applier, object)?;
                if call.changes_object()
                    && let Some(place) = applier.set.place(entity, id)
                {
                    applier.allowed(Kind::Update, place)?;
                }
                // What it changes is judged when all of it is there.
                let guard = applier.guard.take();
                match self.minted {
                    // It is made later.
                    None if call.stands_alone() => {}
                    None => call.apply(applier, (entity, id))?,
                    Some(minted) => call.apply_made(applier, (entity, id), &minted.made)?,
                }
                applier.guard = guard;
                Ok(Done::Silent(Some((entity, id))))
            }
        }
    }

    /// Changes an object, or creates it where the address is a key that nothing has.
    fn change(
        &self,
        applier: &mut Applier<'_, '_>,
        object: &Located,
        draft: &Draft,
        replace: bool,
    ) -> Result<Done> {
        let id = self.id;
        if let Some(id) = self.there(applier, object)? {
            return known(applier, draft, (object.entity, id), replace);
        }
        conditions::check(self.conditions, None, false)?;
        let creates = match draft.action {
            None | Some(Action::Create | Action::Merge | Action::FindOrCreate) => object.is_key(),
            Some(
                Action::Update
                | Action::Delete
                | Action::Find
                | Action::FindOrNull
                | Action::FindSingle
                | Action::FindSingleOrNull,
            ) => false,
        };
        let (true, Some(id)) = (creates, id) else {
            return Err(nothing(applier.set.model(), object, id));
        };
        let mut new = draft.clone();
        (new.id, new.id_is_made) = (Some(id), false);
        // The address says which object it is: no other is looked for.
        new.action = Some(Action::Create);
        // Whoever did not ask for a new object hears that there is none, rather than what a new one
        // would need.
        let asked = self.conditions.if_none_match.is_some();
        let lacking = if asked { None } else { lacking(applier, &new) };
        if let Some(lacking) = lacking {
            let problem = nothing(applier.set.model(), object, Some(id));
            return Err(problem.help(format!("a new object would need `{lacking}`")));
        }
        let done = created(applier, &new, None);
        let clash = matches!(&done, Err(problem) if problem.code() == Code::NotUnique);
        let came = |object: &Object| object.before.is_some();
        if clash && applier.set.object(object.entity, id).is_some_and(came) {
            // Another transaction has made it since it was looked for.
            if let Some(id) = self.there(applier, object)? {
                return known(applier, draft, (object.entity, id), replace);
            }
        }
        done
    }

    /// The object of an address, which must be there and meet the conditions.
    fn must(&self, applier: &mut Applier<'_, '_>, object: &Located) -> Result<(EntityId, Uuid)> {
        if let Some(id) = self.there(applier, object)? {
            return Ok((object.entity, id));
        }
        if self.conditions.if_match.is_some() {
            conditions::check(self.conditions, None, false)?;
        }
        Err(nothing(applier.set.model(), object, self.id))
    }

    /// The object of an address, where it is there; it then meets the conditions.
    fn there(&self, applier: &mut Applier<'_, '_>, object: &Located) -> Result<Option<Uuid>> {
        let Some(id) = self.id else {
            return Ok(None);
        };
        let Some(place) = applier.open(object.entity, id)? else {
            return Ok(None);
        };
        let version = version_at(applier, place);
        // What the program does by itself has nobody who could have read the object before.
        let is_client = self.caller.identity().is_some();
        let required = self.settings.require_if_match && is_client;
        conditions::check(self.conditions, Some(version), required)?;
        Ok(Some(id))
    }
}

/// Does what a payload asks for with the object of the address, which is there.
fn known(
    applier: &mut Applier<'_, '_>,
    draft: &Draft,
    (entity, id): (EntityId, Uuid),
    replace: bool,
) -> Result<Done> {
    match draft.action {
        None | Some(Action::Update | Action::Merge) if replace => {
            applier.replace(draft, id, entity)?;
        }
        None | Some(Action::Update | Action::Merge) => {
            applier.update(draft, id)?;
        }
        Some(
            Action::Find
            | Action::FindOrNull
            | Action::FindOrCreate
            | Action::FindSingle
            | Action::FindSingleOrNull,
        ) => {}
        Some(Action::Delete) => {
            applier.delete(entity, id, "")?;
            return Ok(Done::Silent(None));
        }
        Some(Action::Create) => {
            let set = &applier.set.model().entity(entity).set;
            let message = format!("another `{set}` has this `Id`");
            return Err(Problem::new(Code::NotUnique, message).about("Id"));
        }
    }
    Ok(Done::Changed(entity, id))
}

/// The version of an object's aggregate as the database has it; that of a new one.
fn version_at(applier: &Applier<'_, '_>, place: usize) -> i64 {
    let object = applier.set.objects().get(place);
    let before = object.and_then(|o| o.before.as_ref());
    before.map_or(1, |stored| stored.version)
}

fn nothing(model: &Model, object: &Located, id: Option<Uuid>) -> Problem {
    let set = &model.entity(object.entity).set;
    let message = match id {
        Some(id) => format!("there is no `{set}({id})`"),
        None => format!("there is no object of `{set}` here"),
    };
    Problem::new(Code::NotFound, message)
}

/// An attribute that a new object would need and the draft does not give.
fn lacking(applier: &Applier<'_, '_>, draft: &Draft) -> Option<String> {
    let of = applier.set.model().entity(draft.entity);
    let mut needed = of.attribute_ids().filter(|(_, attribute)| {
        attribute.required && attribute.default.is_none() && of.is_writable(draft.entity, attribute)
    });
    let missing = needed.find(|(id, _)| !draft.values.iter().any(|(given, _)| given == id));
    missing.map(|(_, attribute)| attribute.name.clone())
}

fn created(
    applier: &mut Applier<'_, '_>,
    draft: &Draft,
    owner: Option<((EntityId, ReferenceId), Uuid)>,
) -> Result<Done> {
    let outcome = match owner {
        None => applier.object(draft, Action::Create)?,
        Some((child, id)) => applier.child(draft, Action::Create, child, id)?,
    };
    Ok(match outcome {
        Some(outcome) if outcome.created => Done::Created(outcome.entity, outcome.id),
        Some(outcome) => Done::Changed(outcome.entity, outcome.id),
        None => Done::Silent(None),
    })
}

/// Finds the object of an address, as the database has it before the requests are applied.
pub(super) fn locate(
    model: &Model,
    on: &mut impl Reads,
    located: &Located,
) -> Result<Option<Uuid>> {
    match &located.by {
        By::Key(id) => Ok(Some(*id)),
        By::Rows(rows) => first(model, rows, on),
    }
}
