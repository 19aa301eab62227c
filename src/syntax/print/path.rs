//! Resource paths.

use super::super::ast::{Name, Parens, ResourcePath, Segment};
use super::expression;
use crate::diag::At;

/// All segments, each passed through `encode`, joined by slashes.
pub(super) fn segments(path: &ResourcePath, encode: impl Fn(&str) -> String) -> String {
    let mut out = String::new();
    for segment in &path.segments {
        let mut text = String::new();
        one(&mut text, &segment.node);
        if !out.is_empty() && !matches!(segment.node, Segment::Key(_)) {
            out.push('/');
        }
        out.push_str(&encode(&text));
    }
    out
}

/// One segment.
fn one(out: &mut String, segment: &Segment) {
    match segment {
        Segment::Name { name, parens } => {
            expression::name(out, name);
            if let Some(inside) = parens {
                self::parens(out, inside);
            }
        }
        Segment::Key(inside) => parens(out, inside),
        Segment::Text(text) => out.push_str(text),
        Segment::Count => out.push_str("$count"),
        Segment::Value => out.push_str("$value"),
        Segment::Ref => out.push_str("$ref"),
        Segment::Each => out.push_str("$each"),
        Segment::Filter(condition) => {
            out.push_str("$filter(");
            expression::node(out, condition);
            out.push(')');
        }
        Segment::Query => out.push_str("$query"),
        Segment::Metadata => out.push_str("$metadata"),
        Segment::Batch => out.push_str("$batch"),
        Segment::Entity => out.push_str("$entity"),
        Segment::All => out.push_str("$all"),
        Segment::CrossJoin(sets) => cross_join(out, sets),
        Segment::ContentId(id) => {
            out.push('$');
            out.push_str(id);
        }
    }
}

/// `$crossjoin(A,B)`
fn cross_join(out: &mut String, sets: &[At<Name>]) {
    out.push_str("$crossjoin");
    expression::list(out, sets, |out, set| expression::name(out, &set.node));
}

/// `()`, `(key)` or `(name=value,…)`
pub(super) fn parens(out: &mut String, parens: &Parens) {
    match parens {
        Parens::Empty => out.push_str("()"),
        Parens::Key(key) => {
            out.push('(');
            expression::node(out, key);
            out.push(')');
        }
        Parens::Named(pairs) => expression::list(out, pairs, |out, (name, value)| {
            out.push_str(&name.node);
            out.push('=');
            expression::node(out, value);
        }),
    }
}
