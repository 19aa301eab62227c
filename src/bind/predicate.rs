//! Filters: conditions over one row, in negation normal form.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::plan::{CompareOperator, Predicate};
use crate::syntax::ast::{
    Argument, BinaryOperator, Expr, LogicalOperator, Name, Node, UnaryOperator,
};
use crate::value::Kind;

use super::children::{self, Asked};
use super::compare::{self, Comparison};
use super::constant::{self, Constant};
use super::frames::{Frames, raised};
use super::functions::{self, Role};
use super::gather::gather;
use super::scope::Setting;
use super::subject::{self, Side};
use super::tables::{Instance, Tables};
use super::truth::Want;
use super::{cast, link, list, merge, refuse, text};

/// Binds a whole filter: the rows for which it is true.
pub(super) fn filter(
    setting: Setting<'_>,
    tables: &mut Tables,
    here: Instance,
    node: &Node,
) -> Result<Predicate> {
    let (predicate, nested) = Frames::over(tables, here, |frames| {
        let mut binder = Binder { setting, frames };
        let predicate = binder.condition(node, Want::TRUE)?;
        Ok::<_, Problem>((predicate, binder.frames.nested))
    })?;
    let most = setting.context.limits.filter_nodes;
    if merge::conditions(&predicate).saturating_add(nested) > most {
        let text = format!("the filter has more than {most} conditions");
        return Err(Problem::new(Code::LimitExceeded, text)
            .at(node.span)
            .help("a list, `A in (…)`, counts as one condition"));
    }
    Ok(predicate)
}

/// Binds the conditions of one row.
pub(super) struct Binder<'a, 't> {
    pub(super) setting: Setting<'a>,
    pub(super) frames: &'t mut Frames<'a>,
}

