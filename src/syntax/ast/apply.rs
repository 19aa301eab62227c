//! The trees of `$apply` (OData Extension for Data Aggregation 4.0).

use super::{ComputeItem, Name, Node, OrderItem, Path, SearchExpr};
use crate::diag::At;

/// `$apply`: transformations, each over what the one before it gives.
pub type Pipeline = Vec<At<Transformation>>;

/// One transformation.
#[derive(Debug, Clone, PartialEq)]
pub enum Transformation {
    /// `identity`.
    Identity,
    /// `filter(…)`.
    Filter(Node),
    /// `search(…)`.
    Search(At<SearchExpr>),
    /// `compute(… as A,…)`.
    Compute(Vec<ComputeItem>),
    /// `orderby(…)`.
    OrderBy(Vec<OrderItem>),
    /// `skip(n)`.
    Skip(At<u64>),
    /// `top(n)`.
    Top(At<u64>),
    /// `topcount(n,…)` and its siblings.
    Pick {
        /// Which of them.
        method: Pick,
        /// How many, or how much.
        amount: Node,
        /// By what.
        by: Node,
    },
    /// `aggregate(…)`.
    Aggregate(Vec<AggregateItem>),
    /// `groupby((…),…)`.
    GroupBy {
        /// What makes a group.
        keys: Vec<At<GroupKey>>,
        /// What is done with the rows of each group; empty where nothing is said.
        then: Pipeline,
    },
    /// `concat(…,…)`.
    Concat(Vec<Pipeline>),
    /// A transformation whose arguments are not read: `join(…)`, a function of a service.
    Other {
        /// Its name.
        name: Name,
        /// What stands in its parentheses.
        arguments: String,
    },
}

/// What `topcount` and its siblings pick.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "each is its own word in OData")]
pub enum Pick {
    TopCount,
    TopPercent,
    TopSum,
    BottomCount,
    BottomPercent,
    BottomSum,
}

impl Pick {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::TopCount,
        Self::TopPercent,
        Self::TopSum,
        Self::BottomCount,
        Self::BottomPercent,
        Self::BottomSum,
    ];

    /// The word in the query.
    pub const fn word(self) -> &'static str {
        match self {
            Self::TopCount => "topcount",
            Self::TopPercent => "toppercent",
            Self::TopSum => "topsum",
            Self::BottomCount => "bottomcount",
            Self::BottomPercent => "bottompercent",
            Self::BottomSum => "bottomsum",
        }
    }
}

/// One item in the first parentheses of `groupby`.
#[derive(Debug, Clone, PartialEq)]
pub enum GroupKey {
    /// A property.
    Path(Path),
    /// `rollup(…)`, `rolluprecursive(…)`: their arguments are not read.
    Rollup {
        /// Which of them.
        word: &'static str,
        /// What stands in the parentheses.
        arguments: String,
    },
}

/// One item of `aggregate`.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateItem {
    /// What is aggregated.
    pub of: AggregateOf,
    /// The method after `with`.
    pub method: Option<At<Name>>,
    /// `from … with …`, in their order.
    pub from: Vec<AggregateFrom>,
    /// The name after `as`.
    pub name: Option<At<String>>,
}

/// What is aggregated.
#[derive(Debug, Clone, PartialEq)]
pub enum AggregateOf {
    /// `$count`: the rows.
    Count,
    /// An expression.
    Expression(Node),
}

/// `from A with max`.
#[derive(Debug, Clone, PartialEq)]
pub struct AggregateFrom {
    /// What is grouped by.
    pub by: Node,
    /// The method after `with`.
    pub method: Option<At<Name>>,
}
