//! `Prefer` (RFC 7240; OData 4.01 Part 1, 8.2.8).

use actix_web::http::header::HeaderMap;

use crate::service::{Preferences, ReadPreferences, Return};

/// The preferences of a request in the order they stand there, as name and value. The prefix
/// `odata.` and quotes are taken off: both spellings mean the same.
fn all(headers: &HeaderMap) -> impl Iterator<Item = (String, Option<&str>)> {
    let lines = headers
        .get_all("prefer")
        .filter_map(|line| line.to_str().ok());
    lines
        .flat_map(|line| line.split([',', ';']))
        .map(|preference| {
            let (name, value) = match preference.split_once('=') {
                Some((name, value)) => (name, Some(value.trim().trim_matches('"').trim())),
                None => (preference, None),
            };
            let name = name.trim().to_ascii_lowercase();
            let name = name.strip_prefix("odata.").unwrap_or(&name).to_owned();
            (name, value)
        })
}

/// The value of a preference; the first mention counts (RFC 7240, 2).
fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    all(headers)
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.unwrap_or_default())
}

/// `odata.maxpagesize` (8.2.8.6).
pub(super) fn max_page_size(headers: &HeaderMap) -> Option<u64> {
    let size = value(headers, "maxpagesize")?.parse().ok()?;
    (size > 0).then_some(size)
}

/// `omit-values` (8.2.8.6) and `odata.track-changes` (8.2.8.8). Other preferences of reads change
/// nothing here: an answer has no annotations but messages (`include-annotations`), and holds each
/// entity where it is asked for (`allow-entityreferences`).
pub(super) fn of_read(headers: &HeaderMap) -> ReadPreferences {
    let omitted = value(headers, "omit-values");
    ReadPreferences {
        omit_nulls: omitted.is_some_and(|what| what.eq_ignore_ascii_case("nulls")),
        track_changes: value(headers, "track-changes").is_some_and(str::is_empty),
    }
}

/// `return` and `handling` (8.2.8.7; RFC 7240, 4.4). A value that means nothing is no preference.
pub(super) fn of_change(headers: &HeaderMap) -> Preferences {
    let is = |found: Option<&str>, word: &str| found.is_some_and(|f| f.eq_ignore_ascii_case(word));
    let (answer, handling) = (value(headers, "return"), value(headers, "handling"));
    Preferences {
        answer: if is(answer, "minimal") {
            Some(Return::Minimal)
        } else if is(answer, "representation") {
            Some(Return::Representation)
        } else {
            None
        },
        strict: if is(handling, "strict") {
            Some(true)
        } else if is(handling, "lenient") {
            Some(false)
        } else {
            None
        },
    }
}

/// `odata.continue-on-error` (8.2.8.3): a batch goes on after a request that fails. Alone it is
/// true.
pub(super) fn continues_on_error(headers: &HeaderMap) -> Option<bool> {
    let value = value(headers, "continue-on-error")?;
    if value.is_empty() || value.eq_ignore_ascii_case("true") {
        Some(true)
    } else if value.eq_ignore_ascii_case("false") {
        Some(false)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn spellings_mean_the_same() {
        for (lines, expected) in [
            (&[][..], "- - -"),
            (&["return=minimal"], "minimal - -"),
            (&["return=representation"], "representation - -"),
            (&["odata.return=Minimal"], "minimal - -"),
            (&["RETURN = \"representation\""], "representation - -"),
            (&["return=all", "return=minimal"], "- - -"),
            (&["return=minimal, return=representation"], "minimal - -"),
            (&["respond-async, handling=strict"], "- strict -"),
            (&["wait=5; handling=Lenient"], "- lenient -"),
            (&["odata.continue-on-error"], "- - true"),
            (&["Continue-On-Error=TRUE"], "- - true"),
            (&["odata.continue-on-error=false"], "- - false"),
            (&["continue-on-error=\"false\""], "- - false"),
            (&["continue-on-error=perhaps"], "- - -"),
            (
                &["odata.continue-on-error", "return=minimal,handling=lenient"],
                "minimal lenient true",
            ),
        ] {
            let request = lines.iter().fold(TestRequest::default(), |request, line| {
                request.append_header(("Prefer", *line))
            });
            let request = request.to_http_request();
            let found = of_change(request.headers());
            let answer = found.answer.map_or("-", |answer| match answer {
                Return::Minimal => "minimal",
                Return::Representation => "representation",
            });
            let handling = found
                .strict
                .map_or("-", |strict| if strict { "strict" } else { "lenient" });
            let goes_on = continues_on_error(request.headers());
            let goes_on = goes_on.map_or("-".to_owned(), |goes_on| goes_on.to_string());
            assert_eq!(
                format!("{answer} {handling} {goes_on}"),
                expected,
                "{lines:?}"
            );
        }
    }
}
