//! Tables of texts: what is read as what, and what is refused how.

mod apply;
mod errors;
mod expressions;
mod limits;
mod options;
mod paths;

use super::print_request;
use super::{
    Limits, parse_expression, parse_query, parse_request, print_expression, print_options,
};

/// Reads and prints each expression; the second text is what is printed.
fn check_expressions(rows: &[(&str, &str)]) {
    for (text, printed) in rows {
        let node = parse_expression(text, &Limits::default());
        let node = node.unwrap_or_else(|problem| panic!("{text}\n{problem:?}"));
        assert_eq!(print_expression(&node), *printed, "{text}");
        let again = parse_expression(printed, &Limits::default());
        assert_eq!(again.ok().as_ref(), Some(&node), "{text}");
    }
}

/// Reads and prints each query; the second text is what is printed, decoded.
fn check_queries(rows: &[(&str, &str)]) {
    for (text, printed) in rows {
        let options = parse_query(text, &Limits::default());
        let options = options.unwrap_or_else(|problem| panic!("{text}\n{problem:?}"));
        assert_eq!(print_options(&options), *printed, "{text}");
    }
}

/// Reads and prints each request; the second text is what is printed, encoded.
fn check_requests(rows: &[(&str, &str)]) {
    for (text, printed) in rows {
        let read = |text: &str| {
            let (path, query) = text.split_once('?').unwrap_or((text, ""));
            parse_request(path, query, &Limits::default())
        };
        let request = read(text).unwrap_or_else(|problem| panic!("{text}\n{problem:?}"));
        assert_eq!(print_request(&request), *printed, "{text}");
        assert_eq!(read(printed).unwrap().path, request.path, "{text}");
    }
}
