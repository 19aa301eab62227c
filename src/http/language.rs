//! The language of a request.
//!
//! In this order: the `culture` parameter of the address, the cookie `.AspNetCore.Culture`, the
//! `Accept-Language` header.

use actix_web::http::header::{ACCEPT_LANGUAGE, COOKIE, HeaderMap, Quality, QualityItem};

use crate::value::Language;

const CULTURE_COOKIE: &str = ".AspNetCore.Culture";

/// The language that the request asks for, else the default.
pub(super) fn of(query: &str, headers: &HeaderMap) -> Language {
    from_query(query)
        .or_else(|| from_cookies(headers))
        .or_else(|| from_header(headers))
        .unwrap_or_default()
}

/// `culture=de-AT`. Tags have no character that needs percent-encoding.
fn from_query(query: &str) -> Option<Language> {
    query
        .split('&')
        .find_map(|option| option.strip_prefix("culture="))
        .and_then(Language::parse)
}

/// `c=en-GB|uic=de`: the second is the language of texts, the first the one of numbers and dates.
/// Browsers send the value percent-encoded.
fn from_cookies(headers: &HeaderMap) -> Option<Language> {
    let lines = headers
        .get_all(COOKIE)
        .filter_map(|line| line.to_str().ok());
    let mut cookies = lines.flat_map(|line| line.split(';')).map(str::trim);
    let value = cookies.find_map(|cookie| {
        let (name, value) = cookie.split_once('=')?;
        (name == CULTURE_COOKIE).then_some(value)
    })?;
    let value = value.replace("%3D", "=").replace("%7C", "|");
    let part = |key: &str| value.split('|').find_map(|part| part.strip_prefix(key));
    Language::parse(part("uic=").or_else(|| part("c="))?)
}

/// The tag with the highest quality, the first among equals.
fn from_header(headers: &HeaderMap) -> Option<Language> {
    let lines = headers.get_all(ACCEPT_LANGUAGE);
    let lines = lines.filter_map(|line| line.to_str().ok());
    let mut best: Option<(Quality, Language)> = None;
    for range in lines.flat_map(|line| line.split(',')) {
        let Ok(range) = range.trim().parse::<QualityItem<String>>() else {
            continue;
        };
        if let Some(language) = Language::parse(&range.item)
            && range.quality > best.as_ref().map_or(Quality::ZERO, |(most, _)| *most)
        {
            best = Some((range.quality, language));
        }
    }
    best.map(|(_, language)| language)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    #[test]
    fn address_before_cookie_before_header() {
        for (query, cookie, header, expected) in [
            ("", "", "", "EN"),
            ("", "", "de-AT, bg;q=0.9", "DE"),
            ("", "", "fr;q=0.2, bg;q=0.85, *;q=1", "BG"),
            ("", "", "de;q=0, bg;q=0.001", "BG"),
            ("", "", "bg;q=0.9999, de", "DE"),
            ("", "", "de;Q=0.5, bg;q=0.6", "BG"),
            ("", "a=b; .AspNetCore.Culture=c=fr|uic=it", "de", "IT"),
            ("", ".AspNetCore.Culture=c%3Dfr-FR%7Cuic%3Dfr", "de", "FR"),
            ("", ".AspNetCore.Culture=c=fr", "de", "FR"),
            ("", ".AspNetCore.Culture=nonsense", "de", "DE"),
            ("$top=1&culture=bg", ".AspNetCore.Culture=c=fr", "de", "BG"),
            ("culture=1", "", "de", "DE"),
        ] {
            let request = TestRequest::default()
                .insert_header((COOKIE, cookie))
                .insert_header((ACCEPT_LANGUAGE, header))
                .to_http_request();
            let found = of(query, request.headers());
            assert_eq!(found.key(), expected, "{query} {cookie} {header}");
        }
    }
}