impl<'a> Binder<'a, '_> {
    /// The predicate that is true where the condition has one of the wanted outcomes.
    pub(super) fn condition(&mut self, node: &'a Node, want: Want) -> Result<Predicate> {
        self.setting.step(node.span)?;
        match &node.node {
            Expr::Logical { operator, operands } => {
                self.logical(*operator, operands, want, node.span)
            }
            Expr::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                self.lenient("not", node.span)?;
                self.condition(operand, want.negated())
            }
            Expr::Binary {
                operator,
                left,
                right,
            } => self.comparison(operator, left, right, want),
            Expr::In { left, list } => list::membership(self, left, list, want, node.span),
            Expr::Call { name, arguments } => self.call(node, name, arguments, want),
            Expr::Alias(name) => match self.setting.alias(name, node.span)? {
                None => Ok(outcome(None, want)),
                Some((setting, opt)) => {
                    let mut inner = Binder {
                        setting,
                        frames: &mut *self.frames,
                    };
                    inner
                        .condition(&opt.value, want)
                        .map_err(|p| p.within(&constant::at(name), &opt.text))
                }
            },
            Expr::Path(path) => match self.setting.computed(path) {
                Some((setting, item, text)) => {
                    let source = setting.compute_source();
                    let mut inner = Binder {
                        setting,
                        frames: &mut *self.frames,
                    };
                    inner
                        .condition(&item.expression, want)
                        .map_err(|p| p.within(source, text))
                }
                None => self.truth_value(node, want),
            },
            Expr::Literal(_)
            | Expr::Unary {
                operator: UnaryOperator::Negate,
                ..
            }
            | Expr::List(_)
            | Expr::Json(_)
            | Expr::Object(_)
            | Expr::Case(_) => self.truth_value(node, want),
        }
    }

    /// Refuses a form while filters are strict.
    pub(super) fn lenient(&self, form: &str, span: Span) -> Result<()> {
        if self.setting.context.strict_filters {
            return Err(refuse::strict(form, span));
        }
        Ok(())
    }

    fn logical(
        &mut self,
        operator: LogicalOperator,
        operands: &'a [Node],
        want: Want,
        span: Span,
    ) -> Result<Predicate> {
        let all = match operator {
            LogicalOperator::And => true,
            LogicalOperator::Or => {
                self.lenient("or", span)?;
                false
            }
        };
        // `or` is the dual of `and`: seen through negation, one table serves both.
        let flip = |want: Want| if all { want } else { want.negated() };
        let mut join = |operand: (bool, bool, bool), every: bool| {
            let (yes, no, null) = operand;
            let operand = flip(Want { yes, no, null });
            let parts = gather(operands.iter().map(|o| self.condition(o, operand)))?;
            Ok::<_, Problem>(merge::joined(parts, every))
        };
        let want = flip(want);
        // Kleene: `and` is true where all are true, false where any is false, else null.
        match (want.yes, want.no, want.null) {
            (false, false, false) => join((true, false, false), true).map(|_| Predicate::Never),
            (true, true, true) => join((true, false, false), true).map(|_| Predicate::Always),
            (true, false, null) => join((true, false, null), true),
            (false, true, null) => join((false, true, null), false),
            (false, false, true) => {
                let none_false = join((true, false, true), true)?;
                Ok(none_false.and(join((false, false, true), false)?))
            }
            (true, true, false) => {
                let known = vec![
                    join((true, false, false), true)?,
                    join((false, true, false), false)?,
                ];
                Ok(merge::joined(known, false))
            }
        }
    }

    fn comparison(
        &mut self,
        operator: &'a At<BinaryOperator>,
        left: &'a Node,
        right: &'a Node,
        want: Want,
    ) -> Result<Predicate> {
        let (l, r) = (self.side(left)?, self.side(right)?);
        if let (BinaryOperator::Has, Side::Constant(l), Side::Constant(r)) = (operator.node, &l, &r)
            && let Some(found) = compare::has(l, r)
        {
            self.lenient(operator.node.word(), operator.span)?;
            return Ok(outcome(found, want));
        }
        let Some(op) = compared(operator.node) else {
            return Err(self.no_comparison(operator, &l, &r));
        };
        if matches!(
            op,
            CompareOperator::Ne | CompareOperator::Gt | CompareOperator::Lt
        ) {
            self.lenient(operator.node.word(), operator.span)?;
        }
        self.sides(op, operator.span, (l, left), (r, right), want)
    }

    /// Compares two sides, each with the place where it stands.
    fn sides(
        &mut self,
        op: CompareOperator,
        span: Span,
        left: (Side<'a>, &'a Node),
        right: (Side<'a>, &'a Node),
        want: Want,
    ) -> Result<Predicate> {
        let comparison = |operator, value: &Node| Comparison {
            operator,
            form: CompareForm::Operator,
            span,
            value_span: value.span,
        };
        match (left, right) {
            ((Side::Constant(l), _), (Side::Constant(r), _)) => {
                compare::constants(self.setting, op, &l, &r, want, span)
            }
            ((Side::Case(branches), node), other) => self.case(branches, |binder, then| {
                let side = binder.branch(then, node)?;
                binder.sides(op, span, side, other.clone(), want)
            }),
            (other, (Side::Case(branches), node)) => self.case(branches, |binder, then| {
                let side = binder.branch(then, node)?;
                binder.sides(op, span, other.clone(), side, want)
            }),
            ((Side::Constant(constant), at), (side, node)) => {
                let comparison = comparison(op.flipped(), at);
                self.with_constant(side, node, &comparison, &constant, want)
            }
            ((side, node), (Side::Constant(constant), at)) => {
                let comparison = comparison(op, at);
                self.with_constant(side, node, &comparison, &constant, want)
            }
            ((Side::Condition, left), (_, right)) | ((_, left), (Side::Condition, right)) => {
                let text = "a condition is compared with `true`, `false` or `null` only";
                Err(refuse::not_offered(text, left.span.to(right.span)))
            }
            ((_, left), (_, right)) => Err(refuse::two_properties(left.span.to(right.span))),
        }
    }

    /// The value of a branch of the `case` at `node`; null where no branch counts.
    fn branch(&mut self, then: Option<&'a Node>, node: &'a Node) -> Result<(Side<'a>, &'a Node)> {
        Ok(match then {
            Some(then) => (self.side(then)?, then),
            None => (Side::Constant(Constant::Null), node),
        })
    }

    fn with_constant(
        &mut self,
        side: Side<'a>,
        node: &'a Node,
        comparison: &Comparison,
        constant: &Constant<'_>,
        want: Want,
    ) -> Result<Predicate> {
        match side {
            Side::Attribute(subject) => {
                let bound = compare::attribute(self.setting, &subject, comparison, constant, want);
                bound.map(|predicate| raised(subject.up, predicate))
            }
            Side::Link(found) => {
                let bound = link::compare(self.setting, &found, comparison, constant, want);
                bound.map(|predicate| raised(found.up, predicate))
            }
            Side::IndexOf(subject, needle) => {
                let bound = text::index_of(&subject, &needle, comparison, constant, want);
                bound.map(|predicate| raised(subject.up, predicate))
            }
            Side::Children(children) => match children.asked {
                Asked::Count => self.counted(&children, comparison, constant, want),
                Asked::Any(_) | Asked::All(_) => self.with_truth(node, comparison, constant, want),
            },
            Side::Condition => self.with_truth(node, comparison, constant, want),
            Side::Case(branches) => self.case(branches, |binder, then| {
                let (side, node) = binder.branch(then, node)?;
                binder.with_constant(side, node, comparison, constant, want)
            }),
            Side::Constant(Constant::Null) if comparison.form != CompareForm::Operator => {
                Ok(outcome(Some(true), want))
            }
            Side::Constant(other) => compare::constants(
                self.setting,
                comparison.operator,
                &other,
                constant,
                want,
                comparison.span,
            ),
        }
    }

    /// `contains(…) eq true`.
    fn with_truth(
        &mut self,
        node: &'a Node,
        comparison: &Comparison,
        constant: &Constant<'_>,
        want: Want,
    ) -> Result<Predicate> {
        let constant = if let Constant::Boolean(b) = constant {
            Some(*b)
        } else if *constant == Constant::Null {
            None
        } else {
            let text = format!("a condition cannot be compared with {}", constant.noun());
            return Err(Problem::new(Code::TypeMismatch, text).at(comparison.value_span));
        };
        match comparison.operator {
            CompareOperator::Eq => {
                let mut wanted = want.equal_to(constant);
                if comparison.form != CompareForm::Operator {
                    // `equalnull` is true for null, whatever it is compared with.
                    wanted.null = want.yes;
                }
                self.condition(node, wanted)
            }
            CompareOperator::Ne => self.condition(node, want.negated().equal_to(constant)),
            CompareOperator::Lt
            | CompareOperator::Le
            | CompareOperator::Gt
            | CompareOperator::Ge => {
                let text = "a condition has no order: only `eq` and `ne` compare it";
                Err(Problem::new(Code::TypeMismatch, text).at(comparison.span))
            }
        }
    }

    /// `has`, or arithmetic where a condition is wanted.
    fn no_comparison(
        &self,
        operator: &At<BinaryOperator>,
        left: &Side<'_>,
        right: &Side<'_>,
    ) -> Problem {
        let word = operator.node.word();
        match (operator.node, left, right) {
            (BinaryOperator::Has, Side::Attribute(subject), _) => {
                refuse::attribute(subject, word, operator.span)
            }
            (BinaryOperator::Has, Side::Link(found), _) => refuse::link(found, word, operator.span),
            (BinaryOperator::Has, _, _) => {
                let text = "`has` takes members of an enumeration";
                Problem::new(Code::TypeMismatch, text).at(operator.span)
            }
            (_, _, _) => no_condition("a computed value", operator.span),
        }
    }

    /// Binds one side of a condition.
    pub(super) fn side(&mut self, node: &'a Node) -> Result<Side<'a>> {
        subject::side(self.setting, self.frames, node)
    }

    /// A value where a condition is wanted: a boolean attribute or a boolean constant.
    fn truth_value(&mut self, node: &'a Node, want: Want) -> Result<Predicate> {
        match self.side(node)? {
            Side::Constant(Constant::Boolean(b)) => Ok(outcome(Some(b), want)),
            Side::Constant(Constant::Null) => Ok(outcome(None, want)),
            Side::Constant(other) => Err(no_condition(other.noun(), node.span)),
            Side::Attribute(subject) => {
                if !subject.attribute.filters.eq {
                    return Err(refuse::attribute(&subject, "eq", node.span));
                }
                if subject.attribute.kind != Kind::Boolean {
                    let problem = no_condition(&format!("`{}`", subject.path), node.span);
                    return Err(problem.about(subject.path.to_string()));
                }
                if self.setting.context.strict_filters {
                    let problem = refuse::strict(&subject.path.to_string(), node.span);
                    return Err(problem.help(format!("write `{} eq true`", subject.path)));
                }
                Ok(raised(subject.up, compare::truth(&subject, want)))
            }
            Side::Link(found) => Err(no_condition(
                &format!("the reference `{}`", found.path),
                node.span,
            )),
            Side::IndexOf(..) => Err(no_condition("a number", node.span)),
            Side::Children(children) => self.children(&children, want),
            Side::Case(branches) => self.case(branches, |binder, then| match then {
                Some(then) => binder.condition(then, want),
                None => Ok(outcome(None, want)),
            }),
            Side::Condition => Err(no_condition("this", node.span)),
        }
    }

    fn call(
        &mut self,
        node: &'a Node,
        name: &'a At<Name>,
        arguments: &'a [Argument],
        want: Want,
    ) -> Result<Predicate> {
        let function = functions::find(&name.node, arguments.len(), name.span)?;
        if function.role == Role::IsOf
            && let Some((path, of)) = cast::row_of(self.setting, arguments)?
        {
            return self.is_of(path, &of, name.span, want);
        }
        let ([first, second], Role::Match(_) | Role::OrNull(_)) = (arguments, function.role) else {
            return self.truth_value(node, want);
        };
        let (l, r) = (self.side(&first.value)?, self.side(&second.value)?);
        match function.role {
            Role::Match(kind) => match (l, r) {
                (Side::Attribute(subject), Side::Constant(needle)) => {
                    let needle = (&needle, second.value.span);
                    let bound =
                        text::matching(&subject, kind, function.name, needle, name.span, want);
                    bound.map(|predicate| raised(subject.up, predicate))
                }
                (Side::Constant(text), Side::Constant(needle)) => {
                    text::constants(kind, &text, &needle, want, node.span)
                }
                (Side::Constant(_), Side::Attribute(_)) => {
                    let word = function.name;
                    let text = format!("`{word}` looks into a property, not for one");
                    let problem = refuse::not_offered(&text, node.span);
                    Err(problem.help(format!("write `{word}(A,'x')`")))
                }
                (Side::Link(found), _) => Err(refuse::link(&found, function.name, name.span)),
                (Side::Children(found), _) => Err(children::only_compared(&found, node.span)),
                (_, _) => Err(refuse::two_properties(node.span)
                    .help(format!("write `{}(A,'x')`", function.name))),
            },
            Role::OrNull(operator) => {
                self.lenient(function.name, name.span)?;
                let comparison = Comparison {
                    operator,
                    form: CompareForm::OrNull(function.name),
                    span: name.span,
                    value_span: second.value.span,
                };
                match r {
                    Side::Constant(constant) => {
                        self.with_constant(l, &first.value, &comparison, &constant, want)
                    }
                    Side::Attribute(_)
                    | Side::Link(_)
                    | Side::IndexOf(..)
                    | Side::Children(_)
                    | Side::Case(_)
                    | Side::Condition => Err(refuse::two_properties(node.span)),
                }
            }
            Role::Wrap(_)
            | Role::IndexOf
            | Role::Constant(_)
            | Role::Moment(_)
            | Role::Cast
            | Role::IsOf
            | Role::Known(_) => self.truth_value(node, want),
        }
    }
}

