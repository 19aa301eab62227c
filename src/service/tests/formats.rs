use crate::diag::Code;
use crate::encode::MetadataLevel::{Full, Minimal, None as NoMetadata};
use crate::service::negotiate::*;

fn json(metadata: crate::encode::MetadataLevel) -> Format {
    Format::Json(JsonForm {
        metadata,
        ieee754: false,
    })
}

#[test]
fn accept_headers_of_real_clients() {
    use Content::{BareBytes, BareText, Metadata, Object, Rows};
    let exact = Format::Json(JsonForm {
        metadata: Minimal,
        ieee754: true,
    });
    for (content, accept, expected) in [
        (Rows, "", json(Minimal)),
        (Rows, "*/*", json(Minimal)),
        (
            Rows,
            "application/json;odata=verbose,text/plain, */*; q=0.01",
            json(Minimal),
        ),
        (
            Rows,
            "application/json;odata.metadata=minimal;IEEE754Compatible=true",
            exact,
        ),
        (
            Rows,
            "application/json; odata.metadata=\"full\"",
            json(Full),
        ),
        (Rows, "application/json;metadata=none", json(NoMetadata)),
        (
            Rows,
            "application/json;q=0.5, application/json;odata.metadata=full;q=0.9",
            json(Full),
        ),
        (Rows, "APPLICATION/JSON;ODATA.METADATA=FULL", json(Full)),
        (Rows, "application/*;q=0.2, text/csv;q=0.9", Format::Csv),
        (Rows, "text/csv, application/json", json(Minimal)),
        (Rows, "application/x-ndjson", Format::NdJson),
        (Rows, "application/json;q=0, */*", Format::NdJson),
        (
            Rows,
            "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            json(Minimal),
        ),
        (Rows, "nonsense", json(Minimal)),
        (Object, "application/json", json(Minimal)),
        (Metadata, "", Format::Xml),
        (Metadata, "*/*", Format::Xml),
        (Metadata, "application/xml", Format::Xml),
        (
            Metadata,
            "application/json;odata.metadata=minimal;q=1.0,application/xml;q=0.9,*/*;q=0.5",
            Format::Xml,
        ),
        (Metadata, "application/json", json(Minimal)),
        (BareText, "application/json", Format::Text),
        (BareBytes, "application/json", Format::Binary),
    ] {
        let accept = (!accept.is_empty()).then_some(accept);
        assert_eq!(
            negotiate(content, None, accept).unwrap(),
            expected,
            "{content:?} {accept:?}"
        );
    }
}

#[test]
fn the_option_wins_over_the_header() {
    use Content::{Metadata, Rows};
    for (content, format, expected) in [
        (Rows, "json", Some(json(Minimal))),
        (Rows, "JSON", Some(json(Minimal))),
        (
            Rows,
            "application/json;odata.metadata=full",
            Some(json(Full)),
        ),
        (Rows, "csv", Some(Format::Csv)),
        (Rows, "xlsx", Some(Format::Xlsx)),
        (Rows, "atom", None),
        (Rows, "xml", None),
        (Rows, "application/atom+xml", None),
        (Rows, "application/json;odata.metadata=some", None),
        (Metadata, "json", Some(json(Minimal))),
        (Metadata, "xml", Some(Format::Xml)),
        (Content::Object, "csv", None),
    ] {
        let found = negotiate(content, Some(format), Some("text/html"));
        match expected {
            Some(expected) => assert_eq!(found.unwrap(), expected, "{format}"),
            None => assert_eq!(found.unwrap_err().code(), Code::NotAcceptable, "{format}"),
        }
    }
    let problem = negotiate(Rows, None, Some("text/html")).unwrap_err();
    assert_eq!(problem.code(), Code::NotAcceptable);
}
