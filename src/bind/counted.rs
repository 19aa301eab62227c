//! Comparisons of numbers of children: `Groups/$count gt 2`, `Groups/$count($filter=…) eq 1`.
//!
//! A number is never null; behind a reference that is null it is 0. Children that the caller does not
//! see are not counted. Whether there are any may be asked of every collection, as `any()` does;
//! other numbers of those whose children group by their owner (`docs/decisions/032-counts-of-collections.md`).

use crate::diag::{Code, Problem, Result, Span};
use crate::model::PropertyId;
use crate::plan::{Column, CompareOperator, Predicate, SubQuery, Tally};

use super::children::Children;
use super::compare::{Comparison, decided};
use super::constant::Constant;
use super::frames::raised;
use super::gather::gather;
use super::predicate::Binder;
use super::truth::Want;
use super::{merge, types, visible};

/// What a comparison asks of a number.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Asks {
    /// Nothing: every number comes out the same.
    Nothing(bool),
    /// Whether there are any, or whether there are none.
    Any(bool),
    /// More than that.
    Number(CompareOperator, i64),
}

impl Asks {
    /// A comparison with a whole number.
    const fn of(operator: CompareOperator, number: i64) -> Self {
        use CompareOperator::{Eq, Ge, Gt, Le, Lt, Ne};
        match (operator, number) {
            (Gt | Ge | Ne, ..0) | (Ge, 0) => Self::Nothing(true),
            (Lt | Le | Eq, ..0) | (Lt, 0) => Self::Nothing(false),
            (Gt | Ne, 0) | (Ge, 1) => Self::Any(true),
            (Le | Eq, 0) | (Lt, 1) => Self::Any(false),
            (_, _) => Self::Number(operator, number),
        }
    }

    /// Its opposite.
    const fn negated(self) -> Self {
        match self {
            Self::Nothing(outcome) => Self::Nothing(!outcome),
            Self::Any(any) => Self::Any(!any),
            Self::Number(operator, number) => Self::Number(operator.complement(), number),
        }
    }

    /// The condition on the owner of the rows of a query.
    fn predicate(self, owner: Column, query: &SubQuery) -> Predicate {
        let is_empty = query.predicate == Predicate::Never;
        let known = |outcome| match outcome {
            true => Predicate::Always,
            false => Predicate::Never,
        };
        match self {
            Self::Nothing(outcome) => known(outcome),
            Self::Any(any) if is_empty => known(!any),
            Self::Any(any) => Predicate::Within {
                column: owner,
                negated: !any,
                query: Box::new(query.clone()),
            },
            Self::Number(operator, number) if is_empty => known(operator.holds(0.cmp(&number))),
            Self::Number(operator, number) => Predicate::Counted {
                column: owner,
                tally: Tally::new(operator, number),
                query: Box::new(query.clone()),
            },
        }
    }
}

