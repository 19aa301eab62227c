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

use uuid::Uuid;

use crate::diag::{Code, Problem, Result};
use crate::model::Model;
use tree::Annotation;

pub use offers::{Offers, VALUES};

/// Digits of the version of a schema.
const VERSION: usize = 16;

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

/// The version of the schema: another one for every other model, the same for the same model on
/// every server of one version of the program.
///
/// # Errors
///
/// `Internal` when the document cannot be written, which a valid model never causes.
pub fn schema_version(model: &Model, offers: Offers) -> Result<String> {
    let document = build::document(model, CsdlVersion::V401, offers);
    version_of(&document)
}

/// A hash of all that a document says. It is not made for security: a guid made of bytes will do.
fn version_of(document: &tree::Document) -> Result<String> {
    let bytes = serde_json::to_vec(&json::encode(document)).map_err(|error| unwritten(&error))?;
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, &bytes);
    let mut text = digest.simple().to_string();
    text.truncate(VERSION);
    Ok(text)
}

/// The document, which says which version it is.
fn document(model: &Model, version: CsdlVersion, offers: Offers) -> Result<tree::Document> {
    let mut document = build::document(model, version, offers);
    // The version of CSDL is not of the schema.
    document.version = CsdlVersion::V401.text();
    let schema = version_of(&document)?;
    document.version = version.text();
    for part in &mut document.schemas {
        let told = Annotation::text("Core.SchemaVersion", &schema);
        part.annotations.push(told);
    }
    Ok(document)
}

/// The `$metadata` document as XML (OData CSDL XML 4.01).
///
/// # Errors
///
/// `Internal` when the document cannot be written, which a valid model never causes.
pub fn csdl_xml(model: &Model, version: CsdlVersion, offers: Offers) -> Result<String> {
    let document = document(model, version, offers)?;
    let bytes = xml::encode(&document).map_err(|error| unwritten(&error))?;
    String::from_utf8(bytes).map_err(|error| unwritten(&error))
}

/// The `$metadata` document as JSON (OData CSDL JSON, which exists from 4.01 on).
///
/// # Errors
///
/// `Internal` when the document cannot be written, which a valid model never causes.
pub fn csdl_json(model: &Model, offers: Offers) -> Result<String> {
    let document = document(model, CsdlVersion::V401, offers)?;
    serde_json::to_string_pretty(&json::encode(&document)).map_err(|error| unwritten(&error))
}

fn unwritten(error: &dyn std::error::Error) -> Problem {
    Problem::new(Code::Internal, "the metadata document cannot be written").log(error.to_string())
}
