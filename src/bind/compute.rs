//! `$compute`: values computed from literals and attributes of which something is declared.
//!
//! A computed name in `$filter` and `$orderby` stands for its expression there, so that it opens
//! nothing that the expression would not open itself. In the output it is computed when a row is
//! written, the same for both databases.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::plan::{Computed, Formula, Term};
use crate::syntax::ast::{Argument, ComputeItem, Expr, Name, Node, UnaryOperator};
use crate::value::{Function, Kind, NoValue, Scalar, TextFunction};

use super::constant::{self, fold};
use super::frames::Frames;
use super::functions::{self, Role};
use super::gather::gather;
use super::rows::Rows;
use super::scope::Setting;
use super::subject::{Side, Subject};
use super::tables;
use super::{arithmetic, refuse, walk};

/// The computed members of some rows.
pub(super) fn members(rows: &mut Rows<'_>) -> Result<Vec<Computed>> {
    let Some((opt, items)) = rows.setting.computed_items() else {
        return Ok(Vec::new());
    };
    let source = rows.setting.compute_source();
    let bound = items.iter().enumerate().map(|(position, item)| {
        let earlier = items.get(..position).unwrap_or_default();
        check_name(rows, item, earlier)?;
        member(rows, position, item)
    });
    gather(bound).map_err(|p| p.within(source, &opt.text))
}

fn check_name(rows: &Rows<'_>, item: &ComputeItem, earlier: &[ComputeItem]) -> Result<()> {
    let name = &item.name.node;
    let entity = rows.setting.entity(rows.entity());
    let is_taken =
        entity.property(name).is_some() || earlier.iter().any(|other| other.name.node == *name);
    if !is_taken {
        return Ok(());
    }
    let text = format!("the name `{name}` is taken");
    let problem = Problem::new(Code::InvalidOption, text).about(name);
    Err(problem.at(item.name.span))
}

fn member(rows: &mut Rows<'_>, position: usize, item: &ComputeItem) -> Result<Computed> {
    let setting = rows.setting.before(position);
    let (formula, example) = formula(rows, setting, &item.expression)?;
    let most = setting.context.limits.filter_nodes;
    if formula.size() > most {
        let text = format!("the expression has more than {most} parts");
        return Err(Problem::new(Code::LimitExceeded, text).at(item.expression.span));
    }
    Ok(Computed {
        name: item.name.node.clone(),
        formula,
        example,
    })
}

/// A formula, and some value of its type.
type Typed = (Formula, Scalar);

fn formula<'a>(rows: &mut Rows<'_>, setting: Setting<'a>, node: &'a Node) -> Result<Typed> {
    setting.step(node.span)?;
    if let Some(constant) = fold(setting, node)? {
        let value = constant.scalar().ok_or_else(|| {
            let text = format!("nothing is computed with {}", constant.noun());
            refuse::not_offered(&text, node.span)
        })?;
        return Ok((Formula::Constant(value.clone()), value));
    }
    let conditions = || {
        let text = "`$compute` computes values, not conditions";
        Err(refuse::not_offered(text, node.span))
    };
    match &node.node {
        Expr::Alias(name) => match setting.alias(name, node.span)? {
            None => Ok((Formula::Constant(Scalar::Null), Scalar::Null)),
            Some((inner, opt)) => formula(rows, inner, &opt.value)
                .map_err(|p| p.within(&constant::at(name), &opt.text)),
        },
        Expr::Path(path) => match setting.computed(path) {
            Some((inner, item, _)) => formula(rows, inner, &item.expression),
            None => {
                let here = rows.here;
                let side = Frames::over(&mut rows.tables, here, |frames| {
                    walk::path(setting, frames, path, node.span)
                })?;
                cell(rows, side, node.span)
            }
        },
        Expr::Call { name, arguments } => called(rows, setting, name, arguments, node.span),
        Expr::Unary {
            operator: UnaryOperator::Negate,
            operand,
        } => {
            let operand = formula(rows, setting, operand)?;
            joined(Function::Negate, "-", vec![operand], node.span)
        }
        Expr::Binary {
            operator,
            left,
            right,
        } => match arithmetic::function(operator.node) {
            Some(function) => {
                let sides = [left, right].map(|side| formula(rows, setting, side));
                let sides = gather(sides)?;
                joined(function, operator.node.word(), sides, operator.span)
            }
            None => conditions(),
        },
        Expr::Unary {
            operator: UnaryOperator::Not,
            ..
        }
        | Expr::Logical { .. }
        | Expr::In { .. } => conditions(),
        Expr::Case(_) => {
            let text =
                "`$compute` does not offer `case`: it computes from values, not by conditions";
            Err(refuse::not_offered(text, node.span))
        }
        Expr::Literal(_) | Expr::List(_) | Expr::Json(_) | Expr::Object(_) => {
            let text = "`$compute` computes single values";
            Err(refuse::not_offered(text, node.span))
        }
    }
}

