//! Answers that follow from the model: `$metadata`, the service document, the model endpoints.

use std::sync::OnceLock;

use bytes::Bytes;
use uuid::Uuid;

use super::negotiate::Format;
use super::{Document, ODataVersion, Offers, Service, offers};
use crate::diag::{Code, Problem, Result};
use crate::encode::{self, CsdlVersion, Detail, MetadataLevel};
use crate::model::Model;
use crate::value::Language;

/// Documents that depend on the model and on settings alone.
#[derive(Debug, Default)]
pub(super) struct Cache {
    xml_4: OnceLock<Bytes>,
    xml_401: OnceLock<Bytes>,
    json: OnceLock<Bytes>,
    version: OnceLock<Bytes>,
    /// Lists of all entity sets: compact and full, in the languages that the model has texts in.
    sets: Lists,
    full_sets: Lists,
}

/// A list in English and in Bulgarian.
#[derive(Debug, Default)]
struct Lists {
    en: OnceLock<Bytes>,
    bg: OnceLock<Bytes>,
}

impl Cache {
    /// `$metadata` in the negotiated format and version. CSDL JSON exists since 4.01 only.
    pub(super) fn metadata(
        &self,
        model: &Model,
        offers: Offers,
        format: Format,
        version: ODataVersion,
    ) -> Result<Document> {
        let body = match (format, version) {
            (Format::Json(_), _) => kept(&self.json, || encode::csdl_json(model, offers))?,
            (_, ODataVersion::V4) => kept(&self.xml_4, || {
                encode::csdl_xml(model, CsdlVersion::V40, offers)
            })?,
            (_, ODataVersion::V401) => kept(&self.xml_401, || {
                encode::csdl_xml(model, CsdlVersion::V401, offers)
            })?,
        };
        let content_type = match format {
            Format::Json(_) => "application/json;charset=utf-8".to_owned(),
            Format::Xml
            | Format::NdJson
            | Format::Csv
            | Format::Xlsx
            | Format::Text
            | Format::Binary
            | Format::Plan => Format::Xml.content_type(),
        };
        Ok(document(body, content_type, version))
    }

    /// The version of the schema.
    pub(super) fn version(&self, model: &Model, offers: Offers) -> Result<String> {
        let version = kept(&self.version, || encode::schema_version(model, offers))?;
        Ok(String::from_utf8_lossy(&version).into_owned())
    }

    /// The service document. It holds the address of the service, so it is made each time.
    pub(super) fn service_document(
        &self,
        model: &Model,
        root: &str,
        format: Format,
        version: ODataVersion,
    ) -> Document {
        let is_bare = matches!(format, Format::Json(form) if form.metadata == MetadataLevel::None);
        let context = (!is_bare).then_some(version.control());
        let body = encode::service_document(model, root, context);
        document(Bytes::from(body), format.content_type(), version)
    }
}

/// Which model is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ModelEndpoint {
    /// The shipped one.
    Standard,
    /// That of this installation.
    Current,
}

impl Service {
    /// A document of the model endpoints: of the entity set that is named, or of all, with all their
    /// members where `details` says so; of the shipped model, or of that of this installation.
    ///
    /// # Errors
    ///
    /// `UnknownEntitySet`, and `RenamedEntitySet` for an old name.
    pub fn model_document(
        &self,
        endpoint: ModelEndpoint,
        set: Option<&str>,
        details: bool,
        language: &Language,
    ) -> Result<Document> {
        let shown;
        let (model, documents) = match endpoint {
            ModelEndpoint::Standard => (&*self.0.standard, &self.0.documents),
            ModelEndpoint::Current => {
                shown = self.0.current.shown();
                (&*shown.model, &shown.documents)
            }
        };
        let body = match set {
            Some(set) => {
                let id = model.set(set).ok_or_else(|| unknown(model, set))?;
                let one = encode::repository(model, offers(), language, id);
                Bytes::from(one.to_string())
            }
            None => documents.list(model, details, language)?,
        };
        let content_type = "application/json;charset=utf-8".to_owned();
        Ok(document(body, content_type, ODataVersion::V401))
    }
}

impl Cache {
    fn list(&self, model: &Model, details: bool, language: &Language) -> Result<Bytes> {
        let (lists, detail) = match details {
            true => (&self.full_sets, Detail::Full),
            false => (&self.sets, Detail::Compact),
        };
        // Texts of the model are in these two.
        let cell = match language.key() {
            "BG" => &lists.bg,
            _ => &lists.en,
        };
        kept(cell, || {
            Ok(encode::repositories(model, offers(), language, detail).to_string())
        })
    }
}

fn unknown(model: &Model, set: &str) -> Problem {
    if let Some(id) = model.renamed_set(set) {
        let new = &model.entity(id).set;
        let message = format!("the entity set `{set}` was renamed to `{new}`");
        return Problem::new(Code::RenamedEntitySet, message).about(set);
    }
    let message = format!("there is no entity set `{set}`");
    Problem::new(Code::UnknownEntitySet, message).about(set)
}

fn kept(cell: &OnceLock<Bytes>, make: impl FnOnce() -> Result<String>) -> Result<Bytes> {
    if let Some(bytes) = cell.get() {
        return Ok(bytes.clone());
    }
    let bytes = Bytes::from(make()?);
    Ok(cell.get_or_init(|| bytes).clone())
}

fn document(body: Bytes, content_type: String, version: ODataVersion) -> Document {
    // A guid made from the bytes is a hash of them.
    let digest = Uuid::new_v5(&Uuid::NAMESPACE_OID, &body);
    Document {
        content_type,
        body,
        etag: format!("\"{}\"", digest.simple()),
        odata_version: version.text(),
    }
}
