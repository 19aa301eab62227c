//! `$apply`.

use super::super::ast::{AggregateItem, AggregateOf, GroupKey, Name, Pipeline, Transformation};
use super::{expression, options};
use crate::diag::At;

/// The canonical text of `$apply`.
pub(super) fn text(pipeline: &Pipeline) -> String {
    let mut out = String::new();
    all(&mut out, pipeline);
    out
}

fn all(out: &mut String, pipeline: &Pipeline) {
    for (nth, one) in pipeline.iter().enumerate() {
        if nth > 0 {
            out.push('/');
        }
        transformation(out, &one.node);
    }
}

fn transformation(out: &mut String, one: &Transformation) {
    match one {
        Transformation::Identity => out.push_str("identity"),
        Transformation::Filter(condition) => {
            call(out, "filter", |out| expression::node(out, condition));
        }
        Transformation::Search(found) => call(out, "search", |out| {
            out.push_str(&options::search_text(&found.node));
        }),
        Transformation::Compute(items) => {
            out.push_str("compute");
            expression::list(out, items, options::compute_item);
        }
        Transformation::OrderBy(items) => {
            out.push_str("orderby");
            expression::list(out, items, options::order_item);
        }
        Transformation::Skip(number) => {
            call(out, "skip", |out| out.push_str(&number.node.to_string()));
        }
        Transformation::Top(number) => {
            call(out, "top", |out| out.push_str(&number.node.to_string()));
        }
        Transformation::Pick { method, amount, by } => call(out, method.word(), |out| {
            expression::node(out, amount);
            out.push(',');
            expression::node(out, by);
        }),
        Transformation::Aggregate(items) => {
            out.push_str("aggregate");
            expression::list(out, items, item);
        }
        Transformation::GroupBy { keys, then } => call(out, "groupby", |out| {
            expression::list(out, keys, key);
            if !then.is_empty() {
                out.push(',');
                all(out, then);
            }
        }),
        Transformation::Concat(pipelines) => {
            out.push_str("concat");
            expression::list(out, pipelines, all);
        }
        Transformation::Other { name, arguments } => {
            expression::name(out, name);
            out.push('(');
            out.push_str(arguments);
            out.push(')');
        }
    }
}

/// `name(…)`
fn call(out: &mut String, name: &str, inside: impl FnOnce(&mut String)) {
    out.push_str(name);
    out.push('(');
    inside(out);
    out.push(')');
}

fn key(out: &mut String, key: &At<GroupKey>) {
    match &key.node {
        GroupKey::Path(path) => expression::path(out, path),
        GroupKey::Rollup { word, arguments } => call(out, word, |out| out.push_str(arguments)),
    }
}

fn item(out: &mut String, item: &AggregateItem) {
    match &item.of {
        AggregateOf::Count => out.push_str("$count"),
        AggregateOf::Expression(of) => expression::node(out, of),
    }
    with(out, item.method.as_ref());
    for from in &item.from {
        out.push_str(" from ");
        expression::node(out, &from.by);
        with(out, from.method.as_ref());
    }
    if let Some(name) = &item.name {
        out.push_str(" as ");
        out.push_str(&name.node);
    }
}

fn with(out: &mut String, method: Option<&At<Name>>) {
    if let Some(method) = method {
        out.push_str(" with ");
        expression::name(out, &method.node);
    }
}
