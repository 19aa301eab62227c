//! Query options.

use std::fmt::Display;

use super::super::ast::{
    ComputeItem, ExpandItem, ExpandSuffix, ExpandTarget, Expr, Levels, Name, Node, Opt, OrderItem,
    QueryOptions, SearchExpr, SelectItem,
};
use super::{expression, print_expression};
use crate::diag::At;

/// Names and values, decoded, in the canonical order. `custom` too, unless inside parentheses.
pub(super) fn pairs(options: &QueryOptions, custom: bool) -> Vec<(String, String)> {
    let QueryOptions {
        filter,
        orderby,
        select,
        expand,
        search,
        compute,
        apply,
        top,
        skip,
        count,
        skiptoken,
        deltatoken,
        format,
        index,
        levels,
        schemaversion,
        id,
        expandgroup,
        aliases,
        custom: other,
    } = options;
    let shown = |value: &At<String>| value.node.clone();
    let mut out = Pairs(Vec::new());
    out.add("$apply", apply, super::apply::text);
    out.add("$compute", compute, |items| joined(items, compute_item));
    out.add("$filter", filter, print_expression);
    out.add("$search", search, |found| search_text(&found.node));
    out.add("$orderby", orderby, |items| joined(items, order_item));
    out.add("$select", select, |items| {
        joined(items, |out, item| select_item(out, &item.node))
    });
    out.add("$expand", expand, |items| expanded(items));
    out.add("expandgroup", expandgroup, |items| expanded(items));
    out.add("$count", count, plain);
    out.add("$skip", skip, plain);
    out.add("$top", top, plain);
    out.add("$index", index, plain);
    out.add("$levels", levels, |levels| match levels.node {
        Levels::Number(number) => number.to_string(),
        Levels::Max => "max".to_owned(),
    });
    out.add("$skiptoken", skiptoken, shown);
    out.add("$deltatoken", deltatoken, shown);
    out.add("$format", format, shown);
    out.add("$schemaversion", schemaversion, shown);
    out.add("$id", id, shown);
    let aliases = aliases
        .iter()
        .map(|(name, value)| (format!("@{name}"), parameter_value(&value.value)));
    out.0.extend(aliases);
    out.0.extend(other.iter().filter(|_| custom).cloned());
    out.0
}

/// The value of an alias: a list in parentheses, unless it would be read as an expression there.
fn parameter_value(value: &Node) -> String {
    if let Expr::List(items) = &value.node
        && items.len() != 1
    {
        let mut out = String::new();
        expression::list(&mut out, items, expression::node);
        return out;
    }
    print_expression(value)
}

/// The pairs gathered so far.
struct Pairs(Vec<(String, String)>);

impl Pairs {
    /// Adds an option that is there.
    fn add<T>(&mut self, name: &str, option: &Option<Opt<T>>, print: impl Fn(&T) -> String) {
        if let Some(option) = option {
            self.0.push((name.to_owned(), print(&option.value)));
        }
    }
}

/// A number or a truth value.
fn plain<T: Display>(value: &At<T>) -> String {
    value.node.to_string()
}

/// Items with commas between.
fn joined<T>(items: &[T], print: impl Fn(&mut String, &T)) -> String {
    let mut out = String::new();
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            out.push(',');
        }
        print(&mut out, item);
    }
    out
}

/// `(…;…)`, or nothing.
pub(super) fn nested(out: &mut String, options: Option<&QueryOptions>) {
    let Some(options) = options else { return };
    out.push('(');
    for (nth, (name, value)) in pairs(options, false).into_iter().enumerate() {
        if nth > 0 {
            out.push(';');
        }
        out.push_str(&name);
        out.push('=');
        out.push_str(&value);
    }
    out.push(')');
}

pub(super) fn compute_item(out: &mut String, item: &ComputeItem) {
    expression::node(out, &item.expression);
    out.push_str(" as ");
    out.push_str(&item.name.node);
}

pub(super) fn order_item(out: &mut String, item: &OrderItem) {
    expression::node(out, &item.expression);
    if item.descending {
        out.push_str(" desc");
    }
}

/// Names with slashes between.
fn names(out: &mut String, steps: &[At<Name>]) {
    for (nth, step) in steps.iter().enumerate() {
        if nth > 0 {
            out.push('/');
        }
        expression::name(out, &step.node);
    }
}

fn select_item(out: &mut String, item: &SelectItem) {
    match item {
        SelectItem::Star => out.push('*'),
        SelectItem::Default => out.push_str("default"),
        SelectItem::Operations(namespace) => {
            out.push_str(namespace);
            out.push_str(".*");
        }
        SelectItem::Function { steps, parameters } => {
            names(out, steps);
            expression::list(out, parameters, |out, name| out.push_str(&name.node));
        }
        SelectItem::Path { steps, options } => {
            names(out, steps);
            nested(out, options.as_deref());
        }
    }
}

fn expanded(items: &[At<ExpandItem>]) -> String {
    joined(items, |out, item| expand_item(out, &item.node))
}

fn expand_item(out: &mut String, item: &ExpandItem) {
    match &item.target {
        ExpandTarget::Star => out.push('*'),
        ExpandTarget::Value => out.push_str("$value"),
        ExpandTarget::Path(steps) => names(out, steps),
    }
    match item.suffix {
        ExpandSuffix::None => {}
        ExpandSuffix::Ref => out.push_str("/$ref"),
        ExpandSuffix::Count => out.push_str("/$count"),
    }
    nested(out, item.options.as_deref());
}

pub(super) fn search_text(found: &SearchExpr) -> String {
    let mut out = String::new();
    search(&mut out, found);
    out
}

/// One level of `$search`; operands of operators that bind less tightly get parentheses.
fn search(out: &mut String, found: &SearchExpr) {
    match found {
        SearchExpr::Word(word) => out.push_str(word),
        SearchExpr::Phrase(text) if text.contains(['"', '\\']) || text.is_empty() => {
            expression::quoted(out, text);
        }
        SearchExpr::Phrase(text) => {
            out.push('"');
            out.push_str(text);
            out.push('"');
        }
        SearchExpr::Not(inner) => {
            out.push_str("NOT ");
            let bare = matches!(
                inner.node,
                SearchExpr::Word(_) | SearchExpr::Phrase(_) | SearchExpr::Not(_)
            );
            operand(out, &inner.node, bare);
        }
        SearchExpr::And(operands) => chain(out, operands, " AND ", |inner| {
            !matches!(inner, SearchExpr::And(_) | SearchExpr::Or(_))
        }),
        SearchExpr::Or(operands) => {
            chain(out, operands, " OR ", |inner| {
                !matches!(inner, SearchExpr::Or(_))
            });
        }
    }
}

/// Operands with an operator between.
fn chain(
    out: &mut String,
    operands: &[At<SearchExpr>],
    operator: &str,
    bare: fn(&SearchExpr) -> bool,
) {
    for (nth, inner) in operands.iter().enumerate() {
        if nth > 0 {
            out.push_str(operator);
        }
        operand(out, &inner.node, bare(&inner.node));
    }
}

fn operand(out: &mut String, inner: &SearchExpr, bare: bool) {
    if bare {
        return search(out, inner);
    }
    out.push('(');
    search(out, inner);
    out.push(')');
}
