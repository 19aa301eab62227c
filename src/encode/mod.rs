//! Answers: rows and the shape of a plan as JSON, NDJSON, CSV and workbooks; documents made from
//! the model.
//!
//! Knows JSON, XML and the shape of a plan. Must never know HTTP, SQL or the text of a query.
//!
//! A shape is compiled once per query into a flat program; rows go from the database's cursor
//! straight into bytes. Decisions:
//!
//! * control information has its `odata.` prefix for clients of 4.0, which need it, and for those
//!   that name no version; for clients of 4.01 it has none;
//! * `@odata.id` is in every entity, relative to the context URL, as in the vendor's API, unless
//!   the level is `none`; a reference that is not expanded is its address at every level, since it
//!   has nothing else to say;
//! * NDJSON is one entity per line, as with `odata.metadata=none`.

mod address;
mod cell;
mod children;
mod csdl;
mod csv;
mod delta;
mod escape;
mod formula;
mod groups;
mod page;
mod program;
mod repositories;
mod row;
mod scalar;
mod select_list;
mod service_document;
mod single;
mod style;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod workbook;

pub use address::{context_url, delta_link, me_url, next_link};
pub use csdl::{CsdlVersion, Offers, VALUES, csdl_json, csdl_xml, schema_version};
pub use csv::{CellKind, TableColumn, columns};
pub use delta::{Deleted, deleted};
pub use escape::{json_escaped, json_string};
pub use page::{
    Between, CHUNK, Drain, PageEnd, PageLink, Rows, page_end, page_start, table_heading,
};
pub use repositories::{Detail, repositories, repository};
pub use service_document::service_document;
pub use single::{Property, Single, entities, entity, entity_link};
pub use style::{CellGuard, Control, MetadataLevel, Notation, Style};
pub use tree::Source;
pub use workbook::Workbook;
