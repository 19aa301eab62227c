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
        // Old clients: levels of OData 3.
        (
            Rows,
            "application/json;odata=light;q=1,application/json;odata=verbose;q=0.5",
            json(Minimal),
        ),
        (
            Rows,
            "application/json;odata.metadata=minimal;q=1.0,application/json;odata=minimalmetadata;q=0.9,\
             application/atomsvc+xml;q=0.8,application/atom+xml;q=0.8,application/xml;q=0.7,text/plain;q=0.7",
            json(Minimal),
        ),
        (
            Rows,
            "application/json;METADATA=full;Streaming=TRUE;ExponentialDecimals=false;\
             ieee754compatible=false;charset=\"UTF-8\";",
            json(Full),
        ),
        (Rows, "text/csv; header=present ;charset=utf-8", Format::Csv),
        (Rows, "*/*;odata.metadata=full", json(Full)),
        // What has unknown parameters is not chosen; others are.
        (
            Rows,
            "application/json;foo=bar, text/csv;q=0.1",
            Format::Csv,
        ),
        (Rows, "application/json;foo=bar, */*;q=0.1", json(Minimal)),
        (
            Rows,
            "application/json;odata.metadata=some, application/json;q=0.2",
            json(Minimal),
        ),
        (Metadata, "application/xml;charset=utf-8", Format::Xml),
        (BareText, "text/plain;foo=bar", Format::Text),
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

#[test]
fn unknown_parameters_are_not_acceptable() {
    use Content::{Metadata, Object, Rows};
    for (content, text) in [
        (Rows, "application/json;foo=bar"),
        (Rows, "application/json;foo"),
        (Rows, "application/json;odata.metadata=some"),
        (Rows, "application/json;odata=super"),
        (Rows, "application/json;IEEE754Compatible=maybe"),
        (Rows, "application/json;IEEE754Compatible"),
        (Rows, "application/json;odata.streaming=bogus"),
        (Rows, "application/json;ExponentialDecimals=1"),
        (Rows, "application/json;charset=utf-16"),
        (Rows, "application/json;header=present"),
        (Rows, "text/csv;header=absent"),
        (Rows, "text/csv;charset=utf-16"),
        (Rows, "text/csv;odata.metadata=none"),
        (Rows, "application/x-ndjson;IEEE754Compatible=true"),
        (Object, "application/json;odata.metadata=full;x=y"),
        (Metadata, "application/xml;odata.metadata=full"),
        (Metadata, "application/json;foo=bar"),
    ] {
        let option = negotiate(content, Some(text), None).unwrap_err();
        let header = negotiate(content, None, Some(text)).unwrap_err();
        for problem in [option, header] {
            assert_eq!(problem.code(), Code::NotAcceptable, "{text}");
            let unknown = text.rsplit(';').next().unwrap();
            let help = problem.helps().join(" ");
            assert!(help.contains(&format!("`{unknown}`")), "{text}: {help}");
        }
    }
    let wildcard = negotiate(Rows, None, Some("*/*;foo=bar")).unwrap_err();
    assert_eq!(wildcard.code(), Code::NotAcceptable);
}

#[test]
fn explanations_are_named() {
    const PLAN: &str = "application/vnd.userdex.plan+json";
    let of = |format: Option<&str>, accept: Option<&str>| {
        (wants_plan(format, accept), names_plan(format, accept))
    };
    for (text, expected) in [
        (PLAN.to_owned(), (true, true)),
        (format!("{PLAN}; charset=utf-8"), (true, true)),
        (format!("{PLAN};foo=bar"), (false, true)),
        ("application/json".to_owned(), (false, false)),
    ] {
        assert_eq!(of(Some(&text), None), expected, "{text}");
        assert_eq!(of(None, Some(&text)), expected, "{text}");
    }
    assert_eq!(of(Some("Plan"), None), (true, true));
    assert_eq!(of(Some("json"), Some(PLAN)), (false, false));
    assert_eq!(of(None, Some("plan")), (false, false));
    let less = format!("{PLAN};q=0.5, application/json");
    assert_eq!(of(None, Some(&less)), (false, false));
}
