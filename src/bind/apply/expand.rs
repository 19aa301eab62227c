//! `expandgroup`: what the references that make groups lead to.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::Reference;
use crate::plan::{Expand, Term};
use crate::syntax::ast::{ExpandItem, ExpandTarget, Name};

use super::super::expand;
use super::super::gather::gather;
use super::super::refuse;
use super::super::visible;
use super::derived::Derived;
use super::named::{Named, What};
use super::state::position;

/// A reference that groups, and what it leads to.
pub(super) type Grouped = (Vec<String>, Expand);

/// One reference to expand.
struct Wanted<'a, 'q> {
    named: &'a Named<'a>,
    reference: &'a Reference,
    item: &'q At<ExpandItem>,
    /// The steps after the reference.
    rest: &'q [At<Name>],
}

/// Binds the items of `expandgroup`, each reference once; their guids get columns.
pub(super) fn bind(
    derived: &Derived<'_>,
    items: &[At<ExpandItem>],
    columns: &mut Vec<Term>,
) -> Result<Vec<Grouped>> {
    let bound = wanted(derived, items)?.into_iter().map(|one| {
        let position = position(columns, &one.named.term);
        let (setting, item) = (derived.setting, one.item);
        let expand = expand::grouped(setting, one.reference, position, item, one.rest)?;
        Ok((one.named.path.clone(), expand))
    });
    gather(bound)
}

/// The references that the items name; what is named itself wins over `*`.
fn wanted<'a, 'q>(
    derived: &'a Derived<'a>,
    items: &'q [At<ExpandItem>],
) -> Result<Vec<Wanted<'a, 'q>>> {
    let mut wanted: Vec<Wanted<'a, 'q>> = Vec::with_capacity(items.len());
    let mut star = None;
    for item in items {
        match &item.node.target {
            ExpandTarget::Star => star = Some(item),
            ExpandTarget::Value => {
                return Err(refuse::not_offered("no entity has a stream", item.span));
            }
            ExpandTarget::Path(steps) => {
                let (named, reference, rest) = find(derived, steps, item.span)?;
                if wanted.iter().any(|one| one.named.path == named.path) {
                    let text = "a reference can be expanded only once";
                    return Err(Problem::new(Code::InvalidOption, text).at(item.span));
                }
                wanted.push(Wanted {
                    named,
                    reference,
                    item,
                    rest,
                });
            }
        }
    }
    if let Some(item) = star {
        for (named, reference) in references(derived) {
            let is_open = visible::is_open(derived.setting, reference.target);
            if is_open && wanted.iter().all(|one| one.named.path != named.path) {
                wanted.push(Wanted {
                    named,
                    reference,
                    item,
                    rest: &[],
                });
            }
        }
    }
    Ok(wanted)
}

/// The references among the names.
fn references<'a>(
    derived: &'a Derived<'a>,
) -> impl Iterator<Item = (&'a Named<'a>, &'a Reference)> {
    derived.names.iter().filter_map(|named| match named.what {
        What::Link(reference, false) => Some((named, reference)),
        What::Link(_, true)
        | What::Attribute(_)
        | What::Number
        | What::Decimal
        | What::Time
        | What::Date
        | What::Text => None,
    })
}

/// The reference whose name a path starts with, and the rest of the path.
fn find<'a, 'q>(
    derived: &'a Derived<'a>,
    steps: &'q [At<Name>],
    span: Span,
) -> Result<(&'a Named<'a>, &'a Reference, &'q [At<Name>])> {
    let starts = |named: &Named<'_>| {
        let same = |(name, step): (&String, &At<Name>)| {
            step.node.namespace.is_empty() && step.node.name == *name
        };
        named.path.len() <= steps.len() && named.path.iter().zip(steps).all(same)
    };
    if let Some((named, reference)) = references(derived).find(|(named, _)| starts(named)) {
        let rest = steps.get(named.path.len()..).unwrap_or_default();
        return Ok((named, reference, rest));
    }
    let path: Vec<&str> = steps.iter().map(|step| step.node.name.as_str()).collect();
    let path = path.join("/");
    let text = format!("`{path}` is no reference that `$apply` groups by");
    let problem = Problem::new(Code::InvalidOption, text).about(path).at(span);
    let labels: Vec<String> = references(derived)
        .map(|(named, _)| format!("`{}`", named.label()))
        .collect();
    Err(problem.help(match labels.as_slice() {
        [] => "no reference makes groups here: group by one, as in \
               `groupby((Domain),aggregate($count as N))`"
            .to_owned(),
        labels => format!("what it may expand: {}", labels.join(", ")),
    }))
}
