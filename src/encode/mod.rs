//! Answers: documents made from the model.
//!
//! Knows JSON, XML and the shape of a plan. Must never know HTTP, SQL or the text of a query.

mod csdl;
mod service_document;

pub use csdl::{CsdlVersion, Offers, csdl_json, csdl_xml};
pub use service_document::service_document;
