//! AST → canonical text. Printing and parsing again gives the same tree.

mod apply;
mod expression;
mod options;
mod path;
mod words;

pub use words::describe;

use super::ast::{Node, QueryOptions, Request, ResourcePath};

/// The canonical text of an expression, decoded: single blanks, lower-case operators, no
/// parentheses that precedence makes needless.
pub fn print_expression(node: &Node) -> String {
    let mut out = String::new();
    expression::node(&mut out, node);
    out
}

/// The canonical text of query options, decoded, joined by `&`. For reading: values are not
/// encoded, so an `&` inside of one looks like a separator.
pub fn print_options(options: &QueryOptions) -> String {
    print_options_without(options, &[])
}

/// The same, without the options of some names: what identifies a query whatever its page.
pub fn print_options_without(options: &QueryOptions, left_out: &[&str]) -> String {
    let pairs = options::pairs(options, true);
    let texts: Vec<_> = pairs
        .into_iter()
        .filter(|(name, _)| !left_out.contains(&name.as_str()))
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    texts.join("&")
}

/// The canonical text of a resource path, decoded.
pub fn print_path(path: &ResourcePath) -> String {
    path::segments(path, |text| text.to_owned())
}

/// The canonical address of a request below the service root, percent-encoded: path, then `?` and
/// the query options if there are any.
pub fn print_request(request: &Request) -> String {
    let mut out = path::segments(&request.path, |text| encode(text, is_safe_in_path));
    for (nth, (name, value)) in options::pairs(&request.options, true)
        .into_iter()
        .enumerate()
    {
        out.push(if nth == 0 { '?' } else { '&' });
        out.push_str(&encode(&name, |c| is_safe_in_query(c) && c != '='));
        out.push('=');
        out.push_str(&encode(&value, is_safe_in_query));
    }
    out
}

/// `unreserved / sub-delims / ":" / "@"` without what would be misread.
fn is_safe_in_path(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$&'()*,;=:@".contains(c)
}

/// `qchar-no-AMP` without `+`, which is a blank.
fn is_safe_in_query(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-._~!$'()*,;:@/?=".contains(c)
}

/// Percent-encodes every character that is not safe.
fn encode(text: &str, is_safe: impl Fn(char) -> bool) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if is_safe(c) {
            out.push(c);
            continue;
        }
        for byte in c.encode_utf8(&mut [0; 4]).bytes() {
            out.push('%');
            for digit in [byte >> 4, byte & 15] {
                let digit = char::from_digit(u32::from(digit), 16).unwrap_or('0');
                out.push(digit.to_ascii_uppercase());
            }
        }
    }
    out
}
