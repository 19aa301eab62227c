//! `$metadata`: the model as OData CSDL, in XML and JSON.
//!
//! [`build`] turns the model into one neutral tree; [`xml`] and [`json`] only write it down, so the
//! two forms cannot tell different things.

mod aggregation;
mod build;
mod capabilities;
mod entity;
mod json;
mod offers;
mod operation;
mod tree;
mod vocabulary;
mod xml;

#[cfg(test)]
mod tests;

use crate::diag::{Code, Problem, Result};
use crate::model::Model;

pub use offers::{Offers, VALUES};

/// The version that a CSDL document declares.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum CsdlVersion {
    /// For clients that say `OData-MaxVersion: 4.0`. Our documents use nothing that 4.0 lacks.
    V40,
    /// The version of the service.
    #[default]
    V401,
}

impl CsdlVersion {
    /// The text of the attribute `Version`.
    pub const fn text(self) -> &'static str {
        match self {
            Self::V40 => "4.0",
            Self::V401 => "4.01",
        }
    }
}

/// The `$metadata` document as XML (OData CSDL XML 4.01).
///
/// # Errors
///
/// `Internal` when the document cannot be written, which a valid model never causes.
pub fn csdl_xml(model: &Model, version: CsdlVersion, offers: Offers) -> Result<String> {
    let document = build::document(model, version, offers);
    let bytes = xml::encode(&document).map_err(|error| unwritten(&error))?;
    String::from_utf8(bytes).map_err(|error| unwritten(&error))
}

/// The `$metadata` document as JSON (OData CSDL JSON, which exists from 4.01 on).
///
/// # Errors
///
/// `Internal` when the document cannot be written, which a valid model never causes.
pub fn csdl_json(model: &Model, offers: Offers) -> Result<String> {
    let document = build::document(model, CsdlVersion::V401, offers);
    serde_json::to_string_pretty(&json::encode(&document)).map_err(|error| unwritten(&error))
}

fn unwritten(error: &dyn std::error::Error) -> Problem {
    Problem::new(Code::Internal, "the metadata document cannot be written").log(error.to_string())
}
