//! The first key that a query gives.

use uuid::Uuid;

use crate::diag::Result;
use crate::model::{ColumnKind, Model};
use crate::plan::{Query, SubQuery, Term};
use crate::store::{Flow, Reads, Row, RowSink};

/// The first guid of a query, if any.
pub(super) fn first(model: &Model, rows: &SubQuery, on: &mut impl Reads) -> Result<Option<Uuid>> {
    let query = Query {
        entity: rows.entity,
        joins: rows.joins.clone(),
        predicate: rows.predicate.clone(),
        columns: vec![Term::Column(rows.select)],
        order: Vec::new(),
        after: None,
        skip: 0,
        take: Some(1),
        over: None,
    };
    let mut sink = First(None);
    on.select(model, &query, None, &mut sink)?;
    Ok(sink.0)
}

/// Takes the guid of one row.
struct First(Option<Uuid>);

impl RowSink for First {
    fn row<R: Row>(&mut self, row: &R) -> Result<Flow> {
        self.0 = guid(row)?;
        Ok(Flow::Stop)
    }
}

/// The guid in the first column of a row.
pub(super) fn guid<R: Row>(row: &R) -> Result<Option<Uuid>> {
    row.cell(0, &ColumnKind::Key, |cell| cell.guid())
}
