//! An answer as the body of another one: `application/http` (RFC 9112, 10.2).

use actix_web::http::StatusCode;
use actix_web::http::header::{ACCEPT, CONTENT_LENGTH, HeaderMap};

use crate::diag::Result;
use crate::http::headers::in_order;
use crate::http::negotiate;

/// The media type.
pub(super) const HTTP: &str = "application/http";

/// Whether the end of an asynchronous request is told as a message: where `Accept` names it, and for
/// clients of 4.0 that name nothing (OData 4.01 Part 1, 11.6).
///
/// # Errors
///
/// `InvalidHeader` for a header that stands there twice.
pub(super) fn is_wanted(headers: &HeaderMap) -> Result<bool> {
    if !headers.contains_key(ACCEPT) {
        return Ok(negotiate::single(headers, "OData-MaxVersion")? == Some("4.0"));
    }
    let lines = headers.get_all(ACCEPT);
    let mut ranges = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    Ok(ranges.any(|range| {
        let name = range.split(';').next().unwrap_or_default();
        name.trim().eq_ignore_ascii_case(HTTP)
    }))
}

/// What stands before the body of a message.
pub(super) fn head(status: StatusCode, headers: &HeaderMap, length: u64) -> Vec<u8> {
    let reason = status.canonical_reason().unwrap_or("Unknown");
    let mut text = format!("HTTP/1.1 {} {reason}\r\n", status.as_str()).into_bytes();
    let mut line = |name: &str, value: &[u8]| {
        text.extend_from_slice(name.as_bytes());
        text.extend_from_slice(b": ");
        text.extend_from_slice(value);
        text.extend_from_slice(b"\r\n");
    };
    for (name, value) in in_order(headers) {
        line(name.as_str(), value.as_bytes());
    }
    line(CONTENT_LENGTH.as_str(), length.to_string().as_bytes());
    text.extend_from_slice(b"\r\n");
    text
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn messages_are_for_those_who_know_them() {
        for (lines, expected) in [
            (&[][..], false),
            (&[("OData-MaxVersion", "4.0")], true),
            (&[("OData-MaxVersion", "4.01")], false),
            (&[("OData-Version", "4.0")], false),
            (&[("Accept", "*/*"), ("OData-MaxVersion", "4.0")], false),
            (&[("Accept", "text/csv, Application/HTTP;q=0.5")], true),
            (
                &[("Accept", "text/csv"), ("Accept", "application/http")],
                true,
            ),
            (&[("Accept", "application/httpx")], false),
        ] {
            let request = lines.iter().fold(TestRequest::default(), |request, line| {
                request.append_header(*line)
            });
            let request = request.to_http_request();
            assert_eq!(is_wanted(request.headers()).unwrap(), expected, "{lines:?}");
        }
    }

    #[test]
    fn the_head_of_a_message_has_its_length() {
        let request = TestRequest::default().append_header(("content-type", "text/csv"));
        let request = request.to_http_request();
        let head = head(StatusCode::OK, request.headers(), 7);
        assert_eq!(
            String::from_utf8(head).unwrap(),
            "HTTP/1.1 200 OK\r\ncontent-type: text/csv\r\ncontent-length: 7\r\n\r\n"
        );
    }
}
