//! Expressions.

use super::super::ast::{
    Argument, BinaryOperator, Expr, Head, Lambda, Literal, LogicalOperator, Name, Node, Path, Step,
    UnaryOperator,
};
use super::super::expr::{binary_rank, rank};
use super::super::operand::negation;
use super::{options, path};
use crate::diag::At;

/// One expression.
pub(super) fn node(out: &mut String, node: &Node) {
    match &node.node {
        Expr::Literal(value) => literal(out, value),
        Expr::Alias(name) => {
            out.push('@');
            out.push_str(name);
        }
        Expr::Path(path) => self::path(out, path),
        Expr::Call { name, arguments } => call(out, &name.node, arguments),
        Expr::Unary { operator, operand } => unary(out, *operator, operand),
        Expr::Logical { operator, operands } => logical(out, *operator, operands),
        Expr::Binary {
            operator,
            left,
            right,
        } => binary(out, operator.node, left, right),
        Expr::In { left, list } => membership(out, left, list),
        Expr::List(items) => array(out, items),
        Expr::Json(value) => out.push_str(&value.to_string()),
        Expr::Object(members) => object(out, members),
        Expr::Case(branches) => case(out, branches),
    }
}

/// How tightly an expression holds together.
fn rank_of(expr: &Expr) -> u8 {
    match expr {
        Expr::Literal(_)
        | Expr::Alias(_)
        | Expr::Path(_)
        | Expr::Call { .. }
        | Expr::List(_)
        | Expr::Json(_)
        | Expr::Object(_)
        | Expr::Case(_) => rank::PRIMARY,
        Expr::In { .. } => rank::MEMBERSHIP,
        Expr::Unary { .. } => rank::UNARY,
        Expr::Binary { operator, .. } => binary_rank(operator.node),
        Expr::Logical { operator, .. } => match operator {
            LogicalOperator::And => rank::AND,
            LogicalOperator::Or => rank::OR,
        },
    }
}

/// An operand, in parentheses unless it holds together at least as tightly as `least`.
fn operand(out: &mut String, inner: &Node, least: u8) {
    if rank_of(&inner.node) >= least {
        node(out, inner)
    } else {
        in_parens(out, inner)
    }
}

fn in_parens(out: &mut String, inner: &Node) {
    out.push('(');
    node(out, inner);
    out.push(')');
}

fn unary(out: &mut String, operator: UnaryOperator, inner: &Node) {
    match operator {
        UnaryOperator::Not => {
            out.push_str("not ");
            operand(out, inner, rank::UNARY);
        }
        UnaryOperator::Negate => {
            let start = out.len();
            out.push('-');
            operand(out, inner, rank::UNARY);
            // A digit, or `INF`, right after the sign would make the sign a part of the literal.
            let joins = out
                .get(start..)
                .is_some_and(|text| negation(text).is_none());
            let text = out.split_off(start + 1);
            if joins {
                out.push('(');
            }
            out.push_str(&text);
            if joins {
                out.push(')');
            }
        }
    }
}

fn logical(out: &mut String, operator: LogicalOperator, operands: &[Node]) {
    let (word, least) = match operator {
        LogicalOperator::And => (" and ", rank::AND + 1),
        LogicalOperator::Or => (" or ", rank::OR + 1),
    };
    for (nth, inner) in operands.iter().enumerate() {
        if nth > 0 {
            out.push_str(word);
        }
        operand(out, inner, least);
    }
}

fn binary(out: &mut String, operator: BinaryOperator, left: &Node, right: &Node) {
    let rank = binary_rank(operator);
    operand(out, left, rank);
    out.push(' ');
    out.push_str(operator.word());
    out.push(' ');
    operand(out, right, rank + 1);
}

fn membership(out: &mut String, left: &Node, right: &Node) {
    operand(out, left, rank::MEMBERSHIP);
    out.push_str(" in ");
    match &right.node {
        // A single item that is no literal would be read as an expression in parentheses.
        Expr::List(items) => match items.as_slice() {
            [
                Node {
                    node: Expr::Literal(_),
                    ..
                },
            ] => list(out, items, node),
            [_] => array(out, items),
            _ => list(out, items, node),
        },
        Expr::Literal(_)
        | Expr::Alias(_)
        | Expr::Path(_)
        | Expr::Call { .. }
        | Expr::Json(_)
        | Expr::Object(_)
        | Expr::Case(_) => node(out, right),
        Expr::Unary { .. } | Expr::Logical { .. } | Expr::Binary { .. } | Expr::In { .. } => {
            in_parens(out, right);
        }
    }
}

