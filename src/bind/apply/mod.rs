//! `$apply`: transformations of rows, each over what the one before it gives.
//!
//! What is asked starts as rows of entities under the rights of their reader, as every read does, and
//! stays that until something groups or aggregates it: from then on there are names. What a name may
//! be asked follows from the declarations of the attribute that it comes from.

mod aggregate;
mod compute;
mod concat;
mod condition;
mod cut;
mod derived;
mod expand;
mod group;
mod literal;
mod named;
mod output;
mod state;

use crate::diag::{At, Code, Problem, Result, Span};
use crate::syntax::ast::{Name, Opt, Pick, Pipeline, Transformation};

use super::rows::Rows;
use super::{refuse, search};
use state::State;

pub(super) use derived::Derived;
pub(super) use output::plan;

/// Transformations in one `$apply` at most, those inside others included.
const MOST: usize = 32;

/// What comes out of `$apply`.
pub(super) enum Outcome<'a> {
    /// Entities: fewer perhaps, but whole.
    Entities(Box<Rows<'a>>),
    /// Rows that are no entities.
    Groups(Box<Derived<'a>>),
}

/// Binds `$apply` over rows.
pub(super) fn bind<'a>(rows: Rows<'a>, option: &'a Opt<Pipeline>) -> Result<Outcome<'a>> {
    transformed(rows, &option.value).map_err(|p| p.within("$apply", &option.text))
}

fn transformed<'a>(rows: Rows<'a>, pipeline: &'a Pipeline) -> Result<Outcome<'a>> {
    if number(pipeline) > MOST {
        let span = pipeline.last().map_or(Span::new(0, 0), |last| last.span);
        let text = format!("more than {MOST} transformations");
        return Err(Problem::new(Code::LimitExceeded, text).at(span));
    }
    match run(State::new(rows), pipeline)? {
        State::Entities(entities) => {
            let span = pipeline.last().map_or(Span::new(0, 0), |last| last.span);
            let rows = entities.whole(span)?;
            Ok(Outcome::Entities(Box::new(rows)))
        }
        State::Derived(derived) => Ok(Outcome::Groups(derived)),
    }
}

/// How many transformations there are.
fn number(pipeline: &Pipeline) -> usize {
    let inside = |one: &At<Transformation>| match &one.node {
        Transformation::GroupBy { then, .. } => number(then),
        Transformation::Concat(all) => all.iter().map(number).sum(),
        Transformation::Identity
        | Transformation::Filter(_)
        | Transformation::Search(_)
        | Transformation::Compute(_)
        | Transformation::OrderBy(_)
        | Transformation::Skip(_)
        | Transformation::Top(_)
        | Transformation::Pick { .. }
        | Transformation::Aggregate(_)
        | Transformation::Other { .. } => 0,
    };
    pipeline.iter().map(|one| 1 + inside(one)).sum()
}

/// A transformation whose arguments are not read, and what to ask instead.
fn other(name: &Name, span: Span) -> Problem {
    let full = super::suggest::qualified(name);
    let word = match name.namespace.is_empty() {
        true => name.name.to_ascii_lowercase(),
        false => String::new(),
    };
    let (why, instead) = match word.as_str() {
        "expandgroup" => (
            "it is an option of its own",
            "write it beside `$apply`: `&expandgroup=Domain($select=Name)`",
        ),
        "addnested" | "expand" | "nest" => (
            "groups hold values, not rows",
            "ask for the rows of a group by its values: `$filter=UserType eq 'InternalUser'`",
        ),
        "join" | "outerjoin" => (
            "rows are not multiplied by their children",
            "group the children, by their reference to the owner",
        ),
        "ancestors" | "descendants" | "traverse" => (
            "the model declares no hierarchies",
            "filter by the reference to the parent",
        ),
        _ => (
            "the service has no transformations of its own",
            "`$metadata` lists those that there are: `Aggregation.ApplySupportedDefaults`",
        ),
    };
    let text = format!("the transformation `{full}` is not offered: {why}");
    refuse::not_offered(&text, span).about(full).help(instead)
}

/// Runs transformations one after the other.
fn run<'a>(state: State<'a>, pipeline: &'a [At<Transformation>]) -> Result<State<'a>> {
    pipeline.iter().try_fold(state, step)
}

fn step<'a>(mut state: State<'a>, one: &'a At<Transformation>) -> Result<State<'a>> {
    match &one.node {
        Transformation::Identity => {}
        Transformation::Filter(condition) => state.filter(condition)?,
        Transformation::Search(found) => match &mut state {
            State::Entities(entities) => {
                entities.uncut(one.span)?;
                let predicate = search::predicate(&mut entities.rows, found)?;
                entities.rows.narrow(predicate);
            }
            State::Derived(_) => {
                let text = "`search` over what is grouped is not offered";
                return Err(refuse::not_offered(text, one.span).help("search before grouping"));
            }
        },
        Transformation::Compute(items) => compute::bind(&mut state, items)?,
        Transformation::OrderBy(items) => cut::order(&mut state, items)?,
        Transformation::Skip(number) => cut::skip(&mut state, number.node, one.span)?,
        Transformation::Top(number) => cut::top(&mut state, number.node, one.span)?,
        Transformation::Pick {
            method: method @ (Pick::TopCount | Pick::BottomCount),
            amount,
            by,
        } => cut::pick(&mut state, *method, amount, by, one.span)?,
        Transformation::Pick { method, .. } => {
            let text = format!("`{}` is not offered", method.word());
            let problem = refuse::not_offered(&text, one.span);
            return Err(problem.help("`topcount` and `bottomcount` are"));
        }
        Transformation::Aggregate(items) => {
            return group::bind(state, &[], items).map(State::derived);
        }
        Transformation::GroupBy { keys, then } => {
            let items = group::aggregates(then)?;
            return group::bind(state, keys, items).map(State::derived);
        }
        Transformation::Concat(all) => return concat::bind(&state, all, one.span),
        Transformation::Other { name, .. } => return Err(other(name, one.span)),
    }
    Ok(state)
}
