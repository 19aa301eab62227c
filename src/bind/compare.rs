//! Comparisons of attributes with constants.

use std::cmp::Ordering;

use crate::diag::{Code, Problem, Result, Span};
use crate::model::{Attribute, Filters};
use crate::plan::{CompareOperator, Predicate, Term};
use crate::value::{Interval, Kind, Value, fold};

use super::constant::{self, Constant};
use super::gather::gather;
use super::predicate::{CompareForm, outcome};
use super::promote::Between;
use super::scope::Setting;
use super::subject::{Part, Subject};
use super::tables::Located;
use super::truth::Want;
use super::{enumeration, merge, range, refuse, suggest, text, types};

/// The operator of a comparison, and the places of its parts.
#[derive(Debug, Clone, Copy)]
pub(super) struct Comparison {
    pub(super) operator: CompareOperator,
    pub(super) form: CompareForm,
    /// The operator or the function's name.
    pub(super) span: Span,
    /// The constant.
    pub(super) value_span: Span,
}

impl Comparison {
    /// The comparison that `in` makes with each of its values.
    const fn equality(span: Span, value_span: Span) -> Self {
        Self {
            operator: CompareOperator::Eq,
            form: CompareForm::Operator,
            span,
            value_span,
        }
    }

    /// The word that the query used; operators as they are seen from the attribute.
    pub(super) const fn word(&self) -> &'static str {
        match self.form {
            CompareForm::OrNull(name) => name,
            CompareForm::Operator => match self.operator {
                CompareOperator::Eq => "eq",
                CompareOperator::Ne => "ne",
                CompareOperator::Lt => "lt",
                CompareOperator::Le => "le",
                CompareOperator::Gt => "gt",
                CompareOperator::Ge => "ge",
            },
        }
    }

    /// Whether the comparison is true where the attribute is null and the constant is not.
    pub(super) fn true_for_null(&self) -> bool {
        match self.form {
            CompareForm::OrNull(_) => true,
            CompareForm::Operator => self.operator == CompareOperator::Ne,
        }
    }
}

/// Whether the declaration opens an operator: a complement belongs to its twin.
pub(super) const fn declares(filters: Filters, operator: CompareOperator) -> bool {
    match operator {
        CompareOperator::Eq | CompareOperator::Ne => filters.eq,
        CompareOperator::Ge | CompareOperator::Lt => filters.ge,
        CompareOperator::Le | CompareOperator::Gt => filters.le,
    }
}

/// Compares an attribute with a constant.
pub(super) fn attribute(
    setting: Setting<'_>,
    subject: &Subject<'_>,
    comparison: &Comparison,
    constant: &Constant<'_>,
    want: Want,
) -> Result<Predicate> {
    let filters = subject.attribute.filters;
    // Equality of a day or a year is a range too.
    let declared = match (subject.part, comparison.operator) {
        (Part::Whole, operator) => declares(filters, operator),
        (Part::Date | Part::Year, CompareOperator::Eq | CompareOperator::Ne) => {
            filters.ge && filters.le
        }
        (Part::Date | Part::Year, operator) => declares(filters, operator),
    };
    let refused = || refuse::comparison(subject, comparison.word(), constant, comparison.span);
    if subject.attribute.role.custom().is_some() {
        check_custom(subject, comparison, want)?;
    }
    let located = match subject.located {
        Some(located) if declared => located,
        Some(_) | None => return Err(refused()),
    };
    if *constant == Constant::Null {
        return Ok(with_null(subject, located, comparison, want));
    }
    let build = match subject.part {
        Part::Whole => whole(setting, subject, located, comparison, constant)?,
        Part::Date | Part::Year => Built::Range(range::interval(subject, constant, comparison)?),
    };
    Ok(decided(want, |negated| match &build {
        Built::Value(term, value, nullable) => single(term, comparison, value, *nullable, negated),
        Built::Languages(needle) => {
            text::any_language(subject, located, needle, comparison, negated)
        }
        Built::Range(days) => range::compare(subject, located, comparison, *days, negated),
        Built::Nothing(term, nullable) => {
            let unequal = comparison.operator == CompareOperator::Ne;
            let or_null = *nullable && (comparison.true_for_null() != negated);
            if unequal != negated && !nullable {
                return Predicate::Always;
            }
            merge::list(term.clone(), Vec::new(), unequal != negated, or_null)
        }
    }))
}

