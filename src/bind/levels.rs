//! `$levels` and `*`: what is expanded again below itself, and everything that may be expanded
//! (OData 4.01 Part 2, 5.1.3).

use crate::diag::{At, Code, Problem, Result, Span};
use crate::model::{Entity, EntityId, PropertyId};
use crate::plan::Expand;
use crate::syntax::ast::{ExpandItem, Levels};

use super::expand::{Wanted, one};
use super::gather::gather;
use super::rows::Rows;
use super::scope::Setting;
use super::shape::Link;
use super::visible;

/// How many levels of `$expand` are left. Handed down by value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Depth {
    left: u16,
    limit: u16,
}

impl Depth {
    /// The whole depth.
    pub(super) const fn new(limit: u16) -> Self {
        Self { left: limit, limit }
    }

    /// Whether something is being expanded already.
    pub(super) const fn nested(self) -> bool {
        self.left != self.limit
    }

    pub(super) fn down(self, span: Span) -> Result<Self> {
        let left = self.left.checked_sub(1).ok_or_else(|| {
            let text = format!("`$expand` goes deeper than {} levels", self.limit);
            Problem::new(Code::LimitExceeded, text).at(span)
        })?;
        Ok(Self { left, ..self })
    }
}

/// How many levels an item asks for; more than one only where what it expands may be expanded below
/// it too.
pub(super) fn levels(recursive: bool, item: &At<ExpandItem>, depth: Depth) -> Result<u64> {
    let Some(opt) = item.node.options.as_ref().and_then(|o| o.levels.as_ref()) else {
        return Ok(1);
    };
    match opt.value.node {
        Levels::Number(n @ (0 | 1)) => Ok(n),
        Levels::Max if !recursive => Ok(1),
        Levels::Number(_) if !recursive => {
            let text = "`$levels` above 1 needs a property that its own target has too";
            Err(Problem::new(Code::InvalidOption, text)
                .about("$levels")
                .at(opt.value.span))
        }
        Levels::Max => Ok(depth.left.into()),
        Levels::Number(n) if n > depth.left.into() => {
            let text = format!("`$expand` goes deeper than {} levels", depth.limit);
            Err(Problem::new(Code::LimitExceeded, text)
                .about("$levels")
                .at(opt.value.span))
        }
        Levels::Number(n) => Ok(n),
    }
}

/// What `*` expands, so many levels deep.
pub(super) fn everything<'q>(
    rows: &Rows<'_>,
    item: &'q At<ExpandItem>,
    levels: u64,
) -> Vec<Wanted<'q>> {
    let Some(again) = levels.checked_sub(1) else {
        return Vec::new();
    };
    let like = |link| Wanted {
        link,
        to: None,
        suffix: item.node.suffix,
        options: item.node.options.as_deref(),
        span: item.span,
        again,
        star: true,
    };
    links(rows).map(like).collect()
}

/// The references and collections of which something is visible.
fn links<'r>(rows: &'r Rows<'_>) -> impl Iterator<Item = Link> + 'r {
    let (setting, of) = (rows.setting, rows.entity());
    let entity = setting.entity(of);
    let references = entity.reference_ids();
    let references = references.map(|(id, _)| PropertyId::Reference(id));
    let collections = entity.collection_ids();
    let collections = collections.map(|(id, _)| PropertyId::Collection(id));
    let all = references.chain(collections);
    let shown = all.filter(move |of_it| setting.shows(of, *of_it) && can_expand(rows, *of_it));
    shown.map(move |property| Link { of, property })
}

/// Whether anything of a property's target is visible: `*` leaves the others out.
fn can_expand(rows: &Rows<'_>, property: PropertyId) -> bool {
    let entity = rows.setting.entity(rows.entity());
    let target = match property {
        PropertyId::Reference(id) => entity.reference(id).target,
        PropertyId::Collection(id) => entity.collection(id).target,
        PropertyId::Attribute(_) => return false,
    };
    visible::is_open(rows.setting, target)
}

/// The property of the same name and target one level further down: `ParentParty` of a person is
/// a party, which has a `ParentParty` too.
pub(super) fn below(setting: Setting<'_>, link: Link, to: Option<EntityId>) -> Option<Link> {
    let here = end(setting.entity(link.of), link.property)?;
    let of = to.unwrap_or(here.1);
    let entity = setting.entity(of);
    let property = entity.property(here.0)?;
    (end(entity, property)? == here).then_some(Link { of, property })
}

/// The name of a reference or collection, and where it leads.
pub(super) fn end(entity: &Entity, property: PropertyId) -> Option<(&str, EntityId)> {
    match property {
        PropertyId::Reference(id) => {
            let reference = entity.reference(id);
            Some((&reference.name, reference.target))
        }
        PropertyId::Collection(id) => {
            let collection = entity.collection(id);
            Some((&collection.name, collection.target))
        }
        PropertyId::Attribute(_) => None,
    }
}

/// The same one level further down, for `$levels`.
pub(super) fn again<'q>(setting: Setting<'_>, wanted: &Wanted<'q>) -> Option<Again<'q>> {
    let again = wanted.again.checked_sub(1)?;
    let link = match wanted.star {
        true => wanted.link,
        false => below(setting, wanted.link, wanted.to)?,
    };
    Some(Again(Wanted {
        link,
        again,
        ..*wanted
    }))
}

/// What `$levels` expands once more: a property, or everything.
pub(super) struct Again<'q>(Wanted<'q>);

impl Again<'_> {
    /// Expands it below `rows`, but for what is expanded there anyway.
    pub(super) fn expand(
        &self,
        rows: &mut Rows<'_>,
        depth: Depth,
        expanded: &mut Vec<(Link, Expand)>,
    ) -> Result<()> {
        let Self(wanted) = self;
        let links = match wanted.star {
            true => links(rows).collect(),
            false => vec![wanted.link],
        };
        let links = links.into_iter();
        let new = links.filter(|link| expanded.iter().all(|(other, _)| other != link));
        let new: Vec<Link> = new.collect();
        let bound = gather(new.into_iter().map(|link| {
            let expand = one(rows, &Wanted { link, ..*wanted }, depth.down(wanted.span)?)?;
            // A context URL has a sign for a property that is repeated, and names the others.
            let again = !wanted.star;
            Ok((link, Expand { again, ..expand }))
        }))?;
        expanded.extend(bound);
        Ok(())
    }
}
