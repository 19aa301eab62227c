//! Query options (ABNF section 2): which there are, where each may stand, and who reads it.

mod apply;
mod compute;
mod expand;
mod filter;
mod orderby;
mod page;
mod search;
mod select;
mod table;

use std::sync::Arc;

use self::table::SystemOption;
use super::ast::{Expr, Node, Opt, QueryOptions};
use super::input::{Cx, Parsed, blanks, refuse};
use super::limits::Parts;
use super::name::identifier;
use super::query_string::Pair;
use super::{Limits, expr};
use crate::diag::{Code, Problem, Result, Span};

pub(super) use self::table::Place;

/// The option of the Domain API that expands references which group.
const EXPAND_GROUP: &str = "expandgroup";

/// `queryOptions = queryOption *( "&" queryOption )`, split and decoded already.
pub(super) fn top_level(pairs: Vec<Pair>, limits: &Limits) -> Result<QueryOptions> {
    let mut options = QueryOptions::default();
    let parts = Parts::default();
    for pair in pairs {
        option(pair, (limits, &parts), &mut options)?;
    }
    Ok(options)
}

/// `queryOption = systemQueryOption / aliasAndValue / nameAndValue / customQueryOption`
fn option(
    pair: Pair,
    (limits, parts): (&Limits, &Parts),
    options: &mut QueryOptions,
) -> Result<()> {
    let Pair { name, value } = pair;
    if let Some(option) = SystemOption::find(&name, Place::Request) {
        let source = Arc::from(value.unwrap_or_default());
        let cx = Cx::new(&source, limits, parts);
        let read = Place::Request
            .check(option, &name)
            .map_err(refuse)
            .and_then(|()| system(cx, option, &source, options));
        let wanted = option.wanted_after();
        return cx
            .finish(read, wanted)
            .map_err(|problem| problem.about(option.name()).within(option.name(), &source));
    }
    if let Some(bare) = name.strip_prefix('@') {
        let source = Arc::from(value.unwrap_or_default());
        let cx = Cx::new(&source, limits, parts);
        let read = alias(cx, &source, &name, bare, options);
        return cx
            .finish(read, "the end")
            .map_err(|problem| problem.within(&name, &source));
    }
    if is_no_name(&name) {
        let whole = Span::new(0, name.len());
        return Err(table::unknown(&name, Place::Request)
            .at(whole)
            .within("query", &name));
    }
    if name.eq_ignore_ascii_case(EXPAND_GROUP) {
        let source = Arc::from(value.unwrap_or_default());
        let cx = Cx::new(&source, limits, parts);
        let read = expandgroup(cx, &source, options);
        return cx
            .finish(read, SystemOption::Expand.wanted_after())
            .map_err(|problem| problem.about(EXPAND_GROUP).within(EXPAND_GROUP, &source));
    }
    options.custom.push((name, value.unwrap_or_default()));
    Ok(())
}

/// Whether a name is not one of a custom option either (`customName`). The standard lets `$` and `?`
/// stand inside of one; here they are a slip, such as a second `?` in front of `$filter`, and passing
/// over it would answer something else than was asked for. So are blanks at the ends.
fn is_no_name(name: &str) -> bool {
    name.is_empty() || name.contains(['$', '?']) || name.trim() != name
}

/// `expandgroup`, with the items of `$expand`.
fn expandgroup<'a>(cx: Cx<'_>, i: &'a str, options: &mut QueryOptions) -> Parsed<'a, ()> {
    if options.expandgroup.is_some() {
        return Err(refuse(twice(EXPAND_GROUP)));
    }
    let (rest, items) = expand::expand(cx, i)?;
    options.expandgroup = Some(opt(cx, items));
    Ok((rest, ()))
}

/// `aliasAndValue = parameterAlias EQ parameterValue`, from the value on.
fn alias<'a>(
    cx: Cx<'_>,
    i: &'a str,
    name: &str,
    bare: &str,
    options: &mut QueryOptions,
) -> Parsed<'a, ()> {
    if !matches!(identifier(cx, bare), Ok(("", _))) {
        return Err(refuse(
            cx.syntax(i, format!("`{name}` is not a parameter alias")),
        ));
    }
    if options.aliases.iter().any(|(known, _)| known == bare) {
        return Err(refuse(twice(name)));
    }
    let (rest, value) = value(cx, i)?;
    options.aliases.push((bare.to_owned(), opt(cx, value)));
    Ok((rest, ()))
}

/// `parameterValue = arrayOrObject / commonExpr`, of which `listExpr` is one. A list of one value is
/// not told from an expression in parentheses here: `in` does that.
fn value<'a>(cx: Cx<'_>, i: &'a str) -> Parsed<'a, Node> {
    let i = blanks(i);
    if i.starts_with('(')
        && let Ok((rest, node)) = expr::list(cx, i)
        && matches!(&node.node, Expr::List(items) if items.len() != 1)
    {
        return Ok((rest, node));
    }
    expr::expected_expression(cx, i, "a value")
}