/// Custom properties take `eq` and nothing else, not even its opposite.
fn check_custom(subject: &Subject<'_>, comparison: &Comparison, want: Want) -> Result<()> {
    let bare = !subject.trimmed && !subject.folded;
    let is_eq = comparison.word() == "eq" && comparison.operator == CompareOperator::Eq;
    if bare && is_eq && !want.no {
        return Ok(());
    }
    let form = match (bare, is_eq) {
        (false, _) => "a function around it",
        (true, false) => comparison.word(),
        (true, true) => "not",
    };
    Err(refuse::custom(subject, form, comparison.span))
}

/// The right side of a comparison, typed.
enum Built {
    /// A term, what it is compared with, and whether it may be null.
    Value(Term, Value, bool),
    /// The folded text that any language must equal.
    Languages(String),
    /// A day or a year.
    Range(Interval),
    /// No value equals the constant: the term, and whether it may be null.
    Nothing(Term, bool),
}

fn whole(
    setting: Setting<'_>,
    subject: &Subject<'_>,
    located: Located,
    comparison: &Comparison,
    constant: &Constant<'_>,
) -> Result<Built> {
    let typed = |constant: &Constant<'_>| {
        types::value(setting, subject.attribute, constant, comparison.value_span)
    };
    if let Some(between) = Between::of_attribute(subject.attribute, constant) {
        // What is beyond the range of the attribute is refused, as it is for whole numbers.
        between
            .both()
            .iter()
            .try_for_each(|one| typed(one).map(drop))?;
        let (term, nullable) = (subject.term(located.column), located.nullable);
        return Ok(match between.instead(comparison.operator) {
            Some(number) => Built::Value(term, typed(&number)?, nullable),
            None => Built::Nothing(term, nullable),
        });
    }
    let value = typed(constant)?;
    let Value::Text(given) = value else {
        return Ok(Built::Value(
            subject.term(located.column),
            value,
            located.nullable,
        ));
    };
    match subject.attribute.kind {
        Kind::Multilanguage => {
            types::plain(&given, comparison.value_span)?;
            let folded = fold(&given);
            match (text::language_term(subject, located), comparison.operator) {
                (Some(term), _) => Ok(Built::Value(term, Value::Text(folded), true)),
                (None, CompareOperator::Eq | CompareOperator::Ne) => Ok(Built::Languages(folded)),
                (None, _) => Err(refuse::attribute(
                    subject,
                    comparison.word(),
                    comparison.span,
                )),
            }
        }
        Kind::String => {
            let (term, given) = compared_text(subject, located, given);
            Ok(Built::Value(term, Value::Text(given), located.nullable))
        }
        Kind::Guid
        | Kind::Boolean
        | Kind::Byte
        | Kind::Int16
        | Kind::Int32
        | Kind::Int64
        | Kind::DateTimeOffset
        | Kind::Binary
        | Kind::Enumeration => Ok(Built::Value(
            subject.term(located.column),
            Value::Text(given),
            located.nullable,
        )),
    }
}

/// The column that a text is compared in, and the text folded like it.
pub(super) fn compared_text(
    subject: &Subject<'_>,
    located: Located,
    given: String,
) -> (Term, String) {
    match located.shadow {
        Some(shadow) if folds(subject.attribute, subject) => (subject.term(shadow), fold(&given)),
        Some(_) | None => (subject.term(located.column), given),
    }
}

fn folds(attribute: &Attribute, subject: &Subject<'_>) -> bool {
    attribute.folded || subject.folded || attribute.kind == Kind::DateTimeOffset
}

/// A comparison with null: it is never null itself (OData 4.01 Part 2, 5.1.1.1).
fn with_null(
    subject: &Subject<'_>,
    located: Located,
    comparison: &Comparison,
    want: Want,
) -> Predicate {
    let (term, nullable) = match text::language_term(subject, located) {
        Some(term) => (term, true),
        None => (Term::Column(located.column), located.nullable),
    };
    decided(want, |negated| {
        null_test(term.clone(), nullable, comparison, negated)
    })
}

