//! A read: the rows of an address, shaped by the query options.

use crate::diag::{Code, Problem, Result};
use crate::model::PropertyId;
use crate::plan::{Answer, Plan, ReadPlan};
use crate::syntax::ast::{Opt, QueryOptions, Request, Segment};

use super::allow::{self, Target};
use super::apply;
use super::levels::Depth;
use super::path::{self, Part, Place};
use super::select::Choice;
use super::{expand, page, property, shape};

/// Binds the options of a read.
pub(super) fn bind(request: &Request, place: Place<'_>) -> Result<Plan> {
    let options = &request.options;
    let Place {
        mut rows,
        single,
        parent,
        part,
        via,
        ..
    } = place;
    rows.setting = rows.setting.with_computed(options);
    let answer = answer(&part, single);
    allow::check(Target::Rows((&answer).into()), options)?;
    let setting = rows.setting;
    let context = setting.context;
    if let (None, Some(opt)) = (&options.apply, &options.expandgroup) {
        return Err(ungrouped(opt));
    }
    if let Some(option) = &options.apply {
        match apply::bind(rows, option)? {
            apply::Outcome::Entities(narrowed) => match &options.expandgroup {
                Some(opt) => return Err(ungrouped(opt)),
                None => rows = *narrowed,
            },
            apply::Outcome::Groups(groups) => return apply::plan(groups, request, answer, parent),
        }
    }
    let keys = expand::narrow(&mut rows, options, false);
    let output = match &part {
        Part::Entities => shape::shape(
            &mut rows,
            options,
            Depth::new(context.limits.expand_depth),
            None,
        ),
        Part::Property(piece) | Part::RawValue(piece) => property::shape(&mut rows, piece),
        Part::Count | Part::Links => shape::chosen(&mut rows, &Choice::nothing()),
    };
    let (keys, mut shape) = shape::both(keys, output)?;
    if answer == Answer::Entity && shape.version.is_none() {
        shape.version = shape::version_of_one(&mut rows)?;
    }
    // Another object may be behind the same reference tomorrow, and is for another caller.
    let is_behind = via.is_some_and(|via| matches!(via.property, PropertyId::Reference(_)));
    let is_me = is_me(request);
    shape.covered &= !is_behind && !is_me && !setting.is_timely();
    let mut query = rows.query(keys, 0, None);
    let delta = options
        .deltatoken
        .as_ref()
        .map(|opt| opt.value.node.clone());
    let page = match &answer {
        Answer::Collection | Answer::CollectionLinks => {
            let canonical = page::canonical(request, &query);
            if delta.is_some() {
                Some(page::delta(context, options, canonical)?)
            } else {
                page::cut(context, options, &mut query, canonical)?
            }
        }
        Answer::All
        | Answer::Entity
        | Answer::Property
        | Answer::RawValue
        | Answer::Count
        | Answer::EntityLink => None,
    };
    Ok(Plan::Read(Box::new(ReadPlan {
        answer,
        query,
        shape,
        others: Vec::new(),
        count: options.count.as_ref().is_some_and(|opt| opt.value.node),
        page,
        parent,
        // A copy learns from a null that a value is gone (OData 4.01 Part 1, 8.2.8.6).
        skip_nulls: skip_nulls(options)? && delta.is_none(),
        delta,
        timely: setting.is_timely(),
        is_me,
    })))
}

/// Whether an address is that of the caller's own row, also as another type.
fn is_me(request: &Request) -> bool {
    let mut segments = request.path.segments.iter();
    let first = segments.next().map(|first| &first.node);
    let is_first = matches!(first, Some(Segment::Name { name, .. }) if path::is_me(name));
    let is_type = |segment: &Segment| matches!(segment, Segment::Name { name, .. } if !name.namespace.is_empty());
    is_first && segments.all(|segment| is_type(&segment.node))
}

fn answer(part: &Part, single: bool) -> Answer {
    match (part, single) {
        (Part::Entities, true) => Answer::Entity,
        (Part::Entities, false) => Answer::Collection,
        (Part::Property(_), _) => Answer::Property,
        (Part::RawValue(_), _) => Answer::RawValue,
        (Part::Count, _) => Answer::Count,
        (Part::Links, true) => Answer::EntityLink,
        (Part::Links, false) => Answer::CollectionLinks,
    }
}

/// `expandgroup` where nothing is grouped.
fn ungrouped<T>(opt: &Opt<T>) -> Problem {
    let text = "`expandgroup` expands references that `$apply` groups by, and nothing is grouped";
    Problem::new(Code::InvalidOption, text)
        .about("expandgroup")
        .help("write `$expand` for references of entities")
        .within("expandgroup", &opt.text)
}

/// `options=skipnulls`, the vendor's way to leave nulls out.
///
/// # Errors
///
/// `InvalidOption` for other words.
pub(super) fn skip_nulls(options: &QueryOptions) -> Result<bool, Problem> {
    let custom = options.custom.iter();
    let given = custom.filter(|(name, _)| name.eq_ignore_ascii_case("options"));
    let words = given.flat_map(|(_, value)| value.split(','));
    let mut words = words
        .map(str::trim)
        .filter(|word| !word.is_empty())
        .peekable();
    let is_given = words.peek().is_some();
    match words.find(|word| !word.eq_ignore_ascii_case("skipnulls")) {
        None => Ok(is_given),
        Some(word) => {
            let message = format!("`options` knows no `{word}`");
            let problem = Problem::new(Code::InvalidOption, message).about("options");
            Err(problem.help("it takes `skipnulls`"))
        }
    }
}

/// A document takes hardly any option.
pub(super) fn document(request: &Request, plan: Plan) -> Result<Plan, Problem> {
    allow::check(Target::Document, &request.options)?;
    Ok(plan)
}
