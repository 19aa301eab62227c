//! `Prefer` (RFC 7240; OData 4.01 Part 1, 8.2.8).

use actix_web::http::header::HeaderMap;

use crate::service::{Preferences, ReadPreferences, Return};

/// The preferences of a request in the order they stand there, as name and value. The prefix
/// `odata.` and quotes are taken off: both spellings mean the same.
fn all(headers: &HeaderMap) -> impl Iterator<Item = (String, Option<&str>)> {
    let lines = headers
        .get_all("prefer")
        .filter_map(|line| line.to_str().ok());
    lines.flat_map(split).map(|preference| {
        let (name, value) = match preference.split_once('=') {
            Some((name, value)) => (name, Some(value.trim().trim_matches('"').trim())),
            None => (preference, None),
        };
        let name = name.trim().to_ascii_lowercase();
        let name = name.strip_prefix("odata.").unwrap_or(&name).to_owned();
        (name, value)
    })
}

/// Splits at commas and semicolons that are not inside double quotes.
fn split(line: &str) -> impl Iterator<Item = &str> {
    let mut is_quoted = false;
    line.split(move |c| {
        is_quoted ^= c == '"';
        !is_quoted && matches!(c, ',' | ';')
    })
}

/// The value of a preference; the first mention counts (RFC 7240, 2).
fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    all(headers)
        .find(|(found, _)| found == name)
        .map(|(_, value)| value.unwrap_or_default())
}

/// `odata.maxpagesize` (8.2.8.5).
pub(super) fn max_page_size(headers: &HeaderMap) -> Option<u64> {
    let size = value(headers, "maxpagesize")?.parse().ok()?;
    (size > 0).then_some(size)
}

/// `omit-values` (8.2.8.6) and `odata.track-changes` (8.2.8.9). Other preferences of reads change
/// nothing here: an answer has no annotations to choose from (`include-annotations`), and holds each
/// entity where it is asked for (`allow-entityreferences`).
pub(super) fn of_read(headers: &HeaderMap) -> ReadPreferences {
    ReadPreferences {
        omit_nulls: omits_nulls(headers),
        track_changes: value(headers, "track-changes").is_some_and(str::is_empty),
    }
}

/// `omit-values=nulls`.
fn omits_nulls(headers: &HeaderMap) -> bool {
    value(headers, "omit-values").is_some_and(|what| what.eq_ignore_ascii_case("nulls"))
}

/// `include-annotations` (8.2.8.4), as far as it is about the one term that answers have: the most
/// specific pattern decides, and of two that are alike the one that takes it out. What only takes
/// others out says nothing of it.
fn wants_messages(headers: &HeaderMap) -> Option<bool> {
    let given = value(headers, "include-annotations")?;
    let patterns = given.split(',').map(str::trim).filter(|p| !p.is_empty());
    let (mut best, mut asks) = (None, false);
    for pattern in patterns {
        let (pattern, wanted) = match pattern.strip_prefix('-') {
            Some(pattern) => (pattern, false),
            None => (pattern, true),
        };
        asks |= wanted;
        let rank = MESSAGES.iter().position(|names| names.contains(&pattern));
        let Some(rank) = rank else { continue };
        best = match best {
            Some((known, _)) if known < rank => best,
            Some((known, before)) if known == rank => Some((rank, before && wanted)),
            Some(_) | None => Some((rank, wanted)),
        };
    }
    match best {
        Some((_, wanted)) => Some(wanted),
        None => asks.then_some(false),
    }
}

/// The patterns that `Core.Messages` fits, by the alias and the namespace of its vocabulary, the most
/// specific first.
const MESSAGES: [&[&str]; 3] = [
    &["Core.Messages", "Org.OData.Core.V1.Messages"],
    &["Core.*", "Org.OData.Core.V1.*"],
    &["*"],
];

/// `respond-async` (8.2.8.8; RFC 7240, 4.1).
pub(super) fn responds_async(headers: &HeaderMap) -> bool {
    value(headers, "respond-async").is_some_and(str::is_empty)
}

/// `wait`, in seconds (RFC 7240, 4.3).
pub(super) fn wait(headers: &HeaderMap) -> Option<u64> {
    value(headers, "wait")?.parse().ok()
}

/// The preferences of a change: `return` and `handling` (8.2.8.7; RFC 7240, 4.4), and what is wanted
/// of the entity in its answer. A value that means nothing is no preference.
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
        omit_nulls: omits_nulls(headers),
        messages: wants_messages(headers),
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
    fn the_most_specific_pattern_decides() {
        for (given, expected) in [
            ("return=minimal", None),
            ("include-annotations=\"*\"", Some(true)),
            ("odata.include-annotations=\"-*\"", Some(false)),
            ("include-annotations=\"display.*\"", Some(false)),
            ("include-annotations=\"-display.*\"", None),
            ("include-annotations=\"*, -Core.Messages\"", Some(false)),
            ("include-annotations=\"-*,Core.*\"", Some(true)),
            (
                "include-annotations=\"-Core.*,Org.OData.Core.V1.Messages\"",
                Some(true),
            ),
            ("include-annotations=\"Core.*,-Core.*\"", Some(false)),
            ("include-annotations=\"*#Short\"", Some(false)),
            (
                "include-annotations=Core.Messages, return=minimal",
                Some(true),
            ),
        ] {
            let request = TestRequest::default().append_header(("Prefer", given));
            let request = request.to_http_request();
            let found = of_change(request.headers());
            assert_eq!(found.messages, expected, "{given}");
            assert_eq!(found.answer.is_some(), given.contains("return"), "{given}");
        }
    }

    #[test]
    fn what_comes_later_is_asked_for() {
        for (given, expected) in [
            ("respond-async", (true, None)),
            ("RESPOND-ASYNC;foo=bar, wait = \"10\"", (true, Some(10))),
            ("respond-async=yes", (false, None)),
            ("wait=-1", (false, None)),
            ("wait=soon, odata.maxpagesize=7", (false, None)),
        ] {
            let request = TestRequest::default().append_header(("Prefer", given));
            let request = request.to_http_request();
            let found = (responds_async(request.headers()), wait(request.headers()));
            assert_eq!(found, expected, "{given}");
        }
    }

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
