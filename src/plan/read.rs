//! What a request asks for, bound and allowed.

use super::{CallPlan, Page, Query, Shape, SubQuery};

/// A bound request.
#[derive(Debug, Clone)]
pub enum Plan {
    /// The service document.
    ServiceDocument,
    /// `$metadata`.
    Metadata,
    /// A read of the database.
    Read(Box<ReadPlan>),
    /// A call of a function.
    Call(Box<CallPlan>),
}

/// A read of the database.
#[derive(Debug, Clone)]
pub struct ReadPlan {
    /// The form of the answer.
    pub answer: Answer,
    /// The rows.
    pub query: Query,
    /// The output of each row.
    pub shape: Shape,
    /// The rows of further sets and their output, which follow: for [`Answer::All`] and its number.
    pub others: Vec<(Query, Shape)>,
    /// Whether `@odata.count` is asked for: the rows of the query without its `after`, `skip` and
    /// `take`.
    pub count: bool,
    /// Paging, for collections.
    pub page: Option<Page>,
    /// When the query gives no row: 404 unless this query gives one. Where there is none, an empty
    /// answer is 404 for [`Answer::Entity`] and its parts, and an empty collection else.
    pub parent: Option<SubQuery>,
    /// `$deltatoken`: what has changed since is asked for, and not the rows as they are.
    pub delta: Option<String>,
    /// Whether it rests on the time of the request: `now()` in it, or in a record filter.
    pub timely: bool,
    /// Whether null members are left out (`options=skipnulls`).
    pub skip_nulls: bool,
    /// Whether the entity is that of a singleton, `Me`.
    pub is_me: bool,
}

/// The form of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Answer {
    /// `{"@odata.context":…,"value":[…]}`.
    Collection,
    /// The entities of every set, as [`Answer::Collection`].
    All,
    /// One entity; 404 where there is none, 204 where a reference on the way is null (that is:
    /// where [`ReadPlan::parent`] gives a row).
    Entity,
    /// The value of the only member of the shape: `…(id)/Login`; 204 for null.
    Property,
    /// The bare text of the only member of the shape: `…(id)/Login/$value`; 204 for null.
    RawValue,
    /// The number of rows as text: `/$count`.
    Count,
    /// The address of one entity: `…(id)/Person/$ref`; 204 for null.
    EntityLink,
    /// The addresses of the entities of a collection: `…(id)/Groups/$ref`.
    CollectionLinks,
}
