//! `If-None-Match` and `If-Match` on reads (RFC 9110, section 13).

use actix_web::http::header::{HeaderMap, IF_MATCH, IF_NONE_MATCH};

use crate::diag::{Code, Problem, Result};

/// Whether the client has this version already, so that 304 is the answer.
///
/// # Errors
///
/// `PreconditionFailed` where the client wants another version than this one.
pub(super) fn is_known(headers: &HeaderMap, etag: Option<&str>) -> Result<bool> {
    if headers.contains_key(IF_MATCH) && !lists(headers, &IF_MATCH, etag) {
        let message = "the entity has another version than `If-Match` asks for";
        return Err(Problem::new(Code::PreconditionFailed, message).about("If-Match"));
    }
    Ok(etag.is_some() && lists(headers, &IF_NONE_MATCH, etag))
}

/// Whether a header lists the tag or is `*`. Weak tags are compared by their text: a version of an
/// entity always has the same representation in one format.
fn lists(
    headers: &HeaderMap,
    name: &actix_web::http::header::HeaderName,
    etag: Option<&str>,
) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let etag = etag.map(bare);
    headers
        .get_all(name)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|tag| tag.trim() == "*" || Some(bare(tag)) == etag)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn versions_are_compared() {
        let tag = Some("W/\"17\"");
        for (name, value, etag, expected) in [
            ("If-None-Match", "W/\"17\"", tag, Some(true)),
            ("If-None-Match", "\"17\"", tag, Some(true)),
            ("If-None-Match", "\"1\", W/\"17\"", tag, Some(true)),
            ("If-None-Match", "*", tag, Some(true)),
            ("If-None-Match", "\"1\"", tag, Some(false)),
            ("If-None-Match", "*", None, Some(false)),
            ("If-Match", "W/\"17\"", tag, Some(false)),
            ("If-Match", "*", tag, Some(false)),
            ("If-Match", "\"1\"", tag, None),
            ("Accept", "*/*", tag, Some(false)),
        ] {
            let request = TestRequest::default()
                .insert_header((name, value))
                .to_http_request();
            let found = is_known(request.headers(), etag).ok();
            assert_eq!(found, expected, "{name}: {value}");
        }
    }
}
