//! How deep a tree is: later rooms descend into it.

use super::ast::{Argument, Expr, Node, Parens, Path, Step};
use crate::diag::{Code, Problem, Result, Span};

/// The problem of a tree that is too deep.
fn too_deep(depth: u16, span: Span) -> Problem {
    Problem::new(Code::LimitExceeded, "the expression is nested too deeply")
        .at(span)
        .help(format!("at most {depth} levels are allowed"))
}

/// Refuses a chain of `links` operators that is longer than the depth allowed.
pub(super) fn check_links(links: u16, depth: u16, span: Span) -> Result<()> {
    if links <= depth {
        Ok(())
    } else {
        Err(too_deep(depth, span))
    }
}

/// Refuses a tree of more than `depth` levels.
pub(super) fn check(node: &Node, depth: u16) -> Result<()> {
    if is_within(node, depth) {
        Ok(())
    } else {
        Err(too_deep(depth, node.span))
    }
}

/// Whether a tree has at most `depth` levels. Looks no deeper than that.
fn is_within(node: &Node, depth: u16) -> bool {
    let Some(left) = depth.checked_sub(1) else {
        return false;
    };
    let all = |nodes: &[Node]| nodes.iter().all(|node| is_within(node, left));
    match &node.node {
        Expr::Literal(_) | Expr::Alias(_) | Expr::Json(_) => true,
        Expr::Path(path) => path_is_within(path, left),
        Expr::Call { name: _, arguments } => arguments_are_within(arguments, left),
        Expr::Unary {
            operator: _,
            operand,
        } => is_within(operand, left),
        Expr::Logical {
            operator: _,
            operands,
        } => all(operands),
        Expr::Binary {
            operator: _,
            left: one,
            right: two,
        }
        | Expr::In {
            left: one,
            list: two,
        } => is_within(one, left) && is_within(two, left),
        Expr::List(items) => all(items),
        Expr::Object(members) => members.iter().all(|(_, value)| is_within(value, left)),
        Expr::Case(branches) => branches
            .iter()
            .all(|(when, then)| is_within(when, left) && is_within(then, left)),
    }
}

fn arguments_are_within(arguments: &[Argument], depth: u16) -> bool {
    arguments
        .iter()
        .all(|argument| is_within(&argument.value, depth))
}

fn path_is_within(path: &Path, depth: u16) -> bool {
    path.steps.iter().all(|step| match &step.node {
        Step::Name(_) | Step::Annotation(_) | Step::Key(Parens::Empty) => true,
        Step::Count(options) => {
            let filter = options.as_ref().and_then(|options| options.filter.as_ref());
            filter.is_none_or(|filter| is_within(&filter.value, depth))
        }
        Step::Key(Parens::Key(value)) => is_within(value, depth),
        Step::Key(Parens::Named(pairs)) => pairs.iter().all(|(_, value)| is_within(value, depth)),
        Step::Call { name: _, arguments } => arguments_are_within(arguments, depth),
        Step::Any(lambda) => lambda
            .iter()
            .all(|lambda| is_within(&lambda.condition, depth)),
        Step::All(lambda) => is_within(&lambda.condition, depth),
        Step::Filter(condition) => is_within(condition, depth),
    })
}
