//! `If-None-Match` and `If-Match` (RFC 9110, section 13).

use actix_web::http::header::{HeaderMap, HeaderName, IF_MATCH, IF_NONE_MATCH};

use crate::diag::{Code, Problem, Result};
use crate::service::{Conditions, Tags};

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
fn lists(headers: &HeaderMap, name: &HeaderName, etag: Option<&str>) -> bool {
    let bare = |tag: &str| tag.trim().trim_start_matches("W/").to_owned();
    let etag = etag.map(bare);
    headers
        .get_all(name)
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','))
        .any(|tag| tag.trim() == "*" || Some(bare(tag)) == etag)
}

/// The conditions of a change; the service holds them against what is stored.
///
/// # Errors
///
/// `InvalidHeader` for a condition that lists nothing: to ignore it could overwrite a change.
pub(super) fn of_change(headers: &HeaderMap) -> Result<Conditions> {
    Ok(Conditions {
        if_match: tags(headers, &IF_MATCH, "If-Match")?,
        if_none_match: tags(headers, &IF_NONE_MATCH, "If-None-Match")?,
    })
}

/// The tags of a header, without `W/` and quotes. Our tags hold no comma.
fn tags(headers: &HeaderMap, name: &HeaderName, word: &str) -> Result<Option<Tags>> {
    if !headers.contains_key(name) {
        return Ok(None);
    }
    let lines = headers.get_all(name).map(|line| line.to_str());
    let lines: Result<Vec<&str>, _> = lines.collect();
    let listed: Vec<&str> = lines
        .iter()
        .flatten()
        .flat_map(|line| line.split(','))
        .map(str::trim)
        .filter(|tag| !tag.is_empty())
        .collect();
    if lines.is_err() || listed.is_empty() {
        let message = format!("the header `{word}` holds no entity tag");
        let problem = Problem::new(Code::InvalidHeader, message).about(word);
        return Err(problem.help("write `*`, or the `ETag` of an answer such as `W/\"17\"`"));
    }
    if listed.contains(&"*") {
        return Ok(Some(Tags::Any));
    }
    let bare = |tag: &str| {
        let tag = tag.strip_prefix("W/").unwrap_or(tag);
        tag.trim_matches('"').to_owned()
    };
    Ok(Some(Tags::Listed(listed.into_iter().map(bare).collect())))
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

    #[test]
    fn conditions_of_changes_are_read() {
        let listed = |tags: &[&str]| {
            let tags = tags.iter().map(|tag| (*tag).to_owned());
            Some(Some(Tags::Listed(tags.collect())))
        };
        for (lines, expected) in [
            (&[][..], Some(None)),
            (&["*"], Some(Some(Tags::Any))),
            (&["W/\"17\""], listed(&["17"])),
            (&["\"17\", W/\"18\""], listed(&["17", "18"])),
            (&["\"17\"", "19"], listed(&["17", "19"])),
            (&["\"17\", *"], Some(Some(Tags::Any))),
            (&[""], None),
            (&[", ,"], None),
        ] {
            let request = lines.iter().fold(TestRequest::default(), |request, line| {
                request.append_header(("If-Match", *line))
            });
            let found = of_change(request.to_http_request().headers());
            assert_eq!(
                found.ok().map(|found| found.if_match),
                expected,
                "{lines:?}"
            );
        }
    }
}
