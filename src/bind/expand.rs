//! `$expand`: references and child collections inside the output, to a limited depth.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{Collection, CollectionId, EntityId, PropertyId, Reference, ReferenceId};
use crate::plan::{self, Expand, ExpandBody, Term};
use crate::syntax::ast::{ExpandItem, ExpandSuffix, ExpandTarget, Name, QueryOptions};

use super::allow::{self, Target};
use super::gather::gather;
use super::levels::{Again, Depth, again, below, end, everything, levels};
use super::refuse;
use super::rows::Rows;
use super::scope::Setting;
use super::select::{Choice, casts};
use super::shape::Link;
use super::tables::Instance;
use super::{order, search, shape, visible};

/// One property to expand.
#[derive(Clone, Copy)]
pub(super) struct Wanted<'q> {
    pub(super) link: Link,
    /// The derived type that its rows must have, where the request casts them.
    pub(super) to: Option<EntityId>,
    pub(super) suffix: ExpandSuffix,
    pub(super) options: Option<&'q QueryOptions>,
    pub(super) span: Span,
    /// Levels below this one that are expanded again: the property of the same name, or everything.
    pub(super) again: u64,
    /// Whether `*` names it.
    pub(super) star: bool,
}

/// Binds the items of an `$expand`; each property once, in the order of the request.
pub(super) fn bind(
    rows: &mut Rows<'_>,
    items: &[At<ExpandItem>],
    depth: Depth,
) -> Result<Vec<(Link, Expand)>> {
    let wanted = wanted(rows, items, depth)?;
    let bound = wanted.iter().map(|item| {
        let expand = one(rows, item, depth.down(item.span)?)?;
        Ok((item.link, expand))
    });
    gather(bound)
}

/// The properties that the items name; what is named itself wins over `*`.
fn wanted<'q>(
    rows: &Rows<'_>,
    items: &'q [At<ExpandItem>],
    depth: Depth,
) -> Result<Vec<Wanted<'q>>> {
    let mut wanted: Vec<Wanted<'q>> = Vec::with_capacity(items.len());
    let mut star = None;
    for item in items {
        match &item.node.target {
            ExpandTarget::Star => star = Some(item),
            ExpandTarget::Value => {
                return Err(refuse::not_offered("no entity has a stream", item.span));
            }
            ExpandTarget::Path(steps) => {
                let (link, to) = property(rows, steps, item.span)?;
                if wanted.iter().any(|w| w.link == link) {
                    let text = "a property can be expanded only once";
                    return Err(Problem::new(Code::InvalidOption, text).at(item.span));
                }
                let recursive = below(rows.setting, link, to).is_some();
                let levels = levels(recursive, item, depth)?;
                if let Some(again) = levels.checked_sub(1) {
                    wanted.push(Wanted {
                        link,
                        to,
                        suffix: item.node.suffix,
                        options: item.node.options.as_deref(),
                        span: item.span,
                        again,
                        star: false,
                    });
                }
            }
        }
    }
    let everything = match star {
        Some(item) => everything(rows, item, levels(true, item, depth)?),
        None => Vec::new(),
    };
    for item in everything {
        if wanted.iter().all(|w| w.link != item.link) {
            wanted.push(item);
        }
    }
    Ok(wanted)
}

/// The reference or collection of a path, and the derived type that a cast behind it wants of its
/// rows. A cast before it leads to what only a derived type has.
fn property(rows: &Rows<'_>, steps: &[At<Name>], span: Span) -> Result<(Link, Option<EntityId>)> {
    let setting = rows.setting;
    let (mut of, before) = casts(setting, rows.entity(), steps)?;
    let steps = steps.get(before..).unwrap_or_default();
    let Some((step, rest)) = steps.split_first() else {
        let text = "a reference or collection is wanted here";
        return Err(Problem::new(Code::TypeMismatch, text).at(span));
    };
    let name = &step.node.name;
    // What a base has is the same property in all its rows.
    if setting.entity(rows.entity()).property(name).is_some() {
        of = rows.entity();
    }
    let property = setting.property(of, name, step.span)?;
    if let PropertyId::Attribute(_) = property {
        let text = format!("`{name}` is an attribute: only references and collections expand");
        return Err(Problem::new(Code::TypeMismatch, text)
            .about(name)
            .at(step.span)
            .help(format!("write `$select={name}`")));
    }
    visible::check_property(setting, of, property, step.span)?;
    if rest.iter().any(|step| step.node.namespace.is_empty()) {
        let text = format!("`$expand` goes through `{name}` with nested options");
        let inner = rest.last().map_or("", |step| step.node.name.as_str());
        return Err(Problem::new(Code::InvalidOption, text)
            .about(name)
            .at(span)
            .help(format!("write `$expand={name}($expand={inner})`")));
    }
    let link = Link { of, property };
    let to = match end(setting.entity(of), property) {
        Some((_, target)) => {
            let (to, _) = casts(setting, target, rest)?;
            (to != target).then_some(to)
        }
        None => None,
    };
    Ok((link, to))
}