fn called<'a>(
    rows: &mut Rows<'_>,
    setting: Setting<'a>,
    name: &At<Name>,
    arguments: &'a [Argument],
    span: Span,
) -> Result<Typed> {
    let row = functions::find(&name.node, arguments.len(), name.span)?;
    let function = match row.role {
        Role::Wrap(wrap) => wrap.function(),
        Role::Constant(function) => function,
        Role::IndexOf => Function::Text(TextFunction::IndexOf),
        Role::Match(_)
        | Role::OrNull(_)
        | Role::Moment(_)
        | Role::Cast
        | Role::IsOf
        | Role::Known(_) => {
            let text = format!("`$compute` does not offer the function `{}`", row.name);
            return Err(refuse::not_offered(&text, span).about(row.name));
        }
    };
    let arguments = arguments
        .iter()
        .map(|argument| formula(rows, setting, &argument.value));
    let arguments = gather(arguments)?;
    joined(function, row.name, arguments, span)
}

/// A call, checked by calling it with some values of the types of its arguments.
fn joined(function: Function, word: &str, of: Vec<Typed>, span: Span) -> Result<Typed> {
    let (arguments, examples): (Vec<_>, Vec<_>) = of.into_iter().unzip();
    let example = match function.call(&examples) {
        Ok(example) => example,
        // Another point in time may have one where this has none.
        // Where no time is in it, the constants have no value for any row.
        Err(NoValue::OutOfRange) => {
            let time = examples.into_iter().find(is_time);
            time.unwrap_or(Scalar::Null)
        }
        Err(NoValue::Mismatch) => {
            let text = format!("`{word}` does not take such values");
            return Err(Problem::new(Code::TypeMismatch, text).about(word).at(span));
        }
    };
    Ok((
        Formula::Call {
            function,
            arguments,
        },
        example,
    ))
}

const fn is_time(example: &Scalar) -> bool {
    matches!(example, Scalar::Moment(_) | Scalar::Date(_))
}

/// The value of an attribute.
fn cell(rows: &mut Rows<'_>, side: Side<'_>, span: Span) -> Result<Typed> {
    let subject = match side {
        Side::Attribute(subject) => subject,
        Side::Children(children) => {
            let name = children.name;
            let text =
                format!("`$compute` does not count `{name}`: no statement counts for each row");
            let problem = refuse::not_offered(&text, span).about(name);
            return Err(problem.help(format!("write `$expand={name}/$count`")));
        }
        Side::Link(_) | Side::Constant(_) | Side::IndexOf(..) | Side::Case(_) | Side::Condition => {
            let text = "`$compute` computes with attributes, not with references or collections";
            return Err(refuse::not_offered(text, span));
        }
    };
    let attribute = subject.attribute;
    let declared = attribute.filters.any() || attribute.orderable || tables::is_key(attribute);
    let located = match subject.located {
        Some(located) if declared => located,
        Some(_) | None => return Err(undeclared(&subject, span)),
    };
    check_language(&subject, span)?;
    let example = Scalar::example(attribute.kind).ok_or_else(|| {
        let text = format!("nothing is computed with bytes, as `{}` has", subject.path);
        refuse::not_offered(&text, span).about(subject.path.to_string())
    })?;
    let formula = Formula::Cell {
        position: rows.position(Term::Column(located.column)),
        enumeration: attribute.enumeration,
        language: subject.language,
    };
    Ok((formula, example))
}

fn undeclared(subject: &Subject<'_>, span: Span) -> Problem {
    let name = subject.path.to_string();
    let text =
        format!("`{name}` declares neither a filter nor an order: nothing is computed from it");
    Problem::new(Code::FilterNotDeclared, text)
        .about(name)
        .at(span)
}

fn check_language(subject: &Subject<'_>, span: Span) -> Result<()> {
    if subject.attribute.kind != Kind::Multilanguage || subject.language.is_some() {
        return Ok(());
    }
    let text = format!("`$compute` needs one language of `{}`", subject.path);
    Err(Problem::new(Code::TypeMismatch, text)
        .about(subject.path.to_string())
        .at(span)
        .help(format!("write `{}/EN`", subject.path)))
}