impl<'a> Binder<'a, '_> {
    /// A comparison of a number of children with a constant.
    pub(super) fn counted(
        &mut self,
        children: &Children<'a>,
        comparison: &Comparison,
        constant: &Constant<'_>,
        want: Want,
    ) -> Result<Predicate> {
        let asks = asks(
            children,
            comparison.operator,
            constant,
            comparison.value_span,
        )?;
        self.any_of(children, &[asks], want)
    }

    /// Whether a number of children is in a list.
    pub(super) fn counted_among(
        &mut self,
        children: &Children<'a>,
        items: &[(Constant<'_>, Span)],
        want: Want,
    ) -> Result<Predicate> {
        let items = items.iter();
        let asks = items.map(|(item, at)| asks(children, CompareOperator::Eq, item, *at));
        let asks = gather(asks)?;
        self.any_of(children, &asks, want)
    }

    /// Whether any of it holds.
    fn any_of(&mut self, children: &Children<'a>, asks: &[Asks], want: Want) -> Result<Predicate> {
        self.lenient("$count", children.span)?;
        let is_number = |asks: &Asks| matches!(asks, Asks::Number(..));
        if asks.iter().any(is_number) {
            self.check_counted(children)?;
        }
        let mut rows = self.meant(children)?;
        let back = rows.back(children.back)?;
        let query = rows.guids(back);
        let bound = decided(want, |negated| {
            let parts = asks.iter().map(|asks| {
                let asks = if negated { asks.negated() } else { *asks };
                asks.predicate(children.owner, &query)
            });
            merge::joined(parts.collect(), negated)
        });
        Ok(raised(children.up, bound))
    }

    /// Sees that children may be counted: they group by the row that they belong to, which tells the
    /// same numbers.
    fn check_counted(&self, children: &Children<'_>) -> Result<()> {
        let setting = self.setting;
        let of = setting.entity(children.target);
        let back = of.reference(children.back);
        if !back.is_dimension() {
            let (name, set, back) = (children.name, &of.set, &back.name);
            let text = format!(
                "`{name}` are not counted: `{back}` of `{set}` does not declare the filter `eq`"
            );
            let problem = Problem::new(Code::FilterNotDeclared, text).about(name);
            let help = format!("whether there are any may be asked: `{name}/any()`");
            return Err(problem.at(children.span).help(help));
        }
        let property = PropertyId::Reference(children.back);
        visible::check_property(setting, children.target, property, children.span)
    }
}

/// What a comparison with a constant asks.
fn asks(
    children: &Children<'_>,
    operator: CompareOperator,
    constant: &Constant<'_>,
    span: Span,
) -> Result<Asks> {
    if *constant == Constant::Null {
        return Ok(Asks::Nothing(operator == CompareOperator::Ne));
    }
    let number = types::whole(constant).ok_or_else(|| {
        let (name, given) = (children.name, constant.noun());
        let text = format!("`{name}/$count` is a whole number and cannot be compared with {given}");
        let problem = Problem::new(Code::TypeMismatch, text).about(name);
        problem.at(span).help("write it as `42`, without quotes")
    })?;
    Ok(Asks::of(operator, number))
}

#[cfg(test)]
mod tests {
    use super::*;

    const OPERATORS: [CompareOperator; 6] = [
        CompareOperator::Eq,
        CompareOperator::Ne,
        CompareOperator::Lt,
        CompareOperator::Le,
        CompareOperator::Gt,
        CompareOperator::Ge,
    ];

    fn holds(asks: Asks, rows: i64) -> bool {
        match asks {
            Asks::Nothing(outcome) => outcome,
            Asks::Any(any) => (rows > 0) == any,
            Asks::Number(operator, number) => operator.holds(rows.cmp(&number)),
        }
    }

    #[test]
    fn a_comparison_asks_no_more_than_it_must() {
        for operator in OPERATORS {
            for number in [i64::MIN, -1, 0, 1, 2, 3, i64::MAX] {
                let asks = Asks::of(operator, number);
                for rows in 0..5 {
                    let expected = operator.holds(rows.cmp(&number));
                    assert_eq!(holds(asks, rows), expected, "{rows} {operator:?} {number}");
                    assert_eq!(holds(asks.negated(), rows), !expected);
                }
            }
        }
        assert_eq!(Asks::of(CompareOperator::Gt, 0), Asks::Any(true));
        assert_eq!(Asks::of(CompareOperator::Lt, 1), Asks::Any(false));
        assert_eq!(Asks::of(CompareOperator::Ge, 0), Asks::Nothing(true));
    }

    #[test]
    fn counting_ends_where_more_rows_change_nothing() {
        for operator in OPERATORS {
            for number in [0, 1, 2, 5] {
                let tally = Tally::new(operator, number);
                for rows in 0..9_i64 {
                    let counted = rows.min(tally.enough);
                    let (all, some) = (rows.cmp(&number), counted.cmp(&number));
                    assert_eq!(operator.holds(all), operator.holds(some));
                }
            }
        }
        assert_eq!(Tally::new(CompareOperator::Eq, i64::MAX).enough, i64::MAX);
    }
}
