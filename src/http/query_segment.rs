//! `POST …/$query`: a read whose options are in the body, for those that no address has room for
//! (OData 4.01 Part 2, 5.1). It changes nothing, and is answered as the same `GET` is.

use std::fmt;

use actix_web::http::Method;
use actix_web::http::header::HeaderMap;
use percent_encoding::{AsciiSet, CONTROLS, NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::{MapAccess, Visitor};
use serde_json::{Value as Json, json};

use super::{change, negotiate};
use crate::diag::{Code, Problem, Result};

/// The address of the rows that a request asks for by `$query`; nothing for other requests.
pub(super) fn of<'a>(method: &Method, path: &'a str) -> Option<&'a str> {
    if *method != Method::POST {
        return None;
    }
    let path = path.trim_end_matches('/');
    let rest = path
        .strip_suffix("$query")
        .or_else(|| path.strip_suffix("%24query"));
    rest?.strip_suffix('/').filter(|path| !path.is_empty())
}

/// The options of the address and those of the body, as one query.
///
/// # Errors
///
/// `UnsupportedMediaType` for a body that is neither text nor JSON, `InvalidPayload` for one that
/// holds no options; `InvalidHeader` for a request that says that it is another method.
pub(super) fn options(headers: &HeaderMap, query: &str, body: &[u8]) -> Result<String> {
    change::refuse_tunnel(headers)?;
    let media = negotiate::single(headers, "Content-Type")?.unwrap_or_default();
    let (media, parameters) = media.split_once(';').unwrap_or((media, ""));
    let media = media.trim();
    let given = if body.is_empty() {
        String::new()
    } else if media.eq_ignore_ascii_case("text/plain") {
        check_charset(parameters)?;
        of_text(body)?
    } else if media.eq_ignore_ascii_case("application/json") {
        check_charset(parameters)?;
        of_json(body)?
    } else {
        let message = "the options of `$query` are `text/plain` or `application/json`";
        return Err(Problem::new(Code::UnsupportedMediaType, message)
            .about("Content-Type")
            .help("send the query of the address as text, or `{\"$filter\":\"…\"}`"));
    };
    Ok(match (query.is_empty(), given.is_empty()) {
        (_, true) => query.to_owned(),
        (true, false) => given,
        (false, false) => format!("{query}&{given}"),
    })
}

/// Refuses text in another encoding than UTF-8, of which ASCII is a part.
fn check_charset(parameters: &str) -> Result<()> {
    let charset = parameters.split(';').find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        let is_charset = name.trim().eq_ignore_ascii_case("charset");
        is_charset.then(|| value.trim().trim_matches('"'))
    });
    let is_taken = |charset: &str| {
        ["utf-8", "utf8", "us-ascii"]
            .iter()
            .any(|taken| charset.eq_ignore_ascii_case(taken))
    };
    match charset {
        Some(charset) if !is_taken(charset) => {
            let message = format!("the character set `{charset}` is not taken");
            Err(Problem::new(Code::UnsupportedMediaType, message)
                .about("Content-Type")
                .help("send the options in UTF-8"))
        }
        Some(_) | None => Ok(()),
    }
}

fn invalid(message: &str) -> Problem {
    Problem::new(Code::InvalidPayload, message)
}

/// The query of an address as text, encoded as there. What a client did not encode is meant as it
/// stands.
fn of_text(body: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(body).map_err(|_| invalid("the body is not UTF-8"))?;
    Ok(utf8_percent_encode(text.trim(), ILLEGAL).to_string())
}

/// What an address cannot hold as it is.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'\\')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// An object of options, each a text as it would stand in the address before it is encoded.
fn of_json(body: &[u8]) -> Result<String> {
    let options: Options = serde_json::from_slice(body)
        .map_err(|e| invalid("the body is no JSON object of options").log(e.to_string()))?;
    let mut query = String::new();
    for (name, value) in &options.0 {
        let value = match value {
            Json::String(text) => text.clone(),
            Json::Array(_) | Json::Object(_) if name.starts_with('$') => {
                return Err(no_text(name, value));
            }
            Json::Bool(_) | Json::Number(_) | Json::Array(_) | Json::Object(_) => value.to_string(),
            Json::Null => {
                let message = format!("the option `{name}` has no value");
                return Err(invalid(&message).about(name));
            }
        };
        if !query.is_empty() {
            query.push('&');
        }
        query.extend(utf8_percent_encode(name, MEANINGFUL));
        query.push('=');
        query.extend(utf8_percent_encode(&value, MEANINGFUL));
    }
    Ok(query)
}