pub(super) fn one(rows: &mut Rows<'_>, wanted: &Wanted<'_>, depth: Depth) -> Result<Expand> {
    rows.setting.expansion(wanted.span)?;
    let none = QueryOptions::default();
    let options = wanted.options.unwrap_or(&none);
    let single = match wanted.link.property {
        PropertyId::Reference(_) => true,
        PropertyId::Collection(_) | PropertyId::Attribute(_) => false,
    };
    let (target, body) = match (wanted.suffix, single) {
        (_, true) => match of_reference(wanted.suffix, wanted.span)? {
            ExpandBody::Links => (Target::ExpandedLink, ExpandBody::Links),
            body @ (ExpandBody::Entities | ExpandBody::Count) => (Target::ExpandedEntity, body),
        },
        (ExpandSuffix::None, false) => (Target::ExpandedCollection, ExpandBody::Entities),
        (ExpandSuffix::Ref, false) => (Target::ExpandedLinks, ExpandBody::Links),
        (ExpandSuffix::Count, false) => (Target::ExpandedCount, ExpandBody::Count),
    };
    // Options that do not apply are pointed at inside the text of the whole `$expand`.
    allow::check_nested(target, options, wanted.span)?;
    match wanted.link.property {
        PropertyId::Reference(id) => reference(rows, id, wanted, options, body, depth),
        PropertyId::Collection(id) => collection(rows, id, wanted, options, body, depth),
        PropertyId::Attribute(_) => {
            let text = "a reference or collection is wanted here";
            Err(Problem::new(Code::TypeMismatch, text).at(wanted.span))
        }
    }
}

fn reference(
    rows: &mut Rows<'_>,
    id: ReferenceId,
    wanted: &Wanted<'_>,
    options: &QueryOptions,
    body: ExpandBody,
    depth: Depth,
) -> Result<Expand> {
    let at = instance(rows, wanted.link)?;
    let position = rows.reference(at, id)?;
    let reference = rows.setting.entity(at.entity).reference(id);
    let setting = rows.setting.inside_expand(options);
    let to = wanted.to.unwrap_or(reference.target);
    let mut target = Rows::named(setting, to, wanted.span)?;
    let again = again(setting, wanted);
    let mut shape = output(&mut target, options, body, depth, again)?;
    shape.typed = wanted.to.is_some();
    referred(target, &reference.name, position, body, shape)
}

/// What a reference leads to, whose guid is at a position.
fn referred(
    mut target: Rows<'_>,
    name: &str,
    position: usize,
    body: ExpandBody,
    shape: plan::Shape,
) -> Result<Expand> {
    let keys = order::keys(&mut target, &[])?;
    Ok(Expand {
        name: name.to_owned(),
        label: name.to_owned(),
        again: false,
        link: plan::Link::Reference { position },
        query: target.query(keys, 0, None),
        body,
        count: false,
        shape,
    })
}

/// What goes into the output of a reference.
fn of_reference(suffix: ExpandSuffix, span: Span) -> Result<ExpandBody> {
    match suffix {
        ExpandSuffix::None => Ok(ExpandBody::Entities),
        ExpandSuffix::Ref => Ok(ExpandBody::Links),
        ExpandSuffix::Count => {
            let text = "`$count` counts collections, and this is a reference";
            Err(Problem::new(Code::TypeMismatch, text).at(span))
        }
    }
}

/// Binds an item of `expandgroup`: what a reference that groups leads to, whose guid is at a
/// position of the groups. `casts` is what its path says after the reference.
pub(super) fn grouped(
    setting: Setting<'_>,
    reference: &Reference,
    position: usize,
    item: &At<ExpandItem>,
    casts: &[At<Name>],
) -> Result<Expand> {
    let none = QueryOptions::default();
    let options = item.node.options.as_deref().unwrap_or(&none);
    let body = of_reference(item.node.suffix, item.span)?;
    let takes = match body {
        ExpandBody::Links => Target::ExpandedLink,
        ExpandBody::Entities | ExpandBody::Count => Target::ExpandedGroup,
    };
    allow::check_nested(takes, options, item.span)?;
    let (to, taken) = self::casts(setting, reference.target, casts)?;
    if let Some(step) = casts.get(taken) {
        let name = &step.node.name;
        let text = format!(
            "`expandgroup` goes through `{}` with nested options",
            reference.name
        );
        let help = format!("write `expandgroup={}($expand={name})`", reference.name);
        return Err(Problem::new(Code::InvalidOption, text)
            .about(name)
            .at(step.span)
            .help(help));
    }
    let depth = Depth::new(setting.context.limits.expand_depth).down(item.span)?;
    let mut target = Rows::named(setting.inside_expand(options), to, item.span)?;
    let mut shape = output(&mut target, options, body, depth, None)?;
    shape.typed = to != reference.target;
    referred(target, &reference.name, position, body, shape)
}