/// `(a,b)`
pub(super) fn list<T>(out: &mut String, items: &[T], print: impl Fn(&mut String, &T)) {
    out.push('(');
    separated(out, items, print);
    out.push(')');
}

fn separated<T>(out: &mut String, items: &[T], print: impl Fn(&mut String, &T)) {
    for (nth, item) in items.iter().enumerate() {
        if nth > 0 {
            out.push(',');
        }
        print(out, item);
    }
}

/// `[a,b]`
fn array(out: &mut String, items: &[Node]) {
    out.push('[');
    separated(out, items, node);
    out.push(']');
}

/// `{"a":b}`
fn object(out: &mut String, members: &[(String, Node)]) {
    out.push('{');
    separated(out, members, |out, (name, value)| {
        out.push_str(&serde_json::Value::from(name.as_str()).to_string());
        out.push(':');
        node(out, value);
    });
    out.push('}');
}

/// `case(a:b,c:d)`
fn case(out: &mut String, branches: &[(Node, Node)]) {
    out.push_str("case");
    list(out, branches, |out, (when, then)| {
        node(out, when);
        // Two numbers around a colon would be a time.
        out.push_str(if out.ends_with(|c: char| c.is_ascii_digit()) {
            " :"
        } else {
            ":"
        });
        node(out, then);
    });
}

fn call(out: &mut String, name: &Name, arguments: &[Argument]) {
    self::name(out, name);
    list(out, arguments, |out, argument| {
        if let Some(name) = &argument.name {
            out.push_str(&name.node);
            out.push('=');
        }
        node(out, &argument.value);
    });
}

pub(super) fn path(out: &mut String, path: &Path) {
    out.push_str(match path.head {
        Head::Implicit => "",
        Head::It => "$it",
        Head::This => "$this",
        Head::Root => "$root",
        Head::These => "$these",
    });
    let mut slash = path.head != Head::Implicit;
    for step in &path.steps {
        if slash && !matches!(step.node, Step::Key(_)) {
            out.push('/');
        }
        self::step(out, &step.node);
        slash = true;
    }
}

fn step(out: &mut String, step: &Step) {
    match step {
        Step::Name(name) => self::name(out, name),
        Step::Key(inside) => path::parens(out, inside),
        Step::Call { name, arguments } => call(out, name, arguments),
        Step::Count(inside) => {
            out.push_str("$count");
            options::nested(out, inside.as_deref());
        }
        Step::Any(None) => out.push_str("any()"),
        Step::Any(Some(inside)) => lambda(out, "any", inside),
        Step::All(inside) => lambda(out, "all", inside),
        Step::Filter(condition) => {
            out.push_str("$filter");
            in_parens(out, condition);
        }
        Step::Annotation(name) => {
            out.push('@');
            self::name(out, name);
        }
    }
}

fn lambda(out: &mut String, word: &str, lambda: &Lambda) {
    let Lambda {
        variable: At { node: variable, .. },
        condition,
    } = lambda;
    out.push_str(word);
    out.push('(');
    out.push_str(variable);
    out.push(':');
    node(out, condition);
    out.push(')');
}

/// `Namespace.Name`
pub(super) fn name(out: &mut String, name: &Name) {
    if !name.namespace.is_empty() {
        out.push_str(&name.namespace);
        out.push('.');
    }
    out.push_str(&name.name);
}

fn literal(out: &mut String, literal: &Literal) {
    match literal {
        Literal::Null => out.push_str("null"),
        Literal::Boolean(true) => out.push_str("true"),
        Literal::Boolean(false) => out.push_str("false"),
        Literal::Integer(text)
        | Literal::Decimal(text)
        | Literal::Date(text)
        | Literal::DateTimeOffset(text)
        | Literal::TimeOfDay(text)
        | Literal::Geo(text) => out.push_str(text),
        Literal::String(text) => quoted(out, text),
        Literal::Guid(guid) => out.push_str(&guid.to_string()),
        Literal::Duration(text) => {
            out.push_str("duration");
            quoted(out, text);
        }
        Literal::Binary(text) => {
            out.push_str("binary");
            quoted(out, text);
        }
        Literal::Enum { type_name, members } => {
            name(out, type_name);
            quoted(out, members);
        }
    }
}

/// A text in single quotes, those inside doubled.
pub(super) fn quoted(out: &mut String, text: &str) {
    out.push('\'');
    for (nth, part) in text.split('\'').enumerate() {
        if nth > 0 {
            out.push_str("''");
        }
        out.push_str(part);
    }
    out.push('\'');
}