/// How a comparison was written.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum CompareForm {
    /// With an operator.
    Operator,
    /// With a vendor's function that is true for null too; its name.
    OrNull(&'static str),
}

/// A condition whose outcome no row changes.
pub(super) fn outcome(outcome: Option<bool>, want: Want) -> Predicate {
    if want.has(outcome) {
        Predicate::Always
    } else {
        Predicate::Never
    }
}

fn no_condition(what: &str, span: Span) -> Problem {
    Problem::new(
        Code::TypeMismatch,
        format!("a condition is wanted here, and {what} is none"),
    )
    .at(span)
}

/// The comparison of an operator; nothing where it is none.
pub(super) const fn compared(operator: BinaryOperator) -> Option<CompareOperator> {
    Some(match operator {
        BinaryOperator::Eq => CompareOperator::Eq,
        BinaryOperator::Ne => CompareOperator::Ne,
        BinaryOperator::Gt => CompareOperator::Gt,
        BinaryOperator::Ge => CompareOperator::Ge,
        BinaryOperator::Lt => CompareOperator::Lt,
        BinaryOperator::Le => CompareOperator::Le,
        BinaryOperator::Has
        | BinaryOperator::Add
        | BinaryOperator::Sub
        | BinaryOperator::Mul
        | BinaryOperator::Div
        | BinaryOperator::DivBy
        | BinaryOperator::Mod => return None,
    })
}
