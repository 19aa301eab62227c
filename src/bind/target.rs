//! The address of a change: which object, and what of it.

use crate::diag::{At, Code, Problem, Result};
use crate::model::{MethodKind, Model, PropertyId};
use crate::plan::{Context, Located, Target};
use crate::syntax::ast::{QueryOptions, Request, Segment};

use super::path::{self, Address, Part, Place, Via, located};
use super::rights::Rights;
use super::scope::{Notes, Setting};
use super::{allow, call, entity_id, posted};

/// Binds the address of a request that changes something.
///
/// # Errors
///
/// What is wrong with the address or its options; `MethodNotAllowed` for one that nothing changes.
pub fn target(
    model: &Model,
    request: &Request,
    context: &Context,
    rights: &Rights,
) -> Result<Target> {
    allow::check_version(&request.options, context)?;
    let notes = Notes::default();
    let setting = Setting::new(model, context, rights, &request.options.aliases, &notes);
    let within = |problem: Problem| problem.within("path", &request.path_text);
    if let Some(problem) = posted::refusal(model, request, context, rights) {
        return Err(problem);
    }
    if entity_id::is_asked(request) {
        entity_id::check_address(model, &request.path.segments).map_err(within)?;
        return Err(fixed());
    }
    let target = match call(setting, &request.path.segments).map_err(within)? {
        Some(call) => call,
        None => match path::bind(setting, &request.path).map_err(within)? {
            Address::ServiceDocument | Address::Metadata | Address::All { .. } => {
                return Err(fixed());
            }
            Address::Rows(place) => of_place(*place, request)?,
        },
    };
    let options = match &target {
        Target::Set(_) | Target::Children { .. } | Target::Object(_) => allow::Target::Change,
        Target::Attribute { .. } | Target::Link { .. } | Target::Call { .. } => {
            allow::Target::BareChange
        }
        Target::Links { .. } => allow::Target::Unlink,
    };
    allow::check(options, &request.options)?;
    Ok(target)
}

/// Checks the options of an address that is neither read nor changed by itself: a batch.
///
/// # Errors
///
/// `InvalidOption` for those that do not apply, `NotFound` for another version of the schema.
pub fn bare(options: &QueryOptions, context: &Context) -> Result<()> {
    allow::check_version(options, context)?;
    allow::check(allow::Target::Document, options)
}

fn fixed() -> Problem {
    let message = "nothing can be changed at this address";
    Problem::new(Code::MethodNotAllowed, message).takes("GET, HEAD, OPTIONS")
}

/// An action at the end of an address; nothing where the address ends in something else.
fn call(setting: Setting<'_>, segments: &[At<Segment>]) -> Result<Option<Target>> {
    let Some(called) = call::of(setting, segments)? else {
        return Ok(None);
    };
    called.check_count()?;
    called.check_kind(MethodKind::Action)?;
    called.check_action()?;
    Ok(Some(Target::Call {
        namespace: called.method.namespace.clone(),
        name: called.method.name.clone(),
        object: called.object.map(object),
    }))
}

fn object(place: Place<'_>) -> Located {
    let entity = place.rows.entity();
    let key = place.rows.here.key();
    located(entity, place.key, place.rows.guids(key))
}

fn of_place(place: Place<'_>, request: &Request) -> Result<Target> {
    match (place.part.clone(), place.single, place.via.clone()) {
        (Part::Entities, true, _) => Ok(Target::Object(object(place))),
        (
            Part::Entities,
            false,
            Some(Via {
                property: PropertyId::Collection(collection),
                from,
            }),
        ) => Ok(Target::Children {
            owner: from,
            collection,
        }),
        (Part::Entities, false, _) if place.rows.whole => Ok(Target::Set(place.rows.entity())),
        (Part::Entities, false, _) => Err(fixed()),
        (Part::Property(piece), _, _) => Ok(Target::Attribute {
            object: object(place),
            attribute: piece.attribute,
            part: piece.part,
            raw: false,
        }),
        (Part::RawValue(piece), _, _) => Ok(Target::Attribute {
            object: object(place),
            attribute: piece.attribute,
            part: piece.part,
            raw: true,
        }),
        (Part::Links, _, Some(Via { property, from })) => match property {
            PropertyId::Reference(reference) => Ok(Target::Link {
                object: from,
                reference,
            }),
            PropertyId::Collection(collection) => Ok(Target::Links {
                owner: from,
                collection,
                member: place.member,
                id: request.options.id.as_ref().map(|id| id.value.node.clone()),
            }),
            PropertyId::Attribute(_) => Err(fixed()),
        },
        (Part::Links, _, None) | (Part::Count, _, _) => Err(fixed()),
    }
}
