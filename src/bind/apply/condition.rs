//! Conditions over what has a name: of groups, and of what is computed.
//!
//! A comparison is never null, a text function of null is (`docs/decisions/006-null-semantics.md`);
//! `not` goes into the leaves, so that no statement negates what could be null.

use crate::diag::{At, Code, Problem, Result, Span};
use crate::plan::{CompareOperator, MatchKind, Predicate};
use crate::syntax::ast::{
    Argument, BinaryOperator, Expr, LogicalOperator, Name, Node, Path, Step, UnaryOperator,
};
use crate::value::{Kind, Value, fold};

use super::super::compare::{self, Comparison};
use super::super::constant::{self, Constant};
use super::super::gather::gather;
use super::super::predicate::{CompareForm, compared};
use super::super::scope::Setting;
use super::super::{list, merge, refuse, types};
use super::literal;
use super::named::{Named, What};

/// Finds what a path stands for.
pub(super) type Find<'f, 'a> = &'f mut dyn FnMut(&'a Path, Span) -> Result<Named<'a>>;

/// Binds a condition: the rows for which it is true.
pub(super) fn bind<'a>(
    setting: Setting<'a>,
    node: &'a Node,
    find: Find<'_, 'a>,
) -> Result<Predicate> {
    let predicate = Binder { setting, find }.condition(node, true)?;
    let most = setting.context.limits.filter_nodes;
    if merge::conditions(&predicate) > most {
        let text = format!("the filter has more than {most} conditions");
        return Err(Problem::new(Code::LimitExceeded, text).at(node.span));
    }
    Ok(predicate)
}

/// Whether an expression, or what its aliases stand for, mentions any of some names.
pub(super) fn mentions(setting: Setting<'_>, node: &Node, names: &[Named<'_>]) -> Result<bool> {
    if names.is_empty() {
        return Ok(false);
    }
    setting.step(node.span)?;
    let inside = |node: &Node| mentions(setting, node, names);
    let any = |nodes: &mut dyn Iterator<Item = &Node>| -> Result<bool> {
        for node in nodes {
            if inside(node)? {
                return Ok(true);
            }
        }
        Ok(false)
    };
    Ok(match &node.node {
        Expr::Literal(_) | Expr::Json(_) => false,
        Expr::Alias(name) => match setting.alias(name, node.span)? {
            None => false,
            Some((inner, opt)) => mentions(inner, &opt.value, names)
                .map_err(|p| p.within(&constant::at(name), &opt.text))?,
        },
        Expr::Path(path) => path.steps.first().is_some_and(|step| match &step.node {
            Step::Name(name) => names.iter().any(|n| n.path.first() == Some(&name.name)),
            Step::Key(_)
            | Step::Call { .. }
            | Step::Count(_)
            | Step::Any(_)
            | Step::All(_)
            | Step::Filter(_)
            | Step::Annotation(_) => false,
        }),
        Expr::Call { arguments, .. } => any(&mut arguments.iter().map(|a| &a.value))?,
        Expr::Unary { operand, .. } => inside(operand)?,
        Expr::Logical { operands, .. } => any(&mut operands.iter())?,
        Expr::Binary { left, right, .. } => inside(left)? || inside(right)?,
        Expr::In { left, list } => inside(left)? || inside(list)?,
        Expr::List(items) => any(&mut items.iter())?,
        Expr::Object(members) => any(&mut members.iter().map(|(_, value)| value))?,
        Expr::Case(branches) => any(&mut branches.iter().flat_map(|(a, b)| [a, b]))?,
    })
}

struct Binder<'f, 'a> {
    setting: Setting<'a>,
    find: Find<'f, 'a>,
}

