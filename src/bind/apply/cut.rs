//! `orderby`, `skip`, `top`, `topcount`, `bottomcount`: some rows of all, in an order that is total.

use crate::diag::{Code, Problem, Result, Span};
use crate::plan::Term;
use crate::syntax::ast::{Expr, Literal, Node, OrderItem, Pick};
use crate::value::Kind;

use super::super::scope::Setting;
use super::super::{constant, refuse, tables, types};
use super::named::{Named, What};
use super::state::{Sort, State};

/// `orderby(…)`: the order that `skip` and `top` after it mean.
pub(super) fn order<'a>(state: &mut State<'a>, items: &'a [OrderItem]) -> Result<()> {
    let mut sorts = Vec::with_capacity(items.len());
    for item in items {
        let named = state.find_sorting(&item.expression, "what orders")?;
        sorts.extend(sort(state, &named, item.descending, item.expression.span)?);
    }
    match state {
        State::Entities(entities) if entities.cut.is_some() => {
            let span = items.first().map_or(Span::new(0, 0), |i| i.expression.span);
            let text = "ordering what is cut already is not offered";
            return Err(refuse::not_offered(text, span).help("group it, and order the groups"));
        }
        State::Entities(entities) => entities.order = sorts,
        State::Derived(derived) => derived.order = sorts,
    }
    Ok(())
}

/// The terms that a name orders by: nulls are least, texts go by their folded form first.
pub(super) fn sort(
    state: &State<'_>,
    named: &Named<'_>,
    descending: bool,
    span: Span,
) -> Result<Vec<Sort>> {
    let rows = match state {
        State::Entities(_) => true,
        State::Derived(_) => false,
    };
    check_order(named, rows, span)?;
    let shown = (!named.is_multilanguage()).then_some(&named.term);
    let terms = named.compared.iter().chain(shown);
    let sort = |term: &Term| Sort {
        term: term.clone(),
        kind: named.what.kind(),
        nullable: named.nullable,
        descending,
    };
    Ok(terms.map(sort).collect())
}

/// Refuses a name that has no order: of rows, what `$orderby` refuses; of groups, which show all
/// their values, only what has no order at all.
fn check_order(named: &Named<'_>, rows: bool, span: Span) -> Result<()> {
    let has = match named.what {
        What::Attribute(attribute) if rows => attribute.orderable || tables::is_key(attribute),
        // Codes need not rise as the members do.
        What::Attribute(attribute) if attribute.kind == Kind::Enumeration => {
            attribute.orderable || attribute.filters.range()
        }
        What::Link(_, key) => key && !rows,
        What::Attribute(_)
        | What::Number
        | What::Decimal
        | What::Time
        | What::Date
        | What::Text => true,
    };
    if has {
        return Ok(());
    }
    let text = format!("`{}` does not declare ordering", named.label());
    Err(named.problem(Code::OrderNotDeclared, text, span))
}

/// `skip(n)`
pub(super) fn skip(state: &mut State<'_>, number: u64, span: Span) -> Result<()> {
    let number = rows(number);
    match state {
        State::Entities(entities) => match entities.cut {
            None => entities.cut = Some((number, i64::MAX)),
            Some(_) => return Err(twice(span)),
        },
        State::Derived(derived) => derived.cut(number, i64::MAX),
    }
    Ok(())
}

/// `top(n)`
pub(super) fn top(state: &mut State<'_>, number: u64, span: Span) -> Result<()> {
    let number = rows(number);
    match state {
        State::Entities(entities) => match entities.cut {
            None => entities.cut = Some((0, number)),
            Some((skip, i64::MAX)) => entities.cut = Some((skip, number)),
            Some(_) => return Err(twice(span)),
        },
        State::Derived(derived) => derived.cut(0, number),
    }
    Ok(())
}

/// `topcount(n,A)`, `bottomcount(n,A)`: the order that picks stays that of the answer.
pub(super) fn pick<'a>(
    state: &mut State<'a>,
    method: Pick,
    amount: &Node,
    by: &'a Node,
    span: Span,
) -> Result<()> {
    let named = state.find_sorting(by, "what is picked by")?;
    let descending = method == Pick::TopCount;
    let mut sorts = sort(state, &named, descending, by.span)?;
    let number = count(state.setting(), amount)?;
    let order = match state {
        State::Entities(entities) => &mut entities.order,
        State::Derived(derived) => &mut derived.order,
    };
    // Between equals, the order that was said before.
    sorts.append(order);
    *order = sorts;
    top(state, number, span)
}

/// The number of rows to pick: a constant.
fn count(setting: Setting<'_>, amount: &Node) -> Result<u64> {
    let number = if let Expr::Literal(Literal::Integer(digits)) = &amount.node {
        digits.parse().ok()
    } else {
        let folded = constant::fold(setting, amount)?.ok_or_else(|| {
            let text = "the number of rows to pick is a constant here";
            refuse::not_offered(text, amount.span).help("write it, such as `topcount(10,N)`")
        })?;
        types::whole(&folded).and_then(|number| number.try_into().ok())
    };
    number.ok_or_else(|| {
        let text = "the number of rows is a whole number, such as `topcount(10,N)`";
        Problem::new(Code::InvalidValue, text).at(amount.span)
    })
}

fn twice(span: Span) -> Problem {
    let text = "cutting what is cut already is not offered";
    refuse::not_offered(text, span).help("one `skip` and one `top` after it")
}

/// A number of rows as databases count.
fn rows(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}
