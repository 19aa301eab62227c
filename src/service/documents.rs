//! Answers that are made once: `$metadata` and the service document.

use std::sync::OnceLock;

use bytes::Bytes;
use uuid::Uuid;

use super::negotiate::Format;
use super::{Document, ODataVersion, offers};
use crate::diag::Result;
use crate::encode::{self, CsdlVersion, MetadataLevel};
use crate::model::Model;

/// Documents that depend on the model alone.
#[derive(Debug, Default)]
pub(super) struct Cache {
    xml_4: OnceLock<Bytes>,
    xml_401: OnceLock<Bytes>,
    json: OnceLock<Bytes>,
}

impl Cache {
    /// `$metadata` in the negotiated format and version. CSDL JSON exists since 4.01 only.
    pub(super) fn metadata(
        &self,
        model: &Model,
        format: Format,
        version: ODataVersion,
    ) -> Result<Document> {
        let body = match (format, version) {
            (Format::Json(_), _) => kept(&self.json, || encode::csdl_json(model, offers()))?,
            (_, ODataVersion::V4) => kept(&self.xml_4, || {
                encode::csdl_xml(model, CsdlVersion::V40, offers())
            })?,
            (_, ODataVersion::V401) => kept(&self.xml_401, || {
                encode::csdl_xml(model, CsdlVersion::V401, offers())
            })?,
        };
        let content_type = match format {
            Format::Json(_) => "application/json;charset=utf-8".to_owned(),
            Format::Xml
            | Format::NdJson
            | Format::Csv
            | Format::Xlsx
            | Format::Text
            | Format::Binary => Format::Xml.content_type(),
        };
        Ok(document(body, content_type, version))
    }

    /// The service document. It holds the address of the service, so it is made each time.
    pub(super) fn service_document(
        &self,
        model: &Model,
        root: &str,
        format: Format,
        version: ODataVersion,
    ) -> Document {
        let context = !matches!(format, Format::Json(form) if form.metadata == MetadataLevel::None);
        let body = encode::service_document(model, root, context);
        document(Bytes::from(body), format.content_type(), version)
    }
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
