//! A call of a function.

use super::SubQuery;
use crate::model::EntityId;
use crate::value::Value;

/// A call of a function.
#[derive(Debug, Clone, PartialEq)]
pub struct CallPlan {
    /// The namespace of the function.
    pub namespace: String,
    /// Its name.
    pub name: String,
    /// The object that it is called on, by its entity and the query that gives its key, if any; 404
    /// where there is no row. Nothing where the function is not bound.
    pub object: Option<(EntityId, SubQuery)>,
    /// The arguments that are given, of the types that the metadata declares.
    pub arguments: Vec<(String, Value)>,
    /// Which part of the result is answered.
    pub part: ResultPart,
}

/// Which part of the result of a function is answered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ResultPart {
    /// All of it.
    Whole,
    /// Items of a collection.
    Items {
        /// Items left out at the start.
        skip: u64,
        /// Items at most.
        top: Option<u64>,
        /// Whether the number of all items is told.
        count: bool,
    },
    /// The number of items, as text.
    Count,
}
