//! What stands on one side of a condition: an attribute, a reference, a constant.

use std::fmt;

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{Attribute, Reference};
use crate::plan::{Column, Term};
use crate::syntax::ast::{self, Expr, Node, Step};

use super::arithmetic;
use super::case::Branches;
use super::children::{self, Children};
use super::constant::{self, Constant};
use super::frames::Frames;
use super::functions::{self, Role};
use super::scope::Setting;
use super::tables::Located;
use super::{cast, refuse, suggest, walk, wrap};

/// A side of a comparison or an argument of a function.
#[derive(Debug, Clone)]
pub(super) enum Side<'a> {
    /// A value that no row changes.
    Constant(Constant<'a>),
    /// An attribute.
    Attribute(Subject<'a>),
    /// A reference, or the key of its target.
    Link(LinkSubject<'a>),
    /// `indexof(A,'x')`.
    IndexOf(Subject<'a>, Constant<'a>),
    /// Children, and what is asked of them.
    Children(Children<'a>),
    /// `case(…)`.
    Case(Branches<'a>),
    /// Anything else that is true or false.
    Condition,
}

/// An attribute and what a query puts around it.
#[derive(Debug, Clone)]
pub(super) struct Subject<'a> {
    pub(super) attribute: &'a Attribute,
    pub(super) path: Label<'a>,
    /// Nothing for calculated attributes, which declare no filter.
    pub(super) located: Option<Located>,
    /// `Name/EN`: the key of the language.
    pub(super) language: Option<String>,
    /// `tolower(A)` or `toupper(A)`.
    pub(super) folded: bool,
    /// `trim(A)`.
    pub(super) trimmed: bool,
    pub(super) part: Part,
    /// How many levels further out its row is: see [`Frames`].
    pub(super) up: usize,
    pub(super) span: Span,
}

/// Which part of a point in time is compared.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Part {
    Whole,
    Date,
    Year,
}

/// A reference in a condition.
#[derive(Debug, Clone)]
pub(super) struct LinkSubject<'a> {
    pub(super) reference: &'a Reference,
    pub(super) path: Label<'a>,
    pub(super) column: Column,
    pub(super) nullable: bool,
    /// `Person/Id` and not `Person`.
    pub(super) key: bool,
    /// How many levels further out its row is.
    pub(super) up: usize,
}

/// A path as its query wrote it, for messages.
#[derive(Debug, Clone, Copy)]
pub(super) struct Label<'a>(pub(super) &'a ast::Path);

impl fmt::Display for Label<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut first = true;
        for step in &self.0.steps {
            if let Step::Name(name) = &step.node {
                let slash = if first { "" } else { "/" };
                write!(f, "{slash}{}", suggest::qualified(name))?;
                first = false;
            }
        }
        Ok(())
    }
}

impl Subject<'_> {
    /// The stored value as the query wraps it: what null tests and comparisons look at.
    pub(super) fn term(&self, column: Column) -> Term {
        let term = Term::Column(column);
        if self.trimmed {
            Term::Trimmed(Box::new(term))
        } else {
            term
        }
    }
}

/// Binds one side.
pub(super) fn side<'a>(
    setting: Setting<'a>,
    frames: &mut Frames<'a>,
    node: &'a Node,
) -> Result<Side<'a>> {
    if let Some(constant) = constant::fold(setting, node)? {
        return Ok(Side::Constant(constant));
    }
    match &node.node {
        Expr::Alias(name) => match setting.alias(name, node.span)? {
            None => Ok(Side::Constant(Constant::Null)),
            Some((inner, opt)) => side(inner, frames, &opt.value)
                .map_err(|p| p.within(&constant::at(name), &opt.text)),
        },
        Expr::Path(path) => match setting.computed(path) {
            Some((inner, item, text)) => side(inner, frames, &item.expression)
                .map_err(|p| p.within(setting.compute_source(), text)),
            None => walk::path(setting, frames, path, node.span),
        },
        Expr::Call { name, arguments } => {
            let function = functions::find(&name.node, arguments.len(), name.span)?;
            let first = arguments.first().map(|a| &a.value);
            let (first, second) = (first, arguments.get(1).map(|a| &a.value));
            match (function.role, first, second) {
                (Role::Match(_) | Role::OrNull(_), _, _) => Ok(Side::Condition),
                (Role::Wrap(function), Some(inner), _) => {
                    let inner = side(setting, frames, inner)?;
                    wrap::around(setting, inner, function, node.span)
                }
                (Role::IndexOf, Some(inner), Some(needle)) => {
                    let inner = side(setting, frames, inner)?;
                    wrap::index_of(setting, inner, needle, node.span)
                }
                (Role::IsOf, _, _) if cast::row_of(setting, arguments)?.is_some() => {
                    Ok(Side::Condition)
                }
                (Role::Cast, Some(inner), Some(to)) => {
                    let of = side(setting, frames, inner)?;
                    let name = cast::type_name(to)?;
                    match of {
                        Side::Attribute(subject) if is_type(&subject, name) => {
                            Ok(Side::Attribute(subject))
                        }
                        Side::Attribute(subject) => {
                            Err(refuse::attribute(&subject, "cast", node.span))
                        }
                        Side::Link(found) => Err(refuse::link(&found, "cast", node.span)),
                        Side::Children(found) => Err(children::only_compared(&found, node.span)),
                        Side::Constant(_) | Side::IndexOf(..) | Side::Case(_) | Side::Condition => {
                            let text = "`cast` of a condition is not offered";
                            Err(refuse::not_offered(text, node.span))
                        }
                    }
                }
                (
                    Role::Wrap(_)
                    | Role::IndexOf
                    | Role::Constant(_)
                    | Role::Moment(_)
                    | Role::Cast
                    | Role::IsOf
                    | Role::Known(_),
                    _,
                    _,
                ) => Err(refuse::call(
                    setting, frames, function, arguments, node.span,
                )),
            }
        }
        Expr::Unary { operator, operand } => match operator {
            ast::UnaryOperator::Not => Ok(Side::Condition),
            ast::UnaryOperator::Negate => {
                Err(refuse::computed(setting, frames, "-", operand, node.span))
            }
        },
        Expr::Binary {
            operator,
            left,
            right,
        } => {
            if arithmetic::function(operator.node).is_none() {
                return Ok(Side::Condition);
            }
            let word = operator.node.word();
            let moving = match constant::fold(setting, left)? {
                Some(_) => right,
                None => left,
            };
            Err(refuse::computed(setting, frames, word, moving, node.span))
        }
        Expr::Logical { .. } | Expr::In { .. } => Ok(Side::Condition),
        Expr::Case(branches) => Ok(Side::Case(branches)),
        Expr::List(_) | Expr::Json(_) | Expr::Object(_) => {
            let text = "a list or object can only stand after `in`";
            Err(Problem::new(Code::TypeMismatch, text).at(node.span))
        }
        Expr::Literal(_) => Ok(Side::Condition),
    }
}

/// Whether an attribute is of a type: a cast to it changes nothing.
fn is_type(subject: &Subject<'_>, name: &ast::Name) -> bool {
    let whole = subject.part == Part::Whole;
    whole && suggest::qualified(name) == subject.attribute.kind.edm()
}
