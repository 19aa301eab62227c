//! Conditions over references: `Person eq 'General_Contacts_Persons(guid)'`, `Person/Id eq guid`.

use uuid::Uuid;

use crate::diag::{Code, Problem, Result, Span};
use crate::model::split_address;
use crate::plan::{CompareOperator, Predicate, Term};
use crate::value::Value;

use super::compare::{self, Comparison};
use super::constant::Constant;
use super::gather::gather;
use super::scope::Setting;
use super::subject::LinkSubject;
use super::truth::Want;
use super::{merge, refuse, types};

/// Compares a reference, or the key behind it, with a constant.
pub(super) fn compare(
    setting: Setting<'_>,
    link: &LinkSubject<'_>,
    comparison: &Comparison,
    constant: &Constant<'_>,
    want: Want,
) -> Result<Predicate> {
    let equality = match comparison.operator {
        CompareOperator::Eq | CompareOperator::Ne => true,
        CompareOperator::Lt | CompareOperator::Le | CompareOperator::Gt | CompareOperator::Ge => {
            false
        }
    };
    if !equality || !link.reference.filters.eq {
        return Err(refuse::link(link, comparison.word(), comparison.span));
    }
    let term = Term::Column(link.column);
    let Some(guid) = target(setting, link, constant, comparison.value_span)? else {
        return Ok(compare::decided(want, |negated| {
            compare::null_test(term, link.nullable, comparison, negated)
        }));
    };
    Ok(compare::decided(want, |negated| Predicate::Compare {
        term,
        operator: if negated {
            comparison.operator.complement()
        } else {
            comparison.operator
        },
        value: Value::Guid(guid),
        or_null: link.nullable && (comparison.true_for_null() != negated),
    }))
}

/// `Person in (…)`.
pub(super) fn one_of(
    setting: Setting<'_>,
    link: &LinkSubject<'_>,
    items: &[(Constant<'_>, Span)],
    want: Want,
    span: Span,
) -> Result<Predicate> {
    if !link.reference.filters.multi {
        let name = link.path.to_string();
        return Err(refuse::list(&name, link.reference.filters, items, span));
    }
    let guids = gather(
        items
            .iter()
            .map(|(constant, at)| target(setting, link, constant, *at)),
    )?;
    let null = guids.contains(&None);
    let values: Vec<_> = guids.into_iter().flatten().map(Value::Guid).collect();
    Ok(compare::decided(want, |negated| {
        let or_null = link.nullable && (null != negated);
        merge::list(Term::Column(link.column), values, negated, or_null)
    }))
}

/// The guid that a constant stands for; nothing for null.
fn target(
    setting: Setting<'_>,
    link: &LinkSubject<'_>,
    constant: &Constant<'_>,
    span: Span,
) -> Result<Option<Uuid>> {
    if *constant == Constant::Null {
        return Ok(None);
    }
    let set = &setting.entity(link.reference.target).set;
    if link.key {
        return match types::guid(constant, span)? {
            Some(guid) => Ok(Some(guid)),
            None => Err(wrong(link, constant, span).help("write the guid without quotes")),
        };
    }
    let text = match (constant, types::text(constant)) {
        (Constant::Entity(id), _) => id.as_ref(),
        (_, Some(text)) => text,
        (_, None) => {
            return Err(wrong(link, constant, span).help(format!(
                "write `{0} eq '{set}(guid)'` or `{0}/Id eq guid`",
                link.path
            )));
        }
    };
    address(setting, link, text, span).map(Some)
}

fn wrong(link: &LinkSubject<'_>, constant: &Constant<'_>, span: Span) -> Problem {
    let text = format!(
        "the reference `{}` cannot be compared with {}",
        link.path,
        constant.noun()
    );
    Problem::new(Code::TypeMismatch, text)
        .about(link.path.to_string())
        .at(span)
}

/// Reads the address of an entity, absolute or relative: `Set(guid)` or `Set/guid`.
fn address(setting: Setting<'_>, link: &LinkSubject<'_>, text: &str, span: Span) -> Result<Uuid> {
    let set = &setting.entity(link.reference.target).set;
    let invalid = || {
        Problem::new(
            Code::InvalidValue,
            format!("`{text}` is not the address of an entity"),
        )
        .about(link.path.to_string())
        .at(span)
        .help(format!("write `'{set}(guid)'`"))
    };
    let (named, guid) = split_address(text).ok_or_else(invalid)?;
    let target = link.reference.target;
    let fits = setting.model.set(named).is_some_and(|found| {
        setting.model.is_a(found, target) || setting.model.is_a(target, found)
    });
    if fits {
        return Ok(guid);
    }
    let text = format!("`{}` points at `{set}`, not at `{named}`", link.path);
    Err(Problem::new(Code::TypeMismatch, text)
        .about(link.path.to_string())
        .at(span))
}
