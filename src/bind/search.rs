//! `$search`: words and phrases in the search members of an entity, folded, anywhere in the text.

use crate::diag::{At, Code, Problem, Result};
use crate::model::{AttributeRole, DisplayPart, MemberPath, PropertyId};
use crate::plan::{MatchKind, Predicate, Term};
use crate::syntax::ast::SearchExpr;
use crate::value::{Kind, fold};

use super::gather::gather;
use super::rows::Rows;
use super::scope::Setting;
use super::tables::Located;
use super::truth::Want;
use super::{merge, text, types};

/// One member that is searched.
struct Place {
    located: Located,
    kind: Kind,
}

/// The condition of a search; it is never null.
pub(super) fn predicate(rows: &mut Rows<'_>, search: &At<SearchExpr>) -> Result<Predicate> {
    let places = places(rows)?;
    if places.is_empty() {
        let set = &rows.setting.entity(rows.entity()).set;
        let text = format!("`{set}` has no members that are searched");
        return Err(Problem::new(Code::InvalidOption, text).at(search.span));
    }
    let most = rows.setting.context.limits.filter_nodes;
    let too_long = || {
        let text = format!("the search has more than {most} conditions");
        Problem::new(Code::LimitExceeded, text).at(search.span)
    };
    // Each word is one condition at least: what is too long is not built first.
    if words(search) > most {
        return Err(too_long());
    }
    let predicate = bind(&places, search, false)?;
    if merge::conditions(&predicate) > most {
        return Err(too_long());
    }
    Ok(predicate)
}

/// How many words and phrases there are.
fn words(search: &At<SearchExpr>) -> usize {
    match &search.node {
        SearchExpr::Word(_) | SearchExpr::Phrase(_) => 1,
        SearchExpr::Not(inner) => words(inner),
        SearchExpr::And(parts) | SearchExpr::Or(parts) => parts.iter().map(words).sum(),
    }
}

/// The search members, and the members of the display text that can be searched.
fn places(rows: &mut Rows<'_>) -> Result<Vec<Place>> {
    let setting = rows.setting;
    let entity = setting.entity(rows.entity());
    let shown = entity.display.iter().filter_map(|part| match part {
        DisplayPart::Member(path) => Some(path),
        DisplayPart::Literal(_) | DisplayPart::Reference(..) => None,
    });
    let mut paths: Vec<&MemberPath> = entity.search.iter().collect();
    for path in shown {
        if !paths.contains(&path) {
            paths.push(path);
        }
    }
    let mut places = Vec::with_capacity(paths.len());
    for path in paths {
        if searchable(setting, rows, path) {
            places.extend(place(rows, path)?);
        }
    }
    Ok(places)
}

/// Whether the attribute at the end of a path is an open text with a folded shadow.
fn searchable(setting: Setting<'_>, rows: &Rows<'_>, path: &MemberPath) -> bool {
    let mut end = rows.entity();
    for id in &path.references {
        if !setting.shows(end, PropertyId::Reference(*id)) {
            return false;
        }
        end = setting.entity(end).reference(*id).target;
    }
    let entity = setting.entity(end);
    let attribute = entity.attribute(path.attribute);
    let stored = match attribute.role {
        AttributeRole::Stored => entity.stored(path.attribute),
        AttributeRole::Key
        | AttributeRole::Root
        | AttributeRole::DisplayText
        | AttributeRole::Custom(_) => None,
    };
    attribute.kind.is_text()
        && !attribute.secret
        && setting.shows(end, PropertyId::Attribute(path.attribute))
        && stored.is_some_and(|stored| stored.shadow.is_some())
}

fn place(rows: &mut Rows<'_>, path: &MemberPath) -> Result<Option<Place>> {
    let mut at = rows.here;
    for id in &path.references {
        at = rows.tables.follow(rows.setting, at, *id)?;
    }
    let kind = rows
        .setting
        .entity(at.entity)
        .attribute(path.attribute)
        .kind;
    let located = rows.tables.attribute(rows.setting, at, path.attribute)?;
    Ok(located.map(|located| Place { located, kind }))
}

fn bind(places: &[Place], search: &At<SearchExpr>, negated: bool) -> Result<Predicate> {
    match &search.node {
        SearchExpr::Word(word) | SearchExpr::Phrase(word) => {
            types::plain(word, search.span)?;
            let needle = fold(word);
            let parts = places.iter().map(|place| found(place, &needle, negated));
            Ok(merge::joined(parts.collect(), negated))
        }
        SearchExpr::Not(inner) => bind(places, inner, !negated),
        SearchExpr::And(parts) => {
            let parts = gather(parts.iter().map(|part| bind(places, part, negated)))?;
            Ok(merge::joined(parts, !negated))
        }
        SearchExpr::Or(parts) => {
            let parts = gather(parts.iter().map(|part| bind(places, part, negated)))?;
            Ok(merge::joined(parts, negated))
        }
    }
}

/// Whether a word is in a member; a member that is null does not hold it.
fn found(place: &Place, needle: &str, negated: bool) -> Predicate {
    if place.kind == Kind::Multilanguage {
        let want = Want {
            yes: !negated,
            no: negated,
            null: negated,
        };
        return text::any(place.located, MatchKind::Contains, needle).wanted(want);
    }
    Predicate::Match {
        term: Term::Column(place.located.shadow.unwrap_or(place.located.column)),
        kind: MatchKind::Contains,
        needle: needle.to_owned(),
        negated,
        or_null: negated && place.located.nullable,
    }
}