/// The test that a comparison with null comes down to.
pub(super) fn null_test(
    term: Term,
    nullable: bool,
    comparison: &Comparison,
    negated: bool,
) -> Predicate {
    let asks_not_null = match comparison.operator {
        // Null equals null, so that `ge` and `le` hold between nulls.
        CompareOperator::Eq | CompareOperator::Ge | CompareOperator::Le => negated,
        CompareOperator::Ne => !negated,
        CompareOperator::Gt | CompareOperator::Lt if negated => return Predicate::Always,
        CompareOperator::Gt | CompareOperator::Lt => return Predicate::Never,
    };
    match (nullable, asks_not_null) {
        (false, true) => Predicate::Always,
        (false, false) => Predicate::Never,
        (true, negated) => Predicate::Null { term, negated },
    }
}

/// A comparison that is true or false, never null: what the wanted outcomes make of it.
pub(super) fn decided(want: Want, build: impl FnOnce(bool) -> Predicate) -> Predicate {
    match (want.yes, want.no) {
        (true, true) => Predicate::Always,
        (false, false) => Predicate::Never,
        (yes, _) => build(!yes),
    }
}

/// One comparison, perhaps negated.
fn single(
    term: &Term,
    comparison: &Comparison,
    value: &Value,
    nullable: bool,
    negated: bool,
) -> Predicate {
    Predicate::Compare {
        term: term.clone(),
        operator: if negated {
            comparison.operator.complement()
        } else {
            comparison.operator
        },
        value: value.clone(),
        or_null: nullable && (comparison.true_for_null() != negated),
    }
}

/// A boolean attribute as a condition.
pub(super) fn truth(subject: &Subject<'_>, want: Want) -> Predicate {
    let Some(located) = subject.located else {
        return Predicate::Never;
    };
    let term = Term::Column(located.column);
    let or_null = want.null && located.nullable;
    let is = |value, or_null| Predicate::Compare {
        term: term.clone(),
        operator: CompareOperator::Eq,
        value: Value::Boolean(value),
        or_null,
    };
    match (want.yes, want.no) {
        (true, false) => is(true, or_null),
        (false, true) => is(false, or_null),
        (true, true) if or_null || !located.nullable => Predicate::Always,
        (true, true) => Predicate::Null {
            term,
            negated: true,
        },
        (false, false) if or_null => Predicate::Null {
            term,
            negated: false,
        },
        (false, false) => Predicate::Never,
    }
}

