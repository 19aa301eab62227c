//! `$entity?$id=…`: an entity by its id (OData 4.01 Part 2, 4.13).

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{Model, split_address};
use crate::plan::{Context, Plan};
use crate::syntax::ast::{Request, Segment};

use super::path::{Part, Place};
use super::read;
use super::rights::Rights;
use super::rows::Rows;
use super::scope::{NAMESPACE, Notes, Setting};

/// Whether a request asks for an entity by its id.
pub(super) fn is_asked(request: &Request) -> bool {
    let first = request.path.segments.first();
    first.is_some_and(|first| first.node == Segment::Entity)
}

/// Binds such a request as one for the entity at its own address. After `$entity` a cast may follow.
pub(super) fn bind(
    model: &Model,
    request: &Request,
    context: &Context,
    rights: &Rights,
) -> Result<Plan> {
    let (Some(id), Some((first, rest))) =
        (&request.options.id, request.path.segments.split_first())
    else {
        let message = "`$entity` needs the id of an entity in `$id`";
        let problem = Problem::new(Code::InvalidOption, message).about("$id");
        return Err(problem.help("write `$entity?$id=Set(guid)`"));
    };
    let mut plain = request.clone();
    // It has been read; no other address of a read takes it.
    plain.options.id = None;
    let notes = Notes::default();
    let setting = Setting::new(model, context, rights, &plain.options.aliases, &notes);
    let text = &id.value.node;
    let invalid = || {
        let message = format!("`{text}` is not the id of an entity");
        let problem = Problem::new(Code::InvalidValue, message).about("$id");
        problem
            .at(id.value.span)
            .help("write `$id=Set(guid)`, or the whole address")
            .within("$id", &id.text)
    };
    let (set, guid) = split_address(text).ok_or_else(invalid)?;
    let entity = model.set(set).ok_or_else(invalid)?;
    let within = |problem: Problem| problem.within("path", &request.path_text);
    let place = Rows::named(setting, entity, first.span).map_err(within)?;
    let place = Place::of(place).with_key(guid);
    let mut places = rest.iter();
    let place = places
        .try_fold(place, Place::step)
        .and_then(|place| entities(place, first.span))
        .map_err(within)?;
    read::bind(&plain, place)
}

/// Sees that nothing but types follows `$entity`: which entity is meant only reads are told.
pub(super) fn check_address(model: &Model, segments: &[At<Segment>]) -> Result<()> {
    let mut rest = segments.iter().skip(1);
    let is_type = |segment: &Segment| {
        let Segment::Name { name, parens: None } = segment else {
            return false;
        };
        name.namespace == NAMESPACE && model.entity_type(&name.name).is_some()
    };
    let more = rest.find(|segment| !is_type(&segment.node));
    more.map_or(Ok(()), |segment| Err(only_types(segment.span)))
}

/// Refuses what is more than a cast.
fn entities(place: Place<'_>, span: Span) -> Result<Place<'_>> {
    if place.part == Part::Entities && place.via.is_none() {
        return Ok(place);
    }
    Err(only_types(span))
}

fn only_types(span: Span) -> Problem {
    let problem = Problem::new(Code::NotFound, "after `$entity` only a type may follow");
    problem
        .at(span)
        .help("ask at the address of the entity itself")
}