/// Refuses an option of OData's that is a list or an object: it is a text, which is read as one.
fn no_text(name: &str, value: &Json) -> Problem {
    let message = format!("the option `{name}` is a text, as in an address");
    let items = value.as_array().map(|items| items.iter().map(Json::as_str));
    let items: Option<Vec<&str>> = items.and_then(Iterator::collect);
    let example = match items {
        Some(items) if !items.is_empty() => json!({ name: items.join(",") }),
        Some(_) | None => json!({"$filter": "Login eq 'ann'"}),
    };
    invalid(&message)
        .about(name)
        .help(format!("write `{example}`"))
}

/// Everything that means something in a query.
const MEANINGFUL: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~')
    .remove(b'$')
    .remove(b'@')
    .remove(b'(')
    .remove(b')')
    .remove(b'\'')
    .remove(b',')
    .remove(b'/')
    .remove(b':');

/// The members of an object in their order, also those that are there twice: the parser of queries
/// refuses these.
struct Options(Vec<(String, Json)>);

impl<'de> Deserialize<'de> for Options {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Members;
        impl<'de> Visitor<'de> for Members {
            type Value = Options;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object of options")
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Options, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Options(members))
            }
        }
        deserializer.deserialize_map(Members)
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn joined(media: &str, query: &str, body: &str) -> Result<String> {
        let request = TestRequest::default().append_header(("Content-Type", media));
        options(request.to_http_request().headers(), query, body.as_bytes())
    }

    #[test]
    fn the_segment_is_found() {
        for (method, path, rows) in [
            (Method::POST, "A/$query", Some("A")),
            (Method::POST, "A(1)/B/%24query/", Some("A(1)/B")),
            (Method::GET, "A/$query", None),
            (Method::POST, "$query", None),
            (Method::POST, "A/B$query", None),
            (Method::POST, "A", None),
        ] {
            assert_eq!(of(&method, path), rows, "{method} {path}");
        }
    }

    #[test]
    fn bodies_become_queries() {
        for (media, query, body, expected) in [
            ("text/plain", "", "", ""),
            ("", "$top=1", "", "$top=1"),
            (
                "text/plain;charset=utf-8",
                "$top=1",
                "$filter=A%20eq%201&$skip=2\r\n",
                "$top=1&$filter=A%20eq%201&$skip=2",
            ),
            (
                "text/plain",
                "",
                "$filter=A eq 'я+{\"'",
                "$filter=A%20eq%20'%D1%8F+%7B%22'",
            ),
            (
                "application/json",
                "$top=1",
                r#"{"$filter":"A eq 'b&c%'","$skip":2,"$count":true,"@a":["x"]}"#,
                "$top=1&$filter=A%20eq%20'b%26c%25'&$skip=2&$count=true&@a=%5B%22x%22%5D",
            ),
            ("application/json", "", "{}", ""),
            (
                "text/plain;format=flowed; Charset=\"UTF-8\"",
                "",
                "$top=1",
                "$top=1",
            ),
            ("text/plain;charset=us-ascii", "", "$top=1", "$top=1"),
        ] {
            assert_eq!(joined(media, query, body).unwrap(), expected, "{body}");
        }
    }

    #[test]
    fn other_bodies_are_refused() {
        for (media, body, code) in [
            (
                "application/x-www-form-urlencoded",
                "a=b",
                Code::UnsupportedMediaType,
            ),
            ("", "$top=1", Code::UnsupportedMediaType),
            (
                "text/plain; charset=utf-16",
                "$top=1",
                Code::UnsupportedMediaType,
            ),
            (
                "application/json;odata.metadata=none;Charset=\"ISO-8859-1\"",
                "{}",
                Code::UnsupportedMediaType,
            ),
            ("application/json", "[]", Code::InvalidPayload),
            ("application/json", "{\"$top\":null}", Code::InvalidPayload),
            ("application/json", "{\"$top\":1", Code::InvalidPayload),
        ] {
            assert_eq!(joined(media, "", body).unwrap_err().code(), code, "{body}");
        }
    }

    #[test]
    fn options_are_texts() {
        for (body, help) in [
            (
                r#"{"$select":["Login","Name"]}"#,
                r#"write `{"$select":"Login,Name"}`"#,
            ),
            (
                r#"{"$filter":{"Login":"ann"}}"#,
                r#"write `{"$filter":"Login eq 'ann'"}`"#,
            ),
        ] {
            let refused = joined("application/json", "", body).unwrap_err();
            assert_eq!(refused.code(), Code::InvalidPayload, "{body}");
            assert!(refused.message().ends_with("is a text, as in an address"));
            assert_eq!(refused.helps(), [help]);
        }
        // Parameters are values.
        let list = joined("application/json", "", r#"{"@a":["x"]}"#).unwrap();
        assert_eq!(list, "@a=%5B%22x%22%5D");
    }
}
