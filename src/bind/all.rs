//! `$all`: the entities of every set (OData 4.01 Part 2, 4.14).
//!
//! What no set has in common is not asked: nothing filters, orders or selects. Each set is read under
//! its own rights; those of which nothing is visible are left out, as if they did not exist. What is
//! shown by a set that extends another one is not shown by that one again.

use crate::diag::{At, Code, Problem, Result};
use crate::model::EntityId;
use crate::plan::{Answer, Plan, Predicate, Query, ReadPlan, Shape, Term};
use crate::syntax::ast::{QueryOptions, Request, Segment};

use super::allow::{self, Kind, Target};
use super::path::{Place, nothing};
use super::rows::Rows;
use super::scope::{NAMESPACE, Setting};
use super::select::Choice;
use super::{order, page, read, shape, suggest, visible};

/// What an address that begins with `$all` means.
#[derive(Debug)]
pub(super) enum Asked<'a> {
    /// The entities of every set.
    Entities,
    /// Their number.
    Count,
    /// Those of one type, and what may follow a set.
    Place(Box<Place<'a>>),
}

/// Binds what follows `$all`.
pub(super) fn asked<'a>(setting: Setting<'a>, rest: &'a [At<Segment>]) -> Result<Asked<'a>> {
    let Some((next, after)) = rest.split_first() else {
        return Ok(Asked::Entities);
    };
    match &next.node {
        Segment::Count if after.is_empty() => Ok(Asked::Count),
        Segment::Name { name, parens } if !name.namespace.is_empty() => {
            let of = setting.model.entity_type(&name.name);
            let entity = of
                .filter(|_| name.namespace == NAMESPACE)
                .ok_or_else(|| suggest::unknown_type(setting.model, name, next.span))?;
            let place = Place::of(Rows::named(setting, entity, next.span)?);
            let place = match parens {
                Some(parens) => place.keyed(parens, next.span)?,
                None => place,
            };
            let place = after.iter().try_fold(place, Place::step)?;
            Ok(Asked::Place(Box::new(place)))
        }
        Segment::Name { .. }
        | Segment::Count
        | Segment::Text(_)
        | Segment::Key(_)
        | Segment::Value
        | Segment::Ref
        | Segment::Each
        | Segment::Filter(_)
        | Segment::Query
        | Segment::Metadata
        | Segment::Batch
        | Segment::Entity
        | Segment::All
        | Segment::CrossJoin(_)
        | Segment::ContentId(_) => {
            Err(nothing(next.span).help("a type may follow, such as `$all/Erp.Type`"))
        }
    }
}

/// The plan of the entities of every set, or of their number.
pub(super) fn bind(setting: Setting<'_>, request: &Request, count: bool) -> Result<Plan> {
    let options = &request.options;
    let (answer, kind) = match count {
        true => (Answer::Count, Kind::CountOfAll),
        false => (Answer::All, Kind::All),
    };
    allow::check(Target::Rows(kind), options)?;
    let entities = setting.model.entities().map(|(id, _)| id);
    let mut parts = Vec::new();
    for entity in entities.filter(|id| visible::is_open(setting, *id)) {
        parts.push(part(setting, entity, count)?);
    }
    let page = match count {
        true => None,
        false => Some(page::cut_all(setting, options, &mut parts, request)?),
    };
    let mut parts = parts.into_iter();
    let Some((query, shape)) = parts.next() else {
        let problem = Problem::new(Code::Forbidden, "you may not read any set");
        return Err(problem);
    };
    Ok(Plan::Read(Box::new(ReadPlan {
        answer,
        query,
        shape,
        others: parts.collect(),
        count: counts(options),
        page,
        parent: None,
        delta: None,
        skip_nulls: read::skip_nulls(options)?,
        is_me: false,
        timely: setting.is_timely(),
    })))
}

fn counts(options: &QueryOptions) -> bool {
    options.count.as_ref().is_some_and(|opt| opt.value.node)
}

/// The rows of one set that no set which extends it shows.
fn part(setting: Setting<'_>, entity: EntityId, count: bool) -> Result<(Query, Shape)> {
    let mut rows = Rows::all(setting, entity)?;
    for derived in setting.model.derived(entity) {
        let at = rows.tables.cast(setting, rows.here, *derived)?;
        rows.narrow(Predicate::Null {
            term: Term::Column(at.key()),
            negated: false,
        });
    }
    let choice = match count {
        true => Choice::nothing(),
        false => Choice::defaults(setting),
    };
    let mut shape = shape::chosen(&mut rows, &choice)?;
    shape.typed = true;
    let keys = order::keys(&mut rows, &[])?;
    Ok((rows.query(keys, 0, None), shape))
}
