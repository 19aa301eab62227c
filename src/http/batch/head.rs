//! Heads inside a batch: the head of a part, and of the HTTP message in it.

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use bytes::Bytes;

/// Headers of one head at most.
const HEADERS: usize = 64;

/// Cuts off the lines before the first empty one, normalised: each ends in CRLF and not in blanks.
/// Where no line is empty, all are head.
pub(super) fn split(text: &Bytes) -> (Vec<u8>, Bytes) {
    let mut head = Vec::new();
    let mut at = 0;
    for line in text.split_inclusive(|byte| *byte == b'\n') {
        at += line.len();
        let line = line.trim_ascii_end();
        if line.is_empty() {
            break;
        }
        head.extend_from_slice(line);
        head.extend_from_slice(b"\r\n");
    }
    (head, text.slice(at.min(text.len())..))
}

/// Skips empty lines.
pub(super) fn skip_empty_lines(text: &Bytes) -> Bytes {
    text.slice_ref(text.trim_ascii_start())
}

/// Reads header lines, each ended by CRLF.
///
/// # Errors
///
/// What is wrong with them, for people.
pub(super) fn headers(lines: &[u8]) -> Result<HeaderMap, String> {
    let block = [lines, b"\r\n"].concat();
    let mut room = [httparse::EMPTY_HEADER; HEADERS];
    let found = match httparse::parse_headers(&block, &mut room) {
        Ok(httparse::Status::Complete((_, found))) => found,
        Ok(httparse::Status::Partial) => return Err("the headers do not end".to_owned()),
        Err(e) => return Err(format!("the headers cannot be read: {e}")),
    };
    let mut headers = HeaderMap::with_capacity(found.len());
    for header in found {
        let name = HeaderName::from_bytes(header.name.as_bytes());
        let value = HeaderValue::from_bytes(header.value);
        let (Ok(name), Ok(value)) = (name, value) else {
            return Err(format!("the header `{}` cannot be read", header.name));
        };
        headers.append(name, value);
    }
    Ok(headers)
}

/// The first line of a request.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct RequestLine<'a> {
    pub(super) method: &'a str,
    pub(super) address: &'a str,
}

/// Cuts a head into its request line and its headers; the version may be missing.
pub(super) fn request_line(head: &[u8]) -> Option<(RequestLine<'_>, &[u8])> {
    let end = head.iter().position(|byte| *byte == b'\n')?;
    let (line, rest) = head.split_at_checked(end + 1)?;
    let line = str::from_utf8(line).ok()?.trim();
    let (method, address) = line.split_once([' ', '\t'])?;
    let address = address.trim();
    let address = match address.rsplit_once([' ', '\t']) {
        Some((address, version)) if version.starts_with("HTTP/") => address.trim_end(),
        Some(_) | None => address,
    };
    let line = RequestLine { method, address };
    (!address.is_empty()).then_some((line, rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn heads_end_at_an_empty_line() {
        for (text, head, rest) in [
            ("A: b\r\n\r\nx", "A: b\r\n", "x"),
            ("A: b \t\nC:d\n \t\nx\n\ny", "A: b\r\nC:d\r\n", "x\n\ny"),
            ("A: b", "A: b\r\n", ""),
            ("\r\nx", "", "x"),
            ("", "", ""),
        ] {
            let (found, after) = split(&Bytes::from(text));
            assert_eq!(
                (found.as_slice(), &*after),
                (head.as_bytes(), rest.as_bytes()),
                "{text:?}"
            );
        }
    }

    #[test]
    fn headers_are_read() {
        let found = headers(b"A:b\r\nContent-Id:  0.0\r\nA: c\r\n").unwrap();
        assert_eq!(found.get("content-id").unwrap(), "0.0");
        assert_eq!(found.get_all("a").count(), 2);
        assert_eq!(headers(b"").unwrap().len(), 0);
        for broken in [
            "no colon\r\n",
            "a b: c\r\n",
            " folded\r\n",
            ": x\r\n",
            "a: \0\r\n",
        ] {
            assert!(headers(broken.as_bytes()).is_err(), "{broken:?}");
        }
        assert!(headers("a: b\r\n".repeat(65).as_bytes()).is_err());
    }

    #[test]
    fn request_lines_are_read() {
        for (line, expected) in [
            ("GET A(1) HTTP/1.1\r\n", Some(("GET", "A(1)"))),
            (
                "GET  A?$filter=B eq 1  HTTP/1.1 \r\n",
                Some(("GET", "A?$filter=B eq 1")),
            ),
            ("GET A\r\n", Some(("GET", "A"))),
            ("GET\r\n", None),
            ("GET \r\n", None),
            ("", None),
        ] {
            let found = request_line(line.as_bytes());
            let found = found.map(|(line, _)| (line.method, line.address));
            assert_eq!(found, expected, "{line:?}");
        }
    }
}
