//! Joining predicates: constants fall away, what is said twice counts once, equalities of one term
//! become a list.

use crate::plan::{CompareOperator, Predicate, Term};
use crate::value::Value;

/// All of the parts (`every`), or any of them.
pub(super) fn joined(parts: Vec<Predicate>, every: bool) -> Predicate {
    let mut kept: Vec<Predicate> = Vec::with_capacity(parts.len());
    for part in parts {
        match (part, every) {
            (Predicate::Always, true) | (Predicate::Never, false) => {}
            (Predicate::Never, true) => return Predicate::Never,
            (Predicate::Always, false) => return Predicate::Always,
            (Predicate::All(inner), true) | (Predicate::Any(inner), false) => {
                for one in inner {
                    add(&mut kept, one, every);
                }
            }
            (other, _) => add(&mut kept, other, every),
        }
    }
    let mut kept: Vec<_> = kept.into_iter().map(settled).collect();
    match (kept.len(), every) {
        (0, true) => Predicate::Always,
        (0, false) => Predicate::Never,
        (1, _) => kept.pop().unwrap_or(Predicate::Always),
        (_, true) => Predicate::All(kept),
        (_, false) => Predicate::Any(kept),
    }
}

/// Adds a part; `a eq x or a eq y` becomes one list, and so does `a ne x and a ne y`.
fn add(kept: &mut Vec<Predicate>, part: Predicate, every: bool) {
    if kept.contains(&part) {
        return;
    }
    let same = listed(&part, every).and_then(|key| {
        kept.iter_mut()
            .find(|other| listed(other, every) == Some(key))
    });
    match same {
        Some(found) => extend(found, part),
        None => kept.push(part),
    }
}

/// The term of an equality or list that can be merged, and whether null is in it.
///
/// A negated one is merged only under `and`, a plain one only under `or`.
fn listed(part: &Predicate, every: bool) -> Option<(&Term, bool)> {
    match part {
        Predicate::Compare {
            term,
            operator,
            value: _,
            or_null,
        } => match operator {
            CompareOperator::Eq => (!every).then_some((term, *or_null)),
            CompareOperator::Ne => every.then_some((term, *or_null)),
            CompareOperator::Lt
            | CompareOperator::Le
            | CompareOperator::Gt
            | CompareOperator::Ge => None,
        },
        Predicate::OneOf {
            term,
            values: _,
            negated,
            or_null,
        } => (*negated == every).then_some((term, *or_null)),
        Predicate::Always
        | Predicate::Never
        | Predicate::All(_)
        | Predicate::Any(_)
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Within { .. }
        | Predicate::Counted { .. }
        | Predicate::Outer { .. } => None,
    }
}

/// Puts the values of `part` into the list at `into`.
fn extend(into: &mut Predicate, part: Predicate) {
    let taken = std::mem::replace(into, Predicate::Never);
    let (Some((term, mut values, negated, or_null)), Some((_, more, _, _))) =
        (as_list(taken), as_list(part))
    else {
        return;
    };
    values.extend(more);
    *into = Predicate::OneOf {
        term,
        values,
        negated,
        or_null,
    };
}

/// An equality or list as a list.
fn as_list(part: Predicate) -> Option<(Term, Vec<Value>, bool, bool)> {
    match part {
        Predicate::Compare {
            term,
            operator,
            value,
            or_null,
        } => Some((term, vec![value], operator == CompareOperator::Ne, or_null)),
        Predicate::OneOf {
            term,
            values,
            negated,
            or_null,
        } => Some((term, values, negated, or_null)),
        Predicate::Always
        | Predicate::Never
        | Predicate::All(_)
        | Predicate::Any(_)
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Within { .. }
        | Predicate::Counted { .. }
        | Predicate::Outer { .. } => None,
    }
}

/// A list without duplicates; one value alone is an equality.
fn settled(part: Predicate) -> Predicate {
    let Predicate::OneOf {
        term,
        values,
        negated,
        or_null,
    } = part
    else {
        return part;
    };
    list(term, values, negated, or_null)
}

/// Membership in a list that may hold duplicates.
pub(super) fn list(term: Term, mut values: Vec<Value>, negated: bool, or_null: bool) -> Predicate {
    values.sort_unstable();
    values.dedup();
    if values.len() > 1 {
        return Predicate::OneOf {
            term,
            values,
            negated,
            or_null,
        };
    }
    match (values.pop(), negated, or_null) {
        (Some(value), _, _) => Predicate::Compare {
            term,
            operator: if negated {
                CompareOperator::Ne
            } else {
                CompareOperator::Eq
            },
            value,
            or_null,
        },
        (None, true, true) => Predicate::Always,
        (None, false, false) => Predicate::Never,
        (None, true, false) => Predicate::Null {
            term,
            negated: true,
        },
        (None, false, true) => Predicate::Null {
            term,
            negated: false,
        },
    }
}

/// How many conditions a predicate has; a list is one, and so is a nested query.
pub(super) fn conditions(predicate: &Predicate) -> usize {
    match predicate {
        Predicate::All(parts) | Predicate::Any(parts) => parts.iter().map(conditions).sum(),
        Predicate::Always
        | Predicate::Never
        | Predicate::Compare { .. }
        | Predicate::OneOf { .. }
        | Predicate::Null { .. }
        | Predicate::Match { .. }
        | Predicate::Within { .. }
        | Predicate::Counted { .. } => 1,
        Predicate::Outer { predicate, .. } => conditions(predicate),
    }
}