/// An option's value with the text that its spans point into.
fn opt<T>(cx: Cx<'_>, value: T) -> Opt<T> {
    Opt {
        text: Arc::clone(cx.source()),
        value,
    }
}

/// The problem of an option that was given before.
fn twice(name: &str) -> Problem {
    Problem::new(Code::InvalidOption, format!("`{name}` is given twice")).about(name)
}

/// `OPEN option *( SEMI option ) CLOSE` after an item of `$select`, `$expand` or after `$count`.
pub(super) fn nested<'a>(cx: Cx<'_>, open: &'a str, place: Place) -> Parsed<'a, QueryOptions> {
    let inner = cx.down(open)?;
    let mut options = QueryOptions::default();
    let mut i = blanks(open.strip_prefix('(').unwrap_or(open));
    loop {
        let (rest, ()) = nested_option(inner, i, place, &mut options)?;
        let rest = blanks(rest);
        let Some(next) = rest.strip_prefix(';') else {
            let (rest, ()) = cx.close(open, rest, "`;` or `)`")?;
            return Ok((rest, options));
        };
        i = blanks(next);
    }
}

/// One option in parentheses: its name, `=`, its value.
fn nested_option<'a>(
    cx: Cx<'_>,
    i: &'a str,
    place: Place,
    options: &mut QueryOptions,
) -> Parsed<'a, ()> {
    let end = i
        .find(['=', '(', ')', ';', ',', ' ', '\t'])
        .unwrap_or(i.len());
    let (name, rest) = i.split_at_checked(end).unwrap_or((i, ""));
    let span = cx.span(i, rest);
    if name.is_empty() {
        return Err(cx.expected(i, "an option such as `$filter=…`"));
    }
    let found = SystemOption::find(name, place);
    if found.is_none() && !name.starts_with('@') {
        return Err(refuse(table::unknown(name, place).at(span)));
    }
    let value = rest
        .strip_prefix('=')
        .ok_or_else(|| cx.expected(rest, &format!("`=` after `{name}`")))?;
    let Some(option) = found else {
        let bare = name.strip_prefix('@').unwrap_or(name);
        place
            .check_alias(name)
            .map_err(|problem| refuse(problem.at(span)))?;
        return alias(cx, value, name, bare, options);
    };
    place
        .check(option, name)
        .map_err(|problem| refuse(problem.at(span)))?;
    system(cx.in_parens(), option, value, options)
}

/// Puts a value into its field, once.
fn set<'a, T>(
    cx: Cx<'_>,
    option: SystemOption,
    field: &mut Option<Opt<T>>,
    read: impl FnOnce() -> Parsed<'a, T>,
) -> Parsed<'a, ()> {
    if field.is_some() {
        return Err(refuse(twice(option.name())));
    }
    let (rest, value) = read()?;
    *field = Some(opt(cx, value));
    Ok((rest, ()))
}

/// The value of one `systemQueryOption`.
fn system<'a>(cx: Cx<'_>, what: SystemOption, i: &'a str, to: &mut QueryOptions) -> Parsed<'a, ()> {
    use SystemOption as O;
    match what {
        O::Apply => set(cx, what, &mut to.apply, || apply::apply(cx, i)),
        O::Compute => set(cx, what, &mut to.compute, || compute::compute(cx, i)),
        O::Count => set(cx, what, &mut to.count, || page::count(cx, i)),
        O::DeltaToken => set(cx, what, &mut to.deltatoken, || page::text(cx, i, what)),
        O::Expand => set(cx, what, &mut to.expand, || expand::expand(cx, i)),
        O::Filter => set(cx, what, &mut to.filter, || filter::filter(cx, i)),
        O::Format => set(cx, what, &mut to.format, || page::text(cx, i, what)),
        O::Id => set(cx, what, &mut to.id, || page::text(cx, i, what)),
        O::Index => set(cx, what, &mut to.index, || page::index(cx, i)),
        O::Levels => set(cx, what, &mut to.levels, || page::levels(cx, i)),
        O::OrderBy => set(cx, what, &mut to.orderby, || orderby::orderby(cx, i)),
        O::SchemaVersion => set(cx, what, &mut to.schemaversion, || page::version(cx, i)),
        O::Search => set(cx, what, &mut to.search, || search::search(cx, i)),
        O::Select => set(cx, what, &mut to.select, || select::select(cx, i)),
        O::Skip => set(cx, what, &mut to.skip, || page::number(cx, i, what)),
        O::SkipToken => set(cx, what, &mut to.skiptoken, || page::text(cx, i, what)),
        O::Top => set(cx, what, &mut to.top, || page::number(cx, i, what)),
    }
}