/// `A in (…)`.
pub(super) fn one_of(
    setting: Setting<'_>,
    subject: &Subject<'_>,
    items: &[(Constant<'_>, Span)],
    want: Want,
    span: Span,
) -> Result<Predicate> {
    let located = match (subject.located, subject.part) {
        (Some(located), Part::Whole) if subject.attribute.filters.multi => located,
        (Some(_), Part::Date | Part::Year) if subject.attribute.filters.range() => {
            return one_of_ranges(setting, subject, items, want, span);
        }
        (_, _) if subject.attribute.role.custom().is_some() => {
            return Err(refuse::custom(subject, "in", span));
        }
        (_, _) => {
            let name = subject.path.to_string();
            return Err(refuse::list(&name, subject.attribute.filters, items, span));
        }
    };
    let comparison = |value_span| Comparison::equality(span, value_span);
    let null = items.iter().any(|(c, _)| *c == Constant::Null);
    let given = items.iter().filter(|(c, _)| *c != Constant::Null);
    let built = gather(
        given.map(|(constant, at)| whole(setting, subject, located, &comparison(*at), constant)),
    )?;
    Ok(decided(want, |negated| {
        let mut listed: Option<(Term, bool)> = None;
        let (mut values, mut parts) = (Vec::with_capacity(built.len()), Vec::new());
        for one in built {
            match one {
                Built::Value(term, value, nullable) => {
                    listed.get_or_insert((term, nullable));
                    values.push(value);
                }
                Built::Languages(needle) => parts.push(text::any_language(
                    subject,
                    located,
                    &needle,
                    &comparison(span),
                    negated,
                )),
                Built::Range(_) | Built::Nothing(..) => {}
            }
        }
        let (term, nullable) = listed.unwrap_or((Term::Column(located.column), located.nullable));
        if parts.is_empty() {
            return merge::list(term, values, negated, nullable && (null != negated));
        }
        if null {
            parts.push(null_test(term, nullable, &comparison(span), negated));
        }
        merge::joined(parts, negated)
    }))
}

/// `year(A) in (…)`: any of several ranges.
fn one_of_ranges(
    setting: Setting<'_>,
    subject: &Subject<'_>,
    items: &[(Constant<'_>, Span)],
    want: Want,
    span: Span,
) -> Result<Predicate> {
    let most = setting.context.limits.filter_nodes;
    if items.len() > most {
        let text = format!("a list of days or years has at most {most} of them");
        return Err(Problem::new(Code::LimitExceeded, text).at(span));
    }
    let each = |want: Want| {
        gather(items.iter().map(|(constant, value_span)| {
            let comparison = Comparison::equality(span, *value_span);
            attribute(setting, subject, &comparison, constant, want)
        }))
    };
    let (equal, unequal) = (each(Want::TRUE)?, each(Want::FALSE)?);
    Ok(decided(want, |negated| {
        merge::joined(if negated { unequal } else { equal }, negated)
    }))
}

/// `a has b` of constants: none of the enumerations has flags, so that it is equality. Nothing for
/// what are no members; null with null.
pub(super) fn has(left: &Constant<'_>, right: &Constant<'_>) -> Option<Option<bool>> {
    match (left, right) {
        (Constant::Null, Constant::Null | Constant::Enum(_))
        | (Constant::Enum(_), Constant::Null) => Some(None),
        (Constant::Enum(a), Constant::Enum(b)) if a.of == b.of => Some(Some(a == b)),
        (_, _) => None,
    }
}

/// A comparison of two constants. A text beside a member of an enumeration is one, too.
pub(super) fn constants<'a>(
    setting: Setting<'a>,
    operator: CompareOperator,
    left: &Constant<'a>,
    right: &Constant<'a>,
    want: Want,
    span: Span,
) -> Result<Predicate> {
    let left = &beside(setting, left, right, span)?;
    let right = &beside(setting, right, left, span)?;
    let result = match (left, right) {
        (Constant::Null, Constant::Null) => operator.holds(Ordering::Equal),
        (Constant::Null, _) | (_, Constant::Null) => operator == CompareOperator::Ne,
        (l, r) => match (constant::order(l, r), constant::equal(l, r), operator) {
            (Some(order), _, _) => operator.holds(order),
            (None, Some(equal), CompareOperator::Eq) => equal,
            (None, Some(equal), CompareOperator::Ne) => !equal,
            (None, _, _) if l.is_number() && r.is_number() => operator == CompareOperator::Ne,
            (None, _, _) => {
                let text = match (l, r) {
                    (Constant::Enum(_), Constant::Enum(_)) => {
                        format!("`{l}` and `{r}` are of two enumerations")
                    }
                    (_, _) => format!("{} cannot be compared with {}", l.noun(), r.noun()),
                };
                return Err(Problem::new(Code::TypeMismatch, text).at(span));
            }
        },
    };
    Ok(outcome(Some(result), want))
}

/// A constant beside another one: the name of a member beside a member of its enumeration.
fn beside<'a>(
    setting: Setting<'a>,
    constant: &Constant<'a>,
    other: &Constant<'_>,
    span: Span,
) -> Result<Constant<'a>> {
    match (constant, other) {
        (Constant::Text(name), Constant::Enum(member)) => {
            let enumeration = setting.model.enumeration(member.of);
            let found = enumeration::member((member.of, enumeration), name);
            let found = found.ok_or_else(|| suggest::unknown_member(enumeration, name, span));
            found.map(Constant::Enum)
        }
        (_, _) => Ok(constant.clone()),
    }
}
