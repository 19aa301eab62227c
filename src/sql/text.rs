//! Statements as text, for people: snapshots and `--sql`.

use super::{DialectName, Segment, Select};
use crate::model::Model;
use crate::plan::{Query, Restriction};

/// The statements that read a query, with their binds, one a line.
pub fn text(
    model: &Model,
    query: &Query,
    restriction: Option<Restriction<'_>>,
    dialect: DialectName,
) -> String {
    let parts = Segment::of(query, restriction).iter();
    let lines: Vec<String> = parts
        .map(|part| dialect.text(&Select::new(model, query, restriction, *part, 0)))
        .collect();
    lines.join("\n")
}
