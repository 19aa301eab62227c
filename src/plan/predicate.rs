//! Conditions over the columns of a query.

use std::cmp::Ordering;
use std::num::NonZeroU8;

use uuid::Uuid;

use super::{Column, Join, Term};
use crate::model::EntityId;
use crate::value::Value;

/// A condition in negation normal form: `not` is already pushed into the leaves, so SQL never has
/// to negate anything that could be null.
///
/// INVARIANT: each leaf says what it is for null (`or_null`), which is OData's answer and not SQL's
/// (`docs/decisions/006-null-semantics.md`: comparisons and `in` are never null, functions of null are null and
/// select nothing either way).
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Predicate {
    /// True.
    Always,
    /// False.
    Never,
    /// All of them; empty is true.
    All(Vec<Predicate>),
    /// Any of them; empty is false.
    Any(Vec<Predicate>),
    /// A comparison with a value, never with null.
    Compare {
        /// The left side.
        term: Term,
        /// How.
        operator: CompareOperator,
        /// The right side.
        value: Value,
        /// Whether it is true where the term is null.
        or_null: bool,
    },
    /// Membership in a list of values, none of them null; one bind whatever its length.
    OneOf {
        /// What is looked for.
        term: Term,
        /// The values, all of one kind, without duplicates.
        values: Vec<Value>,
        /// Whether it asks for values outside the list.
        negated: bool,
        /// Whether it is true where the term is null.
        or_null: bool,
    },
    /// Whether the term is null (or is not, when negated).
    Null {
        /// What is tested.
        term: Term,
        /// `is not null`.
        negated: bool,
    },
    /// A text function. Null selects nothing, negated or not, unless `or_null`.
    Match {
        /// Where it is looked for; a folded column unless the attribute compares exactly.
        term: Term,
        /// How.
        kind: MatchKind,
        /// What is looked for, folded like the term; any character may be in it.
        needle: String,
        /// Whether it must not match.
        negated: bool,
        /// Whether it is true where the term is null.
        or_null: bool,
    },
    /// Whether the column's guid is among the rows of another query: conditions on children, and
    /// addresses such as `Users(id)/Groups`.
    Within {
        /// The guid.
        column: Column,
        /// Whether it must not be among them.
        negated: bool,
        /// Where it is looked for.
        query: Box<SubQuery>,
    },
    /// How many rows of another query have the column's guid: conditions on numbers of children.
    Counted {
        /// The guid.
        column: Column,
        /// What the number is compared with.
        tally: Tally,
        /// Which rows are counted.
        query: Box<SubQuery>,
    },
    /// A condition over a row of a query around this one: what a lambda says of the row whose
    /// children it is about. Its slots are those of that query.
    Outer {
        /// How many queries further out.
        up: NonZeroU8,
        /// The condition.
        predicate: Box<Predicate>,
    },
}

/// A comparison of a number of rows, which is never null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Tally {
    /// How.
    pub operator: CompareOperator,
    /// The right side.
    pub number: i64,
    /// The number at which counting may end: more rows change nothing.
    pub enough: i64,
}

impl Tally {
    /// A comparison of a number of rows with another.
    pub const fn new(operator: CompareOperator, number: i64) -> Self {
        let enough = match operator {
            CompareOperator::Ge | CompareOperator::Lt => number,
            CompareOperator::Eq
            | CompareOperator::Ne
            | CompareOperator::Gt
            | CompareOperator::Le => number.saturating_add(1),
        };
        Self {
            operator,
            number,
            enough,
        }
    }
}

/// A query for one guid column, used inside [`Predicate::Within`] and [`Predicate::Counted`], and to
/// ask whether rows exist.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SubQuery {
    /// Whose rows.
    pub entity: EntityId,
    /// The tables beside its own.
    pub joins: Vec<Join>,
    /// The guid that each row gives. Its slots are those of this query, not of the outer one.
    pub select: Column,
    /// Which rows.
    pub predicate: Predicate,
}

/// Comparisons.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum CompareOperator {
    Eq,
    Ne,
    Lt,
    Le,
    Gt,
    Ge,
}

impl CompareOperator {
    /// The comparison that is true exactly where this one is false, for values that are not null.
    #[must_use]
    pub const fn complement(self) -> Self {
        match self {
            Self::Eq => Self::Ne,
            Self::Ne => Self::Eq,
            Self::Lt => Self::Ge,
            Self::Ge => Self::Lt,
            Self::Le => Self::Gt,
            Self::Gt => Self::Le,
        }
    }

    /// Whether it is true of two values that stand in an order to one another.
    #[must_use]
    pub const fn holds(self, order: Ordering) -> bool {
        match self {
            Self::Eq => order.is_eq(),
            Self::Ne => order.is_ne(),
            Self::Lt => order.is_lt(),
            Self::Le => order.is_le(),
            Self::Gt => order.is_gt(),
            Self::Ge => order.is_ge(),
        }
    }

    /// The same comparison with its sides changed over.
    #[must_use]
    pub const fn flipped(self) -> Self {
        match self {
            Self::Eq => Self::Eq,
            Self::Ne => Self::Ne,
            Self::Lt => Self::Gt,
            Self::Le => Self::Ge,
            Self::Gt => Self::Lt,
            Self::Ge => Self::Le,
        }
    }
}

/// Text functions.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum MatchKind {
    Contains,
    StartsWith,
    EndsWith,
}

impl Predicate {
    /// The same condition for several keys: where it compares `key` with one guid, any of `guids`
    /// will do.
    #[must_use]
    pub fn for_keys(self, key: Column, guids: &[Uuid]) -> Self {
        match self {
            Self::All(all) => Self::All(all.into_iter().map(|p| p.for_keys(key, guids)).collect()),
            Self::Compare {
                term: Term::Column(column),
                operator: CompareOperator::Eq,
                value: Value::Guid(_),
                or_null: false,
            } if column == key => Self::OneOf {
                term: Term::Column(column),
                values: guids.iter().copied().map(Value::Guid).collect(),
                negated: false,
                or_null: false,
            },
            Self::Always
            | Self::Never
            | Self::Any(_)
            | Self::Compare { .. }
            | Self::OneOf { .. }
            | Self::Null { .. }
            | Self::Match { .. }
            | Self::Within { .. }
            | Self::Counted { .. }
            | Self::Outer { .. } => self,
        }
    }

    /// Whether it looks at rows of a query around its own.
    pub fn is_correlated(&self) -> bool {
        match self {
            Self::Outer { .. } => true,
            Self::All(parts) | Self::Any(parts) => parts.iter().any(Self::is_correlated),
            Self::Within { query, .. } | Self::Counted { query, .. } => {
                query.predicate.is_correlated()
            }
            Self::Always
            | Self::Never
            | Self::Compare { .. }
            | Self::OneOf { .. }
            | Self::Null { .. }
            | Self::Match { .. } => false,
        }
    }

    /// Both conditions, without needless nesting.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::Always, p) | (p, Self::Always) => p,
            (Self::All(mut all), Self::All(more)) => {
                all.extend(more);
                Self::All(all)
            }
            (Self::All(mut all), p) => {
                all.push(p);
                Self::All(all)
            }
            (p, Self::All(mut all)) => {
                all.insert(0, p);
                Self::All(all)
            }
            (a, b) => Self::All(vec![a, b]),
        }
    }
}