impl<'a> Binder<'_, 'a> {
    /// The rows for which a condition is `wanted`.
    fn condition(&mut self, node: &'a Node, wanted: bool) -> Result<Predicate> {
        self.setting.step(node.span)?;
        match &node.node {
            Expr::Logical { operator, operands } => {
                let every = match operator {
                    LogicalOperator::And => wanted,
                    LogicalOperator::Or => {
                        self.lenient("or", node.span)?;
                        !wanted
                    }
                };
                let parts = gather(operands.iter().map(|o| self.condition(o, wanted)))?;
                Ok(merge::joined(parts, every))
            }
            Expr::Unary {
                operator: UnaryOperator::Not,
                operand,
            } => {
                self.lenient("not", node.span)?;
                self.condition(operand, !wanted)
            }
            Expr::Binary {
                operator,
                left,
                right,
            } => self.comparison(operator, left, right, wanted),
            Expr::In { left, list } => self.membership(left, list, wanted),
            Expr::Call { name, arguments } => self.function(node, name, arguments, wanted),
            Expr::Path(path) => self.truth(path, node.span, wanted),
            Expr::Alias(name) => {
                let inner =
                    self.behind(name, node.span, |inner, node| inner.condition(node, wanted));
                // Null is neither true nor false.
                Ok(inner?.unwrap_or(Predicate::Never))
            }
            Expr::Literal(_)
            | Expr::Unary {
                operator: UnaryOperator::Negate,
                ..
            }
            | Expr::List(_)
            | Expr::Json(_)
            | Expr::Object(_)
            | Expr::Case(_) => Err(later(node.span)),
        }
    }

    /// Binds what an alias stands for; nothing for one that the request does not define.
    fn behind<T>(
        &mut self,
        name: &str,
        span: Span,
        bind: impl FnOnce(&mut Binder<'_, 'a>, &'a Node) -> Result<T>,
    ) -> Result<Option<T>> {
        let Some((setting, opt)) = self.setting.alias(name, span)? else {
            return Ok(None);
        };
        let mut inner = Binder {
            setting,
            find: &mut *self.find,
        };
        let bound = bind(&mut inner, &opt.value);
        bound
            .map(Some)
            .map_err(|p| p.within(&constant::at(name), &opt.text))
    }

    fn lenient(&self, form: &str, span: Span) -> Result<()> {
        if self.setting.context.strict_filters {
            return Err(refuse::strict(form, span));
        }
        Ok(())
    }

    fn named(&mut self, node: &'a Node) -> Result<Named<'a>> {
        match &node.node {
            Expr::Path(path) => {
                let named = (self.find)(path, node.span)?;
                asked(&named, node.span)?;
                Ok(named)
            }
            Expr::Alias(name) => {
                let named = self.behind(name, node.span, |inner, node| inner.named(node))?;
                named.ok_or_else(|| later(node.span))
            }
            Expr::Literal(_)
            | Expr::Call { .. }
            | Expr::Unary { .. }
            | Expr::Logical { .. }
            | Expr::Binary { .. }
            | Expr::In { .. }
            | Expr::List(_)
            | Expr::Json(_)
            | Expr::Object(_)
            | Expr::Case(_) => Err(later(node.span)),
        }
    }

    fn comparison(
        &mut self,
        operator: &At<BinaryOperator>,
        left: &'a Node,
        right: &'a Node,
        wanted: bool,
    ) -> Result<Predicate> {
        let plain = compared(operator.node).ok_or_else(|| later(operator.span))?;
        if matches!(
            plain,
            CompareOperator::Ne | CompareOperator::Gt | CompareOperator::Lt
        ) {
            self.lenient(operator.node.word(), operator.span)?;
        }
        let (name, value, plain) = match constant::fold(self.setting, right)? {
            Some(value) => (left, (value, right.span), plain),
            None => match constant::fold(self.setting, left)? {
                Some(value) => (right, (value, left.span), plain.flipped()),
                None => return Err(refuse::two_properties(left.span.to(right.span))),
            },
        };
        let (value, value_span) = value;
        let named = self.named(name)?;
        let comparison = Comparison {
            operator: plain,
            form: CompareForm::Operator,
            span: operator.span,
            value_span,
        };
        check_operator(&named, plain, comparison.word(), operator.span)?;
        let term = named.key().clone();
        if value == Constant::Null {
            return Ok(compare::null_test(
                term,
                named.nullable,
                &comparison,
                !wanted,
            ));
        }
        let or_null = named.nullable && (comparison.true_for_null() == wanted);
        let Some(value) = literal::compared(self.setting, &named, plain, &value, value_span)?
        else {
            let unequal = plain == CompareOperator::Ne;
            return Ok(merge::list(term, Vec::new(), unequal == wanted, or_null));
        };
        Ok(Predicate::Compare {
            term,
            operator: if wanted { plain } else { plain.complement() },
            value: given(&named, value),
            or_null,
        })
    }

    fn membership(&mut self, left: &'a Node, list: &'a Node, wanted: bool) -> Result<Predicate> {
        let named = self.named(left)?;
        if named.is_multilanguage() {
            return Err(later(left.span));
        }
        let multi = match named.what {
            What::Attribute(attribute) => attribute.filters.multi || attribute.dimension,
            What::Link(reference, _) => reference.filters.multi,
            What::Number | What::Decimal | What::Time | What::Date | What::Text => true,
        };
        if !multi {
            return Err(undeclared(&named, "in", list.span));
        }
        let items = list::items(self.setting, list)?;
        let most = self.setting.context.limits.list_items;
        if items.len() > most {
            let text = format!("the list has more than {most} values");
            return Err(Problem::new(Code::LimitExceeded, text).at(list.span));
        }
        let value = |(constant, span): &(Constant<'a>, Span)| {
            if *constant == Constant::Null {
                return Ok(Some(Value::Null));
            }
            let equal = CompareOperator::Eq;
            let value = literal::compared(self.setting, &named, equal, constant, *span)?;
            Ok(value.map(|value| given(&named, value)))
        };
        let values = gather(items.iter().map(value))?.into_iter().flatten();
        let (nulls, values): (Vec<_>, Vec<_>) = values.partition(|value| *value == Value::Null);
        let null = !nulls.is_empty();
        let or_null = named.nullable && (null == wanted);
        Ok(merge::list(named.key().clone(), values, !wanted, or_null))
    }

    /// A truth value alone.
    fn truth(&mut self, path: &'a Path, span: Span, wanted: bool) -> Result<Predicate> {
        let named = (self.find)(path, span)?;
        let boolean = match named.what {
            What::Attribute(attribute) => attribute.kind == Kind::Boolean,
            What::Link(..)
            | What::Number
            | What::Decimal
            | What::Time
            | What::Date
            | What::Text => false,
        };
        if !boolean {
            let text = format!(
                "a condition is wanted here, and `{}` is none",
                named.label()
            );
            return Err(named.problem(Code::TypeMismatch, text, span));
        }
        if self.setting.context.strict_filters {
            return Err(refuse::strict(&named.label(), span));
        }
        check_operator(&named, CompareOperator::Eq, "eq", span)?;
        Ok(Predicate::Compare {
            term: named.term,
            operator: CompareOperator::Eq,
            value: Value::Boolean(wanted),
            or_null: false,
        })
    }

    /// `contains(A,'x')` and its siblings.
    fn function(
        &mut self,
        node: &'a Node,
        name: &'a At<Name>,
        arguments: &'a [Argument],
        wanted: bool,
    ) -> Result<Predicate> {
        let word = name.node.name.to_ascii_lowercase();
        let kind = match word.as_str() {
            "contains" => MatchKind::Contains,
            "startswith" => MatchKind::StartsWith,
            "endswith" => MatchKind::EndsWith,
            _ => return Err(later(node.span)),
        };
        let [text, needle] = arguments else {
            return Err(later(node.span));
        };
        let named = self.named(&text.value)?;
        let open = match named.what {
            What::Attribute(attribute) => attribute.filters.like && attribute.kind == Kind::String,
            What::Text => true,
            What::Link(..) | What::Number | What::Decimal | What::Time | What::Date => false,
        };
        if !open {
            return Err(undeclared(&named, &word, name.span));
        }
        let span = needle.value.span;
        let found = constant::fold(self.setting, &needle.value)?.ok_or_else(|| later(span))?;
        let Some(needle) = types::text(&found) else {
            let text = format!("`{word}` looks for a text, not for {}", found.noun());
            return Err(named.problem(Code::TypeMismatch, text, span));
        };
        let (term, nullable) = (named.key().clone(), named.nullable);
        if needle.is_empty() {
            // Every text holds the empty one; null is no text.
            return Ok(match (wanted, nullable) {
                (false, _) => Predicate::Never,
                (true, false) => Predicate::Always,
                (true, true) => Predicate::Null {
                    term,
                    negated: true,
                },
            });
        }
        let needle = match named.compared {
            Some(_) => fold(needle),
            None => needle.to_owned(),
        };
        Ok(Predicate::Match {
            term,
            kind,
            needle,
            negated: !wanted,
            or_null: false,
        })
    }
}

/// A value as the column that it is compared with.
fn given(named: &Named<'_>, value: Value) -> Value {
    match (&named.compared, value) {
        (Some(_), Value::Text(text)) => Value::Text(fold(&text)),
        (_, value) => value,
    }
}

/// Refuses an operator that the declaration does not open.
fn check_operator(
    named: &Named<'_>,
    operator: CompareOperator,
    word: &str,
    span: Span,
) -> Result<()> {
    let equality = matches!(operator, CompareOperator::Eq | CompareOperator::Ne);
    if named.is_multilanguage() {
        return Err(later(span));
    }
    let open = match named.what {
        What::Attribute(attribute) => {
            let told = if equality {
                attribute.is_dimension()
            } else {
                attribute.is_measure()
            };
            told || compare::declares(attribute.filters, operator)
        }
        What::Link(reference, _) => equality && reference.filters.eq,
        What::Number | What::Decimal | What::Time | What::Date | What::Text => true,
    };
    if open {
        return Ok(());
    }
    Err(undeclared(named, word, span))
}

/// Refuses conditions on what no filter would take either.
fn asked(named: &Named<'_>, span: Span) -> Result<()> {
    let Some(word) = named.unasked else {
        return Ok(());
    };
    let label = named.label();
    let text = format!("`{label}` is what `{word}` gives, which no filter takes");
    let problem = named.problem(Code::FilterNotDeclared, text, span);
    Err(problem.help("group and order by it, or filter by what it is made of"))
}

fn undeclared(named: &Named<'_>, form: &str, span: Span) -> Problem {
    let text = format!("`{}` does not declare the filter `{form}`", named.label());
    named.problem(Code::FilterNotDeclared, text, span)
}

/// What is valid, but not over names.
fn later(span: Span) -> Problem {
    let text = "this condition over what `$apply` makes is not offered";
    refuse::not_offered(text, span)
        .help("names are compared with constants, by eq, ne, gt, ge, lt, le, in and text functions")
}
