//! Addresses in answers: context URLs and next links.

use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};

use crate::model::Model;
use crate::plan::{Answer, Shape};

use super::select_list::select_list;
use super::style::Control;

/// The context URL of an answer (OData 4.01 Part 1, section 10), nothing for answers without one
/// and for properties, whose context needs the key of the row.
pub fn context_url(
    model: &Model,
    root: &str,
    answer: &Answer,
    shape: &Shape,
    control: Control,
) -> Option<String> {
    let set = &model.entity(shape.entity).set;
    let select = || {
        let list = select_list(shape, control);
        list.map(|list| format!("({list})")).unwrap_or_default()
    };
    match answer {
        Answer::Collection => Some(format!("{root}$metadata#{set}{}", select())),
        Answer::All => Some(format!("{root}$metadata#Collection(Edm.EntityType)")),
        Answer::Entity => Some(format!("{root}$metadata#{set}{}/$entity", select())),
        Answer::EntityLink => Some(format!("{root}$metadata#$ref")),
        Answer::CollectionLinks => Some(format!("{root}$metadata#Collection($ref)")),
        Answer::Property | Answer::RawValue | Answer::Count => None,
    }
}

/// The context URL of the singleton `Me` (OData 4.01 Part 1, 10.4).
pub fn me_url(root: &str, shape: &Shape, control: Control) -> String {
    let list = select_list(shape, control).map(|list| format!("({list})"));
    format!("{root}$metadata#Me{}", list.unwrap_or_default())
}

/// The address of the next page: the request's own, with a new `$skiptoken`.
///
/// `path` and `query` are raw. `$skip` is left out, since the token starts after the rows that it
/// skipped; every other option stays as the client sent it.
pub fn next_link(root: &str, path: &str, query: &str, token: &str) -> String {
    link(root, path, query, PAGED, &format!("$skiptoken={token}"))
}

/// The address of what changes from now on: the request's own, with a `$deltatoken` and without what
/// cuts and counts rows.
pub fn delta_link(root: &str, path: &str, query: &str, token: &str) -> String {
    link(root, path, query, CUT, &format!("$deltatoken={token}"))
}

/// The options that a next link has no need of.
const PAGED: &[&str] = &["skip", "skiptoken"];

/// The options that do not stand beside `$deltatoken`.
const CUT: &[&str] = &["skip", "skiptoken", "deltatoken", "top", "count"];

/// The address of a request without some options, and with another one at its end.
fn link(root: &str, path: &str, query: &str, without: &[&str], last: &str) -> String {
    let mut link = String::with_capacity(root.len() + path.len() + query.len() + last.len() + 16);
    link.push_str(root);
    push_legal(&mut link, path.trim_matches('/'));
    link.push('?');
    let kept = query
        .split('&')
        .filter(|part| !part.is_empty() && !is_any(part, without));
    for part in kept {
        push_legal(&mut link, part);
        link.push('&');
    }
    link.push_str(last);
    link
}

/// Whether a raw option is one of some, in any spelling that the parser takes.
fn is_any(part: &str, names: &[&str]) -> bool {
    let name = part.split_once('=').map_or(part, |(name, _)| name);
    let name = decoded(name);
    let name = name.trim();
    let name = name.strip_prefix('$').unwrap_or(name);
    names.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// An option's name without percent-encoding; only ASCII matters here.
fn decoded(name: &str) -> String {
    let mut text = String::with_capacity(name.len());
    let mut rest = name;
    while let Some((before, after)) = rest.split_once('%') {
        text.push_str(before);
        let code = after
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(code) => {
                text.push(char::from(code));
                rest = after.get(2..).unwrap_or_default();
            }
            None => {
                text.push('%');
                rest = after;
            }
        }
    }
    text.push_str(rest);
    text
}

/// What RFC 3986 does not allow in the path and the query of an address.
const ILLEGAL: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// Appends text that came out of a request line; what is not allowed there is encoded.
fn push_legal(link: &mut String, text: &str) {
    link.extend(utf8_percent_encode(text, ILLEGAL));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delta_links_keep_what_is_not_about_pages() {
        let query = "$filter=Active%20eq%20true&$TOP=2&%24count=true&$skiptoken=a&$select=Login";
        assert_eq!(
            delta_link("https://h/", "Users", query, "T"),
            "https://h/Users?$filter=Active%20eq%20true&$select=Login&$deltatoken=T"
        );
    }

    #[test]
    fn next_links_keep_what_the_client_sent() {
        for (path, query, expected) in [
            ("Users", "", "Users?$skiptoken=T"),
            ("/Users/", "$top=2", "Users?$top=2&$skiptoken=T"),
            (
                "Users",
                "$filter=contains(Login,%27a%26b%27)&%24skiptoken=old&$top=2",
                "Users?$filter=contains(Login,%27a%26b%27)&$top=2&$skiptoken=T",
            ),
            (
                "Users",
                "$SKIP=4&skiptoken=x&%24skip=1&$skipper=1",
                "Users?$skipper=1&$skiptoken=T",
            ),
            (
                "Users(1)/Groups",
                "$filter=Name eq \"Ж\"<>",
                "Users(1)/Groups?$filter=Name%20eq%20%22%D0%96%22%3C%3E&$skiptoken=T",
            ),
            ("Users", "%zz=1&%=2&", "Users?%zz=1&%=2&$skiptoken=T"),
        ] {
            assert_eq!(
                next_link("https://h/odata/", path, query, "T"),
                format!("https://h/odata/{expected}")
            );
        }
    }
}