/// The rows that have a reference or collection: as they are, or as rows of a derived type.
fn instance(rows: &mut Rows<'_>, link: Link) -> Result<Instance> {
    if link.of == rows.entity() {
        return Ok(rows.here);
    }
    Ok(rows.of_type(link.of)?.0)
}

/// The reference by which rows of a type, perhaps a derived one, belong to a collection.
fn back(setting: Setting<'_>, collection: &Collection, of: EntityId) -> Result<ReferenceId> {
    if of == collection.target {
        return Ok(collection.back);
    }
    let name = &setting
        .entity(collection.target)
        .reference(collection.back)
        .name;
    setting.entity(of).reference_named(name).ok_or_else(|| {
        let text = "a derived entity lacks a reference of its base";
        Problem::new(Code::Internal, text)
    })
}

fn collection(
    rows: &mut Rows<'_>,
    id: CollectionId,
    wanted: &Wanted<'_>,
    options: &QueryOptions,
    body: ExpandBody,
    depth: Depth,
) -> Result<Expand> {
    let setting = rows.setting.inside_expand(options);
    rows.key();
    let collection = setting.entity(wanted.link.of).collection(id);
    let to = wanted.to.unwrap_or(collection.target);
    let mut target = Rows::named(setting, to, wanted.span)?;
    let back = back(setting, collection, to)?;
    let back = target.tables.stored(setting, target.here, back)?;
    let position = target.position(Term::Column(back.column));
    let keys = narrow(&mut target, options, true);
    let again = again(setting, wanted);
    let shape = output(&mut target, options, body, depth, again);
    let (keys, mut shape) = shape::both(keys, shape)?;
    shape.typed = wanted.to.is_some();
    let skip = options.skip.as_ref().map_or(0, |opt| opt.value.node);
    let take = options.top.as_ref().map(|opt| opt.value.node);
    Ok(Expand {
        name: collection.name.clone(),
        label: collection.name.clone(),
        again: false,
        link: plan::Link::Collection {
            column: back.column,
            position,
        },
        query: target.query(keys, skip, take),
        body,
        count: options.count.as_ref().is_some_and(|opt| opt.value.node),
        shape,
    })
}

/// `$filter`, `$search` and `$orderby`. Nested options point into the text of the whole
/// `$expand`, which the caller names.
pub(super) fn narrow(
    rows: &mut Rows<'_>,
    options: &QueryOptions,
    nested: bool,
) -> Result<Vec<crate::plan::OrderKey>> {
    let filtered = match &options.filter {
        Some(opt) => rows
            .filter(&opt.value)
            .map_err(|p| p.within(source("$filter", nested), &opt.text)),
        None => Ok(()),
    };
    let searched = match &options.search {
        Some(opt) => search::predicate(rows, &opt.value)
            .map(|predicate| rows.narrow(predicate))
            .map_err(|p| p.within(source("$search", nested), &opt.text)),
        None => Ok(()),
    };
    let keys = match &options.orderby {
        Some(opt) => order::keys(rows, &opt.value)
            .map_err(|p| p.within(source("$orderby", nested), &opt.text)),
        None => order::keys(rows, &[]),
    };
    let ((), keys) = shape::both(shape::both(filtered, searched).map(|_| ()), keys)?;
    Ok(keys)
}

/// The name of the text that the spans of an option point into.
pub(super) const fn source(option: &'static str, nested: bool) -> &'static str {
    if nested { "$expand" } else { option }
}

/// The output of the expanded rows.
fn output(
    target: &mut Rows<'_>,
    options: &QueryOptions,
    body: ExpandBody,
    depth: Depth,
    again: Option<Again<'_>>,
) -> Result<plan::Shape> {
    match body {
        ExpandBody::Links | ExpandBody::Count => shape::chosen(target, &Choice::nothing()),
        ExpandBody::Entities => shape::shape(target, options, depth, again),
    }
}
