//! Text ⇄ AST: the whole OData 4.01 URL language. nom lives here only.
//!
//! Knows the grammar (OASIS `odata-abnf-construction-rules`) and nothing else: no model, no types,
//! no database. What the grammar knows is read; whether the service offers it, the binder says.

pub mod ast;
mod expr;
mod geo;
mod height;
mod input;
mod json;
mod limits;
mod literal;
mod member;
mod name;
mod operand;
mod options;
mod path;
mod print;
mod query_string;

use std::sync::Arc;

pub use limits::{Depth, Limits};
pub use path::begins_path;
pub use print::{
    describe, print_expression, print_options, print_options_without, print_path, print_request,
};

use crate::diag::Result;

/// Reads a whole request: the path below the service root and the query string without its `?`,
/// both still percent-encoded. A slash before the path and one at its end are accepted.
///
/// # Errors
///
/// `SyntaxError`, `InvalidOption`, `InvalidValue` or `LimitExceeded`, with the place in the decoded
/// path or option.
///
/// ```
/// use userdex::syntax::{Limits, parse_request, print_request};
///
/// let limits = Limits::default();
/// let request = parse_request("/Users/", "%24filter=Login%20eq%20'ann'&$top=5", &limits)?;
/// assert_eq!(print_request(&request), "Users?$filter=Login%20eq%20'ann'&$top=5");
/// # Ok::<(), userdex::diag::Problem>(())
/// ```
pub fn parse_request(path: &str, query: &str, limits: &Limits) -> Result<ast::Request> {
    let (path_text, path) = path_before(path, query, limits)?;
    let options = parse_query(query, limits)?;
    Ok(ast::Request {
        path_text,
        path,
        options,
    })
}

/// Reads a percent-encoded resource path; answers its decoded text too, which spans point into.
///
/// # Errors
///
/// As [`parse_request`].
pub fn parse_path(raw: &str, limits: &Limits) -> Result<(String, ast::ResourcePath)> {
    path_before(raw, "", limits)
}

/// The same of a path with a query behind it, which may have begun inside a text.
fn path_before(raw: &str, query: &str, limits: &Limits) -> Result<(String, ast::ResourcePath)> {
    let split = query_string::split_path(raw)?;
    let text = Arc::from(split.text.as_str());
    let path = path::resource_path(&split, &text, limits).map_err(|problem| {
        let problem = problem.within("path", &split.text);
        match split.unclosed && !query.is_empty() {
            true => problem.help("a `?` inside a text of the path is written `%3F`"),
            false => problem,
        }
    })?;
    Ok((split.text, path))
}

/// Reads a percent-encoded query string, without `?`.
///
/// # Errors
///
/// As [`parse_request`].
pub fn parse_query(raw: &str, limits: &Limits) -> Result<ast::QueryOptions> {
    options::top_level(query_string::split(raw, limits)?, limits)
}

/// Reads one expression from decoded text.
///
/// # Errors
///
/// As [`parse_request`].
///
/// ```
/// use userdex::syntax::{Limits, parse_expression, print_expression};
///
/// let node = parse_expression("not  contains(Name, 'x') AND (A eq 1)", &Limits::default())?;
/// assert_eq!(print_expression(&node), "not contains(Name,'x') and A eq 1");
/// # Ok::<(), userdex::diag::Problem>(())
/// ```
pub fn parse_expression(text: &str, limits: &Limits) -> Result<ast::Node> {
    let source = Arc::from(text);
    let parts = limits::Parts::default();
    let cx = input::Cx::new(&source, limits, &parts);
    cx.finish(expr::expression(cx, input::blanks(text)), "an operator")
        .map_err(|problem| problem.within("expression", text))
}

#[cfg(test)]
mod tests;
