//! `userdex metadata` and `userdex openapi`: documents that are made from the model.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::base::Base;
use super::{Outcome, output};
use crate::diag::Result;
use crate::encode::{CsdlVersion, csdl_json, csdl_xml};
use crate::http::openapi;
use crate::model::Model;
use crate::service::offers;

/// Options of `userdex metadata`.
#[derive(Debug, Args)]
pub(super) struct MetadataArguments {
    /// The form of the document
    #[arg(long, value_enum, default_value_t = MetadataFormat::Xml)]
    format: MetadataFormat,
}

/// The forms of CSDL.
#[derive(Debug, Clone, Copy, ValueEnum)]
enum MetadataFormat {
    /// CSDL XML
    Xml,
    /// CSDL JSON
    Json,
}

/// Options of `userdex openapi`.
#[derive(Debug, Args)]
pub(super) struct OpenApiArguments {
    /// Write to this file instead of standard output
    #[arg(long, value_name = "FILE")]
    output: Option<PathBuf>,
}

/// Prints `$metadata`.
pub(super) fn metadata(arguments: &MetadataArguments, base: &Base) -> Result<Outcome> {
    let model = base.model()?;
    let offers = offers().levels(base.settings.query.expand_depth);
    let text = match arguments.format {
        MetadataFormat::Xml => csdl_xml(&model, CsdlVersion::V401, offers)?,
        MetadataFormat::Json => csdl_json(&model, offers)?,
    };
    output::print(&(text + "\n"))
}

/// Prints or writes the OpenAPI document, for a server at `/`.
pub(super) fn openapi(arguments: &OpenApiArguments, model: &Model) -> Result<Outcome> {
    let text = openapi::document(model, "/")?;
    match &arguments.output {
        None => output::print(&text),
        Some(file) => output::write(file, &text).map(|()| Outcome::Done),
    }
}
